//! `config.toml`: what a person says about their own machine, once for all projects or for one of them.
//!
//! Whatever sends a secret, or reads or writes outside of a project, is said here, by a flag or by a variable, and
//! nowhere else: a project comes with a clone. Every setting can be written as one line, so that a refusal can print
//! it; [`line()`] does.

use crate::document::Document;
use crate::fault::{Fault, Place};
use crate::manifest::Target;
use crate::text::visible_toml_string;
use crate::visible;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// The largest configuration that is read, in bytes.
pub const MAX_BYTES: u64 = 1 << 20;

/// What a person says about their own machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserConfig {
    /// Hubs that get a token of this person's.
    pub hubs: Vec<HubConfig>,
    /// What is granted to which project.
    pub projects: Vec<ProjectConfig>,
}

/// A Hub that gets a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubConfig {
    /// Its address.
    pub endpoint: String,
    /// Which token.
    pub token: TokenFrom,
    /// Where it stands.
    pub place: Place,
}

/// Where a token is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFrom {
    /// Where the Hub's own tools find it: `HF_TOKEN`, or the file that `hf auth login` writes.
    Usual,
    /// In a variable.
    Variable(String),
    /// In a file.
    File(String),
}

/// What is granted to a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectConfig {
    /// The project's folder, as the person spells it.
    pub dir: String,
    /// Where its synced files go, in place of what models.toml says.
    pub target: Option<Target>,
    /// Directories outside of it that may be mirrors.
    pub mirrors: Vec<String>,
    /// Files outside of it that may be imported.
    pub imports: Vec<String>,
    /// Whether its models.toml counts although another user owns it.
    pub trust_owner: bool,
    /// Where it stands.
    pub place: Place,
}

impl UserConfig {
    /// Reads a configuration; `file` is its name in messages.
    ///
    /// # Errors
    /// Text that is no such file, with the place in it.
    pub fn read(file: &str, text: &str) -> Result<Self, Fault> {
        Self::parse(file, text).map_err(Fault::without_text)
    }

    fn parse(file: &str, text: &str) -> Result<Self, Fault> {
        let document = Document::new(file, text, "keep the lines that you want, and remove the markers")?;
        let wire: Wire = document.read().map_err(|fault| advised(unsaid(fault)))?;
        let mut hubs = Vec::new();
        let mut projects = Vec::new();
        for (endpoint, hub) in wire.hubs {
            let place = document.place(endpoint.span());
            let fault = |message: &str| document.fault(endpoint.span(), message);
            let token = match (hub.token_variable, hub.token_file) {
                (None, None) => TokenFrom::Usual,
                (Some(name), None) if is_variable(&name) => TokenFrom::Variable(name),
                (Some(_), None) => {
                    return Err(fault(
                        "`token-variable` is the name of a variable, such as `CORP_TOKEN`, not the token",
                    ));
                }
                (None, Some(path)) if is_path(&path) && !path.starts_with("hf_") => TokenFrom::File(path),
                (None, Some(_)) => return Err(fault("`token-file` is the path of a file with the token")),
                (Some(_), Some(_)) => return Err(fault("a hub has either `token-variable` or `token-file`")),
            };
            hubs.push(HubConfig { endpoint: endpoint.into_inner(), token, place });
        }
        for (dir, project) in wire.projects {
            let fault = |message: String| Err(document.fault(dir.span(), message));
            let paths = project.mirrors.iter().chain(&project.imports);
            if let Some(path) = paths.into_iter().find(|path| !is_path(path)) {
                return fault(format!("`{}` is not a path", visible(path)));
            }
            // A folder may have any character in its name: the line that is advised writes it down escaped.
            if dir.get_ref().is_empty() || dir.get_ref().contains('\0') {
                return fault("the name of a project must not be a path".to_owned());
            }
            let place = document.place(dir.span());
            let WireProject { target, mirrors, imports, trust_owner } = project;
            projects.push(ProjectConfig { dir: dir.into_inner(), target, mirrors, imports, trust_owner, place });
        }
        Ok(Self { hubs, projects })
    }
}

