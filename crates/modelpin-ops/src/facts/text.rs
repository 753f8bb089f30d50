//! Text from files of a repo as facts: harmless, bounded, and bound to what it stands for.

use modelpin_schema::lockfile::PrintableText;
use modelpin_schema::{Digest, visible};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// Facts of one sort that are kept one by one, for one file or one pin.
pub(super) const MOST: usize = 500;

/// Characters of a text that is shortened.
const SHORT: usize = 200;

/// `text` as a fact. One that is too long keeps its beginning and the digest of the whole, so that a change
/// behind the beginning is a change of the fact.
pub(super) fn fact(text: &str) -> Option<PrintableText> {
    let whole = visible(text);
    let is_whole = text.chars().nth(240).is_none() && whole.chars().nth(600).is_none();
    if is_whole {
        return whole.parse().ok();
    }
    let short: String = whole.chars().take(SHORT).collect();
    format!("{short}… ({})", digest(text.as_bytes())).parse().ok()
}

/// Texts as facts. Where there are too many, the last of them is the digest of all that are left out.
pub(super) fn facts<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeSet<PrintableText> {
    let mut texts: Vec<&str> = texts.collect();
    texts.sort_unstable();
    texts.dedup();
    let rest = texts.split_off(texts.len().min(MOST));
    let more =
        (!rest.is_empty()).then(|| format!("… and {} more ({})", rest.len(), digest(rest.join("\n").as_bytes())));
    texts.into_iter().chain(more.as_deref()).filter_map(fact).collect()
}

/// The SHA-256 of `bytes`.
pub(super) fn digest(bytes: &[u8]) -> Digest {
    Digest::new(Sha256::digest(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::{fact, facts};

    #[test]
    fn long_and_odd_texts_stay_apart() {
        let long = |end: &str| fact(&format!("{}{end}", "x".repeat(1 << 20))).unwrap();
        assert_ne!(long("a"), long("b"));
        let odd = |end: &str| fact(&format!("{}{end}", "\u{202e}".repeat(200))).unwrap();
        assert_ne!(odd("a"), odd("b"));
        assert_eq!(fact("a\nb\u{202e}").unwrap().as_str(), "a\\u{a}b\\u{202e}");
        assert_eq!(fact("==2.6.0").unwrap().as_str(), "==2.6.0");
        assert!(fact("").is_none());
    }

    #[test]
    fn many_texts_are_bounded_and_still_told_apart() {
        let many = |last: &str| {
            let texts: Vec<String> = (0..5000).map(|at| format!("m.f{at:04}")).chain([last.to_owned()]).collect();
            facts(texts.iter().map(String::as_str))
        };
        assert_eq!(many("z").len(), 501);
        assert_ne!(many("y"), many("z"));
    }
}
