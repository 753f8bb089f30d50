//! Zip archives. Readers differ in which directory they take, which header they believe and which of two
//! members they open, so everything that any of them could see is scanned, and every difference is a finding.

mod content;
mod directory;
mod kind;
mod local;
mod member;
mod names;
mod opened;
pub(crate) mod records;
mod special;
mod torch;

pub(crate) use directory::has_directory;

use crate::engine::name::Name;
use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use kind::Kind;
use member::Archive;
use modelpin_rules::file::NAME_DISAGREES;
use opened::Zip;

/// Scans an archive.
pub(crate) fn scan(part: &ByteRange<'_>, name: &Name, scan: &mut Scan<'_>) -> ScanResult {
    let archive = Archive::read(part, true, scan)?;
    read(part, name, &archive, scan)
}

/// Scans an archive after something else, which was scanned already.
pub(crate) fn scan_appended(part: &ByteRange<'_>, name: &Name, scan: &mut Scan<'_>) -> ScanResult {
    let archive = Archive::read(part, false, scan)?;
    read(part, name, &archive, scan)
}

fn read(part: &ByteRange<'_>, name: &Name, archive: &Archive, scan: &mut Scan<'_>) -> ScanResult {
    let kind = Kind::of(&archive.members, name);
    let zip =
        Zip { part, kind, members: &archive.members, overlaps: archive.overlaps, is_slices: name.suffix == "distcp" };
    for (at, what) in &archive.anomalies {
        zip.report_anomaly(*at, what, scan);
    }
    if kind == Kind::Plain && kind::is_torch_name(name) {
        scan.report(&NAME_DISAGREES, Location::Whole, format!("`{}` is an archive that torch cannot read", name.base));
    }
    if kind.is_torch() {
        scan.mark_pickled();
    }
    zip.surroundings(archive, scan)?;
    zip.names(scan)?;
    match kind {
        Kind::Torch => torch::scan(&zip, scan)?,
        _ => scan_members(&zip, name, scan)?,
    }
    Ok(FullyCovered)
}

/// Scans the members of an archive that is not a torch file.
fn scan_members(zip: &Zip<'_, '_>, name: &Name, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    for member in zip.members.iter().filter(|member| !member.is_folder()) {
        if !special::special(zip, member, name, scan)? {
            zip.check(member, scan)?;
        }
    }
    Ok(())
}
