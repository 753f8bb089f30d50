//! An archive while it is scanned.

use super::content;
use super::kind::Kind;
use super::member::{Archive, Member};
use super::names::text;
use crate::engine::code::is_named_code;
use crate::engine::source::ByteRange;
use crate::engine::{Location, Scan, ScanError};
use crate::formats::archive::layers::{is_zeros, scan_member};
use crate::formats::archive::member_name::{self, folded};
use modelpin_rules::archive::{ARCHIVE_LINK, ARCHIVE_OPAQUE, TORCH_ZIP_AMBIGUOUS, ZIP_AMBIGUOUS};
use modelpin_rules::file::TRAILING_BYTES;

/// An archive, its members, and what is known of it.
pub(super) struct Zip<'p, 'a> {
    pub(super) part: &'p ByteRange<'a>,
    pub(super) kind: Kind,
    pub(super) members: &'p [Member],
    /// Whether bytes belong to more than one member.
    pub(super) overlaps: bool,
    /// Whether it is a file of a distributed checkpoint: torch archives one after another, of which the loader
    /// reads each alone.
    pub(super) is_slices: bool,
}

impl<'a> Zip<'_, 'a> {
    /// Records something that two readers could differ in.
    pub(super) fn report_anomaly(&self, at: u64, what: &str, scan: &mut Scan<'_>) {
        let rule = if self.kind.is_torch() && !self.is_slices { &TORCH_ZIP_AMBIGUOUS } else { &ZIP_AMBIGUOUS };
        scan.report(rule, Location::Byte(at), what);
    }

    /// What is before and after the archive.
    pub(super) fn surroundings(&self, archive: &Archive, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        if archive.prefix > 0 {
            let name = if self.is_slices { "(before the archive).distcp" } else { "(before the archive)" };
            scan_member(&self.part.slice(0, archive.prefix), name, scan);
        }
        if archive.close < self.part.len() {
            let rest = self.part.from(archive.close);
            scan.report(
                &TRAILING_BYTES,
                Location::Byte(archive.close),
                format!("{} bytes after the archive", rest.len()),
            );
            if !is_zeros(&rest, 1 << 20)? {
                scan_member(&rest, "(after the archive)", scan);
            }
        } else if archive.close > self.part.len() {
            self.report_anomaly(archive.close, "the comment extends past the end of the file", scan);
        }
        Ok(())
    }

    /// Where the members would land, and what else they are than files.
    pub(super) fn names(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let mut links = Vec::new();
        for member in self.members {
            for name in std::iter::once(&member.name).chain(&member.also) {
                member_name::check(name, member.header, scan);
            }
            match member.mode & 0o170_000 {
                0o120_000 if !member.is_unread => {
                    let target = content::of(self.part, member, self.overlaps, scan)?;
                    let target = target.map_or(Ok(Vec::new()), |content| content.part.bytes(0, 4096))?;
                    member_name::check_link(&member.name, &text(&target), false, member.header, scan);
                    links.push(format!("{}/", folded(&member.name)));
                }
                0 | 0o100_000 | 0o040_000 | 0o120_000 => {}
                mode => {
                    scan.report(
                        &ARCHIVE_LINK,
                        Location::Byte(member.header),
                        format!("`{}` is a special file: mode {mode:o}", member.name),
                    );
                }
            }
        }
        for member in self.members {
            member_name::check_through(&member.name, &links, member.header, scan);
        }
        Ok(())
    }

    /// The content of a member; what is odd about it is recorded.
    pub(super) fn open(&self, member: &Member, scan: &mut Scan<'_>) -> Result<Option<ByteRange<'a>>, ScanError> {
        if member.is_encrypted() {
            scan.report(&ARCHIVE_OPAQUE, Location::Byte(member.header), format!("`{}` is encrypted", member.name));
            // Torch does not look at the flag.
            if self.kind.is_torch() {
                self.report_anomaly(member.header, &format!("`{}` is flagged as encrypted", member.name), scan);
            }
        }
        if member.is_unread {
            return Ok(None);
        }
        let Some(content) = content::of(self.part, member, self.overlaps, scan)? else {
            return Ok(None);
        };
        for anomaly in content.anomalies {
            // A member that no directory lists need not say how long it is.
            if member.listed {
                self.report_anomaly(member.header, &format!("`{}`: {anomaly}", member.name), scan);
            }
        }
        Ok(Some(content.part))
    }

    /// Scans a member as a file.
    pub(super) fn check(&self, member: &Member, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        if !member.is_folder() {
            match self.open(member, scan)? {
                Some(content) => {
                    scan_member(&content, &member.name, scan);
                    // Under another of its names it may be another thing.
                    let differs = |name: &&String| is_named_code(name) && !is_named_code(&member.name);
                    if let Some(name) = member.also.iter().find(differs) {
                        scan_member(&content, name, scan);
                    }
                }
                None => scan.record_unopened(&member.name),
            }
        }
        Ok(())
    }
}
