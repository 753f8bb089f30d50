//! What servers of models find in their configurations, one row a key.

use super::row::{Tool, What};
use super::table::ROW;
use crate::documents::config::followed::{Condition, Place};

use Condition::{Has, Is};

/// `loader_module`, `code`, `data` and `env` of a model (`mlflow/pyfunc/__init__.py`, `mlflow/pyfunc/model.py`).
const MLFLOW: Tool = Tool { files: &["mlmodel"], who: "MLflow", ..ROW };

/// `ModelSettings` and `ModelParameters` of mlserver/settings.py.
const MLSERVER: Tool = Tool { files: &["model-settings.json"], who: "MLServer", ..ROW };

/// `ModelConfig` (`triton-inference-server/common/protobuf/model_config.proto`).
const TRITON: Tool = Tool { files: &["config.pbtxt", "config_*.pbtxt"], who: "Triton", ..ROW };

/// `NetParameter` (`caffe/proto/caffe.proto`, `include/caffe/layers/python_layer.hpp`).
const CAFFE: Tool = Tool { files: &["*.prototxt", "*.pbtxt"], place: Place::Any, who: "Caffe", ..ROW };

const COG: Tool = Tool { files: &["cog.yaml"], who: "Cog", ..ROW };

/// `bentoml/_internal/bento/build_config.py`.
const BENTO: Tool = Tool { files: &["bentofile.yaml", "bento.yaml"], who: "BentoML", ..ROW };

/// `ServeDeploySchema` of ray/serve/schema.py.
const RAY: Tool = Tool { files: &["*.yaml", "*.yml", "serve*.json"], place: Place::Any, who: "Ray Serve", ..ROW };

/// Arguments of the engine and the server that vLLM and SGLang take from a file (`--config`).
const VLLM: Tool = Tool {
    files: &["config.yaml", "config.yml", "vllm*.yaml", "vllm*.yml", "sglang*.yaml"],
    when: &[Has(&["model", "model-path", "served-model-name", "host", "port"])],
    who: "vLLM",
    ..ROW
};

/// Objects of Kubernetes that serve models: of KServe, of Seldon, and plain ones.
const KUBERNETES: Tool = Tool { files: &["*.yaml", "*.yml"], place: Place::Any, who: "Kubernetes", ..ROW };

/// Backends that come with Triton.
const BACKENDS: &[&str] = &[
    "tensorrt",
    "onnxruntime",
    "tensorflow",
    "pytorch",
    "openvino",
    "dali",
    "fil",
    "vllm",
    "tensorrtllm",
    "ensemble",
    "identity",
    "repeat",
    "square",
    "python",
    "paddle",
    "fastertransformer",
    "stateful",
    "llm",
];

