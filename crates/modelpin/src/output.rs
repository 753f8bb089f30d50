//! What a command prints on stdout, and its exit code.

use crate::exit::Exit;
use crate::out::{self, Form};

/// What a command prints on stdout, and its exit code.
#[derive(Debug)]
pub struct CommandOutput {
    pub(crate) stdout: String,
    pub(crate) form: Form,
    pub(crate) exit: Exit,
}

impl CommandOutput {
    pub(crate) fn ok(stdout: String) -> Self {
        Self::ended(stdout, Exit::Ok)
    }

    /// The same, and the exit code is another.
    pub(crate) fn ended(stdout: String, exit: Exit) -> Self {
        Self { stdout, form: Form::Plain, exit }
    }

    /// What another program takes byte for byte.
    pub(crate) fn exact(stdout: String) -> Self {
        Self { form: Form::Exact, ..Self::ok(stdout) }
    }

    /// Prints it, and says how the program ends.
    pub(crate) fn print(&self) -> Exit {
        out::stdout(&self.stdout, self.form, self.exit)
    }
}
