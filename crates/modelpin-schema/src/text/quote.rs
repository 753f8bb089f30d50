//! Strings of other languages.

use super::escape::hides;

/// `text` as a basic string of TOML on one line. Only what TOML demands is escaped, so that a lock stays readable.
#[must_use]
pub fn toml_string(text: &str) -> String {
    toml(text, |c| c.is_control().then(|| format!("\\u{:04X}", u32::from(c))))
}

/// `text` as a basic string of TOML on one line, in which every character shows.
#[must_use]
pub fn visible_toml_string(text: &str) -> String {
    toml(text, |c| hides(c).then(|| format!("\\U{:08X}", u32::from(c))))
}

fn toml(text: &str, escape: impl Fn(char) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match (c, escape(c)) {
            ('"' | '\\', _) => out.extend(['\\', c]),
            (_, Some(escaped)) => out.push_str(&escaped),
            (_, None) => out.push(c),
        }
    }
    out.push('"');
    out
}

/// `text` as a string literal of Python, in ASCII (the reference's "String and Bytes literals").
#[must_use]
pub fn python_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match (c, u32::from(c)) {
            ('"' | '\\', _) => out.extend(['\\', c]),
            (' '..='~', _) => out.push(c),
            (_, code @ ..=0xff) => out.push_str(&format!("\\x{code:02x}")),
            (_, code @ ..=0xffff) => out.push_str(&format!("\\u{code:04x}")),
            (_, code) => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::{python_string, toml_string, visible_toml_string};

    #[test]
    fn python_reads_what_was_meant() {
        assert_eq!(python_string("a\"\\'\n\u{7f}é€\u{1f600}"), r#""a\"\\'\x0a\x7f\xe9\u20ac\U0001f600""#);
    }

    #[test]
    fn toml_reads_what_was_meant() {
        assert_eq!(toml_string("a\"\\\né\u{200b}"), "\"a\\\"\\\\\\u000Aé\u{200b}\"");
        assert_eq!(visible_toml_string("a\"\\\né\u{200b}"), "\"a\\\"\\\\\\U0000000Aé\\U0000200B\"");
    }
}
