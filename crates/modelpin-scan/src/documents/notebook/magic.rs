//! What IPython takes for itself: the magics that come with it and with Colab (`IPython/core/magics/`,
//! `ipykernel`, `google.colab`), as tables. A magic that is in none of them acts.

use super::command;
use super::source::Cell;
use crate::engine::{Scan, ScanError};
use modelpin_schema::visible;

/// What a magic of a whole cell makes of the cell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OfCell {
    /// Python, perhaps with another such magic.
    Python,
    /// Python, and the arguments of the magic are Python too.
    Timed,
    /// Commands of a shell.
    Shell,
    /// Something that is only shown.
    Shown,
    /// Something that is run or written.
    Acts,
}

/// Magics of cells, by what they make of them.
const CELLS: &[(OfCell, &[&str])] = &[
    (OfCell::Python, &["time", "capture", "debug", "python", "python3", "pypy", "script_python", "memit"]),
    (OfCell::Timed, &["timeit", "prun", "mprun", "lprun"]),
    (OfCell::Shell, &["bash", "sh", "shell", "zsh", "cmd"]),
    (OfCell::Shown, &["latex", "markdown", "svg"]),
];

/// What `%%name` makes of its cell.
pub(super) fn cell(name: &str) -> OfCell {
    let known = CELLS.iter().find(|(_, names)| names.contains(&name));
    known.map_or(OfCell::Acts, |(what, _)| *what)
}

/// Magics of a line that show or set something of IPython alone.
const SHOW: &[&str] = &[
    "matplotlib",
    "autoreload",
    "cd",
    "pwd",
    "pushd",
    "popd",
    "dhist",
    "ls",
    "ll",
    "lf",
    "lx",
    "ldir",
    "lk",
    "who",
    "who_ls",
    "whos",
    "history",
    "hist",
    "recall",
    "lsmagic",
    "magic",
    "quickref",
    "reset",
    "reset_selective",
    "xdel",
    "xmode",
    "pdb",
    "precision",
    "pprint",
    "page",
    "colors",
    "color_info",
    "automagic",
    "autocall",
    "autoawait",
    "autosave",
    "autoindent",
    "doctest_mode",
    "logstate",
    "notebook",
    "pdef",
    "pdoc",
    "pfile",
    "pinfo",
    "pinfo2",
    "psearch",
    "psource",
    "pycat",
    "tb",
    "unalias",
    "unload_ext",
    "watermark",
    "tensorboard",
    "tensorflow_version",
    "qtconsole",
    "connect_info",
    "man",
    "less",
    "more",
    "mkdir",
    "cat",
    "clear",
    "gui",
    "load_data_table",
];

/// Magics whose arguments are Python that they run.
const RUN: &[&str] = &["time", "timeit", "prun", "memit", "mprun", "lprun", "debug"];

/// Magics whose line is a command of a tool that installs packages.
const INSTALL: &[&str] = &["pip", "pip3", "conda", "mamba", "micromamba", "uv"];

/// Extensions that come with IPython and Colab, or that only show things.
const EXTENSIONS: &[&str] = &[
    "autoreload",
    "tensorboard",
    "storemagic",
    "google.colab.data_table",
    "cudf.pandas",
    "cuml.accel",
    "memory_profiler",
    "line_profiler",
    "watermark",
    "autotime",
    "nb_black",
    "lab_black",
    "jupyter_black",
    "dotenv",
    "rich",
];

/// Arguments without the options in front of them, which have values where they are a letter alone.
pub(super) fn without_options(arguments: &str) -> &str {
    let mut rest = arguments.trim();
    while let Some(option) = rest.strip_prefix('-') {
        let (word, behind) = option.split_once(char::is_whitespace).unwrap_or((option, ""));
        rest = behind.trim_start();
        let takes_value = matches!(word, "n" | "r" | "s" | "l" | "T" | "D" | "f" | "m" | "u" | "i" | "t" | "p");
        if takes_value && !rest.starts_with('-') {
            let value = rest.split_whitespace().next().unwrap_or_default();
            // `-t` and `-p` of `timeit` are followed by a number or by nothing.
            if !matches!(word, "t" | "p" | "i") || value.chars().all(|c| c.is_ascii_digit()) && !value.is_empty() {
                rest = rest.get(value.len()..).unwrap_or_default().trim_start();
            }
        }
    }
    rest
}

