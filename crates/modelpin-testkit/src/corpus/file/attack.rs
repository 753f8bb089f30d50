//! Files that pass for something else, hide something, or are broken.

use super::{byte_code, elf, flax, png, windows};
use crate::corpus::build::{Zip, call};
use crate::corpus::{Expect, Item};

/// Names that deceive.
const NAMES: &[(&str, &str)] = &[
    ("reversed-suffix", "model\u{202e}nip.txt"),
    ("zero-width", "con\u{200b}fig.txt"),
    ("tag-character", "config\u{e0041}.txt"),
    ("control", "config\u{7}.txt"),
    ("line-feed", "a\nb.txt"),
    ("cyrillic-letter", "c\u{43e}nfig.txt"),
    ("cyrillic-suffix", "notes.\u{440}y"),
    ("greek-letter", "m\u{3bf}del_card.txt"),
    ("full-width", "\u{ff43}onfig.txt"),
    ("mathematical", "\u{1d41c}onfig.txt"),
    ("device", "folder/CON.txt"),
    ("device-port", "com1.txt"),
    ("device-superscript", "lpt\u{b2}.txt"),
    ("device-with-space", "nul .txt"),
    ("trailing-dot", "notes.txt."),
    ("trailing-space", "notes.txt "),
    ("spaces-before-suffix", "notes.txt                      .md"),
    ("stream", "notes.txt:hidden"),
    ("backslash", "..\\notes.txt"),
    ("in-a-folder", "con\u{200d}fig/notes.txt"),
];

/// The attacks.
pub(super) fn items() -> Vec<Item> {
    let names = NAMES.iter().map(|(name, path)| {
        Item::new(format!("file-name-{name}"), Expect::Suspect, path, "Notes on the model.\n")
            .fires(&["deceptive-name"])
    });
    names.chain(disguises()).chain(runs()).chain(texts()).chain(broken()).collect()
}

fn disguises() -> Vec<Item> {
    let pickle = || call("os", "system", "true");
    let disguised = |name: &str, path: &str, bytes: Vec<u8>| {
        Item::new(format!("file-disguise-{name}"), Expect::Dangerous, path, bytes).fires(&["disguised-executable"])
    };
    let member = Zip::of(&[("archive/data.pkl", &pickle())]);
    let picture = |bytes: Vec<u8>, path: &str, name: &str| {
        Item::new(format!("file-polyglot-{name}"), Expect::Dangerous, path, bytes)
    };
    vec![
        disguised("pickle-as-safetensors", "model.safetensors", pickle()),
        disguised("pickle-as-json", "config.json", pickle()),
        disguised("pickle-as-text", "vocab.txt", pickle()),
        disguised("text-pickle-as-text", "notes.txt", b"cos\nsystem\n(S'true'\ntR.".to_vec()),
        disguised("pickle-as-picture", "sample.png", pickle()),
        disguised("pickle-as-gguf", "model.gguf", pickle()),
        disguised("pickle-as-template", "chat_template.jinja", pickle()),
        disguised("pickle-as-parquet", "train.parquet", pickle()),
        disguised("zip-as-safetensors", "model.safetensors", member.clone()),
        disguised("zip-as-onnx", "model.onnx", member.clone()),
        disguised("elf-as-safetensors", "model.safetensors", elf()),
        disguised("elf-as-weights", "pytorch_model.bin", elf()),
        disguised("elf-as-readme", "README.md", elf()),
        disguised("windows-as-json", "tokenizer.json", windows()),
        disguised("byte-code-as-text", "notes.txt", byte_code()),
        picture([png(), member.clone()].concat(), "logo.png", "png-and-zip").fires(&["polyglot"]),
        picture([b"Notes.\n".to_vec(), member].concat(), "notes.txt", "text-and-zip").fires(&["disguised-executable"]),
        picture([b"GIF89a\0\0\0".to_vec(), b"0cos\nsystem\n(S'true'\ntR.".to_vec()].concat(), "logo.gif", "gif-and-pickle"),
        picture([b"GIF89a\0\0\0".to_vec(), b"0cos\nsystem\n(S'true'\ntR.".to_vec()].concat(), "weights.bin", "gif-and-pickle-as-weights"),
        Item::new("file-disagrees-json-as-weights", Expect::Suspect, "pytorch_model.bin", "{\"a\": 1}").fires(&["name-disagrees"]),
        Item::new("file-disagrees-text-as-weights", Expect::Suspect, "model.pt", "Nothing here.\n").fires(&["name-disagrees"]),
        Item::new("file-disagrees-picture-as-weights", Expect::Suspect, "model.ckpt", png()).fires(&["name-disagrees"]),
        Item::new("file-disagrees-text-as-picture", Expect::Suspect, "logo.png", "Nothing here.\n").fires(&["name-disagrees"]),
        Item::new(
            "file-disagrees-pointer",
            Expect::Review,
            "model.safetensors",
            "version https://git-lfs.github.com/spec/v1\noid sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a\nsize 1\n",
        )
        .fires(&["name-disagrees"])
        .quiet(&["disguised-executable"]),
        Item::new("file-disagrees-python-as-text", Expect::Suspect, "notes.txt", "#!/usr/bin/env python3\nimport os\nos.system('true')\n"),
    ]
}

