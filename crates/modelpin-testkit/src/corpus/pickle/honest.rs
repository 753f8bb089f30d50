//! What honest writers write: plain values of every protocol, arrays, state dicts, and objects of libraries.

use super::super::build::{Pickle, state_dict};
use super::super::{Expect, Item};
use super::layout::{old, storage};
use super::shared::tensor;
use super::{foreign, safe};

fn p(version: u8) -> Pickle {
    Pickle::proto(version)
}

/// `{"a": [1, 2.5, "x", None, True], "b": (1, 2), "n": 10**30}` as CPython writes it.
fn plain() -> Vec<Item> {
    let zero = b"(dp0\nVa\np1\n(lp2\nI1\naF2.5\naVx\np3\naNaI01\nasVb\np4\n(I1\nI2\ntp5\nsVn\np6\nL1000000000000000000000000000000L\ns.";
    let one = b"}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01G@\x04\x00\x00\x00\x00\x00\x00X\x01\x00\x00\x00xq\x03NI01\neX\x01\x00\x00\x00bq\x04(K\x01K\x02tq\x05X\x01\x00\x00\x00nq\x06L1000000000000000000000000000000L\nu.";
    let two = b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01G@\x04\x00\x00\x00\x00\x00\x00X\x01\x00\x00\x00xq\x03N\x88eX\x01\x00\x00\x00bq\x04K\x01K\x02\x86q\x05X\x01\x00\x00\x00nq\x06\x8a\x0d\x00\x00\x00@\xea\xed\x74\x46\xd0\x9c\x2c\x9f\x0cu.";
    let four = b"\x80\x04\x95\x3b\0\0\0\0\0\0\0}\x94(\x8c\x01a\x94]\x94(K\x01G@\x04\x00\x00\x00\x00\x00\x00\x8c\x01x\x94N\x88e\x8c\x01b\x94K\x01K\x02\x86\x94\x8c\x01n\x94\x8a\x0d\x00\x00\x00@\xea\xed\x74\x46\xd0\x9c\x2c\x9f\x0cu.";
    let mut three = two.to_vec();
    let mut five = four.to_vec();
    (three[1], five[1]) = (3, 5);
    let quiet = &["pickle-broken", "pickle-frame", "pickle-dangerous-global"];
    let python2 = b"\x80\x02}q\x01(U\x01aq\x02K\x01U\x04nameq\x03U\x05modelq\x04u.";
    vec![
        safe("plain-protocol-0", zero.as_slice()).quiet(quiet),
        safe("plain-protocol-1", one.as_slice()).quiet(quiet),
        safe("plain-protocol-2", two.as_slice()).quiet(quiet),
        safe("plain-protocol-3", three).quiet(quiet),
        safe("plain-protocol-4", four.as_slice()).quiet(quiet),
        safe("plain-protocol-5", five).quiet(quiet),
        safe("plain-python-2", python2.as_slice()).quiet(quiet),
        safe("plain-none", b"N.".as_slice()).quiet(quiet),
        safe("plain-list-text", b"(lp0\nI1\naI2\na.".as_slice()).quiet(quiet),
        safe("plain-bytearray", p(5).raw(b"\x96\x03\0\0\0\0\0\0\0abc\x94").stop()).quiet(quiet),
        safe("plain-frozenset", p(4).raw(b"(K\x01K\x02\x91\x94").stop()).quiet(quiet),
        safe(
            "plain-set-protocol-2",
            p(2).global("__builtin__", "set").raw(b"q\x00]q\x01(K\x01K\x02e\x85q\x02Rq\x03").stop(),
        )
        .quiet(quiet),
        safe("plain-bytes-protocol-2", {
            p(2).global("_codecs", "encode").raw("q\x00").text("ab\u{ff}").text("latin1").raw(b"\x86q\x03Rq\x04").stop()
        })
        .quiet(&["pickle-call-shape"]),
        safe("plain-complex-and-range", {
            let numbers =
                p(2).raw("(").global("__builtin__", "complex").raw(b"G?\xf0\0\0\0\0\0\0G?\xf0\0\0\0\0\0\0\x86R");
            numbers.global("__builtin__", "xrange").raw(b"K\0K\x05K\x01\x87Rt").stop()
        }),
        safe("plain-recursive-list", p(2).raw("]q\x00h\x00a").stop()).quiet(quiet),
        safe("plain-million-laughs", (0..60).fold(p(2).raw("]"), |pickle, _| pickle.raw(b"2\x86")).stop()),
        safe("plain-deep", p(2).raw("]".repeat(20_000)).raw("a".repeat(19_999)).stop()).quiet(&["over-budget"]),
        safe("plain-empty-dict-text-named-data", b"(dp0\n.".as_slice()),
        safe("plain-vocabulary", {
            (0..5_000_i32)
                .fold(p(4).raw("}("), |pickle, n| pickle.short_text(&format!("token{n}")).raw([0x94]).int(n))
                .raw("u")
                .stop()
        })
        .quiet(&["over-budget"]),
    ]
}

