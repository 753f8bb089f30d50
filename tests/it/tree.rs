//! `tree`, `why` and `env --loader`: what people and loaders are told of what leads where.

use crate::dependencies::{borrowing, code, lora, tokenized, with_lines};
use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::{Content, make};
use std::process::{Command, Output};

/// Two adapters on a base that nobody asked for and that takes its code from elsewhere, an adapter of an adapter, two
/// repos that lead to each other, and a model whose code nobody wants to follow.
fn woven() -> Sandbox {
    let sandbox = Sandbox::new();
    code(&sandbox, "acme/other-code");
    borrowing(&sandbox, "acme/chat", "acme/other-code");
    lora(&sandbox, "acme/support", "\"acme/chat\"");
    lora(&sandbox, "acme/french", "\"acme/chat\"");
    lora(&sandbox, "acme/polite", "\"acme/support\"");
    tokenized(&sandbox, "acme/embed", "acme/words");
    tokenized(&sandbox, "acme/words", "acme/embed");
    borrowing(&sandbox, "acme/old", "acme/gone");
    sandbox.write(
        "models.toml",
        "[models]\nfrench = \"acme/french\"\npolite = \"acme/polite\"\nembed = \"acme/embed\"\nold = \"acme/old\"\n",
    );
    with_lines(&sandbox, "[policy]\nignored-dependencies = [\"acme/gone\"]");
    sandbox.run("lock");
    sandbox.run("lock --check").ok();
    sandbox
}

