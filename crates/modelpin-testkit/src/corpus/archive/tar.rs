//! Tar archives.

use super::{Item, bad, bad_weights, safetensors};
use crate::corpus::Expect::{Dangerous, Suspect};
use crate::corpus::build::{Tar, gzip, state_dict, tar_header};

pub(super) fn items() -> Vec<Item> {
    let text = || Tar::default().file("notes.txt", "text\n");
    let item = |name: &str, tar: Tar| Item::new(format!("archive-tar-{name}"), Dangerous, "model.tar", tar.bytes());
    let suspect = |name: &str, bytes: Vec<u8>| Item::new(format!("archive-tar-{name}"), Suspect, "model.tar", bytes);
    let mut old = tar_header("model.pkl", 0, bad().len(), "", false).to_vec();
    old.extend(bad());
    old.resize(2048, 0);
    let mut sum = text().bytes();
    sum[150] ^= 1;
    let cut = Tar::default().file("a.pkl", bad()).bytes()[..540].to_vec();
    // Who knows pax sees a member more.
    let mut inside = b"text text text\n ".repeat(32);
    inside.extend(Tar::default().file("model.pkl", bad()).0);
    let legacy = Tar::default().file("sys_info", b"\x80\x02}.").file("pickle", bad()).file("tensors", b"\x80\x02K\0.");
    let honest = Tar::default()
        .file("sys_info", b"\x80\x02}X\x10\0\0\0protocol_versionM\xe8\x03s.")
        .file("pickle", state_dict(&[]))
        .file("storages", b"\x80\x02K\0.")
        .file("tensors", b"\x80\x02K\0.");
    vec![
        item("pickle", text().file("model.pkl", bad())).quiet(&["torch-tar"]),
        Item::new("archive-tar-v7", Dangerous, "model.tar", old),
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
        suspect("checksum", sum),
        suspect("cut", cut).fires(&["truncated"]),
        suspect("no-end", text().0).fires(&["truncated"]),
        Item::new("archive-tar-behind", Dangerous, "model.tar", [text().bytes(), bad()].concat())
            .fires(&["trailing-bytes"]),
        Item::new("archive-tar-zip-behind", Dangerous, "model.tar", [text().bytes(), bad_weights()].concat()),
        item("weights", text().file("weights.pt", bad_weights())),
        item("pax-size", text().pax("size", "512").file("a.txt", inside)).fires(&["zip-ambiguous"]),
        Item::new("archive-tar-gz", Dangerous, "model.tar.gz", gzip(&text().file("model.pkl", bad()).bytes())),
        Item::new("archive-torch-tar-bad", Dangerous, "model.pt", legacy.bytes()).fires(&["torch-tar"]),
        Item::new("archive-torch-tar", crate::corpus::Expect::Review, "model.pt", honest.bytes()).fires(&["torch-tar"]),
        Item::new(
            "archive-nemo-bad",
            Dangerous,
            "asr.nemo",
            Tar::default().file("model_config.yaml", "name: asr\n").file("model_weights.ckpt", bad_weights()).bytes(),
        )
        .quiet(&["polyglot"]),
        Item::new(
            "archive-tar-disguised",
            Dangerous,
            "model.safetensors",
            Tar::default().file("a.safetensors", safetensors()).file("b.pkl", bad()).bytes(),
        ),
    ]
}
