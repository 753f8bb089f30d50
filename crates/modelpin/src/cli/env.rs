//! `modelpin env`, and the variables that `exec` sets.

use super::{Format, Said};
use crate::context::Context;
use crate::render::{document, loader};
use clap::ValueEnum;
use modelpin_ops::places::Location;
use modelpin_ops::target::Layout;
use modelpin_ops::{Failure, Project, verbs};

/// Print the variables that `exec` sets, for a shell, or what a loader has to be told
///
/// With `--loader python`, it is Python source that assigns `MODELS` and `DATASETS`: for each entry what
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

/// Variables that would lead a loader past the target, or hand it a secret it has no use for offline.
pub(crate) const UNSET: [&str; 6] = [
    "HUGGINGFACE_HUB_CACHE",
    "TRANSFORMERS_CACHE",
    "PYTORCH_TRANSFORMERS_CACHE",
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "HF_ENDPOINT",
];

/// The variables that make a loader see the synced files and nothing else.
pub(crate) fn variables(project: &Project) -> Result<Vec<(&'static str, String)>, Failure> {
    let Location { layout, root } = project.target()?;
    let root = root.display().to_string();
    let place = match layout {
        Layout::Flat => ("MODELPIN_TARGET", root),
        Layout::HubCache | Layout::SharedHubCache | Layout::Quarantine => ("HF_HUB_CACHE", root),
    };
    let on = |name| (name, "1".to_owned());
    Ok(vec![
        place,
        on("HF_HUB_OFFLINE"),
        on("TRANSFORMERS_OFFLINE"),
        on("HF_DATASETS_OFFLINE"),
        on("HF_HUB_DISABLE_TELEMETRY"),
        on("HF_HUB_DISABLE_IMPLICIT_TOKEN"),
    ])
}

impl Args {
    pub(crate) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }

    pub(crate) fn run(self, context: &Context) -> Result<Said, Failure> {
        let project = context.project()?;
        let case = context.case(&project)?;
        if let Some(Loader::Python) = self.loader {
            let all = verbs::loader::run(&case)?;
            return Ok(Said::ok(match self.format {
                Format::Text => loader::python(&all),
                Format::Json => loader::json(&all),
            }));
        }
        case.ready()?;
        let variables = variables(&project)?;
        if self.format == Format::Json {
            let set: serde_json::Map<String, serde_json::Value> =
                variables.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
            return Ok(Said::ok(document("env", &serde_json::json!({ "set": set, "unset": UNSET }))));
        }
        let set = variables.iter().map(|(name, value)| format!("export {name}={}\n", quote(value)));
        let unset = UNSET.iter().map(|name| format!("unset {name}\n"));
        Ok(Said::ok(unset.chain(set).collect()))
    }
}

/// One word of a POSIX shell.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn a_shell_reads_one_word() {
        assert_eq!(quote("/a b/$(x)'y"), "'/a b/$(x)'\\''y'");
    }
}
