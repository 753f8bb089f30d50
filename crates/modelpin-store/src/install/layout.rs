//! How a folder that loaders read is laid out.

use std::path::PathBuf;

/// How a folder is laid out, and to whom it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A Hugging Face cache of the project's own.
    HubCache,
    /// The Hugging Face cache that other tools share: files are added to it, never changed or removed.
    SharedHubCache,
    /// A folder of plain files for each entry.
    Flat,
    /// A Hugging Face cache of files that can run code and that an exemption allows, for the jail only.
    Quarantine,
}

/// Where a folder is, and how it is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// How it is laid out.
    pub layout: Layout,
    /// The folder.
    pub root: PathBuf,
}

impl Layout {
    /// The file that says for people and backup tools what a folder is, and its text.
    pub(super) fn marker(self) -> Option<(&'static str, &'static str)> {
        match self {
            // Backup tools skip a folder with this tag (bford.info/cachedir), which suits a cache.
            Self::HubCache => Some((
                "CACHEDIR.TAG",
                "Signature: 8a477f597d28d172789f06886806bc55\n# A Hugging Face cache that modelpin keeps exactly as models.lock says; untracked files are removed.\n",
            )),
            Self::Flat => Some((
                ".modelpin-target",
                "modelpin keeps this folder exactly as models.lock says; untracked files are removed.\n",
            )),
            Self::Quarantine => Some((
                "CACHEDIR.TAG",
                "Signature: 8a477f597d28d172789f06886806bc55\n# Models with files that can run code, allowed by exemptions for `modelpin exec --jail` only.\n",
            )),
            Self::SharedHubCache => None,
        }
    }

    /// The name of the file, in the project's record, that remembers what was verified.
    pub(super) fn stamps(self) -> &'static str {
        match self {
            Self::Quarantine => "stamps-quarantine",
            Self::HubCache | Self::SharedHubCache | Self::Flat => "stamps",
        }
    }
}
