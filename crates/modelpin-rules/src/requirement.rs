//! Rules about lists of requirements, build and environment files.

crate::rule::family! {
    "requirement", content;

    /// Requirements come from another index, a URL, a version control system or a path: `--extra-index-url`,
    /// `--find-links`, `pkg @ https://…`, `git+https://…`, `-e`, an unknown channel, an image. An index beside the
    /// usual one can offer any package in a higher version, and the installer takes it.
    ///
    /// Honest lists use the index of PyTorch, or a library straight from its repository. Name the commit and the
    /// hash, or install from an index that you hold yourself.
    REQUIREMENT_SOURCE = "requirement-source" Review Advice, "a requirement comes from outside the package index",
        because "whoever holds that place decides what gets installed",
        see "CVE-2018-20225, https://peps.python.org/pep-0708/";

    /// A requirement's name is one slip away from a well-known package: a letter more, less, other or exchanged, a
    /// dash moved, a digit or a letter of another script in the place of a Latin one.
    ///
    /// An honest package can have such a name. Look it up on the index: its age, its publisher, its repository. Most
    /// such names are registered to be installed by mistake.
    REQUIREMENT_LOOKALIKE = "requirement-lookalike" Review Advice, "a requirement looks like a well-known package, and is not",
        because "such names are registered to be installed by mistake",
        see "https://attack.mitre.org/techniques/T1195/001/, CWE-1357";

    /// A requirement names no exact version. Nothing in it is wrong; what gets installed changes with time. Most
    /// honest lists are like this. A list with versions and hashes (`pip install --require-hashes`) is stable.
    REQUIREMENT_UNPINNED = "requirement-unpinned" Note Advice, "a requirement names no exact version",
        because "what gets installed changes with time",
        see "https://pip.pypa.io/en/stable/topics/repeatable-installs/",
        with { decidable: false };

    /// A line of the list of requirements cannot be understood, or a build file runs something: commands of a
    /// `Dockerfile`, a build backend in the folder, options for the installer of one package.
    ///
    /// Every honest `Dockerfile` runs something; read what. A line that cannot be read may be a slip, and may be
    /// there for a reader that understands more than this one.
    REQUIREMENT_UNSUPPORTED = "requirement-unsupported" Review Advice, "a requirement or build step cannot be analysed",
        because "installing or building it may run anything",
        see "https://pip.pypa.io/en/stable/reference/requirements-file-format/, https://peps.python.org/pep-0517/";
}
