//! The second reading of joblib's files: a plain unpickler knows nothing of the arrays between the opcodes, and takes
//! what follows a wrapper for more opcodes.
//!
//! An honest file makes no sense read like that. An array of objects, which is a pickle of its own with a memo of its
//! own, refers to entries of the outer memo then, so that values turn up in places where an unpickler stops. That alone
//! is no attack: what counts is what gets imported and called before.

use super::call::is_class;
use super::log::Log;
use super::machine::{End, Machine};
use super::value::{Id, Kind, Value};
use crate::engine::limits::Budget;
use crate::knowledge::pickle::Listed;

impl Machine<'_> {
    /// Runs on from here as a plain unpickler, once, and keeps what it imports.
    pub(super) fn fork_at_current(&mut self, budget: &mut Budget) {
        if std::mem::replace(&mut self.forked, true) {
            return;
        }
        let mut fork = self.fork();
        match fork.run(budget) {
            End::Stop(_) => self.alternative_starts.push(fork.reader.at()),
            End::Broken(_) => {}
            End::Error(error) => fork.log.error = Some(error),
        }
        if fork.log.imports > 0 || fork.log.calls > 0 || fork.log.error.is_some() {
            self.log.take(fork.log);
        }
    }

    /// A machine in the same state that reads on here as a plain unpickler does.
    fn fork(&self) -> Self {
        Self {
            part: self.part.clone(),
            reader: self.part.reader(self.reader.at()),
            values: self.values.clone(),
            stack: self.stack.clone(),
            marks: self.marks.clone(),
            memo: self.memo.clone(),
            globals: self.globals.clone(),
            imported: self.imported.clone(),
            plain: true,
            second: true,
            alternative_starts: Vec::new(),
            log: Log::default(),
            limits: self.limits.clone(),
            turn: None,
            // The copy itself is work.
            handled: self.values.len().saturating_add(self.stack.len()).saturating_mul(32),
            ..*self
        }
    }

    /// Whether a value that is no import, and of which it is known what it is, is in the wrong place because this is
    /// the second reading.
    pub(super) fn is_misused(&self, id: Id) -> bool {
        self.second && !matches!(self.get(id), Value::Top | Value::Global(_))
    }

    /// Whether a value is no text, in the second reading. What a call of `str` returned is one.
    pub(super) fn is_no_text(&self, id: Id) -> bool {
        let may_be = matches!(self.get(id), Value::Top | Value::Text(_) | Value::Object(Kind::Plain));
        self.second && !may_be
    }

    /// Calls a misused value: only an object of a foreign class may be callable.
    pub(super) fn call_misused(&mut self, callee: Id) -> Id {
        if !matches!(self.get(callee), Value::Object(Kind::Foreign)) {
            self.stops = Some("the called object is not callable");
        }
        self.keep(Value::Object(Kind::Foreign))
    }

    /// Writes into a misused value: objects may take it, plain values do not.
    pub(super) fn write_misused(&mut self, target: Id) {
        if !matches!(self.get(target), Value::Object(_) | Value::Tensor { .. } | Value::Map { .. }) {
            self.stops = Some("a value takes no items and no state");
        }
    }

    /// What a listed callable makes of arguments that do not fit, in the second reading: those that make plain values
    /// refuse them, or make another value.
    pub(super) fn made_second(&self, listed: Listed) -> Option<Value> {
        let makes_values = is_class(listed)
            && !matches!(listed, Listed::DefaultDict | Listed::Partial | Listed::Memmap)
            || matches!(listed, Listed::Encode | Listed::Reconstruct | Listed::Scalar | Listed::FromBuffer);
        (self.second && makes_values).then_some(Value::Object(Kind::Foreign))
    }

    /// Whether NumPy refuses the state of an array, in the second reading, before it uses anything of it: where a dtype
    /// belongs is something else (`array_setstate`, `O!`).
    pub(super) fn is_refused_state(&mut self, state: Id) -> bool {
        let dtype = match self.tuple(state).as_deref() {
            Some([_, _, dtype, _, _] | [_, dtype, _, _]) => *dtype,
            _ => return self.second,
        };
        let refused = self.second && !matches!(self.get(dtype), Value::Object(Kind::Dtype(_)) | Value::Top);
        if refused {
            self.stops = Some("the state of an array has no dtype");
        }
        refused
    }
}