/// A line that was appended below a table belongs to that table, which nobody means.
fn advised(fault: Fault) -> Fault {
    let stray = ["unknown field `hubs`", "unknown field `projects`"].iter().any(|key| fault.message.starts_with(key));
    if stray {
        return fault.help("this line is below a `[table]` header and belongs to that table: move it to the top");
    }
    fault
}

/// Without what was written in the place of something else: it may be a token.
fn unsaid(fault: Fault) -> Fault {
    let got = fault.message.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'));
    let is_word = |text: &str| text.len() <= 24 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let message = match (got, fault.message.rsplit_once(", expected ")) {
        (Some((word, _)), _) if is_word(word) => fault.message.clone(),
        (Some((_, rest)), _) => format!("unknown field{rest}"),
        (None, Some((got, expected))) if got.starts_with("invalid ") => {
            let kind = got.split(['"', '`']).next().unwrap_or_default();
            format!("{}, expected {expected}", kind.trim_end())
        }
        (None, _) => fault.message.clone(),
    };
    let help = fault.help.clone().filter(|_| message.contains('`') || got.is_none());
    Fault { message, help, ..fault }
}

fn is_variable(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_uppercase() || b == b'_')
        && bytes.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn is_path(text: &str) -> bool {
    (1..=4096).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// The line that grants a setting of the project in the folder `dir`; `value` is TOML already.
#[must_use]
pub fn line(dir: &str, setting: &str, value: &str) -> String {
    format!("{} = {value}", key(dir, setting))
}

/// The key of a setting of the project in the folder `dir`.
#[must_use]
pub fn key(dir: &str, setting: &str) -> String {
    format!("projects.{}.{setting}", visible_toml_string(dir))
}

/// The line that makes `endpoint` a Hub that gets this person's token.
#[must_use]
pub fn hub_line(endpoint: &str) -> String {
    format!("hubs.{} = {{}}", visible_toml_string(endpoint))
}

/// What a person says about their own machine: which Hubs get their token, and what is granted to which project.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(title = "config.toml"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Wire {
    /// Hubs that get a token, by address: `hubs."https://hub.example" = {}`. The default Hub and `HF_ENDPOINT` get the
    /// usual one without being listed.
    #[serde(default)]
    #[cfg_attr(feature = "json-schema", schemars(with = "BTreeMap<String, WireHub>"))]
    hubs: BTreeMap<Spanned<String>, WireHub>,
    /// What is granted to which project, by its folder: `projects."/home/me/bot".target = "hf-cache"`.
    #[serde(default)]
    #[cfg_attr(feature = "json-schema", schemars(with = "BTreeMap<String, WireProject>"))]
    projects: BTreeMap<Spanned<String>, WireProject>,
}

/// A Hub that gets a token: the usual one, where neither key is given.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "Hub"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WireHub {
    /// The variable that holds its token.
    token_variable: Option<String>,
    /// The file that holds its token.
    token_file: Option<String>,
}

/// What is granted to a project.
#[derive(Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "json-schema", schemars(rename = "Project"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WireProject {
    /// Where its synced files go, whatever models.toml says: a folder, `hf-cache` or `flat:FOLDER`. A relative folder
    /// starts at the project's.
    target: Option<Target>,
    /// Directories outside of it that may be mirrors: its models.toml names them, or they are tried after those.
    #[serde(default)]
    mirrors: Vec<String>,
    /// Files outside of it that its models.audits.toml may import.
    #[serde(default)]
    imports: Vec<String>,
    /// `true`: its models.toml counts in the folders below it although another user owns it.
    #[serde(default)]
    trust_owner: bool,
}

/// The JSON Schema of `config.toml`.
#[cfg(feature = "json-schema")]
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Wire).to_value()
}

#[cfg(test)]
mod tests {
    use super::{TokenFrom, UserConfig, hub_line, line};
    use crate::manifest::Target;

