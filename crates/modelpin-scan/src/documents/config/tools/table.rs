//! What tools that train, evaluate and describe models find in their configurations, one row a key.

use super::row::{Tool, What};
use crate::documents::config::followed::{Condition, Place};

use Condition::{Has, Is};

/// What rows differ from.
pub(super) const ROW: Tool =
    Tool { files: &[], keys: &[], place: Place::Top, when: &[], what: What::Command, only: &[], known: &[], who: "" };

const YAML: &[&str] = &["*.yaml", "*.yml"];
const DOCUMENTS: &[&str] = &["*.json", "*.yaml", "*.yml"];

/// Task files of lm-evaluation-harness (`lm_eval/api/task.py`, `TaskConfig`; `lm_eval/utils.py`).
const LM_EVAL: Tool = Tool {
    files: YAML,
    when: &[Has(&["task", "dataset_path", "dataset_kwargs", "output_type"])],
    who: "lm-eval",
    ..ROW
};

/// Prompts, chains and agents that LangChain loads (`langchain_core/prompts/loading.py`, `langchain/chains/loading.py`,
/// `langchain/agents/loading.py`).
const LANGCHAIN: Tool = Tool { files: DOCUMENTS, place: Place::Any, who: "LangChain", ..ROW };

/// What says that an object is a prompt.
const PROMPT: Condition =
    Has(&["_type", "template_format", "input_variables", "example_prompt", "example_prompt_path", "template_path"]);

/// Pipelines of Haystack 2 (`haystack/core/pipeline/base.py`, `haystack/core/serialization.py`).
const HAYSTACK: Tool = Tool { files: DOCUMENTS, place: Place::Any, who: "Haystack", ..ROW };

/// Components of AutoGen (`autogen_core/_component_config.py`).
const AUTOGEN: Tool = Tool { files: DOCUMENTS, place: Place::Any, who: "AutoGen", ..ROW };

const FLOW: Tool = Tool { files: &["flow.dag.yaml", "flow.flex.yaml"], who: "promptflow", ..ROW };

