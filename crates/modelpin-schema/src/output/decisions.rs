//! `certify` and `exempt`.

use serde::Serialize;

/// The output of `modelpin certify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Certified {
    /// The entry.
    pub name: String,
    /// The digest of its code.
    pub digest: String,
    /// What was certified: `safe-to-run`.
    pub criteria: String,
    /// Who certified it.
    pub who: String,
    /// The digest of the code since which only the change was read; null where all was read.
    pub since: Option<String>,
    /// Code files of the entry itself.
    pub files: usize,
    /// Code files of other repos.
    pub foreign_files: usize,
    /// How many people have certified this code now.
    pub people: usize,
    /// How many the policy wants.
    pub required: u32,
}

/// The output of `modelpin exempt`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Exempted {
    /// The exemptions.
    pub exemptions: Vec<Exemption>,
}

/// An exemption that was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Exemption {
    /// The entry.
    pub name: String,
    /// The file.
    pub path: String,
    /// Its SHA-256, in hex.
    pub sha256: String,
    /// The last day, as YYYY-MM-DD.
    pub expires: String,
    /// The last day of the exemption that this one renews.
    pub renews: Option<String>,
    /// The scanner's verdict; null where the bytes are not on this machine.
    pub verdict: Option<String>,
    /// The rules of the scanner's findings.
    pub rules: Vec<String>,
    /// What the file imports, by the scan and by models.lock.
    pub imports: Vec<String>,
}
