//! A writer of 7z archives with one solid stream.

use super::{crc32, lzma_raw};

/// A 7z archive under construction.
#[derive(Debug, Clone)]
pub struct SevenZip {
    /// Names and bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// The id of the coder, and its properties.
    pub coder: (Vec<u8>, Vec<u8>),
    /// The stream, packed.
    pub stream: Vec<u8>,
    /// Whether the header is packed as well.
    pub packed_header: bool,
}

/// A number of 7z; below 2^14 here.
fn number(value: usize) -> Vec<u8> {
    if value < 0x80 { vec![value as u8] } else { vec![0x80 | (value >> 8) as u8, value as u8] }
}

/// An archive of these files, packed as one LZMA stream.
#[must_use]
pub fn seven_zip(files: &[(&str, &[u8])]) -> SevenZip {
    let whole: Vec<u8> = files.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
    let (properties, stream) = lzma_raw(&whole);
    SevenZip {
        files: files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect(),
        coder: (vec![3, 1, 1], properties.to_vec()),
        stream,
        packed_header: false,
    }
}

impl SevenZip {
    fn streams(begin: usize, packed: usize, size: usize, (id, properties): &(Vec<u8>, Vec<u8>)) -> Vec<u8> {
        let mut to = [vec![6], number(begin), vec![1, 9], number(packed), vec![0]].concat();
        let flags = id.len() as u8 | if properties.is_empty() { 0 } else { 0x20 };
        to.extend([7, 0x0b, 1, 0, 1, flags]);
        to.extend(id);
        if !properties.is_empty() {
            to.extend(number(properties.len()));
            to.extend(properties);
        }
        to.push(0x0c);
        to.extend(number(size));
        to.push(0);
        to
    }

    /// The archive.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let size = self.files.iter().map(|(_, bytes)| bytes.len()).sum();
        let mut header = vec![1, 4];
        header.extend(Self::streams(0, self.stream.len(), size, &self.coder));
        header.extend([8, 0x0d]);
        header.extend(number(self.files.len()));
        header.push(9);
        for (_, bytes) in self.files.iter().take(self.files.len().saturating_sub(1)) {
            header.extend(number(bytes.len()));
        }
        header.extend([0x0a, 1]);
        for (_, bytes) in &self.files {
            header.extend(crc32(bytes).to_le_bytes());
        }
        header.extend([0, 0, 5]);
        header.extend(number(self.files.len()));
        let names: Vec<u8> =
            self.files.iter().flat_map(|(name, _)| name.encode_utf16().chain([0])).flat_map(u16::to_le_bytes).collect();
        header.push(0x11);
        header.extend(number(names.len() + 1));
        header.push(0);
        header.extend(names);
        header.extend([0, 0]);
        let mut body = self.stream.clone();
        if self.packed_header {
            let (properties, packed) = lzma_raw(&header);
            let coder = (vec![3, 1, 1], properties.to_vec());
            let outer = Self::streams(body.len(), packed.len(), header.len(), &coder);
            body.extend(packed);
            header = [vec![0x17], outer, vec![0]].concat();
        }
        let mut start = (body.len() as u64).to_le_bytes().to_vec();
        start.extend((header.len() as u64).to_le_bytes());
        start.extend(crc32(&header).to_le_bytes());
        let sum = crc32(&start).to_le_bytes();
        [b"7z\xbc\xaf\x27\x1c\0\x04".as_slice(), &sum, &start, &body, &header].concat()
    }
}
