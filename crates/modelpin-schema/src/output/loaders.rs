//! `env`.

use serde::Serialize;
use std::collections::BTreeMap;

/// `env`: the variables of a program that loads models, or with `--loader` what to pass to the loaders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub enum Env {
    /// Without `--loader`.
    Variables(Variables),
    /// With `--loader`.
    Loaders(Loaders),
}

/// Environment variables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Variables {
    /// Variables to set, with their values.
    pub set: BTreeMap<String, String>,
    /// Variables to unset.
    pub unset: Vec<String>,
}

/// What to pass to loaders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Loaders {
    /// By model.
    pub models: BTreeMap<String, Model>,
    /// By dataset; by `NAME/CONFIGURATION` where it is converted to Parquet, and has several.
    pub datasets: BTreeMap<String, Dataset>,
}

/// What to pass to `from_pretrained`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Model {
    /// The first argument.
    pub name_or_path: String,
    /// The keyword arguments.
    pub arguments: Arguments,
    /// The name of the base, for an adapter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

/// Keyword arguments of `from_pretrained`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Arguments {
    /// The locked commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The locked commit of code from another repo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_revision: Option<String>,
    /// True only where all the code that would run is certified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_remote_code: Option<bool>,
}

/// Keyword arguments of `load_dataset`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Dataset {
    /// The folder; the script, where a certified script makes the rows; the repo, where only the jail shows it.
    pub path: String,
    /// The files of each split, below the folder, where `datasets` does not find them by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_files: Option<BTreeMap<String, String>>,
    /// The locked commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// True where the path is a script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_remote_code: Option<bool>,
}
