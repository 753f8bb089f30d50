//! What a row of the table says, and the macro that declares rows.

use modelpin_schema::manifest::policy::Level;

/// Who applies a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// The scanner: the content of a file matches the rule.
    Scan,
    /// The policy: models.lock does not meet a requirement of the project.
    Policy,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; changes no verdict.
    Note,
    /// A person has to look.
    Review,
    /// Runs code, or is built to deceive.
    Dangerous,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Review => "review",
            Self::Dangerous => "dangerous",
        }
    }
}

/// What a finding means for whether a file of data may be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// The file runs something, or is built to: it needs a decision about its exact bytes.
    RunsCode,
    /// The file was not followed to its end, so what else it holds is unknown: it needs a decision about its exact
    /// bytes.
    NotScanned,
    /// Worth knowing. The project decides what is done about it.
    Advice,
}

impl Property {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::RunsCode => "runs-code",
            Self::NotScanned => "not-scanned",
            Self::Advice => "advice",
        }
    }

    /// Whether a file of data with such a finding needs a decision about its exact bytes.
    #[must_use]
    pub const fn needs_decision(self) -> bool {
        matches!(self, Self::RunsCode | Self::NotScanned)
    }
}

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name in kebab case, never reused for something else. The static that holds the row has the same name in
    /// upper case, and `docs/reference/rules/` has a page of that name.
    pub id: &'static str,
    /// The file of this crate that it is in.
    pub family: &'static str,
    /// Who applies it.
    pub category: Category,
    /// How bad a finding is. A rule of the policy has that of its level.
    pub severity: Severity,
    /// What a finding means for a file of data. Always `Advice` for a rule of the policy.
    pub property: Property,
    /// What is done about it where models.toml does not say.
    pub level: Level,
    /// Whether models.toml cannot set a milder level: only a decision about exact bytes lets a file in.
    pub fixed: bool,
    /// Whether an audit or an exemption can settle a denial. Then the pin may be written to models.lock before somebody
    /// decides; otherwise nothing is written.
    pub decidable: bool,
    /// Whether an audit of the code settles it, where the file is code.
    pub about_code: bool,
    /// Whether it is about what the file does to its folder: in a `flat:` target, where people work in that folder, no
    /// level is milder than deny.
    pub about_folder: bool,
    /// The key below `[policy]` that turns it on, where it has one of its own.
    pub manifest_key: Option<&'static str>,
    /// One clause: what the file does, or what is not met.
    pub says: &'static str,
    /// One clause: why that matters.
    pub why: &'static str,
    /// Its page, in Markdown, without the heading.
    pub page: &'static str,
    /// Where to read on: advisories, papers, specifications. Empty where there is nothing.
    pub see: &'static str,
}

impl Rule {
    /// What a row about a file's content has, unless it says otherwise.
    pub(crate) const fn content(severity: Severity, property: Property) -> Self {
        let level = match severity {
            _ if property.needs_decision() => Level::Deny,
            Severity::Dangerous => Level::Deny,
            Severity::Review => Level::Warn,
            Severity::Note => Level::Allow,
        };
        Self {
            category: Category::Scan,
            severity,
            property,
            level,
            fixed: property.needs_decision(),
            decidable: true,
            ..Self::EMPTY
        }
    }

    /// What a row about source code has, unless it says otherwise.
    pub(crate) const fn code(severity: Severity, property: Property) -> Self {
        Self { about_code: true, ..Self::content(severity, property) }
    }

    /// What a row of the policy has, unless it says otherwise.
    pub(crate) const fn policy(level: Level) -> Self {
        let severity = match level {
            Level::Deny => Severity::Dangerous,
            Level::Warn => Severity::Review,
            Level::Allow => Severity::Note,
        };
        Self { category: Category::Policy, severity, level, ..Self::EMPTY }
    }

    const EMPTY: Self = Self {
        id: "",
        family: "",
        category: Category::Policy,
        severity: Severity::Note,
        property: Property::Advice,
        level: Level::Allow,
        fixed: false,
        decidable: false,
        about_code: false,
        about_folder: false,
        manifest_key: None,
        says: "",
        why: "",
        page: "",
        see: "",
    };

    /// The key below `[policy]` that sets it: its own, or `rules.ID`.
    #[must_use]
    pub fn key(&self) -> String {
        self.manifest_key.map_or_else(|| format!("rules.{}", self.id), ToOwned::to_owned)
    }
}

/// Declares a family of rules: the doc comment of each row is its page. `$family` is the file's name, `$base` the
/// constructor that gives the columns a row does not set.
macro_rules! family {
    ($family:literal, $base:ident; $(
        $(#[doc = $page:literal])*
        $name:ident = $id:literal $($value:ident)+, $says:literal, because $why:literal, see $see:literal
        $(, with { $($column:ident: $set:expr),+ $(,)? })?;
    )*) => {
        $($(#[doc = $page])*
        pub static $name: $crate::Rule = $crate::Rule {
            id: $id,
            family: $family,
            says: $says,
            why: $why,
            page: concat!($($page, "\n"),*),
            see: $see,
            $($($column: $set,)+)?
            ..$crate::rule::family!(@base $base $($value)+)
        };)*

        /// Every rule of the family.
        pub static ALL: &[&$crate::Rule] = &[$(&$name),*];

        /// The names of the statics, in the same order.
        #[cfg(test)]
        pub(crate) static NAMES: &[&str] = &[$(stringify!($name)),*];
    };
    (@base policy $level:ident) => {
        $crate::Rule::policy(modelpin_schema::manifest::policy::Level::$level)
    };
    (@base $base:ident $severity:ident $property:ident) => {
        $crate::Rule::$base($crate::Severity::$severity, $crate::Property::$property)
    };
}
pub(crate) use family;
