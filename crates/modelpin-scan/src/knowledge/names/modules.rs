//! Facts about whole modules: the lists of `data/modules.txt`.

use super::lists::list;
use crate::knowledge::stdlib::top;
use std::collections::HashSet;
use std::sync::LazyLock;

const DATA: &str = include_str!("data/modules.txt");

static POWERFUL: LazyLock<HashSet<&str>> = LazyLock::new(|| list(DATA, "powerful"));
static CARRIED: LazyLock<HashSet<&str>> = LazyLock::new(|| list(DATA, "carried"));
static OLD: LazyLock<HashSet<&str>> = LazyLock::new(|| list(DATA, "old"));
static UNMISTAKABLE: LazyLock<HashSet<&str>> = LazyLock::new(|| list(DATA, "unmistakable"));
static TRUSTING: LazyLock<HashSet<&str>> = LazyLock::new(|| list(DATA, "trusting"));
static HANDING: LazyLock<HashSet<&str>> = LazyLock::new(|| list(DATA, "handing"));

/// Whether everything can be reached through the module `path`.
pub(crate) fn is_powerful(path: &str) -> bool {
    POWERFUL.contains(path)
}

/// Whether modules carry a module of that name as an attribute, as a rule.
pub(crate) fn is_carried(name: &str) -> bool {
    CARRIED.contains(name)
}

/// Whether `root` is a module that the standard library of Python 2 had.
pub(crate) fn is_old(root: &str) -> bool {
    OLD.contains(root)
}

/// Whether a text that begins with `root` and a dot is meant as a path, and leads to what runs or loads something.
pub(crate) fn is_unmistakable(root: &str) -> bool {
    UNMISTAKABLE.contains(root)
}

/// Whether `path` belongs to a library that runs the code of a repository when it is given a trust argument.
pub(crate) fn is_trusting(path: &str) -> bool {
    TRUSTING.contains(top(path).trim())
}

/// Whether `path` is in a module whose functions hand back what they are given.
pub(crate) fn hands_back(path: &str) -> bool {
    path.contains('.') && HANDING.contains(top(path))
}
