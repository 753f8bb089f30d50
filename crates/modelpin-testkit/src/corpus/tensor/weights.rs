//! Formats that hold numbers and words and run nothing, and what hides behind their first bytes.

use super::arrow::stream;
use super::msgpack::{array, spacy};
use crate::corpus::build::{Proto, Zip};
use crate::corpus::{Expect, Item};

/// A text with its length before it and a NUL behind it.
fn name(text: &str) -> Vec<u8> {
    [&(text.len() as u16 + 1).to_le_bytes()[..], text.as_bytes(), b"\0"].concat()
}

/// A model of CTranslate2 with one array and one alias.
fn ctranslate2() -> Vec<u8> {
    let array = [name("encoder/weight"), vec![2], [2_u32, 3].map(u32::to_le_bytes).concat(), vec![0]].concat();
    let data = [&24_u32.to_le_bytes()[..], &[0x3f; 24]].concat();
    let aliases = [1_u32.to_le_bytes().to_vec(), name("tied"), name("encoder/weight")].concat();
    [6_u32.to_le_bytes().to_vec(), name("WhisperSpec"), [3_u32, 1].map(u32::to_le_bytes).concat(), array, data, aliases]
        .concat()
}

/// A model of fastText with two words, and plain matrices or packed ones.
fn fasttext(is_packed: bool) -> Vec<u8> {
    let settings = [&[1, 0, 0, 0].repeat(12)[..], &[0; 8]].concat();
    let counts = [2_u32, 2, 0].map(u32::to_le_bytes).concat();
    let word = |text: &str| [text.as_bytes(), b"\0", &7_u64.to_le_bytes(), &[0]].concat();
    let quantizer = [[2_u32, 1, 2, 2].map(u32::to_le_bytes).concat(), vec![1; 2 * 256 * 4]].concat();
    let sides = [2_u64, 2].map(u64::to_le_bytes).concat();
    let packed = [vec![1, 1], sides.clone(), 2_u32.to_le_bytes().to_vec(), vec![9; 2], quantizer.clone(), vec![9; 2]];
    let matrix = if is_packed { [packed.concat(), quantizer].concat() } else { [vec![0], sides, vec![1; 16]].concat() };
    let head = [793_712_314_u32, 12].map(u32::to_le_bytes).concat();
    let all = [7_u64, u64::MAX].map(u64::to_le_bytes).concat();
    [head, settings, counts, all, word("a"), word("</s>"), matrix.clone(), matrix].concat()
}

/// A file of MATLAB with one array.
fn matlab(elements: &[u8]) -> Vec<u8> {
    let mut file = b"MATLAB 5.0 MAT-file Platform: posix, Created on: Mon Jan  1 00:00:00 2024".to_vec();
    file.resize(124, b' ');
    [&file[..], b"\0\x01IM", elements].concat()
}

fn matlab_array() -> Vec<u8> {
    [[14_u32, 16].map(u32::to_le_bytes).concat(), vec![6; 16]].concat()
}

/// A document of UBJSON as XGBoost writes it.
fn ubjson() -> Vec<u8> {
    let text = |text: &str| [b"L", &(text.len() as u64).to_be_bytes()[..], text.as_bytes()].concat();
    let floats = [b"[$d#L", &2_u64.to_be_bytes()[..], &[0x3f; 8]].concat();
    let list = [b"[S".to_vec(), text("gbtree"), b"Ti\x05]".to_vec()].concat();
    let learner = [b"{".to_vec(), text("base_weights"), floats, text("names"), list, b"}".to_vec()].concat();
    [b"{".to_vec(), text("learner"), learner, b"}".to_vec()].concat()
}

fn blobs() -> Vec<u8> {
    let mut file = [1_u32, 2].map(u32::to_le_bytes).concat();
    file.resize(64, 0);
    [&file[..], &0xdead_beef_u32.to_le_bytes(), &[3; 60]].concat()
}

fn core_ml(kind: u32) -> Vec<u8> {
    let input = Proto::default().bytes(1, "x");
    let network = Proto::default().number(1, 3).bytes(2, Proto::default().bytes(1, "input"));
    let description = Proto::default().bytes(1, input.as_ref());
    Proto::default().number(1, 8).bytes(2, description.as_ref()).bytes(kind, network.as_ref()).as_ref().to_vec()
}

fn tensor_proto() -> Vec<u8> {
    Proto::default()
        .number(1, 2)
        .number(2, 1)
        .bytes(8, "x")
        .bytes(9, [0_u8, 0, 0x80, 0x3f, 0, 0, 0, 0x40])
        .as_ref()
        .to_vec()
}

/// Bytes of no format.
fn noise() -> Vec<u8> {
    (0..800_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 | 0x40).collect()
}

pub(super) fn items() -> Vec<Item> {
    [formats(), beside(), attacks()].concat()
}

