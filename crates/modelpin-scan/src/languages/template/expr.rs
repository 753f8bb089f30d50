//! Expressions of templates, by the grammar of `jinja2/parser.py`.

use super::lex::{Failure, Token};
use super::parse::Parser;
use super::tree::{Arg, Expr, Id};

/// How many brackets, conditions and signs may be open while an expression is parsed.
const NESTED: usize = 60;

/// The operators from the loosest to the tightest, between comparisons and powers.
const LEVELS: [&[&str]; 3] = [&["+", "-"], &["~"], &["*", "/", "//", "%"]];

type Parsed = Result<Id, Failure>;

impl Parser {
    /// Does `work` one level deeper.
    fn deeper(&mut self, work: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        self.nested = self.nested.saturating_add(1);
        if self.nested > NESTED {
            return self.fail("an expression is nested too deeply");
        }
        let id = work(self)?;
        self.nested = self.nested.saturating_sub(1);
        Ok(id)
    }

    /// One expression, or several with commas between them.
    pub(super) fn tuple(&mut self) -> Parsed {
        let first = self.expression()?;
        self.rest_of_tuple(first, Self::expression)
    }

    /// What a loop goes over: as `tuple`, but an `if` begins the condition of the loop.
    pub(super) fn iterated(&mut self) -> Parsed {
        let first = self.or()?;
        self.rest_of_tuple(first, Self::or)
    }

    fn rest_of_tuple(&mut self, first: Id, item: fn(&mut Self) -> Parsed) -> Parsed {
        if !self.is_op(",") {
            return Ok(first);
        }
        let at = self.at();
        let mut items = vec![first];
        while self.eat_op(",") {
            if self.is_op(")") || matches!(self.peek(), Some(Token::End)) {
                break;
            }
            items.push(item(self)?);
        }
        self.add(Expr::List(items), at)
    }

    /// An expression with its `if … else`.
    pub(super) fn expression(&mut self) -> Parsed {
        self.deeper(|parser| {
            let mut then = parser.or()?;
            while parser.is_word("if") {
                let at = parser.at();
                parser.bump();
                let test = parser.or()?;
                let other = if parser.eat_word("else") { Some(parser.expression()?) } else { None };
                then = parser.add(Expr::If { test, then, other }, at)?;
            }
            Ok(then)
        })
    }

    fn or(&mut self) -> Parsed {
        let mut left = self.and()?;
        while self.is_word("or") {
            let at = self.at();
            self.bump();
            let right = self.and()?;
            left = self.add(Expr::Binary("or", left, right), at)?;
        }
        Ok(left)
    }

    fn and(&mut self) -> Parsed {
        let mut left = self.not()?;
        while self.is_word("and") {
            let at = self.at();
            self.bump();
            let right = self.not()?;
            left = self.add(Expr::Binary("and", left, right), at)?;
        }
        Ok(left)
    }

    fn not(&mut self) -> Parsed {
        let at = self.at();
        if self.eat_word("not") {
            let of = self.deeper(Self::not)?;
            return self.add(Expr::Unary("not", of), at);
        }
        self.compare()
    }

    fn compare(&mut self) -> Parsed {
        let first = self.arithmetic(0)?;
        let at = self.at();
        let mut rest = Vec::new();
        loop {
            let op = match self.peek() {
                Some(Token::Op(op)) if matches!(*op, "==" | "!=" | ">" | ">=" | "<" | "<=") => *op,
                Some(Token::Name(word)) if word == "in" => "in",
                Some(Token::Name(word)) if word == "not" => "not in",
                _ => break,
            };
            self.bump();
            if op == "not in" && !self.eat_word("in") {
                return self.fail("`not` without a comparison");
            }
            rest.push((op, self.arithmetic(0)?));
        }
        if rest.is_empty() { Ok(first) } else { self.add(Expr::Compare(first, rest), at) }
    }

