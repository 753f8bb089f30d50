//! Words of a shell.
//!
//! The `shlex` crate does not serve here: it leaves characters in a word that do not show or that a terminal acts on,
//! and takes no bytes that are not UTF-8.

use super::escape::hides;
use std::ffi::OsStr;

/// `text` as one word of a shell, on one line, and with nothing in it that does not show: a POSIX shell takes it for
/// exactly this text where it has no such characters, and Bash, Zsh, ksh and BusyBox's shell do where it has (`$'…'`,
/// POSIX 2024).
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

/// A pattern that matches the path `path` of a repo and nothing else.
///
/// ```
/// use modelpin_schema::text::literal_pattern;
/// assert_eq!(literal_pattern("a/b[1].bin"), "a/b[[]1[]].bin");
/// assert_eq!(literal_pattern("-x"), "[-]x");
/// ```
#[must_use]
pub fn literal_pattern(path: &str) -> String {
    let mut pattern = String::new();
    for (at, c) in path.chars().enumerate() {
        match c {
            '*' | '?' | '[' | ']' | '{' | '}' => pattern.extend(['[', c, ']']),
            // In front, one would be a negation, the other a flag of a command.
            '!' | '-' if at == 0 => pattern.extend(['[', c, ']']),
            _ => pattern.push(c),
        }
    }
    pattern
}

/// The pattern that matches the path `path` alone, as one word of a shell.
#[must_use]
pub fn pattern_word(path: &str) -> String {
    shell_word(&literal_pattern(path))
}

/// The path of a file of a repo, as somebody typed it who put `./` in front.
#[must_use]
pub fn typed_path(word: &str) -> &str {
    word.strip_prefix("./").unwrap_or(word)
}

/// `value`, whatever its bytes, as an expression whose value a POSIX shell takes for exactly these bytes. Unlike
/// [`shell_word`], it may run `printf`, and is for programs rather than people.
#[must_use]
pub fn shell_value(value: &OsStr) -> String {
    match value.to_str() {
        Some(text) if !text.contains(hides) => format!("'{}'", text.replace('\'', "'\\''")),
        // A shell may not take bytes that are not UTF-8 as they are, and output loses those that a terminal acts on;
        // `printf` makes them. Line feeds at the end, which a shell removes from what a command prints, follow it.
        _ => {
            let bytes = value.as_encoded_bytes();
            let end = bytes.iter().rposition(|byte| *byte != b'\n').map_or(0, |last| last + 1);
            let (printed, feeds) = bytes.split_at(end);
            let octal: String = printed.iter().map(|byte| format!("\\{byte:03o}")).collect();
            format!("\"$(printf '{octal}'){}\"", "\n".repeat(feeds.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{file_word, shell_value, shell_word, typed_path};

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

    #[test]
    fn a_shell_reads_one_word() {
        assert_eq!(shell_value("/a b/$(x)'y".as_ref()), "'/a b/$(x)'\\''y'");
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_bytes_that_are_no_text() {
        use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
        for path in [&b"/caf\xe9/%s'\\$x\n`y"[..], b"/e\x1b[31mx", b"/\x01\x7f\r\t", b"/in\n/side", b"/end\n\n", b"\n"]
        {
            let path = std::ffi::OsStr::from_bytes(path);
            let script = format!("printf %s {}", shell_value(path));
            let said = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(std::ffi::OsString::from_vec(said.stdout), path);
        }
    }
}
