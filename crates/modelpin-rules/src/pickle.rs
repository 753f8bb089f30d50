//! Rules about pickles, wherever they hide.

crate::rule::family! {
    "pickle", content;

    /// The pickle imports something that runs code, reads or writes files, or opens connections: a function of
    /// the standard library, a loader of a framework, a tool that starts programs.
    ///
    /// Importing alone runs the body of the module; calling is one opcode more. The allowlist is short (what
    /// tensors and state dicts are made of), classes of other libraries are
    /// [`pickle-foreign-global`](pickle-foreign-global.md), and everything in between is this.
    PICKLE_DANGEROUS_GLOBAL = "pickle-dangerous-global" Dangerous RunsCode, "the pickle imports something that runs code",
        because "loading the file is enough to run it",
        see "CVE-2025-1716, GHSA-vvpj-8cmc-gx39, GHSA-955r-x9j8-7rhh, arXiv 2508.19774";

    /// The pickle imports a class or function of a library that is not on the allowlist. Honest files do:
    /// scikit-learn models, YOLO modules, `training_args.bin`. What it does when it is built is up to that library.
    ///
    /// Ask for safetensors, convert the file, or read the list of globals and exempt exactly these bytes.
    PICKLE_FOREIGN_GLOBAL = "pickle-foreign-global" Review RunsCode, "the pickle builds objects of a foreign library",
        because "that library's code runs when the file is loaded", see "https://huggingface.co/docs/hub/security-pickle";

    /// The module or the name of an import is not a constant of the pickle but computed while it is loaded, or
    /// is no text at all. Nothing honest does that: honest writers put both names down as plain text. Do not load the
    /// file.
    PICKLE_COMPUTED_NAME = "pickle-computed-name" Dangerous RunsCode, "the name of an import is computed while loading",
        because "what will be imported cannot be known before it is",
        see "picklescan 58983e1, modelaudit #518";

    /// The pickle calls something that is itself the result of a call or an attribute, or no callable at all. Honest
    /// pickles call what they import, by name. A call of a call is how a chain of harmless-looking lookups ends in
    /// `os.system`. Do not load the file.
    PICKLE_COMPUTED_CALL = "pickle-computed-call" Dangerous RunsCode, "the pickle calls something that it computed",
        because "what will be called cannot be known before it is", see "arXiv 2508.19774";

    /// Something of the allowlist is called with arguments that it never gets in an honest file: a function where
    /// a hook table belongs, a rebuilt type that is no tensor, an unusual codec.
    ///
    /// Some functions of the allowlist call or import what they are given, so that the allowlist holds for certain
    /// arguments only. The arguments that honest writers put there fit; these do not. Do not load the file.
    PICKLE_CALL_SHAPE = "pickle-call-shape" Dangerous RunsCode, "a listed function is called with arguments it never gets",
        because "some listed functions call what they are given", see "CVE-2025-32434";

    /// The pickle appends to, sets items of, or writes the state of something that is no list, dict or object
    /// that takes state: a module, a function, a tensor. It also fires where a state sets an attribute by which
    /// Python runs something later on, such as `__reduce__` or `__class__`. Honest pickles fill lists, dicts and
    /// objects that they made themselves.
    PICKLE_WRITE_TARGET = "pickle-write-target" Dangerous RunsCode, "the pickle writes into something that is no container",
        because "attributes of modules and memory of tensors can be overwritten that way", see "CVE-2026-24747";

    /// The pickle uses the extension registry (`EXT1`, `EXT2`, `EXT4`): a number that stands for an import which
    /// whoever loads it has registered. No model is saved that way. Do not load the file where such numbers are
    /// registered.
    PICKLE_EXTENSION = "pickle-extension" Dangerous RunsCode, "an import is hidden behind a registry number",
        because "what the number means depends on who loads it", see "PEP 307, modelaudit #623";

    /// The pickle hands data to the application (`PERSID`, `BINPERSID`) in another way than torch's storages do, or
    /// names such storages outside of a torch file. A program that reads its own pickles knows what to make of them;
    /// ask who wrote the file what loads it.
    PICKLE_PERSISTENT_ID = "pickle-persistent-id" Review NotScanned, "the pickle asks the application for an object",
        because "what the application does with the request is not in the file",
        see "https://docs.python.org/3/library/pickle.html#pickle-persistent";

    /// A frame of the pickle (protocol 4) ends inside an opcode, overlaps another or reaches past the end. The C
    /// and the Python unpickler then read different opcodes from the same bytes. Every writer of CPython ends frames
    /// between opcodes. Both readings are scanned.
    PICKLE_FRAME = "pickle-frame" Dangerous RunsCode, "frames do not fit the opcodes",
        because "two unpicklers read two different programs", see "fickling #317, CPython issue 154848";

    /// The pickle cannot be followed to its end: an unknown opcode, a stack that is empty where it must not be, a
    /// memo entry that was never written, no `STOP`. What comes before the break has been executed by then, and is
    /// scanned. A download that was cut off looks the same: fetch the file again, and compare its hash.
    PICKLE_BROKEN = "pickle-broken" Dangerous NotScanned, "the pickle breaks off, after having run until there",
        because "a pickle runs as it is read; the error comes too late",
        see "ReversingLabs, nullifAI, 2025-02; picklescan d3273f4";

    /// The pickle refers to buffers that are not in the file (`NEXT_BUFFER`). A plain unpickler fails on it;
    /// a program that passes buffers along (Dask, Ray) does not. Files that are meant to be shared have none.
    PICKLE_BUFFER = "pickle-buffer" Review NotScanned, "the pickle needs buffers from outside the file",
        because "what they hold is not in the file", see "PEP 574";

    /// The pickle carries another pickle or an archive as bytes and hands it to a function that may load it. The inner
    /// one is scanned as well, and its findings stand beside this one. Tensors that were pickled without `torch.save`
    /// are honest files of this kind: save a state dict instead.
    PICKLE_IN_PICKLE = "pickle-in-pickle" Review RunsCode, "the pickle unpickles bytes that it carries",
        because "tools that look at the outer program only miss the inner one", see "arXiv 2508.19774, CVE-2025-49655";

    /// A map of MessagePack says that it is an array of Python objects (`nd`, `kind: "O"`), as `msgpack_numpy` writes
    /// them. Its data are a pickle, which `msgpack_numpy.decode` loads. Or other bytes of the document are a pickle, for
    /// a reader that knows.
    ///
    /// The pickle is scanned as well, and its findings stand beside this one. Weights are arrays of numbers, and have
    /// no use for it.
    MSGPACK_PICKLED_ARRAY = "msgpack-pickled-array" Review RunsCode, "MessagePack holds a pickle",
        because "`msgpack_numpy` unpickles it as it reads the file",
        see "https://github.com/lebedov/msgpack-numpy, CWE-502";

    /// The first pickle of an old torch file is not the plain magic number but a program that computes it.
    TORCH_MAGIC = "torch-magic" Dangerous RunsCode, "the magic number is computed",
        because "the file runs code before torch knows that it is one", see "GHSA-97f8-7cmv-76j2";

    /// Numbers of a tensor (offset, shape, strides, storage) are negative, overflow, or reach outside the storage
    /// that they name. PyTorch checks most of them only since 2.10. Honest tensors lie within their storage.
    ///
    /// The same holds for dtypes of NumPy: a field outside its item, or on top of a Python object, reads and writes memory
    /// that is not the array's, and NumPy takes such dtypes as they are.
    TENSOR_GEOMETRY = "tensor-geometry" Dangerous RunsCode, "a tensor reaches outside its storage",
        because "loaders have read and written foreign memory that way", see "CVE-2026-24747";

    /// A storage is longer or shorter than the pickle says, or missing. `torch.save` writes each storage once, whole,
    /// so the file was cut, changed, or written by something else.
    ///
    /// Loaders fail on it, or read what lies behind. Fetch it again, or save it anew from a trusted copy.
    STORAGE_SIZE = "storage-size" Review Advice, "a storage has another size than the pickle says",
        because "the tensors in it are not what was saved",
        see "https://pytorch.org/docs/stable/notes/serialization.html, CVE-2026-24747";

    /// The archive holds tensor data that no tensor refers to. It is scanned as a file of its own.
    ///
    /// `torch.save` writes what tensors need and no more. Whatever else is in `data/` is for another reader: a
    /// second stage, a hidden message, or the remains of a tool that edits checkpoints.
    STORAGE_UNREFERENCED = "storage-unreferenced" Review Advice, "the archive holds data that no tensor uses",
        because "data that nothing loads is there for another reader",
        see "https://pytorch.org/docs/stable/notes/serialization.html";

    /// A file of the oldest torch format (before 0.2), a tar archive. Its loader executes pickles even where only
    /// weights were asked for.
    ///
    /// Honest ones are from 2017. Load it once in a sandbox and save it as safetensors.
    TORCH_TAR = "torch-tar" Review RunsCode, "this is a torch file of the oldest, unprotected format",
        because "`weights_only=True` did not protect this path", see "CVE-2025-32434";

    /// A TorchScript archive or an exported program (`.pt2`): it holds a program beside the weights, which runs in
    /// PyTorch's own interpreter.
    ///
    /// That program is not scanned here. It can call every operator of PyTorch, those that read and write files
    /// among them. Ask for plain weights and the code that goes with them.
    TORCHSCRIPT = "torchscript" Review NotScanned, "the archive holds TorchScript code",
        because "loading it makes a program that can read and write files",
        see "https://pytorch.org/docs/stable/jit.html, https://github.com/pytorch/pytorch/security/policy";
}
