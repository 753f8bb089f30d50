//! Rules about documents that name Python objects to build: Hydra, YAML, skops.

super::family! {
    /// A `_target_` of a configuration, which Hydra imports and calls, lies outside the libraries that it is meant
    /// for.
    HYDRA = "hydra-target" Dangerous, "a configuration names a function to import and call",
        because "loading the configuration calls it", see "CVE-2025-23304";

    /// A `_target_` of a configuration names a class of a known library.
    HYDRA_KNOWN = "hydra-target-known" Review, "a configuration names a class to import",
        because "that class is built when the configuration is loaded", see "CVE-2025-23304";

    /// A YAML document with a tag that builds Python objects.
    YAML_OBJECT = "yaml-object" Dangerous, "a YAML tag builds a Python object",
        because "a loader that is not the safe one runs it", see "CVE-2017-18342";

    /// The schema of a skops file names a type, method or operator that is not on the allowlist and runs code.
    SKOPS = "skops-dangerous-type" Dangerous, "the skops schema names something that runs code",
        because "skops imports and calls what the schema names", see "CVE-2025-54412, CVE-2025-54413";

    /// The schema of a skops file names types of foreign libraries.
    SKOPS_FOREIGN = "skops-foreign-type" Review, "the skops schema names foreign types",
        because "that library's code runs when the file is loaded", see "CVE-2025-54412";
}
