//! Text that a template puts out only when the conversation has something: instructions that no test of the model
//! meets.
//!
//! Honest templates ask for tags in the conversation (`</think>`), and for roles, kinds and tools. They do not ask for
//! words, and put out sentences, links or turns of the conversation when they find them.

use super::check::{Checked, Checker};
use super::tree::{Arg, Expr, Id};
use super::words::is_dunder;
use modelpin_rules::file::HIDDEN_CHARACTERS;
use modelpin_rules::template::{TEMPLATE_CONDITIONAL_TEXT as HIDDEN, TEMPLATE_ESCAPE as ESCAPE};

/// Words from which on a text is a sentence.
const SENTENCE: usize = 6;

/// What begins a turn in the formats of chats.
const TURNS: &[&str] = &[
    "<|im_start|>",
    "<|start_header_id|>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<start_of_turn>",
    "[INST]",
    "<<SYS>>",
    "<|START_OF_TURN_TOKEN|>",
    "<|start|>",
    "<|turn>",
    "[SYSTEM_PROMPT]",
];

/// Methods and filters that compare a text with another.
const COMPARE: &[&str] = &[
    "startswith",
    "endswith",
    "find",
    "rfind",
    "index",
    "rindex",
    "count",
    "split",
    "rsplit",
    "partition",
    "rpartition",
    "removeprefix",
    "removesuffix",
    "replace",
];

/// Keys that parts of a message have, in the formats of requests that templates are made for.
const PART_KEYS: &[&str] =
    &["text", "content", "image", "image_url", "video", "video_url", "audio", "audio_url", "input_audio", "type"];

fn is_text_attribute(name: &str) -> bool {
    name.split('.').any(|part| matches!(part, "content" | "text"))
}

