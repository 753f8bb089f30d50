//! Python source: parsed, never run.
//!
//! The bytes become text as in Python (`encoding`), the tokens say how deep the tree can get (`depth`), the tree is
//! walked until it is known what every name may stand for (`walk`, with `stmt`, `import`, `expr`, `assign`, `call` and
//! `hooks`), calls of libraries are looked up (`library`, `files`, `settings`) or folded (`constant`, `fold`), calls of what is not known are
//! noted (`unresolved`), and what happens becomes findings (`findings`).

mod assign;
mod call;
mod cells;
mod constant;
mod depth;
mod encoding;
mod expr;
mod files;
mod findings;
mod fold;
mod groups;
mod hooks;
mod import;
mod internals;
mod item;
mod library;
mod lines;
mod passed;
mod settings;
mod stmt;
mod unresolved;
mod value;
mod walk;

pub(crate) use cells::{escapes, grown, piece};

use crate::engine::source::ByteRange;
use crate::engine::{Format, FullyCovered, Limits, Location, Scan, ScanError, ScanResult, Verdict};
use lines::Lines;
use modelpin_rules::code;
use ruff_python_parser::{Mode, ParseOptions};

/// Stack for the parser, the walk and the release of the tree. Their depth is bounded by what [`depth`] lets
/// through: in builds without optimisation, 24 MiB were enough for the deepest trees of the corpus.
const STACK: usize = 64 << 20;

/// How long a text may be, without what pads it, to be asked whether it is Python under another name, in bytes.
const ASKED: usize = 1 << 20;

/// How far such a text is read for what is left without padding, in bytes.
const READ: u64 = 64 << 20;

/// Whether a text under another name is an attack in Python: all of it parses, and importing it would act. Prose and
/// tables do not parse; settings do now and then, and do nothing. Harmless code under the name of a text is a text.
pub(crate) fn is_attack(part: &ByteRange<'_>) -> Result<bool, ScanError> {
    let Some(bytes) = condensed(part)? else { return Ok(false) };
    if !bytes.split(|byte| *byte == b'\n').any(|line| begins_statement(line) || is_call(line)) {
        return Ok(false);
    }
    let limits = Limits { steps: 5_000_000, ..Limits::default() };
    let mut dry = Scan::new(&limits);
    let followed = scan(&ByteRange::whole(bytes), "", &mut dry).is_ok();
    let report = dry.into_report(Format::Python);
    let parses = !report.findings.iter().any(|finding| finding.rule == &code::CODE_UNPARSABLE);
    Ok(followed && parses && report.verdict() == Verdict::Dangerous)
}

/// A text without what pads it: lines that hold nothing but white space or a comment. None where more is left than is
/// asked.
fn condensed(part: &ByteRange<'_>) -> Result<Option<Vec<u8>>, ScanError> {
    if part.len() <= ASKED as u64 {
        return match part.all(ASKED) {
            Err(ScanError::LimitReached(_)) => Ok(None),
            all => all.map(|whole| Some(whole.to_vec())),
        };
    }
    let mut reader = part.reader(0);
    let mut kept = Vec::new();
    while reader.at() < READ {
        let (line, more) = match reader.line(ASKED) {
            // More than is held of what was packed.
            Err(ScanError::LimitReached(_)) => return Ok(None),
            line => line?,
        };
        let text = line.trim_ascii();
        if !text.is_empty() && !text.starts_with(b"#") {
            kept.extend(line);
            kept.push(b'\n');
        }
        if kept.len() > ASKED {
            return Ok(None);
        }
        if !more {
            break;
        }
    }
    Ok(Some(kept))
}

fn begins_statement(line: &[u8]) -> bool {
    let words: [&[u8]; 5] = [b"import ", b"from ", b"def ", b"class ", b"async def "];
    words.iter().any(|word| line.starts_with(word))
}

/// Whether a line calls something by a dotted name, and does nothing else before.
fn is_call(line: &[u8]) -> bool {
    let name = line.split(|byte| *byte == b'(').next().unwrap_or_default();
    let is_name = name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    !name.is_empty() && name.len() < line.len() && is_name
}

/// Scans a Python file.
pub(crate) fn scan(part: &ByteRange<'_>, path: &str, scan: &mut Scan<'_>) -> ScanResult {
    let bytes = part.all(scan.limits.document)?;
    if bytes.contains(&0) {
        scan.report(&code::CODE_UNPARSABLE, Location::Whole, "a NUL byte, where some versions of Python stop reading");
    }
    let decoded = encoding::decode(&bytes);
    if let Some((rule, what)) = decoded.anomaly {
        scan.report(rule, Location::Line(1), what);
    }
    let text = decoded.text;
    let lines = Lines::new(&text);
    depth::hidden_characters(&text, &lines, scan);
    depth::bounded(&text, scan)?;
    stacker::grow(STACK, || follow(&text, &lines, path, scan))
}

fn follow(text: &str, lines: &Lines, path: &str, scan: &mut Scan<'_>) -> ScanResult {
    let parsed = ruff_python_parser::parse_unchecked(text, ParseOptions::from(Mode::Module));
    if let Some(error) = parsed.errors().first() {
        let line = lines.of(error.location.start().to_usize());
        scan.report(&code::CODE_UNPARSABLE, Location::Line(line), error.error.to_string());
    }
    depth::hidden(text, parsed.tokens(), lines, scan)?;
    let Some(module) = parsed.try_into_module() else { return Ok(FullyCovered) };
    let mut walker = walk::Walker::new(scan, lines, path);
    let walked = walker.walk(module.suite());
    let events = std::mem::take(&mut walker.events);
    let edges = std::mem::take(&mut walker.edges);
    // A stub is for type checkers: nothing imports it, whatever is in it.
    let when = if path.ends_with(".pyi") { findings::When::Never } else { findings::When::Import };
    findings::record(&events, &edges, when, scan);
    walked.map(|()| FullyCovered)
}
