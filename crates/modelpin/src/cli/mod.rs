//! The command line: the options that every command has, and one file for each command.

pub mod add;
pub mod cache;
pub mod certify;
mod change;
pub mod check;
pub mod completions;
pub mod convert;
pub mod diff;
pub mod env;
pub mod exec;
pub mod exempt;
pub mod export;
pub mod init;
pub mod lock;
pub mod outdated;
pub mod remove;
pub mod review;
pub mod scan;
pub mod sync;
pub mod tree;
pub mod update;
pub mod vendor;
pub mod verify;
pub mod why;

use crate::context::Context;
use crate::globals::Globals;
use crate::output::CommandOutput;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Parser, Subcommand};
use modelpin_ops::{Failure, Runtime};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// A lockfile manager for Hugging Face models.
///
/// models.toml says what a project wants, models.lock says exactly which bytes it gets, and everything else
/// is refused until someone changes the lock on purpose.
#[derive(Debug, Parser)]
#[command(name = "modelpin", version, styles = STYLES, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "Examples:
  modelpin init                                           start a project
  modelpin add sentence-transformers/all-MiniLM-L6-v2     declare and pin a model
  modelpin sync --locked                                  get exactly what is pinned, as in CI
  modelpin verify                                         check every byte, without a network
  modelpin scan                                           judge the locked files without running them
  modelpin check                                          check whether they may come in, without a network
  modelpin update && modelpin diff                        move the pins, read the ticket

Environment: MODELPIN_CACHE_DIR (the store), MODELPIN_CONFIG (your own configuration), MODELPIN_TARGET,
MODELPIN_MIRROR, MODELPIN_LOCKED, MODELPIN_OFFLINE, MODELPIN_JOBS, MODELPIN_LIMIT_RATE, MODELPIN_PIECE_SIZE,
MODELPIN_RETRY_WAIT, MODELPIN_XET_CACHE_SIZE, MODELPIN_LANDLOCK, and the Hub's own:
HF_TOKEN, HF_TOKEN_PATH, HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE, HF_HUB_DISABLE_XET,
HF_HUB_DOWNLOAD_TIMEOUT, HF_HUB_ETAG_TIMEOUT, proxies, SSL_CERT_FILE.

Exit codes: 0 ok, 1 unexpected, 2 usage, 3 lock stale, 4 integrity, 5 policy, 6 identity, 7 upstream, 10 outdated";

macro_rules! commands {
    ($($(#[$docs:meta])* $variant:ident($args:ty),)*) => {
        /// The commands.
        #[derive(Debug, Subcommand)]
        pub enum Command {
            $($(#[$docs])* $variant($args),)*
        }

        impl Command {
            /// Does what was asked.
            pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
                match self {
                    $(Self::$variant(args) => args.run(context),)*
                }
            }
        }
    };
}

commands! {
    /// Start a project: models.toml, and the lines that git needs
    Init(init::Args),
    /// Declare a model or dataset and pin it
    Add(add::Args),
    /// Take an entry out of models.toml and models.lock
    Remove(remove::Args),
    /// Make models.lock answer models.toml, without touching a pin that already does
    Lock(lock::Args),
    /// Move pins to what their wishes mean today: the only way in which a pin moves
    Update(update::Args),
    /// Show what upstream has that the lock has not
    Outdated(outdated::Args),
    /// Make the target exactly what models.lock says
    Sync(sync::Args),
    /// Check the target against models.lock, every byte, without a network
    Verify(verify::Args),
    /// Show the change ticket between two locks
    Diff(diff::Args),
    /// Show what is pinned, and what leads to what
    Tree(tree::Args),
    /// Show for which entries of models.toml an entry is locked
    Why(why::Args),
    /// Check whether what is locked may come in, without a network
    Check(check::Args),
    /// Judge model files without running them
    Scan(scan::Args),
    /// Show exactly the code that a model would run
    Review(review::Args),
    /// Record that somebody read the code of an entry and vouches for it
    Certify(certify::Args),
    /// Let safetensors stand in the place of a pickle, without unpickling it
    Convert(convert::Args),
    /// Let exact files in for a while, although they would be refused
    Exempt(exempt::Args),
    /// Run a command that sees only the synced files
    Exec(exec::Args),
    /// Print the variables that `exec` sets, for a shell, or what a loader has to be told
    Env(env::Args),
    /// Print the lock as evidence for other tools
    Export(export::Args),
    /// Copy all locked files into a directory that the lock can be synced from
    Vendor(vendor::Args),
    /// Look after the store
    Cache(cache::Args),
    /// Print a shell's completions
    Completions(completions::Args),
}

/// Runs a verb that talks to a Hub.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    Runtime::default().block_on(work)
}
