//! What runs outside any model: machine code and byte code, scripts, and the hooks of site-packages.

use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanResult};
use modelpin_rules::file::{NATIVE_CODE, PATH_HOOK, PATH_LIST, SCRIPT};

/// A native program or library, or byte code. It cannot be scanned; only named.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let head = part.bytes(0, 64)?;
    let kind = match head.as_slice() {
        [0x7f, b'E', b'L', b'F', ..] => "an ELF program or library",
        [b'M', b'Z', b'q', b'F', b'p', b'D', b'=', ..]
        | [b'j', b'a', b'r', b't', b's', b'r', b'=', ..]
        | [b'A', b'P', b'E', b'D', b'B', b'G', b'=', ..] => "a program for any system, which is a script to a shell",
        [b'M', b'Z', ..] => "a Windows program or library",
        [0xca, 0xfe, 0xba, 0xbe, ..] => "a Java class or a universal Mach-O file",
        [0xfe, 0xed, 0xfa, ..] | [_, 0xfa, 0xed, 0xfe, ..] => "a Mach-O program or library",
        [0, b'a', b's', b'm', ..] => "a WebAssembly module",
        [b'd', b'e', b'x', b'\n', ..] => "Dalvik byte code",
        [b'!', b'<', b'a', b'r', ..] => "a static library",
        [b'f', b't', b'r', b't', ..] => "a TensorRT engine, which holds machine code for a GPU",
        [b'B', b'C', 0xc0, 0xde, ..] => "LLVM byte code",
        [0x1b, b'L', b'u', b'a', ..] => "Lua byte code",
        [_, _, b'\r', b'\n', ..] => "CPython byte code",
        _ => "machine code or byte code",
    };
    scan.report(&NATIVE_CODE, Location::Whole, kind);
    Ok(FullyCovered)
}

/// A script.
pub(crate) fn script(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let head = String::from_utf8_lossy(&part.bytes(0, 256)?).into_owned();
    let line = head.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    scan.report(&SCRIPT, Location::Line(1), format!("it begins with `{}`", line.trim()));
    Ok(FullyCovered)
}

/// A text named `.pth`, by the rules of `site.addpackage` in CPython: lines that begin with `import` and a blank
/// are run, others are added to the places that modules are imported from.
pub(crate) fn path_hook(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let bytes = part.all(scan.limits.document)?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // Python splits lines at more than line feeds.
    let ends = |c: char| {
        matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
    };
    let mut paths = None;
    let mut number = 1_u32;
    for line in text.split(ends) {
        scan.budget.step()?;
        if line.starts_with("import ") || line.starts_with("import\t") {
            scan.report(&PATH_HOOK, Location::Line(number), line);
        } else if !line.starts_with('#') && !line.trim().is_empty() && paths.is_none() {
            paths = Some((number, line));
        }
        number = number.saturating_add(1);
    }
    if let Some((number, line)) = paths {
        scan.report(&PATH_LIST, Location::Line(number), line);
    } else {
        scan.report(&PATH_LIST, Location::Whole, "a text where weights are expected");
    }
    Ok(FullyCovered)
}
