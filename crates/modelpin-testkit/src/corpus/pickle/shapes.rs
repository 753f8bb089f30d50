//! Listed functions with arguments that they never get, writes into what is no container, pickles within pickles.

use super::super::build::{Pickle, call};
use super::super::{Expect, Item};
use super::{attack, foreign, safe};

const SHAPE: &str = "pickle-call-shape";
const TARGET: &str = "pickle-write-target";
const GLOBAL: &str = "pickle-dangerous-global";

fn p() -> Pickle {
    Pickle::proto(2)
}

fn shapes() -> Vec<Item> {
    let encode = |codec: &str| p().global("_codecs", "encode").text("uryyb").text(codec).raw([0x86, b'R']).stop();
    vec![
        attack("encode-rot13", SHAPE, encode("rot13")),
        attack("encode-zlib", SHAPE, encode("zlib")),
        safe("encode-latin1", encode("latin1")).quiet(&[SHAPE]),
        safe("encode-latin-1", encode("latin-1")).quiet(&[SHAPE]),
        attack(
            "from-type-calls-foreign",
            SHAPE,
            p().global("torch._tensor", "_rebuild_from_type_v2")
                .raw("(")
                .global("my_project.run", "start")
                .global("torch", "Tensor")
                .raw(")}tR")
                .stop(),
        ),
        attack(
            "from-type-calls-system",
            GLOBAL,
            p().global("torch._tensor", "_rebuild_from_type_v2")
                .raw("(")
                .global("os", "system")
                .global("torch", "Tensor")
                .text("id")
                .raw([0x85])
                .raw("}tR")
                .stop(),
        ),
        attack(
            "from-type-of-itself",
            SHAPE,
            p().global("torch._tensor", "_rebuild_from_type_v2")
                .raw("(")
                .global("torch._tensor", "_rebuild_from_type_v2")
                .global("torch", "Tensor")
                .raw(")}tR")
                .stop(),
        ),
        attack("rebuild-no-arguments", SHAPE, p().global("torch._utils", "_rebuild_tensor_v2").raw(")R").stop()),
        attack("storage-called", SHAPE, p().global("torch", "FloatStorage").raw("K\x01").raw([0x85, b'R']).stop()),
        attack("dtype-called", SHAPE, p().global("torch", "float32").raw(")R").stop()),
        attack(
            "ordered-dict-of-call",
            SHAPE,
            p().global("collections", "OrderedDict").raw("K\x01K\x02").raw([0x86, b'R']).stop(),
        ),
    ]
}

fn callables() -> Vec<Item> {
    vec![
        attack(
            "default-dict-of-eval",
            GLOBAL,
            p().global("collections", "defaultdict").global("builtins", "eval").raw([0x85, b'R']).stop(),
        ),
        foreign(
            "default-dict-of-list",
            p().global("collections", "defaultdict")
                .global("__builtin__", "list")
                .raw([0x85, b'R'])
                .raw("q\x00")
                .stop(),
        )
        .quiet(&[SHAPE]),
        attack(
            "partial-of-system",
            GLOBAL,
            p().global("functools", "partial").global("os", "system").raw([0x85, b'R']).stop(),
        ),
        attack(
            "partial-of-listed-function",
            SHAPE,
            p().global("functools", "partial").global("torch._utils", "_rebuild_tensor_v2").raw([0x85, b'R']).stop(),
        ),
        foreign(
            "partial-of-layer",
            p().global("functools", "partial")
                .global("torch.nn.modules.normalization", "LayerNorm")
                .raw([0x85, b'R'])
                .stop(),
        ),
        attack(
            "ufunc-imports",
            SHAPE,
            p().global("numpy.core", "_ufunc_reconstruct").text("os").text("system").raw([0x86, b'R']).stop(),
        ),
        foreign(
            "ufunc-of-numpy",
            p().global("numpy.core", "_ufunc_reconstruct").text("numpy").text("log1p").raw([0x86, b'R']).stop(),
        ),
        attack(
            "reconstructor-of-function",
            GLOBAL,
            p().global("copy_reg", "_reconstructor")
                .global("os", "system")
                .global("__builtin__", "object")
                .raw("N")
                .raw([0x87, b'R'])
                .stop(),
        ),
        attack(
            "numpy-dtype-of-call",
            SHAPE,
            p().global("numpy", "dtype").global("my_project", "run").raw(")R").raw([0x85, b'R']).stop(),
        ),
        attack(
            "reconstruct-of-call",
            SHAPE,
            p().global("numpy.core.multiarray", "_reconstruct").text("a").raw(")C\x01b").raw([0x87, b'R']).stop(),
        ),
    ]
}

