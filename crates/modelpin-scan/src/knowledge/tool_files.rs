//! Files that a shell, an editor or another tool obeys because of their names: anyone who works in the folder runs
//! them, or what they name, without being asked.

use crate::engine::{Location, Scan};
use modelpin_rules::file::TOOL_FILE;
use modelpin_schema::path::folded;

/// A tool, and what it obeys. Names are as [`folded`] makes them.
struct Tool {
    /// It, or several like it.
    who: &'static str,
    /// Names of files.
    files: &'static [&'static str],
    /// Names of folders, with whatever is in them.
    folders: &'static [&'static str],
    /// Ends of names.
    ends: &'static [&'static str],
}

const fn files(who: &'static str, files: &'static [&'static str]) -> Tool {
    Tool { who, files, folders: &[], ends: &[] }
}

const fn folders(who: &'static str, folders: &'static [&'static str]) -> Tool {
    Tool { who, files: &[], folders, ends: &[] }
}

/// The tools: first those that act when somebody only enters, opens or inspects a folder, then those that somebody
/// starts in it for something else, then those that read such a file where the folder is somebody's home.
static TOOLS: &[Tool] = &[
    Tool { who: "direnv", files: &[".envrc"], folders: &[".direnv"], ends: &[] },
    files("autoenv", &[".autoenv", ".autoenv.zsh", ".autoenv_leave.zsh", ".env.fish"]),
    folders("shadowenv", &[".shadowenv.d"]),
    Tool {
        who: "mise or asdf",
        files: &[
            "mise.toml",
            ".mise.toml",
            "mise.local.toml",
            ".mise.local.toml",
            ".rtx.toml",
            ".tool-versions",
            ".asdfrc",
        ],
        folders: &[".mise"],
        ends: &[],
    },
    files(
        "docker compose, VS Code, or whatever reads `.env` files",
        &[".env", ".env.local", ".env.development", ".env.production", ".flaskenv"],
    ),
    Tool {
        who: "VS Code, or an editor made from it",
        files: &[".devcontainer.json"],
        folders: &[
            ".vscode",
            ".vscode-insiders",
            ".vscode-oss",
            ".idx",
            ".devcontainer",
            ".theia",
            ".cursor",
            ".windsurf",
            ".kiro",
        ],
        ends: &[".code-workspace"],
    },
    folders("an IDE of JetBrains", &[".idea", ".fleet"]),
    folders("Visual Studio", &[".vs"]),
    Tool {
        who: "vim or neovim",
        files: &[
            ".vimrc",
            "_vimrc",
            ".gvimrc",
            "_gvimrc",
            ".exrc",
            "_exrc",
            ".nvimrc",
            ".nvim.lua",
            ".lvimrc",
            ".local.vimrc",
            ".vimrc.local",
        ],
        folders: &[".vim", ".nvim"],
        ends: &[],
    },
    Tool {
        who: "emacs",
        files: &[".dir-locals.el", ".dir-locals-2.el", "_dir-locals.el", ".emacs", ".emacs.el"],
        folders: &[".emacs.d"],
        ends: &[],
    },
    Tool {
        who: "an editor",
        files: &[".kateproject", ".ycm_extra_conf.py", ".clangd"],
        folders: &[".zed", ".helix", ".nova"],
        ends: &[".sublime-project", ".sublime-workspace"],
    },
    Tool {
        who: "a coding agent",
        files: &[".mcp.json", ".aider.conf.yml"],
        folders: &[".claude", ".gemini", ".codex", ".roo", ".continue", ".opencode"],
        ends: &[],
    },
    Tool {
        who: "the file manager of Windows or KDE",
        files: &["desktop.ini", "autorun.inf", ".directory"],
        folders: &[],
        ends: &[".lnk", ".scf", ".url", ".library-ms", ".searchconnector-ms"],
    },
    files("a web server", &[".htaccess", ".user.ini", "web.config"]),
    Tool {
        who: "a version control tool",
        files: &[".hgrc", ".fslckout", "_fossil_"],
        folders: &[".hg", ".sl", ".jj", ".svn", ".bzr", "_darcs", ".pijul", ".fossil-settings"],
        ends: &[],
    },
    folders("git, where they are set as its hooks", &[".husky", ".githooks"]),
    files(
        "a debugger",
        &[
            ".gdbinit",
            ".gdbearlyinit",
            "gdbinit",
            "gdb.ini",
            ".dbxrc",
            ".dbxinit",
            ".lldbinit",
            ".pdbrc",
            ".pdbrc.py",
            ".jdbrc",
            ".perldb",
            ".radare2rc",
        ],
    ),
    files("R", &[".rprofile", ".renviron", ".rdata", "rprofile.site", "renviron.site"]),
    Tool {
        who: "Python, or a tool for it",
        files: &[
            "sitecustomize.py",
            "usercustomize.py",
            ".pythonrc",
            ".pythonrc.py",
            ".pythonstartup",
            "pylintrc",
            ".pylintrc",
            "jupyter_config.json",
            "jupyter_notebook_config.json",
            "jupyter_server_config.json",
            "jupyter_lab_config.json",
            "ipython_config.json",
            "uv.toml",
            "pip.conf",
            "pip.ini",
            ".pypirc",
            ".pydistutils.cfg",
        ],
        folders: &[".ipython", ".jupyter", ".pip"],
        ends: &["._pth"],
    },
    files(
        "an interpreter",
        &[
            ".ghci",
            ".gnuplot",
            ".guile",
            ".latexmkrc",
            "latexmkrc",
            ".xonshrc",
            ".ocamlinit",
            ".utoprc",
            ".irbrc",
            ".pryrc",
            ".iex.exs",
            ".erlang",
            ".octaverc",
            "startup.m",
            ".juliarc.jl",
        ],
    ),
    Tool { who: "cargo or rustup", files: &["rust-toolchain", "rust-toolchain.toml"], folders: &[".cargo"], ends: &[] },
    Tool {
        who: "npm, yarn, pnpm or bun",
        files: &[".npmrc", ".yarnrc", ".yarnrc.yml", ".pnpmfile.cjs", ".pnpmfile.mjs", "bunfig.toml"],
        folders: &[".yarn"],
        ends: &[],
    },
    Tool {
        who: "a build tool",
        files: &[".bazelrc", ".buckconfig", ".buckconfig.local", ".sbtopts", ".jvmopts", "ansible.cfg"],
        folders: &[".mvn", ".bundle"],
        ends: &[],
    },
    Tool {
        who: "a shell, where the folder is somebody's home",
        files: &[
            ".bashrc",
            ".bash_profile",
            ".bash_login",
            ".bash_logout",
            ".bash_aliases",
            ".profile",
            ".zshrc",
            ".zshenv",
            ".zprofile",
            ".zlogin",
            ".zlogout",
            ".cshrc",
            ".tcshrc",
            ".login",
            ".logout",
            ".kshrc",
            ".mkshrc",
            ".inputrc",
            ".xprofile",
            ".xinitrc",
            ".xsession",
            ".xsessionrc",
            ".pam_environment",
        ],
        folders: &[".bashrc.d", ".oh-my-zsh"],
        ends: &[],
    },
    Tool {
        who: "a program that keeps its settings there, where the folder is somebody's home",
        files: &[
            ".tmux.conf",
            ".screenrc",
            ".gitconfig",
            ".curlrc",
            "_curlrc",
            ".wgetrc",
            ".netrc",
            "_netrc",
            ".psqlrc",
            ".sqliterc",
            ".mailrc",
            ".muttrc",
            ".forward",
            ".rhosts",
            ".lesskey",
        ],
        folders: &[".config", ".ssh", ".gnupg"],
        ends: &[],
    },
];

/// Scans the path of a file.
pub(crate) fn name(path: &str, scan: &mut Scan<'_>) {
    if let Some((part, who)) = tool_of(path) {
        scan.report(&TOOL_FILE, Location::Whole, format!("`{part}` is read by {who}"));
    }
}

/// The part of `path` that a tool obeys, and the tool.
fn tool_of(path: &str) -> Option<(&str, &'static str)> {
    let mut parts = path.split('/').rev();
    let file = parts.next().unwrap_or_default();
    let name = folded(file);
    let is_file = |tool: &&Tool| {
        // The end of a name is not a name.
        tool.files.contains(&name.as_str()) || tool.ends.iter().any(|end| name.len() > end.len() && name.ends_with(end))
    };
    if let Some(tool) = TOOLS.iter().find(is_file) {
        return Some((file, tool.who));
    }
    parts.find_map(|part| {
        let name = folded(part);
        let tool = TOOLS.iter().find(|tool| tool.folders.contains(&name.as_str()))?;
        Some((part, tool.who))
    })
}

#[cfg(test)]
mod tests {
    use super::{TOOLS, tool_of};
    use modelpin_schema::path::folded;
    use std::collections::BTreeSet;

    #[test]
    fn every_name_is_folded_and_has_one_tool() {
        let names = TOOLS.iter().flat_map(|tool| tool.files.iter().chain(tool.folders).chain(tool.ends));
        let mut seen = BTreeSet::new();
        for name in names {
            assert_eq!(folded(name), *name);
            assert!(seen.insert(name), "{name} stands twice");
        }
    }

    #[test]
    fn names_are_obeyed_in_any_folder_and_by_any_file_system() {
        for path in [
            ".envrc",
            "a/b/.envrc",
            ".ENVRC",
            ".env\u{fe0f}rc",
            ".vscode/tasks.json",
            "sub/.VSCode/deep/x.json",
            "x.code-workspace",
            ".Rprofile",
            ".cargo/config.toml",
            "folder.library-ms",
        ] {
            assert!(tool_of(path).is_some(), "{path}");
        }
        for path in [
            "envrc",
            "a.envrc",
            ".envrc.md",
            ".vscode",
            "vscode/tasks.json",
            ".gitattributes",
            ".gitignore",
            ".gitmodules",
            ".github/workflows/x.yml",
            ".editorconfig",
            "Makefile",
            "config.json",
            "model.pth",
            ".lnk",
            "url",
        ] {
            assert!(tool_of(path).is_none(), "{path}");
        }
    }
}
