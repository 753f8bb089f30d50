//! What kind of text it is: by its name, for names decide what loaders do with text, and by its first line.

use super::script;
use crate::documents::config::requirements;
use crate::engine::Format;
use crate::engine::encoding::Wide;
use crate::engine::name::Name;

/// What the first line of a script says that Python runs.
const PYTHON: [&[u8]; 5] = [b"python", b"pypy", b"uv run", b"pdm run", b"hatch run"];

/// What a text is that begins with `head`.
pub(crate) fn sniff(head: &[u8], name: &Name) -> Format {
    let suffix = name.suffix.as_str();
    let text = super::text_start(head);
    if text.starts_with(super::POINTER) {
        return Format::Text;
    }
    // Python reads every line of such a file, however far down it is.
    if suffix == "pth" {
        return Format::PathHook;
    }
    if let Some(format) = by_name(name) {
        return format;
    }
    if text.starts_with(b"#!") {
        let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let is_python = PYTHON.iter().any(|mark| line.windows(mark.len()).any(|window| window == *mark));
        // Those who go by the name read the same lines as something else.
        return match is_python {
            _ if super::is_read(name) => Format::Text,
            true => Format::Python,
            false => Format::Script,
        };
    }
    if script::is_shell(head, name) {
        return Format::Script;
    }
    if !is_prose(suffix) && begins_json(text) {
        Format::Json
    } else if suffix == "template" {
        Format::Template
    } else {
        Format::Text
    }
}

fn by_name(name: &Name) -> Option<Format> {
    let base = name.base.as_str();
    let suffix = name.suffix.as_str();
    if requirements::is_named(name) {
        return Some(Format::Requirements);
    }
    if script::is_named(name) {
        return Some(Format::Script);
    }
    match suffix {
        "py" | "pyi" | "pyw" => Some(Format::Python),
        "jinja" | "jinja2" | "j2" => Some(Format::Template),
        "json" | "ipynb" | "webmanifest" | "geojson" | "onnxjson" => Some(Format::Json),
        "jsonl" | "ndjson" => Some(Format::Text),
        _ if base.starts_with("chat_template") => Some(Format::Template),
        _ => None,
    }
}

/// Names of texts for people and of tables, in which a bracket at the start means nothing.
fn is_prose(suffix: &str) -> bool {
    matches!(
        suffix,
        "txt"
            | "md"
            | "rst"
            | "csv"
            | "tsv"
            | "log"
            | "html"
            | "htm"
            | "xml"
            | "svg"
            | "tex"
            | "bib"
            | "yaml"
            | "yml"
            | "toml"
            | "cfg"
            | "ini"
            | "vocab"
            | "merges"
            | "bpe"
            | "tiktoken"
            | "srt"
            | "vtt"
    )
}

/// Whether a text begins as JSON does.
pub(crate) fn begins_json(text: &[u8]) -> bool {
    let rest = text.trim_ascii_start();
    let Some((first, inner)) = rest.split_first() else { return false };
    let inner = inner.trim_ascii_start();
    match first {
        b'{' => matches!(inner.first(), Some(b'"' | b'}')),
        b'[' => {
            matches!(inner.first(), Some(b'"' | b'{' | b'[' | b']' | b'-' | b'0'..=b'9'))
                || [b"true".as_slice(), b"false", b"null"].iter().any(|word| inner.starts_with(word))
        }
        _ => false,
    }
}

/// The encoding of JSON in UTF-16 or UTF-32 that does not say so.
pub(crate) fn wide_json(head: &[u8]) -> Option<Wide> {
    let wide = Wide::by_zeros(head)?;
    let text = wide.decode(head);
    (wide.is_text(head) && begins_json(text.as_bytes())).then_some(wide)
}
