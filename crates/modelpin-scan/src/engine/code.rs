//! Which members are code, and the finding that reports them.

use super::code_member::CodeMember;
use super::format::Format;
use super::place::Location;
use super::scan::Scan;
use super::source::ByteRange;
use modelpin_rules::archive::ARCHIVE_CODE;
use modelpin_schema::{FileKind, RepoPath, visible};

/// Whether a member of the name `path` is code, whatever else its bytes are: the same names as for a file that is
/// alone.
pub(crate) fn is_named_code(path: &str) -> bool {
    // Some readers of archives end a name at a NUL.
    let base = path.split('\0').next().unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    // Only the suffix, since no odd name may hide it.
    let suffix = base.trim_end().rsplit_once('.').map_or("", |(_, suffix)| suffix).to_ascii_lowercase();
    format!("m.{suffix}").parse::<RepoPath>().is_ok_and(|path| FileKind::of(&path) == FileKind::Code)
}

impl Scan<'_> {
    /// Records that the member at hand is code.
    pub(crate) fn record_code_member(&mut self, part: &ByteRange<'_>, format: Format) {
        self.facts.code_members = self.facts.code_members.saturating_add(1);
        let first = self.member.join("!/");
        self.first_code.get_or_insert(first);
        if let Some(sink) = &mut self.sink {
            let capabilities = self.facts.capabilities.clone();
            sink(CodeMember { member: self.member.clone(), format, capabilities }, part);
        }
    }

    /// Records a member that could not be opened, where its name says that it is code.
    pub(crate) fn record_unopened(&mut self, name: &str) {
        if is_named_code(name) {
            self.member.push(visible(name));
            self.record_code_member(&ByteRange::whole(b"".as_slice()), Format::Binary);
            self.member.pop();
        }
    }

    /// Records that an archive without code members has the name of a file that is imported or run.
    pub(crate) fn record_code_name(&mut self, path: &str) {
        self.first_code.get_or_insert_with(|| visible(path));
    }

    /// Reports that the file contains code, in one finding.
    pub(crate) fn report_code(&mut self) {
        let Some(first) = self.first_code.take() else { return };
        let evidence = match self.facts.code_members {
            0 => format!("`{first}`, by its name; no member is code"),
            1 => format!("`{first}`"),
            count => format!("`{first}` and {} more", count.saturating_sub(1)),
        };
        self.report(&ARCHIVE_CODE, Location::Whole, evidence);
    }
}