/// What `escape` comes down to in Python; what it does otherwise is reported.
pub(super) fn line(escape: &str, cell: &Cell, at: usize, scan: &mut Scan<'_>) -> Result<String, ScanError> {
    let whole = escape.replace("\\\n", " ");
    let mut text = whole.trim();
    // A magic may run another one; each is shorter than the one before.
    loop {
        scan.budget.step()?;
        // `!!` hands the output to Python, as `%sx` does.
        if text.starts_with("!!") {
            cell.report(at, &format!("takes the output of `{}`", visible(text)), scan);
            return Ok(OUTPUT.to_owned());
        }
        if let Some(command) = text.strip_prefix('!') {
            command::line(command, cell, at, scan);
            return Ok(OUTPUT.to_owned());
        }
        if text.ends_with('?') || text.starts_with('?') {
            return Ok(NOTHING.to_owned());
        }
        let Some(magic) = text.strip_prefix('%') else { return Ok(called(text)) };
        let magic = magic.trim_start_matches('%').trim_start();
        let (name, arguments) = magic.split_once(char::is_whitespace).unwrap_or((magic, ""));
        if RUN.contains(&name) {
            text = without_options(arguments);
            if !text.starts_with(['!', '%']) {
                return Ok(if text.is_empty() { NOTHING.to_owned() } else { text.to_owned() });
            }
            continue;
        }
        return Ok(named(name, arguments.trim(), cell, at, scan));
    }
}

/// What stands for the result of a command: a name that nobody knows anything of.
const OUTPUT: &str = "cell_output";

/// What stands where nothing happens.
const NOTHING: &str = "None";

/// A magic that runs no Python of its arguments.
fn named(name: &str, arguments: &str, cell: &Cell, at: usize, scan: &mut Scan<'_>) -> String {
    let whole = format!("{name} {arguments}");
    match name {
        _ if INSTALL.contains(&name) => command::line(&whole, cell, at, scan),
        "env" | "set_env" => return set(arguments),
        // The right side is run (`IPython/core/magics/config.py`).
        "config" => return arguments.split_once('=').map_or(NOTHING, |(_, value)| value.trim()).to_owned(),
        "load_ext" | "reload_ext" if EXTENSIONS.contains(&arguments) => {}
        _ if SHOW.contains(&name) => {}
        _ => cell.report(at, &format!("`%{}`", visible(whole.trim())), scan),
    }
    OUTPUT.to_owned()
}

/// A variable of the environment, which `%env` sets where it is given a value.
fn set(arguments: &str) -> String {
    let pair = arguments.split_once('=').or_else(|| arguments.split_once(char::is_whitespace));
    pair.map_or_else(
        || NOTHING.to_owned(),
        |(name, value)| format!("import os; os.environ[{:?}] = {:?}", name.trim(), value.trim()),
    )
}

/// A call without its parentheses: `/f a, b`, `,f a b`, `;f a b`.
fn called(text: &str) -> String {
    let (kind, rest) = text.split_at_checked(1).unwrap_or((text, ""));
    let (name, arguments) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
    let quoted = |word: &str| format!("{word:?}");
    let arguments = match kind {
        "," => arguments.split_whitespace().map(quoted).collect::<Vec<_>>().join(", "),
        ";" => quoted(arguments.trim()),
        _ => arguments.trim().to_owned(),
    };
    format!("{name}({arguments})")
}

/// What a cell that names `get_ipython` does with it, unless it only asks where it runs. `text` begins at the name.
pub(super) fn of_shell(text: &str, before: &str) -> Option<&'static str> {
    let rest = text.strip_prefix("get_ipython")?.trim_start();
    let Some(rest) = rest.strip_prefix('(').and_then(|rest| rest.trim_start().strip_prefix(')')) else {
        return Some("takes IPython itself");
    };
    let rest = rest.trim_start_matches([' ', '\t']);
    let asks = before.trim_end().ends_with("str(") || before.trim_end().ends_with("type(");
    let is_compared = [")", "is ", "==", "!=", ":"].iter().any(|next| rest.starts_with(next));
    let shows = [".__class__", ".run_line_magic('matplotlib'", ".run_line_magic(\"matplotlib\"", ".kernel.do_shutdown"];
    let is_shown = shows.iter().any(|next| rest.starts_with(next));
    (!(asks && is_compared || rest.starts_with("is ") || is_shown)).then_some("makes IPython do something")
}
