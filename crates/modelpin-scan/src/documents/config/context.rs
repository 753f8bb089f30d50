//! Where a walk through a document is, and what it has learned.

use super::paths;
use super::tools::Rows;
use crate::documents::json::Json;
use crate::documents::object::Values;
use crate::engine::{FileReference, Location, Scan, ScanError};
use modelpin_schema::lockfile::{Reference, Role};
use modelpin_schema::{RepoId, visible};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How many texts of one key are looked at, for one that refers to it.
const MOST: usize = 256;

/// Texts by the last key that leads to each.
#[derive(Clone, Default)]
pub(super) struct Texts<'w>(Rc<BTreeMap<&'w str, Vec<&'w str>>>);

impl Values for Texts<'_> {
    fn each(&self, key: &str, to: &mut dyn FnMut(&str)) {
        self.0.get(key).into_iter().flatten().take(MOST).for_each(|text| to(text));
    }
}

/// Collects the texts below `json`, whose depth is bounded where it is read.
fn collect<'w>(
    json: &'w Json,
    texts: &mut BTreeMap<&'w str, Vec<&'w str>>,
    scan: &mut Scan<'_>,
) -> Result<(), ScanError> {
    scan.budget.step()?;
    for (key, value) in json.entries() {
        match value {
            Json::Text(text) => texts.entry(key).or_default().push(text),
            value => collect(value, texts, scan)?,
        }
    }
    json.items().iter().try_for_each(|item| collect(item, texts, scan))
}

/// A walk through one document.
pub(super) struct Walk<'w, 'l> {
    pub(super) scan: &'w mut Scan<'l>,
    /// The path of the document.
    path: &'w str,
    /// The last part of it, in lower case.
    pub(super) base: &'w str,
    /// The rows of tools that read files of this name.
    pub(super) tools: &'w Rows,
    /// The document, where it is JSON.
    pub(super) top: Option<&'w Json>,
    /// Its texts by their keys, for what refers to them; made when they are asked for.
    texts: Option<Texts<'w>>,
    /// The path of keys to the current value.
    pub(super) keys: Vec<Cow<'w, str>>,
    /// Whether an object of it is a Keras configuration.
    pub(super) is_keras: bool,
}

/// References that are kept of one file: far more than are followed.
const REFERENCES: usize = 1000;

/// Classes that are kept of one file, of which several can come from one repo.
const CLASSES: usize = 10_000;

impl<'w, 'l> Walk<'w, 'l> {
    pub(super) fn new(path: &'w str, base: &'w str, tools: &'w Rows, scan: &'w mut Scan<'l>) -> Self {
        Self { scan, path, base, tools, top: None, texts: None, keys: Vec::new(), is_keras: false }
    }

    /// The texts that `name` may refer to.
    pub(super) fn texts(&mut self, name: &str) -> Result<Texts<'w>, ScanError> {
        if let (true, None, Some(top)) = (name.contains("${"), &self.texts, self.top) {
            let mut texts = BTreeMap::new();
            collect(top, &mut texts, self.scan)?;
            self.texts = Some(Texts(Rc::new(texts)));
        }
        Ok(self.texts.clone().unwrap_or_default())
    }

    /// The path of the document.
    pub(super) fn path(&self) -> &'w str {
        self.path
    }

    /// The current location.
    pub(super) fn at(&self) -> Location {
        if self.keys.is_empty() { Location::Whole } else { Location::Key(self.key()) }
    }

    /// The path to the current value, escaped for a terminal.
    pub(super) fn key(&self) -> String {
        visible(&self.keys.iter().map(|key| visible(key)).collect::<Vec<_>>().join("."))
    }

    /// Does `work` one step below `key`.
    pub(super) fn below<T>(&mut self, key: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.keys.push(Cow::Owned(key.chars().take(120).collect()));
        let done = work(self);
        self.keys.pop();
        done
    }

    /// Says that a loader takes `class` from code, for the key where we are.
    pub(super) fn loads(&mut self, class: &str) {
        if self.scan.depth() == 0 {
            let key = self.keys.last().map_or("class", |key| key.as_ref());
            let entry = format!("{key}={class}");
            let known = &mut self.scan.facts.auto_map;
            if known.len() < CLASSES || known.contains(&entry) {
                known.insert(entry);
            } else {
                self.scan.record_error(ScanError::LimitReached("classes loaded from code"));
            }
        }
    }

    /// Says that a loader takes something from the repository `repo`, at `revision` where the document says one. What
    /// cannot be a repository is none: it is a path, or has findings of its own. Nor is a revision that git cannot
    /// have: nothing is loaded from there.
    pub(super) fn refers(&mut self, role: Role, repo: &str, revision: Option<&str>) {
        let revision = revision.filter(|revision| !revision.is_empty()).map(str::parse).transpose();
        let (Ok(repo), Ok(revision)) = (repo.parse::<RepoId>(), revision) else { return };
        if self.scan.depth() > 0 {
            return;
        }
        let known = &mut self.scan.facts.references;
        let reference = Reference { role, repo, revision };
        if known.len() < REFERENCES || known.contains(&reference) {
            known.insert(reference);
        } else {
            self.scan.record_error(ScanError::LimitReached("references to other repositories"));
        }
    }

    /// Says that a loader imports `file`, from the folder of the document.
    pub(super) fn reference_code(&mut self, file: &str) {
        // What an archive holds is not beside the files of the folder.
        if self.scan.depth() == 0 {
            self.scan.reference_file(FileReference::Code(format!("{}{file}", paths::folder(self.path))));
        }
    }

    /// Says that a loader reads `file`, from the folder of the document.
    pub(super) fn reference_data(&mut self, file: &str) {
        if self.scan.depth() == 0 {
            self.scan.reference_file(FileReference::Data(file.to_owned()));
        }
    }
}
