//! The corpus: files that attack and files that are honest, built from code when they are needed, so that no
//! harmful bytes lie in the repository. Nothing here is ever loaded by a loader that runs it.

pub mod build;

mod adapter;
mod archive;
mod code;
mod config;
mod file;
mod graph;
mod keras;
mod object;
mod pickle;
mod requirement;
mod template;
mod tensor;

use std::path::Path;
use std::{fs, io};

/// What a scan has to say about an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Honest and on the allowlist: `safe`.
    Safe,
    /// Honest and foreign: `review`, never `dangerous`.
    Review,
    /// An attack that calls nothing, or a broken file: at least `review`.
    Suspect,
    /// An attack that calls something outside the allowlist: `dangerous`.
    Dangerous,
}

/// One item: a folder with one file or more.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its name, unique, in kebab case, beginning with its family: `pickle-os-system`.
    pub name: String,
    /// What it shows.
    pub expect: Expect,
    /// Paths and bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// The rules that have to fire on it.
    pub fires: Vec<&'static str>,
    /// The rules that it comes close to, and that must be quiet on it.
    pub quiet: Vec<&'static str>,
}

impl Item {
    /// An item of one file.
    pub fn new(name: impl Into<String>, expect: Expect, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            expect,
            files: vec![(path.to_owned(), bytes.into())],
            fires: Vec::new(),
            quiet: Vec::new(),
        }
    }

    /// With another file beside it.
    #[must_use]
    pub fn and(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.push((path.to_owned(), bytes.into()));
        self
    }

    /// These rules have to fire.
    #[must_use]
    pub fn fires(mut self, rules: &[&'static str]) -> Self {
        self.fires.extend(rules);
        self
    }

    /// These rules must be quiet.
    #[must_use]
    pub fn quiet(mut self, rules: &[&'static str]) -> Self {
        self.quiet.extend(rules);
        self
    }
}

/// Every item of the corpus.
#[must_use]
pub fn all() -> Vec<Item> {
    let families = [
        file::items(),
        pickle::items(),
        archive::items(),
        tensor::items(),
        graph::items(),
        keras::items(),
        object::items(),
        template::items(),
        config::items(),
        adapter::items(),
        requirement::items(),
        code::items(),
    ];
    families.into_iter().flatten().collect()
}

/// Writes every item below `dir`, in a folder of its own, and `expected.tsv`, a line each: name, expectation.
///
/// # Errors
/// The system's.
pub fn write(dir: &Path) -> io::Result<()> {
    let mut expected = String::new();
    for item in all() {
        for (path, bytes) in &item.files {
            let path = dir.join(&item.name).join(path);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, bytes)?;
        }
        expected.push_str(&format!("{}\t{:?}\n", item.name, item.expect));
    }
    fs::write(dir.join("expected.tsv"), expected)
}
