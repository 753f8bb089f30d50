//! Every command that the docs show is run.

use crate::sandbox::{Output, Sandbox};
use modelpin_testkit::{Content, make};
use std::process::Command;

const TOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A project, a Hub with the repos that the docs speak of, and `modelpin` and `python` on the path.
pub(crate) fn ready() -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::remove_file(sandbox.path("models.toml")).unwrap();
    let chat = sandbox.hub.model("acme/chat-7b");
    for (version, seed) in [("v1.2.0", 3000), ("v1.2.3", 4000)] {
        let commit = chat.commit(&[
            ("config.json", Content::git(format!("{{\"version\": \"{version}\"}}"))),
            ("model.safetensors", Content::lfs(make::weights(seed))),
        ]);
        chat.tag(version, &commit);
    }
    let layer = "base_model.model.model.layers.0.self_attn.q_proj";
    let (down, up) = (format!("{layer}.lora_A.weight"), format!("{layer}.lora_B.weight"));
    let lora: [(&str, &str, &[usize], &[u8]); 2] = [(&down, "F32", &[1, 2], &[0; 8]), (&up, "F32", &[2, 1], &[0; 8])];
    sandbox.hub.model("acme/lora").commit(&[
        (
            "adapter_config.json",
            Content::git(
                "{\"peft_type\": \"LORA\", \"base_model_name_or_path\": \"acme/chat-7b\", \"r\": 1, \"lora_alpha\": 1, \"target_modules\": [\"q_proj\"]}",
            ),
        ),
        ("adapter_model.safetensors", Content::lfs(make::safetensors(&lora))),
    ]);
    sandbox.hub.model("sentence-transformers/all-MiniLM-L6-v2").commit(&[("config.json", Content::git("{}"))]);
    sandbox.hub.dataset("acme/faq").commit(&[("faq.jsonl", Content::git("{}\n"))]);
    let bot = sandbox.hub.model("acme/bot");
    let first = bot.commit(&[
        ("config.json", Content::git("{\"auto_map\": {\"AutoModel\": \"modeling_bot.Bot\"}}")),
        ("modeling_bot.py", Content::git("import torch\n\nclass Bot(torch.nn.Module):\n    pass\n")),
    ]);
    bot.tag("v1.0.0", &first);
    bot.commit(&[(
        "modeling_bot.py",
        Content::git("import os\nimport torch\n\nclass Bot(torch.nn.Module):\n    pass\n"),
    )]);
    sandbox.hub.model("acme/vision").commit(&[
        ("config.json", Content::git("{\"auto_map\": {\"AutoModel\": \"acme/vision-code--modeling_vision.Vision\"}}")),
        ("model.safetensors", Content::lfs(make::weights(700))),
    ]);
    sandbox
        .hub
        .model("acme/vision-code")
        .commit(&[("modeling_vision.py", Content::git("import torch\n\nclass Vision(torch.nn.Module):\n    pass\n"))]);
    let pickle = Content::lfs(crate::convert::torch(0));
    sandbox.hub.model("acme/legacy").commit(&[("config.json", Content::git("{}")), ("pytorch_model.bin", pickle)]);
    more_repos(&sandbox);
    let quant = |size: usize| Content::lfs(make::weights(size));
    sandbox.hub.model("acme/chat-gguf").commit(&[("chat.Q4_K_M.gguf", quant(500)), ("chat.Q8_0.gguf", quant(900))]);
    let bin = sandbox.root().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_modelpin"), bin.join("modelpin")).unwrap();
    let python = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().unwrap();
    std::os::unix::fs::symlink(String::from_utf8(python.stdout).unwrap().trim(), bin.join("python")).unwrap();
    for folder in
        ["home/.local/share/bash-completion/completions", "home/.zfunc", "project/services/bot", "project/out"]
    {
        std::fs::create_dir_all(sandbox.root().join(folder)).unwrap();
    }
    std::fs::create_dir(sandbox.root().join("home/Downloads")).unwrap();
    std::fs::write(sandbox.root().join("home/Downloads/model.bin"), b"\x80\x02}q\x00.").unwrap();
    for program in ["app.py", "serve.py"] {
        sandbox.write(program, "import os; assert os.environ['HF_HUB_OFFLINE'] == '1'\n");
    }
    shell(&sandbox, "git init -q && git config user.name t && git config user.email t@localhost").ok();
    sandbox
}

