//! Arguments that several commands have.

use crate::format::ChangeFormat;
use clap::{Args, ValueEnum};
use modelpin_schema::{Name, RepoId, Ticket};
use std::collections::BTreeSet;

#[derive(Debug, Args)]
pub(crate) struct OutputArgs<F: ValueEnum + Send + Sync + 'static> {
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: F,
}

#[derive(Debug, Args)]
pub(crate) struct ChangeArgs {
    /// Record this issue id in every changed pin
    #[arg(long, value_name = "ID")]
    pub(crate) ticket: Option<Ticket>,
    /// Show the changes and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs<ChangeFormat>,
}

#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// Allow updated pins to depend on this further repo; repeatable
    ///
    /// A pin that moves may take code, parts or a base from a repo that it did not depend on before only if that repo
    /// is named here.
    #[arg(long, value_name = "ORG/REPO")]
    allow_source: Vec<RepoId>,
}

impl SourceArgs {
    pub(crate) fn into_set(self) -> BTreeSet<RepoId> {
        self.allow_source.into_iter().collect()
    }
}

#[derive(Debug, Args)]
pub(crate) struct EntryArgs {
    /// The entries; all by default
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<Name>,
}
