//! Tensors: their geometry, their hooks, the persistent ids that name their storages; in old torch files, which
//! need no archive.

use super::super::build::Pickle;
use super::super::{Expect, Item};
use super::attack;
use super::layout::{old, storage};
use super::shared::tensor;

const GEOMETRY: &str = "tensor-geometry";

fn one(count: i32, offset: i32, size: &[i32], stride: &[i32]) -> Vec<u8> {
    let object = tensor(Pickle::proto(2).raw("}").text("w"), "0", count, offset, size, stride).raw("s").stop();
    old(&object, &[("0", storage(u64::try_from(count).unwrap_or(0), 4))])
}

fn item(name: &str, expect: Expect, bytes: Vec<u8>) -> Item {
    Item::new(format!("pickle-tensor-{name}"), expect, "pytorch_model.bin", bytes)
}

fn geometry() -> Vec<Item> {
    let bad = |name: &str, bytes: Vec<u8>| item(name, Expect::Dangerous, bytes).fires(&[GEOMETRY]);
    let fine = |name: &str, bytes: Vec<u8>| item(name, Expect::Safe, bytes).quiet(&[GEOMETRY, "pickle-persistent-id"]);
    let hooks = |made_of: &str, state: &dyn Fn(Pickle) -> Pickle| {
        let table = Pickle::proto(2).global("collections", "OrderedDict").raw(made_of).raw("Rq\x050");
        let pickle = tensor(table, "0", 4, 0, &[4], &[1]);
        let mut bytes = pickle.0;
        // The hooks are the table that the memo holds.
        let text = b"ccollections\nOrderedDict\n)RtR";
        bytes.truncate(bytes.len() - text.len());
        let pickle = Pickle(bytes).raw("h\x05tR");
        old(&state(pickle).stop(), &[("0", storage(4, 4))])
    };
    vec![
        fine("contiguous", one(6, 0, &[2, 3], &[3, 1])),
        fine("transposed", one(6, 0, &[3, 2], &[1, 3])),
        fine("expanded", one(1, 0, &[1000, 1000], &[0, 0])),
        fine("offset", one(6, 4, &[2], &[1])),
        fine("scalar", one(1, 0, &[], &[])),
        fine("empty", one(0, 0, &[0, 3], &[3, 1])),
        bad("past-end", one(6, 0, &[2, 4], &[4, 1])),
        bad("offset-past-end", one(6, 5, &[2], &[1])),
        bad("negative-offset", one(6, -1, &[2], &[1])),
        bad("negative-side", one(6, 0, &[-2], &[1])),
        bad("negative-stride", one(6, 5, &[2], &[-1])),
        bad("overflow", one(6, 0, &[i32::MAX; 4], &[i32::MAX; 4])),
        bad("product-overflow", one(6, 0, &[i32::MAX; 4], &[0; 4])),
        bad("ranks-differ", one(6, 0, &[2, 3], &[1])),
        bad("stride-jumps", one(6, 0, &[2], &[1_000_000])),
        item("hooks-filled-later", Expect::Dangerous, hooks(")", &|pickle| pickle.raw("0h\x05K\x01K\x02s")))
            .fires(&["pickle-call-shape"]),
        item("hooks-shared-empty", Expect::Safe, hooks(")", &|pickle| pickle)).quiet(&["pickle-call-shape"]),
        item("hooks-python2", Expect::Safe, hooks("(]t", &|pickle| pickle)).quiet(&["pickle-call-shape"]),
        item("hooks-of-a-list", Expect::Dangerous, hooks("(]]K\x01aK\x02aat", &|pickle| pickle))
            .fires(&["pickle-call-shape"]),
    ]
}

fn hostile() -> Vec<Item> {
    vec![
        attack(
            "tensor-hooks-function",
            "pickle-call-shape",
            old(
                &{
                    let pickle =
                        Pickle::proto(2).global("torch._utils", "_rebuild_tensor_v2").raw("((").text("storage");
                    let pickle = pickle.global("torch", "FloatStorage").text("0").text("cpu").raw("K\x01NtQK\x00");
                    pickle.ints(&[1]).ints(&[1]).raw([0x89]).global("my_project", "Hook").raw("tR").stop()
                },
                &[("0", storage(1, 4))],
            ),
        ),
        attack(
            "tensor-storage-class-foreign",
            "pickle-dangerous-global",
            old(
                &{
                    let pickle = Pickle::proto(2).raw("(").text("storage").global("os", "system").text("0").text("cpu");
                    pickle.raw("K\x01NtQ").stop()
                },
                &[],
            ),
        ),
        Item::new(
            "pickle-tensor-outside-torch-file",
            Expect::Review,
            "model.pkl",
            tensor(Pickle::proto(2), "0", 4, 0, &[4], &[1]).stop(),
        )
        .fires(&["pickle-persistent-id"])
        .quiet(&[GEOMETRY, "pickle-dangerous-global"]),
        attack(
            "tensor-setitem",
            "pickle-write-target",
            tensor(Pickle::proto(2), "0", 4, 0, &[4], &[1]).raw("K\x00K\x01s").stop(),
        ),
        attack(
            "tensor-append",
            "pickle-write-target",
            tensor(Pickle::proto(2), "0", 4, 0, &[4], &[1]).raw("K\x00a").stop(),
        ),
        attack(
            "tensor-build-dunder",
            "pickle-write-target",
            tensor(Pickle::proto(2), "0", 4, 0, &[4], &[1]).raw("}").text("__class__").raw("Nsb").stop(),
        ),
    ]
}

pub(super) fn items() -> Vec<Item> {
    [geometry(), hostile()].concat()
}
