//! The field's own programs: the Python client of the Hub, and the libraries that load models.

use crate::example::Example;
use crate::sandbox::succeed;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

pub(crate) const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/peers");

/// A Python with the peers in it, made once for each list of versions.
pub(crate) fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let wanted = std::fs::read_to_string(format!("{SCRIPTS}/requirements.txt")).unwrap();
        let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let venv = root.join("peers");
        // Another test process may be at it.
        let lock = std::fs::File::create(root.join("peers.lock")).unwrap();
        lock.lock().unwrap();
        let ready = venv.join("ready");
        if std::fs::read_to_string(&ready).ok().as_ref() != Some(&wanted) {
            let _ = std::fs::remove_dir_all(&venv);
            succeed(Command::new("python3").args(["-m", "venv"]).arg(&venv));
            let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
            succeed(Command::new(venv.join("bin/python")).args(install).arg(format!("{SCRIPTS}/requirements.txt")));
            std::fs::write(&ready, wanted).unwrap();
        }
        venv.join("bin/python")
    })
}

/// A command in an environment without a trace of the person's own.
pub(crate) fn clean(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", home).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
        .env("HF_HUB_DISABLE_TELEMETRY", "1")
        .env("HF_HUB_DISABLE_XET", "1")
        .env("HF_HUB_DISABLE_PROGRESS_BARS", "1");
    command
}

fn says(output: &Output, word: &str) {
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.lines().any(|line| line == word), "{text}");
}

#[test]
fn the_python_client_reads_the_test_hub() {
    let example = Example::served();
    for (kind, repo) in [("model", "acme/tiny-chat"), ("dataset", "acme/faq")] {
        let folder = example.repos().join(format!("{kind}s/{repo}"));
        let mut command = clean(python(), example.home());
        command.env("HF_ENDPOINT", example.hub().endpoint()).arg(format!("{SCRIPTS}/honest.py")).args([kind, repo]);
        says(&succeed(command.arg(example.head(kind, repo)).arg(folder)), "honest");
    }
}

#[test]
fn the_python_client_finds_every_file_offline() {
    let example = Example::synced();
    let mut command = clean(python(), example.home());
    command.env("HF_HUB_CACHE", example.target()).env("HF_HUB_OFFLINE", "1");
    says(&succeed(command.arg(format!("{SCRIPTS}/offline.py")).arg(example.project().join("models.lock"))), "offline");
}

#[test]
fn the_hubs_own_verification_accepts_the_target() {
    let example = Example::served();
    example.modelpin(&["sync", "--locked"]);
    for repo in ["acme/tiny-chat", "acme/tiny-chat-lora"] {
        let mut command = clean(&python().with_file_name("hf"), example.home());
        command.env("HF_ENDPOINT", example.hub().endpoint()).env("HF_HUB_CACHE", example.target());
        let output = succeed(command.args(["cache", "verify", repo]));
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!text.to_lowercase().contains("mismatch"), "{text}");
    }
}

#[test]
fn libraries_load_the_model_by_its_plain_name() {
    let example = Example::synced();
    let mut command = example.command(&["exec", "--"]);
    says(&succeed(command.arg(python()).arg(format!("{SCRIPTS}/load.py"))), "loaded");
}

#[test]
fn libraries_load_what_a_pickle_was_converted_to() {
    let (sandbox, _) = crate::convert::converted();
    sandbox.run("sync --locked").ok();
    let mut command = sandbox.command("exec --");
    let output = sandbox.finish(command.arg(python()).arg(format!("{SCRIPTS}/converted.py")));
    assert_eq!(output.ok().stdout.trim(), "replaced");
}

#[test]
fn libraries_read_every_tensor_of_converted_shards_by_their_index() {
    let (sandbox, _) = crate::convert_families::converted();
    sandbox.run("sync --locked").ok();
    let mut command = sandbox.command("exec --");
    command.arg(python()).arg(format!("{SCRIPTS}/converted_family.py"));
    let output = sandbox.finish(command.args(["acme/legacy", "model.safetensors.index.json"]));
    assert_eq!(output.ok().stdout.trim(), "3 tensors");
}

