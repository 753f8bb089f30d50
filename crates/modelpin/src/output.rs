//! What a command prints on stdout, and its exit code.

use crate::context::Context;
use crate::exit::Exit;
use crate::out::{self, Form};
use crate::render::diagnostic;
use modelpin_ops::Failure;
use modelpin_schema::output::{Diagnostic, Document, VERSION};
use serde::Serialize;
use serde_json::Value;

/// What a command prints on stdout.
#[derive(Debug)]
enum Body {
    /// What was asked for, for people or another program.
    Text(String, Form),
    /// What was done, for people: left out with `--quiet`.
    Report(String),
    /// The result for programs, which the envelope goes around.
    Data(Value),
}

/// What a command prints, and its exit code.
#[derive(Debug)]
pub struct CommandOutput {
    body: Body,
    diagnostics: Vec<Diagnostic>,
    failure: Option<Failure>,
    note: Option<&'static str>,
    exit: Exit,
}

/// How a command was started, as far as it matters for how its output is printed.
#[derive(Debug)]
pub(crate) struct Invocation {
    /// The command, as in `cache ls`.
    pub(crate) command: String,
    /// Whether it was asked for JSON, so that a failure has to be JSON as well.
    pub(crate) json: bool,
    /// Whether only errors are printed.
    pub(crate) quiet: bool,
}

impl CommandOutput {
    fn new(body: Body) -> Self {
        Self { body, diagnostics: Vec::new(), failure: None, note: None, exit: Exit::Ok }
    }

    /// Nothing on stdout, where notes on stderr are enough.
    pub(crate) fn nothing() -> Self {
        Self::text(String::new())
    }

    /// What was asked for.
    pub(crate) fn text(stdout: String) -> Self {
        Self::formed(stdout, Form::Plain)
    }

    /// What was asked for, for a certain reader.
    pub(crate) fn formed(stdout: String, form: Form) -> Self {
        Self::new(Body::Text(stdout, form))
    }

    /// What was done, which nobody wants to read with `--quiet`.
    pub(crate) fn report(stdout: String) -> Self {
        Self::new(Body::Report(stdout))
    }

    /// The result for programs.
    pub(crate) fn data(result: &impl Serialize) -> Self {
        // Results have text as keys, so they can always be JSON.
        Self::new(Body::Data(serde_json::to_value(result).unwrap_or_default()))
    }

    /// The problems to list in the JSON document; text prints them in its own way.
    pub(crate) fn with(mut self, diagnostics: Vec<Diagnostic>) -> Self {
        self.diagnostics.extend(diagnostics);
        self
    }

    /// The same, with another exit code.
    pub(crate) fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// The same, and then this failure, which decides the exit code.
    pub(crate) fn failing(mut self, failure: Failure) -> Self {
        self.exit = failure.class().into();
        self.failure = Some(failure);
        self
    }

    /// A note for people behind everything else.
    pub(crate) fn noting(mut self, note: &'static str) -> Self {
        self.note = Some(note);
        self
    }

    /// Prints stdout first, then the failure on stderr, so that a person reads last what to do. Returns the exit code.
    pub(crate) fn print(mut self, invocation: &Invocation, context: &Context) -> Exit {
        if let Some(Failure::Refused(refusals)) = &mut self.failure {
            context.locate(refusals);
        }
        self.diagnostics.extend(self.failure.iter().flat_map(diagnostic::failure));
        let is_data = matches!(self.body, Body::Data(_)) || (invocation.json && self.failure.is_some());
        let (stdout, form) = match self.body {
            _ if is_data => {
                let result = if let Body::Data(result) = self.body { Some(result) } else { None };
                (document(result, self.diagnostics, self.exit, &invocation.command), Form::Plain)
            }
            Body::Text(stdout, form) => (stdout, form),
            Body::Report(stdout) if !invocation.quiet => (stdout, Form::Plain),
            Body::Report(_) | Body::Data(_) => (String::new(), Form::Plain),
        };
        let exit = out::stdout(&stdout, form, self.exit);
        if let (Some(failure), false) = (&self.failure, exit == Exit::Unexpected && self.exit != Exit::Unexpected) {
            out::stderr(&diagnostic::failed(failure));
            self.note.iter().for_each(|note| context.reporter.note(note));
        }
        exit
    }
}

impl From<Failure> for CommandOutput {
    fn from(failure: Failure) -> Self {
        Self::nothing().failing(failure)
    }
}

/// The envelope around a result.
fn document(result: Option<Value>, diagnostics: Vec<Diagnostic>, exit: Exit, command: &str) -> String {
    let command = command.to_owned();
    let status = exit.status();
    let exit_code = exit.code();
    let document = Document { schema_version: VERSION, command, status, exit_code, result, diagnostics };
    out::json(&serde_json::to_value(document).unwrap_or_default())
}
