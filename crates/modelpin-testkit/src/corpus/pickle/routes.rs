//! Every route to an import or a call that the opcodes offer, and the tricks that hide one.

use super::super::Item;
use super::super::build::{Pickle, call};
use super::{attack, foreign, safe};

const GLOBAL: &str = "pickle-dangerous-global";

fn p(version: u8) -> Pickle {
    Pickle::proto(version)
}

fn calls() -> Vec<Item> {
    let many = |count: usize| p(2).raw("N0".repeat(count)).global("os", "system").text("id").raw([0x85, b'R']).stop();
    let routes: Vec<(&str, Vec<u8>)> = vec![
        ("reduce-text", b"cos\nsystem\n(S'id'\ntR.".to_vec()),
        ("reduce-proto0-crlf-free", b"(dp0\nS'a'\np1\ncos\nsystem\n(S'id'\ntRs.".to_vec()),
        ("reduce-tuple1", call("os", "system", "id")),
        ("reduce-stack-global", p(4).stack_global("os", "system").short_text("id").raw([0x85, b'R']).stop()),
        ("inst", b"(S'id'\nios\nsystem\n.".to_vec()),
        ("inst-no-arguments", b"(ios\nabort\n.".to_vec()),
        ("obj", p(2).raw("(").global("os", "system").text("id").raw("o").stop()),
        ("obj-pop", p(2).raw("(").global("os", "system").text("id").raw("o0N").stop()),
        ("newobj", p(2).global("subprocess", "Popen").text("id").raw([0x85, 0x81]).stop()),
        (
            "newobj-ex",
            p(4).stack_global("subprocess", "Popen").short_text("id").raw([0x85]).raw("}").raw([0x92]).stop(),
        ),
        (
            "newobj-ex-keywords",
            p(4).stack_global("subprocess", "Popen")
                .raw(")}")
                .short_text("args")
                .short_text("id")
                .raw("s")
                .raw([0x92])
                .stop(),
        ),
        ("build-setstate", p(2).global("functools", "partial").raw(")R").global("os", "system").raw("))}tb").stop()),
        ("import-popped", p(2).global("os", "system").raw("0N").stop()),
        ("import-pop-mark", p(2).raw("(").global("os", "system").text("id").raw([0x85, b'R']).raw("1N").stop()),
        ("import-in-dict", p(2).raw("}").text("a").global("os", "system").raw("s").stop()),
        ("import-twice-dup", p(2).global("os", "system").raw("2").text("id").raw([0x85, b'R']).raw("0").stop()),
        ("after-many-opcodes", many(30_000)),
        ("proto-changes", p(4).raw([0x80, 0]).global("__builtin__", "eval").text("1").raw([0x85, b'R']).stop()),
        (
            "no-proto-stack-global",
            Pickle::default().stack_global("os", "system").short_text("id").raw([0x85, b'R']).stop(),
        ),
        ("proto-1", p(1).global("os", "system").raw("(U\x02idtR").stop()),
        ("proto-0", p(0).global("os", "system").raw("(S'id'\ntR").stop()),
        ("second-pickle", [p(2).raw("N").stop(), call("os", "system", "id")].concat()),
        ("seventh-pickle", [p(2).raw("N").stop().repeat(6), call("os", "system", "id")].concat()),
        ("after-safe-dict", [p(2).raw("}").stop(), b"cos\nsystem\n(S'id'\ntR.".to_vec()].concat()),
        (
            "two-globals-last-bad",
            p(2).global("collections", "OrderedDict").raw(")R0").global("os", "getcwd").raw(")R").stop(),
        ),
        ("list-arguments", p(2).global("os", "system").raw("]").text("id").raw("aR").stop()),
    ];
    routes.into_iter().map(|(name, bytes)| attack(&format!("route-{name}"), GLOBAL, bytes)).collect()
}

fn memo() -> Vec<Item> {
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("binget", p(2).global("os", "system").raw("q\x000h\x00").text("id").raw([0x85, b'R']).stop()),
        ("huge-index", p(2).global("os", "system").raw(b"r\xff\xff\xff\xff0j\xff\xff\xff\xff").stop()),
        ("text-index", b"cos\nsystem\np4294967296\n0g4294967296\n(S'id'\ntR.".to_vec()),
        (
            "memoize",
            p(4).stack_global("os", "system").raw([0x94]).raw("0h\x00").short_text("id").raw([0x85, b'R']).stop(),
        ),
        (
            "names-from-memo",
            p(4).short_text("os").raw([0x94]).short_text("system").raw([0x94]).raw("00h\x00h\x01").raw([0x93]).stop(),
        ),
        (
            "overwritten",
            p(4).short_text("collections")
                .raw("q\x000")
                .short_text("os")
                .raw("q\x000h\x00")
                .short_text("system")
                .raw([0x93])
                .stop(),
        ),
        (
            "decoys",
            p(4).short_text("os")
                .short_text("system")
                .short_text("torch")
                .raw("0")
                .short_text("Size")
                .raw("0")
                .raw([0x93])
                .stop(),
        ),
        ("dup-name", p(4).short_text("code").raw("2").raw([0x93]).stop()),
    ];
    rows.into_iter().map(|(name, bytes)| attack(&format!("memo-{name}"), GLOBAL, bytes)).collect()
}

