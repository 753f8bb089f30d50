//! Members that mean something to the loader of their archive: configurations, schemas.

use super::directory::has_directory;
use super::kind::{Kind, base};
use super::member::Member;
use super::opened::Zip;
use crate::documents::{keras, object};
use crate::engine::encoding;
use crate::engine::name::Name;
use crate::engine::{Location, Scan, ScanError};
use crate::formats::archive::layers::within;
use crate::formats::archive::member_name::folded;
use modelpin_rules::pickle::TORCHSCRIPT;

/// Scans a member with a meaning for the loader of the archive. Returns whether it is covered completely.
pub(super) fn special(zip: &Zip<'_, '_>, member: &Member, name: &Name, scan: &mut Scan<'_>) -> Result<bool, ScanError> {
    let called = folded(&member.name);
    if called.starts_with("__macosx/") && base(&called).starts_with("._") {
        // What Finder keeps beside each file: attributes of macOS, which no loader looks for.
        let note = zip.open(member, scan)?;
        return note.map_or(Ok(true), |note| {
            Ok(note.bytes(0, 4)? == [0, 5, 0x16, 7] && note.len() < 1 << 20 && !has_directory(&note)?)
        });
    }
    match (zip.kind, called.as_str()) {
        (Kind::Exported, called) if base(called) == "archive_format" => {
            scan.report(&TORCHSCRIPT, Location::Byte(member.header), "an exported program (`archive_format`)");
            Ok(false)
        }
        (kind, "config.json") if !kind.is_torch() => {
            let is_keras = kind == Kind::Keras || name.suffix == "keras";
            let done = document(zip, member, scan, |text, scan| {
                let meant = is_keras || text.contains("class_name") || text.contains("\\u");
                if meant {
                    keras::config(text, "", scan);
                }
            })?;
            Ok(done && is_keras)
        }
        (kind, "schema.json") => {
            let is_skops = kind == Kind::Skops;
            let done = document(zip, member, scan, |text, scan| {
                let meant = is_skops || text.contains("__module__") || text.contains("__loader__");
                if meant || text.contains("\\u") {
                    object::skops(text, scan);
                }
            })?;
            Ok(done && is_skops)
        }
        _ => Ok(false),
    }
}

/// Reads a member whole, as text. Says whether it could be.
fn document(
    zip: &Zip<'_, '_>,
    member: &Member,
    scan: &mut Scan<'_>,
    work: impl FnOnce(&str, &mut Scan<'_>),
) -> Result<bool, ScanError> {
    let Some(content) = zip.open(member, scan)? else {
        return Ok(false);
    };
    let most = scan.limits.json;
    let bytes = content.all(most)?;
    let text = encoding::document(&bytes);
    within(&member.name, scan, |scan| work(&String::from_utf8_lossy(&text), scan));
    Ok(std::str::from_utf8(&text).is_ok())
}
