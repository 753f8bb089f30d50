//! `[policy]`: what may come in. Without the table the defaults hold; they are the strict ones.

use crate::fault::Place;
use crate::lockfile::{Identifier, License};
use crate::text::{serde_by_text, text};
use crate::{Invalid, RepoId, Ticket};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

/// What a project lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Which formats.
    pub formats: Formats,
    /// Whether code may come in at all.
    pub remote_code: RemoteCode,
    /// How many people have to certify code before it is installed.
    pub audits: NonZeroU32,
    /// The licences that are allowed, in lower case; all, where it is not said.
    pub licenses: Option<BTreeSet<License>>,
    /// The namespaces that models may come from; all, where it is not said.
    pub publishers: Option<BTreeSet<Publisher>>,
    /// How many days old a commit has to be, by the day that the Hub tells.
    pub min_age: Option<Days>,
    /// What the ticket of every pin has to look like.
    pub require_ticket: Option<TicketPattern>,
    /// Repos that others refer to and that are not locked with them.
    pub ignored_dependencies: BTreeSet<RepoId>,
    /// What to do about a rule, by its id.
    pub rules: BTreeMap<Identifier, Level>,
    /// Where in models.toml each key of `[policy]` stands; a rule under `rules.ID`.
    pub places: BTreeMap<String, Place>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            formats: Formats::default(),
            remote_code: RemoteCode::default(),
            audits: NonZeroU32::MIN,
            licenses: None,
            publishers: None,
            min_age: None,
            require_ticket: None,
            ignored_dependencies: BTreeSet::new(),
            rules: BTreeMap::new(),
            places: BTreeMap::new(),
        }
    }
}

macro_rules! choice {
    ($(#[$docs:meta])* $name:ident, $what:literal, $pattern:literal: $($(#[$variant_docs:meta])* $variant:ident = $word:literal,)*) => {
        $(#[$docs])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_docs])* $variant,)*
        }

        impl $name {
            /// The word for it.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(Invalid::new($what, text, format!("it is one of {}", [$(concat!("`", $word, "`")),*].join(", ")))),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }

        serde_by_text!($name, $what, $pattern);
    };
}

choice! {
    /// Which formats may come in.
    Formats, "choice of formats", "^(data-only|scanned)$":
    /// None that can run code when it is loaded; each such file needs an exemption.
    #[default]
    DataOnly = "data-only",
    /// Also files of such formats of which the scan followed every byte and found nothing but data.
    Scanned = "scanned",
}

choice! {
    /// Whether code may come in.
    RemoteCode, "choice about remote code", "^(reviewed|never)$":
    /// Code that somebody certified.
    #[default]
    Reviewed = "reviewed",
    /// None, whoever certified it.
    Never = "never",
}

choice! {
    /// What to do about a rule.
    Level, "level", "^(allow|warn|deny)$":
    /// The rule is not reported.
    #[default]
    Allow = "allow",
    /// The rule is reported, and the command goes on.
    Warn = "warn",
    /// The rule is reported, and the command is refused.
    Deny = "deny",
}

text! {
    /// A namespace of the Hub, with or without its kind: `acme`, `org:acme`, `user:jo`.
    Publisher, "publisher", "^((org|user):)?[A-Za-z0-9][A-Za-z0-9._-]{0,95}$", |text| {
        // What may stand before the `/` of a repo id may stand here.
        format!("{}/x", namespace(text)).parse::<RepoId>().map(|_| ()).map_err(|error| error.reason)
    }
}

fn namespace(text: &str) -> &str {
    text.strip_prefix("org:").or_else(|| text.strip_prefix("user:")).unwrap_or(text)
}

impl Publisher {
    /// Whether `repo` is in its namespace. The Hub takes no notice of case there.
    #[must_use]
    pub fn owns(&self, repo: &RepoId) -> bool {
        repo.owner().is_some_and(|owner| owner.eq_ignore_ascii_case(namespace(self.as_str())))
    }
}

/// A number of days, as `7d` or `2w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Days(pub u32);

impl FromStr for Days {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::new("number of days", text, "expected days or weeks, as in `7d` or `2w`");
        let (count, unit) = match (text.strip_suffix('d'), text.strip_suffix('w')) {
            (Some(count), _) => (count, 1),
            (_, Some(count)) => (count, 7),
            _ => return Err(wrong()),
        };
        let digits = !count.is_empty() && count.len() <= 4 && count.bytes().all(|b| b.is_ascii_digit());
        let count: u32 = if digits { count.parse().map_err(|_| wrong())? } else { return Err(wrong()) };
        Ok(Self(count * unit))
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}d", self.0)
    }
}

serde_by_text!(Days, "number of days", "^[0-9]{1,4}[dw]$");

/// What a ticket has to look like: a regular expression that is found somewhere in it, as `grep` would; `^` and `$`
/// bind it to the whole.
#[derive(Debug, Clone)]
pub struct TicketPattern {
    text: String,
    regex: regex::Regex,
}

impl TicketPattern {
    /// Whether `ticket` is such a one.
    #[must_use]
    pub fn allows(&self, ticket: &Ticket) -> bool {
        self.regex.is_match(ticket.as_str())
    }
}

impl PartialEq for TicketPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for TicketPattern {}

impl FromStr for TicketPattern {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = |reason: &str| Invalid::new("pattern for tickets", text, reason);
        if text.is_empty() || text.chars().count() > 256 {
            return Err(wrong("it has 1 to 256 characters; `.` is any ticket"));
        }
        let built = regex::RegexBuilder::new(text).size_limit(1 << 20).build();
        // The reader of patterns draws the pattern first, over several lines; what is wrong is on the last.
        let why = |error: regex::Error| error.to_string().lines().last().unwrap_or_default().to_owned();
        let regex = built.map_err(|error| wrong(why(error).trim_start_matches("error: ")))?;
        Ok(Self { text: text.to_owned(), regex })
    }
}

