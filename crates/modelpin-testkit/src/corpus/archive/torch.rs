//! Torch archives whose readers disagree, and other tricks with them.

use super::{Item, STORAGES, bad, bad_weights, member, two_tensors, weights};
use crate::corpus::Expect::{Dangerous, Review, Suspect};
use crate::corpus::build::{Member, Zip, torch_zip};
use crate::corpus::build::{call, gzip, state_dict};

const AMBIGUOUS: &[&str] = &["torch-zip-ambiguous"];

fn item(name: &str, bytes: Vec<u8>) -> Item {
    Item::new(format!("archive-torch-{name}"), Dangerous, "pytorch_model.bin", bytes)
}

pub(super) fn items() -> Vec<Item> {
    [headers(), duplicates(), directories(), hidden(), storages(), kinds()].into_iter().flatten().collect()
}

/// Headers that disagree.
fn headers() -> Vec<Item> {
    let with = |change: &dyn Fn(&mut Member)| {
        let mut zip = weights();
        change(member(&mut zip, "archive/data.pkl"));
        zip.bytes()
    };
    vec![
        item("system", bad_weights()).fires(&["pickle-dangerous-global"]).quiet(AMBIGUOUS),
        item("local-name", with(&|m| m.local_name = Some("archive/config.pkl".to_owned()))).fires(AMBIGUOUS),
        item("local-name-case", with(&|m| m.local_name = Some("archive/DATA.pkl".to_owned()))).fires(AMBIGUOUS),
        item("flag-encrypted", with(&|m| (m.flags, m.local_flags) = (m.flags | 1, m.local_flags | 1)))
            .fires(&["archive-opaque"])
            .fires(AMBIGUOUS),
        item("flag-encrypted-local", with(&|m| m.local_flags |= 1)).fires(AMBIGUOUS),
        item("flag-patch", with(&|m| (m.flags, m.local_flags) = (m.flags | 0x20, m.local_flags | 0x20)))
            .fires(AMBIGUOUS),
        item("flag-strong", with(&|m| m.flags |= 0x40)).fires(AMBIGUOUS),
        item("flag-descriptor", with(&|m| m.flags &= !8)).fires(AMBIGUOUS),
        item("flag-utf8", with(&|m| m.local_flags &= !0x800)).fires(AMBIGUOUS),
        item("checksum", with(&|m| m.crc ^= 1)).fires(AMBIGUOUS),
        item(
            "checksum-both",
            with(&|m| {
                m.crc ^= 1;
                *m = m.clone().streamed();
            }),
        )
        .fires(AMBIGUOUS),
        item("method-local", with(&|m| m.local_method = Some(8))).fires(AMBIGUOUS),
        item("size", with(&|m| m.size += 7)).fires(AMBIGUOUS),
        item("size-local", with(&|m| m.local_sizes = Some([m.crc, 5, 5]))).fires(AMBIGUOUS),
        item("descriptor-lies", with(&|m| m.descriptor[4] ^= 1)).fires(AMBIGUOUS),
        item("unicode-path", with(&|m| m.extra = unicode_path("archive/harmless.txt"))).fires(AMBIGUOUS),
    ]
}

fn unicode_path(name: &str) -> Vec<u8> {
    let length = (name.len() + 5) as u16;
    [b"\x75\x70".as_slice(), &length.to_le_bytes(), &[1, 0, 0, 0, 0], name.as_bytes()].concat()
}

/// Names given twice.
fn duplicates() -> Vec<Item> {
    let zip = |first: &[u8], name: &str, last: &[u8]| {
        let mut zip = torch_zip(first, STORAGES);
        zip.members.push(Member::new(name, last));
        zip.bytes()
    };
    let good = two_tensors();
    vec![
        item("first-bad", zip(&bad(), "archive/data.pkl", &good))
            .fires(&["torch-zip-ambiguous", "pickle-dangerous-global"]),
        item("last-bad", zip(&good, "archive/data.pkl", &bad()))
            .fires(&["torch-zip-ambiguous", "pickle-dangerous-global"]),
        item("case-bad", zip(&good, "archive/Data.pkl", &bad()))
            .fires(&["torch-zip-ambiguous", "pickle-dangerous-global"]),
        item("case-folder", zip(&good, "ARCHIVE/data.pkl", &bad())).fires(AMBIGUOUS),
        item("two-roots", zip(&good, "other/data.pkl", &bad()))
            .fires(&["torch-zip-ambiguous", "pickle-dangerous-global"]),
        item("backslash", zip(&good, "archive\\data.pkl", &bad())).fires(AMBIGUOUS),
        item("nul", zip(&good, "archive/data.pkl\0.txt", &bad())).fires(&["torch-zip-ambiguous", "archive-escape"]),
        item("both-honest", zip(&good, "archive/data.pkl", &good)).fires(AMBIGUOUS),
    ]
}

