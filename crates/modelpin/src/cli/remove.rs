//! `modelpin remove`.

use super::{Said, TicketFormat};
use crate::context::Context;
use crate::render::ticket;
use modelpin_ops::{Failure, verbs};
use modelpin_schema::Name;

/// Take an entry out of models.toml and models.lock
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  modelpin remove faq\n  modelpin remove chat support-lora\n\nThe files stay in the target until the next `modelpin sync`."
)]
pub struct Args {
    /// The entries
    #[arg(required = true, value_name = "NAME")]
    names: Vec<Name>,
    /// The ticket's form
    #[arg(long, value_enum, default_value = "text")]
    format: TicketFormat,
}

impl Args {
    pub(crate) fn wants_json(&self) -> bool {
        self.format == TicketFormat::Json
    }

    pub(crate) fn run(self, context: &Context) -> Result<Said, Failure> {
        let mut project = context.project_to_change()?;
        let changes = verbs::remove::run(&mut project, &self.names)?;
        Ok(Said::ok(ticket::of_lock(&changes, self.format)))
    }
}
