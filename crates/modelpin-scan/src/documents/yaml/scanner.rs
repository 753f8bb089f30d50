//! From characters to tags, items of sequences, and pairs of keys and values, with the key that each is under.

use super::STANDARD;
use super::cursor::Cursor;
use crate::engine::ScanError;
use crate::engine::limits::Budget;
use std::collections::BTreeMap;

/// How deep brackets may be nested.
const DEPTH: usize = 1000;

/// A key with the scalar that is its value.
pub(in crate::documents) struct Pair {
    /// The mapping that it is in: a number for each mapping of the file.
    pub(in crate::documents) map: u32,
    /// The pair, by its index, whose value that mapping is or is part of; none at the top of a document.
    pub(in crate::documents) parent: Option<usize>,
    pub(in crate::documents) key: String,
    /// None where the value is null, a sequence or a mapping.
    pub(in crate::documents) value: Option<String>,
    pub(in crate::documents) line: u32,
}

/// A scalar of a sequence.
pub(in crate::documents) struct Item {
    /// The pair, by its index, whose value the sequence is or is part of; none at the top of a document.
    pub(in crate::documents) parent: Option<usize>,
    pub(in crate::documents) text: String,
    pub(in crate::documents) line: u32,
}

/// What the documents of a file hold, in order.
#[derive(Default)]
pub(in crate::documents) struct Found {
    pub(in crate::documents) pairs: Vec<Pair>,
    pub(in crate::documents) items: Vec<Item>,
    /// Tags with their prefixes resolved, and the lines they are on.
    pub(in crate::documents) tags: Vec<(String, u32)>,
    /// Scalars with a tag of their own before them, by the index of the tag.
    pub(in crate::documents) tagged: Vec<(usize, String)>,
    /// The line from which on the file could not be read, and why.
    pub(in crate::documents) broken: Option<(u32, &'static str)>,
}

/// A scalar that may turn out to be a key.
struct Scalar {
    text: String,
    line: u32,
    column: usize,
    role: Role,
}

/// What a scalar was taken for, until a colon shows that it is a key.
#[derive(Clone, Copy)]
enum Role {
    /// The value of the pair of this index.
    Value(usize),
    /// The last of the items.
    Item,
    /// Nothing yet.
    None,
}

/// A collection that is open.
struct Open {
    /// The column of its keys or dashes; unused for one in brackets.
    column: usize,
    map: u32,
    /// The pair whose value it is or is part of.
    parent: Option<usize>,
    /// Of a sequence in a block, the pair whose value it is or is part of. It may begin at the column of the keys that
    /// it belongs to, and then shares this entry with their mapping.
    sequence: Option<Option<usize>>,
}

struct Scanner<'b> {
    cursor: Cursor,
    budget: &'b mut Budget,
    found: Found,
    /// The collections in blocks that are open, each further to the right than the one before.
    blocks: Vec<Open>,
    /// The collections in brackets that are open.
    flows: Vec<Open>,
    maps: u32,
    last: Option<Scalar>,
    /// The pair that waits for its value.
    waiting: Option<usize>,
    /// Whether the next scalar is an item of the sequence that is open.
    in_item: bool,
    anchor: Option<String>,
    /// The tag, by its index, that the next scalar has.
    tag: Option<usize>,
    /// Whether a question mark announced the next key.
    explicit: bool,
    /// Line and column of the tag or anchor that the next scalar follows: a key begins there.
    start: Option<(u32, usize)>,
    anchors: BTreeMap<String, String>,
    handles: BTreeMap<String, String>,
}

