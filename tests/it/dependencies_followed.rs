//! Repos that configurations other than `config.json` name: each is pinned, with the files that its loader reads there
//! and no others, and what the loader reads is in the target.

use crate::dependencies::{lora, tokenized, with_lines};
use crate::sandbox::Sandbox;
use modelpin_testkit::{Content, Repo, make};

/// A repo with files of every sort: what a tokenizer is, code, weights, and the same weights as a pickle.
fn whole(sandbox: &Sandbox, repo: &str) -> Repo {
    let repo = sandbox.hub.model(repo);
    repo.commit(&[
        ("README.md", Content::git("# words\n")),
        ("config.json", Content::git(r#"{"model_type": "bert"}"#)),
        ("modeling_x.py", Content::git("class Acme:\n    pass\n")),
        ("tokenizer_config.json", Content::git(r#"{"tokenizer_class": "BertTokenizer"}"#)),
        ("vocab.txt", Content::git("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\nfox\n")),
        ("tf_model.h5", Content::lfs(make::weights(3000))),
        ("pytorch_model.bin", Content::lfs(pickle())),
    ]);
    repo
}

/// Weights that run code when they are loaded.
fn pickle() -> Vec<u8> {
    b"\x80\x04cos\nsystem\nX\x02\x00\x00\x00id\x85R.".to_vec()
}

/// A model with nothing but `file` beside its weights.
fn naming(sandbox: &Sandbox, repo: &str, file: &str, text: &str) -> Repo {
    let repo = sandbox.hub.model(repo);
    repo.commit(&[(file, Content::git(text)), ("model.safetensors", Content::lfs(make::weights(200)))]);
    repo
}

/// The files that are locked of the entry `name`.
fn files(sandbox: &Sandbox, name: &str) -> String {
    let lock = sandbox.read("models.lock");
    let table = lock.split_once(&format!("[model.{name}.files]\n")).unwrap().1;
    let paths = table.lines().take_while(|line| line.starts_with('"')).filter_map(|line| line.split('"').nth(1));
    paths.collect::<Vec<_>>().join(" ")
}

const TOKENIZER: &str = "config.json tokenizer_config.json vocab.txt";

#[test]
fn a_pipeline_of_pyannote_pins_its_models_and_their_pickles_are_refused_by_name() {
    let sandbox = Sandbox::new();
    for part in ["pyannote/segmentation-3.0", "pyannote/wespeaker"] {
        sandbox.hub.model(part).commit(&[
            ("config.yaml", Content::git("model:\n  _target_: pyannote.audio.models.segmentation.PyanNet\n")),
            ("pytorch_model.bin", Content::lfs(pickle())),
        ]);
    }
    sandbox.hub.model("pyannote/diarization").commit(&[(
        "config.yaml",
        Content::git(
            "pipeline:\n  name: pyannote.audio.pipelines.SpeakerDiarization\n  params:\n    embedding: pyannote/wespeaker\n    segmentation: pyannote/segmentation-3.0\n",
        ),
    )]);
    let added = sandbox.run("add pyannote/diarization");
    added.refused(5).says("`segmentation-3-0` is refused").says("`wespeaker` is refused").says("pytorch_model.bin");
    sandbox.run("tree").ok().says("segmentation-3-0  component").says("wespeaker  component");
    sandbox.run("why wespeaker").ok().says("diarization --component--> wespeaker");
    sandbox.run("sync --locked").refused(5);
    sandbox.run("lock --check").ok();
}

#[test]
fn a_repo_of_gliner_pins_the_tokenizer_of_its_model_and_neither_weights_nor_code() {
    let sandbox = Sandbox::new();
    whole(&sandbox, "acme/deberta");
    naming(&sandbox, "acme/gliner", "gliner_config.json", r#"{"model_name": "acme/deberta", "max_width": 12}"#);
    sandbox.run("add acme/gliner").ok().says("deberta added").says("tokenizer acme/deberta");
    assert_eq!(files(&sandbox, "deberta"), TOKENIZER);
    sandbox.run("sync --locked").ok();
    for file in TOKENIZER.split(' ') {
        assert!(sandbox.is_installed("acme/deberta", file), "{file}");
    }
    sandbox.run("check").ok();
    sandbox.run("verify").ok();
    sandbox.run("tree").ok().says("deberta  tokenizer");
    assert_eq!(sandbox.run("sync --locked").ok().requests, 0);
    let asked = |request: &str| sandbox.hub.requests().iter().any(|seen| seen.path.contains(request));
    assert!(!asked("acme/deberta/resolve") || !asked("pytorch_model.bin"), "what is not taken is not asked for");
}

#[test]
#[cfg(feature = "peers")]
fn real_transformers_loads_a_tokenizer_that_a_configuration_names() {
    let sandbox = Sandbox::new();
    whole(&sandbox, "acme/deberta");
    naming(&sandbox, "acme/gliner", "gliner_config.json", r#"{"model_name": "acme/deberta"}"#);
    sandbox.run("add acme/gliner").ok();
    sandbox.run("sync --locked").ok();
    let script = "import json, os\n\
        from huggingface_hub import snapshot_download\n\
        from transformers import AutoConfig, AutoTokenizer\n\
        name = json.load(open(os.path.join(snapshot_download('acme/gliner'), 'gliner_config.json')))['model_name']\n\
        print(AutoConfig.from_pretrained(name).model_type, AutoTokenizer.from_pretrained(name).tokenize('the fox'))\n";
    let mut command = sandbox.command("exec --");
    let output = sandbox.finish(command.arg(crate::peers::python()).args(["-c", script]));
    assert_eq!(output.ok().stdout.trim(), "bert ['the', 'fox']");
}

#[test]
fn open_clip_takes_the_configuration_and_the_tokenizer_of_its_text_model() {
    let sandbox = Sandbox::new();
    whole(&sandbox, "acme/text");
    whole(&sandbox, "acme/words");
    let clip = |model: &str, words: &str| {
        format!(r#"{{"model_cfg": {{"text_cfg": {{"hf_model_name": "{model}", "hf_tokenizer_name": "{words}"}}}}}}"#)
    };
    naming(&sandbox, "acme/clip", "open_clip_config.json", &clip("acme/text", "acme/words"));
    sandbox.run("add acme/clip").ok().says("config acme/text").says("tokenizer acme/words");
    assert_eq!((files(&sandbox, "text"), files(&sandbox, "words")), ("config.json".to_owned(), TOKENIZER.to_owned()));
    sandbox.run("sync --locked").ok();
    sandbox.run("check").ok();
    // One repo for both takes what either reads.
    naming(&sandbox, "acme/biomed", "open_clip_config.json", &clip("acme/text", "acme/text"));
    sandbox.run("add acme/biomed").ok();
    assert_eq!(files(&sandbox, "text"), TOKENIZER);
    // Nobody is asked when something is removed; what is no longer needed goes when the Hub is asked.
    sandbox.run("remove biomed").ok();
    sandbox.run("lock --check").ok();
    sandbox.run("lock").ok();
    assert_eq!(files(&sandbox, "text"), "config.json");
    sandbox.run("lock --check").ok();
    // What was asked for as a whole, and is needed for less.
    sandbox.run("add acme/text --include *.json --include *.txt").ok();
    sandbox.run("remove text").refused(2);
    sandbox.run("remove text clip").ok();
}

#[test]
fn a_recipe_of_speechbrain_pins_what_its_paths_lead_to() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/ecapa").commit(&[
        ("hyperparams.yaml", Content::git("pretrained_path: acme/ecapa\n")),
        ("embedding_model.safetensors", Content::lfs(make::weights(100))),
    ]);
    let recipe = |repo: &str| {
        format!(
            "pretrained_path: {repo}\npretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer\n    paths:\n        embedding_model: !ref <pretrained_path>/embedding_model.ckpt\n"
        )
    };
    naming(&sandbox, "acme/tuned", "hyperparams.yaml", &recipe("acme/ecapa"));
    sandbox.run("add acme/tuned").ok().says("component acme/ecapa");
    assert_eq!(files(&sandbox, "ecapa"), "embedding_model.safetensors hyperparams.yaml");
    sandbox.run("sync --locked").ok();
    // Its own name is nothing to follow.
    naming(&sandbox, "acme/own", "hyperparams.yaml", &recipe("acme/own"));
    sandbox.run("add acme/own").ok();
    assert!(!sandbox.read("models.lock").contains("[model.own.dependencies]"));
}

#[test]
fn a_model_of_mlflow_pins_the_commits_that_it_was_made_of() {
    let sandbox = Sandbox::new();
    let chat = sandbox.hub.model("acme/base");
    let old = chat.commit(&[("model.safetensors", Content::lfs(make::weights(50)))]);
    chat.commit(&[("model.safetensors", Content::lfs(make::weights(70)))]);
    let words = whole(&sandbox, "acme/words").head();
    let model = format!(
        "flavors:\n  transformers:\n    components:\n    - tokenizer\n    source_model_name: acme/base\n    source_model_revision: {old}\n    tokenizer_name: acme/words\n    tokenizer_revision: {words}\n    tokenizer_type: BertTokenizerFast\n"
    );
    sandbox.hub.model("acme/logged").commit(&[("MLmodel", Content::git(model))]);
    sandbox.run("add acme/logged").ok().says("component acme/base@").says("tokenizer acme/words@");
    assert!(sandbox.read("models.lock").contains(&format!("revision = \"{old}\"")));
    assert_eq!(
        (files(&sandbox, "base"), files(&sandbox, "words")),
        ("model.safetensors".to_owned(), TOKENIZER.to_owned())
    );
    sandbox.run("sync --locked").ok();
    // Where the weights are saved beside, the name tells where they came from.
    let beside = "flavors:\n  transformers:\n    model_binary: model\n    source_model_name: acme/gone\n";
    naming(&sandbox, "acme/saved", "MLmodel", beside);
    sandbox.run("add acme/saved").ok();
    assert!(!sandbox.read("models.lock").contains("[model.saved.dependencies]"));
}

#[test]
fn a_speculator_pins_the_model_that_verifies_it() {
    let sandbox = Sandbox::new();
    sandbox.chat();
    naming(
        &sandbox,
        "acme/eagle",
        "config.json",
        r#"{"speculators_config": {"algorithm": "eagle3", "verifier": {"name_or_path": "acme/chat"}}}"#,
    );
    sandbox.run("add acme/eagle").ok().says("component acme/chat");
    sandbox.run("sync --locked").ok();
    assert!(sandbox.is_installed("acme/chat", "model.safetensors"));
}

#[test]
fn where_a_part_came_from_pins_nothing() {
    let sandbox = Sandbox::new();
    naming(
        &sandbox,
        "acme/musicgen",
        "config.json",
        r#"{"model_type": "musicgen", "text_encoder": {"_name_or_path": "evil/t5"}, "audio_encoder": {"_name_or_path": "evil/encodec"}}"#,
    );
    naming(&sandbox, "acme/pipe", "config.yaml", "pipeline:\n  params:\n    segmentation: $model/segmentation\n");
    sandbox.run("add acme/musicgen").ok();
    sandbox.run("add acme/pipe").ok();
    assert!(!sandbox.read("models.lock").contains(".dependencies]"));
    assert!(!sandbox.hub.requests().iter().any(|request| request.path.contains("evil/")));
}

#[test]
fn an_update_that_names_another_repo_is_refused_until_somebody_accepts_it() {
    let sandbox = Sandbox::new();
    whole(&sandbox, "acme/deberta");
    whole(&sandbox, "evil/words");
    let config = |name: &str| format!(r#"{{"model_name": "{name}"}}"#);
    naming(&sandbox, "acme/gliner", "gliner_config.json", &config("acme/deberta"));
    sandbox.run("add acme/gliner").ok();
    let before = sandbox.read("models.lock");
    naming(&sandbox, "acme/gliner", "gliner_config.json", &config("evil/words"));
    sandbox.run("update").refused(5).says("takes a tokenizer from `evil/words` (dependency-redirected)");
    assert_eq!(sandbox.read("models.lock"), before);
    sandbox.run("update --allow-source evil/words").ok().says("words added").says("deberta removed");
    // Through a file that is read for nothing else.
    let recipe = sandbox.hub.model("acme/recipe");
    recipe.commit(&[("hyperparams.yaml", Content::git("n_mels: 80\n"))]);
    sandbox.run("add acme/recipe").ok();
    recipe.commit(&[("hyperparams.yaml", Content::git("pretrained_path: evil/words\n"))]);
    sandbox.run("update recipe").refused(5).says("takes a part from `evil/words` (dependency-added)");
}

#[test]
fn a_repo_without_what_is_read_there_is_refused_with_a_way_out() {
    let sandbox = Sandbox::new();
    sandbox.hub.model("acme/empty").commit(&[("model.safetensors", Content::lfs(make::weights(50)))]);
    naming(&sandbox, "acme/gliner", "gliner_config.json", r#"{"model_name": "acme/empty"}"#);
    let refused = sandbox.run("add acme/gliner");
    refused.refused(7).says("no file in `hf:model/acme/empty` of what its loader reads there (`tokenizer`)");
    refused.says("required by `gliner` (tokenizer)").says("ignored-dependencies = [\"acme/empty\"]");
    with_lines(&sandbox, "[policy]\nignored-dependencies = [\"acme/empty\"]");
    sandbox.run("add acme/gliner").ok();
    sandbox.run("sync --locked").ok();
}

#[test]
fn names_of_old_without_an_owner_lead_to_pins_too() {
    let sandbox = Sandbox::new();
    let base = sandbox.hub.model("gpt2");
    base.commit(&[("model.safetensors", Content::lfs(make::weights(300)))]);
    let _ = base.rename("openai-community/gpt2");
    let words = sandbox.hub.model("bert-base");
    words.commit(&[("vocab.txt", Content::git("a\nb\n"))]);
    let _ = words.rename("google-bert/bert-base");
    lora(&sandbox, "acme/lora", "\"gpt2\"");
    tokenized(&sandbox, "acme/embed", "bert-base");
    sandbox.run("add acme/lora").ok().says("the Hub calls `gpt2` now `openai-community/gpt2`");
    sandbox.run("add acme/embed").ok();
    sandbox.run("sync --locked").ok();
    // Where loaders look for what they call so.
    assert!(sandbox.path(".modelpin/hub/models--gpt2/refs/main").exists());
    assert!(sandbox.path(".modelpin/hub/models--bert-base/refs/main").exists());
    sandbox.run("outdated --exit-code").ok();
}
