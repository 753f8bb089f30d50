//! Rules about Keras models and the HDF5 files that they come in.

super::family! {
    /// A Keras layer that carries Python byte code: `Lambda`, `__lambda__`, `TorchModuleWrapper`, `__bytes__`.
    KERAS_LAMBDA = "keras-lambda" Dangerous, "a layer carries Python byte code",
        because "loading or running the model runs that code",
        see "CVE-2024-3660, CVE-2025-9905, CVE-2025-49655";

    /// The configuration of a Keras model names a module, class or function outside Keras, which is imported and
    /// called with arguments of the file's choice.
    KERAS_MODULE = "keras-foreign-module" Dangerous, "the configuration imports from outside Keras",
        because "`module` and `class_name` of the file decide what is called", see "CVE-2025-1550";

    /// The configuration names a function that downloads, unpacks or turns protection off.
    KERAS_GADGET = "keras-gadget" Dangerous, "the configuration calls a Keras function that fetches or unlocks",
        because "`get_file` downloads and unpacks, and safe mode can be switched off from within",
        see "CVE-2025-8747, CVE-2025-9906";

    /// A layer that is registered by someone else's package.
    KERAS_CUSTOM = "keras-custom-object" Review, "a layer comes from a foreign package",
        because "that package's code is needed to load the model", see "";

    /// A lookup layer takes its vocabulary from a path or URL.
    KERAS_FILE = "keras-file-read" Review, "a layer reads a file or URL when it is built",
        because "loading the model reads what the file names", see "CVE-2025-12058";

    /// The HDF5 file takes data from other files: external links or external raw storage.
    HDF5_EXTERNAL = "hdf5-external" Review, "the file reads other files",
        because "loading it reads what the file names", see "";

    /// The HDF5 file breaks its format, or uses a part of it that cannot be followed here.
    HDF5 = "hdf5-malformed" Review, "the HDF5 structure cannot be followed",
        because "what was not followed was not judged", see "";
}
