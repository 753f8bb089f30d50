//! Archives as honest people make them.

use super::{Item, STORAGES, npy, safetensors, two_tensors, weights};
use crate::corpus::Expect::{self, Safe};
use crate::corpus::build::{Member, Zip, torch_zip};
use crate::corpus::build::{Pickle, Tar, bzip2, gzip, lz4, lzma, state_dict, xz, zlib, zstd};

fn item(name: &str, expect: Expect, path: &str, bytes: impl Into<Vec<u8>>) -> Item {
    Item::new(format!("archive-honest-{name}"), expect, path, bytes).quiet(&[
        "zip-ambiguous",
        "archive-code",
        "archive-damaged",
        "archive-escape",
        "archive-link",
        "polyglot",
        "trailing-bytes",
    ])
}

pub(super) fn items() -> Vec<Item> {
    [torch(), zips(), tars(), streams()].into_iter().flatten().collect()
}

fn torch() -> Vec<Item> {
    // Python's and other tools' copies of the same archive.
    let mut repacked = Zip::default();
    for member in weights().members {
        repacked.members.push(Member::deflated(&member.name, &member.stored));
    }
    let mut old = weights();
    (old.wide, old.aligned) = (false, false);
    old.members.retain(|member| !member.name.contains("/.") && !member.name.ends_with("byteorder"));
    let accidental = [b"PK\x05\x06".as_slice(), &[0xaa; 12], b"PK\x03\x04PK\x01\x02"].concat();
    let random = torch_zip(&two_tensors(), &[STORAGES[0], ("1", &accidental)]);
    let mut like = b"\x80\x02cposix\nsystem\nX\x04\0\0\0true\x85R.".to_vec();
    like.resize(32, 0);
    let pickled = torch_zip(&state_dict(&[("w", "0", &[8])]), &[("0", &like)]);
    let script =
        Pickle::proto(2).global("__torch__.net", "Net").raw([b')', 0x81, b'}', b'(']).text("training").raw([0x88]);
    let script = script.text("weight").global("torch._utils", "_rebuild_tensor_v2").raw("((").text("storage");
    let script = script.global("torch", "FloatStorage").text("0").text("cpu").int(2).raw("tQ").int(0).ints(&[2]);
    let script = script.ints(&[1]).raw([0x88]).global("collections", "OrderedDict").raw(")RtRub").stop();
    let mut script = torch_zip(&script, &STORAGES[..1]);
    let code =
        b"class Net(Module):\n  __parameters__ = [\"weight\", ]\n  weight : Tensor\n  training : bool\n".as_slice();
    script.members.push(Member::new("archive/code/__torch__/net.py", code));
    let debug = Pickle::proto(2).raw("(").text("FORMAT_WITH_STRING_TABLE").raw(")K\x01t").stop();
    script.members.push(Member::new("archive/code/__torch__/net.py.debug_pkl", debug));
    script.members.push(Member::new("archive/constants.pkl", b"\x80\x02).".as_slice()));
    let slices = [weights().bytes(), torch_zip(&two_tensors(), STORAGES).bytes(), weights().bytes()].concat();
    let empty = torch_zip(&state_dict(&[("w", "0", &[0])]), &[("0", b"")]);
    let quiet: &[&str] = &["torch-zip-ambiguous", "storage-size", "storage-unreferenced", "torchscript"];
    vec![
        item("torch", Safe, "pytorch_model.bin", weights().bytes()).quiet(quiet),
        item("torch-old", Safe, "pytorch_model.bin", old.bytes()).quiet(quiet),
        item("torch-repacked", Safe, "model.pth", repacked.bytes()).quiet(quiet),
        item("torch-random-bytes", Safe, "model.pth", random.bytes()).quiet(quiet),
        item("torch-bytes-like-a-pickle", Safe, "model.pth", pickled.bytes()).quiet(quiet),
        item("torch-empty-storage", Safe, "model.pt", empty.bytes()).quiet(quiet),
        item("torchscript", Expect::Review, "traced.pt", script.bytes()).fires(&["torchscript"]).quiet(&[
            "torch-zip-ambiguous",
            "storage-size",
            "storage-unreferenced",
        ]),
        Item::new("archive-honest-distributed", Expect::Review, "__0_0.distcp", slices).quiet(&["torch-zip-ambiguous"]),
        item("torch-in-zip", Safe, "models.zip", Zip::of(&[("a/pytorch_model.bin", &weights().bytes())])).quiet(quiet),
    ]
}

