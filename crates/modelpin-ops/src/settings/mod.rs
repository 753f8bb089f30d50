//! The settings of the user: flags, variables and their own configuration. Whatever sends a secret, or reads or
//! writes outside of a project, is decided by what is in here; the files of a project can only ask for it.
//!
//! - `file`: the configuration on disk
//! - [`expand()`]: `~` and `$VARIABLE` in what a user wrote
//! - `hub`: which Hub is asked, and which token it gets

mod expand;
mod file;
mod hub;

use expand::expand_home;
pub(crate) use expand::normal;
pub use expand::{Variable, expand};
pub use hub::Address;

use crate::refusal::Failure;
use modelpin_hub::Endpoint;
use modelpin_schema::config::{HubConfig, ProjectConfig, UserConfig};
use modelpin_schema::fault::Fault;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// What lies at the top of a checkout: of git, Mercurial, Jujutsu, Sapling, Subversion, Bazaar, Fossil, Pijul or Darcs.
const CHECKOUT: [&str; 10] = [".git", ".hg", ".jj", ".sl", ".svn", ".bzr", ".fslckout", "_FOSSIL_", ".pijul", "_darcs"];

/// What flags and variables say. Paths are expanded, and absolute.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Reads a variable that the configuration names.
    pub variable: Variable,
    /// The folder in which the command was given.
    pub dir: PathBuf,
    /// Where the user's configuration is or would be, if there is a place for it.
    pub config: Option<PathBuf>,
    /// Whether a variable names that place.
    pub config_named: bool,
    /// A target, as it is spelled in models.toml.
    pub target: Option<OsString>,
    /// Directories with copies of locked files.
    pub mirrors: Vec<PathBuf>,
    /// The Hugging Face cache that this user's other tools share, if there is a place for it.
    pub hf_cache: Option<PathBuf>,
    /// The Hub's address.
    pub endpoint: Option<String>,
    /// Whether no token may be sent.
    pub anonymous: bool,
    /// The file in which the Hub's own tools keep the token.
    pub token_file: Option<PathBuf>,
}

/// The settings of the user who runs modelpin.
#[derive(Debug, Clone)]
pub struct UserSettings {
    invocation: Invocation,
    hubs: Vec<(Endpoint, HubConfig)>,
    projects: Vec<ProjectConfig>,
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| normal(path))
}

impl UserSettings {
    /// The settings of an invocation, with those of the configuration that it names.
    ///
    /// # Errors
    /// A configuration that cannot be read, is not trusted or is invalid.
    pub fn new(invocation: Invocation) -> Result<Self, Failure> {
        let config = match &invocation.config {
            Some(path) => file::read(path, invocation.config_named)?,
            None => UserConfig::default(),
        };
        let shown = invocation.config.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
        let fault =
            |place, message: String| Fault { place: Some(place), ..Fault::whole(&shown, message) }.without_text();
        let mut hubs: Vec<(Endpoint, HubConfig)> = Vec::new();
        for hub in config.hubs {
            // The line is not shown: there may be a password in it.
            let unusable = |error: modelpin_hub::Error| {
                let file = format!("{shown}:{}", hub.place.line);
                Fault::whole(&file, error.to_string()).help("write it as `hubs.\"https://HOST\" = {}`")
            };
            let endpoint: Endpoint = hub.endpoint.parse().map_err(unusable)?;
            if hubs.iter().any(|(known, _)| known.same_origin(&endpoint)) {
                return Err(fault(hub.place, format!("the server of `{endpoint}` is there twice")).into());
            }
            hubs.push((endpoint, hub));
        }
        let settings = Self { invocation, hubs, projects: config.projects };
        if let Some(project) = settings.projects.iter().find(|project| !settings.folder(project).is_absolute()) {
            return Err(fault(project.place.clone(), "the name of a project is not an absolute path".to_owned())
                .help("a project is named by its folder, from `/` or `~` on")
                .into());
        }
        let mut known: Vec<(PathBuf, usize)> = Vec::new();
        for project in &settings.projects {
            let folder = real(&settings.folder(project));
            if let Some((_, line)) = known.iter().find(|(known, _)| *known == folder) {
                let message = format!("the folder of this project is there twice: line {line} names it as well");
                let help = "spell it alike in all of its lines";
                return Err(fault(project.place.clone(), message).help(help).into());
            }
            known.push((folder, project.place.line));
        }
        Ok(settings)
    }

    /// A path that the user wrote.
    pub(crate) fn path(&self, text: impl AsRef<OsStr>) -> PathBuf {
        expand(text.as_ref(), self.invocation.variable)
    }

    /// The folder that the configuration names for a project.
    fn folder(&self, project: &ProjectConfig) -> PathBuf {
        expand_home(&project.dir, self.invocation.variable)
    }

    /// What flags and variables say.
    pub(crate) fn invocation(&self) -> &Invocation {
        &self.invocation
    }

    /// What the configuration grants to the project in the folder `dir`.
    pub(crate) fn grants(&self, dir: &Path) -> Option<&ProjectConfig> {
        let wanted = real(dir);
        self.projects.iter().find(|project| real(&self.folder(project)) == wanted)
    }

    /// Refuses a configuration that came with the clone of the project in the folder `dir`, as where a CI's home
    /// folder is the checkout. Whoever names it with a variable has chosen it.
    pub(crate) fn check_own(&self, dir: &Path) -> Result<(), Failure> {
        let Some(file) = self.invocation.config.as_ref().filter(|_| !self.invocation.config_named) else {
            return Ok(());
        };
        let (Ok(file), Ok(dir)) = (file.canonicalize(), dir.canonicalize()) else { return Ok(()) };
        let is_top = |dir: &&Path| CHECKOUT.iter().any(|mark| dir.join(mark).symlink_metadata().is_ok());
        let top = dir.ancestors().find(is_top).unwrap_or(&dir);
        if file.starts_with(top) { Err(file::of_the_clone(&file)) } else { Ok(()) }
    }

    /// The advice to put `line` into the user's configuration in the place of the one that says `key` now.
    pub(crate) fn advice_instead(&self, key: &str, line: &str) -> String {
        let file = self.invocation.config.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
        format!("replace the line of `{key}` in {file} by: `{line}`")
    }

    /// The advice to put `line` into the user's configuration.
    pub(crate) fn advice(&self, line: &str) -> String {
        match &self.invocation.config {
            Some(path) => format!("put this line into {}: `{line}`", path.display()),
            None => format!("put this line into a file of your own and name that with `MODELPIN_CONFIG`: `{line}`"),
        }
    }
}
