//! What `convert` refuses, and what a lock may not say of a conversion.

use crate::convert::{converted, legacy, recorded, torch};
use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::{Content, make};

/// A pickle that asks for a global.
const GLOBAL: &[u8] = b"cos\nsystem\n(S'id'\ntR.";

/// A project that has locked all of `files`, as `m`.
fn locked(files: &[(&str, Content)]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/m").commit(files);
    sandbox.write("models.toml", "[models]\nm = { repo = \"acme/m\", include = [\"*\"] }\n");
    sandbox.run("lock");
    assert!(sandbox.path("models.lock").exists());
    sandbox
}

#[test]
fn a_file_that_holds_anything_but_tensors_is_refused_with_the_reason() {
    let sandbox = locked(&[("pytorch_model.bin", Content::lfs(GLOBAL))]);
    let before = sandbox.read("models.lock");
    let output = sandbox.run("convert m pytorch_model.bin");
    output.refused(5).says("the file cannot be converted").says("modelpin exempt m");
    assert_eq!(sandbox.read("models.lock"), before);
}

#[test]
fn a_word_that_names_no_pickle_is_refused() {
    let sandbox = locked(&[
        ("config.json", Content::git("{}")),
        ("pytorch_model.bin", Content::lfs(torch(0))),
        ("notes.bin", Content::lfs("just text, whatever its name says\n".repeat(40))),
        ("pytorch_model-00001-of-00002.bin", Content::lfs(torch(1))),
        ("old.pkl", Content::lfs(torch(2))),
        ("fp16/pytorch_model.bin", Content::lfs(torch(3))),
        ("fp16/model.safetensors", Content::lfs(make::weights(9))),
    ]);
    let before = sandbox.read("models.lock");
    for (file, text) in [
        ("pytorch_modle.bin", "did you mean `pytorch_model.bin`?"),
        ("../../etc/passwd", "no file `../../etc/passwd` in models.lock"),
        ("config.json", "the file is not a pickle"),
        ("notes.bin", "the file is not a pickle"),
        ("pytorch_model-00001-of-00002.bin", "its index `pytorch_model.bin.index.json` is not locked"),
        ("old.pkl", "no loader looks for a safetensors file in place of this one"),
        ("fp16/pytorch_model.bin", "`fp16/model.safetensors`"),
    ] {
        sandbox.run(&format!("convert m {file}")).refused(2).says(text);
    }
    sandbox.run("convert nobody pytorch_model.bin").refused(2).says("`nobody`");
    assert_eq!(sandbox.read("models.lock"), before);
    sandbox.edit("models.toml", "[\"*\"]", "[\"*.bin\"]");
    sandbox.run("convert m pytorch_model.bin").refused(3);
}

#[test]
fn two_files_with_one_place_are_not_both_converted() {
    let sandbox = locked(&[("pytorch_model.bin", Content::lfs(torch(0))), ("model.pt", Content::lfs(torch(1)))]);
    sandbox.run("convert m pytorch_model.bin").exits(5);
    sandbox.run("convert m model.pt").refused(2).says("`model.safetensors`");
}

#[test]
fn bytes_that_are_not_the_locked_ones_are_not_converted() {
    let (sandbox, _) = legacy();
    sandbox.hub.fault(modelpin_testkit::Fault::FlipByte("pytorch_model.bin"));
    sandbox.run("convert legacy pytorch_model.bin").refused(4);
    sandbox.run("convert legacy pytorch_model.bin --offline").refused(7);
}