/// A dataset with a script that the Hub converted, and a repo with a name of old.
fn more_repos(sandbox: &Sandbox) {
    let glue = sandbox.hub.dataset("acme/glue");
    glue.commit(&[("glue.py", Content::git("import datasets\n"))]);
    let rows = Content::lfs([b"PAR1", &[0; 96][..], &64_u32.to_le_bytes(), b"PAR1"].concat());
    glue.convert_to("parquet", &[("cola/train/0000.parquet", rows.clone()), ("mnli/train/0000.parquet", rows)]);
    let gpt2 = sandbox.hub.model("openai-community/gpt2");
    gpt2.commit(&[("config.json", Content::git("{}"))]);
    gpt2.also_called("gpt2");
}

/// As `ready`, with the tutorial's project in it, committed.
pub(crate) fn begun() -> Sandbox {
    let sandbox = ready();
    let project = "modelpin init && modelpin add acme/chat-7b --name chat --version =1.2.0 && modelpin add acme/lora --name support-lora --adapter-of chat
        modelpin add acme/faq --dataset && modelpin sync && git add . && git commit -qm 1 && cp models.lock old.lock && cp models.lock old && git commit -q --allow-empty -m 2
        sed -i 's/=1.2.0/^1.2/' models.toml && modelpin lock && git commit -qam 3 && git branch -f origin/main HEAD && modelpin sync && mkdir -p ../release && cp old.lock ../release/models.lock";
    shell(&sandbox, project).ok();
    sandbox
}

/// Entries that need decisions: `bot` has other code than was certified, and nothing but a pickle is in `legacy`.
const DECIDED: &str = "rm -f models.audits.toml; git checkout -q models.toml models.lock
    modelpin -q add acme/bot@v1.0.0 && modelpin -q review bot > review.out && modelpin -q certify bot --criteria safe-to-run
    sed -i 's/v1.0.0/main/' models.toml && { modelpin -q lock > lock.out 2>&1 || test $? -eq 5; }
    modelpin -q add acme/legacy > add.out 2>&1 || test $? -eq 5;";

