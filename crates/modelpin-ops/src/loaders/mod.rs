//! What a program is told so that its loaders find what is pinned and nothing else.
//!
//! - [`TABLE`]: every variable of the loaders' that leads to files, secrets or other places, and what becomes of it
//! - [`Home`]: the folder that a program is given for `HF_HOME`
//! - `shadow`: what lies in the place of a pinned repo, or of a loader's copies of code

mod home;
pub(crate) mod shadow;
mod table;

pub use home::{Home, Span};
pub use shadow::searched;
pub use table::TABLE;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// One variable that a loader reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What a program finds in it.
    pub value: Value,
    /// Who reads it.
    pub loaders: &'static str,
    /// Why it is set, unset or left.
    pub why: &'static str,
}

/// What a program finds in a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// The folder that takes the place of `~/.cache/huggingface`.
    Home,
    /// The Hugging Face cache with the pinned repos.
    Hub,
    /// The folder of plain folders; where the target is a Hugging Face cache, it is unset.
    Folders,
    /// A folder below the home for copies of code, called by the digest of all code that the lock has.
    Modules,
    /// A folder below the home.
    Below(&'static str),
    /// This text.
    Text(&'static str),
    /// Nothing: it is taken away.
    Unset,
    /// Whatever stands there already.
    Kept,
}

/// The places that values are made of.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    /// The folder of [`Value::Home`].
    pub(crate) home: &'a Path,
    /// The folder of [`Value::Hub`].
    pub(crate) hub: &'a Path,
    /// The folder of [`Value::Folders`], where there is one.
    pub(crate) folders: Option<&'a Path>,
    /// The name of the folder of [`Value::Modules`].
    pub(crate) code: &'a str,
}

/// The variables that a program gets and loses.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// What is set.
    pub set: Vec<(&'static str, OsString)>,
    /// What is taken away.
    pub unset: Vec<String>,
    /// The folder that the values lead to; it has to be kept until the program has been started.
    pub home: Option<Home>,
}

impl Surroundings {
    /// What [`TABLE`] says, with these places.
    pub(crate) fn of(places: &Places<'_>) -> Self {
        let mut all = Self::default();
        for variable in TABLE {
            let value: Option<PathBuf> = match variable.value {
                Value::Kept => continue,
                Value::Home => Some(places.home.to_owned()),
                Value::Hub => Some(places.hub.to_owned()),
                Value::Folders => places.folders.map(Path::to_owned),
                Value::Modules => Some(places.home.join("modules").join(places.code)),
                Value::Below(folder) => Some(places.home.join(folder)),
                Value::Text(text) => Some(text.into()),
                Value::Unset => None,
            };
            match value {
                Some(value) => all.set.push((variable.name, value.into())),
                None => all.unset.push(variable.name.to_owned()),
            }
        }
        all
    }

    /// What [`TABLE`] says for a program that has a home of its own anyway: texts, and the folder of plain folders.
    pub(crate) fn fixed(folders: Option<&Path>) -> Self {
        let value = |variable: &Variable| match variable.value {
            Value::Text(text) => Some(text.into()),
            Value::Folders => folders.map(Into::into),
            _ => None,
        };
        let set = TABLE.iter().filter_map(|variable| Some((variable.name, value(variable)?)));
        Self { set: set.collect(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Places, Surroundings, TABLE, Value};
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn each_variable_stands_there_once_and_says_why() {
        let names: BTreeSet<_> = TABLE.iter().map(|variable| variable.name).collect();
        assert_eq!(names.len(), TABLE.len());
        for variable in TABLE {
            assert!(!variable.loaders.is_empty() && !variable.why.is_empty(), "{variable:?}");
            assert!(!variable.why.contains('|') && variable.why.ends_with('.'), "{variable:?}");
        }
    }

    #[test]
    fn what_is_not_kept_is_set_or_taken_away() {
        let places = Places { home: Path::new("/home"), hub: Path::new("/hub"), folders: None, code: "0123" };
        let all = Surroundings::of(&places);
        let kept = TABLE.iter().filter(|variable| variable.value == Value::Kept).count();
        assert_eq!(all.set.len() + all.unset.len() + kept, TABLE.len());
        assert!(all.set.contains(&("HF_MODULES_CACHE", "/home/modules/0123".into())));
        assert!(all.unset.iter().any(|name| name == "HF_TOKEN"));
        assert!(Surroundings::fixed(None).set.iter().all(|(_, value)| !value.to_string_lossy().starts_with("/h")));
    }
}