impl Checker<'_, '_, '_> {
    /// The parts of an expression, with those that depend on the conversation checked against the rule.
    pub(super) fn below(&mut self, id: Id) -> Checked {
        let tree = self.tree;
        let guarded: Vec<Id> = match tree.expr(id) {
            Expr::If { test, then, other } if self.is_trigger(*test) => [*then].into_iter().chain(*other).collect(),
            Expr::Binary("and" | "or" | "*", left, right) => {
                let left = *left;
                let right = *right;
                let after = self.is_trigger(left).then_some(right);
                after.into_iter().chain(self.is_trigger(right).then_some(left)).collect()
            }
            Expr::Item(of, key) if self.is_trigger(*key) => vec![*of],
            _ => Vec::new(),
        };
        for child in tree.children(id) {
            let outside = self.guards;
            self.guards = outside.saturating_add(u32::from(guarded.contains(&child)));
            self.expr(child)?;
            self.guards = outside;
        }
        Ok(())
    }

    /// A text of the template: put out as it is, or used in an expression.
    pub(super) fn check_text(&mut self, text: &str, at: usize) {
        if let Some(hidden) = crate::engine::characters::hidden(text) {
            self.report(&HIDDEN_CHARACTERS, at, &hidden);
        }
        if self.guards > 0
            && let Some(what) = speaks(text)
        {
            self.report(&HIDDEN, at, what);
        }
        if self.guards > 0 && is_dunder(text) {
            self.report(&ESCAPE, at, "names an attribute that leads to Python internals");
        }
    }

    /// A method that rewrites the conversation.
    pub(super) fn check_rewrite(&mut self, id: Id) {
        if let Expr::Call(of, args) = self.tree.expr(id)
            && let Expr::Attr(receiver, name) = self.tree.expr(*of)
        {
            self.check_replacement(*receiver, name, args, self.tree.place(id));
        }
    }

    /// The conversation, with words in it replaced by something that speaks to the model.
    pub(super) fn check_replacement(&mut self, of: Id, name: &str, args: &[Arg], at: usize) {
        if name != "replace" || !self.is_conversation(of) {
            return;
        }
        let texts: Vec<String> = args.iter().filter_map(|arg| self.folder.text(self.tree, arg.value)).collect();
        if let [from, to, ..] = texts.as_slice()
            && is_word(from)
            && let Some(what) = speaks(to)
        {
            self.report(&HIDDEN, at, what);
        }
    }

    /// Whether an expression is the conversation, or made of it, or of the date.
    pub(super) fn is_conversation(&self, id: Id) -> bool {
        let any = |ids: &[Id]| ids.iter().any(|id| self.is_conversation(*id));
        if self.path(id).is_some_and(|path| self.conversation.contains(&path)) {
            return true;
        }
        match self.tree.expr(id) {
            Expr::Name(name) => matches!(name.as_str(), "content" | "text"),
            Expr::Attr(_, name) => matches!(name.as_str(), "content" | "text"),
            Expr::Item(of, key) => match self.tree.expr(*key) {
                Expr::Text(name) => matches!(name.as_str(), "content" | "text"),
                _ => self.is_conversation(*of),
            },
            Expr::Slice(of, _) => self.is_conversation(*of),
            Expr::Filter(Some(of), name, args) => match name.as_str() {
                "length" | "count" => false,
                "string" | "tojson" => true,
                "map" => args.iter().any(|arg| {
                    matches!(self.tree.expr(arg.value), Expr::Text(name) if matches!(name.as_str(), "content" | "text"))
                }),
                _ => self.is_conversation(*of),
            },
            Expr::Call(of, _) => match self.tree.expr(*of) {
                Expr::Attr(receiver, method) => {
                    !COMPARE.contains(&method.as_str()) && self.is_conversation(*receiver)
                        || matches!(method.as_str(), "split" | "rsplit" | "partition" | "replace" | "get")
                            && self.is_conversation(*receiver)
                }
                Expr::Name(name) => name == "strftime_now",
                _ => false,
            },
            Expr::Binary(_, left, right) => any(&[*left, *right]),
            Expr::If { then, other, .. } => any(&[*then]) || other.is_some_and(|other| any(&[other])),
            Expr::List(items) => any(items),
            _ => false,
        }
    }

    /// As `is_conversation`, for tests of containment: what a macro is given may be the conversation.
    fn may_be_conversation(&self, id: Id) -> bool {
        self.is_conversation(id)
            || match self.tree.expr(id) {
                Expr::Name(name) => self.parameters.contains(name),
                Expr::Filter(Some(of), ..) => self.may_be_conversation(*of),
                Expr::Call(of, _) => match self.tree.expr(*of) {
                    Expr::Attr(receiver, _) => self.may_be_conversation(*receiver),
                    _ => false,
                },
                _ => false,
            }
    }

    /// Whether an expression tells if a word is in the conversation.
    pub(super) fn is_trigger(&mut self, id: Id) -> bool {
        let tree = self.tree;
        if self.path(id).is_some_and(|path| self.triggers.contains(&path)) {
            return true;
        }
        let here = match tree.expr(id) {
            Expr::Compare(first, rest) => {
                if let [("in" | "not in", part)] = rest.as_slice()
                    && self.is_key_of_part(*first, *part)
                {
                    return false;
                }
                let mut left = *first;
                rest.iter().any(|(op, right)| {
                    let contains = matches!(*op, "in" | "not in");
                    let conversation = |checker: &Self, id| {
                        if contains { checker.may_be_conversation(id) } else { checker.is_conversation(id) }
                    };
                    let found = conversation(self, left) && self.is_wordy(*right)
                        || conversation(self, *right) && self.is_wordy(left);
                    left = *right;
                    found
                })
            }
            Expr::Call(of, args) => match tree.expr(*of) {
                Expr::Attr(receiver, method) if COMPARE.contains(&method.as_str()) => {
                    self.may_be_conversation(*receiver) && args.iter().any(|arg| self.is_wordy(arg.value))
                }
                _ => false,
            },
            Expr::Test(of, _, args) => {
                let of = *of;
                args.iter().any(|arg| {
                    self.is_conversation(of) && self.is_wordy(arg.value)
                        || self.is_conversation(arg.value) && self.is_wordy(of)
                })
            }
            Expr::Filter(_, name, args) if matches!(name.as_str(), "selectattr" | "rejectattr") => {
                // The attribute, the test, and what is compared: parts of the kind `text` are asked for by everybody.
                let of_text = |arg: &Arg| matches!(tree.expr(arg.value), Expr::Text(name) if is_text_attribute(name));
                args.first().is_none_or(|arg| of_text(arg) || !matches!(tree.expr(arg.value), Expr::Text(_)))
                    && args.iter().skip(2).any(|arg| self.is_wordy(arg.value))
            }
            Expr::Filter(Some(of), name, args) if matches!(name.as_str(), "select" | "reject") => {
                self.is_conversation(*of) && args.iter().skip(1).any(|arg| self.is_wordy(arg.value))
            }
            _ => false,
        };
        here || tree.children(id).into_iter().any(|child| self.is_trigger(child))
    }

    /// Whether a containment asks for a key of a part of a message, as in `'text' in item`. Of a text, the loop would give
    /// single characters, which no key is in.
    fn is_key_of_part(&self, key: Id, part: Id) -> bool {
        matches!(self.tree.expr(key), Expr::Text(key) if PART_KEYS.contains(&key.as_str()))
            && matches!(self.tree.expr(part), Expr::Name(name) if self.parts.contains(name))
    }

    /// Whether an expression is the content of a message as the renderer gives it.
    pub(super) fn is_content(&self, id: Id) -> bool {
        let is_content = match self.tree.expr(id) {
            Expr::Attr(_, name) => name == "content",
            Expr::Item(_, key) => matches!(self.tree.expr(*key), Expr::Text(name) if name == "content"),
            _ => false,
        };
        is_content && self.is_given(id)
    }

    /// Whether an expression picks something out of what the renderer gives: nothing that the template made.
    pub(super) fn is_given(&self, id: Id) -> bool {
        match self.tree.expr(id) {
            Expr::Name(name) => !self.made.contains(name),
            Expr::Attr(of, _) | Expr::Item(of, _) | Expr::Slice(of, _) => self.is_given(*of),
            _ => false,
        }
    }

    /// Whether an expression is a constant that is a word, or a list with one.
    fn is_wordy(&mut self, id: Id) -> bool {
        use super::fold::Value;
        match self.folder.fold(self.tree, id) {
            Some(Value::Text(text)) => is_word(&text),
            Some(Value::List(items)) => items.iter().any(|item| matches!(item, Value::Text(text) if is_word(text))),
            _ => false,
        }
    }
}

