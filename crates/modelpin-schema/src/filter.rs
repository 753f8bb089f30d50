//! Which files of a repo are wanted.

use crate::RepoPath;
use crate::fault::nearest;
use crate::text::{Invalid, hides, serde_by_text, text};
use globset::{Glob, GlobBuilder, GlobMatcher};
use std::fmt;
use std::str::FromStr;

text! {
    /// A glob over paths in a repo, as `huggingface_hub` reads it: `*` also matches `/`, and a pattern that
    /// ends in `/` means everything below that folder.
    Pattern, "pattern", "^.{1,256}$", |text| {
        if text.is_empty() || text.len() > 256 {
            return Err("a pattern has 1 to 256 bytes".to_owned());
        }
        if text.starts_with('!') {
            return Err("there is no negation; use `exclude`".to_owned());
        }
        if text.starts_with('/') || text.contains('\\') || text.chars().any(hides) {
            return Err("a pattern is relative to the repo, with `/` between folders and nothing invisible".to_owned());
        }
        Glob::new(text).map(|_| ()).map_err(|error| error.kind().to_string())
    }
}

/// How many paths a pattern is compared with letter by letter.
const MAX_COMPARED: usize = 10_000;

impl Pattern {
    /// The text of a pattern that matches `path` alone: what means something in a pattern means itself.
    #[must_use]
    pub fn escape(path: &str) -> String {
        let mut text = String::with_capacity(path.len());
        for c in path.chars() {
            match c {
                '*' | '?' | '[' | ']' | '{' | '}' => text.extend(['[', c, ']']),
                // No class can be made of it, and no pattern begins with it.
                '!' if text.is_empty() => text.push('?'),
                c => text.push(c),
            }
        }
        text
    }

    fn matcher(&self) -> Option<GlobMatcher> {
        Glob::new(&self.whole()).ok().map(|glob| glob.compile_matcher())
    }

    fn whole(&self) -> String {
        if self.as_str().ends_with('/') { format!("{self}*") } else { self.to_string() }
    }

    /// Those of `paths` that it matches.
    pub fn matching<'a>(&self, paths: impl IntoIterator<Item = &'a RepoPath>) -> impl Iterator<Item = &'a RepoPath> {
        let glob = self.matcher();
        paths.into_iter().filter(move |path| glob.as_ref().is_some_and(|glob| glob.is_match(path.as_str())))
    }

    /// The paths that somebody may have meant by it where it matches none: those that it matches in another case, else
    /// those that contain what it says between its wildcards, else the one that is most alike. At most `most`.
    #[must_use]
    pub fn near<'a>(&self, paths: &[&'a RepoPath], most: usize) -> Vec<&'a RepoPath> {
        let glob = GlobBuilder::new(&self.whole()).case_insensitive(true).build().ok();
        let glob = glob.map(|glob| glob.compile_matcher());
        let in_any_case = |path: &str| glob.as_ref().is_some_and(|glob| glob.is_match(path));
        let said = self.as_str().to_lowercase();
        let parts: Vec<&str> = said.split(['*', '?', '[', ']', '{', '}', ',']).filter(|part| part.len() > 2).collect();
        let contains = |path: &str| {
            let path = path.to_lowercase();
            !parts.is_empty() && parts.iter().all(|part| path.contains(part))
        };
        let tests: [&dyn Fn(&str) -> bool; 2] = [&in_any_case, &contains];
        for is_near in tests {
            let found: Vec<&RepoPath> =
                paths.iter().copied().filter(|path| is_near(path.as_str())).take(most).collect();
            if !found.is_empty() {
                return found;
            }
        }
        // Likeness is computed character by character.
        let few: Vec<(String, &RepoPath)> =
            paths.iter().take(MAX_COMPARED).map(|path| (path.as_str().to_lowercase(), *path)).collect();
        let alike = nearest(&said, few.iter().map(|(folded, _)| folded.as_str()));
        few.iter().filter(|(folded, _)| alike == Some(folded)).map(|(_, path)| *path).take(most).collect()
    }
}

/// The name of one alternative of a repo that has several, or of a variant of its weights: `Q4_K_M`, `fp16`. [`ALL`]
/// takes every alternative. Names that differ only in the case of ASCII letters are the same.
///
/// ```
/// use modelpin_schema::Variant;
/// assert_eq!("q4_k_m".parse::<Variant>(), "Q4_K_M".parse::<Variant>());
/// ```
///
/// [`ALL`]: Variant::ALL
#[derive(Debug, Clone)]
pub struct Variant(String);

