//! Templates cut into tokens, by the rules of Jinja2's own lexer (`jinja2/lexer.py`), so that no reader sees
//! another template than the one that is scanned.

/// A token. Places are bytes, counted from the start of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Text that is put out as it is, also that of `raw` blocks.
    Data(String),
    /// `{{`
    PrintBegin,
    /// `{%`
    TagBegin,
    /// `}}` or `%}`
    End,
    /// A name or a keyword.
    Name(String),
    /// A string with its escapes resolved.
    Text(String),
    /// A whole number; too large ones are cut to the largest.
    Int(i64),
    /// Any other number.
    Float,
    /// An operator.
    Op(&'static str),
}

/// The operators, longer ones first.
const OPERATORS: &[&str] = &[
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".",
    ":", "|", ",", ";",
];

/// The tokens of a template with their places.
pub(super) type Tokens = Vec<(Token, usize)>;

/// Why a template cannot be cut into tokens, and where.
pub(super) type Failure = (&'static str, usize);

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    tokens: Tokens,
}

/// Cuts `text` into tokens.
pub(super) fn tokens(text: &str) -> Result<Tokens, Failure> {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new() };
    while !lexer.rest().is_empty() {
        lexer.root()?;
    }
    Ok(lexer.tokens)
}

/// What Python's `\s` matches.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    fn push(&mut self, token: Token) {
        self.tokens.push((token, self.at));
    }

    /// Takes `prefix`, where it comes next.
    fn eat(&mut self, prefix: &str) -> bool {
        let there = self.rest().starts_with(prefix);
        if there {
            self.advance(prefix.len());
        }
        there
    }

    fn spaces(&mut self) {
        let rest = self.rest();
        self.advance(rest.len().saturating_sub(rest.trim_start_matches(is_space).len()));
    }

    fn data(&mut self, end: usize) {
        let data = self.rest().get(..end).unwrap_or_default();
        if !data.is_empty() {
            self.push(Token::Data(data.to_owned()));
        }
        self.advance(end);
    }

    fn root(&mut self) -> Result<(), Failure> {
        let rest = self.rest();
        let begin = rest.as_bytes().windows(2).position(|pair| matches!(pair, b"{{" | b"{%" | b"{#"));
        let Some(begin) = begin else {
            self.data(rest.len());
            return Ok(());
        };
        self.data(begin);
        if self.eat("{#") {
            let end = self.rest().find("#}").ok_or(("a comment has no end", self.at))?;
            self.advance(end.saturating_add(2));
            return Ok(());
        }
        if let Some(length) = basic_tag(self.rest(), "raw") {
            self.advance(length);
            return self.raw();
        }
        let print = self.rest().starts_with("{{");
        self.push(if print { Token::PrintBegin } else { Token::TagBegin });
        self.advance(2);
        if !self.eat("-") {
            self.eat("+");
        }
        self.in_member(if print { "}}" } else { "%}" })
    }

    /// The text of a raw block, up to its end.
    fn raw(&mut self) -> Result<(), Failure> {
        let rest = self.rest();
        for (end, _) in rest.match_indices("{%") {
            if let Some(length) = rest.get(end..).and_then(|tag| basic_tag(tag, "endraw")) {
                self.data(end);
                self.advance(length);
                return Ok(());
            }
        }
        Err(("a raw block has no end", self.at))
    }

    /// The tokens of one tag, up to its end. As in Jinja2, an end within brackets is none.
    fn in_member(&mut self, end: &str) -> Result<(), Failure> {
        let mut open = Vec::new();
        loop {
            self.spaces();
            let rest = self.rest();
            let Some(first) = rest.chars().next() else { return Err(("a tag has no end", self.at)) };
            let bare = rest.strip_prefix(['-', '+']).unwrap_or(rest);
            if open.is_empty() && bare.starts_with(end) {
                self.push(Token::End);
                self.advance(rest.len().saturating_sub(bare.len()).saturating_add(end.len()));
                return Ok(());
            }
            if first.is_ascii_digit() {
                self.number();
            } else if first == '_' || first.is_ascii_alphabetic() || !first.is_ascii() {
                let name: String = rest.chars().take_while(|c| is_name(*c)).collect();
                self.push(Token::Name(name.clone()));
                self.advance(name.len());
            } else if first == '\'' || first == '"' {
                self.string(first)?;
            } else if let Some(op) = OPERATORS.iter().find(|op| rest.starts_with(**op)) {
                match *op {
                    "(" => open.push(")"),
                    "[" => open.push("]"),
                    "{" => open.push("}"),
                    ")" | "]" | "}" if open.pop() != Some(op) => return Err(("unmatched brackets", self.at)),
                    _ => {}
                }
                self.push(Token::Op(op));
                self.advance(op.len());
            } else {
                return Err(("an unexpected character", self.at));
            }
        }
    }

    fn number(&mut self) {
        let after_dot = matches!(self.tokens.last(), Some((Token::Op("."), _)));
        let rest = self.rest();
        let radix = match rest.get(..2) {
            Some("0x" | "0X") => 16,
            Some("0o" | "0O") => 8,
            Some("0b" | "0B") => 2,
            _ => 10,
        };
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
        let mut length = digits(rest);
        let mut float = false;
        if radix != 10 {
            let end = rest.find(|c: char| !c.is_ascii_hexdigit() && !matches!(c, '_' | 'x' | 'X' | 'o' | 'O'));
            length = end.unwrap_or(rest.len());
        } else if !after_dot {
            let tail = rest.get(length..).unwrap_or_default();
            if let Some(fraction) = tail.strip_prefix('.').filter(|tail| tail.starts_with(|c: char| c.is_ascii_digit()))
            {
                float = true;
                length = length.saturating_add(digits(fraction)).saturating_add(1);
            }
            let tail = rest.get(length..).unwrap_or_default();
            if let Some(power) = tail.strip_prefix(['e', 'E']) {
                let bare = power.strip_prefix(['-', '+']).unwrap_or(power);
                if bare.starts_with(|c: char| c.is_ascii_digit()) {
                    float = true;
                    length = rest.len().saturating_sub(bare.len()).saturating_add(digits(bare));
                }
            }
        }
        let written: String = rest.get(..length).unwrap_or_default().chars().filter(|c| *c != '_').collect();
        let written = if radix == 10 { written.as_str() } else { written.get(2..).unwrap_or_default() };
        let value = i64::from_str_radix(written, radix).unwrap_or(i64::MAX);
        self.push(if float { Token::Float } else { Token::Int(value) });
        self.advance(length.max(1));
    }

    fn string(&mut self, quote: char) -> Result<(), Failure> {
        let body = self.rest().get(1..).unwrap_or_default();
        let mut escaped = false;
        let end = body.find(|c: char| {
            let ends = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let end = end.ok_or(("a string has no end", self.at))?;
        let text = unescape(body.get(..end).unwrap_or_default()).ok_or(("a broken escape in a string", self.at))?;
        self.push(Token::Text(text));
        self.advance(end.saturating_add(2));
        Ok(())
    }
}

fn is_name(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric() || (!c.is_ascii() && !is_space(c))
}

/// The length of the tag `{% word %}` at the start of `text`, where it is one.
fn basic_tag(text: &str, word: &str) -> Option<usize> {
    let inner = text.strip_prefix("{%")?;
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner).trim_start_matches(is_space);
    let inner = inner.strip_prefix(word)?.trim_start_matches(is_space);
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner).strip_prefix("%}")?;
    Some(text.len().saturating_sub(inner.len()))
}