/// Directories: two of them, and numbers that lie.
fn directories() -> Vec<Item> {
    let good = weights();
    let end = |change: &dyn Fn(&mut Zip)| {
        let mut zip = weights();
        change(&mut zip);
        zip.bytes()
    };
    let mut wide = good.bytes();
    let place = wide.windows(4).position(|w| w == b"PK\x06\x06").unwrap_or_default();
    wide[place + 32] ^= 1;
    let mut locator = good.bytes();
    let place = locator.windows(4).position(|w| w == b"PK\x06\x07").unwrap_or_default();
    locator[place + 8] ^= 0x40;
    let mut inner = good.bytes();
    let place = inner.len() - 2;
    let second = bad_weights();
    inner[place..].copy_from_slice(&(second.len() as u16).to_le_bytes());
    inner.extend(&second);
    // The offset leads to the one directory, counting back from the end to the other.
    let mut split = Zip { wide: false, ..weights() }.bytes();
    let start = split.windows(4).position(|w| w == b"PK\x01\x02").unwrap_or_default();
    let directory = split[start..split.len() - 22].to_vec();
    let at = split.len() - 22;
    split.splice(at..at, directory);
    vec![
        item("appended", [good.bytes(), second.clone()].concat()).fires(AMBIGUOUS),
        item("appended-good", [second, good.bytes()].concat())
            .fires(&["torch-zip-ambiguous", "pickle-dangerous-global"]),
        item("in-comment", inner).fires(&["torch-zip-ambiguous", "pickle-dangerous-global"]),
        item("end-in-comment", end(&|z| z.comment = b"PK\x05\x06".repeat(8))).fires(AMBIGUOUS),
        item("thousands-of-ends", {
            let mut zip = torch_zip(&bad(), STORAGES);
            zip.comment = b"PK\x05\x06".repeat(16_000);
            zip.bytes()
        })
        .fires(&["torch-zip-ambiguous", "pickle-dangerous-global"]),
        item("count", end(&|z| z.count = Some(3))).fires(AMBIGUOUS),
        item("wide-lies", wide).fires(AMBIGUOUS),
        item("wide-elsewhere", locator).fires(AMBIGUOUS),
        item("two-places", split).fires(AMBIGUOUS),
        item("prefix", end(&|z| z.prefix = b"#!/bin/sh\nexit 0\n".to_vec())).fires(AMBIGUOUS),
        item("prefix-uncounted", [b"GARBAGE!".repeat(8), good.bytes()].concat()).fires(AMBIGUOUS),
        Item::new("archive-torch-junk-behind", Suspect, "m.pt", end(&|z| z.suffix = b"junk".to_vec()))
            .fires(&["trailing-bytes"]),
        Item::new("archive-torch-pickle-behind", Dangerous, "m.pt", end(&|z| z.suffix = bad())),
        Item::new("archive-torch-cut", Suspect, "m.pt", good.bytes()[..600].to_vec()).fires(&["truncated"]),
    ]
}

/// Members that no directory lists.
fn hidden() -> Vec<Item> {
    let mut zip = weights();
    zip.members.insert(1, Member { hidden: true, ..Member::new("archive/data.pkl", bad()) });
    let mut first = weights();
    first.members.insert(0, Member { hidden: true, ..Member::new("archive/data.pkl", bad()) });
    let mut deflated = weights();
    deflated.members.insert(2, Member { hidden: true, ..Member::deflated("archive/x", &bad()) });
    let mut gap = weights();
    member(&mut gap, "archive/data.pkl").descriptor.extend(b"not of any member");
    let both: &[&str] = &["torch-zip-ambiguous", "pickle-dangerous-global"];
    vec![
        item("hidden", zip.bytes()).fires(both),
        item("hidden-first", first.bytes()).fires(both),
        item("hidden-deflated", deflated.bytes()).fires(both),
        item("gap", gap.bytes()).fires(AMBIGUOUS),
    ]
}

