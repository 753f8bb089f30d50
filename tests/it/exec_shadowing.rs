//! What lies in the working folder in the place of something that is pinned: loaders would take it, so nothing is started.

use crate::sandbox::{Output, Sandbox};
use modelpin_testkit::{Content, make};

fn weights() -> (&'static str, Content) {
    ("model.safetensors", Content::lfs(make::weights(900)))
}

/// Every way in which nothing is started.
fn ways() -> Vec<&'static str> {
    let mut ways = vec!["exec -- touch started", "env", "env --format json", "env --loader python"];
    if cfg!(target_os = "linux") {
        ways.push("exec --jail -- touch started");
    }
    ways
}

/// A synced project with a model, one that sentence-transformers loads by its bare name, one whose code is another repo's,
/// and an adapter that was made from a folder.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.chat();
    sandbox.hub.model("sentence-transformers/mini").commit(&[weights()]);
    let code = "class Acme:\n    pass\n";
    sandbox.hub.model("other/code").commit(&[("modeling_x.py", Content::git(code))]);
    let config = "{\"auto_map\": {\"AutoModel\": \"other/code--modeling_x.Acme\"}}";
    sandbox.hub.model("acme/vision").commit(&[("config.json", Content::git(config)), weights()]);
    let adapter = "{\"peft_type\": \"LORA\", \"base_model_name_or_path\": \"../out/base\"}";
    sandbox.hub.model("acme/lora").commit(&[
        ("adapter_config.json", Content::git(adapter)),
        ("adapter_model.safetensors", Content::lfs(make::weights(900))),
    ]);
    sandbox.hub.dataset("acme/faq").commit(&[("faq.jsonl", Content::git("{}\n"))]);
    let manifest = "[models]\nchat = \"acme/chat\"\nmini = \"sentence-transformers/mini\"\nvision = \"acme/vision\"\n\
                    lora = { repo = \"acme/lora\", adapter-of = \"chat\" }\n[datasets]\nfaq = \"acme/faq\"\n";
    sandbox.write("models.toml", manifest);
    sandbox.run("sync").ok();
    sandbox
}

fn started(sandbox: &Sandbox) -> Output {
    sandbox.run("exec -- touch started").ok();
    std::fs::remove_file(sandbox.path("started")).unwrap();
    sandbox.run("exec -- true")
}

fn refused(sandbox: &Sandbox, name: &str, named: &str) {
    for words in ways() {
        let output = sandbox.run(words);
        output.refused(4).says(&format!("`{name}`: `{named}` would be loaded from the working folder"));
        assert!(words.ends_with("json") || output.stdout.is_empty(), "{output}");
    }
    assert!(!sandbox.path("started").exists());
}

