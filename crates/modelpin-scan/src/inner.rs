//! Code inside of a file: members of archives, what a compressed stream holds, what stands behind the end of something
//! else. Whoever reads a file's code has to be shown these as well.

use crate::finding::Place;
use crate::rules::archive::CODE;
use crate::source::Part;
use crate::{At, Capability, Format, Limits, Report, Scan, Source};
use modelpin_schema::{FileKind, RepoPath, visible};
use std::collections::{BTreeMap, BTreeSet};

/// A member that is code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inner {
    /// The members that lead to it, outermost archive first, and it; made harmless for a terminal.
    pub member: Vec<String>,
    /// What its content is.
    pub format: Format,
    /// What it can do, with the lines where it does.
    pub capabilities: BTreeMap<Capability, BTreeSet<Place>>,
}

/// What each member that is code is handed to, with its bytes. Those are there during the call only; reading them fails
/// where they are more than a scan holds or may inflate.
pub type Sink<'s> = dyn FnMut(Inner, &dyn Source) + 's;

/// Judges the bytes of `source` like [`scan`](crate::scan()), and hands each member of it that is code to `sink`, in the
/// order in which they are read.
#[must_use]
pub fn scan_inside(source: &(impl Source + ?Sized), path: &str, limits: &Limits, sink: &mut Sink<'_>) -> Report {
    let mut scan = Scan { sink: Some(sink), ..Scan::new(limits) };
    let format = scan.judge(&Part::whole(source), path);
    scan.report(format)
}

/// Whether a member of the name `path` is code, whatever else its bytes are: the same names as for a file that lies alone.
pub(crate) fn is_named_code(path: &str) -> bool {
    // Some readers of archives end a name at a NUL.
    let base = path.split('\0').next().unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    // Only the suffix, since no odd name may hide it.
    let suffix = base.trim_end().rsplit_once('.').map_or("", |(_, suffix)| suffix).to_ascii_lowercase();
    format!("m.{suffix}").parse::<RepoPath>().is_ok_and(|path| FileKind::of(&path) == FileKind::Code)
}

impl Scan<'_> {
    /// Records that the member at hand is code.
    pub(crate) fn found_code(&mut self, part: &Part<'_>, format: Format) {
        self.facts.code_members = self.facts.code_members.saturating_add(1);
        let first = self.member.join("!/");
        self.first_code.get_or_insert(first);
        if let Some(sink) = &mut self.sink {
            let capabilities = self.facts.capabilities.clone();
            sink(Inner { member: self.member.clone(), format, capabilities }, part);
        }
    }

    /// Records a member that could not be opened, where its name says that it is code.
    pub(crate) fn unopened(&mut self, name: &str) {
        if is_named_code(name) {
            self.member.push(visible(name));
            self.found_code(&Part::whole(b"".as_slice()), Format::Binary);
            self.member.pop();
        }
    }

    /// Records that an archive without code goes by a name of such that are imported or run.
    pub(crate) fn named_code(&mut self, path: &str) {
        self.first_code.get_or_insert_with(|| visible(path));
    }

    /// Says that there is code in the file, once for all of it.
    pub(crate) fn say_code(&mut self) {
        let Some(first) = self.first_code.take() else { return };
        let evidence = match self.facts.code_members {
            0 => format!("`{first}`, by its name; no member is code"),
            1 => format!("`{first}`"),
            count => format!("`{first}` and {} more", count.saturating_sub(1)),
        };
        self.find(&CODE, At::Whole, evidence);
    }
}
