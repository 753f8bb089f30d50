//! All the code that a loader runs for one entry: its own, and that of other repos that `auto_map` names.
//!
//! Whoever vouches for the code of an entry vouches for all of it, so one digest covers all of it. That of an entry
//! without foreign code is the digest of its own code files alone.

use super::{Artifact, Identifier, Lockfile, Pin, Role, set_digest};
use crate::text::serde_by_text;
use crate::{Digest, FileKind, Invalid, Name, RepoPath, Revision, Source};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::str::FromStr;

/// How many other entries the code of one entry may be in. More than any honest model has.
pub const MAX_FOREIGN: usize = 256;

/// How many code files of other entries one entry may have.
pub const MAX_FOREIGN_FILES: usize = 4096;

/// Which repo foreign code is in, as the reference to it says: `hf:model/acme/code`, or `hf:model/acme/code@v2` where a
/// revision is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The repo.
    pub source: Source,
    /// The revision that is asked for, where one is.
    pub revision: Option<Revision>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)?;
        self.revision.iter().try_for_each(|revision| write!(f, "@{revision}"))
    }
}

/// The place of a code file: `modeling.py` in the entry's own repo, `hf:model/acme/code:modeling.py` in another.
/// Neither can be taken for the other, since no path has a `:`. The own ones come first, by path; then the others, by
/// origin.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodePath {
    /// The other repo; none for the entry's own.
    pub origin: Option<Origin>,
    /// The path in it.
    pub path: RepoPath,
}

impl From<RepoPath> for CodePath {
    fn from(path: RepoPath) -> Self {
        Self { origin: None, path }
    }
}

impl fmt::Display for CodePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.origin.iter().try_for_each(|origin| write!(f, "{origin}:"))?;
        self.path.fmt(f)
    }
}

impl FromStr for CodePath {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if !text.starts_with("hf:") {
            return Ok(Self { origin: None, path: text.parse()? });
        }
        let wrong = || Invalid::new("code file", text, "expected `PATH`, or `hf:model/OWNER/REPO:PATH`");
        let (origin, path) = text.rsplit_once(':').ok_or_else(wrong)?;
        let (source, revision) = match origin.split_once('@') {
            Some((source, revision)) => (source, Some(revision.parse()?)),
            None => (origin, None),
        };
        Ok(Self { origin: Some(Origin { source: source.parse()?, revision }), path: path.parse()? })
    }
}

serde_by_text!(CodePath, "code file", "^(hf:(model|dataset)/[^:]+:)?[^:]+$");

/// One code file of an entry, and the entry that locks it.
#[derive(Debug, Clone, Copy)]
pub struct CodeFile<'a> {
    /// The entry that locks it.
    pub name: &'a Name,
    /// That entry's pin.
    pub pin: &'a Pin,
    /// Its path in that entry's repo.
    pub path: &'a RepoPath,
    /// The locked file at that path.
    pub file: &'a Artifact,
}

/// All the code of an entry.
#[derive(Debug, Clone, Default)]
pub struct Code<'a> {
    /// The other entries that some of it is in, each with its pin.
    pub foreign: BTreeMap<Origin, (&'a Name, &'a Pin)>,
    /// Its files.
    pub files: BTreeMap<CodePath, CodeFile<'a>>,
    /// What its own code can do, under no origin, and that of each other entry.
    pub capabilities: BTreeMap<Option<Origin>, &'a BTreeSet<Identifier>>,
    /// Whether not all of it could be followed: there is too much of it, or one reference is answered in two ways.
    pub is_incomplete: bool,
}

impl Code<'_> {
    /// The SHA-256 of the lines `<sha256>  <place>` of its files, in their order; none where there is no code.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        let files = self.files.iter().map(|(place, found)| (place, found.file.sha256));
        (!self.files.is_empty()).then(|| set_digest(files))
    }
}

impl Pin {
    /// The files of its own that are code, by path.
    pub fn code_files(&self) -> impl Iterator<Item = (&RepoPath, &Artifact)> {
        self.files().iter().filter(|(_, file)| file.kind == FileKind::Code)
    }
}

impl Lockfile {
    /// All the code of the entry `name`: its own, and every code file of the entries that it depends on for
    /// code, by the shortest paths. A circle ends where it began. Empty for an unknown name.
    #[must_use]
    pub fn code(&self, name: &Name) -> Code<'_> {
        let mut code = Code::default();
        let Some((name, pin)) = self.pins.get_key_value(name) else { return code };
        let most_files = pin.code_files().count().saturating_add(MAX_FOREIGN_FILES);
        let mut seen = BTreeSet::from([name]);
        let mut queue = VecDeque::from([(None, name, pin)]);
        while let Some((origin, name, pin)) = queue.pop_front() {
            for (path, file) in pin.code_files() {
                let place = CodePath { origin: origin.clone(), path: path.clone() };
                code.files.insert(place, CodeFile { name, pin, path, file });
            }
            code.capabilities.insert(origin, &pin.facts.capabilities);
            for (reference, dependency) in
                pin.dependencies.pinned.iter().filter(|(reference, _)| reference.role == Role::Code)
            {
                let Some((name, pin)) = self.pins.get_key_value(&dependency.pin).filter(|(name, _)| seen.insert(name))
                else {
                    continue;
                };
                let origin = Origin { source: pin.source.clone(), revision: reference.revision.clone() };
                let is_full = code.foreign.len() >= MAX_FOREIGN || code.files.len() > most_files;
                // Only an edited lock answers one reference in two ways; neither answer may hide the other.
                if is_full || code.foreign.contains_key(&origin) {
                    code.is_incomplete = true;
                    return code;
                }
                code.foreign.insert(origin.clone(), (name, pin));
                queue.push_back((Some(origin), name, pin));
            }
        }
        code
    }

    /// The first entry not all of whose code can be followed, so that no digest covers it.
    #[must_use]
    pub fn incomplete_code(&self) -> Option<&Name> {
        self.pins.keys().find(|name| self.code(name).is_incomplete)
    }
}

