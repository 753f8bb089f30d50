//! Code in archives is code: kept out of the target until somebody certified the exact bytes of the archive, and shown file
//! by file. Archives of data stay data.

use crate::sandbox::{Output, Sandbox};
use expect_test::expect;
use modelpin_testkit::corpus::build::{Tar, Zip, bzip2, call, gzip, torch_zip, xz, zlib, zstd};
use modelpin_testkit::{Content, Repo, make};

const CODE: &[u8] = b"import os\n\n\ndef load(command):\n    os.system(command)\n";

fn tar(name: &str) -> Vec<u8> {
    Tar::default().file(name, CODE).bytes()
}

/// Archives with code in them, however packed and called.
fn with_code() -> Vec<(&'static str, Vec<u8>)> {
    let zip = Zip::of(&[("pkg/ops.py", CODE)]);
    let elf = [b"\x7fELF\x02\x01\x01".as_slice(), &[0; 200]].concat();
    let byte_code = [b"\xcb\r\r\n".as_slice(), &[0; 12], b"\xe3", &[0; 40]].concat();
    vec![
        ("ops.whl", zip.clone()),
        ("ops.egg", zip.clone()),
        ("ops.zip", zip.clone()),
        ("ops.npz", zip.clone()),
        ("ops.dat", zip.clone()),
        ("noname", zip.clone()),
        ("app.pyz", [b"#!/usr/bin/env python3\n".as_slice(), &zip].concat()),
        ("nested.zip", Zip::of(&[("a/b.zip", &Zip::of(&[("c.tar.gz", &gzip(&tar("m.py")))]))])),
        ("code.tar", tar("m.py")),
        ("code.tar.gz", gzip(&tar("m.py"))),
        ("code.tgz", gzip(&tar("m.py"))),
        ("code.tar.bz2", bzip2(&tar("m.py"))),
        ("code.tar.xz", xz(&tar("m.py"))),
        ("code.tar.zst", zstd(&tar("m.py"))),
        ("model.nemo", Tar::default().file("model_config.yaml", "a: 1\n").file("m.py", CODE).bytes()),
        ("handler.mar", Zip::of(&[("MAR-INF/MANIFEST.json", b"{}"), ("handler.py", CODE)])),
        ("m.py.gz", gzip(CODE)),
        ("m.py.bz2", bzip2(CODE)),
        ("m.py.xz", xz(CODE)),
        ("stream.zz", zlib(b"#!/usr/bin/env python3\nimport os\nos.system('id')\nprint('a long enough line')\n")),
        ("native.zip", Zip::of(&[("lib.so", &elf)])),
        ("unnamed.zip", Zip::of(&[("blob", &elf)])),
        ("cached.zip", Zip::of(&[("__pycache__/m.pyc", &byte_code)])),
        ("hook.zip", Zip::of(&[("x.pth", b"import os; os.system('id')\n")])),
        ("run.zip", Zip::of(&[("run.sh", b"#!/bin/sh\nid\n")])),
    ]
}

/// Archives that an honest dataset or model is in.
fn of_data() -> Vec<(&'static str, Vec<u8>)> {
    let keras = br#"{"module":"keras","class_name":"Sequential","config":{"name":"s","layers":[]}}"#;
    let texts: [(&str, &[u8]); 3] = [
        ("rows.csv", b"a,b\n1,2\n"),
        ("README.md", b"# Rows\n\n```python\nimport os\n```\n"),
        ("LICENSE", b"MIT License\n"),
    ];
    vec![
        ("rows.zip", Zip::of(&texts)),
        ("rows.tar.gz", gzip(&Tar::default().file("a.json", "{}\n").file("b.txt", "text\n").bytes())),
        ("rows.csv.gz", gzip(b"a,b\n1,2\n")),
        ("model.keras", Zip::of(&[("metadata.json", b"{}"), ("config.json", keras)])),
    ]
}

