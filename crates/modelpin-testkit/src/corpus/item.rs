//! An item of the corpus: files, and what a scan has to find in them.

/// What a scan has to say about an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Honest and on the allowlist: `safe`.
    Safe,
    /// Honest and foreign: `review`, never `dangerous`.
    Review,
    /// An attack that calls nothing, or a broken file: at least `review`.
    Suspect,
    /// An attack that calls something outside the allowlist: `dangerous`.
    Dangerous,
}

/// One item: a folder with one file or more.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its name, unique, in kebab case, beginning with its family: `pickle-os-system`.
    pub name: String,
    /// What it shows.
    pub expect: Expect,
    /// Paths and bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// The rules that have to fire on it.
    pub fires: Vec<&'static str>,
    /// The rules that it comes close to, and that must be quiet on it.
    pub quiet: Vec<&'static str>,
}

impl Item {
    /// An item of one file.
    pub fn new(name: impl Into<String>, expect: Expect, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            expect,
            files: vec![(path.to_owned(), bytes.into())],
            fires: Vec::new(),
            quiet: Vec::new(),
        }
    }

    /// With another file beside it.
    #[must_use]
    pub fn and(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.push((path.to_owned(), bytes.into()));
        self
    }

    /// These rules have to fire.
    #[must_use]
    pub fn fires(mut self, rules: &[&'static str]) -> Self {
        self.fires.extend(rules);
        self
    }

    /// These rules must be quiet.
    #[must_use]
    pub fn quiet(mut self, rules: &[&'static str]) -> Self {
        self.quiet.extend(rules);
        self
    }
}
