//! `modelpin env`.

use super::args::OutputArgs;
use crate::context::Context;
use crate::format::Format;
use crate::out::Form;
use crate::output::CommandOutput;
use crate::render::loader;
use crate::vars;
use clap::ValueEnum;
use modelpin_ops::exec::{Environment, Lifetime, environment, loader_arguments, searched};
use modelpin_ops::{ErrorClass, Failure, Refusal};
use modelpin_schema::output::loaders::{Env, Variables};
use modelpin_schema::text::shell_value;
use modelpin_schema::visible;
use std::ffi::OsStr;

/// Print shell variables or Python loader arguments
///
/// The variables are those that `exec` sets. Each run creates a new home folder for loaders, which is removed after 30
/// days, so run it in each shell. With `--loader python`, this prints Python source that assigns `MODELS` and
/// `DATASETS`: for each entry, the arguments of `from_pretrained` or `load_dataset` that load exactly what is pinned.
/// `trust_remote_code` is true only where all the code that would run is certified.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  eval \"$(modelpin env)\"
  modelpin env --format json
  modelpin env --loader python > pinned.py
  modelpin env --loader python --format json")]
pub struct Args {
    /// Print loader arguments for this language instead of variables
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    loader: Option<Loader>,
    #[command(flatten)]
    output: OutputArgs<Format>,
}

/// The languages of loaders.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Loader {
    /// For transformers, diffusers, peft, datasets
    Python,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<CommandOutput, Failure> {
        let workspace = context.workspace()?;
        let searched = searched(&[], vars::get("PYTHONPATH"));
        if let Some(Loader::Python) = self.loader {
            let all = loader_arguments::run(&workspace, &searched)?;
            return Ok(match self.output.format {
                Format::Text => CommandOutput::formed(loader::python(&all), Form::Exact),
                Format::Json => CommandOutput::data(&Env::Loaders(loader::data(&all))),
            });
        }
        let loader_env = environment::run(&workspace, Lifetime::Shell, &searched)?;
        Ok(match self.output.format {
            Format::Text => CommandOutput::formed(shell(&loader_env), Form::Exact),
            Format::Json => CommandOutput::data(&Env::Variables(variables(&loader_env)?)),
        })
    }
}

fn shell(loader_env: &Environment) -> String {
    let unset = loader_env.unset.iter().map(|name| format!("unset {name}\n"));
    let set = loader_env.set.iter().map(|(name, value)| format!("export {name}={}\n", shell_value(value)));
    unset.chain(set).collect()
}

fn variables(loader_env: &Environment) -> Result<Variables, Failure> {
    let text = |value: &OsStr| value.to_str().map(str::to_owned).ok_or_else(|| not_text(value));
    let set = loader_env.set.iter().map(|(name, value)| Ok(((*name).to_owned(), text(value)?)));
    Ok(Variables { set: set.collect::<Result<_, Failure>>()?, unset: loader_env.unset.clone() })
}

fn not_text(value: &OsStr) -> Failure {
    Refusal::new(ErrorClass::Usage, "a path of the target is not UTF-8")
        .expected("a path that JSON can hold")
        .got(format!("`{}`", visible(&value.to_string_lossy())))
        .why("JSON cannot hold the path")
        .help("use `eval \"$(modelpin env)\"` in a shell, or run the program with `modelpin exec -- CMD`")
        .into()
}
