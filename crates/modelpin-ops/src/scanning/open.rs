//! What is at a place, and opening it without believing it.

use crate::store::{Trace, open_no_follow};
use modelpin_scan::rules::{Rule, file};
use modelpin_scan::{At, Facts, Finding, Format, Report, Source, Spent};
use modelpin_schema::visible;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// What is to be judged under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// An ordinary file, by a path without links in it, and its length in bytes.
    File(PathBuf, u64),
    /// Something that is not opened: what it is a finding of, and what was seen.
    Odd(&'static Rule, String),
}

impl Place {
    /// What is at `real`, a path without links in it. Only an ordinary file will be opened: opening a device
    /// can do things, and opening a pipe can wait for ever.
    pub(crate) fn at(real: PathBuf) -> Self {
        match std::fs::symlink_metadata(&real) {
            Ok(found) if found.is_file() => Self::File(real, found.len()),
            Ok(_) => Self::Odd(&file::UNREADABLE, "no ordinary file: a pipe, a socket or a device".to_owned()),
            Err(error) => Self::Odd(&file::UNREADABLE, error.to_string()),
        }
    }

    /// A link that leads out.
    pub(crate) fn link_out(link: &Path) -> Self {
        let to = std::fs::read_link(link).map_or_else(|error| error.to_string(), |to| to.display().to_string());
        Self::Odd(&file::LINK_OUT, format!("-> {to}"))
    }

    /// The length in bytes; 0 where nothing is opened.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::File(_, size) => *size,
            Self::Odd(..) => 0,
        }
    }
}

/// A file that is open for reading.
pub(crate) struct Opened {
    file: File,
    size: u64,
}

impl Opened {
    /// Opens the file at `real`, which was an ordinary file when it was looked at.
    pub(crate) fn new(real: &Path) -> io::Result<Self> {
        let file = open_no_follow(OpenOptions::new().read(true), real)?;
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(io::Error::other("it was an ordinary file a moment ago, and is none now"));
        }
        Ok(Self { file, size: found.len() })
    }

    /// What it looks like now.
    pub(crate) fn trace(&self) -> io::Result<Trace> {
        self.file.metadata().map(|found| Trace::of(&found))
    }
}

impl Source for Opened {
    fn size(&self) -> u64 {
        self.size
    }

    #[cfg(unix)]
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, into, at)
    }

    #[cfg(windows)]
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.file, into, at)
    }
}

/// The report of something that was not read.
pub(crate) fn unread(rule: &'static Rule, evidence: &str) -> Report {
    let finding = Finding { rule, member: Vec::new(), at: At::Whole, evidence: visible(evidence) };
    Report {
        format: Format::Binary,
        findings: vec![finding],
        dropped: 0,
        facts: Facts::default(),
        spent: Spent::default(),
    }
}
