//! Compressed streams, written by the crates that also read them, and LZ4 as literals only.
#![expect(clippy::unwrap_used, reason = "writing to memory does not fail")]

use lzma_rust2::{LzmaOptions, LzmaWriter, XzOptions, XzWriter};
use std::io::Write;

/// A deflate stream without a frame.
#[must_use]
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// A gzip stream.
#[must_use]
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// A zlib stream.
#[must_use]
pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(3));
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// A bzip2 stream.
#[must_use]
pub fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::new(9));
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// An xz stream.
#[must_use]
pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(1)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// A stream of the older LZMA format.
#[must_use]
pub fn lzma(bytes: &[u8]) -> Vec<u8> {
    let options = LzmaOptions::with_preset(1);
    let mut writer = LzmaWriter::new_use_header(Vec::new(), &options, None).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// An LZMA stream without a header, with an end mark, and its five bytes of properties.
#[must_use]
pub fn lzma_raw(bytes: &[u8]) -> ([u8; 5], Vec<u8>) {
    let options = LzmaOptions::with_preset(1);
    let [d0, d1, d2, d3] = options.dict_size.to_le_bytes();
    let mut writer = LzmaWriter::new_no_header(Vec::new(), &options, true).unwrap();
    writer.write_all(bytes).unwrap();
    ([options.get_props(), d0, d1, d2, d3], writer.finish().unwrap())
}

/// One frame of Zstandard.
#[must_use]
pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// One frame of LZ4 with one block of literals; at most 64 KiB.
#[must_use]
pub fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    if bytes.len() < 15 {
        block.push((bytes.len() as u8) << 4);
    } else {
        block.push(0xf0);
        let mut rest = bytes.len() - 15;
        while rest >= 255 {
            block.push(255);
            rest -= 255;
        }
        block.push(rest as u8);
    }
    block.extend(bytes);
    let mut frame = b"\x04\x22\x4d\x18\x60\x40\x82".to_vec();
    frame.extend((block.len() as u32).to_le_bytes());
    frame.extend(block);
    frame.extend([0; 4]);
    frame
}
