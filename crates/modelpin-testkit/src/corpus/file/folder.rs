//! Files that do something to whoever works in the folder they lie in, and files that only look like such.

use crate::corpus::{Expect, Item};

/// Names that a tool obeys.
const OBEYED: &[(&str, &str, &str)] = &[
    ("direnv", ".envrc", "export PATH=$PWD/bin:$PATH\n"),
    ("direnv-below", "sub/folder/.envrc", "true\n"),
    ("direnv-upper", ".ENVRC", "true\n"),
    ("direnv-hidden-character", ".env\u{fe0f}rc", "true\n"),
    ("mise", "mise.toml", "[env]\n_.source = \"x\"\n"),
    ("vs-code", ".vscode/settings.json", "{\"python.defaultInterpreterPath\": \"./x\"}\n"),
    ("vs-code-workspace", "model.code-workspace", "{\"folders\": []}\n"),
    ("jetbrains", ".idea/workspace.xml", "<project version=\"4\"/>\n"),
    ("vim", ".vimrc", "set nocompatible\n"),
    ("vi", ".exrc", "set number\n"),
    ("neovim", ".nvimrc", "echo 1\n"),
    ("emacs", ".dir-locals.el", "((nil . ((eval . (message \"x\")))))\n"),
    ("gdb", ".gdbinit", "set pagination off\n"),
    ("lldb", ".lldbinit", "settings set prompt x\n"),
    ("pdb", ".pdbrc", "p 1\n"),
    ("r", ".Rprofile", "options(digits = 4)\n"),
    ("cargo", ".cargo/config.toml", "[build]\nrustc-wrapper = \"x\"\n"),
    ("rustup", "rust-toolchain.toml", "[toolchain]\npath = \"x\"\n"),
    ("npm", ".npmrc", "script-shell=x\n"),
    ("jupyter", "jupyter_server_config.json", "{}\n"),
    ("shell", ".bashrc", "alias ls=x\n"),
    ("mercurial", ".hg/hgrc", "[hooks]\nstatus = x\n"),
    ("explorer", "desktop.ini", "[.ShellClassInfo]\n"),
];

/// Names that only look like such.
const PLAIN: &[(&str, &str, &str)] = &[
    ("attributes", ".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n"),
    ("ignore", ".gitignore", "*.tmp\n"),
    ("editor-config", ".editorconfig", "root = true\n"),
    ("workflow", ".github/workflows/check.yml", "on: push\n"),
    ("about-direnv", "envrc.md", "What `.envrc` is for.\n"),
    ("file-like-a-folder", "docs/idea.txt", "An idea.\n"),
];

const HEAD: &str = "ref: refs/heads/main\n";
const CONFIG: &str = "[core]\n\tbare = false\n\tworktree = .\n\tfsmonitor = true\n";

/// The items.
pub(super) fn items() -> Vec<Item> {
    let obeyed = OBEYED.iter().map(|(name, path, text)| {
        Item::new(format!("file-tool-{name}"), Expect::Suspect, path, *text).fires(&["tool-file"])
    });
    let plain = PLAIN.iter().map(|(name, path, text)| {
        Item::new(format!("file-honest-name-{name}"), Expect::Safe, path, *text).quiet(&["tool-file"])
    });
    obeyed.chain(plain).chain(repositories()).collect()
}

fn repositories() -> Vec<Item> {
    let attack = |name: &str, head: &str| Item::new(format!("file-git-{name}"), Expect::Suspect, head, HEAD);
    let honest = |name: &str, path: &str, text: &str| {
        Item::new(format!("file-honest-git-{name}"), Expect::Safe, path, text).quiet(&["git-layout", "tool-file"])
    };
    let marked = |item: Item| item.fires(&["git-layout"]);
    vec![
        marked(attack("top", "HEAD").and("config", CONFIG).and("objects/x", "x\n").and("refs/x", "x\n")),
        marked(
            attack("folder", "a/b/HEAD")
                .and("a/b/config", CONFIG)
                .and("a/b/objects/info/x", "x\n")
                .and("a/b/refs/heads/main", "x\n"),
        ),
        marked(attack("case", "head").and("Config", CONFIG).and("OBJECTS/x", "x\n").and("Refs/x", "x\n")),
        marked(attack("without-config", "HEAD").and("objects/x", "x\n").and("refs/x", "x\n")),
        marked(
            attack("elsewhere", "a/HEAD").and("a/commondir", "../b\n").and("b/objects/x", "x\n").and("b/refs/x", "x\n"),
        ),
        honest("words", "HEAD.md", "# Heads\n")
            .and("config", "a = 1\n")
            .and("refs.json", "{}\n")
            .and("objects.json", "{}\n"),
        honest("files", "HEAD", "a head\n").and("objects", "a, b\n").and("refs", "c, d\n"),
        honest("apart", "a/HEAD", "a head\n").and("b/objects/x", "x\n").and("c/refs/x", "x\n"),
        honest("no-head", "objects/x", "x\n").and("refs/x", "x\n").and("config", "a = 1\n"),
    ]
}
