//! Models in ONNX's own syntax, as `onnx.parser` reads and `onnx.printer` writes it
//! (<https://github.com/onnx/onnx/blob/main/docs/Syntax.md>, `onnx/defs/parser.cc`). What is taken from it is what
//! matters: operators, functions, and where tensors are.

use super::external::{External, compiled};
use super::operators::Operators;
use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use modelpin_rules::graph::ONNX_MALFORMED;

/// Brackets within brackets.
const DEPTH: usize = 1000;

/// A word of the syntax.
#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A name with its dots, or a number.
    Word(String),
    Text(String),
    Sign(char),
    /// `=>`
    Arrow,
}

/// Scans a model.
pub(crate) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let bytes = part.all(scan.limits.json)?;
    scan.budget.charge_bytes(bytes.len())?;
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return scan.give_up(&ONNX_MALFORMED, "a model in ONNX's syntax has to be UTF-8");
    };
    let mut operators = Operators::default();
    let outcome = Reader::new(text).read(&mut operators, scan);
    operators.check(scan);
    outcome?;
    Ok(FullyCovered)
}

/// An operator, and what its node says of a compiled part: keys, texts, and where they are.
type Node = (String, Vec<(String, String, u64)>);

struct Reader<'t> {
    rest: &'t str,
    line: u32,
    /// The brackets that are open.
    open: Vec<char>,
    /// The last tokens, the newest last.
    last: [Option<Token>; 3],
    /// The domain that the head of the function gives.
    domain: String,
    /// Whether the graph of the model has begun: what is named after it are functions.
    has_graph: bool,
    /// The attribute at hand.
    attribute: String,
    /// The operator of the node at hand, with what it says of a compiled part.
    node: Option<Node>,
    /// What the list at hand says of where a tensor is: its name, and the entries.
    external: Option<(String, External)>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        let (domain, attribute, node, external) = Default::default();
        let last = [None, None, None];
        Self { rest: text, line: 1, open: Vec::new(), last, domain, has_graph: false, attribute, node, external }
    }

    fn read(mut self, operators: &mut Operators, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let mut next = self.token()?;
        while let Some(token) = next {
            scan.budget.step()?;
            let line = Location::Line(self.line);
            next = self.token()?;
            match &token {
                Token::Word(word) => self.word(word, next.as_ref(), &line, operators)?,
                Token::Text(text) => self.text(text)?,
                Token::Sign(sign) => self.sign(*sign, &line, scan)?,
                Token::Arrow => {}
            }
            self.last.rotate_left(1);
            self.last[2] = Some(token);
        }
        self.finish(&Location::Whole, scan);
        if self.open.is_empty() { Ok(()) } else { Err(malformed("a bracket is not closed")) }
    }

    /// A name: of an operator after `=` in a graph, of a function between the parts of a model, of an attribute.
    fn word(
        &mut self,
        word: &str,
        next: Option<&Token>,
        line: &Location,
        operators: &mut Operators,
    ) -> Result<(), ScanError> {
        let before = self.last[2].as_ref();
        let is_called = matches!(next, Some(Token::Sign('(' | '<' | ':')));
        let (domain, name) = word.rsplit_once('.').unwrap_or(("", word));
        match (self.open.last(), before) {
            (Some('{'), Some(Token::Sign('='))) if is_called => {
                self.node = Some((name.to_owned(), Vec::new()));
                operators.uses(domain.to_owned(), name.to_owned(), line.clone())?;
            }
            // The first is the graph of the model, which is no operator that anything could name.
            (None, _) if is_called && !matches!(next, Some(Token::Sign(':'))) => {
                let domain = std::mem::take(&mut self.domain);
                if std::mem::replace(&mut self.has_graph, true) {
                    operators.defines(domain, word.to_owned())?;
                }
            }
            (Some('<'), Some(Token::Sign('<' | ','))) => word.clone_into(&mut self.attribute),
            (Some('<'), Some(Token::Sign('='))) if self.attribute == "embed_mode" => {
                self.compiled(String::new(), word.parse().unwrap_or(u64::MAX));
            }
            _ => {}
        }
        Ok(())
    }

    /// A text: the domain of a function, an entry of where a tensor is, a path of a compiled part.
    fn text(&mut self, text: &str) -> Result<(), ScanError> {
        let [_, key, before] = &self.last;
        match (key, before) {
            (Some(Token::Word(key)), Some(Token::Sign(':'))) if key == "domain" && self.open.len() == 1 => {
                text.clone_into(&mut self.domain);
            }
            (Some(Token::Text(key)), Some(Token::Sign(':'))) if self.open.last() == Some(&'[') => {
                let key = key.clone();
                if let Some((_, external)) = &mut self.external {
                    external.add(key, text.to_owned())?;
                }
            }
            (_, Some(Token::Sign('='))) if self.attribute == "ep_cache_context" => self.compiled(text.to_owned(), 0),
            _ => {}
        }
        Ok(())
    }

    /// What the attribute at hand says of a compiled part.
    fn compiled(&mut self, text: String, number: u64) {
        if let Some((_, attributes)) = self.node.as_mut().filter(|(_, attributes)| attributes.len() < 64) {
            attributes.push((self.attribute.clone(), text, number));
        }
    }

    fn sign(&mut self, sign: char, line: &Location, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        match sign {
            '(' | '[' | '{' | '<' => {
                if self.open.len() >= DEPTH {
                    return Err(ScanError::LimitReached("brackets within brackets"));
                }
                // Properties of the model follow a colon, and are no place of a tensor.
                let is_place = sign == '[' && self.last[2] != Some(Token::Sign(':'));
                self.external = is_place.then(|| (self.named(), External::default()));
                self.open.push(sign);
            }
            ')' | ']' | '}' | '>' => {
                let opens = match sign {
                    ')' => '(',
                    ']' => '[',
                    '}' => '{',
                    _ => '<',
                };
                if self.open.pop() != Some(opens) {
                    return Err(malformed("brackets that do not match"));
                }
                if sign == ']'
                    && let Some((name, external)) = self.external.take()
                {
                    external.check(&name, line, scan);
                }
                if sign == '>' && self.open.last() == Some(&'{') {
                    self.finish(line, scan);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The name before what comes now, with `=` between them or without.
    fn named(&self) -> String {
        let mut last = self.last.iter().rev().flatten();
        last.find_map(|token| if let Token::Word(name) = token { Some(name.clone()) } else { None }).unwrap_or_default()
    }

    /// The attributes of a node have been read.
    fn finish(&mut self, line: &Location, scan: &mut Scan<'_>) {
        if let Some((op, attributes)) = self.node.take() {
            compiled(&op, &attributes, line, scan);
        }
    }

    fn token(&mut self) -> Result<Option<Token>, ScanError> {
        loop {
            let trimmed = self.rest.trim_start();
            let skipped = self.rest.get(..self.rest.len().saturating_sub(trimmed.len())).unwrap_or_default();
            self.line = self.line.saturating_add(u32::try_from(skipped.matches('\n').count()).unwrap_or(u32::MAX));
            self.rest = trimmed;
            if !self.rest.starts_with('#') {
                break;
            }
            self.rest = self.rest.find('\n').and_then(|end| self.rest.get(end..)).unwrap_or_default();
        }
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        if let Some(below) = self.rest.strip_prefix("=>") {
            self.rest = below;
            return Ok(Some(Token::Arrow));
        }
        if first == '"' {
            return self.quoted().map(Some);
        }
        let word = self.name();
        if !word.is_empty() {
            return Ok(Some(Token::Word(word)));
        }
        self.rest = self.rest.get(first.len_utf8()..).unwrap_or_default();
        Ok(Some(Token::Sign(first)))
    }

    /// A name with its dots, around which there may be blanks, or a number.
    fn name(&mut self) -> String {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+');
        let mut name = String::new();
        loop {
            let (word, below) = self
                .rest
                .split_at_checked(self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len()))
                .unwrap_or(("", ""));
            if word.is_empty() {
                return name;
            }
            name.push_str(word);
            self.rest = below;
            let next = below.trim_start();
            let goes_on = next.starts_with('.') || name.ends_with('.') && next.starts_with(is_word);
            if !goes_on {
                return name;
            }
            self.rest = next;
        }
    }

    /// A text in quotes; a backslash takes the next character as it is.
    fn quoted(&mut self) -> Result<Token, ScanError> {
        let mut text = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        loop {
            match letters.next() {
                None => return Err(malformed("a text is not closed")),
                Some((at, '"')) => {
                    self.rest = self.rest.get(at.saturating_add(1)..).unwrap_or_default();
                    return Ok(Token::Text(text));
                }
                Some((_, '\\')) => text.extend(letters.next().map(|(_, letter)| letter)),
                Some((_, letter)) => text.push(letter),
            }
        }
    }
}

fn malformed(what: &str) -> ScanError {
    ScanError::Malformed(&ONNX_MALFORMED, Location::Whole, what.to_owned())
}
