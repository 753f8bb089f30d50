//! The command line: one file for each command.

pub mod add;
mod args;
pub mod cache;
pub mod certify;
mod change;
pub mod check;
pub mod completions;
pub mod convert;
pub mod diff;
pub mod env;
pub mod exclude;
pub mod exec;
pub mod exempt;
pub mod export;
pub mod init;
pub mod lock;
mod online;
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
use clap::{CommandFactory as _, Parser, Subcommand};
use modelpin_ops::Failure;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// A lockfile manager for Hugging Face models
///
/// models.toml says which models and datasets a project wants. models.lock says exactly which bytes that is, and every
/// other byte is refused until the lock is changed on purpose.
#[derive(Debug, Parser)]
#[command(name = "modelpin", version, styles = STYLES, max_term_width = 100)]
#[command(after_help = "`modelpin help COMMAND` shows a command's help, with examples.", after_long_help = LONG)]
pub struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const LONG: &str = "Examples:
  modelpin init                            create models.toml
  modelpin add acme/chat-7b                add a model and pin it
  modelpin sync --locked                   install exactly what is pinned, as in CI
  modelpin verify                          check every installed byte, offline
  modelpin scan                            scan the locked files without running them
  modelpin check                           check them against the policy, offline
  modelpin update && modelpin diff         update the pins, then review the changes

Environment: MODELPIN_CACHE_DIR (the cache), MODELPIN_CONFIG (your own configuration), MODELPIN_TARGET,
MODELPIN_MIRROR, MODELPIN_LOCKED, MODELPIN_OFFLINE, MODELPIN_JOBS, MODELPIN_LIMIT_RATE, MODELPIN_PIECE_SIZE,
MODELPIN_RETRY_WAIT, MODELPIN_XET_CACHE_SIZE, MODELPIN_LANDLOCK, and the Hub's own: HF_TOKEN, HF_TOKEN_PATH,
HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE, HF_HUB_DISABLE_XET, HF_HUB_DOWNLOAD_TIMEOUT,
HF_HUB_ETAG_TIMEOUT, proxies, SSL_CERT_FILE.

Exit codes: 0 ok, 1 unexpected, 2 usage, 3 stale lock, 4 integrity, 5 policy, 6 identity, 7 upstream, 10 outdated.";

macro_rules! commands {
    ($($group:literal: $($variant:ident($args:ty),)*)*) => {
        /// The commands.
        #[expect(missing_docs, reason = "the arguments of a command say what it does")]
        #[derive(Debug, Subcommand)]
        pub enum Command {
            $($($variant($args),)*)*
        }

        /// The commands in the groups in which help shows them, each as its variant is called.
        const GROUPS: &[(&str, &[&str])] = &[$(($group, &[$(stringify!($variant)),*])),*];

        impl Command {
            /// Does what was asked.
            pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
                match self {
                    $($(Self::$variant(args) => args.run(context),)*)*
                }
            }
        }
    };
}

commands! {
    "Manage entries":
        Init(init::Args),
        Add(add::Args),
        Exclude(exclude::Args),
        Remove(remove::Args),
        Lock(lock::Args),
        Update(update::Args),
        Outdated(outdated::Args),
    "Install files":
        Sync(sync::Args),
        Verify(verify::Args),
        Vendor(vendor::Args),
        Cache(cache::Args),
    "Review":
        Diff(diff::Args),
        Tree(tree::Args),
        Why(why::Args),
        Check(check::Args),
        Scan(scan::Args),
        Review(review::Args),
    "Decide":
        Certify(certify::Args),
        Exempt(exempt::Args),
        Convert(convert::Args),
    "Use":
        Exec(exec::Args),
        Env(env::Args),
        Export(export::Args),
        Completions(completions::Args),
}

/// The command line, with the commands in groups.
#[must_use]
pub fn command() -> clap::Command {
    let command = Cli::command();
    let header = STYLES.get_header();
    let literal = STYLES.get_literal();
    let mut template = "{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    for (group, variants) in GROUPS {
        template.push_str(&format!("\n{header}{group}:{header:#}\n"));
        for name in variants.iter().map(|variant| variant.to_lowercase()) {
            let about = command.find_subcommand(&name).and_then(clap::Command::get_about).map(ToString::to_string);
            template.push_str(&format!("  {literal}{name:11}{literal:#}  {}\n", about.unwrap_or_default()));
        }
    }
    template.push_str(&format!("\n{header}Global options:{header:#}\n{{options}}{{after-help}}"));
    command.help_template(template)
}
