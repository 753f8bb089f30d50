//! Where a project's files are: the target, the mirrors, the files that it imports. Its own files may only name places
//! inside of it; whatever is elsewhere counts once a user named the same place.

use crate::file_names::AUDITS;
use crate::file_names::MANIFEST;
use crate::project::Project;
use crate::refusal::places::{self, Granting};
use crate::refusal::{ErrorClass, Failure, Refusal};
use crate::settings::normal;
use crate::sources::Mirror;
use modelpin_policy::ProjectPolicy;
use modelpin_schema::config::{ProjectConfig, key, line};
use modelpin_schema::manifest::{
    ConfiguredPath, DEFAULT_TARGET, MirrorUrl, OutsidePath, ProjectPath, SyncTarget, Target,
};
use modelpin_schema::shell_word;
use modelpin_schema::text::visible_toml_string;
use modelpin_store::Record;
use modelpin_store::files::resolve_existing;
use modelpin_store::install::{Layout, Location, Locations};
use std::path::{Path, PathBuf};

impl Project {
    /// Where synced files go: what a flag or variable says, else what the user's configuration says, else what
    /// models.toml says, which cannot be elsewhere.
    ///
    /// # Errors
    /// A target elsewhere that no user named; a symbolic link on the way to a folder of the project; a target that
    /// is invalid.
    pub fn target(&self) -> Result<Location, Failure> {
        if let Some(text) = &self.settings.invocation().target {
            let text = text.to_str().ok_or_else(|| bad_target("it is not UTF-8".to_owned()))?;
            let target: Target = text.parse().map_err(bad_target)?;
            return self.location(&target, &self.settings.invocation().dir);
        }
        let granted = self.grants().and_then(|grants| grants.target.as_ref());
        match (granted, &self.manifest.target) {
            (Some(granted), _) => self.location(granted, &self.dir),
            (None, None) => self.inside(DEFAULT_TARGET).map(|root| Location { layout: Layout::HubCache, root }),
            (None, Some(ConfiguredPath::Inside(SyncTarget::Own(folder)))) => {
                self.inside(folder.as_str()).map(|root| Location { layout: Layout::HubCache, root })
            }
            (None, Some(ConfiguredPath::Inside(SyncTarget::Flat(folder)))) => {
                self.inside(folder.as_str()).map(|root| Location { layout: Layout::Flat, root })
            }
            (None, Some(ConfiguredPath::Outside(elsewhere))) => Err(self.target_elsewhere(elsewhere).into()),
        }
    }

    /// Where files are installed: the target, and the quarantine apart from it.
    ///
    /// # Errors
    /// As for [`Project::target`]; a symbolic link in the quarantine's place; a target that contains the quarantine
    /// or is in it.
    pub fn install_locations<'a>(&'a self, record: Option<&'a Record>) -> Result<Locations<'a>, Failure> {
        let target = self.target()?;
        let quarantine = self.quarantine_root()?;
        let here = resolve_existing(&quarantine);
        let there = resolve_existing(&target.root);
        if here.starts_with(&there) || there.starts_with(&here) {
            let what = format!("the target `{}` overlaps with the quarantine", target.root.display());
            return Err(Refusal::new(ErrorClass::Usage, what)
                .expected("a target that neither is nor contains `.modelpin/quarantine`")
                .why("loaders would find files that can run code")
                .help("choose another folder with `[sync] target` in models.toml, or with `--target`")
                .into());
        }
        Ok(Locations { project: &self.dir, target, quarantine, record })
    }

