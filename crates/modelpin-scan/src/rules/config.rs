//! Rules about configuration: what it makes a loader import, read and fetch.

super::family! {
    /// `auto_map`, `custom_pipelines` or a list of modules names Python code that a loader imports from the
    /// repository when `trust_remote_code=True` is given.
    AUTO_MAP = "auto-map" Review, "the repository brings code that a loader imports",
        because "`trust_remote_code=True` runs it", see "https://huggingface.co/docs/transformers/custom_models";

    /// `auto_map` names code of another repository (`org/repo--file.Class`), which no `revision=` of this one
    /// covers.
    AUTO_MAP_FOREIGN = "auto-map-foreign-repo" Review, "code is imported from another repository",
        because "that repository moves on its own, and can be re-registered", see "";

    /// A pipeline or a list of modules names a class of a library outside the expected ones.
    FOREIGN_MODULE = "config-foreign-module" Review, "the configuration names a class of an unexpected library",
        because "the loader imports what the configuration names", see "";

    /// A configuration names a module that the loader imports, and it is one that runs code or is not the
    /// expected one (`parent_library`, `megatron_core` of an adapter).
    IMPORT = "config-import" Dangerous, "the configuration makes the loader import a module of its choice",
        because "importing a module runs it", see "";

    /// The base of an adapter is a path, a URL or missing, so that it cannot be pinned.
    ADAPTER_BASE = "adapter-base" Review, "the adapter's base is not a repository",
        because "what cannot be pinned can be anything", see "";

    /// A pattern of the adapter takes a long time on some names (nested repetition).
    ADAPTER_PATTERN = "adapter-pattern" Review, "a pattern can take for ever to match",
        because "loading the adapter matches it against every layer", see "";

    /// Numbers or lists of the adapter's configuration are out of any range.
    ADAPTER_BOUNDS = "adapter-bounds" Review, "the adapter's configuration is out of bounds",
        because "loading it takes memory and time without end", see "";

    /// The adapter's tensors are not those of its configuration: another rank, whole layers, tensors that an
    /// adapter does not have.
    ADAPTER_SHAPE = "adapter-shape" Review, "the adapter's tensors do not fit its configuration",
        because "it replaces more of the base than it says", see "";

    /// An index names a file outside the folder.
    INDEX_ESCAPE = "index-escape" Dangerous, "an index points outside the model's folder",
        because "loading the model reads files from elsewhere", see "";

    /// A file that an index, a configuration or a model names is not there.
    MISSING = "file-missing" Review, "a file that is named is not there",
        because "the loader takes it from elsewhere, or fails", see "";

    /// The document is not JSON, or so deep or large that it cannot be read within the limits.
    JSON = "json-malformed" Review, "the JSON cannot be read",
        because "what cannot be read was not judged", see "";

    /// A key is given twice in one object. Readers differ in which one they take.
    JSON_TWICE = "json-duplicate-key" Review, "a key is given twice",
        because "the value that was read need not be the one that is used", see "RFC 8259, section 4";

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