#[test]
fn a_lock_that_was_edited_is_not_believed() {
    let (sandbox, _) = converted();
    sandbox.run("sync").ok();
    let text = sandbox.read("models.lock");
    let now = recorded(&sandbox);
    let (source, result) = (now.source.hex(), now.sha256.hex());
    let line = text.lines().find(|line| line.starts_with("\"model.safetensors\"")).unwrap();
    let edit = |from: &str, to: &str| {
        assert!(line.contains(from));
        sandbox.write("models.lock", text.replace(line, &line.replace(from, to)));
    };
    let other = "5".repeat(64);
    edit(&source, &other);
    let output = sandbox.run("sync --locked");
    expect![[r#"
        error: `legacy`: models.lock was edited by hand (line 16)
          expected:  files whose `source` is sha256:5555555555555555555555555555555555555555555555555555555555555555
          got:       sha256:[SOURCE]
          why:       a hash that was typed in proves nothing about the reviewed bytes
        help: run `git checkout models.lock` to restore the reviewed lock
        help: run `modelpin update` to change a pin
    "#]]
    .assert_eq(&output.refused(4).stderr.replace(&source, "[SOURCE]"));
    edit("converter = 1", "converter = 0");
    sandbox.run("sync --locked").exits(2);
    edit("model.safetensors", "modeling.py");
    sandbox.run("sync --locked").exits(2).says("which is not the name of its result");
    // The result that is claimed does not come out.
    edit(&result, &other);
    for words in ["sync --locked", "convert legacy pytorch_model.bin", "vendor copies"] {
        sandbox.run(words).refused(4).says("converting the source does not give the file in models.lock");
    }
    assert!(!sandbox.target().iter().any(|path| path.contains("safetensors")), "what was there is withdrawn");
    // Bytes that are in the store, and no result of a conversion.
    let size = torch(0).len();
    sandbox.write(
        "models.lock",
        text.replace(
            line,
            &line.replace(&result, &source).replace(&format!("size = {}", now.size), &format!("size = {size}")),
        ),
    );
    sandbox
        .run("sync --locked")
        .refused(4)
        .says("models.lock calls it a conversion, but its content is something else");
    assert!(!sandbox.target().iter().any(|path| path.ends_with(&source)));
    sandbox.write("models.lock", text);
    sandbox.run("sync --locked").ok();
}

#[test]
fn a_conversion_of_what_cannot_be_converted_is_not_believed() {
    let sandbox = locked(&[("pytorch_model.bin", Content::lfs(GLOBAL))]);
    let text = sandbox.read("models.lock");
    let pin = sandbox.lock().pins[&"m".parse().unwrap()].clone();
    let source = pin.files()[&"pytorch_model.bin".parse().unwrap()].sha256.hex();
    let line = format!(
        "[model.m.converted]\n\"model.safetensors\" = {{ from = \"pytorch_model.bin\", source = \"{source}\", converter = 1, size = 9, sha256 = \"{}\" }}\n",
        "5".repeat(64)
    );
    sandbox.write("models.lock", text.replace("[model.m.files]", &format!("{line}\n[model.m.files]")));
    let output = sandbox.run("sync --locked");
    output.refused(4).says("that cannot be converted").says("modelpin convert m pytorch_model.bin --undo");
    assert!(sandbox.target().is_empty());
}

#[test]
fn another_converters_result_is_used_and_not_made_again() {
    let (sandbox, _) = converted();
    sandbox.edit("models.lock", "converter = 1", "converter = 4000000000");
    sandbox.run("sync --locked").ok();
    for folder in [sandbox.path(".modelpin"), sandbox.root().join("store")] {
        std::fs::remove_dir_all(folder).unwrap();
    }
    let output = sandbox.run("sync --locked");
    let result = recorded(&sandbox).sha256.hex();
    expect![[r#"
        error: `legacy`: `model.safetensors`: it was made by another version of the converter, and no copy of it was found
          expected:  sha256:[RESULT] in the cache or a mirror, or a conversion by converter 1
          got:       converter 4000000000
          why:       only the same version of the converter makes the same bytes
        help: run `modelpin convert legacy pytorch_model.bin` to convert it again, then review the change
        help: or use a version of modelpin with converter 4000000000
    "#]]
    .assert_eq(&output.refused(3).stderr.lines().filter(|line| !line.starts_with("fetching")).fold(
        String::new(),
        |text, line| text + &line.replace(&result, "[RESULT]") + "\n",
    ));
    let output = sandbox.run("convert legacy pytorch_model.bin");
    assert!(
        output.ok().stdout.contains("  ! changed converted model.safetensors pytorch_model.bin sha256:"),
        "{output}"
    );
    sandbox.run("sync --locked").ok();
}
