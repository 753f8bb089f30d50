//! An error in the text of a lock.

use crate::fault::Fault;
use serde::de;
use std::fmt;
use std::ops::Range;

/// What is wrong with the text, and at which of its bytes.
#[derive(Debug)]
pub(super) struct SyntaxError {
    message: String,
    span: Option<Range<usize>>,
}

impl SyntaxError {
    pub(super) fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { message: message.into(), span: Some(span) }
    }

    /// The same error, at `span` where nothing nearer is known.
    pub(super) fn within(self, span: Range<usize>) -> Self {
        Self { span: self.span.or(Some(span)), ..self }
    }

    pub(super) fn fault(self, file: &str, text: &str) -> Fault {
        Fault::of_reader(file, text, self.span, &self.message)
    }
}

impl de::Error for SyntaxError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), span: None }
    }
}

impl std::error::Error for SyntaxError {}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
