//! From characters to tags and to pairs of keys and values, with the map that a pair is in.

use super::cursor::Cursor;
use super::tag::STANDARD;
use crate::engine::Halt;
use crate::engine::limits::Budget;
use std::collections::BTreeMap;

/// How deep brackets may be nested.
const DEPTH: usize = 1000;

/// A key with the scalar that stands under it; no value where it is null, a list or a map.
pub(super) struct Pair {
    pub(super) map: u32,
    pub(super) key: String,
    pub(super) value: Option<String>,
    pub(super) line: u32,
}

/// What a document holds.
#[derive(Default)]
pub(super) struct Found {
    pub(super) pairs: Vec<Pair>,
    /// Tags with their prefixes resolved, and the lines they are on.
    pub(super) tags: Vec<(String, u32)>,
    /// Where and why it could not be followed.
    pub(super) broken: Option<(u32, &'static str)>,
}

/// A scalar that may turn out to be a key.
struct Scalar {
    text: String,
    line: u32,
    column: usize,
    /// The pair that it was taken as the value of.
    pair: Option<usize>,
}

struct Scanner<'b> {
    cursor: Cursor,
    budget: &'b mut Budget,
    found: Found,
    /// Columns of the block collections that are open, and the maps they are.
    blocks: Vec<(usize, u32)>,
    /// The maps of the brackets that are open.
    flows: Vec<u32>,
    maps: u32,
    last: Option<Scalar>,
    /// The pair that waits for its value.
    waiting: Option<usize>,
    anchor: Option<String>,
    /// Whether a question mark announced the next key.
    explicit: bool,
    /// Line and column of the tag or anchor that the next scalar follows: a key begins there.
    start: Option<(u32, usize)>,
    anchors: BTreeMap<String, String>,
    handles: BTreeMap<String, String>,
}

/// Reads a document.
pub(super) fn read(text: &str, budget: &mut Budget) -> Result<Found, Halt> {
    let mut scanner = Scanner {
        cursor: Cursor::new(text),
        budget,
        found: Found::default(),
        blocks: Vec::new(),
        flows: Vec::new(),
        maps: 0,
        last: None,
        waiting: None,
        anchor: None,
        start: None,
        explicit: false,
        anchors: BTreeMap::new(),
        handles: BTreeMap::new(),
    };
    while scanner.found.broken.is_none() && scanner.token()? {}
    if scanner.found.broken.is_none() && !scanner.flows.is_empty() {
        scanner.found.broken = Some((scanner.cursor.line, "a bracket is not closed"));
    }
    Ok(scanner.found)
}

