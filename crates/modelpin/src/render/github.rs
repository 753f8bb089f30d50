//! Annotations of GitHub Actions (docs.github.com, "Workflow commands"): one line each.

use modelpin_schema::text;

/// Adds an annotation; `level` is `error`, `warning` or `notice`.
pub(super) fn annotate(out: &mut String, level: &str, path: &str, line: Option<usize>, title: &str, message: &str) {
    let line = line.map(|line| format!(",line={line}")).unwrap_or_default();
    text::line(
        out,
        format_args!("::{level} file={}{line},title={}::{}", property(path), property(title), data(message)),
    );
}

/// Text in the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text in a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn text_cannot_end_a_command_or_begin_one() {
        assert_eq!(data("50%\n::error::x"), "50%25%0A::error::x");
        assert_eq!(property("a,b:c\n"), "a%2Cb%3Ac%0A");
    }
}
