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
//! - [`out`]: where text leaves the program, made harmless

pub mod cli;
pub mod context;
mod exec;
pub mod exit;
pub mod format;
pub mod globals;
pub mod out;
pub mod output;
pub mod pager;
pub mod progress;
pub mod render;
pub mod size;
pub mod vars;
#[cfg(feature = "xet")]
mod xet;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use cli::Cli;
use context::Context;
use exit::Exit;
use modelpin_ops::Failure;
use output::CommandOutput;
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
                out::stderr(&render::failure::human(&failure));
                Exit::from(failure.class()).into()
            }
        };
    }
    let parsed = Cli::command().try_get_matches();
    let parsed = parsed.and_then(|matches| Cli::from_arg_matches(&matches).map(|cli| (cli, asks_for_json(&matches))));
    let (cli, json) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return mistyped(&error).into(),
    };
    cli.globals.color.choose();
    let verbosity = match (cli.globals.quiet, cli.globals.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, 0) => Verbosity::Normal,
        (false, _) => Verbosity::Verbose,
    };
    let reporter = Arc::new(Progress::new(verbosity));
    let context = Context { globals: cli.globals, reporter, home: OnceLock::new() };
    let said = cli.command.run(&context).unwrap_or_else(|failure| refused(failure, json, &context));
    said.print().into()
}

/// Whether the command was asked for JSON, so that a failure has to be JSON as well.
fn asks_for_json(matches: &ArgMatches) -> bool {
    let mut innermost = matches;
    while let Some((_, matches)) = innermost.subcommand() {
        innermost = matches;
    }
    let format = innermost.try_get_raw("format").ok().flatten();
    format.into_iter().flatten().any(|format| format == "json")
}

/// Clap's own: help and version go to stdout with 0, mistakes to stderr with 2.
fn mistyped(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        let _ = error.print();
        return Exit::Ok;
    }
    // It repeats words that were typed, or that a script took from elsewhere, among lines of its own.
    let set = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MODELPIN_"));
    let words = std::env::args_os().skip(1).chain(set.map(|(_, value)| value));
    let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    if words.iter().all(|word| out::spelled(word) == *word) {
        let _ = error.print();
        return Exit::Usage;
    }
    let mut text = error.render().to_string();
    for word in &words {
        let value = word.split_once('=').map_or("", |(_, value)| value);
        // Clap may have taken out what looks like a style.
        for part in [word, value].into_iter().filter(|part| part.contains('\n')) {
            let bare = anstream::adapter::strip_str(part).to_string();
            text = text.replace(part, &out::spelled(part)).replace(&bare, &out::spelled(part));
        }
    }
    out::stderr(&text);
    Exit::Usage
}

/// A failure: in five parts on stderr, and as data on stdout where data was asked for.
fn refused(mut failure: Failure, json: bool, context: &Context) -> CommandOutput {
    if let Failure::Refused(refusals) = &mut failure {
        context.locate(refusals);
    }
    let failure = &failure;
    out::stderr(&render::failure::human(failure));
    let stdout = if json { render::failure::json(failure) } else { String::new() };
    CommandOutput::ended(stdout, failure.class().into())
}