impl Scanner<'_> {
    /// Reads the next token; no more at the end.
    fn token(&mut self) -> Result<bool, Halt> {
        self.budget.step()?;
        while matches!(self.cursor.peek(0), Some(' ' | '\t' | '\n')) {
            self.cursor.advance();
        }
        let Some(c) = self.cursor.peek(0) else { return Ok(false) };
        let (column, in_flow) = (self.cursor.column(), !self.flows.is_empty());
        if c == '#' {
            self.cursor.skip_line();
            return Ok(true);
        }
        if column == 0 && !in_flow && (c == '%' || self.cursor.is_document_mark()) {
            self.between_documents(c);
            return Ok(true);
        }
        if !in_flow {
            while self.blocks.last().is_some_and(|(open, _)| *open > column) {
                self.blocks.pop();
            }
        }
        let before_blank = self.cursor.is_blank(1);
        match c {
            '-' if before_blank && !in_flow => {
                self.open_block(column);
                self.forget();
                self.cursor.advance();
            }
            '?' if before_blank || in_flow => {
                if !in_flow {
                    self.open_block(column);
                }
                self.forget();
                self.explicit = true;
                self.cursor.advance();
            }
            ':' if before_blank || in_flow => self.value(column),
            ',' | '[' | ']' | '{' | '}' if in_flow || matches!(c, '[' | '{') => self.bracket(c),
            '!' => {
                self.begin(column);
                self.tag(in_flow);
            }
            '&' => {
                self.begin(column);
                self.cursor.advance();
                self.anchor = Some(self.cursor.word(true));
            }
            '*' => self.alias(column),
            _ => self.scalar(c, column, in_flow),
        }
        Ok(true)
    }

    /// Nothing that came before is a key any more.
    fn forget(&mut self) {
        self.last = None;
        self.waiting = None;
        self.start = None;
    }

    /// A tag or an anchor, which belongs to what comes next.
    fn begin(&mut self, column: usize) {
        let line = self.cursor.line;
        if self.start.is_none_or(|(begun, _)| begun != line) {
            self.start = Some((line, column));
        }
    }

    fn open_block(&mut self, column: usize) {
        if self.blocks.last().is_none_or(|(open, _)| *open < column) {
            self.maps = self.maps.saturating_add(1);
            self.blocks.push((column, self.maps));
        }
    }

    fn between_documents(&mut self, c: char) {
        if c == '%' {
            let line = self.cursor.line();
            let mut words = line.split_ascii_whitespace();
            if words.next() == Some("%TAG")
                && let (Some(handle), Some(prefix)) = (words.next(), words.next())
            {
                self.handles.insert(handle.to_owned(), prefix.to_owned());
            }
            return;
        }
        for _ in 0..3 {
            self.cursor.advance();
        }
        self.blocks.clear();
        self.forget();
        self.anchor = None;
    }

    /// A colon: what came before is a key.
    fn value(&mut self, column: usize) {
        let line = self.cursor.line;
        self.cursor.advance();
        let start = self.start.take().filter(|(begun, _)| *begun == line);
        let column = start.map_or(column, |(_, column)| column);
        // Outside of brackets a key and its colon are on one line, unless a question mark came before.
        let may_lie_above = std::mem::take(&mut self.explicit) || !self.flows.is_empty();
        let key = self.last.take().filter(|key| key.line == line || may_lie_above).unwrap_or(Scalar {
            text: String::new(),
            line,
            column,
            pair: None,
        });
        // It looked like the value of the key above, and is the first key of a map there.
        if let Some(pair) = key.pair.and_then(|pair| self.found.pairs.get_mut(pair)) {
            pair.value = None;
        }
        let map = match self.flows.last() {
            Some(map) => *map,
            None => {
                self.open_block(key.column.min(column));
                self.blocks.last().map_or(0, |(_, map)| *map)
            }
        };
        self.waiting = Some(self.found.pairs.len());
        self.found.pairs.push(Pair { map, key: key.text, value: None, line: key.line });
    }

    fn bracket(&mut self, c: char) {
        self.cursor.advance();
        self.forget();
        match c {
            '[' | '{' if self.flows.len() >= DEPTH => {
                self.found.broken = Some((self.cursor.line, "brackets are nested too deep"));
            }
            '[' | '{' => {
                self.maps = self.maps.saturating_add(1);
                self.flows.push(self.maps);
            }
            ']' | '}' => {
                self.flows.pop();
            }
            _ => {}
        }
    }

    fn tag(&mut self, in_flow: bool) {
        let line = self.cursor.line;
        let word = if self.cursor.peek(1) == Some('<') { self.cursor.word(false) } else { self.cursor.word(in_flow) };
        let tag = self.resolve(&word);
        self.found.tags.push((tag, line));
    }

    /// A tag with its handle replaced by what the handle stands for.
    fn resolve(&self, word: &str) -> String {
        if let Some(verbatim) = word.strip_prefix("!<") {
            return unescape(verbatim.split('>').next().unwrap_or_default());
        }
        let rest = word.strip_prefix('!').unwrap_or(word);
        let (handle, suffix) = match rest.split_once('!') {
            Some((name, suffix)) => (format!("!{name}!"), suffix),
            None => ("!".to_owned(), rest),
        };
        let prefix = match self.handles.get(&handle) {
            Some(prefix) => prefix,
            None if handle == "!!" => STANDARD,
            None => &handle,
        };
        unescape(&format!("{prefix}{suffix}"))
    }

    fn alias(&mut self, column: usize) {
        let line = self.cursor.line;
        self.cursor.advance();
        let name = self.cursor.word(true);
        let name = name.strip_suffix(':').unwrap_or(&name);
        let text = self.anchors.get(name).cloned().unwrap_or_default();
        self.take(text, line, column);
    }

    fn scalar(&mut self, c: char, column: usize, in_flow: bool) {
        let line = self.cursor.line;
        let least = self.blocks.last().map_or(0, |(open, _)| open.saturating_add(1));
        let text = match c {
            '"' => self.cursor.double_quoted(),
            '\'' => self.cursor.single_quoted(),
            '|' | '>' if !in_flow => Some(self.cursor.block(least.max(1))),
            _ => Some(self.cursor.plain(in_flow, least)),
        };
        match text {
            None => self.found.broken = Some((line, "a quote is not closed")),
            Some(text) => {
                // A character that begins nothing: step over it.
                if self.cursor.line == line && self.cursor.column() == column {
                    self.cursor.advance();
                }
                self.take(text, line, column);
            }
        }
    }

    /// A scalar: the value of the key that waits for one, or a key itself.
    fn take(&mut self, text: String, line: u32, column: usize) {
        if let Some(anchor) = self.anchor.take() {
            self.anchors.insert(anchor, text.clone());
        }
        let start = self.start.take().filter(|(begun, _)| *begun == line);
        let column = start.map_or(column, |(_, column)| column);
        let pair = self.waiting.take();
        if let Some(pair) = pair.and_then(|pair| self.found.pairs.get_mut(pair)) {
            pair.value = Some(text.clone());
        }
        self.last = Some(Scalar { text, line, column, pair });
    }
}

/// `%xx` as in URLs, which tags may contain.
fn unescape(tag: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = tag.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let pair = (ahead.next(), ahead.next());
        let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (byte, hex(pair.0), hex(pair.1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high << 4 | low) as u8);
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
