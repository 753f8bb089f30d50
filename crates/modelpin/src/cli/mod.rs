//! The command line: the options that every command has, and one file for each command.

pub mod add;
pub mod cache;
pub mod certify;
pub mod check;
pub mod completions;
pub mod convert;
pub mod diff;
pub mod env;
pub mod exec;
pub mod exempt;
pub mod export;
pub mod init;
pub mod jail;
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
use crate::exit::Exit;
use crate::out::{self, Form};
use crate::render::{failure, ticket};
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use modelpin_ops::policy::shell_word;
use modelpin_ops::verbs::lock::{Locked, Planned};
use modelpin_ops::{Failure, Project, Tasks, WritableProject};
use modelpin_schema::Ticket;
use std::ffi::OsString;
use std::num::{NonZeroU64, NonZeroUsize};
use std::ops::Deref;
use std::path::PathBuf;

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

/// The options that every command has.
#[derive(Debug, Args)]
pub struct Globals {
    /// Run as if started in this folder
    #[arg(short = 'C', long, global = true, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
    /// The project's models.toml, instead of the nearest one from here upwards
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) manifest_path: Option<PathBuf>,
    /// Where synced files go, instead of what models.toml says: a folder, `hf-cache` or `flat:FOLDER` (`MODELPIN_TARGET`)
    #[arg(long, global = true, value_name = "TARGET")]
    pub(crate) target: Option<OsString>,
    /// A directory that `modelpin vendor` made, tried before the Hub; can be given more than once (`MODELPIN_MIRROR`)
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) mirror: Vec<PathBuf>,
    /// Open no socket
    #[arg(long, global = true, env = "MODELPIN_OFFLINE", value_parser = clap::builder::BoolishValueParser::new())]
    pub(crate) offline: bool,
    /// How many connections fetch content at once, and how many files are judged at once
    #[arg(long, global = true, env = "MODELPIN_JOBS", value_name = "N", default_value = "8")]
    pub(crate) jobs: NonZeroUsize,
    /// Fetch no more than so many bytes a second, such as 10M
    #[arg(long, global = true, env = "MODELPIN_LIMIT_RATE", value_name = "RATE", value_parser = crate::size::parse)]
    pub(crate) limit_rate: Option<NonZeroU64>,
    /// Say nothing but refusals
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say every step
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    pub(crate) fn choose(self) {
        let choice = match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// Text for people, or data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// The forms of a change ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TicketFormat {
    /// For a terminal
    Text,
    /// For a pull request
    Markdown,
    /// For a browser
    Html,
    /// For programs
    Json,
}

/// What a command has to say on stdout, and how it ends.
#[derive(Debug)]
pub struct Said {
    pub(crate) stdout: String,
    pub(crate) form: Form,
    pub(crate) exit: Exit,
}

impl Said {
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

/// The project of a verb that can be asked to write nothing.
pub(crate) enum Subject {
    /// Nobody has to wait for whoever only looks.
    Shown(Project),
    Changed(WritableProject),
}

impl Subject {
    pub(crate) fn of(context: &Context, dry_run: bool) -> Result<Self, Failure> {
        if dry_run { context.project().map(Self::Shown) } else { context.project_to_change().map(Self::Changed) }
    }

    /// Writes what was planned, unless nothing is to be written.
    pub(crate) fn finish(self, planned: Planned) -> Result<Locked, Failure> {
        match self {
            Self::Shown(_) => Ok(planned.locked),
            Self::Changed(mut project) => planned.write(&mut project),
        }
    }
}

impl Deref for Subject {
    type Target = Project;

    fn deref(&self) -> &Project {
        match self {
            Self::Shown(project) => project,
            Self::Changed(project) => project,
        }
    }
}

/// What `add`, `lock`, `update` and `convert` say: the ticket, and behind it what the policy refuses of the lock.
pub(crate) fn locked(context: &Context, mut locked: Locked, format: TicketFormat, dry_run: bool) -> Said {
    context.locate(&mut locked.refused);
    context.locate(&mut locked.warned);
    context.reporter.told(&failure::warnings(&locked.warned));
    if dry_run && !locked.changes.is_empty() {
        context.reporter.note("nothing was written (--dry-run)");
    }
    let ticket = ticket::of_lock(&locked.changes, format);
    let stdout = match format {
        TicketFormat::Json => failure::beside(&ticket, &locked.refused),
        TicketFormat::Text | TicketFormat::Markdown | TicketFormat::Html => ticket,
    };
    if locked.refused.is_empty() {
        return Said::ok(stdout);
    }
    // A person reads the ticket first, and last what to type next.
    let refused = Failure::Refused(locked.refused);
    match Said::ended(stdout, refused.class().into()).print() {
        Exit::Unexpected => Said::ended(String::new(), Exit::Unexpected),
        exit => {
            out::stderr(&failure::human(&refused));
            if !dry_run {
                context.reporter.note(
                "note: what is refused is locked all the same, so that somebody can decide; `sync` brings nothing in until then",
            );
            }
            Said::ended(String::new(), exit)
        }
    }
}

macro_rules! commands {
    ($($(#[$docs:meta])* $variant:ident($args:ty),)*) => {
        /// The commands.
        #[derive(Debug, Subcommand)]
        pub enum Command {
            $($(#[$docs])* $variant($args),)*
        }

        impl Command {
            /// Does what was asked.
            pub(crate) fn run(self, context: &Context) -> Result<Said, Failure> {
                match self {
                    $(Self::$variant(args) => args.run(context),)*
                }
            }

            /// Whether refusals should be told as data as well.
            pub(crate) fn wants_json(&self) -> bool {
                match self {
                    $(Self::$variant(args) => args.wants_json(),)*
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

/// A command as it would be typed again, for advice; `words` are fit for a shell.
pub(crate) fn again(verb: &str, words: Vec<String>, ticket: Option<&Ticket>) -> String {
    let ticket = ticket.map(|ticket| format!("--ticket {}", shell_word(ticket.as_str())));
    [format!("modelpin {verb}")].into_iter().chain(words).chain(ticket).collect::<Vec<_>>().join(" ")
}

/// Runs a verb that talks to a Hub.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    Tasks::default().block_on(work)
}