/// What is looked at.
pub(super) const TOOLS: &[Tool] = &[
    Tool {
        keys: &["flavors.python_function.loader_module", "flavors.*.loader_module"],
        what: What::Module,
        known: &["mlflow"],
        ..MLFLOW
    },
    Tool {
        keys: &[
            "flavors.*.code",
            "flavors.*.data",
            "flavors.*.env",
            "flavors.*.env.*",
            "flavors.*.python_model",
            "flavors.*.pickled_model",
            "flavors.*.model_data",
            "flavors.*.model_path",
            "flavors.*.artifacts.*.path",
            "flavors.*.state_dict",
            "flavors.*.model_binary",
            "flavors.*.model_config",
            "flavors.*.streamable.*",
        ],
        what: What::File,
        ..MLFLOW
    },
    // `load_model` of mlflow/tensorflow/__init__.py; `_get_class_from_string` of mlflow/xgboost and mlflow/spark.
    Tool {
        keys: &["flavors.*.keras_module"],
        what: What::Module,
        known: &["keras", "tensorflow", "tf_keras"],
        ..MLFLOW
    },
    Tool {
        keys: &["flavors.*.model_class"],
        what: What::Object,
        known: &["xgboost", "pyspark", "lightgbm", "synapse", "mlflow"],
        ..MLFLOW
    },
    // `dict_to_object` of mlflow/llama_index/serialize_objects.py.
    Tool {
        files: &["*.json"],
        place: Place::Any,
        keys: &["object_constructor"],
        when: &[Has(&["object_kwargs"])],
        what: What::Object,
        known: &["llama_index"],
        who: "MLflow",
        ..ROW
    },
    // The file of that name in the folder of the code, wherever it was when the model was saved.
    Tool { keys: &["flavors.*.model_code_path"], what: What::Brings, ..MLFLOW },
    Tool {
        keys: &["implementation"],
        what: What::Object,
        known: &[
            "mlserver",
            "mlserver_sklearn",
            "mlserver_xgboost",
            "mlserver_lightgbm",
            "mlserver_catboost",
            "mlserver_mlflow",
            "mlserver_huggingface",
            "mlserver_alibi_detect",
            "mlserver_alibi_explain",
            "mlserver_mllib",
            "mlserver_onnx",
        ],
        ..MLSERVER
    },
    Tool {
        keys: &["parameters.uri", "parameters.environment_path", "parameters.environment_tarball"],
        what: What::File,
        ..MLSERVER
    },
    Tool {
        keys: &["parameters.environment_tarball", "parameters.environment_path"],
        what: What::Environment,
        ..MLSERVER
    },
    Tool { keys: &["backend"], what: What::Part, known: BACKENDS, ..TRITON },
    Tool { keys: &["backend"], only: &["python"], what: What::Brings, ..TRITON },
    Tool {
        keys: &["platform"],
        what: What::Part,
        known: &[
            "tensorrt_plan",
            "tensorflow_graphdef",
            "tensorflow_savedmodel",
            "onnxruntime_onnx",
            "pytorch_libtorch",
            "ensemble",
            "openvino",
            "caffe2_netdef",
            "python",
            "custom",
        ],
        ..TRITON
    },
    // What is taken for the model may be a library, or a program in Python.
    Tool {
        keys: &["default_model_filename", "cc_model_filenames.value", "model_operations.op_library_filename"],
        what: What::NativeOutside,
        ..TRITON
    },
    Tool { keys: &["model_operations.op_library_filename"], what: What::Native, ..TRITON },
    Tool { keys: &["parameters.key"], only: &["EXECUTION_ENV_PATH"], what: What::Environment, ..TRITON },
    Tool { keys: &["model_repository_agents.agents.name"], what: What::Part, known: &["checksum"], ..TRITON },
    Tool { keys: &["model_warmup.inputs.value.input_data_file"], what: What::File, ..TRITON },
    Tool { keys: &["python_param.module"], when: &[], what: What::Module, ..CAFFE },
    Tool { keys: &["predict", "train"], what: What::Code, ..COG },
    Tool { keys: &["build.run", "build.run.*.command", "build.pre_install"], ..COG },
    Tool { keys: &["service"], what: What::Object, ..BENTO },
    Tool { keys: &["docker.setup_script", "docker.dockerfile_template", "python.pip_args"], ..BENTO },
    Tool {
        keys: &["python.requirements_txt", "python.lock_packages", "conda.environment_yml"],
        what: What::File,
        ..BENTO
    },
    Tool {
        files: &["model.yaml"],
        keys: &["module"],
        when: &[Has(&["api_version", "bentoml_version"])],
        what: What::Module,
        known: &["bentoml"],
        who: "BentoML",
        ..ROW
    },
    Tool { keys: &["import_path"], what: What::Object, ..RAY },
    Tool { keys: &["runtime_env.working_dir", "runtime_env.py_modules"], what: What::Environment, ..RAY },
    Tool { keys: &["runtime_env.worker_process_setup_hook"], what: What::Object, ..RAY },
    Tool {
        keys: &["tool-parser-plugin", "reasoning-parser-plugin", "tool_parser_plugin", "reasoning_parser_plugin"],
        what: What::Code,
        ..VLLM
    },
    Tool {
        keys: &[
            "middleware",
            "logits-processors",
            "logits_processors",
            "worker-cls",
            "worker_cls",
            "worker-extension-cls",
            "worker_extension_cls",
            "scheduler-cls",
            "model-class-overrides.*",
        ],
        what: What::Object,
        known: &["vllm", "auto"],
        ..VLLM
    },
    Tool { keys: &["trust-remote-code", "trust_remote_code"], what: What::Trust, ..VLLM },
    // The arguments that Triton's backend for vLLM takes.
    Tool {
        files: &["model.json"],
        keys: &["trust_remote_code"],
        when: &[Has(&["model", "gpu_memory_utilization", "disable_log_requests"])],
        what: What::Trust,
        who: "Triton",
        ..ROW
    },
    Tool {
        files: &["*.yaml", "*.yml"],
        keys: &[
            "litellm_settings.callbacks",
            "litellm_settings.success_callback",
            "litellm_settings.failure_callback",
            "general_settings.custom_auth",
            "guardrails.*.litellm_params.guardrail",
        ],
        what: What::Object,
        who: "LiteLLM",
        ..ROW
    },
    Tool {
        keys: &[
            "containers.*.command",
            "initContainers.*.command",
            "containers.*.args",
            "initContainers.*.args",
            "lifecycle.postStart.exec.command",
        ],
        ..KUBERNETES
    },
    Tool {
        files: &["manifest.json"],
        keys: &["model.handler", "model.modelFile"],
        when: &[Has(&["modelName"])],
        what: What::Code,
        known: &["base_handler", "image_classifier", "image_segmenter", "object_detector", "text_classifier"],
        who: "TorchServe",
        ..ROW
    },
    // Handlers of TorchServe that are configured (`model-config.yaml`).
    Tool {
        files: &["model-config.yaml"],
        keys: &["handler.model_path", "handler.tokenizer_path"],
        what: What::File,
        who: "TorchServe",
        ..ROW
    },
    Tool {
        files: &["model-config.yaml"],
        keys: &["handler"],
        what: What::Code,
        known: &["base_handler", "image_classifier", "image_segmenter", "object_detector", "text_classifier"],
        who: "TorchServe",
        ..ROW
    },
    // Services of AWS, Azure and Google that build an image around a file of code.
    Tool {
        files: &["*.yaml", "*.yml"],
        keys: &["code_configuration.scoring_script"],
        what: What::Code,
        who: "Azure ML",
        ..ROW
    },
    Tool { files: &["*.yaml", "*.yml"], keys: &["code_configuration.code"], what: What::File, who: "Azure ML", ..ROW },
    Tool {
        files: &["*.yaml", "*.yml"],
        keys: &["command"],
        when: &[Is("type", &["command", "sweep"])],
        who: "Azure ML",
        ..ROW
    },
    // Truss of Baseten, and what Modal and Lepton call a photon.
    Tool { files: &["config.yaml"], keys: &["build_commands", "docker_server.start_command"], who: "Truss", ..ROW },
    Tool { files: &["config.yaml"], keys: &["model_class_filename"], what: What::Brings, who: "Truss", ..ROW },
];
