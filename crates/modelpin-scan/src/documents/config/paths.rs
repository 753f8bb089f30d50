//! What a name of a file, of a repository or of a module points at.

/// Where a relative name of a file leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// A plain name, beside the file that names it.
    Beside,
    /// Below the folder of the file that names it.
    Below,
    /// Outside the folder, or undecidable; the reason.
    Outside(&'static str),
}

/// Where `name` leads. Both separators count, for loaders run on Windows too.
pub(crate) fn reach(name: &str) -> Reach {
    let lower = name.to_ascii_lowercase();
    let parts: Vec<&str> = name.split(['/', '\\']).collect();
    if name.is_empty() {
        Reach::Outside("it is empty")
    } else if name.contains("://") || lower.starts_with("file:") {
        Reach::Outside("it is a URL")
    } else if name.starts_with("\\\\") || name.starts_with("//") {
        Reach::Outside("it is a network share")
    } else if name.starts_with(['/', '\\']) || has_drive(name) {
        Reach::Outside("it is an absolute path")
    } else if name.starts_with('~') || name.starts_with('$') || name.contains("${") {
        Reach::Outside("it names a home folder or a variable")
    } else if parts.iter().any(|part| part.trim_end_matches([' ', '.']).is_empty() && part.contains("..")) {
        Reach::Outside("it leaves the folder with `..`")
    } else if name.contains('\\') {
        Reach::Outside("it contains a backslash")
    } else if ["%2e", "%2f", "%5c", "%00"].iter().any(|escape| lower.contains(escape)) {
        Reach::Outside("it hides a path separator in an escape")
    } else if name.chars().any(char::is_control) {
        Reach::Outside("it contains control characters")
    } else if parts.len() > 1 || name == "." {
        Reach::Below
    } else {
        Reach::Beside
    }
}

fn has_drive(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
}

/// Whether `id` can be the id of a repository: `name` or `owner/name` (`validate_repo_id` of `huggingface_hub`).
pub(crate) fn is_repo(id: &str) -> bool {
    let parts: Vec<&str> = id.split('/').collect();
    let plain = |part: &&str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && part.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
    };
    id.len() <= 193
        && parts.len() <= 2
        && parts.iter().all(plain)
        && !id.contains("--")
        && !id.contains("..")
        && !id.ends_with(".git")
}

/// The folder of a file, as a path that ends with `/`; empty at the root.
pub(crate) fn folder(path: &str) -> &str {
    path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or_default()
}