fn writes() -> Vec<Item> {
    let build = |pickle: Pickle, key: &str| pickle.raw("}").text(key).text("x").raw("sb").stop();
    vec![
        attack("build-on-import", TARGET, build(p().global("collections", "OrderedDict"), "__init__")),
        attack("build-on-module", TARGET, build(p().global("sklearn", "base"), "clone")),
        attack("build-on-function", TARGET, build(p().global("torch._utils", "_rebuild_tensor_v2"), "__code__")),
        attack("build-on-dict", TARGET, build(p().raw("}"), "a")),
        attack("build-on-text", TARGET, build(p().text("a"), "a")),
        attack("build-hides-items", TARGET, build(p().global("collections", "OrderedDict").raw(")R"), "items")),
        attack(
            "build-dunder-on-dict-class",
            TARGET,
            build(p().global("collections", "OrderedDict").raw(")R"), "__class__"),
        ),
        attack(
            "build-foreign-reduce",
            TARGET,
            build(p().global("my_project", "Model").raw(")").raw([0x81]), "__reduce__"),
        ),
        attack(
            "build-foreign-class",
            TARGET,
            build(p().global("my_project", "Model").raw(")").raw([0x81]), "__class__"),
        ),
        attack(
            "build-foreign-slots",
            TARGET,
            p().global("my_project", "Model")
                .raw(")")
                .raw([0x81])
                .raw("N}")
                .text("__setstate__")
                .text("x")
                .raw("s")
                .raw([0x86, b'b'])
                .stop(),
        ),
        foreign("build-foreign-plain", build(p().global("my_project", "Model").raw(")").raw([0x81]), "weight"))
            .quiet(&[TARGET]),
        attack(
            "setitem-environ",
            GLOBAL,
            p().global("os", "environ").text("LD_PRELOAD").text("/tmp/x").raw("s").stop(),
        ),
        attack("setitem-import", TARGET, p().global("my_project", "REGISTRY").text("a").text("b").raw("s").stop()),
        attack("setitems-list", TARGET, p().raw("](K\x00K\x01u").stop()),
        attack("setitem-tensor-class", TARGET, p().global("torch", "Tensor").raw("K\x00K\x01s").stop()),
        attack("append-sys-path", GLOBAL, p().global("sys", "path").text("/tmp").raw("a").stop()),
        attack("append-import", TARGET, p().global("my_project", "PLUGINS").text("x").raw("a").stop()),
        attack("appends-tuple", TARGET, p().raw(")(K\x00e").stop()),
        attack("append-dict", TARGET, p().raw("}K\x00a").stop()),
        attack("additems-list", TARGET, Pickle::proto(4).raw("](K\x00").raw([0x90]).stop()),
        attack(
            "additems-import",
            TARGET,
            Pickle::proto(4).stack_global("my_project", "PLUGINS").raw("(K\x00").raw([0x90]).stop(),
        ),
        safe("additems-set", Pickle::proto(4).raw([0x8f]).raw("(K\x00K\x01").raw([0x90]).stop()).quiet(&[TARGET]),
        safe("appends-list", p().raw("](K\x00K\x01e").stop()).quiet(&[TARGET]),
    ]
}