/// What runs outside any model.
fn runs() -> Vec<Item> {
    let hook = |name: &str, text: &str| {
        Item::new(format!("file-hook-{name}"), Expect::Dangerous, "distutils-precedence.pth", text)
            .fires(&["path-hook"])
    };
    let native = |name: &str, path: &str, bytes: Vec<u8>| {
        Item::new(format!("file-native-{name}"), Expect::Review, path, bytes).fires(&["native-code"])
    };
    let script = |name: &str, path: &str, text: &str| {
        Item::new(format!("file-script-{name}"), Expect::Review, path, text).fires(&["script"]).quiet(&["native-code"])
    };
    vec![
        hook("plain", "import os; os.system('true')\n"),
        hook("tab", "import\tos; os.system('true')\n"),
        hook("after-paths", "/usr/lib/python3\nimport os; os.system('true')\n"),
        hook("far-down", &format!("{}import os; os.system('true')\n", "# nothing to see\n".repeat(2000))),
        hook("byte-order-mark", "\u{feff}import os; os.system('true')\n"),
        hook("odd-line-end", "# nothing\u{2028}import os; os.system('true')\n"),
        hook("carriage-return", "# nothing\rimport os; os.system('true')\r"),
        Item::new("file-hook-paths-only", Expect::Review, "extra.pth", "/opt/other/lib\n")
            .fires(&["path-list"])
            .quiet(&["path-hook"]),
        native("elf", "libops.so", elf()),
        native("elf-without-suffix", "run", elf()),
        native("windows", "setup.exe", windows()),
        native("byte-code", "modeling.pyc", byte_code()),
        Item::new("file-native-byte-code-elsewhere", Expect::Dangerous, "modeling.dat", byte_code())
            .fires(&["native-code", "disguised-executable"]),
        native("wasm", "model.wasm", b"\0asm\x01\0\0\0".repeat(4)),
        native("java", "Main.class", b"\xca\xfe\xba\xbe\0\0\0\x41".repeat(4)),
        native(
            "static-library",
            "libops.a",
            b"!<arch>\nops.o/          0           0     0     644     8         `\n\x7fELF\0\0\0\0".to_vec(),
        ),
        native("tensorrt", "model.engine", b"ftrt\0\0\0\0".repeat(8)),
        script("shell", "train.sh", "#!/bin/sh\npython train.py\n"),
        script("without-suffix", "run", "#!/bin/sh\nexec true\n"),
        script("batch", "start.bat", "@echo off\r\npython app.py\r\n"),
        script("javascript", "index.js", "console.log(1);\n"),
        script("cuda", "kernel.cu", "__global__ void f() {}\n"),
        script("page", "index.html", "<html><script>fetch('https://x.example')</script></html>"),
    ]
}

