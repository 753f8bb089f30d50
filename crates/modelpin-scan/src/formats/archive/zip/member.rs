//! The members of an archive, as every reader of it may see them.

use super::directory::{self, Directory, Entry, Found, List};
use super::local;
use super::names::text;
use crate::engine::source::ByteRange;
use crate::engine::{Location, Scan, ScanError};
use crate::formats::archive::layers::is_zeros;
use crate::formats::archive::member_name::folded;
use modelpin_rules::file::TRUNCATED;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

/// How many odd things about one archive are kept: more than are shown.
const MAX_ANOMALIES: usize = 256;

/// Bytes between members that are searched for others.
const SEARCHED: u64 = 16 << 20;

/// One member under one of its readings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Member {
    pub(super) name: String,
    /// Its other names: of the local header, of the Unicode path field.
    pub(super) also: Vec<String>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    /// Length as stored.
    pub(super) packed: u64,
    /// Length when unpacked.
    pub(super) size: u64,
    /// Unix mode, where one is given.
    pub(super) mode: u16,
    /// Where the local header is.
    pub(super) header: u64,
    /// Where its data begins.
    pub(super) data: u64,
    /// Whether a directory lists it.
    pub(super) listed: bool,
    /// Whether its local header was not read, so that nobody knows where its data begins.
    pub(super) is_unread: bool,
}

impl Member {
    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & (0x1 | 0x40) != 0
    }

    /// Whether it is an entry for a folder and no more.
    pub(super) fn is_folder(&self) -> bool {
        self.name.ends_with('/') && self.size == 0 && self.packed == 0
    }
}

/// An archive, read: what is in it, and whatever two readers could differ in.
#[derive(Default)]
pub(super) struct Archive {
    pub(super) members: Vec<Member>,
    pub(super) anomalies: Vec<(u64, String)>,
    /// What is before the first member.
    pub(super) prefix: u64,
    /// Where the last comment ends.
    pub(super) close: u64,
    /// What is taken: begin and end.
    taken: Vec<(u64, u64)>,
    /// Whether bytes belong to more than one member: reading all members reads them more than once.
    pub(super) overlaps: bool,
    /// Whether a limit cut the list of members.
    is_cut: bool,
}

impl Archive {
    /// Reads an archive; `is_first` where nothing was found to be before it.
    pub(super) fn read(part: &ByteRange<'_>, is_first: bool, scan: &mut Scan<'_>) -> Result<Self, ScanError> {
        let mut archive = Self::default();
        let Found { directories, dead } = directory::find(part)?;
        if let Some(main) = directories.first() {
            archive.close = main.close;
            archive.list(part, main, scan)?;
            let inner = archive.taken.clone();
            for other in directories.iter().skip(1) {
                // An archive within a stored member has its own end record; it is scanned as that member.
                let within = inner.iter().any(|(from, to)| *from < other.end && other.close <= *to);
                if !within || other.close == part.len() {
                    archive.anomalies.push((other.end, "there is a second central directory".to_owned()));
                    archive.list(part, other, scan)?;
                }
            }
            for place in dead.iter().filter(|place| **place > main.end) {
                archive.anomalies.push((*place, "the last end record points to no directory".to_owned()));
            }
        } else {
            scan.report(&TRUNCATED, Location::Byte(part.len()), "the archive has no central directory");
            archive.close = part.len();
        }
        // What the members are is known by now.
        match archive.gaps(part, is_first, !directories.is_empty(), scan) {
            Err(error @ ScanError::NotRead(_)) => scan.record_error(error),
            found => found?,
        }
        archive.members.sort();
        archive.members.dedup();
        archive.names();
        archive.members.sort_by_key(|member| (member.header, !member.listed));
        Ok(archive)
    }

    /// Takes the members of one directory.
    fn list(&mut self, part: &ByteRange<'_>, directory: &Directory, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let List { entries, end, is_cut } = directory::walk(part, directory, &mut self.anomalies, scan)?;
        self.is_cut |= is_cut;
        self.anomalies.extend(directory.anomaly.map(|anomaly| (directory.end, anomaly.to_owned())));
        self.taken.push((directory.start, end));
        self.taken.push((directory.limit, directory.close));
        // With the descriptor of the member before each.
        let headers = entries.iter().map(|entry| (entry.header.saturating_sub(local::DESCRIPTOR_LENGTH), &entry.raw));
        part.announce(headers.map(|(at, raw)| (at, local::most(raw).saturating_add(local::DESCRIPTOR_LENGTH))));
        for entry in entries {
            let known = self.members.len();
            self.entry(part, entry, scan)?;
            self.anomalies.truncate(MAX_ANOMALIES);
            let names =
                self.members.iter().skip(known).flat_map(|member| std::iter::once(&member.name).chain(&member.also));
            if let Err(error) = scan.budget.name(names.map(String::len).sum()) {
                scan.record_error(error);
                self.is_cut = true;
                return Ok(());
            }
        }
        Ok(())
    }

