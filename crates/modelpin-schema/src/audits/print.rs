//! The text of decisions, as `certify` and `exempt` add it to the end of the file.

use super::{Audit, Audits, Exemption, Foreign, VERSION};
use crate::text::{line, toml_string};

const HEADER: &str = "# Decisions about models, each bound to exact bytes. Review a change to this file like code, by somebody who may decide.\n";

impl Audits {
    /// The text of a file without a decision.
    #[must_use]
    pub fn empty_text() -> String {
        format!("{HEADER}version = {VERSION}\n")
    }
}

impl Audit {
    /// Its text.
    #[must_use]
    pub fn print(&self) -> String {
        let mut out = "\n[[audit]]\n".to_owned();
        let mut fact = |key: &str, value: &dyn ToString| {
            line(&mut out, format_args!("{key} = {}", toml_string(&value.to_string())));
        };
        fact("source", &self.source);
        fact("revision", &self.revision);
        fact("digest", &self.digest);
        if let Some(from) = &self.from {
            fact("from", from);
        }
        fact("criteria", &self.criteria);
        fact("who", &self.who);
        if let Some(notes) = &self.notes {
            fact("notes", notes);
        }
        if !self.files.is_empty() {
            line(&mut out, format_args!("[audit.files]"));
        }
        for (path, sha256) in &self.files {
            line(&mut out, format_args!("{} = \"{}\"", toml_string(path.as_str()), sha256.hex()));
        }
        if !self.foreign.is_empty() {
            line(&mut out, format_args!("[audit.foreign]"));
        }
        for (place, Foreign { revision, sha256 }) in &self.foreign {
            let place = toml_string(&place.to_string());
            let sha256 = sha256.hex();
            line(&mut out, format_args!("{place} = {{ revision = \"{revision}\", sha256 = \"{sha256}\" }}"));
        }
        out
    }
}

impl Exemption {
    /// Its text.
    #[must_use]
    pub fn print(&self) -> String {
        let mut out = "\n[[exemption]]\n".to_owned();
        let mut fact = |key: &str, value: &str| line(&mut out, format_args!("{key} = {}", toml_string(value)));
        fact("source", &self.source.to_string());
        fact("file", self.file.as_str());
        fact("sha256", &self.sha256.hex());
        fact("reason", self.reason.as_str());
        fact("owner", self.owner.as_str());
        if let Some(approver) = &self.approver {
            fact("approver", approver.as_str());
        }
        fact("ticket", self.ticket.as_str());
        fact("expires", &self.expires.to_string());
        out
    }
}
