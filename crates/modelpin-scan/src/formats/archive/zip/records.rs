//! The records of a torch archive, found as torch's reader finds them (`caffe2/serialize/inline_container.cc`):
//! below the root folder, whatever the case of their letters. For archives that were called safe.

use super::content;
use super::member::{Archive, Member};
use crate::engine::source::ByteRange;
use crate::engine::{Scan, ScanError};
use crate::formats::archive::member_name::folded;
use std::collections::BTreeMap;

/// The members of an archive that has one `data.pkl`, in a folder of its own.
pub(crate) struct Records<'a> {
    part: ByteRange<'a>,
    root: String,
    members: BTreeMap<String, Member>,
}

/// Bytes of a storage.
pub(crate) struct Record<'a> {
    /// As they are in the archive.
    pub(crate) packed: ByteRange<'a>,
    /// How many they are.
    pub(crate) size: u64,
    /// Their checksum, where they are deflated.
    pub(crate) deflated: Option<u32>,
}

impl<'a> Records<'a> {
    /// The records of the archive `part`; nothing where it is not one of torch.
    pub(crate) fn read(part: &ByteRange<'a>, scan: &mut Scan<'_>) -> Result<Option<Self>, ScanError> {
        let archive = Archive::read(part, true, scan)?;
        let mut members = BTreeMap::new();
        for member in archive.members.into_iter().filter(|member| member.listed && !member.is_folder()) {
            members.insert(folded(&member.name), member);
        }
        let mut roots = members.keys().filter_map(|name| name.strip_suffix("/data.pkl"));
        let root = match (roots.next(), roots.next()) {
            (Some(root), None) if !root.contains('/') => root.to_owned(),
            _ => return Ok(None),
        };
        Ok(Some(Self { part: part.clone(), root, members }))
    }

    fn member(&self, name: &str) -> Option<&Member> {
        self.members.get(&folded(&format!("{}/{name}", self.root)))
    }

    /// The content of a record that is read into memory where it is compressed; nothing where there is none.
    pub(crate) fn content(&self, name: &str, scan: &mut Scan<'_>) -> Result<Option<ByteRange<'a>>, ScanError> {
        let Some(member) = self.member(name) else { return Ok(None) };
        Ok(content::of(&self.part, member, true, scan)?.map(|content| content.part))
    }

    /// The storage `key`, which is not read; nothing where it is not there, or compressed in another way than
    /// archives are.
    pub(crate) fn storage(&self, key: &str) -> Option<Record<'a>> {
        let member = self.member(&format!("data/{key}"))?;
        let packed = self.part.slice(member.data, member.packed);
        let is_whole = packed.len() == member.packed && (member.method == 8 || member.size == member.packed);
        (is_whole && matches!(member.method, 0 | 8)).then_some(Record {
            packed,
            size: member.size,
            deflated: (member.method == 8).then_some(member.crc),
        })
    }
}
