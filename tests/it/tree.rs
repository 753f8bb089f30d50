//! `modelpin tree`: what depends on what.

use crate::dependencies::{borrowing, code, lora, parted, with_lines};
use crate::sandbox::Sandbox;
use expect_test::expect;
use modelpin_testkit::Content;

/// Two adapters on a base that nobody asked for and that takes its code from elsewhere, an adapter of an adapter, two
/// repos that lead to each other, and a model whose code nobody wants to follow.
pub(crate) fn woven() -> Sandbox {
    let sandbox = Sandbox::new();
    code(&sandbox, "acme/other-code");
    borrowing(&sandbox, "acme/chat", "acme/other-code");
    lora(&sandbox, "acme/support", "\"acme/chat\"");
    lora(&sandbox, "acme/french", "\"acme/chat\"");
    lora(&sandbox, "acme/polite", "\"acme/support\"");
    parted(&sandbox, "acme/embed", "acme/words");
    parted(&sandbox, "acme/words", "acme/embed");
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
        embed  hf:model/acme/embed main -> 01e88e4a2226  (2 files, 217 B)
        └── words  component  hf:model/acme/words main -> 4151c0815daa  (2 files, 217 B)
            └── embed  component  hf:model/acme/embed main -> 01e88e4a2226  (2 files, 217 B) (*)
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
        words  hf:model/acme/words main -> 4151c0815daa  (2 files, 217 B)
        └── embed  component  hf:model/acme/embed main -> 01e88e4a2226  (2 files, 217 B)
            └── words  component  hf:model/acme/words main -> 4151c0815daa  (2 files, 217 B) (*)
    "#]]
    .assert_eq(&sandbox.run("tree -i words").ok().stdout);
    sandbox.run("tree -i chta").refused(2).says("did you mean `chat`?");
}

#[test]
fn ways_and_trees_are_no_larger_than_they_may_be() {
    let sandbox = Sandbox::new();
    // Each repo of a layer leads to both of the next, so there are 64 ways from each of the first to one of the last.
    let mut manifest = String::from("[models]\n");
    for layer in 0..8 {
        let next = layer + 1;
        let part = format!("{{\"vae\": [null, null, {{\"repo\": \"acme/p{next}a\"}}]}}");
        let map = Content::git(format!("{{\"auto_map\": {{\"AutoModel\": \"acme/p{next}b--x.Acme\"}}}}"));
        let files = [("modular_model_index.json", Content::git(part)), ("config.json", map)];
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
