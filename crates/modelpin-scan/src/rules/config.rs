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
}
