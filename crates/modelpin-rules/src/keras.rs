//! Rules about Keras models and the HDF5 files that they come in.

crate::rule::family! {
    "keras", content;

    /// A Keras layer carries Python byte code, or Python that is read from bytes: `Lambda`, `__lambda__`,
    /// `TorchModuleWrapper`, `__bytes__`.
    ///
    /// The byte code is marshalled Python of the file's author, and runs when the model is loaded or first
    /// called. `safe_mode` stops it in `.keras` files of recent Keras only; in `.h5` files it is ignored. Ask the
    /// publisher for a model whose `Lambda` layers are replaced by layers of Keras or by a registered class.
    KERAS_LAMBDA = "keras-lambda" Dangerous RunsCode, "a layer carries Python byte code",
        because "loading or running the model runs that code",
        see "CVE-2024-3660, CVE-2025-9905, CVE-2025-49655";

    /// The configuration of a Keras model names a module, class or function outside Keras, which is imported and
    /// called with arguments of the file's choice.
    ///
    /// A layer of an honest model comes from `keras.layers` and its neighbours, or from a class that was
    /// registered under `package>Class`. A function of the standard library, or a module that only looks like
    /// Keras, is neither. Do not load the file.
    KERAS_FOREIGN_MODULE = "keras-foreign-module" Dangerous RunsCode, "the configuration imports from outside Keras",
        because "`module` and `class_name` of the file decide what is called", see "CVE-2025-1550";

    /// The configuration names a part of Keras or TensorFlow that has no business in a model: one that downloads,
    /// unpacks, reads or writes files, loads another model, or turns protection off.
    ///
    /// Only layers, models, losses, metrics, optimizers and their like, and operations on tensors, belong into a
    /// configuration. Everything else in Keras is a tool that a hostile file can call. Do not load the file.
    KERAS_GADGET = "keras-gadget" Dangerous RunsCode, "the configuration calls a function that fetches, loads or unlocks",
        because "`get_file` downloads and unpacks, and safe mode can be switched off from within",
        see "CVE-2025-8747, CVE-2025-9906";

    /// A layer, loss, metric or function that is not one of Keras' own: registered by another package, or of a
    /// name that no Keras knows.
    ///
    /// The model cannot be loaded without that code, and the code decides what happens. Find out which package it
    /// is, pin it, and review it like any other dependency.
    KERAS_CUSTOM_OBJECT = "keras-custom-object" Review Advice, "the model needs an object from outside Keras",
        because "that package's code is needed to load the model",
        see "https://keras.io/guides/serialization_and_saving/";

    /// A layer takes its vocabulary, or a whole model, from a path or URL.
    ///
    /// Loading the model opens what the file names, with the rights of whoever loads it, and the content ends up
    /// in the model. An honest model carries its vocabulary as a list or as an asset of the archive.
    KERAS_FILE_READ = "keras-file-read" Review Advice, "a layer reads a file or URL when it is built",
        because "loading the model reads what the file names", see "CVE-2025-12058";

    /// The HDF5 file takes data from other files: external links, external raw storage, virtual datasets, or a
    /// driver that splits one file into several.
    ///
    /// The other file is opened by the library without a question, wherever it lies. A model that was saved in
    /// one piece has none of this.
    HDF5_EXTERNAL = "hdf5-external" Review Advice, "the file reads other files",
        because "loading it reads what the file names",
        see "https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, sections IV.A.2.g and IV.A.2.h";

    /// A dataset is packed with a filter that is not part of HDF5.
    ///
    /// The library loads such filters as native plugins from a folder or an environment variable. Filters of
    /// common packages (Blosc, bitshuffle, zstd) are honest; the weights cannot be read without them.
    HDF5_FILTER = "hdf5-filter" Review Advice, "reading a dataset needs a filter plugin",
        because "the library loads filter plugins as native code",
        see "https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, section IV.A.2.l";

    /// A dataset or attribute holds pickled Python objects, as PyTables and pandas write them.
    ///
    /// Reading them with those packages unpickles them, which runs what is in them. Pickles in attributes are
    /// scanned; those in datasets are not read here.
    HDF5_PICKLED_OBJECTS = "hdf5-pickled-objects" Review NotScanned, "the file holds pickled objects",
        because "pandas and PyTables unpickle them when the file is read",
        see "https://www.pytables.org/usersguide/libref/declarative_classes.html#the-objectatom-class";

    /// A dataset declares more than a thousand times the bytes that the file stores of it, and more than four GiB; or one
    /// chunk of it, more than one GiB.
    ///
    /// Readers make room for all of it before they read, so that a file of a few KiB takes all the memory there is.
    /// Recent Keras refuses such datasets. A table that was laid out and never filled is the honest case.
    HDF5_DECLARED_SIZE = "hdf5-declared-size" Review Advice, "a dataset declares far more than is stored",
        because "readers make room for all of it before they read",
        see "CVE-2026-0897, CWE-789";

    /// The HDF5 file breaks its format, or uses a part of it that cannot be followed here.
    ///
    /// A damaged file is the usual reason. Convert or save the model again, or load it where nothing is at stake.
    HDF5_MALFORMED = "hdf5-malformed" Review NotScanned, "the HDF5 structure cannot be followed",
        because "what was not followed was not scanned",
        see "https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html";
}
