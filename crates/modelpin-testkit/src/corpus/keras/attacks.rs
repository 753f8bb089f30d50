//! Configurations that attack.

use super::{Item, archive, function, h5, new, new_model, old, old_model};
use crate::corpus::Expect::{Dangerous, Review, Suspect};
use serde_json::json;

pub(super) fn items() -> Vec<Item> {
    [lambdas(), modules(), gadgets(), old_functions(), foreign()].concat()
}

fn in_h5(name: &str, layer: serde_json::Value) -> Item {
    Item::new(format!("keras-{name}"), Dangerous, "model.h5", h5(&old_model(vec![layer])).bytes())
}

fn in_archive(name: &str, layer: serde_json::Value) -> Item {
    Item::new(format!("keras-{name}"), Dangerous, "model.keras", archive(&new_model(vec![layer])))
}

fn lambdas() -> Vec<Item> {
    let code = json!(["4wEAAAAAAAAAAAAAAAEAAAABAAAA", null, null]);
    let lambda = json!({"name": "lambda", "function": code, "function_type": "lambda", "arguments": {}});
    let bytes = json!({"class_name": "__bytes__", "config": {"value": "gASVAAAA"}});
    let inner = old("Sequential", json!({"name": "inner", "layers": [old("Lambda", lambda.clone())]}));
    vec![
        in_h5("lambda-h5", old("Lambda", lambda.clone())).fires(&["keras-lambda"]),
        in_h5("lambda-nested-model", inner).fires(&["keras-lambda"]),
        in_h5("lambda-in-wrapper", old("TimeDistributed", json!({"layer": old("Lambda", lambda.clone())})))
            .fires(&["keras-lambda"]),
        in_h5("lambda-registered-name", old("Custom>Lambda", lambda.clone())).fires(&["keras-lambda"]),
        in_archive(
            "lambda-archive",
            new(
                "Lambda",
                json!({"function": {"class_name": "__lambda__",
            "config": {"code": "4wEAAAA=", "defaults": null, "closure": null}}}),
            ),
        )
        .fires(&["keras-lambda"]),
        in_archive(
            "lambda-in-activation",
            new(
                "Dense",
                json!({"units": 1,
            "activation": {"class_name": "__lambda__", "config": {"value": "4wEA"}}}),
            ),
        )
        .fires(&["keras-lambda"]),
        in_archive("torch-wrapper", new("TorchModuleWrapper", json!({"module": bytes, "output_shape": null})))
            .fires(&["keras-lambda"]),
        in_archive(
            "lambda-deep-path",
            json!({"module": "keras.src.layers.core.lambda_layer", "class_name": "Lambda",
            "config": lambda, "registered_name": "Lambda"}),
        )
        .fires(&["keras-lambda"]),
        in_h5("lambda-type-only", old("Custom>Layer2", json!({"function": code, "function_type": "lambda"})))
            .fires(&["keras-lambda"]),
    ]
}

fn modules() -> Vec<Item> {
    let class = |module: &str, class: &str| json!({"module": module, "class_name": class, "config": {"args": ["true"]}, "registered_name": class});
    let foreign = |name: &str, layer| in_archive(name, layer).fires(&["keras-foreign-module"]);
    vec![
        foreign(
            "module-os-system",
            json!({"name": "x", "module": "os", "class_name": "function", "config": "system",
            "registered_name": "function", "inbound_nodes": [{"args": ["true"], "kwargs": {}}]}),
        ),
        foreign("module-subprocess-class", class("subprocess", "Popen")),
        foreign("module-builtins-eval", function("builtins", "eval")),
        foreign("module-builtins-class", class("builtins", "eval")),
        foreign("module-looks-like-keras", class("keras_evil.layers", "Dense")),
        foreign("module-begins-like-keras", class("kerasx.layers", "Dense")),
        foreign("module-within-tensorflow", class("tensorflowx", "Dense")),
        foreign("module-is-no-name", json!({"module": ["os"], "class_name": "system", "config": {}})),
        foreign(
            "module-class-is-null",
            json!({"module": "os", "class_name": null, "config": "system",
            "registered_name": "system"}),
        ),
        foreign("module-dotted-class", json!({"class_name": "os.system", "config": "true"})),
        foreign("module-function-of-package", function("some_package.tools", "run")),
        foreign(
            "module-in-initializer",
            new("Dense", json!({"kernel_initializer": class("importlib", "import_module")})),
        ),
        foreign(
            "module-typespec",
            json!({"class_name": "__typespec__", "spec_name": "Popen", "module": "subprocess",
            "registered_name": null, "config": []}),
        ),
        foreign(
            "module-other-registered-name",
            json!({"module": "package.layers", "class_name": "Fine",
            "config": {}, "registered_name": "package>Other"}),
        ),
        Item::new("keras-module-in-compile", Dangerous, "model.keras", {
            let mut model = new_model(vec![]);
            model["compile_config"] = json!({"optimizer": "adam", "loss": function("os", "system")});
            archive(&model)
        })
        .fires(&["keras-foreign-module"]),
    ]
}

