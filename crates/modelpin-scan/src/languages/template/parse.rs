//! Statements of templates, by the grammar of `jinja2/parser.py`. Whatever Jinja2 takes is taken here and read
//! alike; a little more is taken than Jinja2 would.

use super::lex::{self, Failure, Token, Tokens};
use super::tree::{Expr, Id, Stmt, Tree};

/// Blocks within blocks: the parser and the checker recurse to this depth at most.
const BLOCKS: usize = 60;

/// How deep expressions may be, chains of operators counted: anyone who walks them recurses to this depth.
const DEPTH: u16 = 200;

pub(super) struct Parser {
    tokens: Tokens,
    next: usize,
    pub(super) tree: Tree,
    blocks: usize,
    /// Brackets and operators that are being parsed right now.
    pub(super) nested: usize,
}

/// Parses `text`.
pub(super) fn parse(text: &str) -> Result<Tree, Failure> {
    let tokens = lex::tokens(text)?;
    let mut parser = Parser { tokens, next: 0, tree: Tree::default(), blocks: 0, nested: 0 };
    let (body, _) = parser.body(&[])?;
    parser.tree.body = body;
    Ok(parser.tree)
}

impl Parser {
    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(token, _)| token)
    }

    pub(super) fn at(&self) -> usize {
        self.tokens.get(self.next).or(self.tokens.last()).map_or(0, |(_, at)| *at)
    }

    pub(super) fn bump(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.next = self.next.saturating_add(1);
        token
    }

    pub(super) fn fail<T>(&self, why: &'static str) -> Result<T, Failure> {
        Err((why, self.at()))
    }

    pub(super) fn is_op(&self, op: &str) -> bool {
        matches!(self.peek(), Some(Token::Op(next)) if *next == op)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Name(next)) if next == word)
    }

    pub(super) fn eat_op(&mut self, op: &str) -> bool {
        let there = self.is_op(op);
        self.next = self.next.saturating_add(usize::from(there));
        there
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let there = self.is_word(word);
        self.next = self.next.saturating_add(usize::from(there));
        there
    }

    pub(super) fn expect_op(&mut self, op: &str) -> Result<(), Failure> {
        if self.eat_op(op) { Ok(()) } else { self.fail("an operator is missing") }
    }

    fn expect_word(&mut self, word: &str) -> Result<(), Failure> {
        if self.eat_word(word) { Ok(()) } else { self.fail("a keyword is missing") }
    }

    fn at_end(&self) -> bool {
        matches!(self.peek(), Some(Token::End))
    }

    fn end(&mut self) -> Result<(), Failure> {
        if self.at_end() {
            self.bump();
            Ok(())
        } else {
            self.fail("unexpected content before the end of a tag")
        }
    }

    pub(super) fn name(&mut self) -> Result<String, Failure> {
        match self.bump() {
            Some(Token::Name(name)) => Ok(name),
            _ => self.fail("a name is missing"),
        }
    }

    /// Statements up to one of the tags `ends`, whose name is taken and returned; without any, up to the end of
    /// the template.
    fn body(&mut self, ends: &[&str]) -> Result<(Vec<Stmt>, String), Failure> {
        self.blocks = self.blocks.saturating_add(1);
        if self.blocks > BLOCKS {
            return self.fail("blocks are nested too deeply");
        }
        let mut body = Vec::new();
        loop {
            let at = self.at();
            match self.bump() {
                Some(Token::Data(text)) => body.push(Stmt::Text(text, at)),
                Some(Token::PrintBegin) => {
                    body.push(Stmt::Print(self.tuple()?));
                    self.end()?;
                }
                Some(Token::TagBegin) => {
                    let tag = self.name()?;
                    if ends.contains(&tag.as_str()) {
                        self.blocks = self.blocks.saturating_sub(1);
                        return Ok((body, tag));
                    }
                    body.extend(self.statement(&tag)?);
                }
                None if ends.is_empty() => return Ok((body, String::new())),
                _ => return self.fail("a block has no end"),
            }
        }
    }

    /// The statements up to the tag `end`, which is taken whole.
    fn block(&mut self, end: &str) -> Result<Vec<Stmt>, Failure> {
        self.end()?;
        let (body, _) = self.body(&[end])?;
        // `endblock` may repeat the name of the block.
        if end == "endblock" && !self.at_end() {
            self.name()?;
        }
        self.end()?;
        Ok(body)
    }

    fn statement(&mut self, tag: &str) -> Result<Option<Stmt>, Failure> {
        Ok(Some(match tag {
            "if" => self.parse_if()?,
            "for" => self.parse_for()?,
            "set" => self.parse_set()?,
            "macro" => self.parse_macro()?,
            "call" => self.parse_call()?,
            "filter" => {
                let filter = self.filters(None)?;
                Stmt::Wrapped(filter, self.block("endfilter")?)
            }
            "with" => self.parse_with()?,
            "block" => {
                self.name()?;
                while self.eat_word("scoped") || self.eat_word("required") {}
                Stmt::Body(Vec::new(), self.block("endblock")?)
            }
            "autoescape" => {
                let enabled = self.expression()?;
                Stmt::Body(vec![(Vec::new(), enabled)], self.block("endautoescape")?)
            }
            // An extension of transformers: marks what the assistant says.
            "generation" => Stmt::Body(Vec::new(), self.block("endgeneration")?),
            "do" => {
                let value = self.tuple()?;
                self.end()?;
                Stmt::Body(vec![(Vec::new(), value)], Vec::new())
            }
            "break" | "continue" => {
                self.end()?;
                return Ok(None);
            }
            "include" | "import" | "from" | "extends" => {
                let what = self.tuple()?;
                // What is imported under which name changes nothing.
                while !self.at_end() {
                    if self.bump().is_none() {
                        return self.fail("a tag has no end");
                    }
                }
                self.end()?;
                Stmt::Load(tag.to_owned(), what)
            }
            _ => return self.fail("an unknown tag"),
        }))
    }

    fn parse_if(&mut self) -> Result<Stmt, Failure> {
        let mut branches = Vec::new();
        loop {
            let test = self.tuple()?;
            self.end()?;
            let (body, ended_by) = self.body(&["elif", "else", "endif"])?;
            branches.push((test, body));
            let other = match ended_by.as_str() {
                "elif" => continue,
                "else" => self.block("endif")?,
                _ => {
                    self.end()?;
                    Vec::new()
                }
            };
            return Ok(Stmt::If(branches, other));
        }
    }

    fn parse_for(&mut self) -> Result<Stmt, Failure> {
        let targets = self.targets()?;
        self.expect_word("in")?;
        let iter = self.iterated()?;
        let filter = if self.eat_word("if") { Some(self.expression()?) } else { None };
        self.eat_word("recursive");
        self.end()?;
        let (body, ended_by) = self.body(&["else", "endfor"])?;
        let other = if ended_by == "else" {
            self.block("endfor")?
        } else {
            self.end()?;
            Vec::new()
        };
        Ok(Stmt::For { targets, iter, filter, body, other })
    }

    fn parse_set(&mut self) -> Result<Stmt, Failure> {
        let targets = self.targets()?;
        if self.eat_op("=") {
            let value = self.tuple()?;
            self.end()?;
            return Ok(Stmt::Set(targets, value));
        }
        let filter = if self.is_op("|") { Some(self.filters(None)?) } else { None };
        Ok(Stmt::SetBlock(targets, filter, self.block("endset")?))
    }

    fn parse_macro(&mut self) -> Result<Stmt, Failure> {
        let name = self.name()?;
        self.tree.macros.insert(name.clone());
        self.tree.assigned.insert(name.clone());
        let (params, defaults) = self.signature()?;
        Ok(Stmt::Macro { name, params, defaults, body: self.block("endmacro")? })
    }

    fn parse_call(&mut self) -> Result<Stmt, Failure> {
        let defaults = if self.is_op("(") { self.signature()?.1 } else { Vec::new() };
        let call = self.expression()?;
        let body = self.block("endcall")?;
        let defaults = defaults.into_iter().map(|value| (Vec::new(), value)).collect();
        Ok(Stmt::Body(defaults, vec![Stmt::Wrapped(call, body)]))
    }

    fn parse_with(&mut self) -> Result<Stmt, Failure> {
        let mut values = Vec::new();
        while !self.at_end() {
            if !values.is_empty() {
                self.expect_op(",")?;
            }
            let targets = self.targets_of_one()?;
            self.expect_op("=")?;
            values.push((targets, self.expression()?));
        }
        Ok(Stmt::Body(values, self.block("endwith")?))
    }

    /// The parameters of a macro, and the default values that some have.
    fn signature(&mut self) -> Result<(Vec<String>, Vec<Id>), Failure> {
        self.expect_op("(")?;
        let mut params = Vec::new();
        let mut defaults = Vec::new();
        while !self.eat_op(")") {
            let name = self.name()?;
            self.tree.assigned.insert(name.clone());
            params.push(name);
            if self.eat_op("=") {
                defaults.push(self.expression()?);
            }
            if !self.is_op(")") {
                self.expect_op(",")?;
            }
        }
        Ok((params, defaults))
    }

    /// The names that are given a value: one, or several with commas between them.
    fn targets(&mut self) -> Result<Vec<String>, Failure> {
        let mut targets = self.targets_of_one()?;
        while self.eat_op(",") {
            if self.is_word("in") || self.is_op("=") {
                break;
            }
            targets.extend(self.targets_of_one()?);
        }
        Ok(targets)
    }

    fn targets_of_one(&mut self) -> Result<Vec<String>, Failure> {
        if self.eat_op("(") {
            self.nested = self.nested.saturating_add(1);
            if self.nested > BLOCKS {
                return self.fail("brackets are nested too deeply");
            }
            let targets = self.targets()?;
            self.nested = self.nested.saturating_sub(1);
            self.expect_op(")")?;
            return Ok(targets);
        }
        let mut target = self.name()?;
        self.tree.assigned.insert(target.clone());
        while self.eat_op(".") {
            target.push('.');
            target.push_str(&self.name()?);
        }
        Ok(vec![target])
    }

    /// Adds an expression to the tree.
    pub(super) fn add(&mut self, expr: Expr, at: usize) -> Result<Id, Failure> {
        let id = self.tree.exprs.len();
        self.tree.exprs.push(expr);
        self.tree.places.push(at);
        let below = self.tree.children(id).into_iter().filter_map(|child| self.tree.depths.get(child)).max();
        let depth = below.copied().unwrap_or_default().saturating_add(1);
        self.tree.depths.push(depth);
        if depth > DEPTH { Err(("an expression is nested too deeply", at)) } else { Ok(id) }
    }
}