    fn entry(&mut self, part: &ByteRange<'_>, entry: Entry, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let name = text(&entry.raw);
        if entry.flags & 0x800 != 0 && std::str::from_utf8(&entry.raw).is_err() {
            self.anomalies.push((entry.at, format!("`{name}` is declared as UTF-8 and is not")));
        }
        let mut member = Member {
            also: Vec::new(),
            flags: entry.flags,
            method: entry.method,
            crc: entry.crc,
            packed: entry.packed,
            size: entry.size,
            mode: entry.mode,
            header: entry.header,
            data: entry.header,
            listed: true,
            is_unread: false,
            name,
        };
        self.fields(&entry, &mut member);
        let local = match local::read(part, entry.header) {
            // What the directory says of it is known all the same.
            Err(error @ ScanError::NotRead(_)) => {
                scan.record_error(error);
                self.is_cut = true;
                self.members.push(Member { is_unread: true, ..member });
                return Ok(());
            }
            local => local?,
        };
        let Some(local) = local else {
            self.anomalies.push((entry.at, format!("`{}` has no local header at {}", member.name, entry.header)));
            return Ok(());
        };
        let differs = local::disagreements(&entry, &local);
        for anomaly in &differs {
            self.anomalies.push((entry.header, format!("`{}`: {anomaly}", member.name)));
        }
        member.data = local.data;
        member.flags |= local.flags & 0x61;
        if entry.raw != local.raw {
            member.also.push(text(&local.raw));
        }
        let (end, honest) = match local::end(part, &entry, &local) {
            Err(error @ ScanError::NotRead(_)) => {
                scan.record_error(error);
                self.is_cut = true;
                (local.data.saturating_add(entry.packed), true)
            }
            end => end?,
        };
        if !honest {
            self.anomalies.push((end, format!("`{}`: its data descriptor disagrees", member.name)));
        }
        self.taken.push((entry.header, end));
        // Readers that use the local header see other bytes.
        let other =
            Member { method: local.method, packed: local.packed, size: local.size, crc: local.crc, ..member.clone() };
        if !differs.is_empty() && other.packed > 0 && other != member && local.flags & 8 == 0 {
            self.members.push(Member { listed: false, ..other });
        }
        self.members.push(member);
        Ok(())
    }

    /// What is odd about the fields of an entry, and the other name that they give it.
    fn fields(&mut self, entry: &Entry, member: &mut Member) {
        if entry.wide > 1 {
            self.anomalies.push((entry.at, format!("`{}` has two fields of 64-bit lengths", member.name)));
        }
        if (entry.flags & 0x60) != 0 {
            self.anomalies.push((
                entry.at,
                format!("`{}` has flags that readers treat differently: {:#x}", member.name, entry.flags),
            ));
        }
        if let Some(other) = entry.unicode.as_ref().filter(|other| **other != member.name) {
            // For names in a legacy code page, the field decides; ASCII names need none.
            if entry.raw.is_ascii() {
                self.anomalies.push((entry.at, format!("`{}` is also named `{other}`", member.name)));
            }
            member.also.push(other.clone());
        }
    }