/// Storages that the pickle does not know.
fn storages() -> Vec<Item> {
    let stray = |bytes: &[u8]| torch_zip(&two_tensors(), &[STORAGES[0], STORAGES[1], ("2", bytes)]).bytes();
    let short = torch_zip(&two_tensors(), &[("0", &[0; 8]), ("1", &[1; 23])]).bytes();
    let missing = torch_zip(&two_tensors(), &[("0", &[0; 8])]).bytes();
    vec![
        Item::new("archive-torch-stray", Suspect, "m.pt", stray(&[7; 64])).fires(&["storage-unreferenced"]),
        Item::new("archive-torch-stray-pickle", Dangerous, "m.pt", stray(&bad()))
            .fires(&["storage-unreferenced", "pickle-dangerous-global"]),
        Item::new("archive-torch-short", Suspect, "m.pt", short).fires(&["storage-size"]),
        Item::new("archive-torch-missing", Suspect, "m.pt", missing).fires(&["storage-size"]),
        Item::new("archive-torch-broken-pickle", Dangerous, "m.pt", torch_zip(&two_tensors()[..80], STORAGES).bytes())
            .fires(&["pickle-broken"]),
        Item::new("archive-torch-version", Dangerous, "m.pt", {
            let mut zip = weights();
            let version = member(&mut zip, "archive/version");
            *version = Member::new("archive/version", bad());
            zip.bytes()
        }),
    ]
}

/// What else torch packs in zips.
fn kinds() -> Vec<Item> {
    let mut script = weights();
    script.members.push(Member::new("archive/constants.pkl", b"\x80\x02).".as_slice()));
    script.members.push(Member::new("archive/code/__torch__.py", b"class Net(Module):\n  pass\n".as_slice()));
    let mut script_bad = weights();
    script_bad.members.push(Member::new("archive/constants.pkl", bad()));
    let mut package = weights();
    package.members.push(Member::new("archive/.data/extern_modules", b"torch\n".as_slice()));
    package.members.push(Member::new("archive/net/__init__.py", b"import os\nos.system('true')\n".as_slice()));
    let mut module = weights();
    module.members.push(Member::new("archive/.data/extern_modules", b"torch\n".as_slice()));
    module.members.push(Member::new("archive/code/run.py", b"import os\nos.system('true')\n".as_slice()));
    let nested = torch_zip(&two_tensors(), &[STORAGES[0], STORAGES[1], ("inner.pt", &bad_weights())]).bytes();
    let exported = Zip::of(&[
        ("net/archive_format", b"pt2"),
        ("net/models/model.json", b"{\"graph_module\": {}}"),
        ("net/data/weights/model.pt", &bad_weights()),
    ]);
    let plain = Zip::of(&[("notes.txt", b"nothing to see")]);
    let at_root = Zip::of(&[("data.pkl", &bad()), ("version", b"3\n")]);
    let deflated = Zip::default().with(Member::deflated("archive/data.pkl", &bad())).bytes();
    let legacy = call("builtins", "eval", "1+1");
    let list = state_dict(&[("w", "0", &[2])]);
    vec![
        Item::new("archive-torchscript", Review, "traced.pt", script.bytes()).fires(&["torchscript"]).quiet(AMBIGUOUS),
        Item::new("archive-torchscript-constants", Dangerous, "traced.pt", script_bad.bytes()).fires(&["torchscript"]),
        Item::new("archive-torch-package", Dangerous, "net.pt", package.bytes()).fires(&["archive-code"]),
        Item::new("archive-torch-package-code", Dangerous, "net.pt", module.bytes()).fires(&["archive-code"]),
        Item::new("archive-torch-nested", Dangerous, "net.pt", nested),
        Item::new("archive-torch-exported", Dangerous, "net.pt2", exported).fires(&["torchscript"]),
        Item::new("archive-torch-not-torch", Suspect, "net.pt", plain).fires(&["name-disagrees"]),
        Item::new("archive-torch-at-root", Dangerous, "net.pt", at_root),
        Item::new("archive-torch-deflated", Dangerous, "net.pt", deflated),
        Item::new("archive-torch-renamed", Dangerous, "notes.txt", bad_weights()).fires(&["disguised-executable"]),
        Item::new("archive-torch-gzip", Dangerous, "net.pt.gz", gzip(&bad_weights())),
        Item::new("archive-torch-eval", Dangerous, "net.ckpt", torch_zip(&legacy, STORAGES).bytes()),
        Item::new("archive-torch-pth-tar-bad", Dangerous, "checkpoint.pth.tar", bad_weights())
            .fires(&["pickle-dangerous-global"]),
        Item::new(
            "archive-torch-pth-tar",
            crate::corpus::Expect::Safe,
            "checkpoint.pth.tar",
            torch_zip(&list, &STORAGES[..1]).bytes(),
        )
        .quiet(&["name-disagrees"]),
        Item::new("archive-torch-of-tar", Suspect, "weights.tar", torch_zip(&list, &STORAGES[..1]).bytes())
            .fires(&["name-disagrees"]),
        Item::new(
            "archive-torch-one",
            crate::corpus::Expect::Safe,
            "net.pth",
            torch_zip(&list, &STORAGES[..1]).bytes(),
        )
        .quiet(&["torchscript", "storage-size", "storage-unreferenced"]),
    ]
}
