//! Hostile text, made fit to be shown.

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

/// Characters of which a person sees nothing, or which change how the text around them is shown, so that a reviewer
/// would read something else than a program does. All that Unicode 17 calls format characters (`Cf`: the marks of
/// direction, the joiners, the tags that spell whole sentences unseen) or default ignorable (fillers, selectors of
/// variants, and the places reserved for more of them), and the separators of lines and paragraphs. Control
/// characters are another matter ([`char::is_control`]). This is the only list of them in the program.
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

#[cfg(test)]
mod tests {
    use super::{hides, masked, visible};

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
}
