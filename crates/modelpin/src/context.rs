//! The options and the environment, made into what the verbs need.

use crate::globals::Globals;
use crate::progress::Progress;
use crate::vars;
use modelpin_ops::Store;
use modelpin_ops::project::called_from;
use modelpin_ops::refusal::places;
use modelpin_ops::settings::{Address, Invocation};
use modelpin_ops::sources::Xet;
use modelpin_ops::{
    Config, ErrorClass, Failure, Hub, Online, Project, Refusal, UserSettings, Workspace, WritableWorkspace,
};
use modelpin_schema::lockfile::Day;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// What every command is given.
pub struct Context {
    /// The options that every command has.
    pub globals: Globals,
    /// Makes the whole command line, for completions of it.
    pub command_line: fn() -> clap::Command,
    /// Prints notes and progress.
    pub reporter: Arc<Progress>,
    /// The folder of the project, once it is known.
    pub home: OnceLock<PathBuf>,
}

impl Context {
    /// The folder in which the command was started, or that of `-C`.
    ///
    /// # Errors
    /// A folder that is not there.
    pub fn dir(&self) -> Result<PathBuf, Failure> {
        let dir = self.globals.directory.clone().unwrap_or_else(|| PathBuf::from("."));
        dir.canonicalize().map_err(Failure::io("open the folder", &dir))
    }

    /// The project that the command is about.
    ///
    /// # Errors
    /// None there, or one that cannot be read.
    pub fn project(&self) -> Result<Project, Failure> {
        self.open().map(|project| self.at_home(project))
    }

    /// The workspace of the project that the command is about.
    ///
    /// # Errors
    /// No project there, or one that cannot be read; a clock that shows no day of the calendar.
    pub fn workspace(&self) -> Result<Workspace, Failure> {
        self.workspace_of(self.project()?)
    }

    /// The workspace of `project`. What only reads the project needs no folder for the store.
    ///
    /// # Errors
    /// A clock that shows no day of the calendar; a link in the place of the project's record.
    pub fn workspace_of(&self, project: Project) -> Result<Workspace, Failure> {
        let today = Self::today()?;
        let jobs = self.globals.jobs.get();
        Workspace::new(project, self.store().ok(), today, jobs, self.reporter.clone())
    }

    /// The workspace of the project that the command is about, for a command that changes it: no other modelpin does
    /// meanwhile.
    ///
    /// # Errors
    /// No project there, or one that cannot be read; no folder for the store, which has the lock.
    pub fn writable_workspace(&self) -> Result<WritableWorkspace, Failure> {
        self.store()?;
        WritableWorkspace::lock(self.workspace()?, || self.project())
    }

    /// The path of a file of the project from the folder of the command.
    #[must_use]
    pub fn called(&self, file: &str) -> String {
        match (self.home.get(), self.dir()) {
            (Some(home), Ok(dir)) => called_from(&dir, &home.join(file)),
            _ => file.to_owned(),
        }
    }

    /// Makes the paths in `refusals` start from the folder of the command.
    pub fn locate(&self, refusals: &mut [Refusal]) {
        for at in refusals.iter_mut().filter_map(|refusal| refusal.at.as_mut()) {
            at.file = self.called(&at.file);
        }
    }

    /// What the user says, by flags, variables and their own configuration.
    ///
    /// # Errors
    /// A configuration that is invalid, cannot be read, or may not be trusted.
    pub fn settings(&self) -> Result<Arc<UserSettings>, Failure> {
        let dir = self.dir()?;
        let absolute = |path: PathBuf| std::path::absolute(&path).map_err(Failure::io("find", &path));
        let (config, config_named) = vars::config().map_or((None, false), |(path, named)| (Some(path), named));
        let flags = self.globals.mirror.iter().map(|path| vars::expanded(path.as_os_str()));
        let mirrors = flags.chain(vars::mirror().filter(|_| self.globals.mirror.is_empty()));
        let settings = UserSettings::new(Invocation {
            variable: |name| std::env::var_os(name),
            mirrors: mirrors.map(|path| dir.join(path)).collect(),
            dir,
            config: config.map(absolute).transpose()?,
            config_named,
            target: self.globals.target.clone().or_else(|| vars::get("MODELPIN_TARGET")),
            hf_cache: vars::hf_cache().map(absolute).transpose()?,
            endpoint: vars::text("HF_ENDPOINT"),
            anonymous: vars::is_on("HF_HUB_DISABLE_IMPLICIT_TOKEN"),
            token_file: vars::token_file(),
        })?;
        Ok(Arc::new(settings))
    }

