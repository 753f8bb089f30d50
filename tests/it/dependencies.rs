//! What a model pulls in: bases of adapters, foreign code, parts from other repos. All of it is pinned, and nothing of it
//! moves by itself.

use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_schema::{Name, Pin};
use modelpin_testkit::{Content, Gate, Repo, make};

fn adapter(base: &str) -> Content {
    Content::git(format!("{{\"peft_type\": \"LORA\", \"base_model_name_or_path\": {base}, \"r\": 8}}"))
}

/// An adapter of what `base` says, as JSON.
pub(crate) fn lora(sandbox: &Sandbox, repo: &str, base: &str) -> Repo {
    let repo = sandbox.hub.model(repo);
    repo.commit(&[
        ("adapter_config.json", adapter(base)),
        ("adapter_model.safetensors", Content::lfs(make::weights(300))),
    ]);
    repo
}

/// A model whose code is in another repo.
pub(crate) fn borrowing(sandbox: &Sandbox, repo: &str, code: &str) -> Repo {
    let repo = sandbox.hub.model(repo);
    repo.commit(&[
        ("config.json", Content::git(format!("{{\"auto_map\": {{\"AutoModel\": \"{code}--modeling_x.Acme\"}}}}"))),
        ("model.safetensors", Content::lfs(make::weights(900))),
    ]);
    repo
}

pub(crate) fn code(sandbox: &Sandbox, repo: &str) -> Repo {
    let repo = sandbox.hub.model(repo);
    repo.commit(&[
        ("modeling_x.py", Content::git("class Acme:\n    pass\n")),
        ("model.safetensors", Content::lfs(make::weights(90_000))),
    ]);
    repo
}

/// A pipeline with a part of another repo.
pub(crate) fn parted(sandbox: &Sandbox, repo: &str, of: &str) -> Repo {
    let index = format!("{{\"vae\": [null, null, {{\"repo\": \"{of}\"}}]}}");
    let repo = sandbox.hub.model(repo);
    repo.commit(&[
        ("modular_model_index.json", Content::git(index)),
        ("model.safetensors", Content::lfs(make::weights(100))),
    ]);
    repo
}

/// A model whose tokenizer is that of another repo.
pub(crate) fn tokenized(sandbox: &Sandbox, repo: &str, by: &str) -> Repo {
    let repo = sandbox.hub.model(repo);
    repo.commit(&[
        ("sentence_bert_config.json", Content::git(format!("{{\"tokenizer_name_or_path\": \"{by}\"}}"))),
        ("tokenizer_config.json", Content::git("{}")),
        ("model.safetensors", Content::lfs(make::weights(100))),
    ]);
    repo
}

/// The lock without its files, headers and what differs from commit to commit.
fn edges(sandbox: &Sandbox) -> String {
    let lock = sandbox.read("models.lock");
    let kept = |line: &&str| {
        let first = line.split(' ').next().unwrap_or_default();
        ["source", "required-by", "requested", "include", "base", "base-declared"].contains(&first)
            || line.contains("pin = ")
            || line.ends_with("{}")
            || (line.starts_with('[') && line.matches('.').count() == 1)
    };
    let short = |line: &str| line.split(", revision").next().unwrap_or_default().to_owned();
    lock.lines().filter(kept).map(|line| short(line) + "\n").collect()
}

pub(crate) fn with_lines(sandbox: &Sandbox, lines: &str) {
    let text = sandbox.read("models.toml");
    sandbox.write("models.toml", format!("{text}\n{lines}\n"));
}

