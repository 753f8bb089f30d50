//! Checkpoints of many gigabytes are judged by their headers and pickles, in little memory: the files here are
//! holes but for those.

use modelpin_testkit::corpus::build::{call, crc32, state_dict};
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::{Command, Output};

/// Floats in each of five storages: 2 GiB.
const FLOATS: i32 = 512 << 20;
const BYTES: u64 = 2 << 30;

/// `modelpin scan` of a file, with no more than 100 MB of memory for data, stacks included.
fn scan(path: &Path) -> Output {
    let script = "ulimit -d 100000; exec \"$0\" scan --format json \"$1\"";
    Command::new("sh").args(["-c", script, env!("CARGO_BIN_EXE_modelpin")]).arg(path).output().unwrap()
}

fn verdict(output: &Output) -> String {
    let document: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    document["result"]["entries"][0]["files"][0]["verdict"].as_str().unwrap().to_owned()
}

/// A torch archive of 10 GiB in the 64-bit form of zip (APPNOTE 4.3.14, 4.5.3), whose storages are holes.
fn torch_archive(path: &Path, pickle: &[u8]) {
    let mut file = File::create(path).unwrap();
    let mut directory = Vec::new();
    let storages: Vec<String> = (0..5).map(|key| format!("model/data/{key}")).collect();
    // The checksum of a hole of 2 GiB is left at 0, as torch itself never looks at it.
    let members =
        [("model/data.pkl", pickle), ("model/version", b"3\n")].into_iter().map(|(name, bytes)| (name, Some(bytes)));
    let all: Vec<_> = members.chain(storages.iter().map(|name| (name.as_str(), None))).collect();
    for (name, bytes) in &all {
        let at = file.stream_position().unwrap();
        let (size, crc) = bytes.map_or((BYTES, 0), |bytes| (bytes.len() as u64, crc32(bytes)));
        let shared = [
            &[45, 0, 0, 0, 0, 0, 0, 0, 0, 0][..],
            &crc.to_le_bytes(),
            &(size as u32).to_le_bytes(),
            &(size as u32).to_le_bytes(),
            &(name.len() as u16).to_le_bytes(),
        ]
        .concat();
        file.write_all(&[b"PK\x03\x04", &shared[..], &[0, 0], name.as_bytes()].concat()).unwrap();
        match bytes {
            Some(bytes) => file.write_all(bytes).unwrap(),
            None => drop(file.seek(SeekFrom::Current(BYTES as i64)).unwrap()),
        }
        // The offset is in the extra field of the directory's entry.
        let entry = [b"PK\x01\x02\x2d\x03", &shared[..], &[12, 0], &[0; 10], &[0xff; 4], name.as_bytes()];
        directory.extend(entry.concat());
        directory.extend([&[1, 0, 8, 0][..], &at.to_le_bytes()].concat());
    }
    let at = file.stream_position().unwrap();
    file.write_all(&directory).unwrap();
    let end = file.stream_position().unwrap();
    let count = (all.len() as u64).to_le_bytes();
    let size = (directory.len() as u64).to_le_bytes();
    let record =
        [b"PK\x06\x06", &44_u64.to_le_bytes()[..], &[45, 0, 45, 0], &[0; 8], &count, &count, &size, &at.to_le_bytes()];
    file.write_all(&record.concat()).unwrap();
    file.write_all(&[b"PK\x06\x07", &[0; 4][..], &end.to_le_bytes(), &1_u32.to_le_bytes()].concat()).unwrap();
    file.write_all(&[b"PK\x05\x06", &[0; 4][..], &[0xff; 12], &[0; 2]].concat()).unwrap();
}

#[test]
fn a_torch_archive_of_ten_gigabytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pytorch_model.bin");
    let keys = ["0", "1", "2", "3", "4"];
    let tensors: Vec<(&str, &str, &[i32])> = keys.iter().map(|key| (*key, *key, &[FLOATS][..])).collect();
    torch_archive(&path, &state_dict(&tensors));
    assert!(path.metadata().unwrap().len() > 10 << 30);
    assert_eq!(verdict(&scan(&path)), "safe");

    torch_archive(&path, &call("posix", "system", "true"));
    assert_eq!(verdict(&scan(&path)), "dangerous");
}

#[test]
fn safetensors_of_ten_gigabytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("model.safetensors");
    let header = format!("{{\"w\":{{\"dtype\":\"U8\",\"shape\":[{0}],\"data_offsets\":[0,{0}]}}}}", 10_u64 << 30);
    let mut file = File::create(&path).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.set_len(8 + header.len() as u64 + (10 << 30)).unwrap();
    assert_eq!(verdict(&scan(&path)), "safe");
}
