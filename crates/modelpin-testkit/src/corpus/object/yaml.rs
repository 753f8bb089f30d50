//! YAML that imports, and YAML that does not.

use super::Item;
use crate::corpus::Expect::{self, Dangerous, Review, Safe, Suspect};
use crate::corpus::build::Tar;

fn item(name: &str, expect: Expect, text: &str) -> Item {
    Item::new(format!("object-{name}"), expect, "config.yaml", text)
}

/// Keys that are imported and called.
pub(super) fn targets() -> Vec<Item> {
    let dangerous = |name: &str, text: &str| item(name, Dangerous, text).fires(&["hydra-target"]);
    let review =
        |name: &str, text: &str| item(name, Review, text).fires(&["hydra-target-known"]).quiet(&["hydra-target"]);
    vec![
        dangerous("target-os-system", "model:\n  _target_: os.system\n  command: 'true'\n"),
        dangerous("target-flow", "model: {name: a, _target_: subprocess.call, _args_: [[id]]}\n"),
        dangerous("target-json-in-yaml", "{\"model\":{\"_target_\":\"os.system\"}}\n"),
        dangerous("target-quoted-key", "model:\n  '_target_': \"os.system\"\n"),
        dangerous("target-escaped-key", "model:\n  \"\\x5ftarget\\u005f\": builtins.exec\n"),
        dangerous("target-escaped-value", "model:\n  _target_: \"\\x6fs.system\"\n"),
        dangerous("target-next-line", "model:\n  _target_:\n\n    # a comment\n    os.system\n"),
        dangerous("target-block-scalar", "model:\n  _target_: >-\n    os.system\n"),
        dangerous("target-joined-line", "model:\n  _target_: \"os.\\\n    system\"\n"),
        dangerous("target-explicit-key", "model:\n  ? _target_\n  : os.system\n"),
        dangerous("target-anchored", "name: &a os.system\nmodel:\n  _target_: *a\n"),
        dangerous("target-aliased-key", "key: &k _target_\nmodel:\n  ? *k\n  : os.system\n"),
        dangerous("target-merged", "base: &b\n  _target_: os.system\nmodel:\n  <<: *b\n"),
        dangerous("target-interpolated", "a: os\nb: system\nmodel:\n  _target_: ${a}.${b}\n"),
        dangerous("target-default-of-variable", "model:\n  _target_: ${oc.env:UNSET,os.system}\n"),
        dangerous("target-default-in-quotes", "model:\n  _target_: \"${oc.env:UNSET, 'os.system'}\"\n"),
        dangerous("target-default-of-default", "model:\n  _target_: ${oc.env:A,${oc.env:B,os.system}}\n"),
        dangerous("target-default-of-key", "model:\n  _target_: ${oc.select:none,os.system}\n"),
        dangerous("target-decoded", "model:\n  _target_: ${oc.decode:os.system}\n"),
        dangerous("target-two-keys-away", "a: os.system\nb: ${a}\nmodel:\n  _target_: ${..b}\n"),
        dangerous("target-of-own-resolver", "model:\n  _target_: ${mine:os.system}\n"),
        dangerous("target-part-of-variable", "model:\n  _target_: os.${oc.env:X,system}\n"),
        dangerous("target-second-value", "a: torch.nn.Linear\nb:\n  a: os.system\nmodel:\n  _target_: ${b.a}\n"),
        dangerous("ldm-interpolated", "a: os.system\nm:\n  target: ${a}\n  params: {}\n"),
        review("honest-variable", "model:\n  _target_: ${oc.env:MODEL_CLASS,torch.nn.Linear}\n"),
        review("interpolation-in-a-circle", "_target_: ${a}\na: ${b}\nb: ${a}\n"),
        dangerous("target-after-odd-quote", "a: x\n  'hidden\n_target_: os.system\nb: it's\n"),
        dangerous("target-after-block", "text: |\n  _target_: torch.nn.Linear\n_target_: os.system\n"),
        dangerous("target-unicode-line", "a: b # text\u{2028}_target_: os.system\n"),
        dangerous("target-carriage-return", "a: b # text\r_target_: os.system\r"),
        dangerous("target-second-document", "a: 1\n---\n_target_: os.system\n"),
        dangerous(
            "target-in-list",
            "callbacks:\n- _target_: lightning.pytorch.callbacks.Timer\n- _target_: os.system\n",
        ),
        dangerous("target-tagged-value", "model:\n  _target_: !!str os.system\n"),
        dangerous("target-torch-load", "model:\n  _target_: torch.load\n  f: x.pt\n"),
        dangerous("target-torch-hub", "model:\n  _target_: torch.hub.load\n  repo_or_dir: a/b\n"),
        dangerous("target-get-method", "model:\n  _target_: hydra.utils.get_method\n  path: os.system\n"),
        dangerous("target-dunder", "model:\n  _target_: nemo.core.__builtins__.eval\n"),
        dangerous("target-like-nemo", "model:\n  _target_: nemo_evil.core.run\n"),
        dangerous("target-like-torch", "model:\n  _target_: torchx.run\n"),
        dangerous("target-torchtune-component", "model:\n  _component_: os.system\n"),
        dangerous("class-path", "model:\n  class_path: subprocess.Popen\n  init_args:\n    args: [id]\n"),
        dangerous("diffusion-target", "model:\n  target: shutil.rmtree\n  params:\n    path: x\n"),
        dangerous("hyperpyyaml-apply", "a: !apply:os.system [id]\n"),
        dangerous("hyperpyyaml-new", "a: !new:subprocess.Popen\n  args: [id]\n"),
        Item::new(
            "object-nemo-archive",
            Dangerous,
            "model.nemo",
            Tar::default().file("model_config.yaml", b"preprocessor:\n  _target_: os.system\n").bytes(),
        )
        .fires(&["hydra-target"]),
    ]
    .into_iter()
    .chain(honest_targets())
    .collect()
}