/// Texts that hide something.
fn texts() -> Vec<Item> {
    let hidden = |name: &str, text: String| {
        Item::new(format!("file-text-{name}"), Expect::Suspect, "README.md", text).fires(&["hidden-characters"])
    };
    vec![
        hidden("reversed", "Run `\u{202e}hs.live\u{202c}` first.\n".to_owned()),
        hidden("open-isolate", "Run this \u{2067}now.\nNext line.\n".to_owned()),
        hidden("direction-without-need", "Run \u{202b}this\u{202c} now.\n".to_owned()),
        hidden("tags", "A model card.\u{e0049}\u{e0067}\u{e006e}\u{e006f}\u{e0072}\u{e0065}\n".to_owned()),
        hidden("zero-width-message", format!("A model card.{}\n", "\u{200b}\u{200c}\u{200b}\u{200b}\u{200c}\u{200d}")),
        hidden("variation-message", format!("A model card.{}\n", "\u{e0101}\u{e0110}\u{e0123}\u{e0144}\u{e0155}")),
        hidden(
            "far-down",
            format!("{}Run `\u{202e}hs.live\u{202c}`.\n", "A long model card about nothing.\n".repeat(5000)),
        ),
        Item::new(
            "file-text-binary-behind",
            Expect::Suspect,
            "notes.txt",
            [b"Notes.\n".repeat(300).as_slice(), &[0; 64], b"\x80\x02"].concat(),
        )
        .fires(&["unknown-format"]),
    ]
}

/// Broken and unknown content.
fn broken() -> Vec<Item> {
    let noise: Vec<u8> = (0..4096_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    vec![
        Item::new("file-unknown-weights", Expect::Suspect, "weights.bin", [vec![0xf1], noise.clone()].concat())
            .fires(&["unknown-format"]),
        Item::new("file-unknown-nothing-but-zeros", Expect::Suspect, "model.bin", vec![0; 4096]),
        Item::new("file-unjudged-ggml", Expect::Review, "ggml-model.bin", [b"lmgg".as_slice(), &noise].concat())
            .fires(&["unchecked-format"])
            .quiet(&["name-disagrees", "unknown-format"]),
        Item::new("file-msgpack-cut", Expect::Suspect, "flax_model.msgpack", flax(1, "float32")[..30].to_vec())
            .fires(&["truncated"]),
        Item::new("file-msgpack-foreign-extension", Expect::Suspect, "flax_model.msgpack", flax(77, "float32"))
            .fires(&["unscanned-format"]),
        Item::new("file-msgpack-objects", Expect::Suspect, "flax_model.msgpack", flax(1, "object"))
            .fires(&["unscanned-format"]),
        Item::new(
            "file-msgpack-and-more",
            Expect::Suspect,
            "flax_model.msgpack",
            [flax(1, "float32"), b"more".to_vec()].concat(),
        )
        .fires(&["trailing-bytes"]),
        Item::new(
            "file-msgpack-lying-count",
            Expect::Suspect,
            "flax_model.msgpack",
            b"\xdf\xff\xff\xff\xff\xa1a".to_vec(),
        )
        .fires(&["truncated"]),
        Item::new(
            "file-arrow-pickled-column",
            Expect::Dangerous,
            "data.arrow",
            b"ARROW1\0\0....arrow.py_extension_type....ARROW1".to_vec(),
        ),
        Item::new("file-arrow-cut", Expect::Suspect, "data.arrow", b"ARROW1\0\0....".to_vec()).fires(&["truncated"]),
        Item::new("file-budget-large-yaml", Expect::Suspect, "config.yaml", "a: b\n".repeat(1_000_000))
            .fires(&["over-budget"]),
    ]
}