    /// What is between the members: nothing in honest archives, or zeros that align them.
    fn gaps(
        &mut self,
        part: &ByteRange<'_>,
        is_first: bool,
        has_directory: bool,
        scan: &mut Scan<'_>,
    ) -> Result<(), ScanError> {
        let mut taken = std::mem::take(&mut self.taken);
        taken.sort_unstable();
        let all = taken.len();
        taken.dedup();
        self.overlaps = taken.len() < all;
        let end = self.close.min(part.len());
        taken.push((end, end));
        let mut at = 0_u64;
        for (from, to) in taken {
            if from > at {
                let gap = part.slice(at, from.saturating_sub(at));
                let leads = at == 0;
                if leads && !is_first {
                    at = at.max(to);
                    continue;
                }
                if self.is_cut && (!leads || gap.bytes(0, 4)? == b"PK\x03\x04") {
                    // What belongs to members that were not listed any more.
                } else if leads && has_directory && is_interpreter_line(&gap)? {
                    // What `python -m zipapp -p` writes, so that a shell can start the archive: no reader of zips sees
                    // it.
                    self.prefix = gap.len();
                } else if leads || !is_zeros(&gap, SEARCHED)? {
                    let what = if leads { "before the first member" } else { "between members" };
                    self.anomalies.push((at, format!("{} bytes {what}", gap.len())));
                    self.prefix = if leads && has_directory { gap.len() } else { self.prefix };
                    self.hidden(part, at, from, scan)?;
                }
            } else if from < at && from != to {
                self.overlaps = true;
                self.anomalies.push((from, "members overlap".to_owned()));
                self.anomalies.truncate(MAX_ANOMALIES);
            }
            at = at.max(to);
        }
        Ok(())
    }

    /// Members that no directory lists: readers that go from the front find them.
    fn hidden(&mut self, part: &ByteRange<'_>, from: u64, to: u64, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let mut at = from;
        let most = from.saturating_add(SEARCHED).min(to);
        if most < to {
            scan.record_error(ScanError::LimitReached("bytes between the members of an archive"));
        }
        while at < most {
            let bytes = part.bytes(at, 64 * 1024)?;
            if bytes.is_empty() {
                break;
            }
            let Some(place) = bytes.windows(4).position(|window| window == b"PK\x03\x04") else {
                at = at.saturating_add((bytes.len() as u64).saturating_sub(3).max(1));
                continue;
            };
            at = at.saturating_add(place as u64);
            let Some(local) = local::read(part, at)? else {
                at = at.saturating_add(4);
                continue;
            };
            // What was found up to here is scanned.
            if let Err(error) = scan.budget.entry() {
                scan.record_error(error);
                return Ok(());
            }
            let room = to.saturating_sub(local.data);
            let known = local.packed > 0 && local.packed <= room;
            let packed = if known { local.packed } else { room };
            self.members.push(Member {
                name: text(&local.raw),
                also: Vec::new(),
                flags: local.flags,
                method: local.method,
                crc: local.crc,
                packed,
                size: local.size,
                mode: 0,
                header: at,
                data: local.data,
                listed: false,
                is_unread: false,
            });
            at = local.data.saturating_add(if known { packed } else { 0 }).max(at.saturating_add(4));
        }
        Ok(())
    }

    /// Names that two members share, also where only their case differs: torch's reader takes the first of
    /// them, Python's the last.
    fn names(&mut self) {
        let mut seen: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        let twice = self.duplicate_hashes();
        for member in self.members.iter().filter(|member| !member.is_folder()) {
            for name in std::iter::once(&member.name).chain(&member.also) {
                let name = folded(name);
                if twice.contains(&hash(&name)) {
                    seen.entry(name).or_default().insert(member.header);
                }
            }
            if member.name.contains(['\\', '\0']) {
                self.anomalies.push((member.header, format!("other readers see another name than `{}`", member.name)));
            }
        }
        for (name, places) in seen {
            if let (true, Some(first)) = (places.len() > 1, places.first()) {
                self.anomalies.push((*first, format!("{} members are named `{name}`", places.len())));
            }
        }
        self.anomalies.truncate(MAX_ANOMALIES);
    }

    /// Hashes of names that are there more than once: of a million names few are, and only those are held a second
    /// time.
    fn duplicate_hashes(&self) -> BTreeSet<u64> {
        let files = self.members.iter().filter(|member| !member.is_folder());
        let names = files.flat_map(|member| std::iter::once(&member.name).chain(&member.also));
        let mut hashes: Vec<u64> = names.map(|name| hash(&folded(name))).collect();
        hashes.sort_unstable();
        hashes.windows(2).filter_map(|pair| pair.first().filter(|first| pair.last() == Some(first)).copied()).collect()
    }
}

fn hash(name: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// The longest line that names an interpreter, in bytes; Linux reads 256.
const MAX_INTERPRETER: usize = 256;

/// Whether it is one line for a shell, which names the program that runs the file.
fn is_interpreter_line(gap: &ByteRange<'_>) -> Result<bool, ScanError> {
    let line = gap.bytes(0, MAX_INTERPRETER + 1)?;
    let end = line.iter().position(|byte| *byte == b'\n');
    Ok(line.starts_with(b"#!") && end.is_some_and(|end| end.saturating_add(1) == line.len()))
}
