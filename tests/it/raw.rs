//! Raw tensors in ordinary git files, beside a model that the Hub keeps like weights: what the model says of them is known
//! when it comes.

use crate::sandbox::Sandbox;
use modelpin_testkit::corpus::all;
use modelpin_testkit::{Content, Repo};

/// A model of ONNX that reads its tensors from `model.onnx_data`, of which all is seen when it is locked.
fn small_model() -> Vec<u8> {
    let item = all().into_iter().find(|item| item.name == "graph-onnx-external-data").unwrap();
    item.files.into_iter().find(|(path, _)| path.ends_with(".onnx")).unwrap().1
}

/// The same model, longer than what is looked at of one: its version is said again and again.
fn model() -> Vec<u8> {
    [small_model(), [0x28, 0x01].repeat(20_000)].concat()
}

/// Numbers that look like nothing.
fn tensors() -> Vec<u8> {
    (0..4096_u32).map(|number| (number * 37 + 200).to_le_bytes()[0]).collect()
}

/// A project that wants a repo of that model and of tensors in a file with this name, and has nothing locked.
fn project(model: &[u8], data: &str) -> (Sandbox, Repo) {
    let sandbox = Sandbox::new();
    let net = sandbox.hub.model("acme/net");
    net.commit(&[("onnx/model.onnx", Content::lfs(model)), (data, Content::git(tensors()))]);
    sandbox.write("models.toml", "[models]\nnet = { repo = \"acme/net\", include = [\"**\"] }\n");
    (sandbox, net)
}

#[test]
fn tensors_in_a_git_file_wait_for_their_model() {
    let (sandbox, net) = project(&model(), "onnx/model.onnx_data");
    sandbox.run("lock").ok();
    let locked = sandbox.read("models.lock");
    assert!(!locked.contains("unknown-format"), "{locked}");
    sandbox.run("check").ok();
    sandbox.run("sync --locked").ok();
    for words in ["sync", "lock", "check", "update", "sync --locked", "verify"] {
        sandbox.run(words).ok();
    }
    // A machine that has nothing.
    sandbox.remove_store();
    std::fs::remove_dir_all(sandbox.path(".modelpin")).unwrap();
    for words in ["check", "sync --locked", "check"] {
        sandbox.run(words).ok();
    }
    // The next commit has another model beside the same tensors.
    let mut next = model();
    next.extend([0x28, 0x01]);
    net.commit(&[("onnx/model.onnx", Content::lfs(next))]);
    for words in ["update", "check", "sync"] {
        sandbox.run(words).ok();
    }
}

#[test]
fn bytes_that_no_model_names_are_refused_once_all_is_seen() {
    let (sandbox, net) = project(&model(), "onnx/other.raw_bytes");
    sandbox.run("lock").ok();
    assert!(!sandbox.read("models.lock").contains("unknown-format"));
    sandbox.run("sync --locked").says("unknown-format");
    assert!(sandbox.target().is_empty(), "{:?}", sandbox.target());
    sandbox.run("sync").refused(5).says("unknown-format");
    assert!(sandbox.target().is_empty(), "{:?}", sandbox.target());
    for words in ["lock", "check", "sync", "sync --locked"] {
        sandbox.run(words).exits(5).says("unknown-format");
        assert!(sandbox.read("models.lock").contains("unknown-format"), "{words} forgets it");
    }
    assert!(sandbox.target().is_empty(), "{:?}", sandbox.target());

    // A model that names them, in the place of the one that did not.
    net.commit(&[("onnx/model.onnx", Content::lfs(renamed()))]);
    for words in ["update", "sync", "check"] {
        sandbox.run(words).ok();
    }
}

#[test]
fn bytes_that_a_small_model_does_not_name_are_refused_at_once() {
    let (sandbox, _) = project(&small_model(), "onnx/other.raw_bytes");
    for words in ["lock", "check", "sync --locked", "sync"] {
        sandbox.run(words).exits(5).says("unknown-format");
        assert!(sandbox.read("models.lock").contains("unknown-format"), "{words}");
    }
    assert!(sandbox.target().is_empty(), "{:?}", sandbox.target());
    let (sandbox, net) = project(&small_model(), "onnx/model.onnx_data");
    for words in ["lock", "check", "sync --locked"] {
        sandbox.run(words).ok();
    }
    // The same model, whose tensors are other bytes under another name in the next commit.
    net.commit(&[("onnx/model.onnx", Content::lfs(small_model())), ("onnx/other.raw_bytes", Content::git(tensors()))]);
    sandbox.run("update").refused(5).says("onnx/other.raw_bytes").says("unknown-format");
}

/// The model, reading from `other.raw_bytes`.
fn renamed() -> Vec<u8> {
    let (from, to) = (b"model.onnx_data".as_slice(), b"other.raw_bytes".as_slice());
    let mut bytes = model();
    let at = bytes.windows(from.len()).position(|part| part == from).unwrap();
    bytes[at..at + from.len()].copy_from_slice(to);
    bytes
}
