//! An update that depends on other repos is refused until they are allowed; publishers of dependencies have to be allowed too.

use crate::dependencies::{borrowing, code, lora, tokenized, with_lines};
use crate::foreign_code::{EVIL, chat, map};
use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::{Content, Repo, make};

/// A lock of a chat whose update leads elsewhere.
fn redirected() -> (Sandbox, Repo) {
    let (sandbox, chat, _) = chat();
    sandbox.hub.model("evil/code").commit(&[("modeling_x.py", Content::git(EVIL))]);
    chat.commit(&[map("evil/code")]);
    (sandbox, chat)
}

#[test]
fn an_update_that_leads_to_another_repo_is_refused_until_somebody_accepts_it() {
    let (sandbox, _) = redirected();
    let before = sandbox.read("models.lock");
    let refused = sandbox.run("update chat --ticket SEC-1");
    expect![[r#"
        error: `chat` is refused: its new commit takes code from `evil/code` (dependency-redirected)
          expected:  `acme/code`
          got:       `evil/code` (auto_map)
          why:       the reviewed files are in the old place, and whoever owns the new one decides what is loaded
        help: to see the change, run `modelpin update chat --ticket SEC-1 --dry-run`
        help: to allow all of it, run `modelpin update chat --ticket SEC-1 --allow-source evil/code`
    "#]]
    .assert_eq(&refused.refused(5).stderr);
    assert_eq!(sandbox.read("models.lock"), before, "nothing is written");
    let dry = sandbox.run("update --dry-run");
    dry.exits(5).says("! gained dependency auto_map evil/code").says("its new commit takes code from `evil/code`");
    sandbox.run("update chat --allow-source acme/else").refused(5);
    let taken = sandbox.run("update chat --allow-source evil/code");
    expect![[r#"
        chat
          ! changed code sha256:c36f0fd09262… -> sha256:43124fca434b…
          ! gained capability hf:model/evil/code process
          ! gained dependency auto_map evil/code evil-code@fa85f4fcd82c…
          ! gained auto-map AutoModel=evil/code--modeling_x.Acme

        evil-code
          ! gained code sha256:73ff5d8b8ea6…
          ! gained capability process
          ! gained finding modeling_x.py code-on-call

        chat changed  (files: 1 changed; 57 B -> 57 B)
          revision       4c1aee73c9bd… -> 28be693d5247…
          revision-date  2026-01-01 -> 2026-01-02
          dependency auto_map acme/code  code@7246f9702adb… -> none
          auto-map       AutoModel=acme/code--modeling_x.Acme -> none
          - config.json  config, 57 B, sha256 e86b6af35997…
          + config.json  config, 57 B, sha256 b8b49e28445f…

        code removed  (files: 1 gone; 21 B)
          source         hf:model/acme/code
          repo-id        bfb4c8bd7aa52d611707440d
          required-by    chat: auto_map
          requested      main
          include        *.py
          revision       7246f9702adb…
          revision-date  2026-01-01
          code           sha256:1b0cd436baa2…
          - modeling_x.py  code, 21 B, sha256 ccbe03ac828d…

        evil-code added  (files: 1 new; 72 B)
          source         hf:model/evil/code
          repo-id        3c808b3f647783a305571542
          required-by    chat: auto_map
          requested      main
          include        *.py
          revision       fa85f4fcd82c…
          revision-date  2026-01-01
          + modeling_x.py  code, 72 B, sha256 d0d508f6244e…
    "#]]
    .assert_eq(&taken.ok().stdout);
    sandbox.run("lock --check").ok();
    sandbox.run("update").ok();
    sandbox.run("check").ok();
}

#[test]
fn a_repo_that_an_update_leads_to_and_that_leads_on_brings_both_edges() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/words").commit(&[("tokenizer.json", Content::git("{}"))]);
    let embed = tokenized(&sandbox, "acme/embed", "acme/words");
    sandbox.run("add acme/embed").ok();
    sandbox.hub.model("acme/other").commit(&[("config.json", Content::git("{\"mm_vision_tower\": \"acme/further\"}"))]);
    borrowing(&sandbox, "acme/further", "evil/code");
    code(&sandbox, "evil/code");
    tokenized(&sandbox, "acme/embed", "acme/other");
    let refused = sandbox.run("update embed");
    expect![[r#"
        error: `embed` is refused: its new commit takes a tokenizer from `acme/other` (dependency-redirected)
          expected:  `acme/words`
          got:       `acme/other` (tokenizer)
          why:       the reviewed files are in the old place, and whoever owns the new one decides what is loaded
        help: to see the change, run `modelpin update embed --dry-run`
        help: to allow all of it, run `modelpin update embed --allow-source acme/further --allow-source acme/other --allow-source evil/code`

        error: `other` is refused: its new commit takes a part from `acme/further` (dependency-added)
          expected:  no new dependency
          got:       `acme/further` (component)
          why:       whoever changed the configuration chose whose files are loaded with it
        help: to see the change, run `modelpin update embed --dry-run`
        help: to allow all of it, run `modelpin update embed --allow-source acme/further --allow-source acme/other --allow-source evil/code`

        error: `further` is refused: its new commit takes code from `evil/code` (dependency-added)
          expected:  no new dependency
          got:       `evil/code` (auto_map)
          why:       whoever changed the configuration chose whose files are loaded with it
        help: to see the change, run `modelpin update embed --dry-run`
        help: to allow all of it, run `modelpin update embed --allow-source acme/further --allow-source acme/other --allow-source evil/code`
    "#]]
    .assert_eq(&refused.refused(5).stderr);
    sandbox.run("update embed --allow-source acme/other").refused(5).says("`further` is refused");
    let all = "--allow-source acme/further --allow-source acme/other --allow-source evil/code";
    sandbox.run(&format!("update embed {all}")).ok();
    assert!(sandbox.read("models.lock").contains(&embed.head()));
    // Whoever adds an entry asks for what it leads to, of entries that are there as well.
    sandbox.run("add acme/further").ok();
}

#[test]
fn own_code_that_moves_to_another_repo_is_redirected_and_what_is_new_is_added() {
    let (sandbox, chat) = crate::withhold::coder();
    code(&sandbox, "acme/code");
    let both =
        "{\"auto_map\": {\"AutoModel\": \"modeling_acme.Acme\", \"AutoConfig\": \"acme/code--modeling_x.Acme\"}}";
    chat.commit(&[("config.json", Content::git(both))]);
    let refused = sandbox.run("update");
    expect![[r#"
        error: `chat` is refused: its new commit takes code from `acme/code` (dependency-added)
          expected:  no new dependency
          got:       `acme/code` (auto_map)
          why:       whoever changed the configuration chose whose files are loaded with it
        help: to see the change, run `modelpin update --dry-run`
        help: to allow all of it, run `modelpin update --allow-source acme/code`
    "#]]
    .assert_eq(&refused.refused(5).stderr);
    chat.commit(&[map("acme/code")]);
    sandbox.run("update").refused(5).says("expected:  its own code");
    with_lines(&sandbox, "[policy.rules]\ndependency-redirected = \"warn\"");
    let warned = sandbox.run("update");
    warned.ok().says("! gained dependency auto_map acme/code");
    assert!(warned.stderr.contains("warning: `chat`: its new commit takes code from `acme/code`"), "{warned}");
}

#[test]
fn a_base_or_a_tokenizer_that_is_another_is_refused_and_lock_judges_alike() {
    let sandbox = Sandbox::new();
    for base in ["acme/chat", "acme/other"] {
        sandbox
            .hub
            .model(base)
            .commit(&[("model.safetensors", Content::lfs(make::weights(50))), ("tokenizer.json", Content::git("{}"))]);
    }
    lora(&sandbox, "acme/lora", "\"acme/chat\"");
    let embed = tokenized(&sandbox, "acme/embed", "acme/chat");
    let first = embed.head();
    sandbox.run("add acme/lora").ok();
    sandbox.run("add acme/embed").ok();
    lora(&sandbox, "acme/lora", "\"acme/other\"");
    tokenized(&sandbox, "acme/embed", "acme/other");
    assert_ne!(embed.head(), first);
    let refused = sandbox.run("update");
    expect![[r#"
        error: `embed` is refused: its new commit takes a tokenizer from `acme/other` (dependency-redirected)
          expected:  `acme/chat`
          got:       `acme/other` (tokenizer)
          why:       the reviewed files are in the old place, and whoever owns the new one decides what is loaded
        help: to see the change, run `modelpin update --dry-run`
        help: to allow all of it, run `modelpin update --allow-source acme/other`

        error: `lora` is refused: its new commit takes its base from `acme/other` (dependency-redirected)
          expected:  `acme/chat`
          got:       `acme/other` (base)
          why:       the reviewed files are in the old place, and whoever owns the new one decides what is loaded
        help: to see the change, run `modelpin update --dry-run`
        help: to allow all of it, run `modelpin update --allow-source acme/other`
    "#]]
    .assert_eq(&refused.refused(5).stderr);
    // Another wish in models.toml moves the pin as well.
    let head = embed.head();
    sandbox.edit(
        "models.toml",
        "embed = \"acme/embed\"",
        &format!("embed = {{ repo = \"acme/embed\", revision = \"{head}\" }}"),
    );
    for words in ["lock", "sync", "add acme/other"] {
        sandbox.run(words).refused(5).says("run `modelpin lock --allow-source acme/other`");
    }
    sandbox.run("lock --allow-source acme/other").ok();
    // Where models.toml says the base, what the adapter says is no edge.
    sandbox.run("remove lora").ok();
    sandbox.run("add acme/chat").ok();
    sandbox.run("add acme/lora --adapter-of chat").ok();
    lora(&sandbox, "acme/lora", "\"acme/chat\"");
    assert_eq!(sandbox.run("update lora").ok().stdout.matches("base-declared").count(), 1);
}

#[test]
fn a_commit_that_anybody_proposed_is_another_place() {
    let sandbox = Sandbox::new();
    let (embed, parts) = (sandbox.hub.model("acme/embed"), sandbox.hub.model("acme/parts"));
    parts.commit(&[("model.safetensors", Content::lfs(make::weights(50)))]);
    let adapter = |revision: &str| {
        let text =
            format!("{{\"peft_type\": \"LORA\", \"base_model_name_or_path\": \"acme/parts\"{revision}, \"r\": 8}}");
        [("adapter_config.json", Content::git(text)), ("adapter_model.safetensors", Content::lfs(make::weights(30)))]
    };
    embed.commit(&adapter(""));
    sandbox.run("add acme/embed").ok();
    let commit = parts.head();
    embed.commit(&adapter(&format!(", \"revision\": \"{commit}\"")));
    sandbox.run("update embed").refused(5).says(&format!("its new commit takes its base from `acme/parts@{commit}`"));
}

#[test]
fn a_module_that_is_not_there_is_said() {
    let sandbox = Sandbox::new();
    code(&sandbox, "acme/code");
    let text = "{\"auto_map\": {\"AutoModel\": \"acme/code--modeling_y.Acme\", \"AutoConfig\": \"acme/code--modeling_x.Acme\"}}";
    sandbox.hub.model("acme/chat").commit(&[("config.json", Content::git(text))]);
    sandbox.run("add acme/chat").ok();
    let checked = sandbox.run("check");
    expect![[r#"
        warning: `chat`: code that it takes from `acme/code` is missing
          --> models.lock:16 (dependency-code-missing)
          expected:  `modeling_y.py` in `acme/code`, for `AutoModel` of `auto_map`
          got:       no such file at 9a8e715b1ee8
          why:       whoever adds it there later decides what is loaded
        help: to pin a commit that has it, run `modelpin update code`
        help: to do without it, set `ignored-dependencies = ["acme/code"]` in `[policy]` of models.toml, then run `modelpin lock`
        `code`: 1 code file is withheld, because it runs for `chat`, whose code is not certified; `modelpin review chat` shows it
        policy holds, with 1 warning: 2 entries
    "#]]
    .assert_eq(&checked.ok().stdout);
    with_lines(&sandbox, "[policy.rules]\ndependency-code-missing = \"deny\"");
    sandbox.run("update").exits(5).says("dependency-code-missing");
}

#[test]
fn who_an_entry_leads_to_has_to_be_an_allowed_publisher() {
    let sandbox = Sandbox::new();
    borrowing(&sandbox, "acme/chat", "stranger/code");
    code(&sandbox, "stranger/code");
    with_lines(&sandbox, "[policy]\npublishers = [\"acme\"]");
    sandbox.run("add acme/chat").refused(5).says("`chat` (auto_map) depends on a publisher that is not allowed");
    assert!(!sandbox.path("models.lock").exists());
    sandbox.edit("models.toml", "[\"acme\"]", "[\"acme\"]\nignored-dependencies = [\"stranger/code\"]");
    sandbox.run("add acme/chat").ok();
    sandbox.run("check").ok();
}
