//! Files as honest repositories hold them.

use super::{flax, png};
use crate::corpus::{Expect, Item};

/// Texts under their names.
const TEXTS: &[(&str, &str, &str)] = &[
    (
        "model-card",
        "README.md",
        "---\nlicense: mit\ntags:\n- text\n---\n# A model\n\nRun `pip install it`.\n\n```python\nimport os\nos.system('true')\n```\n",
    ),
    ("licence", "LICENSE", "Permission is hereby granted, free of charge, to any person\n"),
    (
        "attributes",
        ".gitattributes",
        "*.bin filter=lfs diff=lfs merge=lfs -text\n*.safetensors filter=lfs diff=lfs merge=lfs -text\n",
    ),
    ("ignored", ".gitignore", "__pycache__/\n*.pyc\n"),
    ("merges", "merges.txt", "#version: 0.2\n\u{120} t\n\u{120} a\nh e\n\u{200b} \u{202e}\n"),
    ("vocabulary", "vocab.txt", "[PAD]\n[unused0]\n\u{200d}\n\u{202e}\nos\nsystem\n"),
    ("vocabulary-of-words", "words.txt", "cat\nIt\nin\n(a)\n.\n"),
    ("bpe-ranks", "qwen.tiktoken", "IQ== 0\nIg== 1\nIw== 2\n"),
    ("tokenizer-ranks", "tokenizer.model", "IQ== 0\nIg== 1\nIw== 2\n"),
    ("table", "metrics.csv", "epoch,loss\n1,0.5\n2,0.25\n"),
    ("lines-of-json", "train.jsonl", "{\"text\": \"a\"}\n{\"text\": \"b\"}\n"),
    ("log", "train.log", "\u{1b}[32mINFO\u{1b}[0m starting\n"),
    ("chinese", "说明文档.md", "# 模型\n\n这是一个模型。\n"),
    ("japanese", "モデル/説明.txt", "モデルの説明です。\n"),
    ("russian", "русская_модель/описание.txt", "Это описание модели.\n"),
    ("russian-lookalikes", "ресурс-model.txt", "Ресурс.\n"),
    ("greek-letters", "β-vae_λ=4.txt", "A model with a β.\n"),
    ("arabic", "README_ar.md", "هذا نموذج \u{2067}ABC\u{2069} لغوي\u{200f}.\n"),
    ("persian", "README_fa.md", "می\u{200c}شود مدل را اجرا کرد.\n"),
    ("hindi", "README_hi.md", "क्\u{200d}ष मॉडल\n"),
    (
        "emoji",
        "CARD.md",
        "Made by a family 👨\u{200d}👩\u{200d}👧 in 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} with ❤\u{fe0f}.\n",
    ),
    ("stray-zero-width-space", "USAGE.md", "Copied from\u{200b} a web page.\n"),
    ("carriage-returns", "notes.txt", "one\r\ntwo\r\n"),
    ("byte-order-mark", "notes.txt", "\u{feff}Notes.\n"),
    ("time-in-a-name", "runs/Dec01_10:30:00_host/note.txt", "Notes.\n"),
    ("several-dots", "model-v1.2.final.txt", "Notes.\n"),
    ("console-like", "console.txt", "Notes.\n"),
    ("community", "com10.txt", "Notes.\n"),
    ("vector-picture", "logo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0\"/></svg>\n"),
    ("page", "report.html", "<html><body><p>Results</p></body></html>\n"),
    ("toml", "run.toml", "[train]\nsteps = 10\n"),
    ("markdown-of-links", "LINKS.md", "[1] A paper.\n[Another](https://example.org)\n"),
    ("pinned", "chat.txt", "{{ not a template }}\n"),
    (
        "openvino-graph",
        "openvino_model.xml",
        "<?xml version=\"1.0\"?><net name=\"m\" version=\"11\"><layers><layer id=\"0\" type=\"Parameter\"/></layers></net>\n",
    ),
];

/// The honest items.
pub(super) fn items() -> Vec<Item> {
    let texts = TEXTS.iter().map(|(name, path, text)| {
        let quiet = [
            "hidden-characters",
            "deceptive-name",
            "name-disagrees",
            "disguised-executable",
            "script",
            "trailing-bytes",
        ];
        Item::new(format!("file-honest-{name}"), Expect::Safe, path, *text).quiet(&quiet)
    });
    texts.chain(data()).chain(reviewed()).collect()
}

fn data() -> Vec<Item> {
    let safe =
        |name: &str, path: &str, bytes: Vec<u8>| Item::new(format!("file-honest-{name}"), Expect::Safe, path, bytes);
    let utf16: Vec<u8> = "\u{feff}Notes on the model.\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        safe("empty", "__init__.txt", Vec::new()),
        safe("picture", "assets/sample.png", png()).quiet(&["polyglot", "unknown-format"]),
        safe("font", "font.ttf", [b"\0\x01\0\0\0\x12".as_slice(), &[7; 64]].concat()),
        safe("folder-view", ".DS_Store", [b"\0\0\0\x01Bud1".as_slice(), &[0; 64]].concat()),
        safe("flax", "flax_model.msgpack", flax(1, "float32")).quiet(&["unscanned-format", "truncated"]),
        safe("flax-bfloat", "flax_model.msgpack", flax(1, "bfloat16")),
        safe("arrow", "data-00000-of-00001.arrow", b"ARROW1\0\0................\x08\0\0\0ARROW1".to_vec()),
        safe("latin-1", "LIESMICH.txt", b"Gr\xfc\xdfe aus M\xfcnchen, dies ist ein Modell f\xfcr alle.\n".to_vec())
            .quiet(&["unknown-format"]),
        safe("utf-16", "notes.txt", utf16),
        safe("cut-character", "notes.txt", [vec![b'a'; 1023], "ß".as_bytes().to_vec(), b"\n".to_vec()].concat()),
        safe("large-text", "corpus.txt", b"A line of text that is repeated.\n".repeat(100_000)).quiet(&["over-budget"]),
    ]
}

/// Honest, and nothing here can say so.
fn reviewed() -> Vec<Item> {
    let noise: Vec<u8> = (0..4096_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    let review =
        |name: &str, path: &str, bytes: Vec<u8>| Item::new(format!("file-honest-{name}"), Expect::Review, path, bytes);
    vec![
        review("raw-weights-of-openvino", "openvino_model.bin", [vec![0xf1], noise.clone()].concat()).quiet(&[
            "disguised-executable",
            "name-disagrees",
            "native-code",
        ]),
        review("raw-weights-like-windows", "openvino_model.bin", [b"MZ".to_vec(), noise].concat())
            .quiet(&["disguised-executable"]),
        review("makefile", "Makefile", b"all:\n\ttrue\n".to_vec()).quiet(&["path-hook", "path-list"]),
    ]
}
