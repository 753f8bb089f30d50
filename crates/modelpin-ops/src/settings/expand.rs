//! `~` and `$VARIABLE` in paths, as the Hub's own tools expand them (`os.path.expanduser`, then `os.path.expandvars`).
//!
//! Only what a user wrote is expanded: a variable, a flag, their own configuration. The files of a project are text of
//! whoever made the clone.

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

/// How a variable is read.
pub type Variable = fn(&str) -> Option<OsString>;

/// `text` with `~`, `~user`, `$NAME` and `${NAME}` in it expanded. What is not known stays as it is.
#[must_use]
pub fn expand(text: &OsStr, variable: Variable) -> PathBuf {
    let Some(text) = text.to_str() else { return text.into() };
    let (home, rest) = from_home(text, variable);
    let mut expanded = home.unwrap_or_default();
    variables(rest, variable, &mut expanded);
    expanded.into()
}

/// `text` with `~` and `~user` in it expanded, and no variable: the folder of a project may have a `$` in its name.
pub(super) fn expand_home(text: &str, variable: Variable) -> PathBuf {
    let (home, rest) = from_home(text, variable);
    let mut expanded = home.unwrap_or_default();
    expanded.push(rest);
    expanded.into()
}

/// The home folder that `text` begins with, where it does, and the rest of it.
fn from_home(text: &str, variable: Variable) -> (Option<OsString>, &str) {
    match text.strip_prefix('~') {
        None => (None, text),
        Some(after) => {
            let end = after.find(std::path::is_separator).unwrap_or(after.len());
            let (user, rest) = after.split_at(end);
            match home(user, variable) {
                Some(home) => (Some(home), rest),
                None => (None, text),
            }
        }
    }
}

fn variables(text: &str, variable: Variable, expanded: &mut OsString) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push(before);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, length) = match after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((name, _)) => (name, name.len() + 2),
            None => {
                let end = after.find(|c| !is_name(c)).unwrap_or(after.len());
                (&after[..end], end)
            }
        };
        match Some(name).filter(|name| !name.is_empty() && name.chars().all(is_name)).and_then(variable) {
            Some(value) => {
                expanded.push(value);
                rest = &after[length..];
            }
            None => {
                expanded.push("$");
                rest = after;
            }
        }
    }
    expanded.push(rest);
}

/// The home folder of `user`; this user's own, where that is empty.
fn home(user: &str, variable: Variable) -> Option<OsString> {
    let own = || ["HOME", "USERPROFILE"].into_iter().find_map(variable).filter(|home| !home.is_empty());
    let known = || {
        let users = std::fs::read_to_string("/etc/passwd").ok()?;
        let mut rows = users.lines().map(|line| line.split(':'));
        rows.find_map(|mut row| (row.next() == Some(user)).then(|| row.nth(4).map(OsString::from))).flatten()
    };
    let home = if user.is_empty() { own() } else { known() }?;
    // With the rest behind it, `/` alone would become `//`.
    let trimmed = home.to_str().map(|home| home.trim_end_matches('/').into());
    Some(trimmed.unwrap_or(home))
}

/// `path` without `.` and `..`, by its words alone.
#[must_use]
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => drop(normal.pop()),
            Component::ParentDir if normal.has_root() => {}
            part => normal.push(part),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::{expand, normal};
    use std::ffi::{OsStr, OsString};
    use std::path::Path;

    fn variable(name: &str) -> Option<OsString> {
        let known = [("HOME", "/home/me"), ("A", "/a"), ("EMPTY", ""), ("LOOP", "$A")];
        known.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into())
    }

    #[test]
    fn a_path_means_what_it_means_to_the_hubs_own_tools() {
        for (text, expanded) in [
            ("~", "/home/me"),
            ("~/hub", "/home/me/hub"),
            ("$HOME/hub", "/home/me/hub"),
            ("${HOME}/hub", "/home/me/hub"),
            ("$A$A", "/a/a"),
            ("x/$A", "x//a"),
            ("$LOOP/x", "$A/x"),
            ("${EMPTY}x", "x"),
            ("$NOBODY/x", "$NOBODY/x"),
            ("${NOBODY}/x", "${NOBODY}/x"),
            ("${/x", "${/x"),
            ("$", "$"),
            ("a~/x", "a~/x"),
            ("~nobody-here/x", "~nobody-here/x"),
            ("/plain", "/plain"),
        ] {
            assert_eq!(expand(OsStr::new(text), variable).as_os_str(), OsStr::new(expanded), "{text}");
        }
        assert_eq!(expand(OsStr::new("~/x"), |_| None), Path::new("~/x"));
    }

    #[test]
    fn a_path_is_compared_by_where_it_leads() {
        for (text, wanted) in [("/a/./b/../c", "/a/c"), ("/..", "/"), ("/a/../../b", "/b"), ("/a//b/", "/a/b")] {
            assert_eq!(normal(Path::new(text)), Path::new(wanted), "{text}");
        }
    }
}
