//! Rules about lists of requirements, build and environment files.

super::family! {
    /// Requirements come from another index, a URL, a version control system or a path.
    REQUIREMENT_SOURCE = "requirement-source" Review, "a requirement comes from outside the package index",
        because "whoever holds that place decides what gets installed", see "CVE-2018-20225";

    /// A requirement's name is one slip away from a well-known package.
    REQUIREMENT_NAME = "requirement-lookalike" Review, "a requirement looks like a well-known package, and is not",
        because "such names are registered to be installed by mistake", see "";

    /// A requirement names no exact version. Nothing in it is wrong; what gets installed changes with time.
    REQUIREMENT_OPEN = "requirement-unpinned" Note, "a requirement names no exact version",
        because "what gets installed changes with time", see "";

    /// A line of the list of requirements, or a build file, cannot be understood, or runs something.
    REQUIREMENT_ODD = "requirement-odd" Review, "a requirement or build step cannot be judged",
        because "installing it may run anything", see "";
}