/// Resolves the escapes of a string as Python's `unicode-escape` does. Characters given by name become U+FFFD,
/// but for the underscore, for the sake of which attacks give names.
fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(rest.get(..at)?);
        let tail = rest.get(at.saturating_add(1)..)?;
        let first = tail.chars().next()?;
        let (c, length) = match first {
            'x' => (hex(tail, 2)?, 3),
            'u' => (hex(tail, 4)?, 5),
            'U' => (hex(tail, 8)?, 9),
            'N' => {
                let name = tail.strip_prefix("N{")?.split_once('}')?.0;
                let c = if name.eq_ignore_ascii_case("LOW LINE") { '_' } else { char::REPLACEMENT_CHARACTER };
                (Some(c), name.len().saturating_add(3))
            }
            '0'..='7' => {
                let digits = tail.bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
                (char::from_u32(u32::from_str_radix(tail.get(..digits)?, 8).ok()?), digits)
            }
            '\n' => (None, 1),
            '\\' | '\'' | '"' => (Some(first), 1),
            'a' => (Some('\u{7}'), 1),
            'b' => (Some('\u{8}'), 1),
            'f' => (Some('\u{c}'), 1),
            'n' => (Some('\n'), 1),
            'r' => (Some('\r'), 1),
            't' => (Some('\t'), 1),
            'v' => (Some('\u{b}'), 1),
            _ => (Some('\\'), 0),
        };
        out.extend(c);
        rest = tail.get(length..)?;
    }
    out.push_str(rest);
    Some(out)
}

/// The character whose number is given by `digits` hexadecimal digits after the first letter of `text`; halves of
/// surrogate pairs are none, and become U+FFFD.
fn hex(text: &str, digits: usize) -> Option<Option<char>> {
    let digits = text.get(1..digits.saturating_add(1))?;
    let number = u32::from_str_radix(digits, 16).ok()?;
    Some(Some(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)))
}