#[test]
fn libraries_find_no_code_that_nobody_certified() {
    let sandbox = crate::sandbox::Sandbox::new();
    let mark = sandbox.root().join("mark");
    let config = serde_json::json!({
        "model_type": "bert", "hidden_size": 32, "auto_map": { "AutoConfig": "configuration_acme.AcmeConfig" }
    });
    let code = format!(
        "from transformers import PretrainedConfig\n\nopen({mark:?}, 'w').close()\n\n\nclass AcmeConfig(PretrainedConfig):\n    acme = True\n"
    );
    sandbox.hub.model("acme/coder").commit(&[
        ("config.json", modelpin_testkit::Content::git(config.to_string())),
        ("configuration_acme.py", modelpin_testkit::Content::git(code)),
        ("model.safetensors", modelpin_testkit::Content::lfs(modelpin_testkit::make::weights(5000))),
    ]);
    sandbox.run("add acme/coder").ok();
    sandbox.run("sync").ok();
    let script = format!("{SCRIPTS}/withheld.py");
    let run = |words: &[&str]| {
        let mut command = sandbox.command("exec --");
        let output = sandbox.finish(command.arg(python()).arg(&script).arg(&mark).args(words));
        output.ok().stdout.trim().to_owned()
    };
    assert_eq!(run(&[]), "withheld");
    sandbox.write_audit("coder");
    sandbox.run("sync --locked").ok();
    assert_eq!(run(&["certified"]), "ran");
    // The libraries keep copies of code that ran; without the file in the target they are not used either.
    std::fs::remove_file(&mark).unwrap();
    std::fs::remove_file(sandbox.path("models.audits.toml")).unwrap();
    sandbox.run("sync --locked").ok();
    assert_eq!(run(&[]), "withheld");
}

#[test]
fn libraries_load_what_models_lead_to_as_they_are_told() {
    let sandbox = crate::sandbox::Sandbox::new();
    let git = |value: Value| modelpin_testkit::Content::git(value.to_string());
    let weights = |name: &str, shape: &[usize]| {
        let bytes = vec![0; 4 * shape.iter().product::<usize>()];
        modelpin_testkit::Content::lfs(modelpin_testkit::make::safetensors(&[(name, "F32", shape, &bytes)]))
    };
    sandbox.hub.model("acme/tiny-base").commit(&[
        ("config.json", git(serde_json::json!({ "model_type": "bert", "hidden_size": 32 }))),
        ("model.safetensors", weights("weight", &[32, 32])),
    ]);
    let adapter = serde_json::json!({
        "peft_type": "LORA", "task_type": "FEATURE_EXTRACTION", "base_model_name_or_path": "acme/tiny-base",
        "revision": null, "inference_mode": true, "r": 2, "lora_alpha": 4, "target_modules": ["query"]
    });
    sandbox.hub.model("acme/tiny-lora").commit(&[
        ("adapter_config.json", git(adapter)),
        ("adapter_model.safetensors", weights("lora_A.weight", &[2, 32])),
    ]);
    let code =
        "from transformers import PretrainedConfig\n\n\nclass VisionConfig(PretrainedConfig):\n    acme = True\n";
    sandbox.hub.model("acme/vision-code").commit(&[("configuration_vision.py", modelpin_testkit::Content::git(code))]);
    let foreign = "acme/vision-code--configuration_vision.VisionConfig";
    sandbox.hub.model("acme/vision").commit(&[
        ("config.json", git(serde_json::json!({ "model_type": "acme-vision", "auto_map": { "AutoConfig": foreign } }))),
        ("model.safetensors", weights("weight", &[1])),
    ]);
    // Code of its own, called by the repo's own name, in a commit that is not `main` of today.
    let own = serde_json::json!({ "model_type": "acme-named", "auto_map": { "AutoConfig": "acme/named--configuration_named.NamedConfig" } });
    let named = sandbox.hub.model("acme/named");
    let code = |mark: &str| {
        let text = format!(
            "from transformers import PretrainedConfig\n\nfrom .helper import mark\n\n\nclass NamedConfig(PretrainedConfig):\n    acme = mark + \"{mark}\"\n"
        );
        modelpin_testkit::Content::git(text)
    };
    named.commit(&[
        ("config.json", git(own)),
        ("model.safetensors", weights("weight", &[1])),
        ("configuration_named.py", code("pinned")),
        ("helper.py", modelpin_testkit::Content::git("mark = \"it is \"\n")),
    ]);
    sandbox.run("add acme/tiny-lora").ok();
    sandbox.run("add acme/vision").ok();
    sandbox.run("add acme/named").ok();
    named.commit(&[("configuration_named.py", code("another"))]);
    let run = |words: &[&str]| {
        sandbox.run("sync --locked").ok();
        sandbox.write("pinned.py", sandbox.command("env --loader python").output().unwrap().stdout);
        let mut command = sandbox.command("exec --");
        let output =
            sandbox.finish(command.arg(python()).arg(format!("{SCRIPTS}/edges.py")).arg("pinned.py").args(words));
        output.ok().stdout.trim().to_owned()
    };
    assert_eq!(run(&[]), "withheld");
    sandbox.write_audit("vision");
    sandbox.write_audit("named");
    assert_eq!(run(&["certified"]), "ran");
}

