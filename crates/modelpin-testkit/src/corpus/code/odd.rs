//! Files that cannot be read as they stand: encodings, hidden text, nesting, other Pythons.

use crate::corpus::{Expect, Item};

fn py(name: &str, expect: Expect, source: impl Into<Vec<u8>>) -> Item {
    Item::new(format!("code-{name}"), expect, "modeling_x.py", source)
}

/// Deeply nested sources: what repeats, how it begins, and how it ends.
fn nested() -> Vec<Item> {
    const DEEP: usize = 200_000;
    let cases: [(&str, String); 16] = [
        ("parentheses", format!("x = {}1{}\n", "(".repeat(DEEP), ")".repeat(DEEP))),
        ("brackets", format!("x = {}\n", "[".repeat(DEEP))),
        ("braces", format!("x = {}\n", "{".repeat(DEEP))),
        ("minus", format!("x = {}1\n", "-".repeat(DEEP))),
        ("not", format!("x = {}1\n", "not ".repeat(DEEP))),
        ("sum", format!("x = a{}\n", "+a".repeat(DEEP))),
        ("power", format!("x = a{}\n", "**a".repeat(DEEP))),
        ("lambda", format!("x = {}1\n", "lambda: ".repeat(DEEP))),
        ("lambda-commas", format!("x = {}1\n", "lambda a, b: ".repeat(DEEP))),
        ("choice", format!("x = {}1\n", "1 if a else ".repeat(DEEP))),
        ("attribute", format!("x = a{}\n", ".b".repeat(DEEP))),
        ("call", format!("x = f{}\n", "()".repeat(DEEP))),
        ("subscript", format!("x = f{}\n", "[0]".repeat(DEEP))),
        ("await", format!("async def f():\n    return {}x\n", "await ".repeat(DEEP))),
        ("f-string", format!("x = {}\n", "f'{".repeat(DEEP / 10))),
        ("one-line-if", format!("{}pass\n", "if a: ".repeat(DEEP))),
    ];
    let mut items: Vec<Item> =
        cases.into_iter().map(|(name, source)| py(&format!("deep-{name}"), Expect::Suspect, source)).collect();
    let blocks: String = (0..2_000).map(|depth| format!("{}if a:\n", " ".repeat(depth))).collect();
    items.push(py("deep-blocks", Expect::Suspect, blocks));
    let elifs = format!("if a == 0:\n    pass\n{}", "elif a == 1:\n    pass\n".repeat(20_000));
    items.push(py("long-elif", Expect::Safe, elifs).quiet(&["over-budget"]));
    // As deep as it may get: followed to the end.
    let near: [(&str, String); 11] = [
        ("sum", format!("x = a{}\n", "+a".repeat(2_900))),
        ("attribute", format!("import a\nx = a{}\n", ".b".repeat(2_900)).replace("import a", "a = 1")),
        ("call", format!("def f(): return f\nx = f{}\n", "()".repeat(2_900))),
        ("not", format!("x = {}1\n", "not ".repeat(2_900))),
        ("choice", format!("a = 1\nx = {}1\n", "1 if a else ".repeat(1_400))),
        ("lambda", format!("x = {}1\n", "lambda: ".repeat(1_400))),
        ("inner-lambda", format!("x = ({}1)\n", "lambda: ".repeat(1_400))),
        ("subscript", format!("a = 1\nx = a{}\n", "[0]".repeat(2_900))),
        ("method", format!("a = 'a'\nx = a{}\n", ".lower()".repeat(1_400))),
        ("parentheses", format!("x = {}1{}\n", "(".repeat(190), ")".repeat(190))),
        ("dicts", format!("x = {}1{}\n", "{0:[lambda:(".repeat(60), ")]}".repeat(60))),
    ];
    items.extend(
        near.into_iter()
            .map(|(name, source)| py(&format!("near-{name}"), Expect::Safe, source).quiet(&["over-budget"])),
    );
    let list = format!("X = [{}]\n", "-1.5, ".repeat(50_000));
    items.push(py("long-list", Expect::Safe, list).quiet(&["over-budget"]));
    items
}

pub(super) fn items() -> Vec<Item> {
    use Expect::{Dangerous, Review, Safe, Suspect};
    let mut items = vec![
        py("utf-7", Dangerous, "# -*- coding: utf-7 -*-\n#+AAo-import os+AAo-os.system('id')\n")
            .fires(&["code-encoding"]),
        py("rot13-cookie", Dangerous, "# coding: rot13\nvzcbeg bf\n").fires(&["code-encoding"]),
        py("unicode-escape", Dangerous, "#!/usr/bin/python\n# coding=unicode_escape\nX = 1\n")
            .fires(&["code-encoding"]),
        py("raw-unicode-escape", Dangerous, "# vim: set fileencoding=raw_unicode_escape :\n").fires(&["code-encoding"]),
        py("idna", Dangerous, "\n# coding:idna\n").fires(&["code-encoding"]),
        py("cookie-in-line-three", Safe, "\n\n# coding: utf-7\n").quiet(&["code-encoding"]),
        py("gbk", Review, b"# coding: gbk\nx = '\xc4\xe3'\n".to_vec())
            .fires(&["code-unparsable"])
            .quiet(&["code-encoding"]),
        py("not-utf-8", Review, b"x = '\xe9'\n".to_vec()).fires(&["code-unparsable"]),
        py("nul", Suspect, b"x = 1\n# \0\n".to_vec()),
        py("python-2", Review, "print 'hello'\n").fires(&["code-unparsable"]),
        py("cut-off", Review, "def f(x):\n    return (x,\n").fires(&["code-unparsable"]),
        py("bidi", Suspect, "def f(x):\n    '''\u{202e}ecnatsni'''\n    return x\n").fires(&["hidden-characters"]),
        py("zero-width", Suspect, "x\u{200b} = 1\n").fires(&["hidden-characters"]),
        py("far-right", Dangerous, format!("x = 1;{}__import__('os').system('id')\n", " ".repeat(300)))
            .fires(&["code-hidden", "code-on-import"]),
        py("bare-return", Dangerous, "# harmless\rimport os\ros.system('id')\r# end\n").fires(&["code-hidden"]),
        py("look-alike", Suspect, "def l\u{043e}ad(x):\n    return x\n").fires(&["code-hidden"]),
    ];
    // Values that lead to each other, and grow.
    let growing = [
        ("reduce", Suspect, "import functools as f\nr = f.reduce\nx = r(r, r)\ny = r(r, [r, r, r, r], r)\n".to_owned()),
        ("map", Suspect, "x = map(map, [map, map], [map])\nx = map(x, x)\nx = [x, x]\nx(x)\n".to_owned()),
        ("partial", Safe, format!("import functools as f\np = f.partial\nx = p({})\n", "p, ".repeat(5_000))),
        ("doubling", Safe, format!("x = 'a'\n{}", "x = x + x\n".repeat(5_000))),
        ("lists", Safe, format!("x = [1]\n{}", "x = [x, x, x]\n".repeat(5_000))),
        ("texts", Suspect, (0..20_000).map(|n| format!("x{n} = 'ab' * 8000\n")).collect()),
        ("methods", Safe, (0..1_000).map(|n| format!("class C{n}:\n def a(self, y):\n  y.a(y)\n")).collect()),
    ];
    items.extend(growing.into_iter().map(|(name, expect, source)| py(&format!("grows-{name}"), expect, source)));
    items.extend(nested());
    items
}
