//! A file's path inside a repo, safe to join to a folder.

use crate::text::{is_invisible, text};
use unicode_normalization::UnicodeNormalization;

text! {
    /// The path of a file inside a repo: relative, `/` between its parts, none of which could lead elsewhere
    /// or mean another file on another system.
    ///
    /// A Hub names these paths, so they are hostile until they are one of these: `..`, `.`, empty parts,
    /// absolute paths, `\`, drive letters, NUL and other control characters, invisible characters, names
    /// that DOS reserved, and parts that end in a dot or a space are all refused, on every system
    /// (CVE-2026-15717 is a cache that was written outside its folder on one of them).
    ///
    /// ```
    /// use modelpin_schema::RepoPath;
    /// assert!("onnx/model.onnx".parse::<RepoPath>().is_ok());
    /// assert!("../../.ssh/authorized_keys".parse::<RepoPath>().is_err());
    /// ```
    RepoPath, "path that can be kept", "^[^/\\\\:]+(/[^/\\\\:]+)*$", |text| {
        if text.is_empty() || text.len() > 1024 {
            return Err("a path has 1 to 1024 bytes".to_owned());
        }
        if text.starts_with('/') {
            return Err("it is absolute, and could be written outside its folder".to_owned());
        }
        text.split('/').try_for_each(check_part)
    }
}

fn check_part(part: &str) -> Result<(), String> {
    if part.is_empty() {
        return Err("it has an empty part".to_owned());
    }
    if part == "." || part == ".." {
        return Err(format!("its part `{part}` leads to another folder"));
    }
    if part.len() > 255 {
        return Err("a part of it is longer than 255 bytes, which no common file system keeps".to_owned());
    }
    if part.contains(['\\', ':']) {
        return Err("`\\` and `:` separate folders and drives on some systems".to_owned());
    }
    if part.chars().any(|c| c.is_control() || is_invisible(c)) {
        return Err("it has a control or invisible character".to_owned());
    }
    if part.ends_with(['.', ' ']) {
        return Err("a part that ends in a dot or space means another file on some systems".to_owned());
    }
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_uppercase();
    if is_reserved(&stem) {
        return Err(format!("`{stem}` is a device on some systems"));
    }
    Ok(())
}

fn is_reserved(stem: &str) -> bool {
    if matches!(stem, "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let numbered = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    numbered.is_some_and(|number| {
        matches!(number, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
    })
}

impl RepoPath {
    /// The last part.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.as_str().rsplit('/').next().unwrap_or_default()
    }

    /// The parts, first to last; never empty, never `..`.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.as_str().split('/')
    }

    /// What a file system that ignores case or Unicode form makes of the path: two paths with equal keys are
    /// one file there.
    #[must_use]
    pub fn collision_key(&self) -> String {
        if self.as_str().is_ascii() {
            return self.as_str().to_ascii_lowercase();
        }
        self.as_str().nfc().flat_map(char::to_lowercase).nfc().collect()
    }
}

/// The first pair of `paths` that are one file, or file and folder, on a file system that ignores case or
/// Unicode form.
pub fn collision<'a>(paths: impl IntoIterator<Item = &'a RepoPath>) -> Option<(&'a RepoPath, &'a RepoPath)> {
    let mut seen: std::collections::BTreeMap<String, &RepoPath> = std::collections::BTreeMap::new();
    for path in paths {
        if let Some(earlier) = seen.insert(path.collision_key(), path) {
            return Some((earlier, path));
        }
    }
    for (key, path) in &seen {
        let folders = key.match_indices('/').map(|(end, _)| &key[..end]);
        for folder in folders {
            if let Some(file) = seen.get(folder) {
                return Some((file, path));
            }
        }
    }
    // `A/x` beside `a/y`: two folders of which one system keeps only one. Neither form changes a `/`, so the
    // folders of a key are the keys of the path's folders.
    let mut folders: std::collections::BTreeMap<&str, &RepoPath> = std::collections::BTreeMap::new();
    for (key, path) in &seen {
        for ((key_end, _), (end, _)) in key.match_indices('/').zip(path.as_str().match_indices('/')) {
            if let Some(earlier) = folders.insert(&key[..key_end], path)
                && !earlier.as_str().starts_with(&path.as_str()[..=end])
            {
                return Some((earlier, path));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{RepoPath, collision};

    #[test]
    fn paths_that_lead_elsewhere_are_refused() {
        for text in [
            "",
            "/etc/passwd",
            "..",
            "../x",
            "a/../b",
            "a/..",
            "./a",
            "a//b",
            "a/",
            "a\\b",
            "..\\x",
            "C:",
            "C:\\x",
            "D:x",
            "\\x",
            "\\\\host\\share",
            "a\0b",
            "a\nb",
            "nul",
            "NUL.txt",
            "aux.py",
            "com1",
            "LPT9.bin",
            "a.",
            "a ",
            "con .txt",
            "x\u{202e}y",
            "x/com¹.json",
        ] {
            assert!(text.parse::<RepoPath>().is_err(), "{text:?}");
        }
        for text in [
            "a",
            "a/b.json",
            ".gitattributes",
            "a..b",
            "ünïcode/模型.bin",
            "to?/awful?%you should,never.give",
            "console.py",
        ] {
            assert!(text.parse::<RepoPath>().is_ok(), "{text:?}");
        }
    }

    #[test]
    fn paths_that_are_one_file_elsewhere_collide() {
        let pair = |a: &str, b: &str| {
            let paths: Vec<RepoPath> = [a, b].map(|text| text.parse().unwrap()).into();
            collision(&paths).is_some()
        };
        assert!(pair("Config.json", "config.json"));
        assert!(pair("caf\u{e9}", "cafe\u{301}"));
        assert!(pair("a", "A/b"), "a file and a folder");
        assert!(pair("Onnx/a", "onnx/b"), "two folders");
        assert!(!pair("onnx/a", "onnx/b"));
        assert!(!pair("a-b", "a/b"));
    }
}