#[test]
fn the_tree_shows_what_each_entry_leads_to() {
    let sandbox = woven();
    expect![[r#"
        embed  hf:model/acme/embed main -> fc93bfdb0626  (2 files, 212 B)
        └── words  tokenizer  hf:model/acme/words main -> 4fda82b09c54  (2 files, 212 B)
            └── embed  tokenizer  hf:model/acme/embed main -> fc93bfdb0626  (2 files, 212 B) (*)
        french  hf:model/acme/french main -> bab0fe83bff4  (2 files, 441 B)
        └── chat  base  hf:model/acme/chat main -> 9e769219042f  (2 files, 1.1 KiB)
            └── other-code  auto_map  hf:model/acme/other-code main -> edb6c683a277  (1 file, 21 B)
        old  hf:model/acme/old main -> ec94de684544  (2 files, 1.1 KiB)
        └── acme/gone  auto_map, not pinned
        polite  hf:model/acme/polite main -> 6e3390469e0a  (2 files, 444 B)
        └── support  base  hf:model/acme/support main -> ad155f2d5127  (2 files, 441 B)
            └── chat  base  hf:model/acme/chat main -> 9e769219042f  (2 files, 1.1 KiB) (*)
    "#]]
    .assert_eq(&sandbox.run("tree").ok().stdout);
    let tree = sandbox.run("tree --format json").ok().result();
    let old = tree["entries"].as_array().unwrap().iter().find(|entry| entry["pin"]["name"] == "old").unwrap();
    assert_eq!(
        old["below"],
        serde_json::json!([{ "pinned": false, "how": ["auto_map"], "refers-to": "acme/gone", "below": [] }])
    );
}

#[test]
fn the_inverse_tree_shows_who_needs_an_entry() {
    let sandbox = woven();
    expect![[r#"
        other-code  hf:model/acme/other-code main -> edb6c683a277  (1 file, 21 B)
        └── chat  auto_map  hf:model/acme/chat main -> 9e769219042f  (2 files, 1.1 KiB)
            ├── french  base  hf:model/acme/french main -> bab0fe83bff4  (2 files, 441 B)
            └── support  base  hf:model/acme/support main -> ad155f2d5127  (2 files, 441 B)
                └── polite  base  hf:model/acme/polite main -> 6e3390469e0a  (2 files, 444 B)
    "#]]
    .assert_eq(&sandbox.run("tree -i other-code").ok().stdout);
    expect![[r#"
        words  hf:model/acme/words main -> 4fda82b09c54  (2 files, 212 B)
        └── embed  tokenizer  hf:model/acme/embed main -> fc93bfdb0626  (2 files, 212 B)
            └── words  tokenizer  hf:model/acme/words main -> 4fda82b09c54  (2 files, 212 B) (*)
    "#]]
    .assert_eq(&sandbox.run("tree -i words").ok().stdout);
    sandbox.run("tree -i chta").refused(2).says("did you mean `chat`?");
}

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
        embed --tokenizer--> words (acme/words@4fda82b09c54)
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

#[test]
fn ways_and_trees_are_no_larger_than_they_may_be() {
    let sandbox = Sandbox::new();
    // Each repo of a layer leads to both of the next, so there are 64 ways from each of the first to one of the last.
    let mut manifest = String::from("[models]\n");
    for layer in 0..8 {
        let next = layer + 1;
        let tokenizer = Content::git(format!("{{\"tokenizer_name_or_path\": \"acme/p{next}a\"}}"));
        let map = Content::git(format!("{{\"auto_map\": {{\"AutoModel\": \"acme/p{next}b--x.Acme\"}}}}"));
        let files = [("sentence_bert_config.json", tokenizer), ("config.json", map)];
        for half in ["a", "b"] {
            let last = [("README.md", Content::git("the end"))];
            sandbox.hub.model(&format!("acme/p{layer}{half}")).commit(if layer == 7 { &last } else { &files });
            manifest += &format!("p{layer}{half} = \"acme/p{layer}{half}\"\n");
        }
    }
    sandbox.write("models.toml", manifest);
    sandbox.run("lock");
    // Two of eight layers at the top, and two below each of seven layers.
    assert_eq!(sandbox.run("tree").ok().stdout.lines().count(), 16 + 28);
    let why = sandbox.run("why p7a").ok().stdout.clone();
    assert_eq!(why.lines().count(), 1 + 100 + 1, "{why}");
    assert!(why.ends_with("and more than these 100 paths\n"), "{why}");
}

#[test]
fn a_long_chain_is_cut_and_told_so() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    let entry = |at: usize| format!("[models.e{at:02}]\nrepo = \"acme/chat\"\nadapter-of = \"e{:02}\"\n", at + 1);
    let chain: String = (0..70).map(entry).collect();
    sandbox.write("models.toml", format!("{chain}[models.e70]\nrepo = \"acme/chat\"\n"));
    sandbox.run("lock").ok();
    let tree = sandbox.run("tree").ok().stdout.clone();
    let deepest = tree.lines().nth(64).unwrap();
    assert!(deepest.contains(" e64  base  ") && deepest.ends_with(" (...)"), "{tree}");
    assert!(tree.lines().last().unwrap().starts_with("e70  "), "{tree}");
    assert!(sandbox.run("tree -i e70").ok().stdout.lines().last().unwrap().ends_with(" (...)"));
    assert_eq!(sandbox.run("why e70").ok().stdout.lines().count(), 71);
}

fn python(source: &str, then: &str) -> Output {
    Command::new("python3")
        .args(["-c", "import sys; exec(sys.argv[1]); exec(sys.argv[2])", source, then])
        .output()
        .unwrap()
}

#[test]
fn python_is_told_of_commits_and_of_certified_code_only() {
    let sandbox = Sandbox::new();
    code(&sandbox, "acme/other-code");
    borrowing(&sandbox, "acme/chat", "acme/other-code");
    lora(&sandbox, "acme/support", "\"acme/chat\"");
    sandbox.hub.dataset("acme/faq").commit(&[("faq.jsonl", Content::git("{}\n"))]);
    sandbox.run("add acme/support");
    sandbox.run("add acme/faq --dataset");
    sandbox.run("env --loader python").refused(4);
    sandbox.run("sync").ok();
    let held = sandbox.run("env --loader python");
    expect![[r#"
        MODELS = {
            "chat": {
                "arguments": {
                    "code_revision": "edb6c683a2775881b8fdde0958a3ff45e3f165b1",
                    "revision": "9e769219042f14a6b965ca7b9aa9d7920697959a",
                    "trust_remote_code": False,
                },
                "name_or_path": "[DIR]/project/.modelpin/hub/models--acme--chat/snapshots/9e769219042f14a6b965ca7b9aa9d7920697959a",
            },
            "other-code": {
                "arguments": {
                    "revision": "edb6c683a2775881b8fdde0958a3ff45e3f165b1",
                    "trust_remote_code": False,
                },
                "name_or_path": "[DIR]/project/.modelpin/hub/models--acme--other-code/snapshots/edb6c683a2775881b8fdde0958a3ff45e3f165b1",
            },
            "support": {
                "arguments": {
                    "revision": "ad155f2d5127be3ea2dcbbc88f01f2d95218e255",
                },
                "base": "chat",
                "name_or_path": "[DIR]/project/.modelpin/hub/models--acme--support/snapshots/ad155f2d5127be3ea2dcbbc88f01f2d95218e255",
            },
        }
        DATASETS = {
            "faq": {
                "path": "[DIR]/project/.modelpin/hub/datasets--acme--faq/snapshots/a60b3add4d107e05683815aa9ca1afda8b31cbc9",
                "revision": "a60b3add4d107e05683815aa9ca1afda8b31cbc9",
            },
        }
    "#]]
    .assert_eq(&held.ok().stdout);
    crate::withhold::certify(&sandbox, "other-code");
    crate::withhold::certify(&sandbox, "chat");
    sandbox.run("sync").ok();
    let told = sandbox.run("env --loader python");
    assert_eq!(told.ok().stdout.matches("\"trust_remote_code\": True").count(), 2, "{told}");
    assert_eq!(told.stdout.replace("True", "False"), held.stdout);
    let said = python(&told.stdout, "import json; print(json.dumps({'models': MODELS, 'datasets': DATASETS}))");
    let json = sandbox.run("env --loader python --format json").ok().result();
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&said.stdout).unwrap(), json);
}

#[test]
fn python_is_told_of_code_by_the_commit_of_the_repo_that_it_is_called_by() {
    let sandbox = Sandbox::new();
    code(&sandbox, "acme/other-code");
    code(&sandbox, "acme/third-code");
    let coder = |repo: &str, config: &str| {
        let map = format!("{{\"auto_map\": {{\"AutoModel\": {config}}}}}");
        sandbox.hub.model(repo).commit(&[
            ("config.json", Content::git(map)),
            ("modeling_x.py", Content::git("class Acme:\n    pass\n")),
            ("model.safetensors", Content::lfs(make::weights(900))),
        ]);
        sandbox.run(&format!("add {repo}"));
    };
    // A class of its own, by no name, is found in the folder; by its own name, in the cache.
    coder("acme/mixed", "\"acme/other-code--modeling_x.Acme\", \"AutoConfig\": \"modeling_x.Acme\"");
    coder("acme/named", "\"acme/named--modeling_x.Acme\", \"AutoConfig\": \"modeling_x.Acme\"");
    coder("acme/many", "\"acme/other-code--modeling_x.Acme\", \"AutoConfig\": \"acme/third-code--modeling_x.Acme\"");
    coder("acme/both", "\"acme/both--modeling_x.Acme\", \"AutoConfig\": \"acme/other-code--modeling_x.Acme\"");
    sandbox.run("sync").ok();
    assert!(!sandbox.run("env --loader python").ok().stdout.contains("True"));
    for entry in ["mixed", "named", "many", "both"] {
        crate::withhold::certify(&sandbox, entry);
    }
    sandbox.run("sync").ok();
    let told = sandbox.run("env --loader python");
    let several = "its code is in several repos: code_revision can name one only, refs/main of the target pins them";
    for entry in ["many", "both"] {
        told.ok().says(&format!("# {entry}: {several}\n"));
    }
    assert_eq!(told.stdout.matches(several).count(), 2, "{told}");
    let said = python(&told.stdout, "import json; print(json.dumps(MODELS))");
    let models: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    let revision = |name: &str, key: &str| models[name]["arguments"][key].clone();
    assert_eq!(revision("mixed", "code_revision"), revision("other-code", "revision"));
    assert_eq!(revision("named", "code_revision"), revision("named", "revision"));
    for entry in ["mixed", "named", "many", "both"] {
        assert_eq!(revision(entry, "trust_remote_code"), true, "{told}");
        let (folder, commit) = (models[entry]["name_or_path"].as_str().unwrap(), revision(entry, "revision"));
        let expected =
            format!("[DIR]/project/.modelpin/hub/models--acme--{entry}/snapshots/{}", commit.as_str().unwrap());
        assert_eq!(folder, expected);
    }
}

#[test]
fn python_is_told_of_folders_where_the_target_is_folders() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    sandbox.hub.dataset("acme/faq").commit(&[("faq.jsonl", Content::git("{}\n"))]);
    sandbox.write(
        "models.toml",
        "[models]\nchat = \"acme/chat\"\n[datasets]\nfaq = \"acme/faq\"\n[sync]\ntarget = \"flat:\u{e9} \\\"x\\\"\"\n",
    );
    sandbox.run("sync").ok();
    let told = sandbox.run("env --loader python");
    expect![[r#"
        MODELS = {
            "chat": {
                "arguments": {},
                "name_or_path": "[DIR]/project/\xe9 \"x\"/chat",
            },
        }
        DATASETS = {
            "faq": {
                "path": "[DIR]/project/\xe9 \"x\"/faq",
            },
        }
    "#]]
    .assert_eq(&told.ok().stdout);
    let raw = sandbox.command("env --loader python").output().unwrap();
    let script = "import os; print(os.listdir(MODELS['chat']['name_or_path']), os.listdir(DATASETS['faq']['path']))";
    let said = python(&String::from_utf8(raw.stdout).unwrap(), script);
    assert!(String::from_utf8_lossy(&said.stdout).contains("['faq.jsonl']"), "{said:?}");
}

#[test]
fn python_is_told_to_trust_nothing_that_is_not_where_it_would_be_looked_for() {
    let sandbox = Sandbox::new();
    borrowing(&sandbox, "acme/old", "acme/gone");
    sandbox.write("models.toml", "[models]\nold = \"acme/old\"\n[policy]\nignored-dependencies = [\"acme/gone\"]\n");
    sandbox.run("sync").ok();
    let told = sandbox.run("env --loader python");
    told.ok().says("# old: some of its code is in a repo that is not pinned\n").says("\"trust_remote_code\": False");
    code(&sandbox, "acme/gone");
    sandbox.write("models.toml", "[models]\nold = \"acme/old\"\n[sync]\ntarget = \"flat:models\"\n");
    sandbox.run("lock").ok();
    crate::withhold::certify(&sandbox, "gone");
    sandbox.run("sync").ok();
    let told = sandbox.run("env --loader python --format json");
    let json = told.ok().result();
    let arguments = |name: &str| json["models"][name]["arguments"].to_string();
    assert_eq!(arguments("old"), "{\"trust_remote_code\":false}");
    assert_eq!(arguments("gone"), "{\"trust_remote_code\":true}");
    sandbox
        .run("env --loader python")
        .ok()
        .says("# old: its code is asked for by the name of a repo, which loaders do not find");
}
