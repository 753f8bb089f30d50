//! What code can do.

/// What code can do to the machine it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// Opens connections.
    Network,
    /// Starts programs.
    Process,
    /// Runs code that is made while running: `exec`, `eval`, imports by computed names.
    DynamicCode,
    /// Loads native code.
    Native,
    /// Writes, removes or renames files.
    FilesystemWrite,
    /// Reads files that were not passed to it.
    FilesystemReadOutside,
    /// Reads environment variables.
    Environment,
    /// Unpickles, unmarshals, loads YAML objects.
    Deserialise,
}

impl Capability {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 8] = [
        Self::Network,
        Self::Process,
        Self::DynamicCode,
        Self::Native,
        Self::FilesystemWrite,
        Self::FilesystemReadOutside,
        Self::Environment,
        Self::Deserialise,
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Process => "process",
            Self::DynamicCode => "dynamic-code",
            Self::Native => "native",
            Self::FilesystemWrite => "filesystem-write",
            Self::FilesystemReadOutside => "filesystem-read-outside",
            Self::Environment => "environment",
            Self::Deserialise => "deserialise",
        }
    }
}