/// Reads a document.
pub(in crate::documents) fn read(text: &str, budget: &mut Budget) -> Result<Found, ScanError> {
    let mut scanner = Scanner {
        cursor: Cursor::new(text),
        budget,
        found: Found::default(),
        blocks: Vec::new(),
        flows: Vec::new(),
        maps: 0,
        last: None,
        waiting: None,
        in_item: false,
        anchor: None,
        tag: None,
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
    fn token(&mut self) -> Result<bool, ScanError> {
        self.budget.step()?;
        while matches!(self.cursor.peek(0), Some(' ' | '\t' | '\n')) {
            self.cursor.advance();
        }
        let Some(c) = self.cursor.peek(0) else { return Ok(false) };
        let column = self.cursor.column();
        let in_flow = !self.flows.is_empty();
        if c == '#' {
            self.cursor.skip_line();
            return Ok(true);
        }
        if column == 0 && !in_flow && (c == '%' || self.cursor.is_document_mark()) {
            self.between_documents(c);
            return Ok(true);
        }
        if !in_flow {
            while self.blocks.last().is_some_and(|open| open.column > column) {
                self.blocks.pop();
            }
        }
        let before_blank = self.cursor.is_blank(1);
        match c {
            '-' if before_blank && !in_flow => self.dash(column),
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

    /// Earlier tokens cannot be a key any more.
    fn forget(&mut self) {
        self.last = None;
        self.waiting = None;
        self.in_item = false;
        self.start = None;
        self.tag = None;
    }

    /// A dash: what comes next is an item of a sequence.
    fn dash(&mut self, column: usize) {
        let parent = self.parent();
        let starts = self.waiting.is_some();
        self.open_block(column);
        if let Some(open) = self.blocks.last_mut()
            && (starts || open.sequence.is_none())
        {
            open.sequence = Some(parent);
        }
        self.forget();
        self.in_item = true;
        self.cursor.advance();
    }

    /// The pair whose value a collection would be, or be part of, that begins here.
    fn parent(&mut self) -> Option<usize> {
        let open = self.flows.last().or(self.blocks.last());
        // A key of a mapping that has ended has no value.
        let of_open = |pair: &usize| self.found.pairs.get(*pair).map(|pair| pair.map) == open.map(|open| open.map);
        self.waiting = self.waiting.filter(of_open);
        self.waiting.or_else(|| open.and_then(|open| open.sequence.unwrap_or(open.parent)))
    }

    /// A tag or an anchor, which belongs to what comes next.
    fn begin(&mut self, column: usize) {
        let line = self.cursor.line;
        if self.start.is_none_or(|(begun, _)| begun != line) {
            self.start = Some((line, column));
        }
    }

    fn open_block(&mut self, column: usize) {
        if self.blocks.last().is_none_or(|open| open.column < column) {
            let parent = self.parent();
            self.maps = self.maps.saturating_add(1);
            self.blocks.push(Open { column, map: self.maps, parent, sequence: None });
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

    /// A colon: the token before it is a key.
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
            role: Role::None,
        });
        // It looked like a value or an item, and is the first key of a mapping there.
        match key.role {
            Role::Value(pair) => {
                self.waiting = Some(pair);
                if let Some(pair) = self.found.pairs.get_mut(pair) {
                    pair.value = None;
                }
            }
            Role::Item => {
                self.found.items.pop();
            }
            Role::None => {}
        }
        if self.flows.is_empty() {
            self.open_block(key.column.min(column));
        }
        let (map, parent) = match self.flows.last().or(self.blocks.last()) {
            Some(open) => (open.map, open.parent),
            None => (0, None),
        };
        self.in_item = false;
        self.waiting = Some(self.found.pairs.len());
        self.found.pairs.push(Pair { map, parent, key: key.text, value: None, line: key.line });
    }

    fn bracket(&mut self, c: char) {
        self.cursor.advance();
        let parent = self.parent();
        self.forget();
        match c {
            '[' | '{' if self.flows.len() >= DEPTH => {
                self.found.broken = Some((self.cursor.line, "brackets are nested too deep"));
            }
            '[' | '{' => {
                self.maps = self.maps.saturating_add(1);
                let sequence = (c == '[').then_some(parent);
                self.flows.push(Open { column: 0, map: self.maps, parent, sequence });
            }
            ']' | '}' => {
                self.flows.pop();
            }
            _ => {}
        }
        self.in_item = matches!(c, '[' | ',') && self.flows.last().is_some_and(|open| open.sequence.is_some());
    }

    fn tag(&mut self, in_flow: bool) {
        let line = self.cursor.line;
        let word = if self.cursor.peek(1) == Some('<') { self.cursor.word(false) } else { self.cursor.word(in_flow) };
        let tag = self.resolve(&word);
        self.tag = (!tag.starts_with(STANDARD)).then_some(self.found.tags.len());
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
        let least = self.blocks.last().map_or(0, |open| open.column.saturating_add(1));
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
        if let Some(tag) = self.tag.take() {
            self.found.tagged.push((tag, text.clone()));
        }
        let start = self.start.take().filter(|(begun, _)| *begun == line);
        let column = start.map_or(column, |(_, column)| column);
        let mut role = Role::None;
        if let Some(index) = self.waiting.take() {
            role = Role::Value(index);
            if let Some(pair) = self.found.pairs.get_mut(index) {
                pair.value = Some(text.clone());
            }
        } else if std::mem::take(&mut self.in_item) {
            role = Role::Item;
            let parent = self.flows.last().or(self.blocks.last()).and_then(|open| open.sequence.flatten());
            self.found.items.push(Item { parent, text: text.clone(), line });
        }
        self.last = Some(Scalar { text, line, column, role });
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