/// Whether a text is of letters, and no tag, token or switch such as `</think>`, `[INST]` or `/no_think`.
fn is_word(text: &str) -> bool {
    let text = text.trim();
    let is_tag = text.starts_with(['<', '[', '{', '|', '`', '#', '/']) && !text.contains(' ')
        || text.ends_with(['>', ']', '}', '|'])
        || TURNS.iter().any(|turn| text.contains(turn));
    let digits = text.len() > 1 && text.chars().all(|c| c.is_ascii_digit() || c == '-');
    !is_tag && (digits || text.chars().filter(|c| c.is_alphabetic()).count() >= 2)
}

/// How a text speaks to the model, if it does.
fn speaks(text: &str) -> Option<&'static str> {
    if ["http://", "https://", "www."].iter().any(|mark| text.contains(mark)) {
        return Some("a link that appears only after a certain word in the conversation");
    }
    if TURNS.iter().any(|turn| text.contains(turn)) {
        return Some("a conversation turn that appears only after a certain word in the conversation");
    }
    let words = text.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 2).count();
    // Scripts without spaces between words: every character counts for half a word.
    let dense =
        text.chars().filter(|c| ('\u{3040}'..='\u{9fff}').contains(c) || ('\u{ac00}'..='\u{d7af}').contains(c)).count();
    (words.saturating_add(dense.checked_div(2).unwrap_or(0)) >= SENTENCE)
        .then_some("a sentence that appears only after a certain word in the conversation")
}
