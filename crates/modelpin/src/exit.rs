//! The exit codes, which scripts may rely on.

use modelpin_ops::ErrorClass;
use modelpin_schema::output::Status;
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

            /// The name.
            #[must_use]
            pub fn status(self) -> Status {
                match self {
                    $(Self::$variant => Status::$variant,)*
                }
            }
        }
    };
}

exits! {
    /// Success.
    Ok = 0,
    /// An unexpected error, or one of the machine: disk, permissions, a missing program.
    Unexpected = 1,
    /// Invalid command line, or a models.toml, models.lock or models.audits.toml that cannot be read (a lock of an
    /// unknown version included).
    Usage = 2,
    /// models.lock is missing, or not up to date with models.toml.
    Stale = 3,
    /// Bytes, sizes or files are not those of models.lock; or models.lock was edited by hand, contradicts itself or
    /// the Hub, has other bytes or files under a commit than before, or has a history that could not be read in full.
    Integrity = 4,
    /// The policy refuses something: a format that runs code, code that is not certified, a licence, an age, an
    /// expired exemption; or a scanned file has to be reviewed or is dangerous.
    Policy = 5,
    /// A repo is not the one that was locked: it has another identity or owner.
    Identity = 6,
    /// The Hub is unreachable, denies access, limits requests, or has no such repo, revision or file.
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
