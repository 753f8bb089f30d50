//! The input of a scan: what is at a path, and opening it without trusting what was seen before.

use modelpin_rules::{Rule, file};
use modelpin_scan::{Finding, Format, LazyFacts, Location, Report, Source, Usage};
use modelpin_schema::visible;
use modelpin_store::FileStat;
use modelpin_store::files::open_no_follow;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// What is scanned as one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ScanInput {
    /// An ordinary file, by a path without links in it, and its length in bytes.
    File(PathBuf, u64),
    /// Something that is not opened: the rule that reports it, and the evidence.
    NotScanned(&'static Rule, String),
}

impl ScanInput {
    /// What is at `real`, a path without links in it. Only an ordinary file will be opened: opening a device
    /// can do things, and opening a pipe can wait for ever.
    pub(crate) fn at(real: PathBuf) -> Self {
        match std::fs::symlink_metadata(&real) {
            Ok(found) if found.is_file() => Self::File(real, found.len()),
            Ok(_) => Self::NotScanned(&file::UNREADABLE, "not a regular file: a pipe, a socket or a device".to_owned()),
            Err(error) => Self::NotScanned(&file::UNREADABLE, error.to_string()),
        }
    }

    /// A link that leads out of the folder that is scanned.
    pub(crate) fn link_out(link: &Path) -> Self {
        let to = std::fs::read_link(link).map_or_else(|error| error.to_string(), |to| to.display().to_string());
        Self::NotScanned(&file::LINK_OUT, format!("-> {to}"))
    }

    /// The length in bytes; 0 where nothing is opened.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::File(_, size) => *size,
            Self::NotScanned(..) => 0,
        }
    }
}

/// A file that is open for reading.
pub(crate) struct Opened {
    file: File,
    size: u64,
    /// What is in a file whose length the system calls 0.
    held: Option<Vec<u8>>,
}

/// How much is read of a file that says nothing of its length, in bytes.
const UNSAID: u64 = 64 << 20;

impl Opened {
    /// Opens the file at `real`, which was an ordinary file when it was looked at.
    pub(crate) fn new(real: &Path) -> io::Result<Self> {
        let file = open_no_follow(OpenOptions::new().read(true), real)?;
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(io::Error::other("it was an ordinary file a moment ago, and is none now"));
        }
        // Some file systems do not know how long a file is, and say 0: what the kernel makes up as it is read, and
        // some that are made by programs. Such a file is as long as it can be read.
        let held = if found.len() == 0 { Some(all(&file)?) } else { None };
        let size = held.as_ref().map_or(found.len(), |held| held.len() as u64);
        Ok(Self { file, size, held })
    }

    /// What it looks like now.
    pub(crate) fn trace(&self) -> io::Result<FileStat> {
        self.file.metadata().map(|found| FileStat::of(&found))
    }
}

impl Source for Opened {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        match &self.held {
            Some(held) => held.read_at(at, into),
            None => read_at(&self.file, at, into),
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, at: u64, into: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, at)
}

#[cfg(windows)]
fn read_at(file: &File, at: u64, into: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, at)
}

/// Reads a file to its end, wherever that is.
fn all(file: &File) -> io::Result<Vec<u8>> {
    let mut held = Vec::new();
    file.take(UNSAID.saturating_add(1)).read_to_end(&mut held)?;
    if held.len() as u64 > UNSAID {
        return Err(io::Error::other("the system reports length 0, but more than 64 MiB can be read from it"));
    }
    Ok(held)
}

/// The report of something that was not read.
pub(crate) fn unread(rule: &'static Rule, evidence: &str) -> Report {
    let finding = Finding { rule, member: Vec::new(), at: Location::Whole, evidence: visible(evidence) };
    Report {
        format: Format::Binary,
        findings: vec![finding],
        dropped: 0,
        facts: LazyFacts::default(),
        spent: Usage::default(),
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::{Opened, ScanInput};
    use crate::reporter::Silent;
    use crate::scanning::{ScanTask, scan_files};
    use modelpin_scan::{Format, Source as _};
    use std::path::Path;

    #[test]
    fn a_file_without_a_length_is_read_to_its_end() {
        let opened = Opened::new(Path::new("/proc/self/status")).unwrap();
        let mut head = [0; 5];
        assert!(opened.size() > 100);
        assert_eq!((opened.read_at(0, &mut head).unwrap(), &head), (5, b"Name:"));
        let task = ScanTask { path: "notes.txt".to_owned(), input: ScanInput::at("/proc/self/status".into()) };
        assert_eq!(scan_files(&[task], 1, &Silent).unwrap()[0].format, Format::Text);
        let empty = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(Opened::new(empty.path()).unwrap().size(), 0);
    }
}
