//! `modelpin env`.

use crate::context::Context;
use crate::format::Format;
use crate::output::CommandOutput;
use crate::render::{document, loader};
use crate::vars;
use clap::ValueEnum;
use modelpin_ops::exec::{Environment, Lifetime, environment, loader_arguments, searched};
use modelpin_ops::{ErrorClass, Failure, Refusal};
use modelpin_schema::text::shell_value;
use modelpin_schema::visible;
use serde_json::{Map, Value, json};
use std::ffi::OsStr;

/// Print the variables that `exec` sets, for a shell, or what a loader has to be told
///
/// Loaders get a home of their own, made anew each time this is run, so each shell runs it for itself; it goes after 30
/// days. With `--loader python`, it is Python source that assigns `MODELS` and `DATASETS`: for each entry what
/// `from_pretrained` or `load_dataset` is given to load exactly what is pinned. `trust_remote_code` is true only where
/// somebody certified all the code that would run.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  eval \"$(modelpin env)\"\n  modelpin env --format json\n  modelpin env --loader python > pinned.py\n  modelpin env --loader python --format json"
)]
pub struct Args {
    /// What a loader has to be told, instead of variables
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    loader: Option<Loader>,
    /// Text or data
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// The languages that loaders are told in.
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
            return Ok(match self.format {
                Format::Text => CommandOutput::exact(loader::python(&all)),
                Format::Json => CommandOutput::ok(loader::json(&all)),
            });
        }
        let told = environment::run(&workspace, Lifetime::Shell, &searched)?;
        Ok(match self.format {
            Format::Text => CommandOutput::exact(shell(&told)),
            Format::Json => CommandOutput::ok(json(&told)?),
        })
    }
}

fn shell(told: &Environment) -> String {
    let unset = told.unset.iter().map(|name| format!("unset {name}\n"));
    let set = told.set.iter().map(|(name, value)| format!("export {name}={}\n", shell_value(value)));
    unset.chain(set).collect()
}

fn json(told: &Environment) -> Result<String, Failure> {
    let text = |value: &OsStr| value.to_str().map(Value::from).ok_or_else(|| not_text(value));
    let set = told.set.iter().map(|(name, value)| Ok(((*name).to_owned(), text(value)?)));
    let set: Map<String, Value> = set.collect::<Result<_, Failure>>()?;
    Ok(document("env", &json!({ "set": set, "unset": told.unset })))
}

fn not_text(value: &OsStr) -> Failure {
    Refusal::new(ErrorClass::Usage, "a path of the target is not UTF-8")
        .expected("a path that JSON can hold")
        .got(format!("`{}`", visible(&value.to_string_lossy())))
        .why("a loader would be told of another folder")
        .help("`eval \"$(modelpin env)\"` tells a shell, and `modelpin exec -- CMD` a program")
        .into()
}