fn gadgets() -> Vec<Item> {
    let gadget = |name: &str, layer| in_archive(name, layer).fires(&["keras-gadget"]).quiet(&["keras-foreign-module"]);
    vec![
        gadget(
            "get-file",
            json!({"module": "keras.utils", "class_name": "function", "config": "get_file",
            "registered_name": "get_file", "inbound_nodes": [{"args": ["x", "https://files.example/x.tar"], "kwargs":
            {"extract": true}}]}),
        ),
        gadget(
            "get-file-dotted",
            json!({"module": "keras", "class_name": "function", "config": "utils.get_file",
            "registered_name": "x"}),
        ),
        gadget("get-file-source", function("keras.src.utils.file_utils", "get_file")),
        gadget("unsafe-deserialization", function("keras.config", "enable_unsafe_deserialization")),
        gadget("load-model", function("keras.models", "load_model")),
        gadget("load-model-old-path", function("tensorflow.keras.models", "load_model")),
        gadget(
            "saving-class",
            json!({"module": "keras.src.saving.serialization_lib", "class_name": "SafeModeScope",
            "config": {"safe_mode": false}, "registered_name": null}),
        ),
        gadget(
            "callback",
            json!({"module": "keras.callbacks", "class_name": "ModelCheckpoint",
            "config": {"filepath": "/tmp/x"}, "registered_name": null}),
        ),
        gadget(
            "deserialize-as-activation",
            new(
                "Dense",
                json!({"activation": function("keras.activations",
            "deserialize")}),
            ),
        ),
        gadget("tf-smlayer-elsewhere", new("TFSMLayer", json!({"filepath": "/tmp/other", "call_endpoint": "serve"}))),
        Item::new(
            "keras-get-file-bare",
            Dangerous,
            "model.keras",
            archive(&new_model(vec![function("builtins", "get_file")])),
        )
        .fires(&["keras-gadget"]),
    ]
}

fn old_functions() -> Vec<Item> {
    let call = |function: &str| old("TFOpLambda", json!({"name": "x", "function": function, "trainable": true}));
    vec![
        in_h5("tf-read-file", call("io.read_file")).fires(&["keras-gadget"]),
        in_h5("tf-raw-write-file", call("raw_ops.WriteFile")).fires(&["keras-gadget"]),
        in_h5("tf-py-function", call("compat.v1.py_func")).fires(&["keras-gadget"]),
        in_h5("tf-load-library", call("load_op_library")).fires(&["keras-gadget"]),
        in_h5("tf-node-read-file", old("TensorFlowOpLayer", json!({"node_def": {"name": "x", "op": "ReadFile"}})))
            .fires(&["keras-gadget"]),
        in_h5("activation-get-file", old("Dense", json!({"activation": "get_file"}))).fires(&["keras-gadget"]),
    ]
}

/// What asks for a person: foreign packages, files.
fn foreign() -> Vec<Item> {
    let review =
        |name: &str, layer| Item::new(format!("keras-{name}"), Review, "model.h5", h5(&old_model(vec![layer])).bytes());
    let look = |vocabulary: &str| {
        old("StringLookup", json!({"name": "lookup", "vocabulary": vocabulary, "num_oov_indices": 1}))
    };
    vec![
        review("custom-registered", old("Addons>GroupNorm", json!({"groups": 4})))
            .fires(&["keras-custom-object"])
            .quiet(&["keras-foreign-module", "keras-lambda"]),
        review("custom-layer", old("CapsuleLayer", json!({}))).fires(&["keras-custom-object"]),
        review("custom-activation", old("Dense", json!({"activation": "mish_beta"}))).fires(&["keras-custom-object"]),
        review("custom-tf-function", old("TFOpLambda", json!({"function": "math.unheard_of"})))
            .fires(&["keras-custom-object"])
            .quiet(&["keras-gadget"]),
        review("vocabulary-path", look("/etc/hostname")).fires(&["keras-file-read"]),
        review("vocabulary-url", old("TextVectorization", json!({"vocabulary": "https://files.example/vocab.txt"})))
            .fires(&["keras-file-read"]),
        Item::new(
            "keras-vocabulary-archive",
            Suspect,
            "model.keras",
            archive(&new_model(vec![new("IntegerLookup", json!({"vocabulary": "../vocab.txt"}))])),
        )
        .fires(&["keras-file-read"]),
        Item::new("keras-config-twice", Suspect, "model.h5", {
            let text = r#"{"class_name": "Lambda", "class_name": "Sequential", "config": {"layers": []}}"#;
            crate::corpus::build::Hdf5::group().text("model_config", text).bytes()
        })
        .fires(&["json-duplicate-key"]),
        Item::new(
            "keras-config-no-json",
            Suspect,
            "model.h5",
            crate::corpus::build::Hdf5::group().text("model_config", "(lp0\n").bytes(),
        ),
    ]
}
