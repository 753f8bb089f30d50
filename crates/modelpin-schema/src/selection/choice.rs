//! What is decided about one file, and why.

use crate::text::serde_by_text;
use crate::{Invalid, RepoPath};
use std::fmt;
use std::str::FromStr;

/// A file of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedFile<'a> {
    /// Its path in the repo.
    pub path: &'a RepoPath,
    /// Its size in bytes, as the Hub lists it.
    pub size: u64,
}

/// What is decided about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice<'a> {
    /// It is locked.
    Taken,
    /// It is not.
    LeftOut(LeftOut<'a>),
}

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut<'a> {
    /// The rule.
    pub reason: Reason,
    /// The file that holds the same, or that makes it needless; none for `not-included` and `excluded`.
    pub beside: Option<&'a RepoPath>,
}

macro_rules! reasons {
    ($($(#[$docs:meta])* $variant:ident = $word:literal, $text:literal;)*) => {
        /// The rule by which a file is left out.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[$docs])* $variant,)*
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word for it in a lock.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What it says of the file, in a clause that can follow the file's path.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

reasons! {
    /// The same weights as another file, in another format.
    Copy = "copy", "holds the same weights in another format";
    /// The same weights as another file, in another precision or of another moment of the training.
    Variant = "variant", "is a variant of the same weights";
    /// The same weights as the repo's own, as the publisher's own programs read them.
    PublisherFormat = "publisher-format", "holds the same weights for the publisher's own programs";
    /// Left behind by a training run.
    Training = "training", "was left behind by a training run";
    /// Weights in one more format, in a repo without safetensors.
    OtherFormat = "other-format", "holds the weights in one more format";
    /// Belongs to an alternative that was not chosen.
    NotChosen = "not-chosen", "belongs to an alternative that was not chosen";
    /// No pattern of `include` matches it.
    NotIncluded = "not-included", "matches no pattern of `include`";
    /// A pattern of `exclude` matches it.
    Excluded = "excluded", "matches a pattern of `exclude`";
}

impl FromStr for Reason {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.iter().find(|reason| reason.word() == text);
        found.copied().ok_or_else(|| Invalid::new("reason", text, "this version knows no such reason"))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

serde_by_text!(Reason, "reason why a file is left out", "^[a-z-]+$");
