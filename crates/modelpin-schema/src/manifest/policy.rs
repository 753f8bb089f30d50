//! `[policy]`: what may come in. Without the table the defaults hold; they are the strict ones.

use crate::fault::Place;
use crate::lockfile::{License, Word};
use crate::text::{serde_by_text, text};
use crate::{Invalid, RepoId, Ticket};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// What a project lets in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Which formats.
    pub formats: Formats,
    /// Whether code may come in at all.
    pub remote_code: RemoteCode,
    /// The licences that are allowed, in lower case; all, where it is not said.
    pub licenses: Option<BTreeSet<License>>,
    /// The namespaces that models may come from; all, where it is not said.
    pub publishers: Option<BTreeSet<Publisher>>,
    /// How many days old a commit has to be, by the day that the Hub tells.
    pub min_age: Option<Days>,
    /// What the ticket of every pin has to look like.
    pub require_ticket: Option<TicketPattern>,
    /// What to do about a rule, by its id.
    pub rules: BTreeMap<Word, Level>,
    /// Where in models.toml each key of `[policy]` stands; a rule under `rules.ID`.
    pub places: BTreeMap<String, Place>,
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
                    _ => Err(Invalid::new($what, text, concat!("it is one of", $(" `", $word, "`",)*))),
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
    /// Nothing.
    #[default]
    Allow = "allow",
    /// Say it, and go on.
    Warn = "warn",
    /// Refuse.
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