fn names() -> Vec<Item> {
    let dotted = |module: &str, name: &str| p(4).stack_global(module, name).short_text("id").raw([0x85, b'R']).stop();
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("dotted-posixpath", dotted("posixpath", "os.system")),
        ("dotted-collections", dotted("collections", "_sys.modules.get")),
        ("dotted-allowed", dotted("torch._utils", "_rebuild_tensor_v2.__builtins__.__getitem__")),
        ("dotted-ordered-dict", dotted("collections", "OrderedDict.__init__.__globals__")),
        ("dotted-foreign", dotted("my_project.models", "os.system")),
        ("dunder-module", dotted("sklearn.__init__.__globals__", "get")),
        ("dunder-name", dotted("my_project.models", "__builtins__")),
        ("reexported-module", dotted("torch.nn.modules.module", "functools")),
        ("reexported-os", dotted("sklearn.utils.fixes", "os")),
        ("empty-name", dotted("os", "")),
        ("unicode-escapes", b"V\\u006f\\u0073\nV\\u0073ystem\n\x93(S'id'\ntR.".to_vec()),
        ("unicode-long-escapes", b"V\\U0000006fs\nVsystem\n\x93.".to_vec()),
        ("string-escapes", b"S'\\x6f\\163'\nS'\\x73ystem'\n\x93.".to_vec()),
        ("short-binstring", b"\x80\x02U\x02osU\x06system\x93.".to_vec()),
        ("binstring", b"\x80\x02T\x02\0\0\0osT\x06\0\0\0system\x93.".to_vec()),
        ("binunicode8", b"\x80\x04\x8d\x02\0\0\0\0\0\0\0os\x8d\x06\0\0\0\0\0\0\0system\x93.".to_vec()),
        ("mapped-commands", call("commands", "getstatusoutput", "id")),
        ("mapped-string-io", call("whichdb", "whichdb", "x")),
        ("prefix-of-allowed", call("collections", "OrderedDictX", "x")),
        ("suffix-storage", call("torch.os", "FloatStorage", "x")),
        ("unknown-storage", call("torch", "EvilStorage", "x")),
        ("script-main-dunder", call("__main__", "__builtins__", "x")),
    ];
    rows.into_iter().map(|(name, bytes)| attack(&format!("name-{name}"), GLOBAL, bytes)).collect()
}

fn computed() -> Vec<Item> {
    let encoded = p(4).stack_global("_codecs", "encode").short_text("os").short_text("latin1").raw([0x86, b'R']);
    vec![
        attack("computed-module", "pickle-computed-name", encoded.short_text("system").raw([0x93]).stop()),
        attack(
            "computed-bytes-name",
            "pickle-computed-name",
            p(4).raw("C\x02os").short_text("system").raw([0x93]).stop(),
        ),
        attack("computed-int-name", "pickle-computed-name", p(4).short_text("os").raw("K\x01").raw([0x93]).stop()),
        attack(
            "computed-call-of-call",
            "pickle-computed-call",
            p(2).global("my_project", "Maker").raw(")R").text("id").raw([0x85, b'R']).stop(),
        ),
        attack("computed-call-of-text", "pickle-computed-call", p(2).text("os").raw(")R").stop()),
        attack(
            "computed-getattr-chain",
            GLOBAL,
            p(2).global("__builtin__", "getattr")
                .global("os", "path")
                .text("os")
                .raw([0x86, b'R'])
                .text("system")
                .raw([0x86, b'R'])
                .stop(),
        ),
        attack(
            "getattr-of-class-called",
            "pickle-computed-call",
            p(2).global("__builtin__", "getattr")
                .global("my_project.models", "Runner")
                .text("start")
                .raw([0x86, b'R'])
                .text("id")
                .raw([0x85, b'R'])
                .stop(),
        ),
        attack("getattr-imported", GLOBAL, p(2).global("builtins", "getattr").stop()),
        attack(
            "getattr-handed-on",
            GLOBAL,
            p(2).global("my_project.models", "Apply").global("builtins", "getattr").raw([0x85, b'R']).stop(),
        ),
        attack(
            "getattr-dunder",
            "pickle-call-shape",
            p(2).global("builtins", "getattr")
                .global("my_project.models", "Runner")
                .text("__globals__")
                .raw([0x86, b'R'])
                .stop(),
        ),
        foreign(
            "getattr-enum",
            p(2).global("__builtin__", "getattr")
                .global("transformers.trainer_utils", "IntervalStrategy")
                .text("STEPS")
                .raw([0x86, b'R'])
                .stop(),
        )
        .quiet(&["pickle-computed-call", "pickle-computed-name"]),
        foreign("none-type", p(2).global("__builtin__", "type").raw("N").raw([0x85, b'R']).stop()),
        attack(
            "type-makes-class",
            "pickle-call-shape",
            p(2).global("builtins", "type").text("X").raw(")}").raw([0x87, b'R']).stop(),
        ),
        attack("extension-1", "pickle-extension", p(2).raw([0x82, 1]).text("id").raw([0x85, b'R']).stop()),
        attack("extension-2", "pickle-extension", p(2).raw([0x83, 1, 1]).stop()),
        attack("extension-4", "pickle-extension", p(2).raw([0x84, 1, 1, 1, 0]).stop()),
        safe("extension-like-bytes", p(4).raw("C\x02").raw([0x82, 1]).stop()).quiet(&["pickle-extension"]),
    ]
}

pub(super) fn items() -> Vec<Item> {
    [calls(), memo(), names(), computed()].concat()
}