#[cfg(test)]
mod tests {
    use super::{CodePath, MAX_FOREIGN};
    use crate::lockfile::{Dependency, Pin, set_digest};
    use crate::{Artifact, Digest, FileKind, Filter, Lockfile, Name};

    /// A pin of `acme/NAME` with one code file, with `auto_map` dependencies on `ends`.
    fn pin(name: &str, byte: u8, ends: &[&str]) -> (Name, Pin) {
        let file = Artifact { kind: FileKind::Code, size: 1, sha256: Digest::new([byte; 32]) };
        let files = [(format!("{name}.py").parse().unwrap(), file)].into();
        let source = format!("hf:model/acme/{name}").parse().unwrap();
        let revision = "13".repeat(20).parse().unwrap();
        let mut pin = Pin::new(source, "main".parse().unwrap(), Filter::default(), revision, files);
        for end in ends {
            let reference: crate::lockfile::Reference = format!("auto_map acme/{end}").parse().unwrap();
            pin.facts.references.insert(reference.clone());
            let end = end.split('@').next().unwrap().parse().unwrap();
            pin.dependencies.pinned.insert(reference, Dependency { pin: end, revision });
        }
        (name.parse().unwrap(), pin)
    }

    fn places(lock: &Lockfile, name: &str) -> Vec<String> {
        lock.code(&name.parse().unwrap()).files.keys().map(ToString::to_string).collect()
    }

    fn digest(lock: &Lockfile, name: &str) -> Option<Digest> {
        lock.code(&name.parse().unwrap()).digest()
    }

    #[test]
    fn code_is_followed_to_its_end_and_circles_end() {
        let lock = Lockfile { pins: [pin("a", 1, &["b"]), pin("b", 2, &["c@v1"]), pin("c", 3, &["a"])].into() };
        assert_eq!(places(&lock, "a"), ["a.py", "hf:model/acme/b:b.py", "hf:model/acme/c@v1:c.py"]);
        assert_eq!(places(&lock, "c"), ["c.py", "hf:model/acme/a:a.py", "hf:model/acme/b:b.py"]);
        assert!(places(&lock, "nobody").is_empty());
        let lines = ["a.py", "hf:model/acme/b:b.py", "hf:model/acme/c@v1:c.py"].into_iter();
        let expected = set_digest(lines.zip([1, 2, 3].map(|byte| Digest::new([byte; 32]))));
        assert_eq!(digest(&lock, "a"), Some(expected));
        assert_eq!(Lockfile::read("models.lock", &lock.print()).unwrap(), lock);
    }

    #[test]
    fn a_byte_anywhere_is_another_digest() {
        let with = |byte| Lockfile { pins: [pin("a", 1, &["b"]), pin("b", 2, &["c"]), pin("c", byte, &[])].into() };
        let one = with(3);
        let other = with(4);
        assert!(["a", "b", "c"].iter().all(|name| digest(&one, name) != digest(&other, name)));
        let changes = crate::changes::diff(&one, &other);
        let changed: Vec<String> = changes.iter().map(|change| change.name.to_string()).collect();
        assert_eq!(changed, ["a", "b", "c"], "the report names each of them, whether or not its pin moved");
    }

    #[test]
    fn own_code_alone_has_the_digest_of_its_files() {
        let lock = Lockfile { pins: [pin("a", 1, &[])].into() };
        assert_eq!(digest(&lock, "a"), Some(set_digest([("a.py", Digest::new([1; 32]))].into_iter())));
    }

    #[test]
    fn code_that_cannot_be_followed_whole_is_refused() {
        let names: Vec<String> = (0..=MAX_FOREIGN).map(|at| format!("b{at}")).collect();
        let mut lock = Lockfile { pins: names.iter().map(|name| pin(name, 1, &[])).collect() };
        let ends: Vec<&str> = names.iter().map(String::as_str).collect();
        lock.pins.extend([pin("a", 1, &ends[1..])]);
        assert_eq!(lock.incomplete_code(), None);
        lock.pins.extend([pin("a", 1, &ends)]);
        assert_eq!(lock.incomplete_code().map(Name::as_str), Some("a"));
        assert!(Lockfile::read("models.lock", &lock.print()).is_err());
        // One reference with two answers: whichever was shown, the other could be run.
        let mut lock = Lockfile { pins: [pin("a", 1, &["c", "b"]), pin("b", 2, &["c"]), pin("c", 3, &[])].into() };
        assert_eq!(lock.incomplete_code(), None);
        let mut forged = pin("c", 4, &[]).1;
        forged.requested = "v1".parse().unwrap();
        lock.pins.insert("d".parse().unwrap(), forged);
        for dependency in lock.pins.get_mut(&"b".parse::<Name>().unwrap()).unwrap().dependencies.pinned.values_mut() {
            dependency.pin = "d".parse().unwrap();
        }
        assert_eq!(lock.incomplete_code().map(Name::as_str), Some("a"));
    }

    #[test]
    fn places_print_as_they_read_and_none_is_both() {
        for text in ["modeling.py", "sub/x.py", "hf:model/acme/code:modeling.py", "hf:model/acme/code@a/b@c:sub/x.py"] {
            assert_eq!(text.parse::<CodePath>().unwrap().to_string(), text);
        }
        for text in
            ["", "hf:model/acme/code", "hf:modeling.py", "hf:model/acme/code:../x.py", "hf:model/acme/code@:x.py"]
        {
            assert!(text.parse::<CodePath>().is_err(), "{text}");
        }
    }
}
