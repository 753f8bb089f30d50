//! Rules about configuration: what it makes a loader import, read and fetch.

use modelpin_schema::manifest::policy::Level;

crate::rule::family! {
    "config", content;

    /// `auto_map`, `custom_pipelines`, a pair in `_class_name`, a manifest or a tool names Python code that a loader
    /// imports from the repository, as `trust_remote_code=True` allows it to; or a server or a tool does, unasked (`MLmodel`,
    /// `model-settings.json`, `!function` of lm-eval, Python layers of Caffe, `cog.yaml` and others).
    ///
    /// Many honest models bring their own modeling code. Read the file that is named, and pin the commit; without
    /// trust in the code the model has to be loaded by a library that knows its architecture.
    AUTO_MAP = "auto-map" Review Advice, "the repository brings code that a loader imports",
        because "`trust_remote_code=True` runs it", see "https://huggingface.co/docs/transformers/custom_models",
        with { level: Level::Allow };

    /// `auto_map` names code of another repository (`org/repo--file.Class`), which no `revision=` of this one
    /// covers. Whoever holds that repository, or registers its name when it is free again, decides what runs.
    ///
    /// Honest fine-tunes carry such references, because saving a model writes them. Pin the other repository as
    /// well, or copy its code.
    AUTO_MAP_FOREIGN_REPO = "auto-map-foreign-repo" Review Advice, "code is imported from another repository",
        because "that repository moves on its own, and can be re-registered",
        see "https://huggingface.co/docs/transformers/custom_models",
        with { level: Level::Allow };

    /// A pipeline or a list of modules names a class of a library outside the expected ones: not diffusers or
    /// transformers in `model_index.json`, not sentence_transformers in `modules.json`, not `torch.nn` for an
    /// activation. The loader imports it, from the repository or from what is installed.
    ///
    /// Honest pipelines do so for parts of their own. Look whether the module lies in the repository or belongs to a
    /// library that you mean to install.
    CONFIG_FOREIGN_MODULE = "config-foreign-module" Review Advice, "the configuration names a class of an unexpected library",
        because "the loader imports what the configuration names",
        see "https://huggingface.co/docs/diffusers/using-diffusers/custom_pipeline_overview";

    /// A configuration names a module that the loader imports, and it is one that acts (Python's standard library,
    /// installers, unpicklers), a path, a URL, or not of the expected library (`parent_library`, `megatron_core` of
    /// an adapter). No honest file names such a module there.
    ///
    /// Do not load it. Report it where it came from.
    CONFIG_IMPORT = "config-import" Dangerous RunsCode, "the configuration makes the loader import a module of its choice",
        because "importing a module runs it",
        see "CWE-470, https://github.com/huggingface/peft/blob/main/src/peft/auto.py";

    /// `attn_implementation` or a map of kernels names a repository of the Hub. The `kernels` library fetches it and
    /// loads native code from it, and no `trust_remote_code` is asked for.
    ///
    /// Honest models leave the choice to the loader (`sdpa`, `flash_attention_2`). Pin the kernel's repository, or
    /// give the implementation when loading.
    CONFIG_KERNEL = "config-kernel" Review RunsCode, "layers are taken from a repository of kernels",
        because "native code of another repository is fetched and run",
        see "https://huggingface.co/docs/transformers/kernel_doc/overview";

    /// A configuration names a native library that a runtime loads (`custom_ops_library` and its like), a backend of Triton
    /// that does not come with it, or an environment in which a server runs the model. It runs with all the rights of the
    /// process and cannot be analysed here.
    ///
    /// Honest runtimes with operators of their own do this. Build the library from source, or leave it out.
    CONFIG_NATIVE_LIBRARY = "config-native-library" Review Advice, "the configuration names a native library to load",
        because "it runs with all the rights of the process",
        see "https://onnxruntime.ai/docs/reference/operators/add-custom-op.html";

    /// A configuration of a tool names commands that run when a folder is opened or a package is installed (containers for
    /// development, editors, coding assistants, npm), or when a project, an image or a service is built or started (MLflow,
    /// DVC, spaCy, Cog, BentoML, Kubernetes and others).
    ///
    /// Honest projects have such files; a folder of weights has no need of them. Read the command before any tool
    /// opens the folder.
    CONFIG_COMMAND = "config-command" Review Advice, "the configuration names a command that a tool runs",
        because "opening or installing the folder runs it", see "CWE-78, https://containers.dev/implementors/json_reference/";

    /// The document holds a serialised call (jsonpickle's `py/reduce`, `py/repr`, or an object of a module that
    /// acts). Decoding it makes the call.
    ///
    /// No model needs that. Do not decode the file.
    JSON_CALL = "json-call" Dangerous RunsCode, "decoding the JSON calls a function",
        because "the file chooses the function and its arguments",
        see "CVE-2020-22083, https://jsonpickle.readthedocs.io/en/latest/";

    /// The document holds serialised objects (jsonpickle, LangChain), which name classes that a decoder imports and
    /// builds.
    ///
    /// Honest exports of those libraries look like this. Check that every class is one that you expect.
    JSON_OBJECT = "json-object" Review Advice, "decoding the JSON builds objects of named classes",
        because "the file chooses the classes", see "CVE-2025-68664, https://jsonpickle.readthedocs.io/en/latest/";

    /// The configuration sets `trust_remote_code` among the arguments that a loader passes on. Old versions of
    /// sentence-transformers take it from there, and the question is never asked.
    ///
    /// Honest files say it in this place now and then. Remove it, and decide for yourself when loading.
    CONFIG_TRUST_ARGUMENT = "config-trust-argument" Review Advice, "the configuration answers for you that code is trusted",
        because "a loader that passes it on runs the repository's code unasked",
        see "https://sbert.net/docs/package_reference/sentence_transformer/SentenceTransformer.html";

    /// The configuration holds `trust_remote_code: true`, in a place where loaders do not look. Saving a tokenizer
    /// writes it there. It changes nothing by itself.
    CONFIG_TRUST = "config-trust" Note Advice, "the configuration says that its code is trusted",
        because "it was saved by someone who said so", see "https://huggingface.co/docs/transformers/custom_models";

    /// The configuration holds a path of the machine that wrote it. Loaders replace or ignore it; it tells where the
    /// model was trained.
    CONFIG_LOCAL_PATH = "config-local-path" Note Advice, "the configuration holds a path of another machine",
        because "it leads nowhere here", see "https://huggingface.co/docs/transformers/main_classes/configuration";

    /// The configuration names a file on a network share or by a `file:` URL. Opening it on Windows sends the
    /// user's credentials to the host that is named.
    ///
    /// Hardly any honest file does. Replace the path by a plain name.
    CONFIG_NETWORK_PATH = "config-network-path" Review Advice, "the configuration names a file on a network share",
        because "opening it sends credentials to that host", see "CWE-40";

    /// A configuration names a folder or a file that is neither beside it nor below: the `path` of a module, the
    /// name of a template that is saved under it.
    ///
    /// Honest files name folders beside them. Replace the name.
    CONFIG_PATH_ESCAPE = "config-path-escape" Review Advice, "the configuration points outside the model's folder",
        because "the loader reads or writes there", see "CWE-22";

    /// An index names a file outside the folder: absolute, through `..`, on a drive, by a URL or with a backslash.
    /// Loading the model would read that file as weights, and unpickle it if it is a pickle.
    ///
    /// Honest indexes name files beside them. Do not load it.
    INDEX_ESCAPE = "index-escape" Dangerous RunsCode, "an index points outside the model's folder",
        because "loading the model reads files from elsewhere", see "CWE-22, CWE-73";

    /// An index names a file in a folder below, a file that is not named as weights, or, being an index of
    /// safetensors, a file of another suffix: the loader goes by the suffix and would unpickle it.
    ///
    /// Honest indexes name `model-00001-of-00002.safetensors` and the like. Compare with the files that are there.
    INDEX_UNEXPECTED_SHARD = "index-unexpected-shard" Review Advice, "an index names an unexpected file",
        because "the loader chooses its reader by that name",
        see "https://huggingface.co/docs/transformers/big_models";

    /// A file that an index, a configuration or a model names is not there. For an index this is said only when
    /// some of its shards are there: an index whose shards were all left out (the pickled twin of a model that is
    /// kept in safetensors) is common and harmless.
    ///
    /// The loader fetches such a file from elsewhere, or fails. Check the filters of the lock, and whether the
    /// repository is complete.
    FILE_MISSING = "file-missing" Review Advice, "a file that is named is not there",
        because "the loader takes it from elsewhere, or fails",
        see "https://huggingface.co/docs/transformers/big_models";

    /// The document is not JSON, or so deep or large that it cannot be read within the limits. The numbers `NaN` and
    /// `Infinity`, which Python writes, are accepted; comments and trailing commas are not.
    ///
    /// An honest file that fails here is a settings file of some tool, or was cut off. Fetch it again, and compare.
    JSON_MALFORMED = "json-malformed" Review NotScanned, "the JSON cannot be read",
        because "what cannot be read was not scanned", see "RFC 8259";

    /// A key is given twice in one object. Readers differ in which one they take: Python takes the last one, others
    /// the first, so that two programs see two configurations.
    ///
    /// Honest writers never do it; a file edited by hand may. Remove the one that is not meant.
    JSON_DUPLICATE_KEY = "json-duplicate-key" Review Advice, "a key is given twice",
        because "the value that was read need not be the one that is used", see "RFC 8259, section 4";
}
