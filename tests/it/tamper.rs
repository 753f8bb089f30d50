//! Bytes that are not those of the lock, wherever they come from.

use crate::sandbox::{Sandbox, flip};
use expect_test::expect;
use modelpin_testkit::{Fault, make};

/// A cold sync while `fault` lasts is refused with 4, and leaves nothing to be seen.
fn refused_cold(fault: Fault) -> crate::sandbox::Output {
    let (sandbox, _) = Sandbox::locked();
    sandbox.remove_store();
    sandbox.hub.fault(fault);
    let output = sandbox.run("sync --locked");
    output.refused(4);
    assert_eq!(sandbox.target(), Vec::<String>::new());
    sandbox.hub.heal();
    sandbox.run("sync --locked").ok();
    sandbox.run("verify").ok();
    output
}

#[test]
fn a_flipped_byte_in_a_large_file_is_refused() {
    let output = refused_cold(Fault::FlipByte("model.safetensors"));
    expect![[r#"
        fetching 2 files, 5.0 KiB
        error: `chat`: `model.safetensors`: the file from the Hub does not match models.lock
          expected:  sha256:5ec6f21d3f8e1e60f71431e34b63a9f297a656054496ac7dc213a14bd3330388
          got:       sha256:1353f9ef0b09768d863401576d4b3473d2984be7275a5c59c3f8b67e677d93d9
          why:       nobody reviewed these bytes, and loading them may run code
        help: run `modelpin outdated` to see what the Hub has now
    "#]]
    .assert_eq(&output.stderr);
}

#[test]
fn a_flipped_byte_in_a_small_file_is_refused() {
    refused_cold(Fault::FlipByte("config.json")).says("`config.json`");
}

#[test]
fn a_truncated_body_is_refused() {
    let whole = make::weights(5000);
    refused_cold(Fault::ServeOther("model.safetensors", whole[..4000].to_vec()))
        .says("the length of the file from the Hub does not match");
}

#[test]
fn an_over_long_body_is_refused() {
    let mut longer = make::weights(5000);
    longer.push(0);
    refused_cold(Fault::ServeOther("model.safetensors", longer))
        .says("the length of the file from the Hub does not match");
}

#[test]
fn other_bytes_under_the_pinned_commit_are_refused() {
    refused_cold(Fault::ServeOther("config.json", b"{\"a\": 2}\n".to_vec())).says("does not match");
}

#[test]
fn an_answer_of_another_commit_is_refused() {
    refused_cold(Fault::CommitMismatch).says("another commit");
}

#[test]
fn a_part_that_is_not_the_one_asked_for_is_refused() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.hub.fault(Fault::Cut { path: "model.safetensors", at: 100, times: 1 });
    sandbox.hub.fault(Fault::WrongRange);
    sandbox.run("sync --locked").refused(4).says("the part");
    assert!(sandbox.target().is_empty());
}

#[test]
fn a_compressed_body_is_refused() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.remove_store();
    sandbox.hub.fault(Fault::Gzip);
    sandbox.run("sync --locked").refused(7).says("`gzip`");
}

#[test]
fn a_listing_whose_hash_is_not_that_of_the_bytes_locks_nothing() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    sandbox.hub.fault(Fault::WrongListedHash("config.json"));
    let output = sandbox.run("add acme/chat");
    output.refused(4);
    expect![[r#"
        error: `chat`: `config.json`: the file from the Hub does not match the Hub's own listing of the commit
          expected:  git blob abababababababababababababababababababab
          got:       git blob cb5b2f69babc53f9145b45ad20b9a075d48717ef
          why:       the listing and the file cannot both be the commit, so nothing was locked
        help: run it again later
        help: if it persists, report the repo to the Hub
    "#]]
    .assert_eq(&output.stderr);
    assert!(!sandbox.path("models.lock").exists());
    assert_eq!(sandbox.read("models.toml"), "[models]\n");
}

#[test]
fn a_listing_that_lies_of_a_large_file_is_refused_when_the_bytes_come() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    sandbox.hub.fault(Fault::WrongListedHash("model.safetensors"));
    sandbox.run("add acme/chat").ok();
    sandbox.run("sync").refused(4);
    assert!(sandbox.target().is_empty());
}

#[test]
fn a_listing_that_lies_of_a_length_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    sandbox.hub.fault(Fault::WrongListedSize("config.json"));
    sandbox.run("add acme/chat").refused(4);
    assert!(!sandbox.path("models.lock").exists());
}

#[test]
fn a_flipped_byte_in_a_mirror_is_refused_without_a_hub_and_replaced_with_one() {
    let (sandbox, _) = Sandbox::locked();
    sandbox.run("vendor vendor").ok();
    sandbox.write("models.toml", format!("{}\n[[mirror]]\nurl = \"vendor\"\n", sandbox.read("models.toml")));
    sandbox.remove_store();
    sandbox.run("sync --frozen").ok();
    sandbox.run("verify").ok();
    for folder in ["store", "project/.modelpin"] {
        std::fs::remove_dir_all(sandbox.root().join(folder)).unwrap();
    }
    let blobs = sandbox.below("vendor");
    let largest =
        blobs.iter().max_by_key(|path| sandbox.path(&format!("vendor/{path}")).metadata().unwrap().len()).unwrap();
    flip(&sandbox.path(&format!("vendor/{largest}")));
    sandbox.run("sync --frozen").refused(4).says("the file from the mirror `vendor` does not match models.lock");
    assert!(sandbox.target().is_empty());
    let healed = sandbox.run("sync --locked");
    healed.ok().says("`model.safetensors` in the mirror `vendor` does not match models.lock; it is not used");
    sandbox.run("verify").ok();
    sandbox.run("vendor vendor").ok().says("1 copied");
}
