//! Where a member would land when it is unpacked.

use crate::engine::{Location, Scan};
use modelpin_rules::archive::{ARCHIVE_ESCAPE, ARCHIVE_LINK};

/// The name as loaders compare it: forward slashes, lower case, without `./` in front.
pub(super) fn folded(name: &str) -> String {
    let name = name.replace('\\', "/").to_lowercase();
    name.trim_start_matches("./").to_owned()
}

/// Reports names that point outside the folder that an archive is unpacked to.
pub(super) fn check(name: &str, at: u64, scan: &mut Scan<'_>) {
    if let Some(why) = escape(name) {
        scan.report(&ARCHIVE_ESCAPE, Location::Byte(at), format!("`{name}` {why}"));
    }
}

fn escape(name: &str) -> Option<&'static str> {
    let slashed = name.replace('\\', "/");
    let drive = matches!(slashed.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if name.contains('\0') {
        Some("contains a NUL byte")
    } else if slashed.starts_with('/') {
        Some("is absolute")
    } else if drive {
        Some("starts with a drive letter")
    } else if slashed.split('/').any(|part| part == "..") {
        Some("leads upwards")
    } else {
        None
    }
}

/// A link at `name` that leads to `target`: from the folder it is in, or from the root for hard links.
pub(super) fn check_link(name: &str, target: &str, hard: bool, at: u64, scan: &mut Scan<'_>) {
    scan.report(&ARCHIVE_LINK, Location::Byte(at), format!("`{name}` is a link to `{target}`"));
    let slashed = target.replace('\\', "/");
    let folder = if hard { "" } else { name.rsplit_once('/').map_or("", |(folder, _)| folder) };
    let mut level = folder.split('/').filter(|part| !matches!(*part, "" | ".")).count();
    let mut out = escape(&slashed).is_some_and(|why| why != "leads upwards");
    for part in slashed.split('/') {
        match part {
            "" | "." => {}
            ".." => match level.checked_sub(1) {
                Some(above) => level = above,
                None => out = true,
            },
            _ => level = level.saturating_add(1),
        }
    }
    if out {
        scan.report(&ARCHIVE_ESCAPE, Location::Byte(at), format!("`{name}` is a link to the outside: `{target}`"));
    }
}

/// Finds members that would be written through a link, which leads wherever it leads. `links` are folded names
/// with a `/` after.
pub(super) fn check_through(name: &str, links: &[String], at: u64, scan: &mut Scan<'_>) {
    if links.is_empty() {
        return;
    }
    // What is not left for this is missed by the next member.
    let looked = scan.budget.steps((links.len().min(1000) / 16) as u64);
    let name = folded(name);
    if looked.is_ok() && links.iter().take(1000).any(|link| name.starts_with(link)) {
        scan.report(&ARCHIVE_ESCAPE, Location::Byte(at), format!("`{name}` would be written through a link"));
    }
}