/// What is looked at.
pub(super) const TOOLS: &[Tool] = &[
    Tool { keys: &["include"], what: What::File, ..LM_EVAL },
    Tool { keys: &["dataset_kwargs.trust_remote_code"], what: What::Trust, when: &[], ..LM_EVAL },
    Tool {
        keys: &["template_path", "prefix_path", "suffix_path", "example_prompt_path"],
        what: What::File,
        ..LANGCHAIN
    },
    Tool {
        keys: &["examples"],
        when: &[Has(&["example_prompt", "example_prompt_path"])],
        what: What::File,
        ..LANGCHAIN
    },
    Tool {
        keys: &[
            "llm_path",
            "prompt_path",
            "llm_chain_path",
            "combine_documents_chain_path",
            "refine_llm_chain_path",
            "initial_llm_chain_path",
            "combine_document_chain_path",
            "collapse_document_chain_path",
            "base_embeddings_path",
            "requests_chain_path",
            "answer_chain_path",
            "api_request_chain_path",
            "api_answer_chain_path",
            "agent_path",
        ],
        when: &[Has(&["_type"])],
        what: What::File,
        ..LANGCHAIN
    },
    Tool {
        keys: &["template", "prefix", "suffix"],
        when: &[PROMPT, Condition::IsNot("template_format", &["jinja2"])],
        what: What::Format,
        ..LANGCHAIN
    },
    Tool {
        keys: &["template", "prefix", "suffix"],
        when: &[Is("template_format", &["jinja2"])],
        what: What::Template,
        ..LANGCHAIN
    },
    Tool {
        keys: &["_type"],
        only: &[
            "llm_bash_chain",
            "python_repl",
            "python_repl_ast",
            "terminal",
            "shell",
            "pal_chain",
            "llm_math_chain",
            "sql_database_chain",
            "requests_chain",
            "llm_requests_chain",
            "api_chain",
            "vector_db_qa",
        ],
        what: What::Command,
        ..LANGCHAIN
    },
    Tool {
        keys: &["type"],
        when: &[Has(&["init_parameters"])],
        what: What::Object,
        known: &["haystack", "haystack_integrations", "haystack_experimental"],
        ..HAYSTACK
    },
    // A function that a tool, a router or a generator calls (`deserialize_callable`).
    Tool {
        files: &["*.yaml", "*.yml", "pipeline*.json"],
        keys: &["data.function"],
        when: &[Has(&["parameters", "description"])],
        what: What::Object,
        known: &["haystack"],
        ..HAYSTACK
    },
    Tool {
        keys: &["init_parameters.streaming_callback", "init_parameters.custom_filters.*", "init_parameters.function"],
        what: What::Object,
        known: &["haystack"],
        ..HAYSTACK
    },
    Tool { keys: &["init_parameters.unsafe"], only: &["true"], what: What::Trust, ..HAYSTACK },
    Tool {
        keys: &["provider"],
        when: &[Has(&["component_type", "component_version"])],
        what: What::Object,
        known: &["autogen_agentchat", "autogen_core", "autogen_ext"],
        ..AUTOGEN
    },
    // `FunctionTool` of autogen_core/tools/_function_tool.py runs it.
    Tool { keys: &["source_code"], when: &[Has(&["global_imports"])], what: What::Source, ..AUTOGEN },
    // Tools of smolagents that are a document (`Tool.to_dict`, `Tool.from_dict` of smolagents/tools.py).
    Tool {
        files: &["tool*.json", "agent*.json"],
        place: Place::Any,
        keys: &["code"],
        when: &[Has(&["requirements"]), Has(&["name"])],
        what: What::Source,
        who: "smolagents",
        ..ROW
    },
    // `MultiStepAgent.from_folder` of smolagents/agents.py.
    Tool {
        files: &["agent.json"],
        keys: &["authorized_imports", "additional_authorized_imports", "executor_kwargs.additional_functions"],
        only: &[
            "*",
            "os",
            "sys",
            "subprocess",
            "builtins",
            "posix",
            "shutil",
            "socket",
            "importlib",
            "pty",
            "ctypes",
            "pickle",
            "io",
            "pathlib",
        ],
        what: What::Trust,
        who: "smolagents",
        ..ROW
    },
    Tool { keys: &["nodes.*.source.path", "node_variants.*.variants.*.node.source.path"], what: What::Code, ..FLOW },
    Tool { keys: &["nodes.*.source.tool"], what: What::Object, known: &["promptflow"], ..FLOW },
    Tool { keys: &["entry"], what: What::Object, ..FLOW },
    Tool { keys: &["additional_includes"], what: What::File, ..FLOW },
    Tool { keys: &["environment.setup_sh", "environment.python_requirements_txt"], what: What::File, ..FLOW },
    // MLflow projects (`mlflow/projects/_project_spec.py`).
    Tool { files: &["mlproject"], keys: &["entry_points.*.command"], who: "MLflow", ..ROW },
    Tool { files: &["mlproject"], keys: &["docker_env.image"], what: What::Environment, who: "MLflow", ..ROW },
    Tool { files: &["mlproject"], keys: &["python_env", "conda_env"], what: What::File, who: "MLflow", ..ROW },
    Tool {
        files: &["dvc.yaml", "dvcfile", "*.dvc"],
        keys: &["cmd", "stages.*.cmd", "stages.*.do.cmd"],
        who: "DVC",
        ..ROW
    },
    // Projects of spaCy and Weasel (`weasel/cli/run.py`).
    Tool { files: &["project.yml"], keys: &["commands.*.script"], who: "spaCy", ..ROW },
    Tool { files: &["prefect.yaml"], keys: &["*.*.*.script", "deployments.*.*.*.*.script"], who: "Prefect", ..ROW },
    Tool { files: &["prefect.yaml"], keys: &["deployments.*.entrypoint"], what: What::Code, who: "Prefect", ..ROW },
    Tool {
        files: &["workspace.yaml"],
        keys: &["load_from.*.python_file", "load_from.*.python_file.relative_path"],
        what: What::Code,
        who: "Dagster",
        ..ROW
    },
    Tool {
        files: &["workspace.yaml"],
        keys: &["load_from.*.python_module", "load_from.*.python_module.module_name"],
        what: What::Module,
        who: "Dagster",
        ..ROW
    },
    // Data catalogs of Kedro (`kedro/io/core.py`, `parse_dataset_definition`).
    Tool {
        files: &["catalog*.yml", "catalog*.yaml"],
        keys: &["*.type"],
        what: What::Object,
        known: &[
            "kedro",
            "kedro_datasets",
            "pandas",
            "pickle",
            "json",
            "yaml",
            "text",
            "matplotlib",
            "networkx",
            "plotly",
            "spark",
        ],
        when: &[Has(&["filepath", "table_name", "load_args", "save_args"])],
        who: "Kedro",
        ..ROW
    },
    // Components of Rasa (`rasa/engine/recipes/default_recipe.py`).
    Tool {
        files: &["config.yml"],
        keys: &["pipeline.*.name", "policies.*.name"],
        what: What::Object,
        known: &["rasa"],
        who: "Rasa",
        ..ROW
    },
    // Sweeps of Weights & Biases, experiments of NNI, jobs of SkyPilot.
    Tool { files: &["sweep*.yaml", "sweep*.yml"], keys: &["command"], who: "wandb", ..ROW },
    Tool { files: YAML, keys: &["trialCommand", "trial_command", "trial.command"], who: "NNI", ..ROW },
    Tool {
        files: YAML,
        keys: &["setup", "run"],
        when: &[Has(&["resources"]), Has(&["file_mounts", "num_nodes", "setup", "workdir"])],
        who: "SkyPilot",
        ..ROW
    },
    // What OpenMMLab's configurations import before anything else (`mmengine/config/config.py`, `import_modules_from_strings`).
    Tool {
        files: DOCUMENTS,
        place: Place::Any,
        keys: &["custom_imports.imports"],
        what: What::Module,
        known: &[
            "mmcv",
            "mmdet",
            "mmengine",
            "mmseg",
            "mmpose",
            "mmpretrain",
            "mmcls",
            "mmaction",
            "mmocr",
            "mmdet3d",
            "mmrotate",
            "mmagic",
            "mmyolo",
            "mmtrack",
        ],
        who: "mmengine",
        ..ROW
    },
    // Configurations that begin with another one: of mmengine, of detectron2 (`fvcore/common/config.py`).
    Tool { files: DOCUMENTS, keys: &["_base_", "_BASE_"], what: What::File, who: "mmengine or detectron2", ..ROW },
    // Hydra (`hydra/conf/__init__.py`).
    Tool { files: YAML, keys: &["hydra.searchpath"], what: What::File, who: "Hydra", ..ROW },
    Tool {
        files: YAML,
        keys: &[
            "hydra.job.env_set.LD_PRELOAD",
            "hydra.job.env_set.LD_LIBRARY_PATH",
            "hydra.job.env_set.PYTHONPATH",
            "hydra.job.env_set.PYTHONSTARTUP",
            "hydra.job.env_set.PATH",
        ],
        what: What::Environment,
        who: "Hydra",
        ..ROW
    },
    // `SaveRestoreConnector` and `Serialization.from_config_dict` of nemo/core/classes/common.py.
    Tool { files: &["model_config.yaml"], keys: &["target"], what: What::Object, known: &["nemo"], who: "NeMo", ..ROW },
    // Plugins of axolotl (`axolotl/utils/config.py`, `prepare_plugins`).
    Tool {
        files: YAML,
        keys: &["plugins"],
        when: &[Has(&["base_model"])],
        what: What::Object,
        known: &["axolotl"],
        who: "axolotl",
        ..ROW
    },
    Tool {
        files: YAML,
        keys: &["trust_remote_code"],
        when: &[Has(&["base_model", "model_name_or_path", "models"])],
        what: What::Trust,
        who: "a trainer",
        ..ROW
    },
];
