//! From bytes to text as Python does it: byte order mark, PEP 263 cookie, else UTF-8.

use modelpin_rules::{Rule, code};

/// The text of a module, and what was odd about its encoding.
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) anomaly: Option<(&'static Rule, String)>,
}

/// How the bytes of an encoding relate to what an editor shows.
enum Kind {
    Utf8,
    Latin1,
    /// An old one-script encoding whose lower half is ASCII.
    Legacy,
    /// Anything else: what it makes of the bytes cannot be seen.
    Opaque,
}

fn kind(name: &str) -> Kind {
    let name: String = name.to_ascii_lowercase().chars().map(|c| if c == '_' || c == ' ' { '-' } else { c }).collect();
    // As CPython's tokenizer reads them (`get_normal_name`, Parser/tokenizer/helpers.c; the first twelve characters
    // count there), with what editors put behind them.
    if name == "utf-8" || name.starts_with("utf-8-") {
        return Kind::Utf8;
    }
    let latin = ["latin-1", "iso-8859-1", "iso-latin-1"];
    if latin.iter().any(|usual| name == *usual || name.strip_prefix(usual).is_some_and(|rest| rest.starts_with('-'))) {
        return Kind::Latin1;
    }
    match name.as_str() {
        "utf-8" | "utf8" | "utf-8-sig" | "utf8-sig" | "u8" | "utf" | "utf8-unix" | "utf-8-unix" | "utf-8-dos"
        | "utf-8-mac" | "ascii" | "us-ascii" | "646" | "ansi-x3.4-1968" => Kind::Utf8,
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "iso-latin-1" | "l1" | "8859" | "cp819"
        | "iso-8859-1-unix" | "iso-latin-1-unix" => Kind::Latin1,
        "gbk" | "gb2312" | "gb18030" | "cp936" | "936" | "euc-cn" | "big5" | "cp950" | "euc-jp" | "eucjp"
        | "shift-jis" | "sjis" | "cp932" | "euc-kr" | "euckr" | "cp949" | "koi8-r" | "koi8-u" => Kind::Legacy,
        name => {
            let page =
                ["cp125", "windows-125", "iso-8859-", "iso8859-"].iter().find_map(|head| name.strip_prefix(head));
            let is_page = page.is_some_and(|page| page.len() <= 2 && page.bytes().all(|byte| byte.is_ascii_digit()));
            if is_page { Kind::Legacy } else { Kind::Opaque }
        }
    }
}

/// The coding cookie, by Python's own expression: `^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)` in the first two
/// lines, the second only where the first is blank or a comment (PEP 263).
fn cookie(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(8192)).unwrap_or_default()).replace("\r\n", "\n");
    for line in head.split(['\n', '\r']).take(2) {
        let trimmed = line.trim_start_matches([' ', '\t', '\x0c']);
        if !trimmed.starts_with('#') {
            if trimmed.is_empty() {
                continue;
            }
            return None;
        }
        let name = trimmed.match_indices("coding").find_map(|(at, word)| {
            let rest = trimmed.get(at.saturating_add(word.len())..)?;
            let rest = rest.strip_prefix([':', '='])?.trim_start_matches([' ', '\t']);
            let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(rest.len());
            rest.get(..end).filter(|name| !name.is_empty()).map(str::to_owned)
        });
        if name.is_some() {
            return name;
        }
    }
    None
}

/// Decodes the bytes of a module.
pub(super) fn decode(bytes: &[u8]) -> Decoded {
    let (bytes, marked) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    let declared = cookie(bytes);
    let kind = declared.as_deref().map_or(Kind::Utf8, kind);
    let name = declared.unwrap_or_default();
    let lossy = || String::from_utf8_lossy(bytes).into_owned();
    let anomaly = match kind {
        Kind::Opaque => Some((&code::CODE_ENCODING, format!("declared as `{name}`"))),
        // With a byte order mark, Python refuses any other cookie.
        Kind::Latin1 | Kind::Legacy if marked => {
            Some((&code::CODE_UNPARSABLE, format!("a UTF-8 byte order mark, and declared as `{name}`")))
        }
        Kind::Latin1 => {
            let text = bytes.iter().map(|byte| char::from(*byte)).collect();
            return Decoded { text, anomaly: None };
        }
        Kind::Legacy if !bytes.is_ascii() => {
            Some((&code::CODE_UNPARSABLE, format!("text in `{name}` was not decoded")))
        }
        Kind::Utf8 | Kind::Legacy => match std::str::from_utf8(bytes) {
            Ok(text) => return Decoded { text: text.to_owned(), anomaly: None },
            Err(error) => Some((&code::CODE_UNPARSABLE, format!("not UTF-8 at byte {}", error.valid_up_to()))),
        },
    };
    Decoded { text: lossy(), anomaly }
}
