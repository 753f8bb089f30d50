//! Rules about Python code.

super::family! {
    /// The module starts programs, opens connections, runs strings, loads native code, unpickles or writes files
    /// at the moment it is imported: at module level, in a class body, a decorator, a default, or a helper that is
    /// called there.
    ON_IMPORT = "code-on-import" Dangerous, "importing the module acts on the machine",
        because "it runs before anyone has called anything", see "";

    /// A function of the module starts programs, opens connections, runs strings, loads native code, unpickles,
    /// reads the environment or touches files when it is called.
    ON_CALL = "code-on-call" Review, "a function acts on the machine when it is called",
        because "the loader or the model may call it", see "";

    /// The code reaches Python's internals (`__subclasses__`, `__globals__`, `__builtins__`), which lead to
    /// everything without naming it.
    INTERNALS = "code-internals" Dangerous, "the code reaches for Python's internals",
        because "what it calls cannot be seen in the text", see "";

    /// The module imports a library outside the well-known ones. What that does is not judged here.
    IMPORTS = "code-foreign-import" Review, "the code imports a library that is not well known",
        because "that library's code runs with it", see "";

    /// A configuration makes a loader import this file.
    REACHED = "code-reached" Review, "a loader imports this code",
        because "`trust_remote_code=True` runs it", see "";

    /// The file is not valid Python 3.
    UNPARSABLE = "code-unparsable" Review, "the code cannot be parsed",
        because "what cannot be parsed was not judged", see "";

    /// The file declares an encoding other than UTF-8, ASCII or Latin-1. In UTF-7 and its like, comments can
    /// hold calls.
    ENCODING = "code-encoding" Dangerous, "an unusual encoding hides what the code says",
        because "an editor shows something else than Python reads", see "PEP 263";

    /// Code stands far to the right, where an editor does not show it, or names mix scripts so that two look
    /// alike.
    HIDDEN = "code-hidden" Review, "code is hidden from a reader",
        because "a reviewer does not see what runs", see "CVE-2021-42574, CVE-2021-42694";
}
