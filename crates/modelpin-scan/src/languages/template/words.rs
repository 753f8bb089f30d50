//! What chat templates may call, test and filter with.

/// Functions of the renderers: Jinja2's own, and those that transformers adds (`utils/chat_template_utils.py`).
pub(super) const FUNCTIONS: &[&str] =
    &["raise_exception", "strftime_now", "namespace", "range", "dict", "caller", "loop", "super"];

/// Methods of strings, dictionaries, lists and loops that change nothing and reach nothing.
pub(super) const METHODS: &[&str] = &[
    "split",
    "rsplit",
    "splitlines",
    "strip",
    "lstrip",
    "rstrip",
    "startswith",
    "endswith",
    "replace",
    "upper",
    "lower",
    "title",
    "capitalize",
    "swapcase",
    "casefold",
    "removeprefix",
    "removesuffix",
    "partition",
    "rpartition",
    "find",
    "rfind",
    "index",
    "rindex",
    "count",
    "join",
    "isdigit",
    "isnumeric",
    "isdecimal",
    "isalpha",
    "isalnum",
    "isspace",
    "isupper",
    "islower",
    "istitle",
    "isidentifier",
    "zfill",
    "ljust",
    "rjust",
    "center",
    "expandtabs",
    "items",
    "keys",
    "values",
    "get",
    "copy",
    "cycle",
    "changed",
    "trim",
    "tojson",
    "length",
    "bit_length",
];

/// Jinja2's filters (`jinja2/filters.py`), but for those that make links, and what chat renderers add.
pub(super) const FILTERS: &[&str] = &[
    "abs",
    "attr",
    "batch",
    "capitalize",
    "center",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "filesizeformat",
    "first",
    "float",
    "forceescape",
    "format",
    // llama.cpp and SGLang: the arguments of a call of a tool, which are text, as data.
    "from_json",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "random",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "string",
    "striptags",
    "sum",
    "title",
    "tojson",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "wordcount",
    "wordwrap",
];

/// Jinja2's tests (`jinja2/tests.py`).
pub(super) const TESTS: &[&str] = &[
    "boolean",
    "callable",
    "defined",
    "divisibleby",
    "eq",
    "equalto",
    "==",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "ge",
    ">=",
    "greaterthan",
    "gt",
    ">",
    "in",
    "integer",
    "iterable",
    "le",
    "<=",
    "lessthan",
    "lower",
    "lt",
    "<",
    "mapping",
    "ne",
    "!=",
    "none",
    "number",
    "odd",
    "sameas",
    "sequence",
    "string",
    "test",
    "true",
    "undefined",
    "upper",
];

/// Names that are not data: objects of Jinja2 and of web frameworks from which Python is one attribute away.
pub(super) const GLOBALS: &[&str] = &[
    "cycler",
    "joiner",
    "lipsum",
    "self",
    "config",
    "request",
    "g",
    "session",
    "url_for",
    "get_flashed_messages",
    "application",
    "environ",
];

/// Attributes without an underscore that lead into Python all the same (`UNSAFE_*_ATTRIBUTES` in
/// `jinja2/sandbox.py`, and what Python 2 called them).
const INTERNALS: &[&str] = &[
    "mro",
    "gi_frame",
    "gi_code",
    "gi_yieldfrom",
    "cr_frame",
    "cr_code",
    "cr_await",
    "cr_origin",
    "ag_frame",
    "ag_code",
    "ag_await",
    "tb_frame",
    "tb_next",
    "f_back",
    "f_builtins",
    "f_code",
    "f_globals",
    "f_locals",
    "f_trace",
    "co_code",
    "co_consts",
    "co_names",
    "func_globals",
    "func_code",
    "func_closure",
    "func_defaults",
    "func_dict",
    "im_class",
    "im_func",
    "im_self",
];

/// Parts of names that nothing but the way into Python is put together from.
const FRAGMENTS: &[&str] =
    &["class", "mro", "bases", "subclasses", "globals", "builtins", "init", "import", "getitem", "getattribute"];

/// Whether a key or an attribute of this name, or a path of them, leads out of the data.
pub(super) fn is_internal(path: &str) -> bool {
    path.split('.').any(|name| name.trim().starts_with('_') || INTERNALS.contains(&name.trim()))
}

/// Whether `text` is the whole name of one of Python's special attributes.
pub(super) fn is_dunder(text: &str) -> bool {
    let inner = text.trim().strip_prefix("__").and_then(|rest| rest.strip_suffix("__"));
    inner.is_some_and(|name| {
        FRAGMENTS.contains(&name) || matches!(name, "base" | "dict" | "reduce" | "code" | "getattr")
    })
}

/// Whether a key that is put together has a part that only names of Python's internals have.
pub(super) fn is_fragment(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    text.starts_with('_') || text.ends_with('_') || text.contains("__") || FRAGMENTS.contains(&lower.as_str())
}
