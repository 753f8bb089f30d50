//! `modelpin exec`.

use crate::context::Context;
use crate::exec::{inner, refusal};
use crate::output::CommandOutput;
use crate::vars;
use modelpin_jail::Jail;
use modelpin_ops::Failure;
use modelpin_ops::exec::{Lifetime, environment, jail_view, searched};
use modelpin_schema::{shell_word, visible};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Run a command that sees only the synced files
///
/// The target is checked against models.lock first. Then the command runs with variables that make loaders work
/// offline, read from the target, and use a new home folder without tokens and without code or data cached by earlier
/// runs. Anything in the working folder that loaders would take for a repo is refused. The command runs in the folder
/// in which modelpin was started, also with `-C`, and its exit code is modelpin's. With `--jail` it has no network, no
/// home folder, no credentials and no other variables, and can change nothing but a private folder that is removed when
/// it ends.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin exec -- python serve.py
  modelpin exec --jail --allow-read serve.py -- python serve.py
  modelpin exec --jail --allow-write out -- sh -c 'date > out/when'")]
pub struct Args {
    /// Run it in a jail, or not at all (Linux 5.13 or later)
    #[arg(long)]
    jail: bool,
    /// Let the jail read this file or folder too; repeatable
    #[arg(long, requires = "jail", value_name = "PATH")]
    allow_read: Vec<PathBuf>,
    /// Let the jail read and change this file or folder too; repeatable
    #[arg(long, requires = "jail", value_name = "PATH")]
    allow_write: Vec<PathBuf>,
    /// Use at most this Landlock ABI in the jail, as on an older kernel
    ///
    /// The jail holds the same promises, and allows less. Environment: `MODELPIN_LANDLOCK`
    #[arg(long, env = "MODELPIN_LANDLOCK", hide_env = true, value_name = "1..6", hide_short_help = true)]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=6))]
    landlock: Option<u8>,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
    command: Vec<OsString>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let workspace = context.workspace()?;
        let words: Vec<&OsStr> = self.command.iter().map(AsRef::as_ref).collect();
        // The jail has no `PYTHONPATH`.
        let searched = searched(&words, if self.jail { None } else { vars::get("PYTHONPATH") });
        let mut words = self.command.into_iter();
        let program = words.next().unwrap_or_default();
        if self.jail {
            let view = jail_view::view(&workspace, &searched)?;
            let loader_env = environment::jailed(&workspace)?;
            // Its record says what is verified and what modelpin may remove. A store that cannot be found, or that
            // links lead out of, cannot be kept from `--allow-write`.
            let store = context.store()?;
            let jail = Jail {
                program,
                args: words.collect(),
                enter: vec![inner::COMMAND.into()],
                variables: loader_env.set.into_iter().map(|(name, value)| (name.into(), value)).collect(),
                models: view.repos.values().cloned().chain(view.plain).collect(),
                hub: view.repos.into_iter().map(|(name, place)| (name.into(), place)).collect(),
                protected: view.protected.into_iter().chain([store.root().to_owned()]).collect(),
                hidden: view.hidden,
                secret: view.secret,
                landlock: self.landlock,
                read: self.allow_read,
                write: self.allow_write,
            };
            return in_jail(&jail, context);
        }
        let loader_env = environment::run(&workspace, Lifetime::Command, &searched)?;
        let mut command = Command::new(&program);
        command.args(words);
        for name in &loader_env.unset {
            command.env_remove(name);
        }
        command.envs(loader_env.set.iter().map(|(name, value)| (name, value)));
        let error = become_it(command);
        Err(Failure::Io { doing: "run", path: program.into(), source: error })
    }
}

#[expect(clippy::exit, reason = "the command has run, and its exit code is ours")]
fn in_jail(jail: &Jail, context: &Context) -> Result<CommandOutput, Failure> {
    let unreadable = |path: &Path| {
        let shown = visible(&path.to_string_lossy());
        let word = shell_word(&path.to_string_lossy());
        context.reporter.note(&format!("note: `{shown}` cannot be read in the jail; `--allow-read {word}` allows it"));
    };
    let ended = modelpin_jail::run(jail, &unreadable).map_err(refusal::of)?;
    if let Some(left) = ended.left {
        context.reporter.note(&format!("note: `{}` could not be removed", visible(&left.to_string_lossy())));
    }
    std::process::exit(ended.code)
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
