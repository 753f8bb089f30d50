//! The JSON of a Hub's answers: only what is used, every key optional that any server leaves out.

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub(crate) struct Info {
    #[serde(rename = "_id")]
    pub(crate) uid: Option<String>,
    pub(crate) id: String,
    pub(crate) sha: Option<String>,
    #[serde(rename = "cardData")]
    pub(crate) card: Option<Value>,
}

#[derive(Deserialize)]
pub(crate) struct Refs {
    #[serde(default)]
    pub(crate) branches: Vec<Ref>,
    #[serde(default)]
    pub(crate) tags: Vec<Ref>,
    #[serde(default)]
    pub(crate) converts: Vec<Ref>,
    #[serde(default, rename = "pullRequests")]
    pub(crate) pull_requests: Vec<Ref>,
}

#[derive(Deserialize)]
pub(crate) struct Ref {
    pub(crate) name: String,
    #[serde(rename = "ref")]
    pub(crate) full: Option<String>,
    #[serde(rename = "targetCommit")]
    pub(crate) commit: String,
}

#[derive(Deserialize)]
pub(crate) struct Commit {
    pub(crate) date: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Entry {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) oid: String,
    #[serde(default)]
    pub(crate) size: u64,
    pub(crate) lfs: Option<Lfs>,
}

#[derive(Deserialize)]
pub(crate) struct Lfs {
    pub(crate) oid: String,
    pub(crate) size: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Access {
    pub(crate) cas_url: String,
    pub(crate) access_token: String,
    pub(crate) exp: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Scan {
    #[serde(default)]
    pub(crate) files_with_issues: Vec<Issue>,
}

#[derive(Deserialize)]
pub(crate) struct Issue {
    pub(crate) path: String,
    pub(crate) level: String,
}

/// An error's body: `error` as text or list, or `errors[].message`.
#[derive(Deserialize)]
pub(crate) struct Complaint {
    error: Option<Value>,
    error_description: Option<String>,
    message: Option<String>,
}

impl Complaint {
    pub(crate) fn text(self) -> Option<String> {
        let listed = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Array(list) => Some(list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ")),
            _ => None,
        };
        self.error.and_then(listed).or(self.error_description).or(self.message).filter(|text| !text.is_empty())
    }
}
