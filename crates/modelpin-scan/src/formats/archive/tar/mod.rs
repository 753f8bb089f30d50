//! Tar archives: the oldest format of torch, NeMo's models, and any other.

mod header;

use super::layers;
use super::member_name::{self, folded};
use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use header::{Header, Next, Walk};
use modelpin_rules::archive::{ARCHIVE_DAMAGED, ARCHIVE_LINK, ARCHIVE_OPAQUE, ZIP_AMBIGUOUS};
use modelpin_rules::file::{TRAILING_BYTES, TRUNCATED};
use modelpin_rules::pickle::TORCH_TAR;
use std::collections::BTreeSet;

/// Zeros after the end mark: writers fill up to 10 KiB, tapes to more.
const FILL: u64 = 16 << 20;

/// Whether a file begins with a tar header.
pub(crate) fn is_tar(head: &[u8]) -> bool {
    header::is_header(head)
}

/// Scans an archive.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let mut walk = Walk::new(part);
    let mut earlier = Earlier::default();
    loop {
        match walk.next(scan)? {
            Next::Member(header) => member(part, &header, &mut earlier, scan)?,
            Next::Broken(0) => return scan.give_up(&ARCHIVE_DAMAGED, "the first header is invalid"),
            Next::Broken(at) => {
                scan.report(&ARCHIVE_DAMAGED, Location::Byte(at), "not a member header");
                layers::scan_member(&part.from(at), "(after the archive)", scan);
                return Ok(FullyCovered);
            }
            Next::End { at, marked } => {
                after_end(part, at, marked, scan)?;
                return Ok(FullyCovered);
            }
        }
    }
}

/// Earlier members of an archive.
#[derive(Default)]
struct Earlier {
    names: BTreeSet<String>,
    links: Vec<String>,
    torch: bool,
}

fn member(part: &ByteRange<'_>, header: &Header, earlier: &mut Earlier, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let Header { name, target, at, .. } = header;
    member_name::check(name, *at, scan);
    member_name::check_through(name, &earlier.links, *at, scan);
    let content = part.slice(header.data, header.size);
    match header.kind {
        b'1' | b'2' => {
            member_name::check_link(name, target, header.kind == b'1', *at, scan);
            earlier.links.push(format!("{}/", folded(name)));
            return Ok(());
        }
        b'3' | b'4' | b'6' => {
            scan.report(&ARCHIVE_LINK, Location::Byte(*at), format!("`{name}` is a device or a pipe"));
            return Ok(());
        }
        // Folders have no content, but nothing keeps a writer from giving them some.
        b'5' | b'D' | b'V' | b'M' if header.size == 0 => return Ok(()),
        b'5' => {
            scan.report(&ZIP_AMBIGUOUS, Location::Byte(*at), format!("the folder `{name}` has content"));
        }
        0 | b'0' | b'7' | b'S' => {}
        other => scan.report(&ARCHIVE_OPAQUE, Location::Byte(*at), format!("`{name}` has the unknown type {other:#x}")),
    }
    if let Some(other) = header.other_size {
        scan.report(
            &ZIP_AMBIGUOUS,
            Location::Byte(*at),
            format!("`{name}` has {} bytes to one reader, {other} to another", header.size),
        );
        let short = header::blocks(other.min(header.size));
        let long = header::blocks(other.max(header.size));
        let between = part.slice(header.data.saturating_add(short), long.saturating_sub(short));
        layers::scan_member(&between, "(between the two ends)", scan);
    }
    if content.len() < header.size {
        scan.report(&TRUNCATED, Location::Byte(header.data), format!("`{name}` declares {} bytes", header.size));
    }
    if header.sparse {
        scan.report(&ARCHIVE_OPAQUE, Location::Byte(*at), format!("`{name}` is a sparse file"));
    }
    if !name.ends_with('/') && !earlier.names.insert(folded(name)) {
        scan.report(&ZIP_AMBIGUOUS, Location::Byte(*at), format!("two members are named `{name}`"));
    }
    if !earlier.torch && is_torch(&earlier.names) {
        earlier.torch = true;
        scan.mark_pickled();
        scan.report(&TORCH_TAR, Location::Byte(*at), "members `pickle`, `storages`, `tensors`");
    }
    if !(name.ends_with('/') && header.size == 0) {
        layers::scan_member(&content, &scanned_as(name), scan);
    }
    Ok(())
}

fn is_torch(names: &BTreeSet<String>) -> bool {
    names.contains("pickle") && (names.contains("storages") || names.contains("tensors") || names.contains("sys_info"))
}

/// The members of torch's archives have no suffix that says that they are pickles.
fn scanned_as(name: &str) -> String {
    match folded(name).as_str() {
        "pickle" | "storages" | "tensors" | "sys_info" => format!("{name}.pkl"),
        _ => name.to_owned(),
    }
}

/// What is after the end of an archive.
fn after_end(part: &ByteRange<'_>, at: u64, marked: bool, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    if !marked && at == part.len() {
        // Some writers leave the mark out, and readers take the end of the file for it.
        return Ok(());
    }
    if !marked {
        scan.report(&TRUNCATED, Location::Byte(at), "the archive has no end mark");
        return Ok(());
    }
    let rest = part.from(at);
    if layers::is_zeros(&rest, FILL)? {
        return Ok(());
    }
    let mut skip = 0_u64;
    while skip < rest.len() && layers::is_zeros(&rest.slice(skip, header::BLOCK), header::BLOCK)? {
        skip = skip.saturating_add(header::BLOCK);
        scan.budget.step()?;
    }
    let place = at.saturating_add(skip);
    scan.report(
        &TRAILING_BYTES,
        Location::Byte(place),
        format!("{} bytes after the end mark", part.len().saturating_sub(place)),
    );
    layers::scan_member(&part.from(place), "(after the archive)", scan);
    Ok(())
}
