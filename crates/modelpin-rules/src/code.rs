//! Rules about Python code.

crate::rule::family! {
    "code", code;

    /// The module starts programs, opens connections, runs strings, loads native code, unpickles or writes files
    /// at the moment it is imported: at module level, in a class body, a decorator, a default, an annotation, or a
    /// function that is called there.
    ///
    /// A loader with `trust_remote_code=True` imports the module before it asks for anything in it, so this cannot
    /// be avoided by not calling a function. Ordinary modeling code defines classes and functions and does nothing
    /// else. Read the lines named here; scripts that are meant to be run belong behind
    /// `if __name__ == "__main__":`.
    CODE_ON_IMPORT = "code-on-import" Dangerous RunsCode, "importing the module acts on the machine",
        because "it runs before anyone has called anything", see "https://docs.python.org/3/reference/import.html#loading";

    /// A function of the module starts programs, opens connections, runs strings, loads native code, unpickles
    /// or touches files that nobody handed to it, when it is called; or the module reads such files on import.
    ///
    /// Handlers, training scripts and processors that fetch pictures do so honestly. Read the lines named here and
    /// decide whether the model needs them.
    CODE_ON_CALL = "code-on-call" Review Advice, "a function acts on the machine when it is called",
        because "the loader or the model may call it", see "https://huggingface.co/docs/transformers/custom_models";

    /// As the module is imported, something is called of which the text does not tell what it is: something that came
    /// from a call, a container or a caller, a function of a library that nobody has checked, or a method of an unknown
    /// object whose name says nothing.
    ///
    /// A module is `safe` where everything that it calls on import is known to be harmless. Look at the lines named here;
    /// move what is only needed later into functions.
    CODE_UNRESOLVED_CALL = "code-unresolved-call" Review Advice, "importing the module calls something that is not known",
        because "what is called cannot be seen in the text", see "https://docs.python.org/3/reference/import.html#loading";

    /// The code reads environment variables, or writes to files that its caller names. Recorded, and no reason for
    /// alarm: nearly every program does.
    CODE_ENVIRONMENT = "code-environment" Note Advice, "the code reads the environment or writes where its caller says",
        because "it depends on more than its arguments", see "https://docs.python.org/3/library/os.html#os.environ";

    /// The code reads secrets (tokens and keys from the environment, all of the environment, files such as
    /// `~/.ssh/id_rsa`) and opens connections: in one function, or on import.
    ///
    /// That is how credentials are carried away. A client for a service does the same with its own key; nothing
    /// that computes a model does. Look at where the connection goes.
    CODE_SECRETS = "code-secrets" Dangerous RunsCode, "the code reads secrets and opens connections",
        because "what it reads can leave the machine", see "https://attack.mitre.org/techniques/T1552/";

    /// The code calls something by way of Python's internals (`__subclasses__`, `__globals__`, stack frames), which
    /// lead from any object to everything else without naming it, or replaces the code of a function.
    ///
    /// Modeling code has no use for that; `__class__`, `__dict__`, `__doc__` and the like are not meant.
    CODE_INTERNALS = "code-internals" Dangerous RunsCode, "the code calls by way of Python's internals",
        because "what it calls cannot be seen in the text",
        see "https://docs.python.org/3/reference/datamodel.html";

    /// The code looks at Python's internals: stack frames, the globals of functions, the subclasses of a class.
    ///
    /// Loggers, registries and debuggers do. Nothing was seen to be called by way of what they find.
    CODE_INSPECTS = "code-inspects" Review Advice, "the code looks at Python's internals",
        because "they lead from any object to everything else", see "https://docs.python.org/3/library/inspect.html";

    /// The module imports a library outside the well-known ones. What that does is not scanned here, and a name that
    /// resembles a well-known one may be meant to be mistaken for it.
    CODE_FOREIGN_IMPORT = "code-foreign-import" Review Advice, "the code imports a library that is not well known",
        because "that library's code runs with it", see "https://owasp.org/www-project-top-10-ci-cd-security-risks/";

    /// The code takes everything from a module through which the whole system can be reached
    /// (`from os import *`). Any name in it may then be one of that module's.
    CODE_STAR_IMPORT = "code-star-import" Review Advice, "the code takes all names of a powerful module",
        because "its functions are then called without being named", see "PEP 8";

    /// The code chooses a member of a library by a name that is computed while it runs
    /// (`getattr(torch, name)`).
    ///
    /// Usually the name is that of a number type or an activation from the configuration. It can be that of a
    /// loader as well.
    CODE_COMPUTED_NAME = "code-computed-name" Review Advice, "the code picks a library's function by a computed name",
        because "which one it is cannot be seen in the text", see "https://docs.python.org/3/library/functions.html#getattr";

    /// The code loads a model or tokenizer from another repository, which it names, or has remote code trusted.
    ///
    /// That repository is not part of what was locked and scanned here. Lock it as well, and have the code read it
    /// from there.
    CODE_FETCHES_MODEL = "code-fetches-model" Review Advice, "the code loads from another repository",
        because "what lies there is not pinned by this lock", see "https://huggingface.co/docs/transformers/custom_models";

    /// The code replaces functions of a library, or has itself called at exit or on signals.
    ///
    /// Patches for speed and compatibility do so. They change what other code does, for the whole process.
    CODE_PATCHES_LIBRARY = "code-patches-library" Review Advice, "the code changes another library while it runs",
        because "code that was reviewed elsewhere does something else from then on", see "https://docs.python.org/3/library/atexit.html";

    /// The code replaces functions of Python itself (`builtins`, `os`, `pickle`, `importlib`), or hooks into how
    /// modules are imported and code is traced.
    ///
    /// From then on, every import and every call can be its own. Debuggers do that; models do not.
    CODE_HOOKS_PYTHON = "code-hooks-python" Dangerous RunsCode, "the code hooks into Python itself",
        because "everything that runs afterwards can be changed by it", see "PEP 302, PEP 578";

    /// The code adds a folder to those in which Python looks for modules. Scripts do so to find their neighbours;
    /// a later `import` may then find another module than the one that was meant.
    CODE_SEARCH_PATH = "code-search-path" Review Advice, "the code changes where modules are looked for",
        because "later imports can find other modules", see "https://docs.python.org/3/library/sys.html#sys.path";

    /// A class says how its objects are unpickled (`__reduce__`): by a call of its choice. Honest classes with
    /// state that cannot be copied do so.
    CODE_REDUCE = "code-reduce" Review Advice, "a class defines what unpickling its objects calls",
        because "a pickle of such an object is a call", see "https://docs.python.org/3/library/pickle.html#object.__reduce__";

    /// A configuration makes a loader import this file.
    CODE_REACHED = "code-reached" Review Advice, "a loader imports this code",
        because "`trust_remote_code=True` runs it", see "https://huggingface.co/docs/transformers/custom_models";

    /// The file is not valid Python 3: Python 2, cut off, of an unknown encoding, or with NUL bytes in it.
    ///
    /// What a parser recovers from such a file is scanned all the same, but it need not be all.
    CODE_UNPARSABLE = "code-unparsable" Review NotScanned, "the code cannot be parsed",
        because "what cannot be parsed was not scanned", see "https://docs.python.org/3/reference/grammar.html";

    /// The file declares an encoding other than UTF-8, ASCII or Latin-1. In UTF-7 and its like, comments can
    /// hold calls.
    CODE_ENCODING = "code-encoding" Dangerous NotScanned, "an unusual encoding hides what the code says",
        because "an editor shows something else than Python reads", see "PEP 263";

    /// Code stands far to the right, where an editor does not show it, after a line end that editors ignore, or names
    /// mix scripts so that two look alike.
    CODE_HIDDEN = "code-hidden" Review Advice, "code is hidden from a reader",
        because "a reviewer does not see what runs", see "CVE-2021-42574, CVE-2021-42694";

    /// A cell of a notebook acts when somebody runs it: it gives a command to a shell (`!curl … | sh`, `%%bash`), loads
    /// an extension, writes a file, or its Python does what would be reported in a file of its own. All cells are checked
    /// together as one module, since names carry over. Cells of another language are not checked, and are reported as well.
    ///
    /// Opening a notebook runs nothing, and packages that `!pip install` takes from the index by their name are not
    /// reported. Honest notebooks fetch, train and save. Read the cells before you run them.
    NOTEBOOK_CODE = "notebook-code" Review Advice, "a cell of the notebook acts on the machine when it is run",
        because "whoever runs all cells runs this one", see "CWE-829, https://ipython.readthedocs.io/en/stable/interactive/magics.html";

    /// An output that is kept in the notebook holds a script or a page within a page. Jupyter runs those only in
    /// notebooks that it takes for trusted.
    ///
    /// Plots that can be moved are kept like this. Clear the outputs if nobody needs them.
    NOTEBOOK_OUTPUT = "notebook-output" Note Advice, "an output of the notebook holds a script",
        because "it runs in the browser of whoever trusts the notebook",
        see "https://jupyter-server.readthedocs.io/en/latest/operators/security.html";
}
