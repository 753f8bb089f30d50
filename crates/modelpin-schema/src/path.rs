//! A file's path inside a repo, safe to join to a folder.

use crate::text::{hides, text};
use unicode_normalization::UnicodeNormalization;

text! {
    /// The path of a file inside a repo: relative, `/` between its parts, none of which could lead elsewhere
    /// or mean another file on another system.
    ///
    /// A Hub names these paths, so they are hostile until they are one of these: `..`, `.`, empty parts,
    /// absolute paths, `\`, drive letters, NUL and other control characters, invisible characters, names
    /// that DOS reserved, and parts that end in a dot or a space are all refused, on every system
    /// (CVE-2026-15717 is a cache that was written outside its folder on one of them). So is a part that is `.git`
    /// on any system, which would make a repository of the folder that the file lands in.
    ///
    /// ```
    /// use modelpin_schema::RepoPath;
    /// assert!("onnx/model.onnx".parse::<RepoPath>().is_ok());
    /// assert!("../../.ssh/authorized_keys".parse::<RepoPath>().is_err());
    /// assert!("sub/.GIT/config".parse::<RepoPath>().is_err());
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
    if is_git(part) {
        let reason = "a part of it is `.git` on some systems, and git runs what it finds configured there";
        return Err(reason.to_owned());
    }
    if part.len() > 255 {
        return Err("a part of it is longer than 255 bytes, which no common file system keeps".to_owned());
    }
    if part.contains(['\\', ':']) {
        return Err("`\\` and `:` separate folders and drives on some systems".to_owned());
    }
    if part.chars().any(hides) {
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

/// Whether a part of a path is git's own folder to some file system: by another case or form of its letters, with
/// characters among them that do not count, with an ending that Windows drops, as a stream of it, or by the short name
/// that Windows gives it.
fn is_git(part: &str) -> bool {
    let name = folded(part.split(':').next().unwrap_or(part));
    let name = name.trim_end_matches(['.', ' ']);
    let short = name.strip_prefix("git~");
    name == ".git" || short.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// What the least particular of file systems makes of a name: case and compatible forms of letters are one (ZFS with
/// `normalization=formKC`), and characters that do not show do not count (HFS+, folders of ext4 that fold case).
#[must_use]
pub fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let upper = name.nfkc().filter(|c| !is_ignorable(*c)).flat_map(char::to_uppercase);
    // By way of the upper case, in which a dotless i is an I.
    upper.flat_map(char::to_lowercase).nfkc().collect()
}

/// The characters of Unicode's property `Default_Ignorable_Code_Point`.
fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
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
    fn nothing_is_a_git_folder_anywhere() {
        for name in [
            ".git",
            ".GIT",
            ".Git",
            ".g\u{200c}it",
            "\u{200d}.git",
            ".gi\u{202a}t",
            ".git\u{206a}",
            ".\u{206f}git",
            "\u{feff}.git",
            ".g\u{fe0f}it",
            ".g\u{34f}it",
            ".g\u{e0100}it",
            "git~1",
            "GIT~1",
            "Git~2",
            ".git ",
            ".git.",
            ".git . .",
            ".git::$INDEX_ALLOCATION",
            ".git:x",
            "git~1:x",
            "\u{ff0e}git",
            ".\u{ff47}\u{ff49}\u{ff54}",
            "\u{2024}G\u{ff29}t",
            ".\u{210a}it",
            ".g\u{131}t",
        ] {
            for path in [name.to_owned(), format!("{name}/config"), format!("a/{name}"), format!("a/{name}/hooks/x")] {
                let refused = path.parse::<RepoPath>().unwrap_err();
                assert!(refused.reason.contains("`.git`"), "{path:?}: {refused}");
            }
        }
        for path in [
            ".gitattributes",
            ".gitignore",
            ".gitmodules",
            ".github/workflows/x.yml",
            "git",
            "git~",
            "git~a",
            "a.git",
            ".git2",
            ".git-x",
            "model.git/config",
            "..git",
        ] {
            assert!(path.parse::<RepoPath>().is_ok(), "{path:?}");
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
