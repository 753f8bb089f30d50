//! `init`: starts a project.

use crate::file_names::MANIFEST;
use crate::files::{with_lines, write};
use crate::refusal::{ErrorClass, Failure, Refusal};
use modelpin_schema::Manifest;
use std::path::{Path, PathBuf};

const IGNORE: &str = ".modelpin/";
const ATTRIBUTES: &str = "models.lock text eol=lf linguist-generated=false";

/// Starts a project named `name` in `dir`: a manifest, and the lines that git needs. Returns the files that
/// were written.
///
/// # Errors
/// A manifest that is there already; a `.gitignore` or `.gitattributes` that is not an ordinary file, or a link out
/// of `dir`; I/O errors from writing them.
pub fn run(dir: &Path, name: Option<&str>) -> Result<Vec<PathBuf>, Failure> {
    let manifest = dir.join(MANIFEST);
    if manifest.symlink_metadata().is_ok() {
        return Err(Refusal::new(ErrorClass::Usage, format_args!("`{}` exists already", manifest.display()))
            .help("run `modelpin add ORG/REPO` to add a model to it")
            .into());
    }
    let folder = std::path::absolute(dir).map_err(Failure::io("find", dir))?;
    let fallback = folder.file_name().map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned());
    let text = template(name.unwrap_or(&fallback));
    Manifest::read(MANIFEST, &text)?;
    let mut files = vec![(manifest, text.into_bytes())];
    for (file, line) in [(".gitignore", IGNORE), (".gitattributes", ATTRIBUTES)] {
        let path = dir.join(file);
        files.extend(with_lines(dir, &path, &[line])?.map(|bytes| (path, bytes)));
    }
    // Nothing is written before all that is there could be read.
    files.into_iter().map(|(path, bytes)| write(dir, &path, &bytes).map(|()| path)).collect()
}

fn template(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let name = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        "[project]\nname = \"{name}\"\n\n[models]\n# `modelpin add ORG/REPO` adds a line like this one:\n# minilm = \"sentence-transformers/all-MiniLM-L6-v2\"\n"
    )
}
