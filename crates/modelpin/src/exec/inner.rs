//! `modelpin __jail`: the guard process that `exec --jail` starts, and the process that the guard starts, which drops
//! all its rights and becomes the command. People never type it, so it is in no help text and no completion.

use super::refusal;
use clap::Parser;
use modelpin_jail::Inside;
use modelpin_ops::Failure;
use std::ffi::OsString;
use std::path::PathBuf;

/// The hidden subcommand that starts this process.
pub(crate) const COMMAND: &str = "__jail";

#[derive(Debug, Parser)]
struct Args {
    #[arg(long)]
    read: Vec<PathBuf>,
    #[arg(long)]
    write: Vec<PathBuf>,
    #[arg(long)]
    devices: bool,
    #[arg(long)]
    private: PathBuf,
    #[arg(long)]
    landlock: u8,
    #[arg(long)]
    parent: u32,
    #[arg(long)]
    guarded: bool,
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// Guards the command, or becomes it in the jail, if this process was started for that: the exit code of the command,
/// or why it was not started. `None` in every other process.
pub(crate) fn run() -> Option<Result<i32, Failure>> {
    if std::env::args_os().nth(1)? != COMMAND {
        return None;
    }
    let args = match Args::try_parse_from([OsString::from(COMMAND)].into_iter().chain(modelpin_jail::words())) {
        Ok(args) => args,
        Err(error) => return Some(Err(Failure::internal(format_args!("the jail's own command line: {error}")))),
    };
    let mut words = args.command.into_iter();
    let inside = Inside {
        program: words.next().unwrap_or_default().into(),
        args: words.collect(),
        read: args.read,
        write: args.write,
        devices: args.devices,
        private: args.private,
        landlock: args.landlock,
        parent: args.parent,
        guarded: args.guarded,
    };
    Some(if inside.guarded {
        Err(refusal::of(modelpin_jail::enter(inside)))
    } else {
        modelpin_jail::guard(&inside, &[COMMAND.into()]).map_err(refusal::of)
    })
}
