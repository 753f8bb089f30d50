//! Rules about documents that name Python objects to build: Hydra, YAML, skops.

crate::rule::family! {
    "object", content;

    /// A key of a configuration that is imported and called (`_target_` of Hydra, `_component_`, `class_path`,
    /// `target`, `!apply:` of HyperPyYAML) names something of the standard library, a function that loads or runs
    /// code, or a function of a package that nobody knows; or it names a loader of models, and `trust_remote_code` or a
    /// pipeline of somebody else is among the arguments.
    ///
    /// Honest configurations build models, optimizers and data sets of machine learning libraries. Loading this
    /// one calls what it names with the arguments that stand beside it. Do not load it.
    HYDRA_TARGET = "hydra-target" Dangerous RunsCode, "a configuration names a function to import and call",
        because "loading the configuration calls it", see "CVE-2025-23304";

    /// A key of a configuration that is imported and called names a class or function of a machine learning
    /// library, or a class of the project itself.
    ///
    /// That is how Hydra, NeMo, LightningCLI, SpeechBrain and Stable Diffusion describe a model. The code is that
    /// of the installed library, or of the project; the arguments are the file's. Look at both.
    HYDRA_TARGET_KNOWN = "hydra-target-known" Review Advice, "a configuration names a class to import",
        because "that class is built when the configuration is loaded", see "CVE-2025-23304";

    /// A YAML document with a tag that imports a module or calls something: a function, whosever it is, anything of the
    /// standard library that does more than hold data, a class of a package that nobody knows, an object for a loader
    /// of another language.
    ///
    /// `yaml.safe_load` refuses such tags; `yaml.unsafe_load`, and `yaml.load` of old versions, act on them. Honest
    /// documents name classes of known libraries in tags, if anything.
    YAML_OBJECT = "yaml-object" Dangerous RunsCode, "a YAML tag builds a Python object that runs code",
        because "a loader that is not the safe one runs it", see "CVE-2017-18342, CVE-2020-14343";

    /// A YAML document with a tag that builds an object of a known class, such as `argparse.Namespace` or a class of
    /// PyTorch, or that YAML itself does not have.
    ///
    /// Training frameworks write such files when they dump their arguments. They can be read only with a loader
    /// that would also run a hostile document.
    YAML_FOREIGN_OBJECT = "yaml-foreign-object" Review Advice, "a YAML tag builds an object of a library",
        because "only a loader that runs code can read it", see "CVE-2020-14343";

    /// The YAML cannot be followed to its end: a quote or bracket is never closed, or it is nested too deep.
    ///
    /// Tags and targets behind that place may have been taken for text. A template (Helm, Jinja) is the usual
    /// honest reason.
    YAML_MALFORMED = "yaml-malformed" Review NotScanned, "the YAML cannot be followed",
        because "what was not followed was not scanned", see "https://yaml.org/spec/1.1/";

    /// The schema of a skops file names a type, method or operator that is not on the allowlist and runs code, or
    /// says one thing to the audit of skops and another to its loader.
    ///
    /// An honest file holds arrays, containers and estimators. Do not load this one.
    SKOPS_DANGEROUS_TYPE = "skops-dangerous-type" Dangerous RunsCode, "the skops schema names something that runs code",
        because "skops imports and calls what the schema names", see "CVE-2025-54412, CVE-2025-54413";

    /// The schema of a skops file names types that skops does not load by itself: trees of scikit-learn, and classes of
    /// libraries other than that.
    ///
    /// Their code runs when the file is loaded, with the state that the file gives them: trees with wrong indices
    /// crash the process. Compare the list of types with what the model is said to be, and load it with just
    /// these types trusted.
    SKOPS_FOREIGN_TYPE = "skops-foreign-type" Review Advice, "the skops schema names foreign types",
        because "that library's code runs when the file is loaded",
        see "https://skops.readthedocs.io/en/stable/persistence.html";
}
