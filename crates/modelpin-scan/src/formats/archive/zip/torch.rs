//! Archives of `torch.save`, `torch.jit.save` and `torch.package`: a root folder with `data.pkl`, and the storages
//! in `data/`. The pickles are followed; the storages that they refer to are addressed, never read.

use super::kind::base;
use super::member::Member;
use super::opened::Zip;
use crate::engine::{Location, Scan, ScanError};
use crate::formats::archive::layers::{scan_member, within};
use crate::formats::archive::member_name::folded;
use crate::formats::torch::Storages;
use modelpin_rules::archive::ARCHIVE_CODE;
use modelpin_rules::pickle::{STORAGE_SIZE, STORAGE_UNREFERENCED, TORCHSCRIPT};
use std::collections::{BTreeMap, BTreeSet};

/// The longest of the small members that say how an archive was written.
const NOTE: u64 = 256;

/// What a member is to torch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A pickle that torch follows, with storages in the folder of the same name.
    Pickle,
    /// Bytes of a tensor.
    Storage,
    /// The format's version, the order of bytes and the like.
    Note,
    /// TorchScript code and its tables.
    Script,
    /// Python code of a package.
    Package,
    /// Anything else.
    Other,
}

fn role(member: &Member) -> Role {
    let name = folded(&member.name);
    let below = name.split_once('/').map_or(name.as_str(), |(_, below)| below);
    let folder = below.split_once('/').map_or("", |(folder, _)| folder);
    match (below, folder) {
        ("data.pkl" | "constants.pkl" | "bytecode.pkl" | "attributes.pkl", _) => Role::Pickle,
        ("version" | "byteorder", _) | (".format_version" | ".storage_alignment", _) => Role::Note,
        (".data/serialization_id" | ".data/version", _) => Role::Note,
        (_, "data" | "constants" | "bytecode") => Role::Storage,
        (_, "code") => Role::Script,
        (".data/extern_modules", _) => Role::Package,
        _ if base(below) == "data.pkl" => Role::Pickle,
        _ if below.ends_with(".py") => Role::Package,
        _ => Role::Other,
    }
}

/// Scans a torch archive.
pub(super) fn scan(zip: &Zip<'_, '_>, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let roles: Vec<(Role, &Member)> =
        zip.members.iter().filter(|member| !member.is_folder()).map(|member| (role(member), member)).collect();
    several(zip, &roles, scan);
    script(&roles, scan);
    let mut claims = Claims::default();
    // A package may have a module that is called `code`.
    let is_package = roles.iter().any(|(role, _)| *role == Role::Package);
    for (role, member) in &roles {
        let role = if *role == Role::Script && is_package { Role::Package } else { *role };
        match role {
            Role::Pickle => pickle(zip, member, &mut claims, scan)?,
            Role::Note => note(zip, member, scan)?,
            Role::Package => {
                scan.report(
                    &ARCHIVE_CODE,
                    Location::Byte(member.header),
                    format!("`{}` of a torch package", member.name),
                );
                zip.check(member, scan)?;
            }
            Role::Script if !base(&member.name).ends_with(".py") => zip.check(member, scan)?,
            Role::Other => zip.check(member, scan)?,
            Role::Storage | Role::Script => {}
        }
    }
    claims.missing(&roles, scan);
    for (_, member) in roles.iter().filter(|(role, _)| *role == Role::Storage) {
        storage(zip, member, &claims, scan)?;
    }
    Ok(())
}

/// Torch takes its root from the first member; a second `data.pkl` is one that it does not load, or the one.
fn several(zip: &Zip<'_, '_>, roles: &[(Role, &Member)], scan: &mut Scan<'_>) {
    let objects: BTreeSet<String> =
        roles.iter().map(|(_, member)| folded(&member.name)).filter(|name| base(name) == "data.pkl").collect();
    if objects.len() > 1 {
        zip.report_anomaly(0, &format!("{} members are named `data.pkl`", objects.len()), scan);
    }
}

fn script(roles: &[(Role, &Member)], scan: &mut Scan<'_>) {
    let is_table = |member: &Member| matches!(base(&folded(&member.name)), "constants.pkl" | "bytecode.pkl");
    if let Some((_, member)) = roles.iter().find(|(role, member)| *role == Role::Script || is_table(member)) {
        scan.report(&TORCHSCRIPT, Location::Byte(member.header), format!("`{}`", member.name));
    }
}

/// The storages that the pickles of an archive refer to: by member name, with their lengths.
#[derive(Default)]
struct Claims {
    sizes: BTreeMap<String, BTreeSet<u64>>,
}

impl Claims {
    fn missing(&self, roles: &[(Role, &Member)], scan: &mut Scan<'_>) {
        let there: BTreeSet<String> = roles.iter().map(|(_, member)| folded(&member.name)).collect();
        for name in self.sizes.keys().filter(|name| !there.contains(*name)) {
            scan.report(&STORAGE_SIZE, Location::Whole, format!("`{name}` is missing"));
        }
    }
}

/// Follows a pickle.
fn pickle(zip: &Zip<'_, '_>, member: &Member, claims: &mut Claims, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let Some(content) = zip.open(member, scan)? else {
        return Ok(());
    };
    let mut followed = None;
    within(&member.name, scan, |scan| match crate::formats::torch::object(&content, scan) {
        Ok(storages) => followed = Some(storages),
        Err(error) => scan.record_error(error),
    });
    let name = folded(&member.name);
    let folder = name.strip_suffix(".pkl").unwrap_or(&name);
    for (key, size) in followed.unwrap_or_else(Storages::new) {
        claims.sizes.entry(folded(&format!("{folder}/{key}"))).or_default().insert(size);
    }
    Ok(())
}

/// A small member that says how the archive was written: digits or a word. Anything else is scanned as a file.
fn note(zip: &Zip<'_, '_>, member: &Member, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let Some(content) = zip.open(member, scan)? else {
        return Ok(());
    };
    let bytes = content.bytes(0, 256)?;
    let plain = bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace());
    if content.len() > NOTE || !plain {
        scan_member(&content, &member.name, scan);
    }
    Ok(())
}

/// Holds a storage against what the pickles say of it. One that nothing refers to is a file like any other.
fn storage(zip: &Zip<'_, '_>, member: &Member, claims: &Claims, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let Some(sizes) = claims.sizes.get(&folded(&member.name)) else {
        scan.report(&STORAGE_UNREFERENCED, Location::Byte(member.header), format!("`{}`", member.name));
        return zip.check(member, scan);
    };
    for size in sizes.iter().filter(|size| **size != member.size) {
        let evidence = format!("`{}` has {} bytes, the pickle declares {size}", member.name, member.size);
        scan.report(&STORAGE_SIZE, Location::Byte(member.header), evidence);
    }
    let past = member.data.saturating_add(member.packed) > zip.part.len();
    if past || (member.method == 0 && member.size != member.packed) {
        zip.report_anomaly(member.header, &format!("`{}`: its data does not match the pickle", member.name), scan);
    }
    Ok(())
}
