//! Protocol buffers that hold no graph.

use crate::corpus::build::Proto;
use crate::corpus::{Expect, Item};

/// A field of four bytes.
fn fixed(mut message: Proto, field: u32, value: f32) -> Proto {
    Proto::varint(u64::from(field) << 3 | 5, &mut message.0);
    message.0.extend(value.to_le_bytes());
    message
}

fn piece(text: &str, kind: u64) -> Proto {
    let piece = fixed(Proto::default().bytes(1, text), 2, -3.5);
    if kind == 1 { piece } else { piece.number(3, kind) }
}

/// A vocabulary, with these pieces besides.
fn vocabulary(more: &[Proto]) -> Vec<u8> {
    let first = [piece("<unk>", 2), piece("<s>", 3), piece("</s>", 3), piece("<0x0A>", 6), piece("▁the", 1)];
    let pieces = first.iter().chain(more).fold(Proto::default(), |model, piece| model.bytes(1, piece));
    let trainer = Proto::default().bytes(1, "corpus.txt").bytes(2, "m").number(3, 2).number(4, 32_000);
    let normalizer = Proto::default().bytes(1, "identity").bytes(2, "").number(3, 1);
    pieces.bytes(2, trainer).bytes(3, normalizer).0
}

/// One object of `keras_metadata.pb`.
fn object(kind: &str, config: &str) -> Proto {
    let version = Proto::default().number(1, 1).number(2, 1);
    Proto::default().number(2, 3).bytes(3, "root.layer-0").bytes(4, kind).bytes(5, config).bytes(6, version)
}

pub(super) fn items() -> Vec<Item> {
    let item = |name: &str, expect, path: &str, bytes: Vec<u8>| Item::new(format!("graph-{name}"), expect, path, bytes);
    let pieces: Vec<Proto> = (0..3000).map(|at| piece(&format!("▁w{at}"), 1)).collect();
    let dense = object("_tf_keras_layer", r#"{"name":"dense","class_name":"Dense","config":{"units":3}}"#);
    let fingerprint = Proto::default().number(1, u64::MAX).number(2, 7).number(3, 9).number(4, 11);
    let fingerprint = fingerprint.bytes(6, Proto::default().number(1, 1)).bytes(7, "1f9e8c");
    let unknown = Proto::default().bytes(40, "one").number(41, 7).bytes(42, [0x9f; 30]);
    let noise: Vec<u8> = (0..4096_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8 | 0x80).collect();
    vec![
        item("sentencepiece", Expect::Safe, "tokenizer.model", vocabulary(&[]))
            .quiet(&["protobuf-malformed", "unscanned-format"]),
        item("sentencepiece-large", Expect::Safe, "spiece.model", vocabulary(&pieces)).quiet(&["protobuf-malformed"]),
        item("sentencepiece-other-name", Expect::Safe, "source.spm", vocabulary(&[])),
        item("sentencepiece-odd-piece", Expect::Suspect, "tokenizer.model", {
            vocabulary(&[Proto::default().bytes(1, "x").bytes(2, "WriteFile")])
        })
        .fires(&["protobuf-malformed"]),
        item("sentencepiece-cut", Expect::Suspect, "tokenizer.model", vocabulary(&pieces)[..5000].to_vec()),
        item(
            "sentencepiece-then-bytes",
            Expect::Suspect,
            "tokenizer.model",
            [vocabulary(&[]), vec![0xff; 40]].concat(),
        ),
        item("sentencepiece-also-a-graph", Expect::Suspect, "tokenizer.model", {
            let node = Proto::default().bytes(1, "w").bytes(2, "WriteFile");
            [vocabulary(&[]), Proto::default().bytes(2, Proto::default().bytes(1, node)).0].concat()
        })
        .fires(&["protobuf-malformed"]),
        item("keras-metadata", Expect::Safe, "keras_metadata.pb", Proto::default().bytes(1, dense).0)
            .quiet(&["protobuf-malformed", "keras-lambda"]),
        item("keras-metadata-lambda", Expect::Dangerous, "keras_metadata.pb", {
            let config = r#"{"name":"l","class_name":"Lambda","config":{"function":{"class_name":"__lambda__","config":{"code":"4wEA"}}}}"#;
            Proto::default().bytes(1, object("_tf_keras_layer", config)).0
        })
        .fires(&["keras-lambda"]),
        item("fingerprint", Expect::Safe, "fingerprint.pb", fingerprint.0).quiet(&["protobuf-malformed"]),
        item("protobuf-unknown", Expect::Suspect, "model.mlmodel", unknown.0).fires(&["unscanned-format"]),
        item("noise", Expect::Suspect, "weights.dat", noise).fires(&["unknown-format"]),
        item("named-pb", Expect::Suspect, "saved_model.pb", vec![0xfe; 500]).fires(&["unknown-format"]),
    ]
}