/// `numpy.arange(..)`, as NumPy 1 and 2 write it.
fn array(pickle: Pickle, module: &str) -> Pickle {
    let pickle =
        pickle.global(module, "_reconstruct").global("numpy", "ndarray").raw(b"K\0\x85C\x01b\x87R(K\x01K\x02\x85");
    let pickle = pickle.global("numpy", "dtype").text("f8").raw([0x89, 0x88, 0x87, b'R']).raw(b"(K\x03").text("<");
    pickle.raw(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89").raw("C\x10").raw([0; 16]).raw("tb")
}

fn arrays() -> Vec<Item> {
    let quiet = &["pickle-write-target", "pickle-call-shape", "pickle-foreign-global"];
    vec![
        safe("numpy-1", array(p(3), "numpy.core.multiarray").stop()).quiet(quiet),
        safe("numpy-2", array(p(3), "numpy._core.multiarray").stop()).quiet(quiet),
        safe("numpy-in-dict", array(p(3).raw("}").text("x"), "numpy.core.multiarray").raw("s").stop()).quiet(quiet),
        safe("numpy-scalar", {
            let dtype = p(3).global("numpy.core.multiarray", "scalar").global("numpy", "dtype").text("f8");
            let dtype = dtype
                .raw([0x89, 0x88, 0x87, b'R'])
                .raw(b"(K\x03")
                .text("<")
                .raw(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb");
            dtype.raw(b"C\x08\0\0\0\0\0\0\0\0\x86R").stop()
        })
        .quiet(quiet),
        safe("numpy-buffer-protocol-5", {
            let buffer = p(5)
                .stack_global("numpy._core.numeric", "_frombuffer")
                .raw("(")
                .raw(b"\x96\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
            let buffer = buffer.stack_global("numpy", "dtype").short_text("f8").raw([0x89, 0x88, 0x87, b'R']);
            buffer.raw(b"K\x01\x85").short_text("C").raw("tR").stop()
        })
        .quiet(quiet),
        foreign("numpy-random-state", {
            let state = array(p(3).raw("}").text("key"), "numpy.core.multiarray").raw("s").0;
            let state = &state[2..];
            p(3).global("numpy.random._pickle", "__randomstate_ctor")
                .text("MT19937")
                .raw([0x85, b'R'])
                .raw(state)
                .raw("b")
                .stop()
        }),
    ]
}

/// An old torch file with this object and these storages.
fn bin(name: &str, object: &[u8], storages: &[(&str, Vec<u8>)]) -> Item {
    let rules =
        &["pickle-call-shape", "pickle-write-target", "pickle-persistent-id", "tensor-geometry", "storage-size"];
    Item::new(format!("pickle-{name}"), Expect::Safe, "pytorch_model.bin", old(object, storages))
        .quiet(rules)
        .quiet(&["storage-unreferenced"])
}

/// Tensors of other kinds than plain floats.
fn kinds() -> Vec<Item> {
    let storage_of = |class: &str, count: i32| {
        let pickle = p(2).global("torch._utils", "_rebuild_tensor_v2").raw("((").text("storage").global("torch", class);
        pickle.text("0").text("cpu").int(count).raw("NtQ").int(0)
    };
    let bf16 = storage_of("BFloat16Storage", 4)
        .ints(&[4])
        .ints(&[1])
        .raw([0x89])
        .global("collections", "OrderedDict")
        .raw(")RtR");
    let quantised = {
        let pickle =
            p(2).global("torch._utils", "_rebuild_qtensor").raw("((").text("storage").global("torch", "QInt8Storage");
        let pickle = pickle.text("0").text("cpu").int(4).raw("NtQ").int(0).ints(&[4]).ints(&[1]).raw("(");
        let pickle = pickle.global("torch", "per_tensor_affine").raw(b"G?\xf0\0\0\0\0\0\0K\0t\x89");
        pickle.global("collections", "OrderedDict").raw(")RtR")
    };
    let sparse = {
        let pickle = p(2).global("torch._utils", "_rebuild_sparse_tensor").global("torch.serialization", "_get_layout");
        let pickle = pickle.text("torch.sparse_coo").raw([0x85, b'R']).raw("(");
        let pickle = tensor(pickle, "0", 4, 0, &[2, 2], &[2, 1]);
        let pickle = tensor(pickle, "1", 2, 0, &[2], &[1]).global("torch", "Size").ints(&[4, 4]).raw([0x85, b'R']);
        pickle.raw(b"t\x86R")
    };
    let float8 = {
        let pickle = p(2)
            .global("torch._utils", "_rebuild_tensor_v3")
            .raw("((")
            .text("storage")
            .global("torch.storage", "UntypedStorage");
        let pickle = pickle.text("0").text("cpu").int(8).raw("NtQ").int(0).ints(&[8]).ints(&[1]).raw([0x89]);
        pickle.global("collections", "OrderedDict").raw(")R").global("torch", "float8_e4m3fn").raw("tR")
    };
    vec![
        bin("torch-bf16", &bf16.stop(), &[("0", storage(4, 2))]),
        bin("torch-quantised", &quantised.stop(), &[("0", storage(4, 1))]),
        bin("torch-sparse", &sparse.stop(), &[("0", storage(4, 4)), ("1", storage(2, 4))]),
        bin("torch-float8", &float8.stop(), &[("0", storage(8, 1))]),
    ]
}

fn torch() -> Vec<Item> {
    let metadata = || {
        let dict = state_dict(&[("w", "0", &[2, 2]), ("b", "1", &[2])]);
        let pickle =
            Pickle(dict[..dict.len() - 1].to_vec()).raw("}").text("_metadata").global("collections", "OrderedDict");
        pickle.raw(")R").text("").raw("}").text("version").raw("K\x01sssb").stop()
    };
    let parameter = {
        let pickle = p(2).raw("}").text("w").global("torch._utils", "_rebuild_parameter").raw("(");
        let pickle =
            tensor(pickle, "0", 4, 0, &[4], &[1]).raw([0x88]).global("collections", "OrderedDict").raw(")RtRs");
        pickle.stop()
    };
    let optimiser = {
        let pickle = p(2).raw("}").text("optimizer").raw("}").text("state").raw("}K\0}").text("exp_avg");
        let pickle = tensor(pickle, "0", 4, 0, &[4], &[1]).raw("sss").text("param_groups").raw("]}").text("lr");
        pickle.raw(b"G?\xf0\0\0\0\0\0\0sass").text("epoch").raw("K\x03s").stop()
    };
    let subclass = {
        let pickle =
            p(2).global("torch._tensor", "_rebuild_from_type_v2").raw("(").global("torch._utils", "_rebuild_tensor_v2");
        let pickle =
            pickle.global("torch.nn.parameter", "Parameter").raw("((").text("storage").global("torch", "FloatStorage");
        let pickle = pickle.text("0").text("cpu").int(4).raw("NtQ").int(0).ints(&[4]).ints(&[1]).raw([0x89]);
        pickle.global("collections", "OrderedDict").raw(")Rt}").text("tag").text("x").raw("stR").stop()
    };
    vec![
        bin(
            "torch-state-dict",
            &state_dict(&[("w", "0", &[2, 2]), ("b", "1", &[2])]),
            &[("0", storage(4, 4)), ("1", storage(2, 4))],
        ),
        bin("torch-metadata", &metadata(), &[("0", storage(4, 4)), ("1", storage(2, 4))]),
        bin("torch-tied", &state_dict(&[("a", "0", &[4]), ("b", "0", &[4])]), &[("0", storage(4, 4))]),
        bin("torch-parameter", &parameter, &[("0", storage(4, 4))]),
        bin("torch-optimizer", &optimiser, &[("0", storage(4, 4))]),
        bin("torch-subclass", &subclass, &[("0", storage(4, 4))]),
        bin(
            "torch-device-and-dtype",
            &{
                let pickle = p(2)
                    .raw("}")
                    .text("dtype")
                    .global("torch", "bfloat16")
                    .raw("s")
                    .text("device")
                    .global("torch", "device");
                pickle.text("cuda").raw(b"K\0\x86Rs").stop()
            },
            &[],
        ),
    ]
}

fn objects() -> Vec<Item> {
    let made = |pickle: Pickle, module: &str, name: &str| pickle.stack_global(module, name).raw([b')', 0x81, b'}']);
    let arguments = made(p(4), "transformers.training_args", "TrainingArguments")
        .short_text("output_dir")
        .short_text("out")
        .raw("s");
    let arguments = arguments
        .short_text("strategy")
        .stack_global("transformers.trainer_utils", "IntervalStrategy")
        .short_text("steps");
    let arguments =
        arguments.raw([0x85, b'R', b's']).short_text("device").stack_global("torch", "device").short_text("cuda");
    let yolo = made(p(2), "ultralytics.nn.tasks", "DetectionModel").text("training").raw([0x88, b's']).text("_modules");
    let yolo = yolo
        .global("collections", "OrderedDict")
        .raw(")R")
        .text("0")
        .global("torch.nn.modules.conv", "Conv2d")
        .raw([b')', 0x81]);
    let old = b"ccopy_reg\n_reconstructor\np0\n(csklearn.preprocessing\nScaler\np1\nc__builtin__\nobject\np2\nNtp3\nRp4\n(dp5\nS'mean'\np6\nF1.0\nsb.";
    let path = p(4).stack_global("pathlib", "PosixPath").raw("(").short_text("/").short_text("data").raw("tR");
    let pydantic = made(p(4), "my_project.config", "Settings")
        .short_text("__dict__")
        .raw("}s")
        .short_text("__pydantic_extra__")
        .raw("Ns");
    let logger = p(4).stack_global("logging", "getLogger").short_text("model").raw([0x85, b'R']);
    let pattern = p(4).stack_global("re", "_compile").short_text("[a-z]+").raw(b"K \x86R");
    vec![
        foreign("training-arguments", arguments.raw([0x85, b'R', b's', b'b']).stop()).quiet(&["pickle-write-target"]),
        foreign("yolo", yolo.raw("}bssb").stop()).quiet(&["pickle-write-target", "pickle-computed-call"]),
        foreign("object-protocol-0", old.as_slice()).quiet(&["pickle-call-shape"]),
        foreign("path", path.stop()),
        foreign("pydantic", pydantic.raw("b").stop()).quiet(&["pickle-write-target"]),
        foreign("logger", logger.stop()),
        foreign("pattern", pattern.stop()),
        foreign("namespace", made(p(4), "argparse", "Namespace").short_text("lr").raw(b"G?\xf0\0\0\0\0\0\0sb").stop()),
        foreign("deque", p(4).stack_global("collections", "deque").raw(b")K\x05\x86R(K\x01K\x02e").stop())
            .quiet(&["pickle-write-target"]),
        foreign(
            "datetime",
            p(4).stack_global("datetime", "datetime").raw(b"C\x0a\x07\xe9\x01\x02\x03\x04\x05\0\0\0\x85R").stop(),
        ),
        foreign("dict-subclass", made(p(2), "my_project", "AttrDict").raw("0(K\x01K\x02u").stop()),
        foreign("list-subclass", p(2).global("my_project", "Stack").raw([b')', 0x81]).raw("(K\x01K\x02e").stop()),
    ]
}

/// Files that are no pickles, though they begin with what could be an opcode.
fn lookalikes() -> Vec<Item> {
    let words = "cat\ndog\nmouse\n";
    let rows: &[(&str, &str, &str)] = &[
        ("words", "vocab.txt", words),
        ("functions", "words.txt", "cos\nsin\ntan\n"),
        ("merges", "merges.txt", "c a\nt h\nth e\n"),
        ("prose", "README.txt", "In the beginning\nthere was text.\n"),
        ("persons", "authors.txt", "Paris\nPrague\nPorto\n"),
        ("numbers", "numbers.txt", "1\n2\n3\n"),
        ("parenthesis", "notes.txt", "(a note)\nKeep it.\n"),
        ("bracket", "notes.txt", "]}.\nno\n"),
        ("letter", "LICENSE", "Sincerely,\nthe author\n"),
        ("import", "notes.txt", "import os\nimport sys\n"),
    ];
    rows.iter()
        .map(|(name, path, text)| {
            Item::new(format!("pickle-no-{name}"), Expect::Safe, path, text.as_bytes()).quiet(&[
                "pickle-broken",
                "pickle-dangerous-global",
                "name-disagrees",
            ])
        })
        .collect()
}

pub(super) fn items() -> Vec<Item> {
    [plain(), arrays(), torch(), kinds(), objects(), lookalikes()].concat()
}
