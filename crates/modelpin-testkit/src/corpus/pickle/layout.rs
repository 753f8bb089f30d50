//! Files that hold more than one pickle: the torch format before 1.6, and joblib's arrays between the opcodes.

use super::super::build::{Pickle, call};
use super::super::{Expect, Item};
use super::shared::tensor;

/// The magic number as torch writes it.
const MAGIC: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";

/// The number of the format.
const VERSION: &[u8] = b"\x80\x02M\xe9\x03.";

/// A storage as it lies behind the pickles: `count` elements of `item` bytes.
pub(super) fn storage(count: u64, item: u64) -> Vec<u8> {
    let bytes = usize::try_from(count * item).unwrap_or(0);
    [&count.to_le_bytes()[..], &vec![0x3f; bytes]].concat()
}

/// What torch writes about the machine.
fn system() -> Vec<u8> {
    let pickle =
        Pickle::proto(2).raw("}(").text("protocol_version").raw(b"M\xe9\x03").text("little_endian").raw([0x88]);
    pickle
        .text("type_sizes")
        .raw("}(")
        .text("short")
        .raw("K\x02")
        .text("int")
        .raw("K\x04")
        .text("long")
        .raw("K\x04uu")
        .stop()
}

/// A file of torch from before 1.6: this object, and the storages as they lie behind it (count and bytes).
pub fn old(object: &[u8], storages: &[(&str, Vec<u8>)]) -> Vec<u8> {
    with_magic(MAGIC, object, storages)
}

fn with_magic(magic: &[u8], object: &[u8], storages: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let keys = storages.iter().fold(Pickle::proto(2).raw("]("), |pickle, (key, _)| pickle.text(key)).raw("e").stop();
    let mut bytes = [magic, VERSION, &system(), object, &keys].concat();
    bytes.extend(storages.iter().flat_map(|(_, storage)| storage));
    bytes
}

fn torch_items() -> Vec<Item> {
    let object = tensor(Pickle::proto(2).raw("}").text("w"), "0", 4, 0, &[4], &[1]).raw("s").stop();
    let good = old(&object, &[("0", storage(4, 4))]);
    let item =
        |name: &str, expect, bytes: Vec<u8>| Item::new(format!("pickle-old-torch-{name}"), expect, "model.pt", bytes);
    let magic = |magic: &[u8]| with_magic(magic, &object, &[("0", storage(4, 4))]);
    let evaluated = magic(&call("builtins", "eval", "0x1950a86a20f9469cfc6c"));
    let computed = magic(&Pickle::proto(2).global("my_project", "magic").raw(")R").stop());
    let decoy = magic(b"\x80\x02N0\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.");
    let text = magic(b"L119547037146038801333356L\n.");
    let mut swapped = good.clone();
    swapped.extend(b"more");
    let with_pickle = [&good[..], &call("os", "system", "id")].concat();
    vec![
        item("honest", Expect::Safe, good.clone()).quiet(&[
            "torch-magic",
            "storage-size",
            "storage-unreferenced",
            "trailing-bytes",
        ]),
        item("honest-empty", Expect::Safe, old(b"\x80\x02}.", &[])).quiet(&["pickle-broken"]),
        item("magic-eval", Expect::Dangerous, evaluated).fires(&["torch-magic"]),
        item("magic-foreign", Expect::Dangerous, computed).fires(&["torch-magic"]),
        item("magic-decoy", Expect::Dangerous, decoy).fires(&["torch-magic"]),
        item("magic-text", Expect::Dangerous, text).fires(&["torch-magic"]),
        item("object-hostile", Expect::Dangerous, old(&call("os", "system", "id"), &[]))
            .fires(&["pickle-dangerous-global"]),
        item("system-hostile", Expect::Dangerous, {
            [MAGIC, VERSION, &call("os", "system", "id"), &object, b"\x80\x02]."].concat()
        })
        .fires(&["pickle-dangerous-global"]),
        item(
            "keys-hostile",
            Expect::Dangerous,
            [MAGIC, VERSION, &system(), &object, &call("os", "system", "id")].concat(),
        )
        .fires(&["pickle-dangerous-global"]),
        item("storage-short", Expect::Suspect, old(&object, &[("0", storage(3, 4))])).fires(&["storage-size"]),
        item("storage-cut", Expect::Suspect, good[..good.len() - 3].to_vec()).fires(&["truncated"]),
        item("storage-missing", Expect::Suspect, old(&object, &[])).fires(&["storage-size"]),
        item("storage-stray", Expect::Suspect, old(&object, &[("0", storage(4, 4)), ("1", storage(4, 4))]))
            .fires(&["storage-unreferenced"]),
        item("tail", Expect::Suspect, swapped).fires(&["trailing-bytes"]),
        item("tail-pickle", Expect::Suspect, with_pickle).fires(&["trailing-bytes"]),
        item("whole-module", Expect::Review, old(&module("torch.nn.modules.linear", "Linear").stop(), &[]))
            .fires(&["pickle-foreign-global"])
            .quiet(&["pickle-computed-call", "pickle-write-target", "pickle-persistent-id"]),
        item("whole-module-of-system", Expect::Dangerous, old(&module("os", "system").stop(), &[]))
            .fires(&["pickle-dangerous-global"]),
        item("whole-module-elsewhere", Expect::Suspect, module("torch.nn.modules.linear", "Linear").stop())
            .fires(&["pickle-persistent-id"]),
        item("package-storage", Expect::Review, {
            let pid = Pickle::proto(3).text("storage").raw("0(").text("storage").global("torch", "FloatStorage");
            pid.int(4).text("cpu").int(6).raw("tQ").stop()
        })
        .fires(&["pickle-persistent-id"]),
        item("storage-is-pickle-honest-reader", Expect::Safe, {
            let mut bytes = storage(8, 4);
            let inner = call("os", "system", "id");
            for (to, from) in bytes.iter_mut().skip(8).zip(inner) {
                *to = from;
            }
            old(&tensor(Pickle::proto(2), "0", 8, 0, &[8], &[1]).stop(), &[("0", bytes)])
        })
        .quiet(&["pickle-dangerous-global"]),
    ]
}