    fn open(&self) -> Result<Project, Failure> {
        let Some(manifest) = &self.globals.manifest_path else {
            return Project::find(&self.dir()?, self.settings()?);
        };
        let path = self.dir()?.join(manifest);
        match path.parent() {
            Some(dir) if path.file_name().is_some_and(|name| name == modelpin_ops::project::MANIFEST) => {
                Project::open(dir, self.settings()?)
            }
            _ => {
                let got = manifest.display().to_string();
                let help = "point `--manifest-path` at the project's models.toml";
                let why = "models.lock has to be beside it";
                Err(Refusal::new(ErrorClass::Usage, "invalid value for `--manifest-path`")
                    .expected("a file named models.toml")
                    .got(got)
                    .why(why)
                    .help(help)
                    .into())
            }
        }
    }

    /// The project, if the command was given in one. One that cannot be read is refused: its files must not be
    /// taken for nobody's.
    ///
    /// # Errors
    /// A project that cannot be read.
    pub fn project_if_any(&self) -> Result<Option<Project>, Failure> {
        if self.globals.manifest_path.is_some() {
            return self.project().map(Some);
        }
        Ok(Project::find_any(&self.dir()?, self.settings()?)?.map(|project| self.at_home(project)))
    }

    /// Remembers where `project` is, for the paths in messages.
    fn at_home(&self, project: Project) -> Project {
        let _ = self.home.set(project.dir.canonicalize().unwrap_or_else(|_| project.dir.clone()));
        project
    }

    /// The day, in UTC, by this machine's clock.
    ///
    /// # Errors
    /// A clock that shows no day of the calendar.
    pub fn today() -> Result<Day, Failure> {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok();
        let seconds = since.and_then(|since| i64::try_from(since.as_secs()).ok());
        seconds.and_then(Day::at_unix).ok_or_else(|| Failure::internal("the clock shows a time before 1970"))
    }

    /// Whether the network must not be used.
    #[must_use]
    pub fn offline(&self) -> bool {
        self.globals.offline || vars::is_on("HF_HUB_OFFLINE") || vars::is_on("TRANSFORMERS_OFFLINE")
    }

    /// The store.
    ///
    /// # Errors
    /// No folder that it could be in.
    pub fn store(&self) -> Result<Store, Failure> {
        let root = vars::store().ok_or_else(places::no_store)?;
        let root = std::path::absolute(&root).map_err(Failure::io("find", &root))?;
        let store = Store::new(root);
        store.check_folders()?;
        Ok(store)
    }

    /// Where content comes from for `workspace`; without a Hub where the user asked for that.
    ///
    /// # Errors
    /// An invalid endpoint or certificate file; no folder for the store; mirrors elsewhere that only models.toml names.
    pub fn online(&self, workspace: &Workspace) -> Result<Online, Failure> {
        let hub = if self.offline() { None } else { Some(self.hub(&workspace.project)?) };
        let xet = self.xet(&self.store()?)?;
        Online::new(workspace, hub, xet)
    }

