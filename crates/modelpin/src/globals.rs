//! The options that every command has.

use clap::{ArgAction, Args, ValueEnum};
use std::ffi::OsString;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

/// The options that every command has. Help shows the rarer ones in full help only.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Run as if started in this folder
    #[arg(short = 'C', long, global = true, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
    /// Use this models.toml instead of the nearest one, in this folder or above it
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub(crate) manifest_path: Option<PathBuf>,
    /// Install to this target: a folder, `hf-cache`, or `flat:FOLDER`
    ///
    /// It replaces `[sync] target` of models.toml. Environment: `MODELPIN_TARGET`
    #[arg(long, global = true, value_name = "TARGET", hide_short_help = true)]
    pub(crate) target: Option<OsString>,
    /// Take files from a directory made by `modelpin vendor` before the Hub; repeatable
    ///
    /// It comes before each `[[mirror]]` of models.toml. Environment: `MODELPIN_MIRROR`
    #[arg(long, global = true, value_name = "DIR", hide_short_help = true)]
    pub(crate) mirror: Vec<PathBuf>,
    /// Work offline
    ///
    /// A command that needs the network fails. Environment: `MODELPIN_OFFLINE`, `HF_HUB_OFFLINE`
    #[arg(long, global = true, env = "MODELPIN_OFFLINE", hide_env = true)]
    #[arg(value_parser = clap::builder::BoolishValueParser::new())]
    pub(crate) offline: bool,
    /// Use up to this many connections, and scan up to this many files at once
    ///
    /// Not more files are scanned at once than there are processors. Environment: `MODELPIN_JOBS`
    #[arg(long, global = true, env = "MODELPIN_JOBS", hide_env = true, value_name = "N", default_value = "8")]
    #[arg(hide_short_help = true)]
    pub(crate) jobs: NonZeroUsize,
    /// Download at most this many bytes per second, as in `10M`
    ///
    /// The limit is for all connections together. Environment: `MODELPIN_LIMIT_RATE`
    #[arg(long, global = true, env = "MODELPIN_LIMIT_RATE", hide_env = true, value_name = "RATE")]
    #[arg(value_parser = crate::size::parse, hide_short_help = true)]
    pub(crate) limit_rate: Option<NonZeroU64>,
    /// Print errors only
    ///
    /// What a command was asked to show, such as a tree, a diff or JSON, is printed all the same.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print each step
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_short_help = true)]
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
