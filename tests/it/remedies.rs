//! Ways out of a refusal: the first that a refusal names is typed as it stands, and then nothing is refused any more.

use crate::dependencies::lora;
use crate::sandbox::{Output, Sandbox};
use modelpin_testkit::corpus::build::{call, state_dict, torch_zip};
use modelpin_testkit::{Content, make};

/// A torch file of tensors.
fn tensors() -> Vec<u8> {
    let pickle = state_dict(&[("bias", "0", &[2]), ("weight", "1", &[2, 3])]);
    torch_zip(&pickle, &[("0", &[7; 8]), ("1", &[1; 24])]).bytes()
}

/// A pickle of an object of a library, and of one that runs a program.
fn of_library() -> Vec<u8> {
    call("sklearn.linear_model._logistic", "LogisticRegression", "x")
}

fn dangerous() -> Vec<u8> {
    call("os", "system", "true")
}

/// A project in which `acme/m`, of these files, was refused. They are files of git, which are scanned when they are
/// locked.
fn refused(files: &[(&str, Vec<u8>)], add: &str) -> (Sandbox, Output) {
    let sandbox = Sandbox::new();
    let mut contents = vec![("config.json", Content::git("{\"a\": 1}\n"))];
    contents.extend(files.iter().map(|(path, bytes)| (*path, Content::git(bytes.clone()))));
    sandbox.hub.model("acme/m").commit(&contents);
    sandbox.run(&format!("add acme/m {add}")).exits(5);
    let output = sandbox.run("sync");
    output.refused(5);
    (sandbox, output)
}

/// The parts of the first `help:` line that are in backticks.
fn first_help(output: &Output) -> Vec<String> {
    let line = output.stderr.lines().find_map(|line| line.strip_prefix("help: "));
    let line = line.unwrap_or_else(|| panic!("no help: {output}"));
    line.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Does what the first help of `output` says, which `command` gave: writes keys, runs commands.
fn follow(sandbox: &Sandbox, output: &Output, command: &str) -> Vec<String> {
    let steps = first_help(output);
    for step in &steps {
        if let Some(words) = step.strip_prefix("modelpin ") {
            // The names that only a person knows.
            let words = words.replace('\'', "").replace("BASE-ORG/BASE-REPO", "acme/chat");
            let output = sandbox.run(&words);
            assert!(matches!(output.code, 0 | 5), "it can be typed, and may lead to the next refusal: {output}");
        } else if step.contains(" = ") {
            let manifest = sandbox.read("models.toml");
            sandbox.write("models.toml", format!("{manifest}\n[policy]\n{step}\n"));
        }
    }
    if !steps.iter().any(|step| step.starts_with("modelpin ")) {
        sandbox.run(command).ok();
    }
    steps
}

/// Follows the first help, and expects that everything is installed then.
fn settled(files: &[(&str, Vec<u8>)], add: &str, expected: &str) -> Sandbox {
    let (sandbox, output) = refused(files, add);
    let steps = follow(&sandbox, &output, "lock");
    assert!(steps.iter().any(|step| step.contains(expected)), "{expected} is not in {steps:?}: {output}");
    sandbox.run("sync").ok();
    sandbox.run("check").ok();
    sandbox
}

#[test]
fn weights_of_which_a_loader_finds_the_safetensors_are_converted() {
    settled(&[("pytorch_model.bin", tensors())], "", "convert m pytorch_model.bin");
    settled(&[("unet/diffusion_pytorch_model.bin", tensors())], "", "convert m unet/diffusion_pytorch_model.bin");
    let two = [("pytorch_model.bin", tensors()), ("adapter_model.bin", tensors())];
    settled(&two, "", "modelpin convert m");
}

#[test]
fn tensors_that_are_opened_by_their_own_name_are_admitted_by_the_policy() {
    let sandbox = settled(&[("torch_model.ckpt", tensors())], "", "formats = \"scanned\"");
    assert!(sandbox.target().iter().any(|path| path.ends_with("torch_model.ckpt")));
    let names: Vec<String> = (0..55).map(|number| format!("voices/af_{number:02}.pt")).collect();
    let voices: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (name.as_str(), tensors())).collect();
    let (sandbox, output) = refused(&voices, "");
    assert_eq!(output.stderr.matches("error:").count(), 1, "{output}");
    output.says("and 49 more").says("modelpin exclude m 'voices/*'");
    let json = sandbox.run("check --format json");
    assert_eq!(json.exits(5).diagnostics().len(), 55, "each file by itself, for programs");
    follow(&sandbox, &output, "lock");
    sandbox.run("sync").ok();
}

#[test]
fn objects_of_a_library_are_exempted_all_at_once() {
    settled(&[("model.pkl", of_library())], "", "exempt m model.pkl");
    settled(&[("pytorch_model.bin", of_library())], "", "exempt m pytorch_model.bin");
    let sandbox = settled(&[("a.pkl", of_library()), ("b.pkl", of_library())], "", "exempt m a.pkl b.pkl");
    sandbox.run("exec --jail -- true");
    assert!(sandbox.read("models.audits.toml").matches("[[exemption]]").count() == 2);
}

#[test]
fn what_is_dangerous_is_left_out_and_so_is_what_no_loader_needs() {
    settled(&[("helper.bin", dangerous())], "", "exclude m helper.bin");
    let published = [
        ("model.safetensors", make::weights(64)),
        ("original/consolidated.00.pth", tensors()),
        ("original/params.json", b"{}".to_vec()),
    ];
    let include = "--include *.json --include *.safetensors --include *.pth";
    settled(&published, include, "exclude m 'original/*'");
}

#[test]
fn a_repo_that_another_one_needs_is_acted_on_by_its_name() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/base").commit(&[
        ("config.json", Content::git("{\"a\": 1}\n")),
        ("pytorch_model.bin", Content::git(tensors())),
        ("helper.bin", Content::git(dangerous())),
    ]);
    lora(&sandbox, "acme/lora", "\"acme/base\"");
    sandbox.run("add acme/lora").exits(5);
    let mut output = sandbox.run("sync");
    for _ in 0..2 {
        output.refused(5);
        let steps = follow(&sandbox, &output, "lock");
        assert!(steps[0].contains("base"), "{steps:?}");
        output = sandbox.run("sync");
    }
    output.ok();
    assert!(sandbox.read("models.toml").contains("helper.bin"), "the base has a table of its own");
}

#[test]
fn an_adapter_whose_base_is_gone_is_locked_without_it_by_a_decision() {
    let sandbox = Sandbox::new();
    lora(&sandbox, "acme/lora", "\"acme/gone\"");
    let output = sandbox.run("add acme/lora");
    output.refused(7).says("it is required by `lora` (base)").says("`--adapter-of base`");
    assert_eq!(follow(&sandbox, &output, "add acme/lora")[0], "ignored-dependencies = [\"acme/gone\"]");
    sandbox.run("sync").ok();
    sandbox.run("check").ok().says("its base `acme/gone` is ignored").says("adapter-base-ignored");
    // The decision is about that base.
    lora(&sandbox, "acme/lora", "\"/home/jo/llama\"");
    sandbox.run("update").refused(5).says("it is an adapter without a pinned base");
}

#[test]
fn an_adapter_on_a_folder_is_added_with_a_base() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    lora(&sandbox, "acme/lora", "\"/home/jo/llama\"");
    let output = sandbox.run("add acme/lora");
    output.refused(5);
    follow(&sandbox, &output, "lock");
    sandbox.run("sync").ok();
}
