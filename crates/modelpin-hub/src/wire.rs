//! The JSON of a Hub's answers: only what is used, every key optional that any server leaves out.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;

#[derive(Deserialize)]
pub(crate) struct Info {
    #[serde(rename = "_id")]
    pub(crate) uid: Option<String>,
    pub(crate) id: String,
    pub(crate) sha: Option<String>,
    #[serde(default, rename = "cardData")]
    pub(crate) card: Card,
    #[serde(default)]
    pub(crate) gated: Gated,
}

/// Whether a repo is gated: `false`, or the way in which access is granted, `"auto"` or `"manual"`.
#[derive(Default)]
pub(crate) struct Gated(pub(crate) bool);

impl<'de> Deserialize<'de> for Gated {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(LicenseVisitor(Wanted::License)).map(|way| Self(way.is_some()))
    }
}

/// What is used of a repo's card. The rest of it is whatever its owner wrote, of any shape and depth, and is not kept.
#[derive(Default)]
pub(crate) struct Card {
    pub(crate) license: Option<String>,
}

impl<'de> Deserialize<'de> for Card {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(LicenseVisitor(Wanted::Card)).map(|license| Self { license })
    }
}

/// What a value is looked at for.
#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    /// The licence below it.
    Card,
    /// Itself: a text, or a list of texts.
    License,
}

/// Takes the licence out of a value of any shape, and drops the rest as it is read.
struct LicenseVisitor(Wanted);

impl<'de> serde::de::DeserializeSeed<'de> for LicenseVisitor {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for LicenseVisitor {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok((self.0 == Wanted::License).then(|| text.chars().take(LICENSE).collect()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut all = String::new();
        while let Some(item) = items.next_element_seed(Self(self.0))? {
            if let Some(text) = item.filter(|text| all.len() + text.len() <= LICENSE) {
                all = if all.is_empty() { text } else { format!("{all}, {text}") };
            }
        }
        Ok((self.0 == Wanted::License && !all.is_empty()).then_some(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut license = None;
        while let Some(key) = entries.next_key::<std::borrow::Cow<'de, str>>()? {
            if self.0 == Wanted::Card && key == "license" {
                license = entries.next_value_seed(Self(Wanted::License))?;
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(license)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// The most characters of a licence that are kept.
const LICENSE: usize = 1000;

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
pub(crate) struct ErrorBody {
    error: Option<Value>,
    error_description: Option<String>,
    message: Option<String>,
}

impl ErrorBody {
    pub(crate) fn text(self) -> Option<String> {
        let listed = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Array(list) => Some(list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ")),
            _ => None,
        };
        self.error.and_then(listed).or(self.error_description).or(self.message).filter(|text| !text.is_empty())
    }
}
