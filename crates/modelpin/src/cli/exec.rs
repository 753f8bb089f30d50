//! `modelpin exec`.

use super::Said;
use super::env::{UNSET, variables};
use crate::context::Context;
use modelpin_ops::Failure;
use std::ffi::OsString;
use std::process::Command;

/// Run a command that sees only the synced files
///
/// The target is checked against models.lock first; then the command runs with the Hub's tools set offline
/// and pointed at the target. It ends as the command ends.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  modelpin exec -- python serve.py")]
pub struct Args {
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
    command: Vec<OsString>,
}

impl Args {
    pub(crate) fn wants_json(&self) -> bool {
        false
    }

    pub(crate) fn run(self, context: &Context) -> Result<Said, Failure> {
        let project = context.project()?;
        context.case(&project)?.ready()?;
        let mut words = self.command.into_iter();
        let program = words.next().unwrap_or_default();
        let mut command = Command::new(&program);
        command.args(words);
        for name in UNSET {
            command.env_remove(name);
        }
        command.envs(variables(&project, context)?);
        let error = become_it(command);
        Err(Failure::Io { doing: "run", path: program.into(), source: error })
    }
}

/// Becomes the command, so that signals and the exit code are its own; returns only if that fails.
#[cfg(unix)]
fn become_it(mut command: Command) -> std::io::Error {
    std::os::unix::process::CommandExt::exec(&mut command)
}

#[cfg(not(unix))]
#[expect(clippy::exit, reason = "the command has run, and its exit code is ours")]
fn become_it(mut command: Command) -> std::io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}