impl fmt::Display for TicketPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

serde_by_text!(TicketPattern, "pattern for tickets", "^.{1,256}$");

impl Policy {
    /// The place of a key of `[policy]`, if models.toml has it; that of a rule is under `rules.ID`.
    #[must_use]
    pub fn place(&self, key: &str) -> Option<&Place> {
        self.places.get(key)
    }
}

#[cfg(test)]
mod tests {
    use super::{Formats, Level, RemoteCode};
    use crate::Manifest;
    use expect_test::{Expect, expect};

    fn refused(text: &str, expect: &Expect) {
        let fault = Manifest::read("models.toml", &format!("[policy]\n{text}\n")).unwrap_err();
        let help = fault.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
        expect.assert_eq(&format!("{fault}{help}\n"));
    }

    #[test]
    fn without_the_table_the_strict_defaults_hold() {
        let policy = Manifest::read("models.toml", "").unwrap().policy;
        assert_eq!((policy.formats, policy.remote_code), (Formats::DataOnly, RemoteCode::Reviewed));
        assert!(policy.licenses.is_none() && policy.require_ticket.is_none() && policy.rules.is_empty());
        assert_eq!(Manifest::read("models.toml", "[policy]\n").unwrap().policy, policy);
    }

    #[test]
    fn a_policy_with_every_key_is_read() {
        let text = r#"
[policy]
formats = "scanned"
remote-code = "never"
licenses = ["Apache-2.0", "mit"]
publishers = ["org:acme", "user:jo"]
min-age = "2w"
require-ticket = "^SEC-[0-9]+$"
ignored-dependencies = ["acme/gone"]
[policy.rules]
torchscript = "deny"
"#;
        let policy = Manifest::read("models.toml", text).unwrap().policy;
        assert_eq!((policy.formats, policy.remote_code), (Formats::Scanned, RemoteCode::Never));
        let licenses: Vec<String> = policy.licenses.iter().flatten().map(ToString::to_string).collect();
        assert_eq!(licenses, ["apache-2.0", "mit"]);
        assert_eq!(policy.min_age.unwrap().to_string(), "14d");
        assert_eq!(policy.rules[&"torchscript".parse().unwrap()], Level::Deny);
        assert_eq!(policy.place("min-age").unwrap().line, 7);
        assert_eq!(policy.place("rules.torchscript").unwrap().line, 11);
        let acme = "ACME/x".parse().unwrap();
        assert!(policy.publishers.iter().flatten().any(|publisher| publisher.owns(&acme)));
        let other = "acme-2/x".parse().unwrap();
        assert!(!policy.publishers.iter().flatten().any(|publisher| publisher.owns(&other)));
    }

    #[test]
    fn a_pattern_for_tickets_is_searched_like_grep() {
        let allows = |pattern: &str, ticket: &str| {
            pattern.parse::<super::TicketPattern>().unwrap().allows(&ticket.parse().unwrap())
        };
        assert!(allows("SEC-[0-9]+", "XSEC-12b"));
        assert!(!allows("^SEC-[0-9]+$", "XSEC-12b"));
        assert!(allows("^SEC-[0-9]+$", "SEC-12"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        refused(
            "licences = [\"mit\"]",
            &expect![[r#"
            unknown field `licences`, expected one of `formats`, `remote-code`, `audits`, `licenses`, `publishers`, `min-age`, `require-ticket`, `ignored-dependencies`, `rules`
             --> models.toml:2:1
              |
            2 | licences = ["mit"]
              | ^^^^^^^^
            help: did you mean `licenses`?
        "#]],
        );
        refused(
            "licenses = []",
            &expect![[r#"
            an empty `licenses` would allow nothing; leave it out to allow all
             --> models.toml:2:12
              |
            2 | licenses = []
              |            ^^
        "#]],
        );
        refused(
            "formats = \"any\"",
            &expect![[r#"
                `any` is not a choice of formats: it is one of `data-only`, `scanned`
                 --> models.toml:2:11
                  |
                2 | formats = "any"
                  |           ^^^^^
            "#]],
        );
        refused(
            "min-age = \"a week\"",
            &expect![[r#"
            `a week` is not a number of days: expected days or weeks, as in `7d` or `2w`
             --> models.toml:2:11
              |
            2 | min-age = "a week"
              |           ^^^^^^^^
        "#]],
        );
        refused(
            "require-ticket = \"SEC-(\"",
            &expect![[r#"
            `SEC-(` is not a pattern for tickets: unclosed group
             --> models.toml:2:18
              |
            2 | require-ticket = "SEC-("
              |                  ^^^^^^^
        "#]],
        );
        refused(
            "rules.torchscript = \"block\"",
            &expect![[r#"
                `block` is not a level: it is one of `allow`, `warn`, `deny`
                 --> models.toml:2:21
                  |
                2 | rules.torchscript = "block"
                  |                     ^^^^^^^
            "#]],
        );
    }

    #[test]
    fn odd_values_are_refused() {
        for odd in [
            "require-ticket = \"\"",
            "require-ticket = \"(((((a{100}){100}){100}){100}){100})\"",
            "publishers = [\"team:acme\"]",
            "publishers = [\"acme/chat\"]",
            "min-age = \"99999d\"",
            "min-age = \"-1d\"",
            "min-age = 7",
            "rules.\"Torch Script\" = \"deny\"",
        ] {
            assert!(Manifest::read("models.toml", &format!("[policy]\n{odd}\n")).is_err(), "{odd}");
        }
    }
}
