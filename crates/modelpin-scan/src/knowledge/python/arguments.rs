//! What callables do with the files and addresses that they are given: `names/data/arguments.txt`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Which argument: by position, where it has one, and by keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Argument {
    pub(crate) position: Option<usize>,
    pub(crate) keyword: &'static str,
}

/// What is done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Touch {
    /// Opened: the argument that says how, what is meant where it is not given, and the letters of modes that write.
    Opens {
        mode: Argument,
        usual: &'static str,
        letters: &'static str,
    },
    Writes,
    /// Written below it where it is given, else below a folder made for that.
    Places,
    Reads,
    /// Unpickled; a bare name is that of a model which the library fetches.
    Loads,
}

/// One thing that a callable does with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) touch: Touch,
    pub(crate) path: Argument,
}

/// What keeps a callable from unpickling: an argument, and whether it has to be true, and is where it is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unless {
    pub(crate) argument: Argument,
    pub(crate) value: bool,
    pub(crate) usual: bool,
}

/// How surely a method of that name writes to the file it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// Its name says so.
    Says,
    /// It does where it is given a place outside.
    May,
}

#[derive(Default)]
struct Table {
    rows: HashMap<&'static str, Vec<Row>>,
    unless: HashMap<&'static str, Unless>,
    methods: HashMap<&'static str, Method>,
    keywords: HashSet<&'static str>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    let mut head = "";
    for line in include_str!("../names/data/arguments.txt").lines().filter(|line| !line.starts_with('#')) {
        let names = match line.strip_prefix(' ') {
            Some(names) => names,
            None => {
                let (before, names) = line.split_once(':').unwrap_or_default();
                head = before;
                names
            }
        };
        names.split_ascii_whitespace().for_each(|name| table.add(head, name));
    }
    table
});

impl Table {
    fn add(&mut self, head: &'static str, name: &'static str) {
        let words: Vec<&'static str> = head.split_ascii_whitespace().collect();
        let touch = match words.as_slice() {
            ["opens", _, mode, usual, letters] => Touch::Opens { mode: argument(mode), usual, letters },
            ["writes", _] => Touch::Writes,
            ["places", _] => Touch::Places,
            ["reads", _] => Touch::Reads,
            ["loads", _] => Touch::Loads,
            ["unless", of, value, usual] => {
                let row = Unless { argument: argument(of), value: *value == "True", usual: *usual == "True" };
                self.unless.insert(name, row);
                return;
            }
            ["method", "keywords"] => {
                self.keywords.insert(name);
                return;
            }
            ["method", how] => {
                self.methods.insert(name, if *how == "says" { Method::Says } else { Method::May });
                return;
            }
            _ => return,
        };
        let path = argument(words.get(1).copied().unwrap_or_default());
        self.rows.entry(name).or_default().push(Row { touch, path });
    }
}

fn argument(text: &'static str) -> Argument {
    let (position, keyword) = text.split_once('/').unwrap_or_default();
    Argument { position: position.parse().ok(), keyword }
}

/// What `path` does with the files that it is given.
pub(crate) fn touches(path: &str) -> &'static [Row] {
    TABLE.rows.get(path).map(Vec::as_slice).unwrap_or_default()
}

/// What keeps `path` from unpickling.
pub(crate) fn unless(path: &str) -> Option<Unless> {
    TABLE.unless.get(path).copied()
}

/// Whether a method of that name, of whatever object, writes to the file it is given.
pub(crate) fn method(name: &str) -> Option<Method> {
    TABLE.methods.get(name).copied()
}

/// Whether a method takes a file by that keyword.
pub(crate) fn is_file_keyword(name: &str) -> bool {
    TABLE.keywords.contains(name)
}

/// Whether `place` is an address that libraries open: of the web, or of a store, also behind what fsspec chains
/// (`simplecache::s3://…`), or of another machine (`\\host\share`).
pub(crate) fn is_address(place: &str) -> bool {
    const SCHEMES: &[&str] = &[
        "http", "https", "ftp", "ftps", "sftp", "ssh", "scp", "smb", "s3", "s3a", "s3n", "gs", "gcs", "hf", "az",
        "abfs", "abfss", "adl", "wasb", "wasbs", "hdfs", "webhdfs", "webdav", "dav", "davs", "git", "github", "gdrive",
        "oss", "obs", "cos", "r2", "ws", "wss", "tcp", "udp", "ipfs", "magnet",
    ];
    if place.starts_with(r"\\") {
        return true;
    }
    let Some((scheme, _)) = place.split_once("://") else { return false };
    let scheme = scheme.rsplit("::").next().unwrap_or_default().to_ascii_lowercase();
    let scheme = scheme.rsplit(['+', ':']).next().unwrap_or_default().to_owned();
    SCHEMES.contains(&scheme.as_str())
}

#[cfg(test)]
mod tests {
    use super::{TABLE, Touch, is_address, method, touches, unless};

    #[test]
    fn the_table_is_read_whole() {
        let text = include_str!("../names/data/arguments.txt");
        let heads = text.lines().filter(|line| !line.starts_with(['#', ' ']) && !line.is_empty());
        for head in heads {
            let first = head.split_once(':').and_then(|(_, names)| names.split_ascii_whitespace().next());
            let Some(name) = first else { panic!("no names: {head}") };
            let is_known = !touches(name).is_empty()
                || unless(name).is_some()
                || method(name).is_some()
                || TABLE.keywords.contains(name);
            assert!(is_known, "{head}");
        }
        for row in TABLE.rows.values().flatten() {
            assert!(!row.path.keyword.is_empty(), "{row:?}");
            if let Touch::Opens { mode, .. } = row.touch {
                assert!(mode.position.is_some() && !mode.keyword.is_empty(), "{row:?}");
            }
        }
    }

    #[test]
    fn addresses_are_told_from_paths() {
        for place in ["https://x/y", "HTTP://x", "s3://b/k", r"\\host\share", "simplecache::gs://b", "zip::hf://a/b"] {
            assert!(is_address(place), "{place}");
        }
        for place in ["a/b", "file:///etc/hosts", "/x://y", "memory://x", "", "C:/x"] {
            assert!(!is_address(place), "{place}");
        }
    }
}
