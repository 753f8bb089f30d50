//! Globs of paths, whatever characters are in them.

use crate::Pattern;

/// The glob that matches exactly `path`, or everything below it where it ends in `/`; a `*` in it stays one where
/// `has_stars`. None where no pattern can say it.
#[must_use]
pub fn pattern_of(path: &str, has_stars: bool) -> Option<Pattern> {
    let mut glob = String::new();
    for c in path.chars() {
        // A class of one character is that character; globset/src/glob.rs, `Parser::parse_class`.
        match c {
            '*' if has_stars => glob.push(c),
            '*' | '?' | '[' | ']' | '{' | '}' => glob.extend(['[', c, ']']),
            // At the start it would be a flag to a command line.
            '-' if glob.is_empty() => glob.push_str("[-]"),
            _ => glob.push(c),
        }
    }
    glob.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::pattern_of;
    use crate::{Filter, RepoPath};

    #[test]
    fn a_glob_of_a_path_matches_it_and_no_other() {
        for path in ["a/b.onnx", "a[1]{2}.bin", "-x*?.bin", "onnx/x!y", "é ü.bin"] {
            let Some(pattern) = pattern_of(path, false) else { panic!("{path}") };
            let filter = Filter { include: vec![pattern], ..Filter::default() };
            let [own, other] = [path.to_owned(), path.replace(['1', '*', '?', 'y', 'b'], "z")]
                .map(|path| path.parse::<RepoPath>().unwrap());
            assert!(filter.idle(&[&own]).is_empty(), "{path}");
            assert!(own == other || !filter.idle(&[&other]).is_empty(), "{path}");
        }
        // A pattern has no negation.
        assert_eq!(pattern_of("!x", false), None);
    }
}
