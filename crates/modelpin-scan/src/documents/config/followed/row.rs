//! What a row of the table says.

use modelpin_schema::lockfile::DependencyKind;
use std::fmt;

/// A key of a configuration under which a loader finds the name of another repo, and takes something from there.
pub struct Followed {
    /// The names of the files, in lower case; a `*` stands for anything.
    pub files: &'static [&'static str],
    /// Where the name is: keys with dots between them, `*` for any key and any item of a list, a number for the last
    /// item of a list that has just so many before it.
    pub keys: &'static [&'static str],
    /// The objects that `keys` begin in.
    pub place: Place,
    /// What else has to hold of the object that the last key is in.
    pub when: &'static [Condition],
    /// How the repo is named.
    pub form: Form,
    /// The key of the revision, in the object that the last key is in; loaders take `main` where there is none.
    pub revision: Option<&'static str>,
    /// What is taken.
    pub kind: DependencyKind,
    /// The library that reads it.
    pub loader: &'static str,
    /// Where its source says so: file and function.
    pub source: &'static str,
}

/// Which objects of a document the keys of a row begin in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The document itself.
    Top,
    /// Any object of it.
    Any,
    /// None: a scanner of its own follows it, since more than a name has to be read there.
    Scanner,
}

/// What holds of the object that names a repo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// One of these keys is there, and not null.
    Has(&'static [&'static str]),
    /// None of these keys is there, or they are null.
    Lacks(&'static [&'static str]),
    /// The key is true.
    On(&'static str),
    /// The key is not true.
    Off(&'static str),
    /// The key has one of these values.
    Is(&'static str, &'static [&'static str]),
    /// The key has none of these values.
    IsNot(&'static str, &'static [&'static str]),
    /// The object is built of a class, or by a function, whose name begins so (`!new:` and `!apply:` of HyperPyYAML).
    New(&'static str),
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = |keys: &[&str]| keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" or ");
        match self {
            Self::Has(names) => write!(f, "with {}", keys(names)),
            Self::Lacks(names) => write!(f, "without {}", keys(names)),
            Self::On(name) => write!(f, "where `{name}` is true"),
            Self::Off(name) => write!(f, "where `{name}` is not true"),
            Self::Is(name, values) => write!(f, "where `{name}` is {}", keys(values)),
            Self::IsNot(name, values) => write!(f, "where `{name}` is not {}", keys(values)),
            Self::New(class) => write!(f, "of a `!new:{class}…` or `!apply:{class}…`"),
        }
    }
}

/// How a value names a repo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A name that the loader passes on as it is: a name of old without an owner (`gpt2`) is a repo as well.
    Name,
    /// `owner/name`: anything else is a name of the library itself, or a file.
    Owned,
    /// `owner/name`, or `owner/name@revision`.
    OwnedAt,
    /// `hf-hub:owner/name`, or `hf-hub:owner/name@revision`: what has no such prefix is a name of timm.
    Timm,
    /// As timm names it, or `owner/name`.
    TimmOrOwned,
    /// The path of a file in a repo, `owner/name/file`, in which HyperPyYAML's `<key>` may stand for what is under that key.
    File,
    /// `owner/name`, or HyperPyYAML's `<key>`.
    Referenced,
    /// `owner/name--module.Class`.
    Class,
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "`owner/name` or `name`",
            Self::Owned => "`owner/name`",
            Self::OwnedAt => "`owner/name` or `owner/name@revision`",
            Self::Timm => "`hf-hub:owner/name`, with `@revision` or without",
            Self::TimmOrOwned => "`owner/name` or `hf-hub:owner/name`",
            Self::File => "`owner/name/file`, also through `!ref <key>`",
            Self::Referenced => "`owner/name`, also through `!ref <key>`",
            Self::Class => "`owner/name--module.Class`",
        })
    }
}

/// Whether `base` is one of the names `files`.
pub(in crate::documents::config) fn is_of(files: &[&str], base: &str) -> bool {
    files.iter().any(|file| match file.split_once('*') {
        Some((first, last)) => {
            base.strip_prefix(first).is_some_and(|rest| rest.len() >= last.len() && rest.ends_with(last))
        }
        None => *file == base,
    })
}
