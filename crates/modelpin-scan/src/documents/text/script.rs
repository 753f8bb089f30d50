//! Scripts and source code: by their names, and those for a shell by how they begin.

use crate::engine::name::Name;

/// Names that a tool, a shell or git looks for, whatever folder they are in.
const NAMES: &[&str] = &[
    "makefile",
    "gnumakefile",
    "bsdmakefile",
    "cmakelists.txt",
    "meson.build",
    "rakefile",
    "justfile",
    ".justfile",
    "procfile",
    "vagrantfile",
    "jenkinsfile",
    "brewfile",
    "gemfile",
    "podfile",
    "fastfile",
    "guardfile",
    "dangerfile",
    "tiltfile",
    "earthfile",
    "snakefile",
    "sconstruct",
    "sconscript",
    "wscript",
    "crontab",
    "build.bazel",
    // Hooks of git (`githooks(5)`).
    "applypatch-msg",
    "pre-applypatch",
    "post-applypatch",
    "pre-commit",
    "pre-merge-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-rebase",
    "post-checkout",
    "post-merge",
    "pre-push",
    "pre-receive",
    "post-receive",
    "post-update",
    "post-rewrite",
    "fsmonitor-watchman",
    "pre-auto-gc",
    // Scripts of packages of Debian. What shells obey by its name is a tool's file, which no review lets in.
    "preinst",
    "postinst",
    "prerm",
    "postrm",
];

/// Suffixes of what shells and interpreters run, of what desktops and systemd start, and of source that is compiled
/// where it is used, as `torch.utils.cpp_extension` does.
const SUFFIXES: &[&str] = &[
    "sh",
    "bash",
    "zsh",
    "ksh",
    "csh",
    "tcsh",
    "ash",
    "dash",
    "fish",
    "nu",
    "xsh",
    "elv",
    "command",
    "bat",
    "cmd",
    "ps1",
    "psm1",
    "psd1",
    "ps1xml",
    "vbs",
    "vbe",
    "wsf",
    "wsh",
    "hta",
    "js",
    "mjs",
    "cjs",
    "ts",
    "mts",
    "cts",
    "jsx",
    "tsx",
    "jse",
    "coffee",
    "rb",
    "pl",
    "pm",
    "lua",
    "php",
    "phtml",
    "tcl",
    "awk",
    "sed",
    "scpt",
    "applescript",
    "desktop",
    "reg",
    "url",
    "inf",
    "pyx",
    "mk",
    "mak",
    "cmake",
    "groovy",
    "gradle",
    "kts",
    "ex",
    "exs",
    "erl",
    "clj",
    "cljs",
    "lisp",
    "scm",
    "hs",
    "ml",
    "r",
    "jl",
    "el",
    "vim",
    "nix",
    "ahk",
    "au3",
    "gdb",
    "expect",
    "exp",
    "service",
    "timer",
    "socket",
    "mount",
    "automount",
    "slurm",
    "sbatch",
    "pbs",
    "qsub",
    "bazel",
    "bzl",
    "c",
    "cc",
    "cpp",
    "cxx",
    "cu",
    "cuh",
    "h",
    "hpp",
    "mm",
    "metal",
    "cl",
    "rs",
    "go",
    "java",
    "kt",
    "scala",
    "cs",
    "swift",
    "dart",
    "zig",
    "nim",
    "s",
    "asm",
    "f90",
    "f95",
];

/// Whether a name says that it is a script or source code.
pub(super) fn is_named(name: &Name) -> bool {
    NAMES.contains(&name.base.as_str()) || SUFFIXES.contains(&name.suffix.as_str())
}

/// Names without a suffix of texts for people.
const PROSE: &[&str] = &[
    "license",
    "licence",
    "copying",
    "readme",
    "notice",
    "authors",
    "contributors",
    "changelog",
    "changes",
    "history",
    "news",
    "todo",
    "version",
    "citation",
    "codeowners",
    "maintainers",
    "thanks",
    "patents",
];

/// What a line of a shell begins with, where the word means nothing else at the start of a line.
const COMMANDS: &[&str] = &[
    "curl",
    "wget",
    "sudo",
    "chmod",
    "chown",
    "mkdir",
    "rm",
    "cp",
    "mv",
    "ln",
    "apt",
    "apt-get",
    "yum",
    "dnf",
    "apk",
    "pacman",
    "brew",
    "pip",
    "pip3",
    "python",
    "python3",
    "conda",
    "bash",
    "zsh",
    "eval",
    "exec",
    "nohup",
    "npm",
    "npx",
    "node",
    "tar",
    "unzip",
    "ssh",
    "scp",
    "rsync",
    "nc",
    "ncat",
    "openssl",
    "base64",
    "printf",
    "unset",
    "ulimit",
    "umask",
    "pushd",
    "popd",
    "trap",
    "systemctl",
    "crontab",
    "docker",
    "podman",
    "kubectl",
    "dd",
    "mkfifo",
    "xargs",
    "perl",
    "ruby",
    "php",
    "osascript",
    "powershell",
    "setsid",
    "kill",
    "pkill",
    "echo",
    "export",
    "uv",
    "git",
    "torchrun",
    "accelerate",
    "deepspeed",
    "srun",
    "sbatch",
];

/// What the line goes on with after a word that has a meaning in English as well.
const FORMS: &[(&str, &[&str])] = &[
    ("set", &["-", "+"]),
    ("if", &["[", "!", "test ", "command ", "which "]),
    ("while", &["[", "true", "read ", ":", "!"]),
    ("until", &["[", "!"]),
    ("cd", &["/", ".", "~", "$", "\"", "-"]),
    ("source", &["/", ".", "~", "$", "\""]),
    (".", &["/", "./", "~", "$"]),
    ("sh", &["-", "/", ".", "$"]),
    ("cat", &["/", "<", ">", "~", "$"]),
    ("alias", &[]),
    ("true", &[]),
];

/// What of a line shows a shell wherever it is: something is fetched or unpacked into one.
const PIPES: &[&str] =
    &["| sh", "|sh", "| bash", "|bash", "| zsh", "| sudo", "| python", "|python", "| perl", "$(curl", "`curl"];

/// Whether a text without a suffix is for a shell: one that says so with no first line is run with `sh name`. What
/// loaders read by its name is for them.
pub(super) fn is_shell(head: &[u8], name: &Name) -> bool {
    if name.base.contains('.') || super::is_read(name) || PROSE.iter().any(|prose| name.base.starts_with(prose)) {
        return false;
    }
    let text = String::from_utf8_lossy(head);
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let mut lines = lines.take(20).peekable();
    lines.peek().is_some_and(|first| is_command(first))
        || lines.any(|line| PIPES.iter().any(|pipe| line.contains(pipe)) || line.starts_with("set -"))
}

/// Whether a line is a command, or sets a variable.
fn is_command(line: &str) -> bool {
    let line = line.trim_start();
    let (word, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let sets = word.split_once('=').is_some_and(|(name, value)| is_name(name) && !value.starts_with('='));
    let defines = word.strip_suffix("()").or_else(|| word.strip_suffix("(){")).is_some_and(is_name);
    let is_form = || {
        FORMS.iter().any(|(known, next)| {
            *known == word && (rest.is_empty() && next.is_empty() || next.iter().any(|next| rest.starts_with(next)))
        })
    };
    sets || defines || is_form() || COMMANDS.contains(&word) && !rest.trim_end().ends_with('.')
}
