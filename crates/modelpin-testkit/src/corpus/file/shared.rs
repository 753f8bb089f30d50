//! Bytes of well-known formats, as far as a scan looks at them.

use crate::corpus::build::crc32;

/// A program for Linux, as far as its header.
pub(super) fn elf() -> Vec<u8> {
    [b"\x7fELF\x02\x01\x01\0".as_slice(), &[0; 120]].concat()
}

/// A program for Windows, as far as its two headers.
pub(super) fn windows() -> Vec<u8> {
    let mut bytes = [b"MZ\x90\0".as_slice(), &[0; 124]].concat();
    bytes[60] = 64;
    bytes[64..68].copy_from_slice(b"PE\0\0");
    bytes
}

/// Byte code of CPython 3.11.
pub(super) fn byte_code() -> Vec<u8> {
    [b"\xa7\x0d\r\n".as_slice(), &[0; 12], b"\xe3\0\0\0\0\0\0\0\0".as_slice(), &[0; 40]].concat()
}

/// A picture of one point.
pub(super) fn png() -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        [(data.len() as u32).to_be_bytes().as_slice(), &body, &crc32(&body).to_be_bytes()].concat()
    };
    let header = chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    let data = chunk(b"IDAT", b"\x78\x9c\x63\x60\0\0\0\x02\0\x01");
    [b"\x89PNG\r\n\x1a\n".as_slice(), &header, &data, &chunk(b"IEND", b"")].concat()
}

/// Weights of Flax: a map of an array.
pub(super) fn flax(kind: u8, dtype: &str) -> Vec<u8> {
    let mut array = vec![0x93, 0x92, 2, 2, 0xa0 | dtype.len() as u8];
    array.extend(dtype.as_bytes());
    array.extend([0xc4, 16]);
    array.extend([0; 16]);
    let mut bytes = vec![0x81, 0xa6];
    bytes.extend(b"kernel");
    bytes.extend([0xc7, array.len() as u8, kind]);
    bytes.extend(array);
    bytes
}
