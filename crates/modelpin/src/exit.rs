//! The exit codes, which scripts may rely on.

use modelpin_ops::ErrorClass;
use std::process::ExitCode;

macro_rules! exits {
    ($($(#[doc = $doc:literal])* $variant:ident = $code:literal,)*) => {
        /// How the program ends.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Exit {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Exit {
            /// Every code with its meaning, for the reference page.
            pub const ALL: &[(u8, &str)] = &[$(($code, concat!($($doc),*)),)*];

            /// The number.
            #[must_use]
            pub fn code(self) -> u8 {
                match self {
                    $(Self::$variant => $code,)*
                }
            }
        }
    };
}

exits! {
    /// Done, and nothing was refused.
    Ok = 0,
    /// Something unexpected, or the machine's own trouble: disk, permissions, a missing program.
    Unexpected = 1,
    /// What was typed cannot be meant, or models.toml or models.lock cannot be read (a lock of an unknown version included).
    Usage = 2,
    /// models.lock is missing, or does not answer models.toml.
    Stale = 3,
    /// Bytes, sizes or files are not those of models.lock, models.lock was edited by hand, or it has other bytes or files under a commit than before or than the Hub, contradicts itself, or has a history that could not be read in full.
    Integrity = 4,
    /// The policy says no: a format that runs code, code that nobody certified, a licence, an age, an exemption that lapsed; or something that was scanned is to be reviewed, or is dangerous.
    Policy = 5,
    /// A repo is not the one that was locked: another identity, another owner.
    Identity = 6,
    /// The Hub is gone, gated, unauthorised, rate-limited or out of reach.
    Upstream = 7,
    /// `outdated --exit-code` found something.
    Outdated = 10,
}

impl From<ErrorClass> for Exit {
    fn from(class: ErrorClass) -> Self {
        match class {
            ErrorClass::Internal => Self::Unexpected,
            ErrorClass::Usage => Self::Usage,
            ErrorClass::Stale => Self::Stale,
            ErrorClass::Integrity => Self::Integrity,
            ErrorClass::Policy => Self::Policy,
            ErrorClass::Identity => Self::Identity,
            ErrorClass::Upstream => Self::Upstream,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
