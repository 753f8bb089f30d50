//! How tensors get their names, which of them are one, and what is left out.

use crate::build::{Tensor, dict, list, zip};
use crate::{converted, plan, safetensors};
use modelpin_testkit::corpus::build::Pickle;
use std::collections::BTreeMap;

/// A float in the storage `key`.
fn float(key: &str) -> Vec<u8> {
    Tensor::new(key, &[1]).opcodes()
}

/// Four storages of one float.
const STORAGES: [(&str, &[u8]); 4] = [("0", b"\0\0\0a"), ("1", b"\0\0\0b"), ("2", b"\0\0\0c"), ("3", b"\0\0\0d")];

fn file(opcodes: &[u8]) -> Vec<u8> {
    let used: Vec<(&str, &[u8])> = STORAGES
        .into_iter()
        .filter(|(key, _)| {
            let text = Pickle::default().text(key).0;
            opcodes.windows(text.len()).any(|window| window == text)
        })
        .collect();
    zip(opcodes, &used)
}

/// Names and the letter that the tensor of each ends in; aliases follow the name that they are written under.
fn names(opcodes: &[u8]) -> Vec<(String, char)> {
    let result = converted(&file(opcodes));
    let length = u64::from_le_bytes(result[..8].try_into().unwrap()) as usize;
    let header: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&result[8..8 + length]).unwrap();
    let tensors = header.into_iter().filter(|(name, _)| name != "__metadata__");
    tensors
        .map(|(name, entry)| {
            let end = entry["data_offsets"][1].as_u64().unwrap() as usize;
            (name, char::from(result[8 + length + end - 1]))
        })
        .collect()
}

fn expect(found: &[(String, char)], wanted: &[(&str, char)]) {
    let found: Vec<(&str, char)> = found.iter().map(|(name, letter)| (name.as_str(), *letter)).collect();
    assert_eq!(found, wanted);
}

fn dropped(opcodes: &[u8]) -> Vec<(String, String)> {
    let file = file(opcodes);
    let plan = plan(&file).unwrap();
    plan.dropped().iter().map(|(name, what)| (name.clone(), what.clone())).collect()
}

fn expect_dropped(opcodes: &[u8], wanted: &[(&str, &str)]) {
    let found = dropped(opcodes);
    let found: Vec<(&str, &str)> = found.iter().map(|(name, what)| (name.as_str(), what.as_str())).collect();
    assert_eq!(found, wanted);
}

#[test]
fn dictionaries_and_lists_are_flattened() {
    let inner = dict(&[("bias", float("1")), ("weight", float("0"))]);
    let deep = dict(&[("c", dict(&[("d", float("3"))]))]);
    let numbered = Pickle::default().raw("}(K\x07").raw(float("2")).raw("K\x0b").raw(deep).raw("u").0;
    let object = dict(&[("layer", inner), ("blocks", numbered)]);
    let wanted = [("blocks.11.c.d", 'd'), ("blocks.7", 'c'), ("layer.bias", 'b'), ("layer.weight", 'a')];
    expect(&names(&object), &wanted);
    let object = dict(&[("a", list(&[float("0"), b"N".to_vec(), list(&[float("1")])]))]);
    expect(&names(&object), &[("a.0", 'a'), ("a.2.0", 'b')]);
    expect_dropped(&object, &[("a.1", "None")]);
    let tuple = [float("0"), float("1"), b"\x86".to_vec()].concat();
    expect(&names(&dict(&[("a", tuple)])), &[("a.0", 'a'), ("a.1", 'b')]);
}

#[test]
fn ordered_dictionaries_of_both_pythons() {
    let new = Pickle::default().global("collections", "OrderedDict").raw(")R(");
    let new = new.text("b").raw(float("1")).text("a").raw(float("0")).raw("u");
    expect(&names(&new.clone().0), &[("a", 'a'), ("b", 'b')]);
    // With the attribute that state dicts of modules have.
    let attribute = new.raw("}").text("_metadata").global("collections", "OrderedDict").raw(")Rsb").0;
    expect(&names(&attribute), &[("a", 'a'), ("b", 'b')]);
    expect_dropped(&attribute, &[]);
    // Python 2 wrote a list of pairs.
    let pair = |key, value| [b"](".to_vec(), Pickle::default().text(key).0, value, b"e".to_vec()].concat();
    let old = Pickle::default().global("collections", "OrderedDict");
    let old = old.raw(list(&[pair("b", float("1")), pair("a", float("0"))])).raw(b"\x85R").0;
    expect(&names(&old), &[("a", 'a'), ("b", 'b')]);
}