#[test]
fn the_base_that_an_adapter_names_is_pinned_with_it() {
    let sandbox = Sandbox::new();
    let chat = sandbox.chat();
    lora(&sandbox, "acme/lora", "\"acme/chat\"");
    sandbox.run("add acme/lora").ok().says("chat added").says("lora added");
    expect![[r#"
        [model.chat]
        source = "hf:model/acme/chat"
        required-by = ["lora: base"]
        requested = "main"
        [model.lora]
        source = "hf:model/acme/lora"
        requested = "main"
        base = "chat"
        base-declared = "acme/chat"
    "#]]
    .assert_eq(&edges(&sandbox));
    let lock = sandbox.read("models.lock");
    assert!(lock.contains(&format!("base-revision = \"{}\"", chat.head())), "{lock}");
    assert!(!sandbox.read("models.toml").contains("chat"), "the manifest holds what people want");
    sandbox.run("lock --check").ok();
    sandbox.run("sync --locked").ok();
    assert!(sandbox.snapshot(&chat.head(), "model.safetensors").is_file());
    let warm = sandbox.run("sync --locked");
    assert_eq!(warm.ok().requests, 0);
    sandbox.run("verify").ok();
}

#[test]
fn a_base_moves_when_somebody_says_so_and_shows_every_adapter_that_it_moves_under() {
    let sandbox = Sandbox::new();
    let chat = sandbox.chat();
    lora(&sandbox, "acme/lora", "\"acme/chat\"");
    lora(&sandbox, "acme/lora-2", "\"acme/chat\"");
    sandbox.run("add acme/lora").ok();
    sandbox.run("add acme/lora-2").ok();
    assert!(edges(&sandbox).contains("required-by = [\"lora: base\", \"lora-2: base\"]"), "{}", edges(&sandbox));
    let before = sandbox.read("models.lock");
    chat.commit(&[("config.json", Content::git("{\"a\": 2}\n"))]);
    sandbox.run("update lora").ok();
    assert_eq!(sandbox.read("models.lock"), before, "an update of an adapter leaves its base where it is");
    sandbox.run("outdated --exit-code").exits(10).says("chat");
    let moved = sandbox.run("update chat");
    moved.ok().says("lora changed").says("lora-2 changed").says("chat changed");
    assert_eq!(moved.stdout.matches("base-revision").count(), 2, "{moved}");
    sandbox.run("lock --check").ok();
    let after = sandbox.read("models.lock");
    assert_eq!(after.matches(&format!("base-revision = \"{}\"", chat.head())).count(), 2);
    chat.commit(&[("config.json", Content::git("{\"a\": 3}\n"))]);
    sandbox.run("update").ok().says("chat changed");
}

#[test]
fn an_entry_of_the_manifest_is_the_base_where_there_is_one() {
    let sandbox = Sandbox::new();
    let chat = sandbox.chat();
    let first = chat.head();
    chat.commit(&[("config.json", Content::git("{\"a\": 2}\n"))]);
    lora(&sandbox, "acme/lora", "\"acme/chat\"");
    sandbox.run(&format!("add acme/chat@{first} --name base")).ok();
    sandbox.run("add acme/lora").ok();
    let found = edges(&sandbox);
    assert!(found.contains("base = \"base\"") && !found.contains("required-by"), "{found}");
    // Somebody else's word is stronger than the adapter's.
    sandbox.hub.model("acme/other").commit(&[("model.safetensors", Content::lfs(make::weights(10)))]);
    sandbox.run("add acme/other").ok();
    sandbox.run("remove lora").ok();
    sandbox.run("add acme/lora --adapter-of other").ok();
    assert!(edges(&sandbox).contains("base = \"other\"\nbase-declared = \"acme/chat\""), "{}", edges(&sandbox));
}

#[test]
fn an_adapter_of_an_adapter_pins_the_whole_chain() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    lora(&sandbox, "acme/lora", "\"acme/chat\"");
    lora(&sandbox, "acme/finer", "\"acme/lora\"");
    sandbox.run("add acme/finer").ok();
    expect![[r#"
        [model.chat]
        source = "hf:model/acme/chat"
        required-by = ["lora: base"]
        requested = "main"
        [model.finer]
        source = "hf:model/acme/finer"
        requested = "main"
        base = "lora"
        base-declared = "acme/lora"
        [model.lora]
        source = "hf:model/acme/lora"
        required-by = ["finer: base"]
        requested = "main"
        base = "chat"
        base-declared = "acme/chat"
    "#]]
    .assert_eq(&edges(&sandbox));
    sandbox.run("remove finer").ok().says("chat removed").says("lora removed");
    sandbox.run("add acme/lora").ok();
    sandbox.run("add acme/chat").ok();
    assert!(!edges(&sandbox).contains("required-by"), "what somebody asks for is there for itself");
    sandbox.run("remove chat").ok();
    assert!(edges(&sandbox).contains("required-by = [\"lora: base\"]"), "what is needed stays: {}", edges(&sandbox));
    sandbox.run("lock --check").ok();
}

#[test]
fn foreign_code_is_pinned_and_only_the_code() {
    let sandbox = Sandbox::new();
    borrowing(&sandbox, "acme/chat", "acme/code");
    let foreign = code(&sandbox, "acme/code");
    sandbox.run("add acme/chat").ok().says("code added").says("auto_map acme/code");
    expect![[r#"
        [model.chat]
        source = "hf:model/acme/chat"
        requested = "main"
        "auto_map acme/code" = { pin = "code"
        [model.code]
        source = "hf:model/acme/code"
        required-by = ["chat: auto_map"]
        requested = "main"
        include = ["*.py"]
    "#]]
    .assert_eq(&edges(&sandbox));
    assert!(
        !sandbox
            .hub
            .requests()
            .iter()
            .any(|request| request.path.contains("acme/code/resolve") && request.path.contains("safetensors"))
    );
    let before = sandbox.read("models.lock");
    foreign.commit(&[("modeling_x.py", Content::git("import os\n\n\nclass Acme:\n    pass\n"))]);
    sandbox.run("update chat").ok();
    assert_eq!(sandbox.read("models.lock"), before, "nothing moves by itself");
    sandbox.run("update code").ok().says("code changed").says("! changed dependency auto_map acme/code");
    sandbox.run("lock --check").ok();
}

#[test]
fn a_repo_that_gives_more_than_code_is_pinned_with_all_that_is_read_and_led_on_from() {
    let sandbox = Sandbox::new();
    tokenized(&sandbox, "acme/embed", "acme/tok");
    borrowing(&sandbox, "acme/tok", "acme/code");
    code(&sandbox, "acme/code");
    borrowing(&sandbox, "acme/chat", "acme/tok");
    sandbox.run("add acme/chat").refused(7).says("acme/tok").says("ignored-dependencies");
    sandbox.hub.model("acme/tok").commit(&[("modeling_x.py", Content::git("class Acme:\n    pass\n"))]);
    sandbox.run("add acme/chat").ok();
    assert!(edges(&sandbox).contains("required-by = [\"chat: auto_map\"]\nrequested = \"main\"\ninclude = [\"*.py\"]"));
    sandbox.run("add acme/embed").ok();
    expect![[r#"
        [model.chat]
        source = "hf:model/acme/chat"
        requested = "main"
        "auto_map acme/tok" = { pin = "tok"
        [model.code]
        source = "hf:model/acme/code"
        required-by = ["tok: auto_map"]
        requested = "main"
        include = ["*.py"]
        [model.embed]
        source = "hf:model/acme/embed"
        requested = "main"
        "tokenizer acme/tok" = { pin = "tok"
        [model.tok]
        source = "hf:model/acme/tok"
        required-by = ["chat: auto_map", "embed: tokenizer"]
        requested = "main"
        include = ["*.py", "*.spm", "*.tiktoken", "added_tokens.json", "additional_chat_templates/", "bpe.codes", "byte_maps.json", "chat_template.*", "config.json", "dict.txt", "emoji.json", "entity_vocab.json", "merges.txt", "normalizer.json", "prophetnet.tokenizer", "sentencepiece*.model", "special_tokens_map.json", "spiece.model", "spm*.model", "target_vocab.json", "tekken.json", "tokenizer*.json", "tokenizer.model*", "vocab*.json", "vocab*.txt", "word_*.json"]
        "auto_map acme/code" = { pin = "code"
    "#]]
    .assert_eq(&edges(&sandbox));
    sandbox.run("lock --check").ok();
}

#[test]
fn circles_end() {
    let sandbox = Sandbox::new();
    parted(&sandbox, "acme/a", "acme/b");
    parted(&sandbox, "acme/b", "acme/c");
    parted(&sandbox, "acme/c", "acme/a");
    sandbox.run("add acme/a").ok();
    let found = edges(&sandbox);
    assert!(found.contains("\"component acme/a\" = { pin = \"a\""), "{found}");
    sandbox.run("lock --check").ok();
    sandbox.run("sync --locked").ok();
    // Of a repo that refers to itself nothing is pinned twice.
    borrowing(&sandbox, "acme/self", "acme/self");
    sandbox.run("add acme/self").ok();
    assert!(!sandbox.read("models.lock").contains("[model.self.dependencies]"));
}

#[test]
fn a_chain_that_is_too_long_is_refused() {
    let sandbox = Sandbox::new();
    for at in 0..8 {
        parted(&sandbox, &format!("acme/t{at}"), &format!("acme/t{}", at + 1));
    }
    let before = sandbox.read("models.toml");
    sandbox.run("add acme/t0").refused(5).says("its dependency on `acme/t6` is not pinned");
    assert_eq!(sandbox.read("models.toml"), before);
    // Whoever asks for one of them begins a chain of its own there.
    sandbox.run("add acme/t6 --dry-run").refused(7).says("acme/t8").says("required by `t7` (component)");
}

#[test]
fn a_foreign_repo_that_is_gone_or_gated_is_named_with_who_needs_it() {
    let sandbox = Sandbox::new();
    borrowing(&sandbox, "acme/chat", "acme/code");
    sandbox
        .run("add acme/chat")
        .refused(7)
        .says("required by `chat` (auto_map)")
        .says("ignored-dependencies = [\"acme/code\"]");
    assert!(!sandbox.path("models.lock").exists(), "nothing is half-written");
    code(&sandbox, "acme/code").gate(Gate::Manual);
    sandbox
        .run("add acme/chat")
        .refused(7)
        .says("access to `hf:model/acme/code` is restricted")
        .says("required by `chat` (auto_map)");
    with_lines(&sandbox, "[policy]\nignored-dependencies = [\"acme/code\"]");
    sandbox.run("add acme/chat").ok();
    assert!(edges(&sandbox).contains("\"auto_map acme/code\" = {}"), "{}", edges(&sandbox));
    sandbox.run("lock --check").ok();
    sandbox.run("sync --locked").ok();
    // Who changes their mind has a lock that does not answer any more.
    sandbox.edit("models.toml", "ignored-dependencies = [\"acme/code\"]", "");
    sandbox.run("sync --locked").refused(3).says("dependency auto_map acme/code");
}

#[test]
fn a_name_that_is_taken_is_left_to_who_asked_for_it() {
    let sandbox = Sandbox::new();
    borrowing(&sandbox, "acme/chat", "other/chat");
    code(&sandbox, "other/chat");
    sandbox.run("add acme/chat").ok();
    assert!(edges(&sandbox).contains("pin = \"other-chat\""), "{}", edges(&sandbox));
    let third = sandbox.hub.model("third/other-chat");
    third.commit(&[("model.safetensors", Content::lfs(make::weights(10)))]);
    sandbox.run("add third/other-chat").ok();
    let found = edges(&sandbox);
    assert!(found.contains("[model.other-chat]\nsource = \"hf:model/third/other-chat\""), "{found}");
    assert!(found.contains("required-by = [\"chat: auto_map\"]"), "{found}");
    sandbox.run("lock --check").ok();
    sandbox.run("remove other-chat").ok();
    let pulled = found.lines().find(|line| line.contains("pin = ")).unwrap().to_owned();
    let name = pulled.split('"').nth(3).unwrap();
    sandbox.run(&format!("remove {name}")).refused(2);
}

/// A change of an entry and of that which it leads to.
type Edit<'a> = &'a dyn Fn(&mut Pin, &mut Pin);

#[test]
fn an_edited_edge_is_stale_or_refused() {
    let sandbox = Sandbox::new();
    borrowing(&sandbox, "acme/chat", "acme/code");
    code(&sandbox, "acme/code");
    sandbox.run("add acme/chat").ok();
    sandbox.run("sync --locked").ok();
    let (text, lock) = (sandbox.read("models.lock"), sandbox.lock());
    let forge = |edit: Edit<'_>| {
        let mut forged = lock.clone();
        let [chat, code] = ["chat", "code"].map(|name| name.parse::<Name>().unwrap());
        let (mut one, mut other) = (forged.pins.remove(&chat).unwrap(), forged.pins.remove(&code).unwrap());
        edit(&mut one, &mut other);
        let is_there = !other.dependencies.required_by.is_empty() || !one.dependencies.pinned.is_empty();
        forged.pins.insert(chat, one);
        forged.pins.extend(is_there.then_some((code, other)));
        sandbox.write("models.lock", forged.print());
    };
    let edits: [Edit<'_>; 4] = [
        &|chat, _| chat.dependencies.pinned.clear(),
        &|chat, _| chat.dependencies.pinned.values_mut().for_each(|edge| edge.pin = "chat".parse().unwrap()),
        &|_, code| code.dependencies.required_by.clear(),
        &|_, code| code.dependencies.required_by = ["chat: tokenizer".parse().unwrap()].into(),
    ];
    for edit in edits {
        forge(edit);
        sandbox.run("sync --locked").refused(3);
    }
    // A lock that leaves the edge out altogether says less than the bytes do.
    forge(&|chat, code| {
        chat.dependencies.pinned.clear();
        chat.facts.references.clear();
        code.dependencies.required_by.clear();
    });
    std::fs::remove_dir_all(sandbox.path(".modelpin")).unwrap();
    let refused = sandbox.run("sync --locked");
    refused.refused(5).says("models.lock does not record everything that was found in its files").says("is not pinned");
    // Where only the text is edited, the digest of the code tells on it.
    let edge = text.lines().find(|line| line.contains("pin = ")).unwrap();
    sandbox.write("models.lock", text.replacen(edge, "\"auto_map acme/code\" = {}", 1));
    sandbox.run("sync --locked").exits(2).says("`chat` has a digest of code, but no code");
    sandbox.write("models.lock", text.replacen(edge, &edge.replace("pin = \"code\"", "pin = \"gone\""), 1));
    sandbox.run("sync --locked").exits(2).says("which is not locked");
}

#[test]
fn a_pipeline_and_a_sentence_transformer_of_parts_in_folders_have_no_edges() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/pipe").commit(&[
        ("model_index.json", Content::git(r#"{"_class_name": "FluxPipeline", "vae": ["diffusers", "AutoencoderKL"], "text_encoder": ["transformers", "CLIPTextModel"]}"#)),
        ("vae/config.json", Content::git(r#"{"_class_name": "AutoencoderKL", "_name_or_path": "other/vae"}"#)),
        ("vae/diffusion_pytorch_model.safetensors", Content::lfs(make::weights(100))),
        ("text_encoder/config.json", Content::git("{}")),
        ("text_encoder/model.safetensors", Content::lfs(make::weights(100))),
    ]);
    sandbox.hub.model("acme/sentences").commit(&[
        ("modules.json", Content::git(r#"[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]"#)),
        ("1_Pooling/config.json", Content::git("{}")),
        ("model.safetensors", Content::lfs(make::weights(100))),
    ]);
    sandbox.run("add acme/pipe").ok();
    sandbox.run("add acme/sentences").ok();
    assert!(!sandbox.read("models.lock").contains(".dependencies]"));
    // Modular pipelines name the repo of each part, and sentence-transformers a module of another repo.
    sandbox.hub.model("acme/vae").commit(&[("model.safetensors", Content::lfs(make::weights(10)))]);
    code(&sandbox, "acme/code");
    sandbox.hub.model("acme/modular").commit(&[("modular_model_index.json", Content::git(
        r#"{"_class_name": "ModularPipeline", "vae": ["diffusers", "AutoencoderKL", {"pretrained_model_name_or_path": "acme/vae", "revision": null, "subfolder": ""}]}"#,
    )), ("README.md", Content::git("x"))]);
    sandbox.hub.model("acme/custom").commit(&[
        (
            "modules.json",
            Content::git(r#"[{"idx": 0, "name": "0", "path": "", "type": "acme/code--modeling_x.Acme"}]"#),
        ),
        ("model.safetensors", Content::lfs(make::weights(100))),
    ]);
    sandbox.run("add acme/modular").ok();
    sandbox.run("add acme/custom").ok();
    let found = edges(&sandbox);
    assert!(found.contains("\"component acme/vae\" = { pin = \"vae\""), "{found}");
    assert!(found.contains("\"auto_map acme/code\" = { pin = \"code\""), "{found}");
}

#[test]
fn a_revision_that_a_file_names_is_the_one_that_is_pinned() {
    let sandbox = Sandbox::new();
    let vae = sandbox.hub.model("acme/vae");
    let old = vae.commit(&[("model.safetensors", Content::lfs(make::weights(10)))]);
    vae.branch("v1", &old);
    vae.commit(&[("model.safetensors", Content::lfs(make::weights(20)))]);
    sandbox.hub.model("acme/modular").commit(&[("modular_model_index.json", Content::git(
        r#"{"_class_name": "ModularPipeline", "vae": ["diffusers", "AutoencoderKL", {"repo": "acme/vae", "revision": "v1"}]}"#,
    )), ("README.md", Content::git("x"))]);
    sandbox.run("add acme/vae --name newest").ok();
    sandbox.run("add acme/modular").ok();
    let lock = sandbox.read("models.lock");
    let edge = format!("\"component acme/vae@v1\" = {{ pin = \"vae\", revision = \"{old}\" }}");
    assert!(lock.contains(&edge), "{lock}");
    assert!(
        edges(&sandbox).contains("required-by = [\"modular: component\"]\nrequested = \"v1\""),
        "{}",
        edges(&sandbox)
    );
    sandbox.run("lock --check").ok();
}

#[test]
fn a_base_that_is_no_repo_is_refused_until_somebody_says_which() {
    for base in
        ["null", "\"\"", "\"/home/jo/llama\"", "\"./llama\"", "\"https://h.example/llama\"", "\"acme/lora\"", "[]"]
    {
        let sandbox = Sandbox::new();
        sandbox.chat();
        lora(&sandbox, "acme/lora", base);
        let manifest = sandbox.read("models.toml");
        sandbox.run("add acme/lora").refused(5).says("it is an adapter without a pinned base").says("adapter-of");
        assert_eq!(sandbox.read("models.toml"), manifest);
        assert!(!sandbox.path("models.lock").exists(), "{base}");
        sandbox.run("add acme/chat").ok();
        sandbox.run("add acme/lora --adapter-of chat").ok();
        sandbox.run("lock --check").ok();
        sandbox.run("sync --locked").ok();
        sandbox.run("check").ok();
    }
    let sandbox = Sandbox::new();
    lora(&sandbox, "acme/lora", "\"/home/jo/llama\"");
    expect![[r#"
        error: `lora` is refused: it is an adapter without a pinned base (adapter-base-unpinned)
          expected:  the repo of a base, or `adapter-of` in models.toml
          got:       `/home/jo/llama`
          why:       a base that is not pinned can change what the adapter does, and nobody would notice
        help: to add it with a base, run `modelpin add BASE-ORG/BASE-REPO --name base`, then `modelpin add acme/lora --adapter-of base`
        help: to name the base of an entry, set `adapter-of = "base"` in its table of models.toml, then run `modelpin lock`
    "#]]
    .assert_eq(&sandbox.run("add acme/lora").stderr);
}

#[test]
fn a_base_that_was_swapped_for_another_is_worth_a_word() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    let other = sandbox.hub.model("acme/other");
    other.commit(&[("model.safetensors", Content::lfs(make::weights(10)))]);
    lora(&sandbox, "acme/lora", "\"acme/chat\"");
    sandbox.run("add acme/other").ok();
    sandbox.run("add acme/lora --adapter-of other").ok();
    sandbox.run("check").ok().says("it is used with another base than it declares").says("acme/other");
    sandbox.edit("models.toml", "adapter-of = \"other\"\n", "");
    sandbox.run("sync --locked").refused(3).says("adapter-of");
    sandbox.run("lock").ok().says("other -> chat");
    let quiet = sandbox.run("check");
    assert!(!quiet.ok().stdout.contains("another base"), "{quiet}");
}
