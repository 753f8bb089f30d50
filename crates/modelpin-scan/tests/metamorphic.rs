//! Laws: whatever is done to an attack short of taking it out, its verdict never gets better.
#![expect(clippy::unwrap_used, reason = "a test that cannot do its part has to stop")]

use flate2::Compression;
use flate2::write::GzEncoder;
use modelpin_scan::{Limits, Report, Verdict, scan};
use modelpin_testkit::corpus::build::Zip;
use modelpin_testkit::corpus::{Expect, Item, all};
use std::io::Write as _;
use std::sync::LazyLock;

fn judge(bytes: &[u8], path: &str) -> Report {
    scan(bytes, path, &Limits::default())
}

fn verdict(bytes: &[u8], path: &str) -> Verdict {
    judge(bytes, path).verdict()
}

/// A file of an attack.
struct Attack {
    name: String,
    path: String,
    bytes: Vec<u8>,
    /// What it gets as it is.
    before: Report,
}

/// The attacks, file by file.
static ATTACKS: LazyLock<Vec<Attack>> = LazyLock::new(|| {
    let attacks = all().into_iter().filter(|item| matches!(item.expect, Expect::Suspect | Expect::Dangerous));
    let files = attacks.flat_map(|Item { name, files, .. }| {
        files.into_iter().map(move |(path, bytes)| {
            let before = judge(&bytes, &path);
            Attack { name: name.clone(), path, bytes, before }
        })
    });
    files.filter(|attack| attack.before.verdict() > Verdict::Safe).collect()
});

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Holds `change` against every attack.
fn law(change: impl Fn(&str, &[u8]) -> (String, Vec<u8>)) {
    law_but_for(&[], change);
}

/// The same, but for files that are nothing but `cured`: what the change may put right.
fn law_but_for(cured: &[&str], change: impl Fn(&str, &[u8]) -> (String, Vec<u8>)) {
    let mut better = Vec::new();
    for Attack { name, path, bytes, before } in &*ATTACKS {
        if before.findings.iter().all(|finding| cured.contains(&finding.rule.id)) {
            continue;
        }
        let before = before.verdict();
        let (changed_path, changed) = change(path, bytes);
        let after = verdict(&changed, &changed_path);
        if after < before {
            better.push(format!("{name}: {path} {before} -> {changed_path} {after}"));
        }
    }
    assert!(better.is_empty(), "{} got better\n{}", better.len(), better.join("\n"));
}

/// The same, where the file gets another name: what a tool obeys by its name alone is then obeyed no more.
fn law_under_another_name(change: impl Fn(&str, &[u8]) -> (String, Vec<u8>)) {
    law_but_for(&["tool-file"], change);
}

#[test]
fn zipped() {
    law_under_another_name(|path, bytes| ("bundle.zip".to_owned(), Zip::of(&[(path, bytes)])));
}

#[test]
fn zipped_twice() {
    law_under_another_name(|path, bytes| {
        ("outer.zip".to_owned(), Zip::of(&[("inner.zip", &Zip::of(&[(path, bytes)]))]))
    });
}

#[test]
fn gzipped() {
    law_under_another_name(|path, bytes| (format!("{path}.gz"), gzip(bytes)));
}

#[test]
fn zipped_and_gzipped() {
    law_under_another_name(|path, bytes| ("bundle.zip.gz".to_owned(), gzip(&Zip::of(&[(path, bytes)]))));
}

#[test]
fn put_beside_an_innocent_member() {
    law_under_another_name(|path, bytes| {
        ("bundle.zip".to_owned(), Zip::of(&[("README.md", b"# Model\n"), (path, bytes)]))
    });
}

#[test]
fn moved_to_another_folder() {
    // Paths are relative to the file: from a deeper folder, one that leads out has to climb higher.
    law(|path, bytes| {
        let text = std::str::from_utf8(bytes).ok().filter(|_| !is_self_contained(path));
        let moved = text.map_or_else(|| bytes.to_vec(), |text| text.replace("../", "../../../").into_bytes());
        (format!("weights/v2/{path}"), moved)
    });
}

/// Whether the content says what the file is, whatever it is called.
fn is_self_contained(path: &str) -> bool {
    let base = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    // What is packed is called like its stream.
    let base = base.strip_suffix(".gz").unwrap_or(&base);
    let by_name = [
        ".py",
        ".txt",
        ".toml",
        ".cfg",
        ".yml",
        ".yaml",
        ".jinja",
        ".json",
        ".md",
        ".sh",
        ".bat",
        ".ps1",
        ".pth",
        ".pyi",
        ".ipynb",
        ".pbtxt",
        ".prototxt",
        ".textproto",
        ".txtpb",
        ".onnxtxt",
        ".onnxtext",
        ".onnxjson",
        ".lock",
        ".conf",
        ".condarc",
        ".el",
        ".template",
        ".j2",
        ".jinja2",
    ];
    base.contains('.') && !base.starts_with("dockerfile") && !by_name.iter().any(|suffix| base.ends_with(suffix))
}

#[test]
fn renamed() {
    for suffix in ["bin", "pt", "pkl", "safetensors", "dat", "onnx", "txt", "weights"] {
        law_but_for(&["name-disagrees", "deceptive-name", "tool-file"], |path, bytes| {
            let path = if is_self_contained(path) { format!("other.{suffix}") } else { path.to_owned() };
            (path, bytes.to_vec())
        });
    }
}

#[test]
fn with_junk_appended() {
    for junk in [b"\0".as_slice(), b"\n", &[0x80; 64], &[0; 4096]] {
        law_but_for(&["truncated", "tflite-malformed"], |path, bytes| {
            let mut changed = bytes.to_vec();
            // Behind text, a line of its own: in the middle of one it would be another document.
            changed.extend(if is_self_contained(path) { junk } else { b"\n" });
            (path.to_owned(), changed)
        });
    }
}

#[test]
fn a_report_is_always_the_same() {
    for item in all() {
        for (path, bytes) in &item.files {
            assert_eq!(judge(bytes, path), judge(bytes, path), "{}: {path}", item.name);
        }
    }
}

/// No bytes and no beginning of any item of the corpus make a scan panic or run on.
#[test]
fn cut_anywhere_and_flipped_anywhere() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % (below.max(1) as u64)).unwrap()
    };
    for item in all() {
        for (path, bytes) in item.files.iter().filter(|(_, bytes)| bytes.len() < 1 << 20) {
            for _ in 0..4 {
                let cut = &bytes[..random(bytes.len() + 1)];
                let _ = judge(cut, path);
                let mut flipped = bytes.clone();
                for _ in 0..=random(3) {
                    let at = random(flipped.len());
                    if let Some(byte) = flipped.get_mut(at) {
                        *byte = u8::try_from(random(256)).unwrap();
                    }
                }
                let _ = judge(&flipped, path);
            }
        }
    }
}
