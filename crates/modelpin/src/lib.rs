//! The command line of modelpin: arguments in, text and exit codes out. It decides nothing, and writes no files.
//!
//! - [`cli`]: one file a command: its arguments, and the verb of `modelpin_ops` that it calls
//! - [`globals`], [`format`](mod@format): the options that every command has, and the output formats
//! - [`context`], [`vars`]: options and environment, made into what the verbs need
//! - [`output`]: what a command prints, and its exit code ([`exit`])
//! - [`render`]: results and problems as text, Markdown, SARIF, annotations or data
//! - [`out`]: where text leaves the program, made harmless
//! - [`mistakes`]: invalid command lines
//! - [`ask`](mod@ask): questions to a person at a terminal
//! - [`progress`], [`pager`]: what people see while a command works, and of long texts
//! - [`size`]: sizes as people type them
//! - `exec`: the inner side of `modelpin exec --jail`
//! - `xet`: the client of Xet storages, as the verbs get it

pub mod ask;
pub mod cli;
pub mod context;
mod exec;
pub mod exit;
pub mod format;
pub mod globals;
pub mod mistakes;
pub mod out;
pub mod output;
pub mod pager;
pub mod progress;
pub mod render;
pub mod size;
pub mod vars;
#[cfg(feature = "xet")]
mod xet;

use clap::{ArgMatches, FromArgMatches as _};
use cli::Cli;
use context::Context;
use exit::Exit;
use output::{CommandOutput, Invocation};
use progress::{Progress, Verbosity};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

/// Runs the program with the process's arguments.
#[must_use]
pub fn run() -> ExitCode {
    if let Some(ended) = exec::inner::run() {
        return match ended {
            Ok(code) => u8::try_from(code).unwrap_or(1).into(),
            Err(failure) => {
                out::stderr(&render::diagnostic::failed(&failure));
                Exit::from(failure.class()).into()
            }
        };
    }
    let parsed = cli::command().try_get_matches();
    let parsed = parsed.and_then(|matches| Cli::from_arg_matches(&matches).map(|cli| (cli, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return mistakes::report(error).into(),
    };
    cli.globals.color.choose();
    let verbosity = match (cli.globals.quiet, cli.globals.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, 0) => Verbosity::Normal,
        (false, _) => Verbosity::Verbose,
    };
    let invocation = invocation(&matches, cli.globals.quiet);
    let reporter = Arc::new(Progress::new(verbosity));
    let context = Context { globals: cli.globals, command_line: cli::command, reporter, home: OnceLock::new() };
    let output = cli.command.run(&context).unwrap_or_else(CommandOutput::from);
    output.print(&invocation, &context).into()
}

/// The command's full name, and whether it was asked for JSON.
fn invocation(matches: &ArgMatches, quiet: bool) -> Invocation {
    let mut innermost = matches;
    let mut command = Vec::new();
    while let Some((name, matches)) = innermost.subcommand() {
        command.push(name);
        innermost = matches;
    }
    let format = innermost.try_get_raw("format").ok().flatten();
    let json = format.into_iter().flatten().any(|format| format == "json");
    Invocation { command: command.join(" "), json, quiet }
}