/// A module as torch before 1.6 wrote it: its class in a persistent id, with its source.
fn module(module: &str, class: &str) -> Pickle {
    let pid = Pickle::proto(2).raw("(").text("module").global(module, class).text("/lib/linear.py");
    let made = pid.text("class Linear(Module):\n    pass\n").raw("tQ)").raw([0x81]);
    made.raw("}").text("training").raw([0x88]).raw("sb")
}

/// The start of a joblib file: a wrapper for an array of `shape` and `code`, up to its `BUILD`.
pub(super) fn wrapper(pickle: Pickle, shape: &[i32], code: &str, aligned: bool) -> Pickle {
    let pickle = pickle.global("joblib.numpy_pickle", "NumpyArrayWrapper").raw(")").raw([0x81]).raw("}(");
    let pickle = pickle.text("subclass").global("numpy", "ndarray").text("shape").ints(shape).text("order").text("C");
    let pickle = pickle.text("dtype").global("numpy", "dtype").text(code).raw([0x89, 0x88, 0x87, b'R']);
    let pickle = pickle.raw("(K\x03").text("<").raw("NNNJ").raw([0xff; 4]).raw("J").raw([0xff; 4]).raw("K");
    // Whether there are objects in it: `numpy.dtype("O").flags`.
    let pickle = pickle.raw([if code.starts_with('O') { 63 } else { 0 }]).raw("tb");
    let pickle = pickle.text("allow_mmap").raw([0x88]);
    let pickle = if aligned { pickle.text("numpy_array_alignment_bytes").raw("K\x10") } else { pickle };
    pickle.raw("ub")
}

/// Padding as joblib writes it: its length, then as many bytes of 255.
fn padded(pickle: Pickle) -> Pickle {
    let padding = 15 - pickle.0.len() % 16;
    pickle.raw([padding as u8]).raw(vec![0xff; padding])
}

fn joblib_items() -> Vec<Item> {
    let item =
        |name: &str, expect, bytes: Vec<u8>| Item::new(format!("pickle-joblib-{name}"), expect, "model.joblib", bytes);
    let p = || Pickle::proto(2);
    let data: Vec<u8> = (0..24).flat_map(|n| f64::from(n).to_le_bytes()).collect();
    let model =
        || p().global("sklearn.linear_model._base", "LinearRegression").raw(")").raw([0x81]).raw("}").text("coef_");
    let evil = b"cos\nsystem\n(S'id'\ntR.";
    let mut disguised = vec![0_u8; 192];
    for (to, from) in disguised.iter_mut().zip(evil) {
        *to = *from;
    }
    let objects = p().raw("]").text("a").raw("a").stop();
    vec![
        item("array", Expect::Safe, padded(wrapper(p(), &[2, 12], "f8", true)).raw(&data).stop()).quiet(&[
            "pickle-broken",
            "pickle-write-target",
            "trailing-bytes",
        ]),
        item("array-old", Expect::Safe, wrapper(p(), &[24], "f8", false).raw(&data).stop()).quiet(&["pickle-broken"]),
        item(
            "array-in-dict",
            Expect::Safe,
            padded(wrapper(p().raw("}").text("w"), &[24], "f8", true)).raw(&data).raw("s").stop(),
        ),
        item("sklearn", Expect::Review, padded(wrapper(model(), &[24], "f8", true)).raw(&data).raw("sb").stop())
            .fires(&["pickle-foreign-global"])
            .quiet(&["pickle-broken", "pickle-dangerous-global"]),
        item("objects", Expect::Safe, wrapper(p(), &[1], "O8", true).raw(&objects).stop()).quiet(&["pickle-broken"]),
        item(
            "objects-hostile",
            Expect::Dangerous,
            wrapper(p(), &[1], "O8", true).raw(call("os", "system", "id")).stop(),
        )
        .fires(&["pickle-dangerous-global"]),
        item("after-array-hostile", Expect::Dangerous, {
            padded(wrapper(p(), &[24], "f8", true))
                .raw(&data)
                .raw("0")
                .global("os", "system")
                .text("id")
                .raw([0x85, b'R'])
                .stop()
        })
        .fires(&["pickle-dangerous-global"]),
        item("array-is-program", Expect::Dangerous, wrapper(p(), &[24], "f8", false).raw(&disguised).stop())
            .fires(&["pickle-dangerous-global"]),
        item("shape-negative", Expect::Dangerous, wrapper(p(), &[-1], "f8", false).raw(&data).stop())
            .fires(&["pickle-broken"]),
        item("shape-past-end", Expect::Dangerous, wrapper(p(), &[1000], "f8", false).raw(&data).stop())
            .fires(&["pickle-broken"]),
        item("old-wrapper-reads-file", Expect::Suspect, {
            p().global("joblib.numpy_pickle", "NDArrayWrapper")
                .raw(")")
                .raw([0x81])
                .raw("}")
                .text("filename")
                .text("/etc/passwd")
                .raw("sb")
                .stop()
        })
        .fires(&["pickle-foreign-global"]),
    ]
}

pub(super) fn items() -> Vec<Item> {
    [torch_items(), joblib_items()].concat()
}
