//! `modelpin completions`.

use crate::context::Context;
use crate::out::Form;
use crate::output::CommandOutput;
use clap_complete::Shell;
use modelpin_ops::Failure;

/// Print shell completions
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  modelpin completions zsh > ~/.zfunc/_modelpin
  modelpin completions bash \\
    > ~/.local/share/bash-completion/completions/modelpin")]
pub struct Args {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut (context.command_line)(), "modelpin", &mut script);
        Ok(CommandOutput::formed(String::from_utf8_lossy(&script).into_owned(), Form::Exact))
    }
}
