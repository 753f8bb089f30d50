//! Values that honest pickles hold beside numbers and arrays: strings of NumPy 2, masked arrays, zones, buffers, errors,
//! functions and methods that are kept to be called later on; and the same used by an attack.

use super::super::Item;
use super::super::build::Pickle;
use super::{attack, foreign, safe};

fn p(version: u8) -> Pickle {
    Pickle::proto(version)
}

/// `_reconstruct` of an empty array of this class.
fn empty(module: &str, class: &str) -> Pickle {
    p(4).stack_global("numpy._core.multiarray", "_reconstruct").stack_global(module, class).raw(b"K\0\x85C\x01b\x87R")
}

/// The state of an array of two numbers.
fn numbers(pickle: Pickle) -> Pickle {
    let pickle = pickle.raw(b"(K\x01K\x02\x85").stack_global("numpy", "dtype").short_text("f8");
    let pickle = pickle.raw([0x89, 0x88, 0x87, b'R']).raw(b"(K\x03").short_text("<");
    pickle.raw(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89").raw("C\x10").raw([0; 16]).raw("tb")
}

/// An array of text of NumPy 2, with these items.
fn strings(items: &[u8]) -> Vec<u8> {
    let pickle = empty("numpy", "ndarray").raw(b"(K\x01K\x01\x85");
    let pickle = pickle.stack_global("numpy._core._internal", "_convert_to_stringdtype_kwargs").raw(b"K\x01\x85R");
    pickle.raw([0x89]).raw(items).raw("tb").stop()
}

/// `getattr(module.name, member)`.
fn member(module: &str, name: &str, member: &str) -> Pickle {
    p(4).stack_global("builtins", "getattr").stack_global(module, name).short_text(member).raw([0x86, b'R'])
}

fn arrays() -> Vec<Item> {
    let masked = |module: &str| {
        let made = p(4).stack_global("numpy.ma.core", "_mareconstruct").raw("(").stack_global(module, "MaskedArray");
        made.stack_global("numpy", "ndarray").raw(b"K\0\x85C\x01btR").stop()
    };
    let shape = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(L0L\ntS'b'\ntR.";
    let octal = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(L010L\ntS'b'\ntR.";
    let quiet = &["pickle-dangerous-global", "pickle-call-shape", "pickle-write-target"];
    vec![
        safe("long-zero-text", shape.as_slice()).quiet(quiet),
        safe("long-negative-zero-text", b"(L-0L\nL00L\nt.".as_slice()).quiet(quiet),
        attack("long-octal-text", "pickle-call-shape", octal.as_slice()),
        safe("strings", strings(b"]\x8c\x01aa")).quiet(quiet),
        attack("strings-are-addresses", "pickle-write-target", strings(b"C\x10AAAAAAAABBBBBBBB")),
        foreign("masked-array", masked("numpy.ma")).quiet(quiet),
        foreign("masked-array-numpy-1", masked("numpy.ma.core")).quiet(quiet),
        foreign("masked-constant", p(4).stack_global("numpy.ma.core", "MaskedConstant").raw(")R").stop()),
        foreign("chararray", numbers(empty("numpy.char", "chararray")).stop()).quiet(quiet),
        foreign("memmap", numbers(empty("numpy", "memmap")).stop()).quiet(quiet),
        foreign("poly1d", p(4).stack_global("numpy", "poly1d").raw(b")\x81}\x8c\x08variable\x8c\x01xsb").stop()),
        foreign("random-state-old", {
            p(2).global("numpy.random", "__RandomState_ctor").raw(")R").text("MT19937").raw(b"K\x01\x86b").stop()
        }),
        attack(
            "memmap-called",
            "pickle-call-shape",
            p(4).stack_global("numpy", "memmap").short_text("a").raw([0x85, b'R']).stop(),
        ),
        attack("memmap-created", "pickle-call-shape", {
            p(4).stack_global("numpy", "memmap").short_text("a").raw([0x85, 0x81]).stop()
        }),
        attack("memmap-partial", "pickle-call-shape", {
            p(4).stack_global("functools", "partial")
                .stack_global("numpy", "memmap")
                .short_text("a")
                .raw([0x86, b'R'])
                .stop()
        }),
    ]
}

fn objects() -> Vec<Item> {
    let zone =
        |member_name: &str| member("zoneinfo", "ZoneInfo", member_name).short_text("Europe/Oslo").raw(b"\x88\x86R");
    let pattern = || {
        let made = p(4).stack_global("builtins", "getattr").stack_global("re", "_compile").short_text("a+");
        made.raw(b"K \x86R").short_text("findall").raw([0x86, b'R'])
    };
    let buffer = p(4).stack_global("_io", "BytesIO").raw(b")\x81(C\x03abcK\0Ntb").stop();
    let error = p(4).stack_global("builtins", "ValueError").short_text("no").raw([0x85, b'R']).stop();
    let getter = p(4).stack_global("operator", "itemgetter").raw(b"K\x01\x85R");
    let system = || p(4).stack_global("os", "system");
    vec![
        foreign("zone", zone("_unpickle").stop()).quiet(&["pickle-computed-call", "pickle-call-shape"]),
        attack("zone-from-file", "pickle-computed-call", zone("from_file").stop()),
        attack("zone-internals", "pickle-call-shape", zone("__init_subclass__").stop()),
        foreign("buffer", buffer).quiet(&["pickle-write-target"]),
        foreign("error", error),
        foreign("error-python-2", b"cexceptions\nKeyError\n(S'a'\ntR.".as_slice()),
        foreign("warning", p(2).global("exceptions", "RuntimeWarning").raw(")R").stop()),
        foreign("error-with-state", {
            p(4).stack_global("builtins", "OSError").raw(b"K\x02\x85R}").short_text("code").raw("K\x01sb").stop()
        }),
        foreign("method-split", member("builtins", "str", "split").stop()).quiet(&["pickle-call-shape"]),
        foreign("method-lower-python-2", {
            p(2).global("__builtin__", "getattr")
                .global("__builtin__", "unicode")
                .text("lower")
                .raw([0x86, b'R'])
                .stop()
        })
        .quiet(&["pickle-call-shape"]),
        attack("method-format", "pickle-call-shape", member("builtins", "str", "format").stop()),
        attack("method-of-base", "pickle-call-shape", member("builtins", "str", "__base__").stop()),
        foreign("method-of-pattern", pattern().stop()).quiet(&["pickle-call-shape"]),
        attack("method-of-pattern-called", "pickle-computed-call", pattern().short_text("aa").raw([0x85, b'R']).stop()),
        foreign("item-getter", getter.clone().stop()),
        attack("item-getter-called", "pickle-computed-call", getter.raw("]").raw([0x85, b'R']).stop()),
        attack("item-getter-of-system", "pickle-dangerous-global", {
            p(4).stack_global("operator", "itemgetter").raw(system().0.split_off(2)).raw([0x85, b'R']).stop()
        }),
        foreign("percentile", p(4).stack_global("numpy", "percentile").stop()),
        foreign("to-datetime", p(4).stack_global("pandas", "to_datetime").stop()),
        foreign("log", p(4).stack_global("math", "log").stop()),
        foreign("substitute", p(4).stack_global("re", "sub").stop()),
        foreign("add", p(4).stack_global("_operator", "add").stop()),
        foreign("torch-function", member("torch._C", "_VariableFunctionsClass", "relu").stop())
            .quiet(&["pickle-call-shape"]),
        attack("torch-function-of-file", "pickle-call-shape", {
            member("torch._C", "_VariableFunctionsClass", "from_file").stop()
        }),
        foreign("script-object", p(2).global("torch", "ScriptObject").raw(b")\x81").stop()),
        attack("method-caller", "pickle-dangerous-global", {
            p(4).stack_global("operator", "methodcaller").short_text("read").raw([0x85, b'R']).stop()
        }),
    ]
}

/// A dtype of `size` bytes with these fields: name, code, offset.
fn record(size: u8, fields: &[(&str, &str, i32)]) -> Vec<u8> {
    let names =
        fields.iter().fold(p(4).stack_global("numpy", "dtype").short_text(&format!("V{size}")), |pickle, _| pickle);
    let mut pickle = names.raw([0x89, 0x88, 0x87, b'R']).raw(b"(K\x03").short_text("|").raw("N(");
    for (name, _, _) in fields {
        pickle = pickle.short_text(name);
    }
    pickle = pickle.raw("t}(");
    for (name, code, offset) in fields {
        pickle = pickle.short_text(name).stack_global("numpy", "dtype").short_text(code);
        pickle = pickle.raw([0x89, 0x88, 0x87, b'R']).int(*offset).raw([0x86]);
    }
    let flags = if fields.iter().any(|(_, code, _)| code.starts_with('O')) { 63 } else { 16 };
    pickle.raw("u").raw([b'K', size, b'K', 1, b'K', flags]).raw("tb").stop()
}

/// A dtype of `size` bytes, each item an array of `sides` numbers of 8 bytes.
fn array_of(size: u8, sides: &[i32]) -> Vec<u8> {
    let pickle = p(4).stack_global("numpy", "dtype").short_text(&format!("V{size}")).raw([0x89, 0x88, 0x87, b'R']);
    let base = pickle.raw(b"(K\x03").short_text("|").stack_global("numpy", "dtype").short_text("f8");
    let state = base.raw([0x89, 0x88, 0x87, b'R']).ints(sides).raw([0x86]).raw("NN");
    state.raw([b'K', size, b'K', 8, b'K', 0]).raw("tb").stop()
}

fn dtypes() -> Vec<Item> {
    const RULE: &str = "tensor-geometry";
    let quiet = &[RULE, "pickle-write-target"];
    vec![
        safe("dtype-record", record(16, &[("a", "f8", 0), ("b", "i8", 8)])).quiet(quiet),
        safe("dtype-gap", record(24, &[("a", "f8", 0), ("b", "i8", 16)])).quiet(quiet),
        safe("dtype-union", record(8, &[("a", "f8", 0), ("b", "i4", 4)])).quiet(quiet),
        safe("dtype-objects", record(16, &[("a", "O8", 0), ("b", "i8", 8)])).quiet(quiet),
        safe("dtype-array", array_of(48, &[2, 3])).quiet(quiet),
        attack("dtype-outside", RULE, record(8, &[("a", "f8", 1_000_000)])),
        attack("dtype-one-too-far", RULE, record(8, &[("a", "f8", 1)])),
        attack("dtype-negative", RULE, record(8, &[("a", "f8", -64)])),
        attack("dtype-item-too-small", RULE, record(4, &[("a", "f8", 0)])),
        attack("dtype-object-overlaps", RULE, record(16, &[("a", "O8", 0), ("b", "i8", 4)])),
        attack("dtype-number-on-object", RULE, record(16, &[("a", "i8", 0), ("b", "O8", 0)])),
        attack("dtype-array-outside", RULE, array_of(8, &[2, 3])),
        attack("dtype-array-negative", RULE, array_of(8, &[-1])),
        attack("dtype-array-overflow", RULE, array_of(8, &[i32::MAX, i32::MAX, i32::MAX])),
    ]
}

pub(super) fn items() -> Vec<Item> {
    [arrays(), objects(), dtypes()].concat()
}