    fn arithmetic(&mut self, level: usize) -> Parsed {
        let Some(ops) = LEVELS.get(level) else { return self.power() };
        let below = level.saturating_add(1);
        let mut left = self.arithmetic(below)?;
        while let Some(Token::Op(op)) = self.peek() {
            let op = *op;
            let at = self.at();
            if !ops.contains(&op) {
                break;
            }
            self.bump();
            let right = self.arithmetic(below)?;
            left = self.add(Expr::Binary(op, left, right), at)?;
        }
        Ok(left)
    }

    fn power(&mut self) -> Parsed {
        let mut left = self.unary(true)?;
        while self.is_op("**") {
            let at = self.at();
            self.bump();
            let right = self.unary(true)?;
            left = self.add(Expr::Binary("**", left, right), at)?;
        }
        Ok(left)
    }

    fn unary(&mut self, with_filter: bool) -> Parsed {
        let at = self.at();
        let sign = ["-", "+"].into_iter().find(|sign| self.is_op(sign));
        let id = if let Some(sign) = sign {
            self.bump();
            let of = self.deeper(|parser| parser.unary(false))?;
            self.add(Expr::Unary(sign, of), at)?
        } else {
            self.primary()?
        };
        let id = self.postfix(id)?;
        if with_filter { self.filters(Some(id)) } else { Ok(id) }
    }

    fn primary(&mut self) -> Parsed {
        let at = self.at();
        match self.bump() {
            Some(Token::Name(name)) => match name.as_str() {
                "true" | "false" | "none" | "True" | "False" | "None" => self.add(Expr::Other, at),
                _ => self.add(Expr::Name(name), at),
            },
            Some(Token::Text(mut text)) => {
                while let Some(Token::Text(more)) = self.peek() {
                    text.push_str(more);
                    self.bump();
                }
                self.add(Expr::Text(text), at)
            }
            Some(Token::Int(value)) => self.add(Expr::Int(value), at),
            Some(Token::Float) => self.add(Expr::Other, at),
            Some(Token::Op("(")) => {
                if self.eat_op(")") {
                    return self.add(Expr::List(Vec::new()), at);
                }
                let id = self.deeper(Self::tuple)?;
                self.expect_op(")")?;
                Ok(id)
            }
            Some(Token::Op("[")) => {
                let items = self.list("]")?;
                self.add(Expr::List(items), at)
            }
            Some(Token::Op("{")) => self.dict(at),
            _ => Err(("an expression is missing", at)),
        }
    }

    fn list(&mut self, end: &str) -> Result<Vec<Id>, Failure> {
        let mut items = Vec::new();
        while !self.eat_op(end) {
            items.push(self.expression()?);
            if !self.is_op(end) {
                self.expect_op(",")?;
            }
        }
        Ok(items)
    }

    fn dict(&mut self, at: usize) -> Parsed {
        let mut entries = Vec::new();
        while !self.eat_op("}") {
            let key = self.expression()?;
            self.expect_op(":")?;
            entries.push((key, self.expression()?));
            if !self.is_op("}") {
                self.expect_op(",")?;
            }
        }
        self.add(Expr::Dict(entries), at)
    }

    /// Attributes, subscripts and calls after an expression.
    fn postfix(&mut self, mut id: Id) -> Parsed {
        loop {
            let at = self.at();
            if self.eat_op(".") {
                id = match self.bump() {
                    Some(Token::Name(name)) => self.add(Expr::Attr(id, name), at)?,
                    Some(Token::Int(index)) => {
                        let key = self.add(Expr::Int(index), at)?;
                        self.add(Expr::Item(id, key), at)?
                    }
                    _ => return Err(("an attribute has no name", at)),
                };
            } else if self.eat_op("[") {
                id = self.subscript(id, at)?;
            } else if self.is_op("(") {
                id = self.call(id)?;
            } else {
                return Ok(id);
            }
        }
    }

