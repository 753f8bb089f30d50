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
        if hides(c) {
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

/// Characters of which a person sees nothing, or which change how the text around them is shown, so that a reviewer would
/// read something else than a program does. All that Unicode 17 calls format characters (`Cf`: the marks of direction, the
/// joiners, the tags that spell whole sentences unseen) or default ignorable (fillers, selectors of variants, and the places
/// reserved for more of them), and the separators of lines and paragraphs. Control characters are another matter
/// ([`char::is_control`]). This is the only list of them in the program.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    // The most text has none of them.
    if c < '\u{ad}' {
        return false;
    }
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether a character must not be printed as it is: a terminal acts on it, or a person does not see it.
#[must_use]
pub fn hides(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

/// `text` as one word of a shell, on one line, and with nothing in it that does not show: a POSIX shell takes it for exactly
/// this text where it has no such characters, and Bash, Zsh, ksh and BusyBox's shell do where it has (`$'…'`, POSIX 2024).
#[must_use]
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/+@=:-".contains(c);
    if !text.is_empty() && text.chars().all(plain) && !text.starts_with(['-', '=']) {
        return text.to_owned();
    }
    if !text.chars().any(hides) {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    let mut word = "$'".to_owned();
    for c in text.chars() {
        if hides(c) {
            // Three digits each, so that a digit behind it is not taken for one of them.
            word.extend(c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("\\{byte:03o}")));
        } else {
            word.extend(['\\'].iter().filter(|_| matches!(c, '\'' | '\\')));
            word.push(c);
        }
    }
    word + "'"
}

/// The path of a file of a repo as one word of a shell, of which no command takes a leading dash for a flag.
#[must_use]
pub fn file_word(path: &str) -> String {
    if path.starts_with('-') { shell_word(&format!("./{path}")) } else { shell_word(path) }
}

/// The path of a file of a repo, as somebody typed it who put `./` in front.
#[must_use]
pub fn typed_path(word: &str) -> &str {
    word.strip_prefix("./").unwrap_or(word)
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
    use super::{file_word, hides, masked, shell_word, typed_path, visible};

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

    #[test]
    fn what_does_not_show_is_on_the_list() {
        for c in [
            '\0',
            '\u{1b}',
            '\u{7f}',
            '\u{9b}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{17b4}',
            '\u{180e}',
            '\u{200b}',
            '\u{2028}',
            '\u{202e}',
            '\u{2066}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fffb}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e0100}',
            '\u{e0fff}',
        ] {
            assert!(hides(c), "{c:?}");
        }
        for c in "a ~é\u{a0}ü„…–→✓❤日本語العربيةहिन्दी한글😀\u{fffd}".chars() {
            assert!(!hides(c), "{c:?}");
        }
    }

    #[test]
    fn a_path_is_one_word_that_runs_nothing() {
        assert_eq!(shell_word("a/b-1.bin"), "a/b-1.bin");
        assert_eq!(shell_word("$(id).bin"), "'$(id).bin'");
        assert_eq!(shell_word("it's `x`"), "'it'\\''s `x`'");
        assert_eq!(shell_word("-rf"), "'-rf'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(file_word("-rf"), "./-rf");
        assert_eq!(typed_path("./-rf"), "-rf");
        assert_eq!(file_word("a/-rf"), "a/-rf");
        assert_eq!(shell_word("a\n1'\\\u{1b}é\u{202e}"), "$'a\\0121\\'\\\\\\033é\\342\\200\\256'");
    }
}