fn nested() -> Vec<Item> {
    let inner = call("os", "system", "id");
    let honest = p().raw("}").text("a").raw("K\x01s").stop();
    let bytes = |pickle: Pickle, inner: &[u8]| pickle.bytes(inner).raw([0x85, b'R']).stop();
    let load = || Pickle::proto(4).stack_global("torch.storage", "_load_from_bytes");
    let twice = bytes(load(), &bytes(load(), &inner));
    let deep = (0..8).fold(inner.clone(), |inner, _| bytes(load(), &inner));
    let text: String = inner.iter().map(|byte| char::from(*byte)).collect();
    vec![
        attack("nested-load-from-bytes", GLOBAL, bytes(load(), &inner)).fires(&["pickle-in-pickle"]),
        attack("nested-twice", GLOBAL, twice).fires(&["pickle-in-pickle"]),
        attack("nested-loads", "pickle-in-pickle", bytes(p().global("pickle", "loads"), &inner)),
        attack("nested-bytesio", GLOBAL, bytes(p().global("io", "BytesIO"), &inner)).fires(&["pickle-in-pickle"]),
        attack("nested-foreign", GLOBAL, bytes(p().global("my_project", "Restore"), &inner))
            .fires(&["pickle-in-pickle"]),
        attack("nested-text-pickle", GLOBAL, bytes(p().global("my_project", "Restore"), b"cos\nsystem\n(S'id'\ntR.")),
        attack(
            "nested-encoded",
            GLOBAL,
            p().global("torch.storage", "_load_from_bytes")
                .global("_codecs", "encode")
                .text(&text)
                .text("latin1")
                .raw([0x86, b'R', 0x85, b'R'])
                .stop(),
        ),
        Item::new("pickle-nested-deep", Expect::Suspect, "model.pkl", deep).fires(&["pickle-in-pickle"]),
        foreign("nested-honest", bytes(load(), &honest)).fires(&["pickle-in-pickle"]),
        foreign("bytes-foreign-no-pickle", bytes(p().global("tokenizers", "Tokenizer"), b"{\"version\": \"1.0\"}"))
            .quiet(&["pickle-in-pickle"]),
        safe("bytes-of-pickle-kept-as-data", p().raw("}").text("blob").bytes(&inner).raw("s").stop())
            .quiet(&["pickle-in-pickle"]),
    ]
}

pub(super) fn items() -> Vec<Item> {
    [shapes(), callables(), writes(), nested(), memory()].concat()
}

/// Constructors of the allowlist that would take memory without end, and arrays of addresses.
fn memory() -> Vec<Item> {
    const SHAPE: &str = "pickle-call-shape";
    let huge = |module: &str, name: &str| p().global(module, name).raw(b"J\xff\xff\xff\x7f\x85R").stop();
    let objects = |flags: u8| {
        let array = p().global("numpy.core.multiarray", "_reconstruct").global("numpy", "ndarray");
        let array = array.raw(b"K\0\x85C\x01b\x87R(K\x01K\x01\x85").global("numpy", "dtype").text("O8");
        let array = array.raw([0x89, 0x88, 0x87, b'R']).raw(b"(K\x03").text("|");
        let array = array.raw(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK").raw([flags]).raw(b"tb\x89");
        array.raw(b"C\x08AAAAAAAAtb").stop()
    };
    vec![
        attack("memory-bytearray", SHAPE, huge("builtins", "bytearray")),
        attack("memory-tensor", SHAPE, huge("torch", "Tensor")),
        attack("memory-ndarray", SHAPE, p().global("numpy", "ndarray").raw(b"J\xff\xff\xff\x7f\x85\x85R").stop()),
        attack("memory-set-of-range", SHAPE, {
            let set = p().global("builtins", "set").global("builtins", "range");
            set.raw(b"K\0J\xff\xff\xff\x7fK\x01\x87R\x85R").stop()
        }),
        attack("memory-objects-as-bytes", "pickle-write-target", objects(63)),
        attack("memory-objects-denied", "pickle-write-target", objects(0)),
    ]
}
