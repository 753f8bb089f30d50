//! Files of many gigabytes that hold zeros but for a few places, and take no memory.

use crate::corpus::build::crc32;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// A file that is zeros but for some places.
#[derive(Debug, Clone)]
pub struct Sparse {
    /// Bytes of it.
    pub size: u64,
    pieces: Arc<Vec<(u64, Vec<u8>)>>,
}

impl Sparse {
    /// A file of `size` bytes with these in it, each at its place.
    #[must_use]
    pub fn new(size: u64, pieces: Vec<(u64, Vec<u8>)>) -> Self {
        Self { size, pieces: Arc::new(pieces) }
    }

    /// Safetensors with `tensors` tensors of `each` bytes.
    #[must_use]
    pub fn safetensors(tensors: u64, each: u64) -> Self {
        let entry = |at: u64| {
            let (from, to) = (at * each, (at + 1) * each);
            format!("\"layers.{at}.weight\":{{\"dtype\":\"U8\",\"shape\":[{each}],\"data_offsets\":[{from},{to}]}}")
        };
        let header = format!("{{{}}}", (0..tensors).map(entry).collect::<Vec<_>>().join(","));
        let head = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
        Self::new(head.len() as u64 + tensors * each, vec![(0, head)])
    }

    /// GGUF with one tensor of `floats` floats and this chat template.
    #[must_use]
    pub fn gguf(floats: u64, template: &str) -> Self {
        let text = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
        let entry = |key: &str, value: &str| [text(key), 8_u32.to_le_bytes().to_vec(), text(value)].concat();
        let mut head = [&b"GGUF\x03\0\0\0"[..], &1_u64.to_le_bytes(), &2_u64.to_le_bytes()].concat();
        head.extend(entry("general.architecture", "llama"));
        head.extend(entry("tokenizer.chat_template", template));
        head.extend(text("output.weight"));
        head.extend([&1_u32.to_le_bytes()[..], &floats.to_le_bytes(), &[0; 4], &0_u64.to_le_bytes()].concat());
        head.resize(head.len().next_multiple_of(32), 0);
        Self::new(head.len() as u64 + floats * 4, vec![(0, head)])
    }

    /// An archive of torch in the 64-bit form of zip (APPNOTE 4.3.14, 4.5.3): this pickle, and `storages` members of
    /// `each` bytes, which are fewer than 4 GiB.
    ///
    /// # Panics
    /// Where they are more.
    #[must_use]
    pub fn torch(pickle: &[u8], storages: usize, each: u64) -> Self {
        let (mut pieces, mut directory, mut at) = (Vec::new(), Vec::new(), 0_u64);
        let names: Vec<String> = (0..storages).map(|key| format!("model/data/{key}")).collect();
        let members = [("model/data.pkl", Some(pickle)), ("model/version", Some(&b"3\n"[..]))];
        for (name, bytes) in members.into_iter().chain(names.iter().map(|name| (name.as_str(), None))) {
            let (size, crc) = bytes.map_or((each, 0), |bytes| (bytes.len() as u64, crc32(bytes)));
            let short = u32::try_from(size).expect("fewer than 4 GiB").to_le_bytes();
            let length = u16::try_from(name.len()).expect("a short name").to_le_bytes();
            let shared = [&[45, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &crc.to_le_bytes(), &short, &short, &length].concat();
            let header = [b"PK\x03\x04", &shared[..], &[0, 0], name.as_bytes(), bytes.unwrap_or_default()].concat();
            let next = at + (34 + name.len() - 4) as u64 + size;
            pieces.push((at, header));
            // The offset is in the extra field of the directory's entry.
            let entry = [b"PK\x01\x02\x2d\x03", &shared[..], &[12, 0], &[0; 10], &[0xff; 4], name.as_bytes()];
            directory.extend(entry.concat());
            directory.extend([&[1, 0, 8, 0][..], &at.to_le_bytes()].concat());
            at = next;
        }
        let (count, size) = ((storages as u64 + 2).to_le_bytes(), (directory.len() as u64).to_le_bytes());
        let end = at + directory.len() as u64;
        let record = [b"PK\x06\x06", &44_u64.to_le_bytes()[..], &[45, 0, 45, 0], &[0; 8], &count, &count, &size];
        directory.extend(record.concat());
        directory.extend(at.to_le_bytes());
        directory.extend([b"PK\x06\x07", &[0; 4][..], &end.to_le_bytes(), &1_u32.to_le_bytes()].concat());
        directory.extend([b"PK\x05\x06", &[0; 4][..], &[0xff; 12], &[0; 2]].concat());
        let size = at + directory.len() as u64;
        pieces.push((at, directory));
        Self::new(size, pieces)
    }

    /// The bytes from `from` to `to`.
    pub(crate) fn slice(&self, from: u64, to: u64) -> Bytes {
        let length = |bytes: u64| usize::try_from(bytes).expect("a part that fits into memory");
        let mut bytes = vec![0; length(to - from)];
        for (at, piece) in self.pieces.iter() {
            let (begin, end) = ((*at).max(from), (at + piece.len() as u64).min(to));
            if begin < end {
                bytes[length(begin - from)..length(end - from)]
                    .copy_from_slice(&piece[length(begin - at)..length(end - at)]);
            }
        }
        bytes.into()
    }

    /// A digest of its own: nobody hashes a hundred gigabytes for a test.
    pub(crate) fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.size.to_le_bytes());
        for (at, piece) in self.pieces.iter() {
            hasher.update(at.to_le_bytes());
            hasher.update(piece);
        }
        hex::encode(hasher.finalize())
    }
}
