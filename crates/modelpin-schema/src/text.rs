//! What every newtype over text shares: one error, one macro.

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

/// `text` as it may be shown to a person: at most 240 characters, nothing that moves a cursor or hides itself.
#[must_use]
pub fn visible(text: &str) -> String {
    visible_up_to(text, 240)
}

/// [`visible`], of so many characters at most.
pub(crate) fn visible_up_to(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == most {
            shown.push('…');
            break;
        }
        if c.is_control() || is_invisible(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// `text` without the passwords of the addresses in it: each character between `://` and the last `@` becomes a `*`,
/// since a password may have anything in it.
#[must_use]
pub fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let end = after.find(|c: char| c.is_whitespace() || "\"'`".contains(c)).unwrap_or(after.len());
        let (authority, next) = after.split_at(end);
        let (user, host) = authority.split_at(authority.rfind('@').unwrap_or(0));
        out.extend([before, "://"]);
        out.extend(user.chars().map(|_| '*'));
        out.push_str(host);
        rest = next;
    }
    out + rest
}

/// Characters that reorder, break or hide the text around them, so that a reviewer would read something else than
/// a program does: those of Unicode Standard Annex 9, the zero-width ones, the separators of lines and paragraphs,
/// and the tags, which spell ASCII that nobody sees.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
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

        $crate::text::serde_by_text!($name, $what, $pattern);
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

#[cfg(test)]
mod tests {
    use super::{masked, visible};

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        for (text, shown) in [
            ("endpoint = \"https://a:s3cret@hub.example/x\"", "endpoint = \"https://********@hub.example/x\""),
            ("https://s3@cret@h https://b:c@i", "https://*******@h https://***@i"),
            ("https://a:s3#cret@h \"http://a:1/cret@h\"", "https://*********@h \"http://********@h\""),
            ("https://hub.example/a?b#c", "https://hub.example/a?b#c"),
            ("jo@acme.example ://", "jo@acme.example ://"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn hostile_text_is_shown_harmless() {
        assert_eq!(visible("a\u{1b}[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
        assert_eq!(visible("a\u{2028}b\u{e0041}\u{61c}"), "a\\u{2028}b\\u{e0041}\\u{61c}");
        assert_eq!(visible(&"x".repeat(500)).chars().count(), 241);
    }
}
