//! Newtypes over text: one error, one macro.

use super::escape::visible;

/// Text that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{got}` is not a {what}: {reason}")]
pub struct Invalid {
    /// The kind of word that was expected, such as `repo id`.
    pub what: &'static str,
    /// The text itself, shortened and with control characters made visible.
    pub got: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Invalid {
    /// A refusal of `got`, which may be hostile: it is shortened and escaped before anyone prints it.
    pub fn new(what: &'static str, got: &str, reason: impl Into<String>) -> Self {
        Self { what, got: visible(got), reason: reason.into() }
    }
}

/// A newtype over text whose only door is `FromStr`; `$check` returns the reason for a refusal.
macro_rules! text {
    ($(#[$docs:meta])* $name:ident, $what:literal, $pattern:literal, $check:expr) => {
        $(#[$docs])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::Invalid;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let check: fn(&str) -> Result<(), String> = $check;
                match check(text) {
                    Ok(()) => Ok(Self(text.to_owned())),
                    Err(reason) => Err($crate::Invalid::new($what, text, reason)),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        $crate::text::newtype::serde_by_text!($name, $what, $pattern);
    };
}

/// Serde and JSON Schema for a type that is text in every file.
macro_rules! serde_by_text {
    ($name:ident, $what:literal, $pattern:literal) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        #[cfg(feature = "json-schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "description": concat!("A ", $what, "."), "pattern": $pattern })
            }
        }
    };
}

pub(crate) use {serde_by_text, text};