serde_by_text!(Variant, "name of a variant", "^[^/\\\\]{1,128}$");

impl FromStr for Variant {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = |reason: &str| Invalid::new("name of a variant", text, reason);
        if text.is_empty() || text.len() > 128 {
            return Err(invalid("a variant has 1 to 128 bytes"));
        }
        if text.contains(['/', '\\']) || text.trim() != text || text.chars().any(hides) {
            return Err(invalid("a variant has no `/`, nothing invisible, and no space at its ends"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq for Variant {
    fn eq(&self, other: &Self) -> bool {
        self.is(&other.0)
    }
}

impl Eq for Variant {}

impl Variant {
    /// The word that takes every alternative.
    pub const ALL: &str = "all";

    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `name` is its name, in any case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.0.eq_ignore_ascii_case(name)
    }

    /// [`ALL`](Self::ALL) as a variant.
    #[must_use]
    pub fn all() -> Self {
        Self(Self::ALL.to_owned())
    }

    /// Whether it takes every alternative.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.is(Self::ALL)
    }
}

/// Which files of a repo an entry asks for. Without any of them, the default set: see [`crate::selection`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only files that match one of these; empty means the default set.
    pub include: Vec<Pattern>,
    /// None of the files that match one of these.
    pub exclude: Vec<Pattern>,
    /// The alternative to take of a repo that has several, or the variant to take in place of the plain weights.
    pub variant: Option<Variant>,
}

/// Patterns that are ready to be compared with paths.
pub(crate) struct Patterns(Vec<GlobMatcher>);

impl Patterns {
    pub(crate) fn new(patterns: &[Pattern]) -> Self {
        Self(patterns.iter().filter_map(Pattern::matcher).collect())
    }

    /// Whether one of them matches `path`.
    pub(crate) fn matches(&self, path: &RepoPath) -> bool {
        self.0.iter().any(|glob| glob.is_match(path.as_str()))
    }
}

impl Filter {
    /// Whether it takes all that `other` takes, as far as the patterns tell.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let has = |pattern: &Pattern| self.include.contains(pattern);
        let is_open = self.exclude.is_empty() && self.variant.is_none();
        self == other
            || is_open && (self.include.is_empty() || !other.include.is_empty() && other.include.iter().all(has))
    }

    /// The patterns that match none of `all`, which is most often a typing error.
    #[must_use]
    pub fn idle<'a>(&'a self, all: &[&RepoPath]) -> Vec<&'a Pattern> {
        let idle = |pattern: &&Pattern| {
            let glob = pattern.matcher();
            !all.iter().any(|path| glob.as_ref().is_some_and(|glob| glob.is_match(path.as_str())))
        };
        self.include.iter().chain(&self.exclude).filter(idle).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Pattern, Variant};
    use crate::RepoPath;

    #[test]
    fn what_may_be_meant_is_named() {
        let paths: Vec<RepoPath> = ["README.md", "chat.Q4_K_M.gguf", "chat.Q8_0.gguf", "original/a.pth", "x/notes.md"]
            .map(|path| path.parse().unwrap())
            .into();
        let all: Vec<&RepoPath> = paths.iter().collect();
        let near = |pattern: &str, most: usize| {
            let pattern: Pattern = pattern.parse().unwrap();
            pattern.near(&all, most).into_iter().map(RepoPath::as_str).collect::<Vec<_>>()
        };
        assert_eq!(near("*q4_k_m.gguf", 5), ["chat.Q4_K_M.gguf"]);
        assert_eq!(near("Q8_0", 5), ["chat.Q8_0.gguf"], "a part without its wildcards");
        assert_eq!(near("*.GGUF", 1), ["chat.Q4_K_M.gguf"]);
        assert_eq!(near("Original/", 5), ["original/a.pth"]);
        assert_eq!(near("readne.md", 5), ["README.md"], "a slip");
        assert_eq!(near("zzz", 5), [""; 0]);
    }

    #[test]
    fn a_variant_has_one_name_in_any_case() {
        let variant = |text: &str| text.parse::<Variant>();
        assert_eq!(variant("q4_k_m"), variant("Q4_K_M"));
        assert_ne!(variant("q4_k_m"), variant("q4_k_s"));
        assert!(variant("ALL").unwrap().is_all() && !variant("allx").unwrap().is_all());
        for wrong in ["", " x", "a/b", "a\\b", "a\u{202e}b", &"x".repeat(129)] {
            assert!(variant(wrong).is_err(), "{wrong:?}");
        }
    }
}