/// Keys that honest configurations have, and their code.
fn honest_targets() -> Vec<Item> {
    let review =
        |name: &str, text: &str| item(name, Review, text).fires(&["hydra-target-known"]).quiet(&["hydra-target"]);
    vec![
        review(
            "honest-nemo",
            "preprocessor:\n  _target_: nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor\n  window: hann\n",
        ),
        review("honest-hydra", "optimizer:\n  _target_: torch.optim.AdamW\n  lr: 1.0e-3\n_partial_: true\n"),
        review("honest-own-class", "model:\n  _target_: src.models.mnist_module.MNISTLitModule\n  lr: 0.1\n"),
        review("honest-own-function", "data:\n  _target_: src.data.make_loader\n"),
        review("honest-interpolated", "model:\n  _target_: ${model_class}\n"),
        review("honest-lightning-cli", "model:\n  class_path: torch.nn.Linear\n  init_args:\n    in_features: 3\n"),
        review(
            "honest-diffusion",
            "model:\n  base_learning_rate: 1.0e-04\n  target: ldm.models.diffusion.ddpm.LatentDiffusion\n  params:\n    \
             unet_config:\n      target: ldm.modules.diffusionmodules.openaimodel.UNetModel\n      params:\n        \
             image_size: 32\n",
        ),
        review(
            "honest-speechbrain",
            "encoder: !new:speechbrain.lobes.models.ECAPA_TDNN.ECAPA_TDNN\n  input_size: !ref <n_mels>\n",
        ),
        review("honest-from-pretrained", "lm:\n  _target_: transformers.AutoModel.from_pretrained\n  a: gpt2\n"),
    ]
}

/// Calls of loaders that are told to trust code, and functions of libraries that run what they are given.
pub(super) fn trusting() -> Vec<Item> {
    let dangerous = |name: &str, text: &str| item(name, Dangerous, text).fires(&["hydra-target"]);
    vec![
        dangerous(
            "target-trusts",
            "m:\n  _target_: transformers.AutoModel.from_pretrained\n  a: b/c\n  trust_remote_code: true\n",
        ),
        dangerous("target-trusts-new", "m: !new:transformers.AutoModel.from_pretrained\n  trust_remote_code: True\n"),
        dangerous(
            "target-custom-pipeline",
            "m:\n  _target_: diffusers.DiffusionPipeline.from_pretrained\n  custom_pipeline: evil/repo\n",
        ),
        Item::new(
            "object-target-trusts-json",
            Dangerous,
            "config.json",
            r#"{"m":{"_target_":"transformers.AutoModel.from_pretrained","a":"b/c","trust_remote_code":true}}"#,
        )
        .fires(&["hydra-target"]),
        dangerous("target-sympify", "m:\n  _target_: sympy.sympify\n  a: x\n"),
        item("honest-no-trust", Review, "m:\n  _target_: transformers.AutoModel\n  trust_remote_code: false\n")
            .fires(&["hydra-target-known"])
            .quiet(&["hydra-target"]),
    ]
}

