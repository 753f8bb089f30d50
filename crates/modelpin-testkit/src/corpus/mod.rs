//! The corpus: files that attack and files that are honest, built from code when they are needed, so that no
//! harmful bytes lie in the repository. Nothing here is ever loaded by a loader that runs it.

pub mod build;

mod adapter;
mod archive;
mod code;
mod config;
mod encoded;
mod file;
mod graph;
mod item;
mod keras;
mod notebook;
mod object;
mod pickle;
mod requirement;
mod template;
mod tensor;

pub use item::{Expect, Item};

use std::path::Path;
use std::{fs, io};

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
        encoded::items(),
        notebook::items(),
        code::items(),
    ];
    families.into_iter().flatten().collect()
}

/// Writes every item below `dir`, in a folder of its own, and `expected.tsv`, a line each: name, expectation.
///
/// # Errors
/// I/O errors from making the folders and writing the files.
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