fn formats() -> Vec<Item> {
    const QUIET: &[&str] = &["unknown-format", "unscanned-format", "name-disagrees", "trailing-bytes", "truncated"];
    let safe = [
        ("ctranslate2", "model.bin", ctranslate2()),
        ("fasttext", "model.bin", fasttext(false)),
        ("fasttext-packed", "lid.176.ftz", fasttext(true)),
        ("matlab", "w.mat", matlab(&matlab_array())),
        ("xgboost-ubjson", "model.ubj", ubjson()),
        ("arrow-stream", "data-00000-of-00001.arrow", stream(b"text")),
        ("orc", "t.orc", [b"ORC".as_slice(), &[8; 40], b"\x82\xf4\x03\x03ORC\x17"].concat()),
        ("feather-one", "t.feather", [b"FEA1".as_slice(), &[8; 40], &[32, 0, 0, 0], b"FEA1"].concat()),
        ("crfsuite", "ner.crfsuite", [b"lCRF".as_slice(), &60_u32.to_le_bytes(), b"FOMC", &[0; 48]].concat()),
        ("core-ml-blobs", "weights/weight.bin", blobs()),
        ("core-ml", "m.mlmodel", core_ml(500)),
        ("onnx-tensor", "test_data_set_0/input_0.pb", tensor_proto()),
        ("spacy-part", "ner/model", spacy(array("", &[1; 4]))),
        ("spacy-empty", "vocab/key2row", vec![0x80]),
    ];
    let unchecked = [
        (
            "openfst",
            "HCLG.fst",
            [&0x7eb2_fdd6_u32.to_le_bytes()[..], &6_u32.to_le_bytes(), b"vector", &[0; 80]].concat(),
        ),
        ("kaldi", "final.mdl", [b"\0B<TransitionModel> ".as_slice(), &[4; 90]].concat()),
        ("faiss", "index.faiss", {
            let fill = (1_u64 << 20).to_le_bytes();
            [b"IxF2".as_slice(), &[8, 0, 0, 0], &3_u64.to_le_bytes(), &fill, &fill, &[1, 1, 0, 0, 0], &[0; 96]].concat()
        }),
    ];
    let safe = safe.map(|(id, path, bytes)| Item::new(format!("weights-{id}"), Expect::Safe, path, bytes).quiet(QUIET));
    let unchecked = unchecked.map(|(id, path, bytes)| {
        Item::new(format!("weights-{id}"), Expect::Review, path, bytes).quiet(QUIET).fires(&["unchecked-format"])
    });
    let quiet = Item::new("weights-not-unchecked", Expect::Safe, "model.ubj", ubjson()).quiet(&["unchecked-format"]);
    safe.into_iter().chain(unchecked).chain([quiet]).collect()
}

/// Numbers without a format, and what says that they are numbers.
fn beside() -> Vec<Item> {
    let xml = "<?xml version=\"1.0\"?>\n<net name=\"Model0\" version=\"11\">\n</net>\n";
    let manifest =
        r#"{"format": "graph-model", "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": []}]}"#;
    let cache = r#"{"metadata": {}, "records": [{"dataPath": "params_shard_0.bin", "format": "raw-shard"}]}"#;
    let named = [
        ("openvino", "openvino_model.xml", xml.to_owned(), "openvino_model.bin"),
        ("ncnn", "Net-Opt.param", "7767517\n2 2\nInput data 0 1 data\n".to_owned(), "Net-Opt.bin"),
        ("tfjs", "model.json", manifest.to_owned(), "group1-shard1of1.bin"),
        ("mlc", "ndarray-cache.json", cache.to_owned(), "params_shard_0.bin"),
    ];
    let named = named.map(|(id, path, text, numbers)| {
        Item::new(format!("weights-beside-{id}"), Expect::Safe, path, text)
            .and(numbers, noise())
            .quiet(&["unknown-format", "file-missing"])
    });
    let core_ml =
        Item::new("weights-beside-core-ml", Expect::Review, "Audio.mlmodelc/model.mil", "program(1.0)\n{\n}\n")
            .and("Audio.mlmodelc/coremldata.bin", noise())
            .and("Audio.mlmodelc/weights/weight.bin", noise())
            .fires(&["unchecked-format"])
            .quiet(&["unknown-format"]);
    let other = Item::new("weights-beside-another-name", Expect::Suspect, "openvino_model.xml", xml)
        .and("other.bin", noise())
        .fires(&["unknown-format"]);
    let pickle = Item::new("weights-beside-a-pickle", Expect::Dangerous, "openvino_model.xml", xml)
        .and("openvino_model.bin", b"cos\nsystem\n(S'id'\ntR.".to_vec())
        .fires(&["pickle-dangerous-global"]);
    named.into_iter().chain([core_ml, other, pickle]).collect()
}

fn attacks() -> Vec<Item> {
    let pickle = b"cos\nsystem\n(S'id'\ntR.".as_slice();
    let zip = Zip::of(&[("archive/data.pkl", pickle), ("archive/version", b"3")]);
    let behind = |id: &str, path: &str, bytes: Vec<u8>| {
        let item = |end: &str, tail: &[u8]| {
            let bytes = [bytes.as_slice(), tail].concat();
            Item::new(format!("weights-{id}-{end}"), Expect::Dangerous, path, bytes).fires(&["polyglot"])
        };
        [item("zip-behind", &zip), item("pickle-behind", b"\x80\x02cos\nsystem\nX\x02\0\0\0id\x85R.")]
    };
    [
        behind("ctranslate2", "model.bin", ctranslate2()),
        behind("fasttext", "model.bin", fasttext(false)),
        behind("matlab", "w.mat", matlab(&matlab_array())),
        behind("ubjson", "model.ubj", ubjson()),
        behind("arrow-stream", "a.arrow", stream(b"text")),
        behind("spacy-part", "x.msgpack", spacy(array("", &[1; 4]))),
    ]
    .into_iter()
    .flatten()
    .chain([
        Item::new("weights-ctranslate2-cut", Expect::Suspect, "model.bin", ctranslate2()[..60].to_vec())
            .fires(&["truncated"]),
        Item::new("weights-fasttext-cut", Expect::Suspect, "m.ftz", fasttext(true)[..400].to_vec())
            .fires(&["unchecked-format"])
            .quiet(&["truncated"]),
        Item::new("weights-core-ml-class", Expect::Suspect, "m.mlmodel", core_ml(555)),
        Item::new("weights-matlab-odd", Expect::Suspect, "m.mat", matlab(&[9; 64])).fires(&["unscanned-format"]),
    ])
    .collect()
}