/// Tags.
pub(super) fn tags() -> Vec<Item> {
    let dangerous = |name: &str, text: &str| item(name, Dangerous, text).fires(&["yaml-object"]);
    let review = |name: &str, text: &str| {
        item(name, Review, text).fires(&["yaml-foreign-object"]).quiet(&["yaml-object", "hydra-target"])
    };
    vec![
        dangerous("tag-apply", "a: !!python/object/apply:os.system ['true']\n"),
        dangerous("tag-new", "- !!python/object/new:subprocess.Popen [id]\n"),
        dangerous("tag-name", "a: [1, !!python/name:os.system , 2]\n"),
        dangerous("tag-module", "a: !!python/module:os\n"),
        dangerous("tag-builtin", "a: !!python/name:eval\n"),
        dangerous("tag-short", "a: !python/object/apply:os.system [id]\n"),
        dangerous("tag-verbatim", "a: !<tag:yaml.org,2002:python/object/apply:os.system> [id]\n"),
        dangerous("tag-escaped", "a: !!pyth%6fn/object/apply:os.system [id]\n"),
        dangerous("tag-handle", "%TAG !e! tag:yaml.org,2002:pyth\n---\na: !e!on/object/apply:os.system [id]\n"),
        dangerous("tag-local-handle", "%TAG ! tag:yaml.org,2002:python/\n---\na: !object/apply:os.system [id]\n"),
        dangerous("tag-as-key", "? !!python/object/apply:os.system [id]\n: 1\n"),
        dangerous("tag-anchored", "a: &x !!python/object/apply:os.system [id]\n"),
        dangerous("tag-unknown-kind", "a: !!python/frozen:thing\n"),
        dangerous("tag-torch-load", "a: !!python/object/apply:torch.load [x]\n"),
        dangerous("tag-dunder", "a: !!python/object/apply:collections.OrderedDict.__init__.__globals__ []\n"),
        review("honest-namespace", "args: !!python/object:argparse.Namespace\n  lr: 0.1\n"),
        review("honest-path", "dir: !!python/object/apply:pathlib.PosixPath\n- a\n"),
        review("honest-numpy-scalar", "best: !!python/object/apply:numpy.core.multiarray.scalar\n- 1\n"),
        review("honest-torch-name", "activation: !!python/name:torch.nn.modules.activation.ReLU ''\n"),
        review("honest-mkdocs", "emoji_index: !!python/name:material.extensions.emoji.twemoji\n"),
        dangerous("tag-ruby", "a: !ruby/object:Gem::Installer\n  i: x\n"),
        dangerous("tag-java", "a: !!javax.script.ScriptEngineManager []\n"),
        dangerous("tag-attr", "x: !!python/object/apply:attr._make._compile_and_eval [\"1\"]\n"),
        dangerous("tag-srsly", "x: !!python/object/apply:srsly.pickle_loads [a]\n"),
        dangerous("tag-click", "x: !!python/object/apply:click.edit [a]\n"),
        dangerous("tag-sympify", "x: !!python/object/apply:sympy.sympify [a]\n"),
        dangerous("tag-matplotlib", "x: !!python/object/apply:matplotlib.use [a]\n"),
        dangerous("tag-beside", "x: !!python/object/new:modeling_evil.run [a]\n"),
        dangerous("tag-module-beside", "x: !!python/module:modeling_evil\n"),
        dangerous("tag-name-beside", "x: !!python/name:modeling_evil.run\n"),
        review("honest-enum", "s: !!python/object/apply:transformers.trainer_utils.IntervalStrategy\n- steps\n"),
        review("honest-easydict", "s: !!python/object/new:easydict.EasyDict\n  dictitems: {a: 1}\n"),
        review("honest-opencv", "k: !!opencv-matrix\n  rows: 3\n"),
        item("yaml-open-quote", Suspect, "a: \"never closed\n_target_: x\n").fires(&["yaml-malformed"]),
        item("yaml-open-bracket", Suspect, &"[".repeat(5000)).fires(&["yaml-malformed"]),
        item("yaml-alias-bomb", Safe, "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"),
    ]
}

/// YAML that names nothing.
pub(super) fn honest() -> Vec<Item> {
    let safe = |name: &str, text: &str| {
        item(name, Safe, text).quiet(&[
            "hydra-target",
            "hydra-target-known",
            "yaml-object",
            "yaml-foreign-object",
            "yaml-malformed",
        ])
    };
    vec![
        safe(
            "honest-training",
            "model:\n  name: gpt # base\n  layers: [1, 2, {a: b}]\nlr: 3e-4\ntext: \"it's\"\nnote: don't\n",
        ),
        safe("honest-tuple", "size: !!python/tuple\n- 1\n- 2\nname: !!python/unicode 'a'\n"),
        safe(
            "honest-in-text",
            "doc: |\n  Use `_target_: os.system` with care.\n  !!python/object/apply:os.system\nb: 1\n",
        ),
        safe("honest-in-comment", "# _target_: os.system\na: 1 # !!python/name:os.system\n"),
        safe("honest-in-quotes", "a: '_target_: os.system'\nb: \"!!python/name:os.system\"\n"),
        safe(
            "honest-workflow",
            "on: [push]\njobs:\n  test:\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n          python -m pytest\n          echo \"done: $?\"\n",
        ),
        safe(
            "honest-target-word",
            "compilerOptions:\n  target: es2020\nhost:\n  target: platform.example\nk: {target: http://a.example}\n",
        ),
        safe("honest-gitlab", "test:\n  script:\n    - !reference [.setup, script]\n    - echo hi\n"),
        safe(
            "honest-front-matter",
            "---\nlicense: apache-2.0\ntags:\n- text-generation\nmodel-index:\n- name: a\n  results: []\n---\n",
        ),
        safe("honest-standard-tags", "a: !!str 1\nb: !!binary |\n  R0lGODlh\nc: !!set {x, y}\nd: !!float 1\n"),
        safe("honest-long-plain", "a: this text\n  goes on 'here' and is\n  \"odd\nb: 1\n").quiet(&["yaml-malformed"]),
    ]
}