#[test]
fn whatever_is_called_like_a_repo_is_refused() {
    let sandbox = project();
    started(&sandbox).ok();
    for (name, path, named) in [
        ("chat", "acme/chat", "acme/chat"),
        ("faq", "acme/faq", "acme/faq"),
        ("mini", "sentence-transformers/mini", "sentence-transformers/mini"),
        ("mini", "mini", "mini"),
        ("code", "other/code", "other/code"),
        ("lora", "../out/base", "../out/base"),
    ] {
        // A folder, even an empty one; a file, whatever is in it.
        std::fs::create_dir_all(sandbox.path(path)).unwrap();
        refused(&sandbox, name, named);
        std::fs::remove_dir(sandbox.path(path)).unwrap();
        started(&sandbox).ok();
        sandbox.write(path, "");
        refused(&sandbox, name, named);
        assert!(sandbox.path(path).is_file(), "what a person made stays");
        std::fs::remove_file(sandbox.path(path)).unwrap();
        started(&sandbox).ok();
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_repo_or_its_owner_is_refused_wherever_it_leads() {
    let sandbox = project();
    let elsewhere = sandbox.root().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::create_dir(sandbox.path("sentence-transformers")).unwrap();
    for (name, place, named) in [
        ("faq", "acme", "acme/faq"),
        ("chat", "acme", "acme/chat"),
        ("mini", "sentence-transformers/mini", "sentence-transformers/mini"),
        ("mini", "mini", "mini"),
    ] {
        for to in [elsewhere.clone(), sandbox.root().join("nowhere")] {
            std::os::unix::fs::symlink(to, sandbox.path(place)).unwrap();
            refused(&sandbox, name, named);
            std::fs::remove_file(sandbox.path(place)).unwrap();
        }
    }
    sandbox.write("acme", "a file in the owner's place");
    refused(&sandbox, "chat", "acme/chat");
}

#[test]
fn only_the_folder_in_which_the_command_starts_counts() {
    let sandbox = project();
    sandbox.write("deep/acme/chat/config.json", "{}");
    sandbox.write("acme/other/config.json", "{}");
    started(&sandbox).ok();
    let project = sandbox.path("");
    let away = |folder: &str| {
        let mut command = sandbox.command("");
        command.arg("-C").arg(&project).args(["exec", "--", "true"]).current_dir(sandbox.path(folder));
        sandbox.finish(&mut command)
    };
    away("deep").refused(4).says("a folder `acme/chat`");
    away("deep/acme").ok();
    assert_eq!(sandbox.finish(sandbox.command("exec -- true").current_dir(sandbox.path("deep"))).code, 4);
}

#[test]
fn what_was_synced_there_is_no_stranger() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    sandbox.hub.model("acme/bot").commit(&[weights()]);
    let manifest = "[models]\nbot = \"acme/bot\"\nchat = \"acme/chat\"\n[sync]\ntarget = \"flat:acme\"\n";
    sandbox.write("models.toml", manifest);
    sandbox.run("sync").ok();
    sandbox.run("exec -- true").ok();
    // The same folder, for another repo.
    let manifest = manifest.replace("bot =", "was =").replace("chat =", "bot =").replace("was =", "chat =");
    sandbox.write("models.toml", manifest);
    sandbox.run("lock").ok();
    sandbox.run("sync").ok();
    sandbox.run("exec -- true").refused(4).says("`acme/bot`").says("`acme/chat`");
}

/// What Python would import in the place of a loader's copies of code.
const IMPORTED: [&str; 9] = [
    "transformers_modules/",
    "transformers_modules.py",
    "transformers_modules.pyc",
    "transformers_modules.so",
    "transformers_modules.cpython-312-x86_64-linux-gnu.so",
    "transformers_modules.pyd",
    "diffusers_modules.abi3.so",
    "datasets_modules.py",
    "evaluate_modules/",
];

fn plant(sandbox: &Sandbox, path: &str) {
    if path.ends_with('/') {
        std::fs::create_dir_all(sandbox.path(path)).unwrap();
    } else {
        sandbox.write(path, "");
    }
}

fn pull(sandbox: &Sandbox, path: &str) {
    let path = sandbox.path(path.trim_end_matches('/'));
    if path.is_dir() { std::fs::remove_dir(path).unwrap() } else { std::fs::remove_file(path).unwrap() }
}

#[test]
fn what_python_would_import_in_the_place_of_copies_of_code_is_refused() {
    // Without code in the lock as well: some loaders import the package all the same.
    let (sandbox, _) = Sandbox::synced();
    for path in IMPORTED {
        plant(&sandbox, path);
        let package = path.split(['.', '/']).next().unwrap();
        for words in ways() {
            let said = format!("`{package}` would be imported from `./{}`", path.trim_end_matches('/'));
            sandbox.run(words).refused(4).says(&said);
        }
        pull(&sandbox, path);
        started(&sandbox).ok();
    }
    for path in
        ["transformers_modules.txt", "my_transformers_modules.py", "transformers_modules_notes/", "transformers"]
    {
        plant(&sandbox, path);
        started(&sandbox).ok();
        pull(&sandbox, path);
    }
}

#[test]
fn the_folder_of_a_script_and_those_of_pythonpath_are_looked_into() {
    let (sandbox, _) = Sandbox::synced();
    for folder in ["scripts", "lib/deep", "app"] {
        std::fs::create_dir_all(sandbox.path(folder)).unwrap();
    }
    sandbox.write("scripts/load.py", "");
    sandbox.write("app/__main__.py", "");
    #[cfg(unix)]
    std::os::unix::fs::symlink("scripts/load.py", sandbox.path("linked.py")).unwrap();
    let absolute = sandbox.path("scripts/load.py").to_str().unwrap().to_owned();
    let script: Vec<String> = ["scripts/load.py", "./scripts/load.py", "linked.py", &absolute]
        .map(|path| format!("exec -- echo -u {path}"))
        .into();
    for path in IMPORTED {
        let place = format!("scripts/{path}");
        for words in &script {
            sandbox.run(words).ok();
            plant(&sandbox, &place);
            sandbox.run(words).refused(4).says("would be imported from");
            sandbox.run("exec -- true").ok();
            pull(&sandbox, &place);
        }
        let place = format!("app/{path}");
        plant(&sandbox, &place);
        sandbox.run("exec -- echo app").refused(4).says("would be imported from `./app/");
        pull(&sandbox, &place);
        let place = format!("lib/deep/{path}");
        plant(&sandbox, &place);
        for words in ["exec -- true", "env", "env --loader python"] {
            sandbox.run_with(&[("PYTHONPATH", "scripts:lib/deep")], words).refused(4).says("from `./lib/deep/");
            sandbox.run_with(&[("PYTHONPATH", "scripts:lib")], words).ok();
        }
        pull(&sandbox, &place);
    }
}