pub(crate) fn shell(sandbox: &Sandbox, script: &str) -> Output {
    let template = sandbox.command("");
    let mut command = Command::new("sh");
    // What builds and tests modelpin itself is run by the gate.
    command.args(["-ec", &format!("cargo() {{ :; }}\n{script}")]).current_dir(sandbox.path("")).env_clear();
    command.envs(template.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", format!("{}:{}", sandbox.root().join("bin").display(), std::env::var("PATH").unwrap()));
    sandbox.finish(&mut command)
}

pub(crate) fn page(path: &str) -> String {
    std::fs::read_to_string(format!("{TOP}/{path}")).unwrap()
}

/// The shell blocks of a page.
pub(crate) fn blocks(page: &str) -> Vec<&str> {
    let blocks: Vec<&str> = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(!blocks.is_empty());
    blocks
}

#[test]
fn the_tutorial_and_the_guides_can_be_followed() {
    for (path, sandbox) in [
        ("docs/tutorial.md", ready()),
        ("docs/guides/ci.md", begun()),
        ("docs/guides/air-gap.md", begun()),
        ("docs/guides/speed.md", begun()),
        ("docs/guides/scan.md", begun()),
        ("docs/guides/review.md", begun()),
        ("docs/guides/policy.md", begun()),
        ("docs/guides/jail.md", begun()),
        ("docs/guides/retire-pickles.md", begun()),
        ("docs/guides/access.md", begun()),
    ] {
        for block in blocks(&page(path)) {
            let output = shell(&sandbox, block);
            assert_eq!(output.code, 0, "{path}:\n{block}\n{output}");
        }
    }
}

#[test]
fn the_guide_to_adapters_shows_what_is_printed() {
    let (guide, sandbox) = (page("docs/guides/adapters.md"), begun());
    let printed = |block| {
        let output = shell(&sandbox, block);
        format!("{}{}", output.ok().stdout, output.stderr)
    };
    let printed: String = blocks(&guide).into_iter().map(printed).collect();
    let shown: Vec<&str> = guide.split("```text\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(shown.len(), 4);
    for shown in shown {
        assert!(printed.contains(shown), "not printed:\n{shown}\nbut:\n{printed}");
    }
}

#[test]
fn the_readme_can_be_followed() {
    let sandbox = ready();
    let readme = page("README.md");
    let own: Vec<&str> = blocks(&readme)
        .into_iter()
        .filter(|block| !block.contains("cargo run") && block.contains("modelpin "))
        .collect();
    assert_eq!(own.len(), 4);
    for block in own {
        shell(&sandbox, block).ok();
    }
}

#[test]
fn every_example_of_the_reference_works() {
    let reference = page("docs/reference/cli.md");
    let mut count = 0;
    for section in reference.split("\n## `modelpin ").skip(1) {
        let verb = section.split('`').next().unwrap();
        let sandbox = if verb == "init" { ready() } else { begun() };
        if matches!(verb, "exclude" | "why") {
            let text = ["README.md", "images/caption.txt", "original/weights.txt", "onnx/model.onnx"];
            let mut more = text.map(|path| (path, Content::git("words\n"))).to_vec();
            more.push(("pytorch_model.bin", Content::lfs(crate::convert::torch(0))));
            let chat = sandbox.hub.model("acme/chat-7b");
            chat.tag("v1.2.4", &chat.commit(&more));
            shell(&sandbox, "modelpin -q update chat && git commit -qam 4").ok();
        }
        let lines: Vec<&str> =
            section.split("```sh\n").skip(1).flat_map(|rest| rest.split("```").next().unwrap().lines()).collect();
        assert!(!lines.is_empty(), "`{verb}` has no example");
        for line in lines {
            // Two examples may be two ways to the same thing.
            let clean = if matches!(verb, "add" | "exclude" | "remove" | "update") {
                "git checkout -q models.toml models.lock; modelpin -q lock;"
            } else {
                ""
            };
            let prepared = if verb == "add" {
                "modelpin -q remove support-lora; modelpin -q remove chat; modelpin -q remove faq;"
            } else {
                ""
            };
            let prepared = match verb {
                "review" | "certify" | "exempt" => DECIDED,
                "convert" => "modelpin -q add acme/legacy > add.out 2>&1 || true;",
                _ => prepared,
            };
            let shown = "modelpin -q review bot > review.out; DIGEST=$(sed -n 's/^  digest *//p' review.out);";
            let decided = match verb {
                "certify" if line.contains("--delta") => shown.to_owned(),
                "certify" => format!("rm -f models.audits.toml; {shown}"),
                _ => String::new(),
            };
            let base =
                if line.contains("--adapter-of chat") { "modelpin -q add acme/chat-7b --name chat;" } else { "" };
            let output = shell(&sandbox, &format!("{clean}{prepared}{decided}{base}{line}"));
            // What is undone leaves a pickle, which is refused.
            let refused = verb == "scan" || line.contains("--undo");
            let fine = if refused { [0, 5] } else { [0, 10] };
            assert!(fine.contains(&output.code), "{line}\n{output}");
            count += 1;
        }
    }
    assert!(count > 30, "{count} examples");
}