    fn subscript(&mut self, of: Id, at: usize) -> Parsed {
        let mut keys = Vec::new();
        loop {
            let mut bounds = [None; 3];
            let mut colons = 0_usize;
            while !self.is_op(",") && !self.is_op("]") {
                if self.eat_op(":") {
                    colons = colons.saturating_add(1);
                } else {
                    let bound = self.expression()?;
                    let Some(slot) = bounds.get_mut(colons) else { return self.fail("a slice has too many parts") };
                    if slot.replace(bound).is_some() {
                        return self.fail("a subscript has two keys");
                    }
                }
            }
            keys.push((bounds, colons > 0));
            if !self.eat_op(",") {
                break;
            }
        }
        self.expect_op("]")?;
        let mut ids = Vec::new();
        for (bounds, is_slice) in keys {
            match bounds {
                _ if is_slice => ids.push(self.add(Expr::Slice(of, bounds), at)?),
                [Some(key), ..] => ids.push(key),
                _ => {}
            }
        }
        match ids.as_slice() {
            [] => self.fail("an empty subscript"),
            [id] if matches!(self.tree.expr(*id), Expr::Slice(from, _) if *from == of) => Ok(*id),
            [key] => self.add(Expr::Item(of, *key), at),
            _ => {
                let key = self.add(Expr::List(ids), at)?;
                self.add(Expr::Item(of, key), at)
            }
        }
    }

    fn call(&mut self, of: Id) -> Parsed {
        let at = self.at();
        let args = self.args()?;
        self.add(Expr::Call(of, args), at)
    }

    fn args(&mut self) -> Result<Vec<Arg>, Failure> {
        self.expect_op("(")?;
        let mut args = Vec::new();
        while !self.eat_op(")") {
            let spread = self.eat_op("*") || self.eat_op("**");
            let value = self.expression()?;
            let key = match self.tree.expr(value) {
                Expr::Name(name) if !spread && self.is_op("=") => Some(name.clone()),
                _ => None,
            };
            let value = if key.is_some() {
                self.bump();
                self.expression()?
            } else {
                value
            };
            args.push(Arg { key, spread, value });
            if !self.is_op(")") {
                self.expect_op(",")?;
            }
        }
        Ok(args)
    }

    /// Filters, tests and calls after an expression. With none, the first filter is by itself, as after
    /// `{% filter`; `{% set x | …` begins with its bar.
    pub(super) fn filters(&mut self, of: Option<Id>) -> Parsed {
        let mut id = of;
        if id.is_none() {
            self.eat_op("|");
            id = Some(self.filter(None)?);
        }
        let mut id = id.unwrap_or_default();
        loop {
            if self.eat_op("|") {
                id = self.filter(Some(id))?;
            } else if self.eat_word("is") {
                id = self.test(id)?;
            } else if self.is_op("(") {
                id = self.call(id)?;
            } else {
                return Ok(id);
            }
        }
    }

    fn dotted(&mut self) -> Result<String, Failure> {
        let mut name = self.name()?;
        while self.eat_op(".") {
            name.push('.');
            name.push_str(&self.name()?);
        }
        Ok(name)
    }

    fn filter(&mut self, of: Option<Id>) -> Parsed {
        let at = self.at();
        let name = self.dotted()?;
        let args = if self.is_op("(") { self.args()? } else { Vec::new() };
        self.add(Expr::Filter(of, name, args), at)
    }

    fn test(&mut self, of: Id) -> Parsed {
        let at = self.at();
        let negated = self.eat_word("not");
        let name = self.dotted()?;
        let bare = match self.peek() {
            Some(Token::Name(word)) => !matches!(word.as_str(), "else" | "or" | "and" | "is" | "if" | "recursive"),
            Some(Token::Text(_) | Token::Int(_) | Token::Float | Token::Op("[" | "{")) => true,
            _ => false,
        };
        let args = if self.is_op("(") {
            self.args()?
        } else if bare {
            let value = self.deeper(Self::primary)?;
            let value = self.postfix(value)?;
            vec![Arg { key: None, spread: false, value }]
        } else {
            Vec::new()
        };
        let id = self.add(Expr::Test(of, name, args), at)?;
        if negated { self.add(Expr::Unary("not", id), at) } else { Ok(id) }
    }
}
