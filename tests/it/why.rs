//! `modelpin why`.

use crate::sandbox::Sandbox;
use crate::tree::woven;
use expect_test::expect;
use modelpin_testkit::Content;

#[test]
fn why_tells_every_shortest_way() {
    let sandbox = woven();
    let why = |name: &str| sandbox.run(&format!("why {name}")).ok().stdout.clone();
    expect![[r#"
        french --base--> chat --auto_map--> other-code (acme/other-code@edb6c683a277)
        polite --base--> support --base--> chat --auto_map--> other-code (acme/other-code@edb6c683a277)
    "#]]
    .assert_eq(&why("other-code"));
    expect![[r#"
        embed --component--> words (acme/words@4151c0815daa)
    "#]]
    .assert_eq(&why("words"));
    sandbox.edit("models.toml", "embed =", "chat = \"acme/chat\"\nembed =");
    sandbox.run("lock");
    expect![[r#"
        models.toml:4 names chat (acme/chat@9e769219042f)
        french --base--> chat (acme/chat@9e769219042f)
        polite --base--> support --base--> chat (acme/chat@9e769219042f)
    "#]]
    .assert_eq(&why("chat"));
    expect![[r#"
        models.toml:6 names old (acme/old@ec94de684544)
    "#]]
    .assert_eq(&why("old"));
    let json = sandbox.run("why chat --format json").ok().result();
    let step = |from: &str| serde_json::json!({ "from": from, "how": ["base"] });
    assert_eq!(json["paths"], serde_json::json!([[step("french")], [step("polite"), step("support")]]));
    assert_eq!(json["named"]["line"], 4);
    expect![[r#"
        error: no entry named `chta` in models.toml
          expected:  one of `chat`, `embed`, `french`, `old`, `other-code`, `polite`, `support`, `words`
        help: did you mean `chat`?
    "#]]
    .assert_eq(&sandbox.run("why chta").refused(2).stderr);
}

/// A repo with a file for each way in which one is locked or left out.
fn mixed() -> Sandbox {
    let sandbox = Sandbox::new();
    let chat = sandbox.chat();
    chat.commit(&[
        ("pytorch_model.bin", Content::lfs("x")),
        ("onnx/model.onnx", Content::lfs("y")),
        ("README.md", Content::git("words")),
        ("notes/[draft] 1.md", Content::git("words")),
    ]);
    sandbox.run("add acme/chat --exclude README.md").ok();
    sandbox
}

#[test]
fn why_a_file_is_locked_or_left_out_is_in_the_lock_or_the_listing() {
    let sandbox = mixed();
    let why = |path: &str| {
        let output = sandbox.finish(sandbox.command("why chat").arg(path));
        assert_eq!(output.requests > 0, ["onnx/model.onnx", "README.md"].contains(&path), "{output}");
        output.ok().stdout.clone()
    };
    expect![[r#"
        chat (acme/chat@061fb0d7ea0c): `config.json` is locked: the default set takes it
          size        9 B
          kind        config
          sha256      e8c628edc9968ef0c668f54e0ba2636b35503357eb1aca0ddc828aeace432f67
          to leave out: modelpin exclude chat config.json
    "#]]
    .assert_eq(&why("config.json"));
    expect![[r#"
        chat (acme/chat@061fb0d7ea0c): `pytorch_model.bin` is left out (copy): it holds the same weights in another format
          beside      model.safetensors
          to lock: modelpin add acme/chat --include pytorch_model.bin --include '*.json'
          or: modelpin add acme/chat --include '*'
    "#]].assert_eq(&why("./pytorch_model.bin"));
    expect![[r#"
        chat (acme/chat@061fb0d7ea0c): `onnx/model.onnx` is left out (copy): it holds the same weights in another format
          beside      model.safetensors
          size        1 B
          to lock: modelpin add acme/chat --include onnx/model.onnx --include '*.json'
          or: modelpin add acme/chat --include '*'
    "#]]
    .assert_eq(&why("onnx/model.onnx"));
    expect![[r#"
        chat (acme/chat@061fb0d7ea0c): `README.md` is left out: it matches `README.md` of `exclude`; without that pattern `modelpin lock` locks it again
          size        5 B
    "#]].assert_eq(&why("README.md"));
    expect![[r#"
        chat (acme/chat@061fb0d7ea0c): `notes/[draft] 1.md` is locked: the default set takes it
          size        5 B
          kind        doc
          sha256      dba36bffa5cab0f922d087a3aeb179f9d4e745df40b323e1b1471402848c8a3e
          to leave out: modelpin exclude chat 'notes/[[]draft[]] 1.md'
    "#]]
    .assert_eq(&why("notes/[draft] 1.md"));
    let file = |path: &str| sandbox.run(&format!("why chat {path} --format json")).ok().result()["file"].take();
    let locked = file("model.safetensors");
    assert_eq!((locked["locked"].as_bool(), &locked["reason"]), (Some(true), &serde_json::Value::Null));
    let left_out = file("onnx/model.onnx");
    assert_eq!((&left_out["reason"], &left_out["size"]), (&"copy".into(), &1.into()));
    assert_eq!(left_out["commands"][1], "modelpin add acme/chat --include '*'");
    assert_eq!(sandbox.run("why chat --format json").ok().result()["file"], serde_json::Value::Null);
}

#[test]
fn the_command_that_why_names_does_what_it_says() {
    let sandbox = mixed();
    let command = |path: &str| {
        let result = sandbox.run(&format!("why chat {path} --format json")).ok().result();
        result["file"]["commands"][0].as_str().unwrap().strip_prefix("modelpin ").unwrap().replace('\'', "")
    };
    sandbox.edit("models.toml", "README.md", "*.txt");
    sandbox.run("lock").ok();
    sandbox.run(&command("onnx/model.onnx")).ok();
    sandbox.run("why chat onnx/model.onnx").ok().says("is locked: it matches `onnx/model.onnx` of `include`");
    sandbox.run("why chat model.safetensors").ok().says("is left out (not-included)");
    sandbox.run(&command("model.safetensors")).ok();
    sandbox.run("why chat model.safetensors").ok().says("is locked");
    sandbox.run(&command("onnx/model.onnx")).ok();
    sandbox.run("why chat onnx/model.onnx").ok().says("is left out: it matches `onnx/model.onnx` of `exclude`");
}

#[test]
fn a_path_that_is_not_there_is_said_with_the_one_that_was_meant() {
    let sandbox = mixed();
    expect![[r#"
        error: `chat`: no file `model.safetensor` in `acme/chat` at 061fb0d7ea0c
        help: did you mean `modelpin why chat model.safetensors`?
    "#]]
    .assert_eq(&sandbox.run("why chat model.safetensor").refused(2).stderr);
    sandbox.run("why chat onnx/model.onx").refused(2).says("did you mean `modelpin why chat onnx/model.onnx`?");
    sandbox.run("why chat ../config.json").refused(2).says("no file `../config.json`");
    sandbox.run("why chat zzz").refused(2).says("modelpin scan chat -v");
}

#[test]
fn why_needs_a_network_only_for_what_the_lock_does_not_say() {
    let sandbox = mixed();
    sandbox.run("why chat pytorch_model.bin --offline").ok().says("beside      model.safetensors");
    expect![[r#"
        error: `chat`: it has to be looked up on the Hub, and this run is offline
          expected:  a file that models.lock names: a locked one, or one left out that could run code
          got:       `onnx/model.onnx`, of which only the listing of the commit can tell
        help: run it again without `--offline`, `MODELPIN_OFFLINE` and `HF_HUB_OFFLINE`
        help: `modelpin env` sets `HF_HUB_OFFLINE`, so use a shell that did not `eval` it
    "#]]
    .assert_eq(&sandbox.run("why chat onnx/model.onnx --offline").exits(7).stderr);
}

#[test]
fn a_copy_of_an_excluded_file_is_said() {
    let sandbox = Sandbox::new();
    sandbox.chat().commit(&[("pytorch_model.bin", Content::lfs("x"))]);
    let output = sandbox.run("add acme/chat --exclude *.safetensors");
    output.ok().says(
        "`chat`: `pytorch_model.bin` is left out as a copy of `model.safetensors`, which `exclude` leaves out too; \
         `--include` takes it",
    );
}