    fn read(text: &str) -> Result<UserConfig, String> {
        UserConfig::read("config.toml", text)
            .map_err(|fault| format!("{fault}\n{}", fault.help.clone().unwrap_or_default()))
    }

    #[test]
    fn every_setting_is_a_line_of_its_own() {
        let lines = [
            hub_line("https://hub.example"),
            r#"hubs."https://a.example" = { token-variable = "A_TOKEN" }"#.to_owned(),
            r#"hubs."https://b.example".token-file = "~/.secrets/b""#.to_owned(),
            line("/home/me/bot", "target", "\"hf-cache\""),
            line("/home/me/bot", "mirrors", "[\"/mnt/models\"]"),
            line("/home/me/bot", "trust-owner", "true"),
            line("/a \"b\"\\c", "imports", "[\"/x\"]"),
        ];
        for turned in [lines.clone().join("\n"), lines.iter().rev().cloned().collect::<Vec<_>>().join("\n")] {
            let config = read(&turned).unwrap();
            let tokens: Vec<&TokenFrom> = config.hubs.iter().map(|hub| &hub.token).collect();
            let variable = TokenFrom::Variable("A_TOKEN".to_owned());
            assert_eq!(tokens, [&variable, &TokenFrom::File("~/.secrets/b".to_owned()), &TokenFrom::Usual]);
            let [odd, bot] = config.projects.as_slice() else { panic!("{config:?}") };
            assert_eq!((odd.dir.as_str(), odd.imports.as_slice()), ("/a \"b\"\\c", &["/x".to_owned()][..]));
            assert_eq!(bot.target, Some(Target::HfCache));
            assert_eq!((bot.mirrors.as_slice(), bot.trust_owner), (&["/mnt/models".to_owned()][..], true));
        }
    }

    #[test]
    fn invalid_configuration_is_refused() {
        for (text, says) in [
            ("hub = {}", "did you mean `hubs`?"),
            ("projects.\"/p\".targett = \"x\"", "did you mean `target`?"),
            ("hubs.\"https://h\".token = \"hf_x\"", "unknown field `token`"),
            ("hubs.\"https://h\" = { token-variable = \"A\", token-file = \"b\" }", "either"),
            ("hubs.\"https://h\".token-variable = \"hf_x y\"", "not the token"),
            ("projects.\"/p\".target = \"\"", "the target is a folder"),
            ("projects.\"/p\".target = \"flat:\"", "`flat:` needs a folder"),
            ("projects.\"/p\".mirrors = [\"\"]", "not a path"),
            ("projects.\"/p\".trust-owner = \"yes\"", "expected a boolean"),
            ("[projects.\"/p\"]\ntarget = \"x\"\nprojects.\"/q\".target = \"y\"\n", "move it to the top"),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains(says), "{text}: {refused}");
        }
    }

    #[test]
    fn what_may_be_a_token_is_not_said() {
        for text in [
            "hubs.\"https://h\".token = \"hf_s3cret\"",
            "hubs.\"https://h\" = \"hf_s3cret\"",
            "hubs.\"https://h\".token-variable = \"hf_s3cret\"",
            "hubs.\"https://h\".token-variable = \"s3cret\"",
            "hubs.\"https://h\".token-variable = \"Bearer hf_s3cret\"",
            "hubs.\"https://h\".token-variable = \"$hf_s3cret\"",
            "hubs.\"https://h\".token-variable = hf_s3cret",
            "hubs.\"https://h\".hf_s3cret = 1",
            "hubs = \"a, expected s3cret\"",
            "hf_s3cret = {}",
            "hf_s3cret",
            "\"s3cret\" = 1",
            "token = \"hf_s3cret\"",
            "hubs = 1 # hf_s3cret",
            "hubs.\"https://h\".token-file = \"hf_s3cret\"",
            "projects.\"/p\".mirrors = \"hf_s3cret\"",
            "projects.\"/p\".trust-owner = \"hf_s3cret\"",
        ] {
            let refused = read(text).unwrap_err();
            assert!(!refused.contains("cret") && refused.contains("config.toml:1"), "{text}: {refused}");
        }
    }
}