    /// What the policy is evaluated by. Where the target is refused, the layout is that of models.toml.
    #[must_use]
    pub(crate) fn project_policy(&self) -> ProjectPolicy<'_> {
        let is_flat = self.target().map(|target| target.layout == Layout::Flat);
        ProjectPolicy {
            manifest: &self.manifest,
            is_flat: is_flat.unwrap_or_else(|_| self.manifest.uses_plain_folders()),
        }
    }

    /// The mirrors, in order: those of models.toml, then those that only the user named.
    ///
    /// # Errors
    /// Mirrors elsewhere that no user named; a symbolic link on the way to one in the project.
    pub fn mirrors(&self) -> Result<Vec<Mirror>, Failure> {
        let mut granted = self.granted(|grants| &grants.mirrors);
        granted
            .extend(self.settings.invocation().mirrors.iter().map(|path| (path.display().to_string(), normal(path))));
        let outside = self.manifest.mirrors.iter().filter_map(MirrorUrl::outside);
        let is_granted = |outside: &&OutsidePath| {
            let place = self.resolved(&outside.text);
            granted.iter().any(|(_, path)| *path == place)
        };
        let refused: Vec<&OutsidePath> = outside.filter(|outside| !is_granted(outside)).collect();
        if !refused.is_empty() {
            return Err(self.mirrors_elsewhere(&refused).into());
        }
        let directory = |path: &ConfiguredPath<ProjectPath>| match path {
            ConfiguredPath::Inside(path) => self.inside(path.as_str()),
            ConfiguredPath::Outside(path) => Ok(self.resolved(&path.text)),
        };
        let named = self.manifest.mirrors.iter().map(|url| Mirror::new(url, directory));
        let mut mirrors = named.collect::<Result<Vec<Mirror>, Failure>>()?;
        for (url, path) in granted {
            if !mirrors.iter().any(|known| known.path() == Some(&path)) {
                mirrors.push(Mirror::directory(url, path));
            }
        }
        Ok(mirrors)
    }

    /// What makes the directory `dir` a mirror, where it is none of `known` yet.
    #[must_use]
    pub fn mirror_advice(&self, dir: &Path, known: &[Mirror]) -> Option<String> {
        let dir = resolve_existing(dir);
        let home = resolve_existing(&self.dir);
        if known.iter().filter_map(Mirror::path).any(|path| resolve_existing(path) == dir) {
            return None;
        }
        let inside = dir.strip_prefix(&home).ok().and_then(Path::to_str).and_then(|path| path.parse().ok());
        if let Some(inside) = inside {
            let inside: ProjectPath = inside;
            return Some(format!("add to models.toml:\n\n[[mirror]]\nurl = {}", visible_toml_string(inside.as_str())));
        }
        let dir = dir.to_str()?;
        let once = format!("`--mirror {}` does it once", shell_word(dir));
        Some(format!("{once}; for always, {}", self.advice_for("mirrors", |grants| &grants.mirrors, &[dir])))
    }

    /// The file of an import.
    ///
    /// # Errors
    /// A file elsewhere that no user named.
    pub(crate) fn import(&self, configured: &ConfiguredPath<ProjectPath>) -> Result<PathBuf, Failure> {
        self.check_imports([configured])?;
        Ok(match configured {
            ConfiguredPath::Inside(path) => self.path(path.as_str()),
            ConfiguredPath::Outside(elsewhere) => self.resolved(&elsewhere.text),
        })
    }

    /// Refuses the files elsewhere among `all_configured` that no user named, all of them at once.
    ///
    /// # Errors
    /// Any of them.
    pub(crate) fn check_imports<'a>(
        &self,
        all_configured: impl IntoIterator<Item = &'a ConfiguredPath<ProjectPath>>,
    ) -> Result<(), Failure> {
        let granted = self.granted(|grants| &grants.imports);
        let refused = all_configured.into_iter().filter_map(|configured| match configured {
            ConfiguredPath::Inside(_) => None,
            ConfiguredPath::Outside(elsewhere) => Some(elsewhere),
        });
        let is_granted = |place: &PathBuf| granted.iter().any(|(_, path)| path == place);
        let refused: Vec<_> = refused.filter(|elsewhere| !is_granted(&self.resolved(&elsewhere.text))).collect();
        if refused.is_empty() {
            return Ok(());
        }
        let advice = self.advice_for("imports", |grants| &grants.imports, &texts(&refused));
        let what = if refused.len() == 1 { "an import" } else { "imports" };
        let help = vec![format!("to allow it, {advice}"), "or copy what is imported into the project".to_owned()];
        Err(places::elsewhere(AUDITS, &refused, &Granting { what, help }).into())
    }

    /// What the user's configuration grants to this project.
    fn grants(&self) -> Option<&ProjectConfig> {
        self.settings.grants(&self.dir)
    }

    /// Paths that the configuration grants, as they are spelled there and as they are.
    fn granted(&self, which: impl Fn(&ProjectConfig) -> &Vec<String>) -> Vec<(String, PathBuf)> {
        let paths = self.grants().map(which).into_iter().flatten();
        paths.map(|text| (text.clone(), normal(&self.dir.join(self.settings.path(text))))).collect()
    }

    /// Where a file of the project would lead, if it were the user's. It is compared with what the user named, and
    /// neither used nor shown before: a variable in it may hold a secret.
    fn resolved(&self, text: &str) -> PathBuf {
        normal(&self.dir.join(self.settings.path(text)))
    }

    /// A target that the user named; a relative one starts at `base`.
    fn location(&self, target: &Target, base: &Path) -> Result<Location, Failure> {
        let (layout, folder) = match target {
            Target::Own(folder) => (Layout::HubCache, folder),
            Target::Flat(folder) => (Layout::Flat, folder),
            Target::HfCache => return self.hf_cache(),
        };
        let root = normal(&base.join(self.settings.path(folder)));
        // Whoever names a folder of the project, by whatever way, means that folder, and not where a link of the clone
        // leads.
        let home = root.ancestors().find(|above| above.canonicalize().is_ok_and(|real| real == self.dir));
        let inside = home.and_then(|home| root.strip_prefix(home).ok()).filter(|inside| !inside.as_os_str().is_empty());
        let root = inside.map(|inside| self.inside(inside)).transpose()?.unwrap_or(root);
        Ok(Location { layout, root })
    }

    fn hf_cache(&self) -> Result<Location, Failure> {
        let root = self.settings.invocation().hf_cache.clone().ok_or_else(places::no_hf_cache)?;
        Ok(Location { layout: Layout::SharedHubCache, root })
    }

    fn target_elsewhere(&self, elsewhere: &OutsidePath) -> Refusal {
        let spelled = match elsewhere.text.parse() {
            Ok(Target::Own(folder)) => Target::Own(self.absolute(&folder)),
            Ok(Target::Flat(folder)) => Target::Flat(self.absolute(&folder)),
            Ok(Target::HfCache) | Err(_) => Target::HfCache,
        };
        let spelled = spelled.to_string();
        let once = format!("`modelpin --target {} sync`", shell_word(&spelled));
        let help = vec![
            format!("run {once} to allow it once, or set `MODELPIN_TARGET`"),
            format!("to allow it permanently, {}", self.advice("target", &visible_toml_string(&spelled), false)),
        ];
        places::elsewhere(MANIFEST, &[elsewhere], &Granting { what: "the target", help })
    }

    fn mirrors_elsewhere(&self, refused: &[&OutsidePath]) -> Refusal {
        let texts = texts(refused);
        let flags = texts.iter().map(|text| format!("--mirror {} ", shell_word(&self.absolute(text))));
        let once = format!("`modelpin {}sync`", flags.collect::<String>());
        let (what, variable) = match texts.len() {
            1 => ("a mirror", ", or set `MODELPIN_MIRROR`"),
            _ => ("mirrors", ""),
        };
        let advice = self.advice_for("mirrors", |grants| &grants.mirrors, &texts);
        let help = vec![format!("run {once} to allow it once{variable}"), format!("to allow it permanently, {advice}")];
        places::elsewhere(MANIFEST, refused, &Granting { what, help })
    }

    /// The advice to grant `added` besides what a list of the configuration has, so that one line grants all.
    fn advice_for(&self, key: &str, which: impl Fn(&ProjectConfig) -> &Vec<String>, added: &[&str]) -> String {
        let mut paths: Vec<String> = self.grants().map(which).into_iter().flatten().cloned().collect();
        let is_there = !paths.is_empty();
        for path in added.iter().map(|added| self.absolute(added)) {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        let paths: Vec<String> = paths.iter().map(|path| visible_toml_string(path)).collect();
        self.advice(key, &format!("[{}]", paths.join(", ")), is_there)
    }

    /// The advice to grant a setting, such as `target` with the value `"hf-cache"`, whether or not the key `is_there`.
    fn advice(&self, setting: &str, value: &str, is_there: bool) -> String {
        // As it is spelled there already: a project is named once.
        let named = self.grants().map(|grants| grants.dir.as_str());
        match named.or_else(|| self.dir.to_str()) {
            Some(dir) if is_there => self.settings.advice_instead(&key(dir, setting), &line(dir, setting, value)),
            Some(dir) => self.settings.advice(&line(dir, setting, value)),
            None => "move the project to a folder whose path is UTF-8".to_owned(),
        }
    }

    /// A place as a user would write it, so that they see where it is. What only they may have expanded stays as it is.
    fn absolute(&self, text: &str) -> String {
        if text.starts_with('~') || text.contains(['$', '%', '\\']) {
            return text.to_owned();
        }
        normal(&self.dir.join(text)).display().to_string()
    }
}

fn texts<'a>(all: &[&'a OutsidePath]) -> Vec<&'a str> {
    all.iter().map(|elsewhere| elsewhere.text.as_str()).collect()
}

fn bad_target(why: String) -> Failure {
    Refusal::new(ErrorClass::Usage, "invalid target")
        .expected("a folder, `hf-cache` or `flat:FOLDER`")
        .got(why)
        .help("correct `--target` or `MODELPIN_TARGET`")
        .into()
}
