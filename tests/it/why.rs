//! `modelpin why`.

use crate::tree::woven;
use expect_test::expect;

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