#[test]
fn a_repeated_key_has_its_last_value() {
    let twice = dict(&[("a", float("0")), ("b", float("1")), ("a", float("2"))]);
    expect(&names(&twice), &[("a", 'c'), ("b", 'b')]);
    let gone = dict(&[("a", float("0")), ("b", float("1")), ("a", b"K\x05".to_vec())]);
    expect(&names(&gone), &[("b", 'b')]);
    expect_dropped(&gone, &[("a", "a number")]);
}

#[test]
fn each_wrapper_is_removed() {
    let wrappers = ["state_dict", "model", "module", "model_state_dict", "params", "params_ema", "ema", "generator"];
    for (place, wrapper) in wrappers.into_iter().enumerate() {
        let optimizer = dict(&[("state", dict(&[("m", float("1"))]))]);
        let mut items = vec![("epoch", b"K\x03".to_vec()), ("optimizer", optimizer), ("t", float("2"))];
        items.push((wrapper, dict(&[("w", float("0"))])));
        let mut left = vec![("epoch", "a number"), ("optimizer", "a dictionary with tensors"), ("t", "a tensor")];
        expect(&names(&dict(&items)), &[("w", 'a')]);
        expect_dropped(&dict(&items), &left);
        // The earlier of two wins, where it is a dictionary with tensors.
        if let Some(later) = wrappers.get(place + 1) {
            items.push((later, dict(&[("x", float("3"))])));
            left.push((later, "a dictionary with tensors"));
            left.sort_unstable();
            expect(&names(&dict(&items)), &[("w", 'a')]);
            expect_dropped(&dict(&items), &left);
            items.retain(|(key, _)| *key != wrapper);
            items.push((wrapper, dict(&[("note", b"K\x01".to_vec())])));
            expect(&names(&dict(&items)), &[("x", 'd')]);
        }
    }
    // Once only, and never a tensor.
    let twice = dict(&[("model", dict(&[("state_dict", dict(&[("w", float("0"))]))]))]);
    expect(&names(&twice), &[("state_dict.w", 'a')]);
    expect(&names(&dict(&[("ema", float("0")), ("w", float("1"))])), &[("ema", 'a'), ("w", 'b')]);
}

#[test]
fn two_wrappers_around_one_dictionary() {
    let shared = dict(&[("w", float("0"))]);
    let object = dict(&[("model", [shared, b"q\x01".to_vec()].concat()), ("ema", b"h\x01".to_vec())]);
    expect(&names(&object), &[("w", 'a')]);
    expect_dropped(&object, &[("ema", "a dictionary with tensors")]);
}

