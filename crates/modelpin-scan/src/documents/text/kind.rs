//! What kind of text it is: by its name, for names decide what loaders do with text, and by its first line.

use crate::engine::Format;
use crate::engine::name::Name;

/// What a text is that begins with `head`.
pub(crate) fn sniff(head: &[u8], name: &Name) -> Format {
    let suffix = name.suffix.as_str();
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
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
    if head.starts_with(b"#!") {
        let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let python = line.windows(6).any(|window| window == b"python");
        return if python { Format::Python } else { Format::Script };
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
    let is_list = matches!(suffix, "txt" | "in" | "lock");
    let requirements = is_list && (base.contains("requirements") || base.starts_with("constraints"))
        || matches!(base, "pyproject.toml" | "setup.cfg" | "pipfile" | "packages.txt" | "containerfile")
        || base.starts_with("dockerfile")
        || suffix == "dockerfile"
        || matches!(suffix, "yml" | "yaml") && (base.starts_with("environment") || base.starts_with("conda"));
    if requirements {
        return Some(Format::Requirements);
    }
    if matches!(base, "makefile" | "cmakelists.txt" | "rakefile" | "justfile") {
        return Some(Format::Script);
    }
    match suffix {
        "py" | "pyi" | "pyw" => Some(Format::Python),
        "jinja" | "jinja2" | "j2" => Some(Format::Template),
        "json" | "ipynb" | "webmanifest" | "geojson" => Some(Format::Json),
        "jsonl" | "ndjson" => Some(Format::Text),
        _ if base.starts_with("chat_template") => Some(Format::Template),
        // For shells and interpreters.
        "sh" | "bash" | "zsh" | "ksh" | "csh" | "fish" | "command" | "bat" | "cmd" | "ps1" | "psm1" | "psd1"
        | "vbs" | "vbe" | "wsf" | "hta" | "js" | "mjs" | "cjs" | "ts" | "jse" | "rb" | "pl" | "lua" | "php" | "tcl"
        | "awk" | "scpt" | "applescript" | "desktop" | "reg" | "url" | "inf" | "pyx" | "mk" | "cmake" => {
            Some(Format::Script)
        }
        // Source that is compiled where it is used, as `torch.utils.cpp_extension` does.
        "c" | "cc" | "cpp" | "cxx" | "cu" | "cuh" | "h" | "hpp" | "mm" | "metal" | "cl" | "rs" | "go" | "java"
        | "swift" => Some(Format::Script),
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
fn begins_json(text: &[u8]) -> bool {
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
