//! TensorFlow Lite.

use crate::corpus::build::{Zip, call};
use crate::corpus::{Expect, Item};

/// An operator of the list: both codes, and a name where it is a custom one.
type Operator<'o> = (i8, i32, &'o str);

/// A model with these operators, laid out by hand: the root, the table of the model with its list of fields, the
/// list of operators, each operator with its own list of fields.
fn model(operators: &[Operator<'_>]) -> Vec<u8> {
    let mut file = vec![0; 8];
    file[4..8].copy_from_slice(b"TFL3");
    // The model's fields: version at 4, operators at 8.
    file.extend([8_u16, 12, 4, 8].map(u16::to_le_bytes).concat());
    let table = file.len() as u32;
    file[0..4].copy_from_slice(&table.to_le_bytes());
    file.extend([8_u32, 3, 4].map(u32::to_le_bytes).concat());
    let list = file.len();
    file.extend((operators.len() as u32).to_le_bytes());
    file.resize(file.len() + 4 * operators.len(), 0);
    for (index, (old, new, name)) in operators.iter().enumerate() {
        // An operator's fields: the old code at 4, the name at 8, no version, the new code at 12.
        let offset = if name.is_empty() { 0 } else { 8 };
        let fields = file.len() as u32;
        file.extend([12_u16, 16, 4, offset, 0, 12].map(u16::to_le_bytes).concat());
        let table = file.len() as u32;
        file.extend((table - fields).to_le_bytes());
        file.extend([*old as u8, 0, 0, 0]);
        file.extend(8_u32.to_le_bytes());
        file.extend(new.to_le_bytes());
        file.extend((name.len() as u32).to_le_bytes());
        file.extend(name.as_bytes());
        file.resize(file.len().next_multiple_of(4) + 4, 0);
        let slot = list + 4 + 4 * index;
        file[slot..slot + 4].copy_from_slice(&(table - slot as u32).to_le_bytes());
    }
    file
}

pub(super) fn items() -> Vec<Item> {
    let item =
        |name: &str, expect, bytes: Vec<u8>| Item::new(format!("graph-tflite-{name}"), expect, "model.tflite", bytes);
    let plain: [Operator<'_>; 3] = [(3, 3, ""), (25, 25, ""), (127, 150, "")];
    let quiet = &["tflite-custom-operator", "tflite-malformed", "tf-file-operator"];
    let mut wild = model(&plain);
    wild[0..4].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut long = model(&plain);
    long[28..32].copy_from_slice(&u32::MAX.to_le_bytes());
    let labels = Zip { prefix: model(&plain), ..Zip::default() };
    let labels = labels.with(crate::corpus::build::Member::new("labels.txt", *b"person\nbicycle\n"));
    vec![
        item("small", Expect::Safe, model(&plain)).quiet(quiet),
        item("old-codes", Expect::Safe, model(&[(9, 0, "")])).quiet(quiet),
        item("labels-behind", Expect::Review, labels.bytes()).quiet(&["polyglot"]),
        item("detection", Expect::Review, model(&[(3, 3, ""), (32, 32, "TFLite_Detection_PostProcess")]))
            .fires(&["tflite-custom-operator"]),
        item("flex", Expect::Review, model(&[(32, 32, "FlexErf")])).fires(&["tflite-custom-operator"]),
        item("flex-write-file", Expect::Dangerous, model(&[(32, 32, "FlexWriteFile")])).fires(&["tf-file-operator"]),
        item("flex-py-func", Expect::Dangerous, model(&[(3, 3, ""), (32, 32, "FlexPyFunc")]))
            .fires(&["tf-python-operator"]),
        item("custom-by-new-code", Expect::Suspect, model(&[(0, 32, "")])).fires(&["tflite-custom-operator"]),
        item("unknown-code", Expect::Suspect, model(&[(127, 5000, "")])).fires(&["tflite-custom-operator"]),
        item("negative-code", Expect::Suspect, model(&[(-4, 0, "")])).fires(&["tflite-custom-operator"]),
        item("wild-root", Expect::Suspect, wild).fires(&["tflite-malformed"]),
        item("long-list", Expect::Suspect, long).fires(&["tflite-malformed"]),
        item("cut", Expect::Suspect, model(&plain)[..36].to_vec()),
        item("is-pickle", Expect::Suspect, call("os", "system", "true")),
    ]
}
