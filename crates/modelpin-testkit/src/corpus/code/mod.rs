//! Python source.

mod attacks;
mod families;
mod foreign;
mod honest;
mod odd;
mod ways;

use super::{Expect, Item};

/// The items of the family.
pub(super) fn items() -> Vec<Item> {
    let attacks = attacks::ATTACKS.iter().map(|(name, rule, source)| {
        Item::new(format!("code-{name}"), Expect::Dangerous, "modeling_x.py", *source).fires(&[rule])
    });
    let ways = ways::WAYS.iter().map(|(name, rule, source)| {
        Item::new(format!("code-{name}"), Expect::Dangerous, "modeling_x.py", *source).fires(&[rule])
    });
    let unseen = ways::UNSEEN.iter().map(|(name, rule, source)| {
        Item::new(format!("code-{name}"), Expect::Suspect, "modeling_x.py", *source).fires(&[rule])
    });
    let attacks = attacks.chain(ways).chain(unseen);
    let calls = attacks::CALLS.iter().map(|(name, source)| {
        Item::new(format!("code-{name}"), Expect::Review, "modeling_x.py", *source)
            .fires(&["code-on-call"])
            .quiet(&["code-on-import"])
    });
    let honest = honest::SAFE
        .iter()
        .map(|(name, path, quiet, source)| Item::new(format!("code-{name}"), Expect::Safe, path, *source).quiet(quiet));
    let foreign = foreign::FOREIGN.iter().map(|(name, path, rule, quiet, source)| {
        Item::new(format!("code-{name}"), Expect::Review, path, *source).fires(&[rule]).quiet(quiet)
    });
    let environment = Item::new(
        "code-environment",
        Expect::Safe,
        "modeling_x.py",
        "import os\nRANK = int(os.environ.get('RANK', 0))\n",
    );
    let environment = environment.fires(&["code-environment"]).quiet(&["code-search-path", "code-reached"]);
    let elsewhere = [("notes.txt", "text"), ("setup", "none")].map(|(path, name)| {
        let source = "import os\nos.system('true')\n";
        Item::new(format!("code-under-a-name-of-{name}"), Expect::Dangerous, path, source).fires(&["code-on-import"])
    });
    let bare = Item::new("code-bare-call-in-text", Expect::Dangerous, "notes.txt", "exec('print(1)')\n");
    let no_code = [
        ("words", "vocab.txt", "import\nfrom\ndef\nclass\nthe\n(\n)\n"),
        ("prose", "README.md", "# Use\n\nimport the model, then call it:\n\n    print(model('hello'))\n"),
        ("settings", "settings.ini", "[run]\nfrom = here\nname = 'x'\n"),
        ("table", "data.csv", "a,b\nf(1),2\n"),
    ]
    .map(|(name, path, text)| {
        Item::new(format!("code-not-{name}"), Expect::Safe, path, text).quiet(&["code-on-import"])
    });
    // Each line is an import to an unpickler, which gets past none of them.
    let chain: String = (1..20_000).map(|at| format!("class A{at}(A{}): pass\n", at - 1)).collect();
    let chain = Item::new("code-chain-of-classes", Expect::Safe, "modeling_x.py", format!("class A0: pass\n{chain}"));
    let chain = chain.quiet(&["pickle-broken"]);
    let elsewhere = elsewhere.into_iter().chain([bare, chain]).chain(no_code);
    let stub = Item::new(
        "code-stub-that-acts",
        Expect::Review,
        "x.pyi",
        "import ctypes, os\nX = ctypes.CDLL('x.so')\nos.system('id')\n",
    );
    let stub = stub.fires(&["code-on-call"]).quiet(&["code-on-import"]);
    let families = families();
    attacks
        .chain(elsewhere)
        .chain(families)
        .chain([environment, stub])
        .chain(calls)
        .chain(honest)
        .chain(foreign)
        .chain(odd::items())
        .collect()
}

fn families() -> impl Iterator<Item = Item> {
    let attacks = families::ATTACKS.iter().map(|(name, rule, source)| {
        Item::new(format!("code-{name}"), Expect::Dangerous, "modeling_x.py", *source).fires(&[rule])
    });
    let reviews = families::REVIEWS.iter().map(|(name, rule, source)| {
        Item::new(format!("code-{name}"), Expect::Review, "modeling_x.py", *source).fires(&[rule]).quiet(&[
            "code-on-import",
            "code-internals",
            "code-secrets",
            "code-hooks-python",
        ])
    });
    let safe = families::SAFE.iter().map(|(name, path, source)| {
        Item::new(format!("code-honest-{name}"), Expect::Safe, path, *source).quiet(&[
            "code-on-import",
            "code-inspects",
            "code-encoding",
            "code-search-path",
            "code-patches-library",
        ])
    });
    attacks.chain(reviews).chain(safe)
}