    /// The way through the Hub's Xet storage, where this program has one and nobody is against it. The storage's client
    /// knows no limit of the rate.
    #[cfg(feature = "xet")]
    fn xet(&self, store: &Store) -> Result<Option<Xet>, Failure> {
        let capacity = chunks_kept()?;
        let wanted = !vars::is_on("HF_HUB_DISABLE_XET") && self.globals.limit_rate.is_none();
        let config = || modelpin_xet::Config {
            cache: store.chunks(),
            capacity,
            connections: self.globals.jobs.get(),
            connect_timeout: seconds("HF_HUB_ETAG_TIMEOUT"),
            read_timeout: seconds("HF_HUB_DOWNLOAD_TIMEOUT"),
            backoff: retry_wait(),
        };
        Ok(wanted.then(|| Xet::new(crate::xet::Client::new(config()))))
    }

    #[cfg(not(feature = "xet"))]
    fn xet(&self, _: &Store) -> Result<Option<Xet>, Failure> {
        Ok(None)
    }

    /// The Hub of the user, for a command outside of any project; none where the network must not be used.
    ///
    /// # Errors
    /// An invalid endpoint or certificate file.
    pub fn hub_without_project(&self) -> Result<Option<Hub>, Failure> {
        if self.offline() { Ok(None) } else { self.hub_at(self.settings()?.hub(None)?).map(Some) }
    }

    fn hub(&self, project: &Project) -> Result<Hub, Failure> {
        self.hub_at(project.hub()?)
    }

    fn hub_at(&self, address: Address) -> Result<Hub, Failure> {
        let Address { endpoint, token, note } = address;
        let reporter = self.reporter.clone();
        let default = Config::new(endpoint);
        let config = Config {
            token,
            first: note,
            ca_file: vars::certificates(),
            etag_timeout: seconds("HF_HUB_ETAG_TIMEOUT"),
            download_timeout: seconds("HF_HUB_DOWNLOAD_TIMEOUT"),
            backoff: retry_wait(),
            connections: self.globals.jobs,
            rate: self.globals.limit_rate,
            user_agent: concat!("modelpin/", env!("CARGO_PKG_VERSION")).to_owned(),
            notice: Some(Arc::new(move |notice: &str| reporter.note(notice))),
            piece: piece()?.unwrap_or(default.piece),
            ..default
        };
        Hub::new(config).map_err(|error| modelpin_ops::refusal::upstream::bad_endpoint(&error).into())
    }
}

fn seconds(variable: &str) -> Duration {
    let given = vars::text(variable).and_then(|text| text.trim().parse().ok());
    Duration::from_secs(given.filter(|seconds| *seconds > 0).unwrap_or(10))
}

fn piece() -> Result<Option<NonZeroUsize>, Failure> {
    let Some(text) = vars::text("MODELPIN_PIECE_SIZE") else { return Ok(None) };
    let size = crate::size::parse(&text).ok().filter(|size| (64 << 10..=64 << 20).contains(&size.get()));
    let size = size.and_then(|size| size.try_into().ok());
    size.map(Some).ok_or_else(|| invalid_size("MODELPIN_PIECE_SIZE", "bytes from `64K` to `64M`", text))
}

/// A variable with an invalid size.
fn invalid_size(variable: &str, expected: &str, got: String) -> Failure {
    let why = "the setting would be ignored";
    let help = format!("correct `{variable}`, or unset it");
    Refusal::new(ErrorClass::Usage, format!("invalid size in `{variable}`"))
        .expected(expected)
        .got(got)
        .why(why)
        .help(&help)
        .into()
}

#[cfg(feature = "xet")]
fn chunks_kept() -> Result<u64, Failure> {
    let variable = "MODELPIN_XET_CACHE_SIZE";
    match vars::text(variable) {
        None => Ok(4 << 30),
        Some(text) if text.trim() == "0" => Ok(0),
        Some(text) => {
            let size = crate::size::parse(&text).map(u64::from);
            size.map_err(|_| invalid_size(variable, "bytes, such as `500M` or `4G`; `0` for none", text))
        }
    }
}

fn retry_wait() -> Duration {
    let given = vars::text("MODELPIN_RETRY_WAIT").and_then(|text| text.trim().parse().ok());
    given.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or(Duration::from_secs(1))
}
