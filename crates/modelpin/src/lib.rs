//! The command line of modelpin: arguments in, words and exit codes out. It decides nothing.
//!
//! - [`cli`]: one file a command: its arguments, and the verb of `modelpin_ops` that it calls
//! - [`context`], [`vars`]: options and environment, made into what the verbs need
//! - [`render`]: results as text, markdown or JSON; refusals in their five parts
//! - [`pager`]: a pager for what is longer than a screen
//! - [`progress`]: what is seen while a command works
//! - [`size`]: sizes as people type them
//! - `xet`: the client of Xet storages, as the verbs get it
//! - [`exit`]: the exit codes

pub mod cli;
pub mod context;
pub mod exit;
pub mod pager;
pub mod progress;
pub mod render;
pub mod size;
pub mod vars;
#[cfg(feature = "xet")]
mod xet;

use clap::Parser as _;
use cli::{Cli, Said};
use context::Context;
use exit::Exit;
use modelpin_ops::Failure;
use progress::{Loudness, Progress};
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

/// Runs the program with the process's arguments.
#[must_use]
pub fn run() -> ExitCode {
    if let Some(ended) = cli::jail::inside() {
        return match ended {
            Ok(code) => u8::try_from(code).unwrap_or(1).into(),
            Err(failure) => {
                let _ = write!(anstream::stderr(), "{}", render::failure::human(&failure));
                Exit::from(failure.class()).into()
            }
        };
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Clap's own: help and version go to stdout with 0, mistakes to stderr with 2.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Ok.into() };
        }
    };
    cli.globals.color.choose();
    let loudness = match (cli.globals.quiet, cli.globals.verbose) {
        (true, _) => Loudness::Quiet,
        (false, 0) => Loudness::Normal,
        (false, _) => Loudness::Verbose,
    };
    let reporter = Arc::new(Progress::new(loudness));
    let context = Context { globals: cli.globals, reporter, home: OnceLock::new() };
    let json = cli.command.wants_json();
    let said = cli.command.run(&context).unwrap_or_else(|failure| refused(failure, json, &context));
    print(&said).into()
}

/// A failure: in five parts on stderr, and as data on stdout where data was asked for.
fn refused(mut failure: Failure, json: bool, context: &Context) -> Said {
    if let Failure::Refused(refusals) = &mut failure {
        context.locate(refusals);
    }
    let failure = &failure;
    let _ = write!(anstream::stderr(), "{}", render::failure::human(failure));
    let stdout = if json { render::failure::json(failure) } else { String::new() };
    Said { stdout, exit: Exit::from(failure.class()) }
}

fn print(said: &Said) -> Exit {
    let mut stdout = anstream::stdout();
    match stdout.write_all(said.stdout.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => said.exit,
        // Whoever reads has read enough, as with `modelpin diff | head`.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => said.exit,
        Err(error) => {
            let _ = writeln!(anstream::stderr(), "error: cannot write to stdout: {error}");
            Exit::Unexpected
        }
    }
}
