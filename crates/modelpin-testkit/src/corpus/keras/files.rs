//! HDF5 files that attack, are broken, or need something from elsewhere.

use super::{Item, h5, old, old_model};
use crate::corpus::Expect::{Dangerous, Review, Safe, Suspect};
use crate::corpus::build::{Hdf5, Value, call};
use serde_json::json;

pub(super) fn items() -> Vec<Item> {
    [places(), external(), broken(), packed()].concat()
}

fn lambda() -> String {
    old_model(vec![old("Lambda", json!({"function_type": "lambda", "function": ["4wEA", null, null]}))]).to_string()
}

/// The same configuration in every place where it can lie.
fn places() -> Vec<Item> {
    let item = |name: &str, file: Hdf5| {
        Item::new(format!("keras-h5-{name}"), Dangerous, "model.h5", file.bytes()).fires(&["keras-lambda"])
    };
    let training = json!({"loss": {"class_name": "__lambda__", "config": {"value": "4wEA"}}, "metrics": []});
    let mut offset = vec![0; 512];
    offset.extend(Hdf5::group().text("model_config", &lambda()).bytes());
    vec![
        item("fixed-string", Hdf5::group().attribute("model_config", Value::Fixed(lambda().into_bytes()))),
        item("array", Hdf5::group().attribute("model_config", Value::Names(vec![lambda().into_bytes()]))),
        item("training-config", h5(&old_model(vec![])).text("training_config", &training.to_string())),
        item(
            "deep-group",
            Hdf5::group().with("a", Hdf5::group().with("b", Hdf5::group().text("model_config", &lambda()))),
        ),
        item("on-dataset", Hdf5::group().with("data", Hdf5::stored().text("model_config", &lambda()))),
        item("other-attribute", Hdf5::group().text("my_config", &lambda())),
        item(
            "many-members",
            (0..60).fold(Hdf5::group(), |file, index| {
                let member = if index == 41 { Hdf5::group().text("model_config", &lambda()) } else { Hdf5::stored() };
                file.with(&format!("layer_{index}"), member)
            }),
        ),
        Item::new("keras-h5-behind-empty-user-block", Dangerous, "model.h5", offset).fires(&["keras-lambda"]),
        Item::new(
            "keras-h5-named-keras",
            Dangerous,
            "model.keras",
            Hdf5::group().text("model_config", &lambda()).bytes(),
        )
        .fires(&["keras-lambda"]),
    ]
}

fn external() -> Vec<Item> {
    let item = |name: &str, file: Hdf5| {
        Item::new(format!("keras-h5-{name}"), Suspect, "model.weights.h5", file.bytes()).fires(&["hdf5-external"])
    };
    let raw = [&[1, 0, 0, 0, 1, 0, 1, 0][..], &[0xff; 8], &[0; 24]].concat();
    let mut virtual_layout = vec![4, 3];
    virtual_layout.extend([0; 12]);
    let link = Hdf5::group().external_link("vars", "/etc/hostname", "/");
    vec![
        item("external-link", link.clone()),
        item("external-link-deep", Hdf5::group().with("layers", Hdf5::group().with("dense", link))),
        item("external-storage", Hdf5::group().with("kernel", Hdf5::dataset().message(0x07, raw))),
        item("virtual-dataset", Hdf5::group().with("kernel", Hdf5::dataset().message(0x08, virtual_layout))),
        item("file-driver", Hdf5::group().with("kernel", Hdf5::stored().message(0x14, [0; 8]))),
    ]
}

fn broken() -> Vec<Item> {
    let whole = h5(&old_model(vec![])).bytes();
    let item = |name: &str, bytes: Vec<u8>| Item::new(format!("keras-h5-{name}"), Suspect, "model.h5", bytes);
    let patched = |at: usize, with: &[u8]| {
        let mut bytes = whole.clone();
        bytes.splice(at..at + with.len(), with.iter().copied());
        bytes
    };
    let mut prefixed = call("os", "system", "true");
    prefixed.resize(512, 0);
    prefixed.extend(&whole);
    vec![
        item("cut", whole[..whole.len() / 2].to_vec()).fires(&["truncated"]),
        item("root-nowhere", patched(64, &[0x77; 8])),
        item("root-is-no-header", patched(64, &8_u64.to_le_bytes())).fires(&["hdf5-malformed"]),
        item("version", patched(8, &[9])).fires(&["hdf5-malformed"]),
        item("widths", patched(13, &[3, 200])).fires(&["hdf5-malformed"]),
        item("trailing", [&whole[..], b"more"].concat()).fires(&["trailing-bytes"]),
        item("unknown-message", Hdf5::group().message(0x33, [0; 8]).bytes()).fires(&["hdf5-malformed"]),
        item("number-as-config", Hdf5::group().attribute("model_config", Value::Number(1)).bytes())
            .fires(&["hdf5-malformed"]),
        Item::new("keras-h5-behind-pickle", Dangerous, "model.h5", prefixed).fires(&["polyglot"]),
    ]
}

/// Filters and pickled objects.
fn packed() -> Vec<Item> {
    let filter = |id: u16| {
        let mut list = vec![1, 1, 0, 0, 0, 0, 0, 0];
        list.extend(id.to_le_bytes());
        list.extend([0, 0, 1, 0, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0]);
        Hdf5::group().with("data", Hdf5::stored().message(0x0b, list)).bytes()
    };
    let rows = Hdf5::stored().attribute("PSEUDOATOM", Value::Fixed(b"object".to_vec()));
    let pickle = call("os", "system", "true");
    vec![
        Item::new("keras-h5-filter-plugin", Review, "data.h5", filter(32001)).fires(&["hdf5-filter"]),
        Item::new("keras-h5-filter-deflate", Safe, "data.h5", filter(1)).quiet(&["hdf5-filter"]),
        Item::new("keras-h5-pickled-rows", Review, "frame.h5", Hdf5::group().with("rows", rows).bytes())
            .fires(&["hdf5-pickled-objects"]),
        Item::new(
            "keras-h5-pickled-attribute",
            Dangerous,
            "frame.h5",
            Hdf5::group().attribute("values", Value::Fixed(pickle)).bytes(),
        )
        .fires(&["hdf5-pickled-objects"]),
    ]
}
