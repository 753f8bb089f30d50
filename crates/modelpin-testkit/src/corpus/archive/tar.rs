//! Tar archives.

use super::{Item, bad, bad_weights, safetensors};
use crate::corpus::Expect::{Dangerous, Review, Safe, Suspect};
use crate::corpus::build::{Pickle, Tar, gzip, state_dict, tar_header};

pub(super) fn items() -> Vec<Item> {
    [names(), members(), broken(), torch()].into_iter().flatten().collect()
}

fn text() -> Tar {
    Tar::default().file("notes.txt", "text\n")
}

fn item(name: &str, tar: Tar) -> Item {
    Item::new(format!("archive-tar-{name}"), Dangerous, "model.tar", tar.bytes())
}

fn suspect(name: &str, bytes: Vec<u8>) -> Item {
    Item::new(format!("archive-tar-{name}"), Suspect, "model.tar", bytes)
}

/// Where members land.
fn names() -> Vec<Item> {
    vec![
        item("slip", text().file("../../x.txt", "x\n")).fires(&["archive-escape"]),
        item("absolute", text().file("/etc/x.txt", "x\n")).fires(&["archive-escape"]),
        item("pax-path", text().pax("path", "../../x.txt").file("x.txt", "x\n")).fires(&["archive-escape"]),
        item("long-name", text().entry("././@LongLink", b'L', "", "../x.txt\0").file("x", "x\n"))
            .fires(&["archive-escape"]),
        item("link-out", text().entry("out", b'2', "../../etc", "")).fires(&["archive-link", "archive-escape"]),
        item("hard-link-out", text().entry("out", b'1', "/etc/passwd", "")).fires(&["archive-escape"]),
        item("through-link", text().entry("d", b'2', "e", "").file("d/x.txt", "x\n")).fires(&["archive-escape"]),
        suspect("link", text().entry("l", b'2', "notes.txt", "").bytes())
            .fires(&["archive-link"])
            .quiet(&["archive-escape"]),
        suspect("device", text().entry("null", b'3', "", "").bytes()).fires(&["archive-link"]),
        suspect("unknown-type", text().entry("x", b'Q', "", "x\n").bytes()).fires(&["archive-opaque"]),
        suspect("twice", text().file("notes.txt", "other\n").bytes()).fires(&["zip-ambiguous"]),
    ]
}

/// What is in them, and behind them.
fn members() -> Vec<Item> {
    let mut old = tar_header("model.pkl", 0, bad().len(), "", false).to_vec();
    old.extend(bad());
    old.resize(2048, 0);
    // HDF5 may begin at byte 512, where the first member does.
    let first = Tar::default().file("a.h5", [b"\x89HDF\r\n\x1a\n".as_slice(), &[0; 504]].concat());
    // Who knows pax sees a member more.
    let mut inside = b"text text text\n ".repeat(32);
    inside.extend(Tar::default().file("model.pkl", bad()).0);
    let nemo = Tar::default().file("model_config.yaml", "name: asr\n").file("model_weights.ckpt", bad_weights());
    let disguised = Tar::default().file("a.safetensors", safetensors()).file("b.pkl", bad());
    vec![
        item("pickle", text().file("model.pkl", bad())).quiet(&["torch-tar"]),
        Item::new("archive-tar-v7", Dangerous, "model.tar", old),
        item("hdf5-first", first.file("model.pkl", bad())),
        Item::new("archive-tar-behind", Dangerous, "model.tar", [text().bytes(), bad()].concat())
            .fires(&["trailing-bytes"]),
        Item::new("archive-tar-zip-behind", Dangerous, "model.tar", [text().bytes(), bad_weights()].concat()),
        item("weights", text().file("weights.pt", bad_weights())),
        item("pax-size", text().pax("size", "512").file("a.txt", inside)).fires(&["zip-ambiguous"]),
        Item::new("archive-tar-gz", Dangerous, "model.tar.gz", gzip(&text().file("model.pkl", bad()).bytes())),
        Item::new("archive-nemo-bad", Dangerous, "asr.nemo", nemo.bytes()).quiet(&["polyglot"]),
        Item::new("archive-tar-disguised", Dangerous, "model.safetensors", disguised.bytes()),
    ]
}

/// Archives that are damaged.
fn broken() -> Vec<Item> {
    let mut sum = text().bytes();
    sum[150] ^= 1;
    let mut nonsense = text().bytes();
    nonsense.extend([0; 64]);
    nonsense.splice(0..100, [b'a'; 100]);
    // A length below zero, with a checksum that is right.
    let mut header = tar_header("b.txt", b'0', 0, "", true);
    header[124..136].copy_from_slice(&[0xff; 12]);
    header[148..156].copy_from_slice(b"        ");
    let total: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{total:06o}\0 ").as_bytes());
    let negative = [Tar::default().file("a.txt", "text\n").0, header.to_vec(), bad()].concat();
    let cut = Tar::default().file("a.pkl", bad()).bytes()[..540].to_vec();
    vec![
        suspect("checksum", sum).fires(&["archive-damaged"]).quiet(&["archive-depth"]),
        suspect("nonsense", nonsense).fires(&["archive-damaged"]).quiet(&["archive-depth"]),
        Item::new("archive-tar-negative", Dangerous, "model.tar", negative).fires(&["archive-damaged"]),
        suspect("cut", cut).fires(&["truncated"]),
        Item::new("archive-tar-no-end", Safe, "model.tar", text().0).quiet(&["truncated"]),
    ]
}

/// The oldest format of torch.
fn torch() -> Vec<Item> {
    let bad = Tar::default().file("sys_info", b"\x80\x02}.").file("pickle", bad()).file("tensors", b"\x80\x02K\0.");
    let info = b"\x80\x02}X\x10\0\0\0protocol_versionM\xe8\x03s.";
    let none = Tar::default()
        .file("sys_info", info)
        .file("pickle", state_dict(&[]))
        .file("storages", b"\x80\x02K\0.")
        .file("tensors", b"\x80\x02K\0.");
    // Numbers of storages and of tensors, then a pickle and raw bytes for each.
    let storage = Pickle::proto(2).raw("K\x01X\x03\0\0\0cpu").global("torch", "FloatStorage").raw([0x87]).stop();
    let tensor = Pickle::proto(2).raw("K\x02K\x01").global("torch", "FloatTensor").raw([0x87]).stop();
    let storages = [b"\x80\x02K\x01.".as_slice(), &storage, &2_u64.to_le_bytes(), &[0x3f; 8]].concat();
    let shape = [1_u64, 2, 1, 0].map(u64::to_le_bytes).concat();
    let tensors = [b"\x80\x02K\x01.".as_slice(), &tensor, &shape].concat();
    let object = Pickle::proto(2).raw("}").text("w").raw("K\x02Qs").stop();
    let one = Tar::default()
        .file("sys_info", info)
        .file("pickle", object)
        .file("storages", storages)
        .file("tensors", tensors);
    vec![
        Item::new("archive-torch-tar-bad", Dangerous, "model.pt", bad.bytes()).fires(&["torch-tar"]),
        Item::new("archive-torch-tar-empty", Review, "model.pt", none.bytes()).fires(&["torch-tar"]),
        Item::new("archive-torch-tar", Review, "model.pt", one.bytes()).fires(&["torch-tar"]),
    ]
}
