//! Lines of foreign bytes, made to be looked at: what a terminal would act on, what does not show, and what reorders
//! the text around it is spelled out and marked.

use crate::out::Paint;
use anstyle::Style;
use modelpin_schema::hides;

/// What is spelled out stands out.
const SPELLED: Paint = Paint(Style::new().invert());

/// A line of code for a person.
pub(super) struct Shown {
    /// Its text, with styles.
    pub(super) text: String,
    /// Whether something in it had to be spelled out.
    pub(super) spelled: bool,
    /// How it ends, where that is not a line feed.
    pub(super) end: Option<&'static str>,
}

/// A line with its end, made harmless. A tab stays a tab.
pub(super) fn show(line: &[u8]) -> Shown {
    let (body, end) = match line {
        [body @ .., b'\r', b'\n'] => (body, Some("it ends with CR LF")),
        [body @ .., b'\n'] => (body, None),
        [body @ .., b'\r'] => (body, Some("it ends with a bare CR, which many editors do not show as an end")),
        body => (body, Some("the file ends without a line feed")),
    };
    let mut text = String::new();
    let mut spelled = false;
    let mut spell = |text: &mut String, word: &str| {
        spelled = true;
        text.push_str(&format!("{SPELLED}{word}{SPELLED:#}"));
    };
    for chunk in body.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c != '\t' && hides(c) {
                spell(&mut text, &c.escape_unicode().to_string());
            } else {
                text.push(c);
            }
        }
        for byte in chunk.invalid() {
            spell(&mut text, &format!("\\x{byte:02x}"));
        }
    }
    Shown { text, spelled, end }
}

#[cfg(test)]
mod tests {
    use super::{SPELLED, show};

    #[test]
    fn code_cannot_write_on_the_terminal() {
        let shown = show(b"\tx = '\x1b[2J\xe2\x80\xae\xff'\r\n");
        assert_eq!(
            shown.text.replace(&SPELLED.to_string(), "").replace(&format!("{SPELLED:#}"), ""),
            "\tx = '\\u{1b}[2J\\u{202e}\\xff'"
        );
        assert!(shown.spelled && shown.end.is_some());
        let plain = show("é = 'ünï'\n".as_bytes());
        assert_eq!((plain.text.as_str(), plain.spelled, plain.end), ("é = 'ünï'", false, None));
    }

    #[test]
    fn what_does_not_show_is_spelled_out() {
        for c in ['\u{9b}', '\u{7f}', '\u{200b}', '\u{61c}', '\u{2066}', '\u{3164}', '\u{e0041}', '\u{fe0f}', '\u{c}'] {
            assert!(show(c.to_string().as_bytes()).spelled, "{c:?}");
        }
    }
}
