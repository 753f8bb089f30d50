//! The options that every command has.

use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

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