#[test]
fn values_other_than_tensors_are_dropped_and_reported() {
    let array = Pickle::default().global("numpy.core.multiarray", "_reconstruct").global("numpy", "ndarray");
    let array = array.raw(b"K\0\x85U\x01b\x87R(K\x01K\x01\x85").global("numpy", "dtype").text("f8");
    let array = array.raw(b"K\0K\x01\x87R(K\x03").text("<").raw(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89U\x08");
    let array = array.raw([0; 8]).raw("tb").0;
    let object = dict(&[
        ("w", float("0")),
        ("none", b"N".to_vec()),
        ("yes", b"\x88".to_vec()),
        ("number", b"G?\xf0\0\0\0\0\0\0".to_vec()),
        ("text", Pickle::default().text("x").0),
        ("numbers", list(&[b"K\x01".to_vec()])),
        ("options", dict(&[("lr", b"K\x01".to_vec())])),
        ("dtype", Pickle::default().global("torch", "float16").0),
        ("array", array),
        ("deep", dict(&[("v", float("1")), ("n", b"K\x01".to_vec())])),
    ]);
    let wanted = [
        ("array", "a NumPy array"),
        ("deep.n", "a number"),
        ("dtype", "a class or a dtype"),
        ("none", "None"),
        ("number", "a number"),
        ("numbers", "a list"),
        ("options", "a dictionary"),
        ("text", "a text"),
        ("yes", "a boolean"),
    ];
    expect(&names(&object), &[("deep.v", 'b'), ("w", 'a')]);
    expect_dropped(&object, &wanted);
}

#[test]
fn equal_views_are_written_once() {
    let tensor = || Tensor::new("0", &[2, 2]);
    let object = dict(&[
        ("lm_head", tensor().opcodes()),
        ("embed", tensor().opcodes()),
        ("tied", tensor().opcodes()),
        ("turned", tensor().stride(&[1, 2]).opcodes()),
        ("row", Tensor::new("0", &[2]).within(4, 2).opcodes()),
        ("flat", Tensor::new("0", &[4]).opcodes()),
    ]);
    let file = zip(&object, &[("0", b"aaaabbbbccccdddd")]);
    let plan = plan(&file).unwrap();
    let aliases: Vec<(&str, &str)> = plan.aliases().iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(aliases, [("lm_head", "embed"), ("tied", "embed")]);
    assert_eq!(plan.tensors(), 4);
    let header = [
        r#"{"__metadata__":{"format":"pt","lm_head":"embed","tied":"embed"},"#,
        r#""embed":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"#,
        r#""flat":{"dtype":"F32","shape":[4],"data_offsets":[16,32]},"#,
        r#""row":{"dtype":"F32","shape":[2],"data_offsets":[32,40]},"#,
        r#""turned":{"dtype":"F32","shape":[2,2],"data_offsets":[40,56]}}"#,
    ];
    let expected = safetensors(&header.concat(), b"aaaabbbbccccddddaaaabbbbccccddddccccddddaaaaccccbbbbdddd");
    assert_eq!(converted(&file), expected);
}

/// One object under two names is what tied weights are when they were tied before they were saved.
#[test]
fn one_object_under_two_names_is_one_tensor() {
    let object = dict(&[("b", [float("0"), b"q\x01".to_vec()].concat()), ("a", b"h\x01".to_vec())]);
    let file = file(&object);
    let plan = plan(&file).unwrap();
    assert_eq!(plan.aliases(), &BTreeMap::from([("b".to_owned(), "a".to_owned())]));
}

#[test]
fn parameters_are_unwrapped() {
    let end = Pickle::default().raw([0x88]).global("collections", "OrderedDict").raw(")R").0;
    let wrap = |name: &str, more: &[u8]| {
        let wrap = Pickle::default().global("torch._utils", name).raw("(").raw(float("0")).raw(&end).raw(more);
        wrap.raw("tR").0
    };
    for parameter in [
        wrap("_rebuild_parameter", b""),
        wrap("_rebuild_parameter_with_state", b"}"),
        wrap("_rebuild_parameter_with_state", b"N"),
        Tensor { metadata: b"}", ..Tensor::new("0", &[1]) }.opcodes(),
        Tensor { module: "torch.cuda", ..Tensor::new("0", &[1]) }.opcodes(),
    ] {
        expect(&names(&dict(&[("w", parameter)])), &[("w", 'a')]);
    }
    let plain = Pickle::default().global("torch._utils", "_rebuild_tensor").raw("((").text("storage");
    let plain = plain.global("torch", "FloatStorage").text("0").text("cpu").int(1).raw("tQ").int(0);
    expect(&names(&dict(&[("w", plain.ints(&[1]).ints(&[1]).raw("tR").0)])), &[("w", 'a')]);
}

/// Torch knows nothing of the arrays that joblib puts between the opcodes: to it, these are opcodes.
#[test]
fn arrays_between_the_opcodes_are_read_as_torch_reads_them() {
    let hidden = Pickle::default().text("w").raw("h\x01").0;
    let wrapper = Pickle::default().global("joblib.numpy_pickle", "NumpyArrayWrapper").raw(b")\x81}(");
    let wrapper = wrapper.text("subclass").global("numpy", "ndarray").text("order").text("C").text("shape");
    let wrapper = wrapper.int(hidden.len() as i32).raw([0x85]).text("dtype").global("numpy", "dtype").text("u1");
    let wrapper = wrapper.raw(b"\x89\x88\x87Rub").raw(&hidden).0;
    let object = dict(&[("a", [float("0"), b"q\x01".to_vec()].concat()), ("x", wrapper)]);
    let file = file(&object);
    let plan = plan(&file).unwrap();
    assert_eq!(plan.aliases(), &BTreeMap::from([("w".to_owned(), "a".to_owned())]));
    assert_eq!(plan.dropped(), &BTreeMap::from([("x".to_owned(), "an object".to_owned())]));
}

#[test]
fn names_are_escaped() {
    let name = "a\"b\\c\nd\u{1}e\u{7f}ü\u{2028}𝄞";
    let object = dict(&[(name, float("0")), ("", float("1"))]);
    expect(&names(&object), &[("", 'b'), (name, 'a')]);
    let tied = dict(&[(name, float("0")), ("a", float("0"))]);
    let result = converted(&file(&tied));
    let escaped = "\"a\\\"b\\\\c\\nd\\u0001e\u{7f}ü\u{2028}𝄞\":\"a\"";
    assert!(String::from_utf8_lossy(&result).contains(escaped), "{}", String::from_utf8_lossy(&result));
}

/// Sixty doublings of one dictionary would be more names than there are atoms; twelve are 4096.
#[test]
fn shared_values_have_all_of_their_names() {
    let doubled = |times: u8| {
        let first = [dict(&[("w", float("0"))]), b"q\0".to_vec()].concat();
        (0..times).fold(first, |inner, n| [dict(&[("a", inner), ("b", vec![b'h', n])]), vec![b'q', n + 1]].concat())
    };
    assert_eq!(plan(&file(&doubled(12))).unwrap().aliases().len(), 4095);
    assert!(plan(&file(&doubled(60))).is_err());
}
