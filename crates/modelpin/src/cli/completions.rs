//! `modelpin completions`.

use super::Cli;
use crate::context::Context;
use crate::output::CommandOutput;
use clap::CommandFactory as _;
use clap_complete::Shell;
use modelpin_ops::Failure;

/// Print a shell's completions
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  modelpin completions bash > ~/.local/share/bash-completion/completions/modelpin\n  modelpin completions zsh > ~/.zfunc/_modelpin"
)]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Args {
    pub(crate) fn run(self, _: &Context) -> Result<CommandOutput, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "modelpin", &mut script);
        Ok(CommandOutput::exact(String::from_utf8_lossy(&script).into_owned()))
    }
}
