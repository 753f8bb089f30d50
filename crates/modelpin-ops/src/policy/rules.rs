//! The rules of the policy, beside those of the scan.

use modelpin_scan::Severity;
use modelpin_scan::rules::Rule;

/// A file of a format that can run code, without an exemption.
pub static FORMAT_EXECUTES: Rule = Rule {
    id: "format-executes",
    severity: Severity::Dangerous,
    says: "a file can run code when it is loaded, and nobody decided to let it in",
    why: "whoever can change the file can run code wherever it is loaded",
    page: "",
    see: "",
};