#[test]
#[cfg(target_os = "linux")]
fn libraries_load_the_model_in_the_jail() {
    let example = Example::synced();
    let script = format!("{SCRIPTS}/load.py");
    let mut command = example.command(&["exec", "--jail", "--allow-read", &script, "--"]);
    says(&succeed(command.arg(python()).arg(&script)), "loaded");
}

#[test]
fn the_schemas_describe_the_files() {
    let example = Example::synced();
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema");
    let mut command = clean(python(), example.home());
    says(
        &succeed(command.arg(format!("{SCRIPTS}/schemas.py")).args([docs.as_ref(), example.project().as_path()])),
        "described",
    );
}

#[test]
fn a_private_authority_is_trusted_where_it_is_named() {
    let sandbox = crate::sandbox::Sandbox::new();
    sandbox.hub.model("acme/small").commit(&[("config.json", modelpin_testkit::Content::git("{}"))]);
    let authority = sandbox.root().join("ca.pem");
    let mut command = clean(python(), sandbox.root());
    command.arg(format!("{SCRIPTS}/tls.py")).arg(sandbox.hub.endpoint()).arg(&authority);
    let mut server = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut address = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let address = address.trim();
    let strange = sandbox.run_with(&[("HF_ENDPOINT", address)], "add acme/small");
    let with = |file: &str, words: &str| sandbox.run_with(&[("HF_ENDPOINT", address), ("SSL_CERT_FILE", file)], words);
    let trusted = with(authority.to_str().unwrap(), "add acme/small");
    let expanded = with("~/../ca.pem", "update");
    std::fs::write(sandbox.root().join("empty.pem"), "").unwrap();
    let empty = with("~/../empty.pem", "update");
    server.kill().unwrap();
    server.wait().unwrap();
    strange.refused(7).says("certificate");
    trusted.ok();
    expanded.ok();
    empty.refused(2).says("no certificate in it");
}

/// What `modelpin scan` finds in a file.
pub(crate) struct ScannedFile {
    verdict: String,
    pub(crate) rules: BTreeSet<String>,
}

/// Scans `folder`: what is found in each file, by its path below it.
pub(crate) fn scan(folder: &Path) -> BTreeMap<String, ScannedFile> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelpin"));
    let output = command.args(["--quiet", "scan", "--format", "json"]).arg(folder).output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let all = |list: &Value| list.as_array().unwrap().clone();
    let path_of = |item: &Value| {
        let path = Path::new(item["path"].as_str().unwrap()).strip_prefix(folder).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let mut rules: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for problem in all(&document["diagnostics"]) {
        rules.entry(path_of(&problem)).or_default().push(problem["rule"].as_str().unwrap().to_owned());
    }
    let files = all(&document["result"]["entries"]).into_iter().flat_map(|entry| all(&entry["files"]));
    files
        .map(|file| {
            let (path, verdict) = (path_of(&file), file["verdict"].as_str().unwrap().to_owned());
            let rules = rules.remove(&path).unwrap_or_default();
            assert_eq!(file["findings"], rules.len(), "{path}: every finding is a diagnostic");
            (path, ScannedFile { verdict, rules: rules.into_iter().collect() })
        })
        .collect()
}

/// The verdict of `modelpin scan` on every file below `folder`, by path.
fn verdicts(folder: &Path) -> Vec<(String, String)> {
    scan(folder).into_iter().map(|(path, file)| (path, file.verdict)).collect()
}

#[test]
fn honest_files_of_real_libraries_are_let_through() {
    let sandbox = crate::sandbox::Sandbox::new();
    let made = sandbox.root().join("made");
    let mut command = clean(python(), sandbox.root());
    says(&succeed(command.arg(format!("{SCRIPTS}/make.py")).arg(&made)), "made");
    for wanted in ["safe", "review"] {
        let all = verdicts(&made.join(wanted));
        assert!(all.len() > 30, "{all:?}");
        let wrong: Vec<_> = all.iter().filter(|(_, verdict)| verdict != wanted).collect();
        assert!(wrong.is_empty(), "not {wanted}: {wrong:#?}");
    }
}

#[test]
fn the_code_of_a_real_library_is_not_taken_for_an_attack() {
    let script =
        "import pathlib, sys; print(next(pathlib.Path(sys.prefix).glob('lib/*/site-packages/transformers/models')))";
    let output = succeed(Command::new(python()).args(["-c", script]));
    let library = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim());
    for model in ["llama", "bert", "t5", "qwen2", "phi3", "gemma2", "whisper", "clip", "mamba"] {
        let all = verdicts(&library.join(model));
        let wrong: Vec<_> = all
            .iter()
            .filter(|(path, verdict)| verdict == "dangerous" || verdict != "safe" && path.starts_with("modeling_"))
            .collect();
        assert!(wrong.is_empty(), "{model}: {wrong:#?}");
    }
}
