//! `init`: starts a project.

use crate::project::{MANIFEST, replace};
use crate::refusal::{Failure, wish};
use modelpin_schema::Manifest;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const IGNORE: &str = ".modelpin/";
const ATTRIBUTES: &str = "models.lock text eol=lf linguist-generated=false";

/// Starts a project named `name` in `dir`: a manifest, and the lines that git needs. Returns the files that
/// were written.
///
/// # Errors
/// A manifest that is there already; the system's.
pub fn run(dir: &Path, name: Option<&str>) -> Result<Vec<PathBuf>, Failure> {
    let manifest = dir.join(MANIFEST);
    if manifest.exists() {
        let got = manifest.display().to_string();
        let help = "`modelpin add ORG/REPO` adds a model to it";
        return Err(wish::other(
            "models.toml is there already".to_owned(),
            "a folder without one",
            got,
            "`init` never overwrites",
            help,
        )
        .into());
    }
    let folder = std::path::absolute(dir).map_err(Failure::io("find", dir))?;
    let fallback = folder.file_name().map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned());
    let text = template(name.unwrap_or(&fallback));
    Manifest::read(MANIFEST, &text)?;
    replace(&manifest, text.as_bytes())?;
    let mut written = vec![manifest];
    for (file, line) in [(".gitignore", IGNORE), (".gitattributes", ATTRIBUTES)] {
        let path = dir.join(file);
        if ensure_line(&path, line)? {
            written.push(path);
        }
    }
    Ok(written)
}

fn template(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let name = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        "[project]\nname = \"{name}\"\n\n[models]\n# `modelpin add ORG/REPO` adds a line like this one:\n# minilm = \"sentence-transformers/all-MiniLM-L6-v2\"\n"
    )
}

fn ensure_line(path: &Path, line: &str) -> Result<bool, Failure> {
    let old = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(Failure::io("read", path)(error)),
    };
    if old.split(|byte| *byte == b'\n').any(|old| old.trim_ascii() == line.as_bytes()) {
        return Ok(false);
    }
    let mut new = old;
    if new.last().is_some_and(|byte| *byte != b'\n') {
        new.push(b'\n');
    }
    new.extend_from_slice(line.as_bytes());
    new.push(b'\n');
    replace(path, &new)?;
    Ok(true)
}