fn zips() -> Vec<Item> {
    let text = |name: &str| Member::new(name, "some text\n");
    let npz = Zip::default().with(Member::deflated("a.npy", &npy())).with(Member::deflated("b.npy", &npy()));
    let streamed = Zip::default().with(Member::deflated("a.txt", b"some text\n").streamed()).with(text("b.txt"));
    let folders = Zip::default().with(Member::new("d/", "")).with(text("d/a.txt")).with(Member::new("e/", ""));
    let mut aligned = Zip { aligned: true, ..Zip::default() }.with(text("a.txt")).with(text("b.txt"));
    aligned.comment = b"made by hand".to_vec();
    let modes = Zip::default().with(Member { attributes: 0o100_644 << 16, ..text("a.txt") });
    let foreign = Member::new("gr\u{fc}n.txt", "some text\n");
    let mut old_name = Zip::default().with(Member::new("gr??n.txt", "some text\n")).bytes();
    while let Some(at) = old_name.windows(2).position(|pair| pair == b"??") {
        old_name[at..at + 2].copy_from_slice(b"\x81e");
    }
    let mut finder = Zip::default().with(text("a.txt").streamed());
    finder
        .members
        .push(Member::deflated("__MACOSX/._a.txt", b"\0\x05\x16\x07\0\x02\0\0Mac OS X        \0\x02").streamed());
    let keras = Zip::of(&[
        ("metadata.json", br#"{"keras_version": "3.3.3", "date_saved": "2024-05-01@12:00:00"}"#),
        ("config.json", br#"{"module":"keras","class_name":"Sequential","config":{"name":"s","trainable":true,"layers":[]},"registered_name":null}"#),
    ]);
    let skops = Zip::of(&[
        ("schema.json", br#"{"__class__":"ndarray","__module__":"numpy","__loader__":"NdArrayNode","type":"numpy","file":"a.npy","protocol":0,"_skops_version":"0.10"}"#),
        ("a.npy", &npy()),
    ]);
    vec![
        item("empty", Safe, "empty.zip", Zip::default().bytes()),
        item("text", Safe, "notes.zip", Zip::default().with(text("a.txt")).with(text("b/c.md")).bytes()),
        item("npz", Safe, "arrays.npz", npz.bytes()),
        item("npz-stored", Safe, "arrays.npz", Zip::of(&[("a.npy", &npy())])),
        item("streamed", Safe, "notes.zip", streamed.bytes()),
        item("folders", Safe, "notes.zip", folders.bytes()),
        item("aligned", Safe, "notes.zip", aligned.bytes()),
        item("wide", Safe, "notes.zip", Zip { wide: true, ..streamed }.bytes()),
        item("modes", Safe, "notes.zip", modes.bytes()),
        item("foreign-name", Safe, "notes.zip", Zip::default().with(foreign).bytes()),
        item("old-name", Safe, "notes.zip", old_name),
        item("finder", Safe, "notes.zip", finder.bytes()),
        item("zip-in-zip", Safe, "notes.zip", Zip::of(&[("a.zip", &npz_of_text())])),
        item("safetensors", Safe, "models.zip", Zip::of(&[("m/model.safetensors", &safetensors())])),
        item("keras", Safe, "model.keras", keras),
        item("skops", Safe, "model.skops", skops),
    ]
}

fn npz_of_text() -> Vec<u8> {
    Zip::of(&[("a.txt", b"some text\n")])
}

fn tars() -> Vec<Item> {
    let tar = || Tar::default().entry("./", b'5', "", "").file("./notes.txt", "some text\n");
    let nemo = tar()
        .file("./model_config.yaml", "name: asr\nsample_rate: 16000\n")
        .file("./model_weights.ckpt", weights().bytes());
    let pax =
        tar().pax("path", "a/very/long/name.txt").file("a", "some text\n").pax("mtime", "1.5").file("b.txt", "more\n");
    let gnu = tar().entry("././@LongLink", b'L', "", "long/name.txt\0").file("long", "some text\n");
    let tape = [tar().bytes(), vec![0; 9216]].concat();
    vec![
        item("tar", Safe, "data.tar", tar().file("./model.safetensors", safetensors()).bytes()),
        item("tar-pax", Safe, "data.tar", pax.bytes()),
        item("tar-gnu", Safe, "data.tar", gnu.bytes()),
        item("tar-filled", Safe, "data.tar", tape),
        item("tar-gz", Safe, "data.tar.gz", gzip(&tar().bytes())),
        item("tgz", Safe, "data.tgz", gzip(&tar().bytes())),
        item("tar-xz", Safe, "data.tar.xz", xz(&tar().bytes())),
        item("nemo", Safe, "asr.nemo", nemo.bytes()),
    ]
}

fn streams() -> Vec<Item> {
    let json = br#"{"a": 1, "b": [true, null, "text"]}"#;
    let text = b"some text, some text, some text, some text, some text, some text\n";
    let joblib = b"\x80\x02}q\0X\x01\0\0\0aq\x01K\x01s.";
    vec![
        item("gzip-json", Safe, "data.json.gz", gzip(json)).quiet(&["archive-opaque", "hidden-weights"]),
        item("gzip-two", Safe, "notes.txt.gz", [gzip(text), gzip(text)].concat()),
        item("gzip-zeros", Safe, "notes.txt.gz", [gzip(text), vec![0; 100]].concat()),
        item("bzip2-text", Safe, "notes.txt.bz2", bzip2(text)),
        item("xz-text", Safe, "notes.txt.xz", [xz(text), vec![0; 4], xz(text)].concat()),
        item("lzma-text", Safe, "notes.txt.lzma", lzma(text)),
        item("zstd-text", Safe, "notes.txt.zst", [zstd(text), zstd(text)].concat()),
        item("lz4-text", Safe, "notes.txt.lz4", [lz4(text), b"\x50\x2a\x4d\x18\x01\0\0\0a".to_vec()].concat()),
        item("joblib-zlib", Safe, "model.joblib", zlib(joblib)),
        item("joblib-gzip", Safe, "model.joblib", gzip(joblib)),
    ]
}
