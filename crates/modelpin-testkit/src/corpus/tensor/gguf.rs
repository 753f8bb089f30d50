//! GGUF.

use crate::corpus::build::call;
use crate::corpus::{Expect, Item};

const RULE: &[&str] = &["gguf-malformed"];

/// Types of values.
const U32: u32 = 4;
const BOOL: u32 = 7;
const TEXT: u32 = 8;
const LIST: u32 = 9;

/// A file under construction.
#[derive(Clone)]
struct Gguf {
    version: u32,
    is_big: bool,
    alignment: usize,
    keys: u64,
    tensors: u64,
    entries: Vec<u8>,
    table: Vec<u8>,
    data: Vec<u8>,
}

impl Gguf {
    fn new(version: u32) -> Self {
        Self {
            version,
            is_big: false,
            alignment: 32,
            keys: 0,
            tensors: 0,
            entries: Vec::new(),
            table: Vec::new(),
            data: Vec::new(),
        }
    }

    fn u32(&self, value: u32) -> [u8; 4] {
        if self.is_big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn u64(&self, value: u64) -> [u8; 8] {
        if self.is_big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    /// A count or a length.
    fn count(&self, value: u64) -> Vec<u8> {
        if self.version == 1 { self.u32(value as u32).to_vec() } else { self.u64(value).to_vec() }
    }

    fn string(&self, text: &[u8]) -> Vec<u8> {
        [self.count(text.len() as u64), text.to_vec()].concat()
    }

    /// A key with the bytes of its value.
    fn raw(mut self, key: &str, kind: u32, value: &[u8]) -> Self {
        let entry = [&self.string(key.as_bytes()), self.u32(kind).as_slice(), value].concat();
        self.entries.extend(entry);
        self.keys += 1;
        self
    }

    fn text(self, key: &str, text: &str) -> Self {
        let value = self.string(text.as_bytes());
        self.raw(key, TEXT, &value)
    }

    fn number(self, key: &str, value: u32) -> Self {
        let value = self.u32(value);
        self.raw(key, U32, &value)
    }

    fn list(self, key: &str, kind: u32, count: u64, items: &[u8]) -> Self {
        let value = [&self.u32(kind)[..], &self.count(count), items].concat();
        self.raw(key, LIST, &value)
    }

    fn texts(self, key: &str, texts: &[&str]) -> Self {
        let items: Vec<u8> = texts.iter().flat_map(|text| self.string(text.as_bytes())).collect();
        self.list(key, TEXT, texts.len() as u64, &items)
    }

    /// An entry of the table of tensors, whatever the data.
    fn entry(mut self, name: &str, shape: &[u64], kind: u32, offset: u64) -> Self {
        let mut entry = self.string(name.as_bytes());
        entry.extend(self.u32(shape.len() as u32));
        entry.extend(shape.iter().flat_map(|size| self.count(*size)));
        entry.extend(self.u32(kind));
        entry.extend(self.u64(offset));
        self.table.extend(entry);
        self.tensors += 1;
        self
    }

    /// A tensor with its data, aligned.
    fn tensor(mut self, name: &str, shape: &[u64], kind: u32, size: usize) -> Self {
        let offset = self.data.len().next_multiple_of(self.alignment);
        self.data.resize(offset + size, 7);
        self.entry(name, shape, kind, offset as u64)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut file = b"GGUF".to_vec();
        file.extend(self.u32(self.version));
        file.extend(self.count(self.tensors));
        file.extend(self.count(self.keys));
        file.extend(&self.entries);
        file.extend(&self.table);
        if !self.data.is_empty() {
            file.resize(file.len().next_multiple_of(self.alignment), 0);
            file.extend(&self.data);
            file.resize(file.len().next_multiple_of(self.alignment), 0);
        }
        file
    }
}

const TEMPLATE: &str = "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] \
                        + '<|im_end|>' }}{% endfor %}";

/// What converters write, without tensors.
fn head(version: u32, is_big: bool) -> Gguf {
    let file = Gguf { is_big, ..Gguf::new(version) };
    file.text("general.architecture", "llama")
        .text("general.name", "tiny")
        .number("llama.block_count", 2)
        .raw("tokenizer.ggml.add_bos_token", BOOL, &[1])
        .texts("tokenizer.ggml.tokens", &["<s>", "</s>", "a", "Ġb"])
        .list("tokenizer.ggml.scores", 6, 4, &[0; 16])
}

/// What converters write.
fn model(version: u32, is_big: bool) -> Gguf {
    head(version, is_big).tensor("token_embd.weight", &[32, 4], 0, 512).tensor("output_norm.weight", &[32], 1, 64)
}

fn safe(name: &str, file: &Gguf) -> Item {
    Item::new(format!("tensor-gguf-{name}"), Expect::Safe, "model.gguf", file.bytes()).quiet(&[
        "gguf-malformed",
        "trailing-bytes",
        "truncated",
    ])
}

fn broken(name: &str, bytes: Vec<u8>) -> Item {
    Item::new(format!("tensor-gguf-{name}"), Expect::Suspect, "model.gguf", bytes)
}

pub(super) fn items() -> Vec<Item> {
    [honest(), metadata(), tensors()].into_iter().flatten().collect()
}

fn honest() -> Vec<Item> {
    let tokens: Vec<String> = (0..20_000).map(|token| format!("tok{token}")).collect();
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let types: [(&str, u32, u64, usize); 8] = [
        ("q4_0", 2, 32, 18),
        ("q8_0", 8, 32, 34),
        ("q4_k", 12, 256, 144),
        ("q6_k", 14, 256, 210),
        ("iq4_xs", 23, 256, 136),
        ("bf16", 30, 4, 8),
        ("mxfp4", 39, 32, 17),
        ("i32", 26, 3, 12),
    ];
    let every = types.iter().fold(head(3, false), |file, (name, kind, side, size)| {
        file.tensor(&format!("{name}.weight"), &[*side], *kind, *size)
    });
    let wide = Gguf { alignment: 64, ..head(3, false) };
    vec![
        safe("v2", &model(2, false)),
        safe("v3", &model(3, false)),
        safe("v1", &model(1, false)),
        safe("big-endian", &model(3, true)),
        safe("template", &model(3, false).text("tokenizer.chat_template", TEMPLATE)),
        safe(
            "templates",
            &model(3, false)
                .texts("tokenizer.chat_templates", &["rag", "tool_use"])
                .text("tokenizer.chat_template", TEMPLATE)
                .text("tokenizer.chat_template.rag", TEMPLATE),
        ),
        safe("vocabulary-only", &head(3, false)),
        safe("large-vocabulary", &model(3, false).texts("tokenizer.ggml.merges", &tokens)),
        safe("every-type", &every),
        safe("alignment-64", &wide.number("general.alignment", 64).tensor("a", &[3], 0, 12).tensor("b", &[1], 0, 4)),
        safe("split", &model(3, false).raw("split.count", 2, &[3, 0]).raw("split.no", 2, &[0, 0])),
        safe("empty-list", &model(3, false).list("tokenizer.ggml.merges", TEXT, 0, &[])),
        safe("no-keys", &Gguf::new(3).tensor("model.diffusion_model.x", &[2, 2, 2, 2], 0, 64)),
    ]
}

fn metadata() -> Vec<Item> {
    let huge = |tensors: u64, keys: u64| {
        broken("", [&b"GGUF\x03\0\0\0"[..], &tensors.to_le_bytes(), &keys.to_le_bytes(), &[0; 64]].concat())
    };
    let named = |name: &str, mut item: Item| {
        item.name = format!("tensor-gguf-{name}");
        item.fires(RULE)
    };
    let of = |name: &str, file: &Gguf| broken(name, file.bytes()).fires(RULE);
    let long = |count: u64| [&count.to_le_bytes()[..], b"x"].concat();
    let nested = |depth: usize| {
        let level = [&LIST.to_le_bytes()[..], &1_u64.to_le_bytes()].concat();
        let last = [&U32.to_le_bytes()[..], &0_u64.to_le_bytes()].concat();
        [level.repeat(depth), last].concat()
    };
    vec![
        named("huge-tensor-count", huge(u64::MAX, 0)),
        named("huge-key-count", huge(0, u64::MAX)),
        named("count-times-size-overflows", huge(0x1000_0000_0000_0000, 2)),
        of("version-99", &Gguf { version: 99, ..model(3, false) }),
        of("key-length-overflows", &Gguf { keys: 1, entries: long(u64::MAX - 3), ..Gguf::new(3) }),
        of("text-longer-than-file", &model(3, false).raw("a.b", TEXT, &long(1 << 40))),
        of("list-longer-than-file", &model(3, false).list("a.b", U32, 1 << 62, &[0; 8])),
        of("list-of-texts-longer-than-file", &model(3, false).list("a.b", TEXT, 1 << 60, &[0; 8])),
        of("unknown-value-type", &model(3, false).raw("a.b", 77, &[0; 8])),
        of("unknown-list-type", &model(3, false).list("a.b", 77, 1, &[0; 8])),
        of("key-twice", &model(3, false).text("general.name", "other")),
        of(
            "template-twice",
            &model(3, false).text("tokenizer.chat_template", TEMPLATE).text("tokenizer.chat_template", ""),
        ),
        of("template-is-number", &model(3, false).number("tokenizer.chat_template", 1)),
        of("template-not-utf8", &model(3, false).raw("tokenizer.chat_template", TEXT, b"\x02\0\0\0\0\0\0\0\xff\xfe")),
        of("text-not-utf8", &model(3, false).raw("general.author", TEXT, b"\x02\0\0\0\0\0\0\0\xff\xfe")),
        of("bool-is-two", &model(3, false).raw("a.b", BOOL, &[2])),
        of("alignment-zero", &head(3, false).number("general.alignment", 0)),
        of("alignment-odd", &head(3, false).number("general.alignment", 33)),
        broken("lists-deep", model(3, false).raw("a.b", LIST, &nested(2000)).bytes()).fires(&["over-budget"]),
        broken("cut-in-header", model(3, false).bytes()[..60].to_vec()),
        broken("cut-after-magic", b"GGUF\x03".to_vec()).fires(&["truncated"]),
    ]
}

fn tensors() -> Vec<Item> {
    let of = |name: &str, file: &Gguf| broken(name, file.bytes()).fires(RULE);
    let data = |file: Gguf, size: usize| Gguf { data: vec![0; size], ..file };
    let mut cut = model(3, false).bytes();
    cut.truncate(cut.len() - 300);
    let with = |tail: &[u8]| [model(3, false).bytes(), tail.to_vec()].concat();
    vec![
        of("tensor-past-end", &data(head(3, false).entry("a", &[1024], 0, 0), 64)),
        of("tensor-offset-past-end", &data(head(3, false).entry("a", &[1], 0, 1 << 40), 64)),
        of("tensors-overlap", &data(head(3, false).entry("a", &[16], 0, 0).entry("b", &[16], 0, 32), 128)),
        of("tensor-not-aligned", &data(head(3, false).entry("a", &[1], 0, 4), 64)),
        of("tensor-hole", &data(head(3, false).entry("a", &[1], 0, 0).entry("b", &[1], 0, 4096), 8192)),
        of("tensor-unknown-type", &data(head(3, false).entry("a", &[256], 999, 0), 512)),
        of("tensor-shape-overflow", &data(head(3, false).entry("a", &[1 << 40, 1 << 40], 0, 0), 64)),
        of("tensor-half-a-block", &data(head(3, false).entry("a", &[100], 12, 0), 144)),
        of("tensor-many-dimensions", &data(head(3, false).entry("a", &[1; 9], 0, 0), 32)),
        of(
            "tensor-dimensions-past-end",
            &Gguf {
                tensors: 1,
                table: [&1_u64.to_le_bytes()[..], b"a", &u32::MAX.to_le_bytes(), &[0; 32]].concat(),
                ..head(3, false)
            },
        ),
        of("tensor-twice", &data(head(3, false).entry("a", &[8], 0, 0).entry("a", &[8], 0, 32), 64)),
        broken("cut-in-data", cut).fires(RULE),
        broken("then-bytes", with(&[1; 100])).fires(&["trailing-bytes"]),
        Item::new("tensor-gguf-then-pickle", Expect::Dangerous, "model.gguf", with(&call("os", "system", "true")))
            .fires(&["trailing-bytes", "polyglot"]),
        Item::new("tensor-gguf-named-bin", Expect::Suspect, "pytorch_model.bin", model(3, false).bytes())
            .fires(&["name-disagrees"]),
        Item::new("tensor-gguf-is-pickle", Expect::Dangerous, "model.gguf", call("os", "system", "true"))
            .fires(&["disguised-executable"]),
    ]
}