fn commit(repo: &Repo, files: &[(&'static str, Vec<u8>)], how: impl Fn(Vec<u8>) -> Content) {
    let mut all = vec![("model.safetensors", Content::lfs(make::weights(100)))];
    all.extend(files.iter().map(|(path, bytes)| (*path, how(bytes.clone()))));
    repo.commit(&all);
}

/// A project with `bot`, all files of which are wanted.
fn bot(files: &[(&'static str, Vec<u8>)], how: impl Fn(Vec<u8>) -> Content) -> (Sandbox, Repo) {
    let sandbox = Sandbox::new();
    let repo = sandbox.hub.model("acme/bot");
    commit(&repo, files, how);
    sandbox.write("models.toml", "[models]\nbot = { repo = \"acme/bot\", include = [\"**\"] }\n");
    (sandbox, repo)
}

#[test]
fn code_in_any_archive_stays_out_until_it_is_certified() {
    for how in [Content::git as fn(Vec<u8>) -> Content, Content::lfs] {
        let (sandbox, _) = bot(&with_code(), how);
        sandbox.run("sync").ok().says(&format!("{} code files are withheld", with_code().len()));
        for (path, _) in with_code() {
            assert_eq!(sandbox.locked_kind(path), "code", "{path}");
            assert!(!sandbox.is_installed("acme/bot", path), "{path}");
        }
        assert!(sandbox.read("models.lock").contains("capabilities = [\"process\"]"));
        sandbox.run("review bot").ok();
        sandbox.certify("bot").ok();
        sandbox.run("sync --locked").ok();
        for (path, _) in with_code() {
            assert!(sandbox.is_installed("acme/bot", path), "{path}");
        }
    }
}

#[test]
fn an_archive_of_data_is_no_code() {
    let (sandbox, _) = bot(&of_data(), Content::lfs);
    sandbox.run("sync").ok();
    for (path, _) in of_data() {
        assert_ne!(sandbox.locked_kind(path), "code", "{path}");
        assert!(sandbox.is_installed("acme/bot", path), "{path}");
    }
    sandbox.run("review bot").refused(2).says("it has no code");
}

#[test]
fn a_lock_that_calls_code_an_archive_is_refused() {
    let (sandbox, _) = bot(&[("ops.zip", Zip::of(&[("ops.py", CODE)]))], Content::lfs);
    sandbox.run("sync").ok();
    sandbox.edit("models.lock", "\"ops.zip\" = { kind = \"code\"", "\"ops.zip\" = { kind = \"archive\"");
    let lock = sandbox.read("models.lock");
    let (head, rest) = lock.split_once("[model.bot.code]").unwrap();
    sandbox.write("models.lock", format!("{head}{}", rest.get(rest.find("\n[").unwrap() + 1..).unwrap()));
    sandbox.forget();
    sandbox.run("sync --locked").refused(4).says("by its content it is code");
    assert!(!sandbox.is_installed("acme/bot", "ops.zip"));
}

#[test]
fn one_byte_of_an_archive_makes_its_audit_void() {
    let (sandbox, repo) = bot(&[("ops.zip", Zip::of(&[("ops.py", CODE), ("a.txt", b"a\n")]))], Content::lfs);
    sandbox.run("sync").ok();
    sandbox.run("review bot").ok();
    sandbox.certify("bot").ok();
    commit(&repo, &[("ops.zip", Zip::of(&[("ops.py", CODE), ("a.txt", b"b\n")]))], Content::lfs);
    sandbox.run("update bot");
    sandbox.run("sync").refused(5).says("its code is not the code that was certified");
    assert!(!sandbox.is_installed("acme/bot", "ops.zip"));
}

/// With digests and commits cut short.
fn short(output: &Output) -> String {
    let cut = |word: &str| {
        let hex = word.trim_end_matches(|c: char| !c.is_ascii_hexdigit());
        if hex.len() >= 40 { word.replace(hex, "…") } else { word.to_owned() }
    };
    output.ok().stdout.split_inclusive(|c: char| !c.is_ascii_hexdigit()).map(cut).collect()
}

#[test]
fn review_shows_the_files_in_an_archive() {
    let elf = [b"\x7fELF\x02\x01\x01".as_slice(), &[0; 200]].concat();
    let inner = Zip::of(&[("m.py", b"x = 1\n")]);
    let files =
        [("ops.whl", Zip::of(&[("pkg/ops.py", CODE), ("pkg/lib.so", &elf), ("in.zip", &inner), ("a.txt", b"a\n")]))];
    let (sandbox, _) = bot(&files, Content::lfs);
    sandbox.run("sync").ok();
    expect![[r#"
        bot: 1 code file, and 3 inside of archives, of hf:model/acme/bot at …
          digest    sha256:…
          standing  not certified
          can       process

        ops.whl  (zip, 763 B, sha256:…: not shown: an archive, whose code follows)
                 ^ archive-code: `pkg/ops.py` and 2 more

        ops.whl!/pkg/ops.py  (python, 54 B, sha256:…)
             1 | import os
             2 | 
             3 | 
             4 | def load(command):
             5 |     os.system(command)
               ^ can process: when called
               ^ code-on-call: process: os.system

        ops.whl!/pkg/lib.so  (native, 207 B, sha256:…: not shown: native code or byte code, or no text)
                 ^ native-code: an ELF program or library

        ops.whl!/in.zip!/m.py  (python, 6 B, sha256:…)
             1 | x = 1

        help: `modelpin certify bot --criteria safe-to-run --digest sha256:…` records that you read it and vouch for it
    "#]]
    .assert_eq(&short(&sandbox.run("review bot")));
    let data = sandbox.run("review bot --format json").ok().result();
    assert_eq!(data["files"][1]["path"], "ops.whl!/pkg/ops.py");
    assert_eq!(data["files"][1]["member"], serde_json::json!(["pkg/ops.py"]));
    assert_eq!(data["files"][1]["text"], std::str::from_utf8(CODE).unwrap());
}

#[test]
fn a_change_is_shown_member_by_member() {
    let old = Zip::of(&[("same.py", b"s = 1\n"), ("ops.py", CODE), ("gone.py", b"g = 1\n")]);
    let (sandbox, repo) = bot(&[("ops.whl", old)], Content::lfs);
    sandbox.run("sync").ok();
    sandbox.run("review bot").ok();
    sandbox.certify("bot").ok();
    let before = sandbox.read("models.lock");
    sandbox.write("old.lock", before);
    let more = [CODE, b"\nimport socket\n\n\ndef call(host):\n    return socket.create_connection(host)\n"].concat();
    commit(
        &repo,
        &[("ops.whl", Zip::of(&[("ops.py", &more), ("same.py", b"s = 1\n"), ("new.py", b"n = 1\n")]))],
        Content::lfs,
    );
    sandbox.run("update bot");
    sandbox.run("sync").exits(5);
    for words in ["review bot --since", "review bot --since ./old.lock"] {
        let output = sandbox.run(words);
        output.ok().says("gained    + network").says("ops.whl!/gone.py  (removed: ").says("ops.whl!/new.py  (new: ");
        output.says("ops.whl!/ops.py  (changed: ").says("+     return socket.create_connection(host)");
        output.says("ops.whl  (changed: ");
        assert!(!output.stdout.contains("same.py"), "{output}");
    }
}

#[test]
fn names_and_code_in_an_archive_cannot_write_on_the_terminal() {
    let zip = Zip::of(&[
        ("a\x1b[2J\u{202e}.py", b"x = '\x1b[2J'\n"),
        ("../../up.py", b"x = 1\n"),
        ("a.py", b"1\n"),
        ("a.py", b"2\n"),
    ]);
    let (sandbox, _) = bot(&[("ops.zip", zip)], Content::lfs);
    sandbox.run("sync").exits(5);
    let output = sandbox.run("review bot");
    output.ok().says("ops.zip!/../../up.py").says("     1 | 1").says("     1 | 2");
    assert!(!output.stdout.contains(['\u{1b}', '\u{202e}']), "{output}");
}

#[test]
fn a_pickle_beside_code_needs_both_decisions() {
    let mar =
        Zip::of(&[("MAR-INF/MANIFEST.json", b"{}"), ("handler.py", CODE), ("model.pkl", &call("os", "system", "id"))]);
    let (sandbox, _) = bot(&[("bot.mar", mar)], Content::lfs);
    sandbox.run("sync").refused(5).says("code with a pickle in it");
    sandbox.run("review bot").ok().says("bot.mar!/handler.py");
    sandbox.certify("bot").ok();
    sandbox.run("sync").refused(5).says("format-executes");
    let mut exempt = sandbox.command("exempt bot bot.mar --owner ml --ticket SEC-1 --expires 30d --reason legacy");
    sandbox.finish(&mut exempt).ok();
    sandbox.run("sync").ok().says("1 file is in quarantine");
    assert!(!sandbox.is_installed("acme/bot", "bot.mar"));
    assert!(sandbox.below(".modelpin/quarantine").iter().any(|path| path.ends_with("/bot.mar")));
    sandbox.run("check").ok();
    // An exemption alone brings no code in.
    std::fs::write(sandbox.path("models.audits.toml"), without_audits(&sandbox.read("models.audits.toml"))).unwrap();
    let output = sandbox.run("sync");
    output.ok().says("1 code file is withheld");
    assert!(!output.stderr.contains("quarantine"), "{output}");
    assert!(!sandbox.below(".modelpin/quarantine").iter().any(|path| path.ends_with("/bot.mar")));
}

/// The decisions of a text without its audits, which come before its exemptions there.
fn without_audits(text: &str) -> String {
    let (head, rest) = text.split_once("[[audit]]").unwrap();
    format!("{head}[[exemption]]{}", rest.split_once("[[exemption]]").unwrap().1)
}

#[test]
fn what_else_is_in_an_archive_is_judged_as_data() {
    let escape = Zip::of(&[("ops.py", CODE), ("../../.bashrc", b"text\n")]);
    let (sandbox, _) = bot(&[("ops.zip", escape), ("ops.whl", Zip::of(&[("ops.py", CODE)]))], Content::lfs);
    sandbox.run("sync").exits(5);
    let exempt = |path: &str| sandbox.exempt(&format!("bot {path}"), &["--expires", "30d"]);
    exempt("ops.whl").refused(2).says("the file is code, which cannot be exempted");
    sandbox.run("review bot").ok().says("archive-escape");
    sandbox.certify("bot").ok();
    sandbox.run("sync").refused(5).says("a member would be unpacked outside the folder");
    assert!(!sandbox.is_installed("acme/bot", "ops.zip"));
    exempt("ops.zip").ok();
    sandbox.run("sync").ok().says("1 file is in quarantine");
    assert!(sandbox.is_installed("acme/bot", "ops.whl") && !sandbox.is_installed("acme/bot", "ops.zip"));
}

#[test]
fn a_package_of_torch_is_a_pickle_whatever_is_certified() {
    let mut package = torch_zip(&call("os", "system", "id"), &[]);
    package.members.push(modelpin_testkit::corpus::build::Member::new("archive/net.py", CODE));
    let (sandbox, _) = bot(&[("net.pt", package.bytes())], Content::lfs);
    sandbox.run("sync").refused(5).says("a pickle");
    assert_eq!(sandbox.locked_kind("net.pt"), "pickle");
    assert!(!sandbox.is_installed("acme/bot", "net.pt"));
}
