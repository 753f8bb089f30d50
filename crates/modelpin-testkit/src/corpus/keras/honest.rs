//! Models and files as honest writers leave them.

use super::{Item, archive, function, h5, new, new_model, old, old_model};
use crate::corpus::Expect::{Review, Safe};
use crate::corpus::build::{Hdf5, Value};
use serde_json::{Value as Json, json};

pub(super) fn items() -> Vec<Item> {
    [old_models(), new_models(), foreign(), files()].concat()
}

/// A dense layer of Keras 2 with all that belongs to it.
fn dense(units: u32, activation: &str) -> Json {
    old(
        "Dense",
        json!({
            "name": "dense", "trainable": true, "dtype": "float32", "units": units, "activation": activation,
            "use_bias": true, "kernel_initializer": old("GlorotUniform", json!({"seed": null})),
            "bias_initializer": old("Zeros", json!({})), "kernel_regularizer": old("L2", json!({"l2": 0.01})),
            "bias_regularizer": null, "activity_regularizer": null, "kernel_constraint": old("MaxNorm",
            json!({"max_value": 2, "axis": 0})), "bias_constraint": null,
        }),
    )
}

fn safe_h5(name: &str, layers: Vec<Json>) -> Item {
    let training = json!({
        "loss": "sparse_categorical_crossentropy", "loss_weights": null, "sample_weight_mode": null,
        "weighted_metrics": null, "metrics": [[old("MeanMetricWrapper", json!({"name": "accuracy", "dtype": "float32",
        "fn": "sparse_categorical_accuracy"}))]],
        "optimizer_config": old("Adam", json!({"name": "Adam", "learning_rate": 0.001, "beta_1": 0.9})),
    });
    let file = h5(&old_model(layers)).text("training_config", &training.to_string());
    Item::new(format!("keras-honest-{name}"), Safe, "model.h5", file.bytes()).quiet(&[
        "keras-lambda",
        "keras-custom-object",
        "keras-foreign-module",
        "keras-gadget",
        "hdf5-malformed",
    ])
}

fn old_models() -> Vec<Item> {
    let cell = json!({"units": 8, "activation": "tanh", "recurrent_activation": "sigmoid",
        "recurrent_initializer": old("Orthogonal", json!({"gain": 1.0, "seed": null}))});
    let call = |name: &str| {
        json!({"class_name": "TFOpLambda", "name": name, "inbound_nodes": [["a", 0, 0, {"y": 2.0}]],
        "config": {"name": format!("tf.{name}"), "trainable": true, "dtype": "float32", "function": name}})
    };
    vec![
        safe_h5(
            "mnist",
            vec![
                old(
                    "Conv2D",
                    json!({"filters": 32, "kernel_size": [3, 3], "padding": "valid", "activation": "relu",
                "data_format": "channels_last"}),
                ),
                old("MaxPooling2D", json!({"pool_size": [2, 2]})),
                old("Flatten", json!({})),
                old("Dropout", json!({"rate": 0.5})),
                dense(10, "softmax"),
            ],
        ),
        safe_h5(
            "lstm",
            vec![
                old(
                    "Embedding",
                    json!({"input_dim": 100, "output_dim": 8, "mask_zero": true,
                "embeddings_initializer": "uniform"}),
                ),
                old("Bidirectional", json!({"layer": old("LSTM", cell.clone()), "merge_mode": "concat"})),
                old("TimeDistributed", json!({"layer": dense(4, "linear")})),
                old("RNN", json!({"cell": old("StackedRNNCells", json!({"cells": [old("GRUCell", cell)]}))})),
            ],
        ),
        safe_h5(
            "preprocessing",
            vec![
                old(
                    "TextVectorization",
                    json!({"max_tokens": 1000, "standardize": "lower_and_strip_punctuation",
                "split": "whitespace", "ngrams": null, "output_mode": "int", "vocabulary": ["", "[UNK]", "system"]}),
                ),
                old("StringLookup", json!({"vocabulary": null, "mask_token": null})),
                old("Normalization", json!({"axis": [-1], "mean": [0.5], "variance": [1.0]})),
                old("Rescaling", json!({"scale": 0.00392, "offset": 0.0})),
                old("RandomFlip", json!({"mode": "horizontal"})),
                old("Resizing", json!({"height": 8, "width": 8})),
            ],
        ),
        safe_h5(
            "tf-functions",
            vec![
                call("math.add"),
                call("__operators__.getitem"),
                call("reshape"),
                call("nn.relu6"),
                call("compat.v1.shape"),
                call("image.resize"),
                call("linalg.matmul"),
                call("concat"),
                call("math.reduce_mean"),
                call("cast"),
            ],
        )
        .quiet(&["keras-gadget"]),
        safe_h5(
            "old-keras",
            vec![
                old(
                    "Convolution2D",
                    json!({"nb_filter": 8, "init": "glorot_uniform", "activation": "relu",
                "W_regularizer": null, "border_mode": "same"}),
                ),
                old("BatchNormalization", json!({"axis": 3, "gamma_initializer": "ones"})),
                old("ReLU", json!({"max_value": 6.0})),
                old("Activation", json!({"activation": "hard_sigmoid"})),
            ],
        ),
        safe_h5(
            "ragged-input",
            vec![json!({"class_name": "InputLayer", "config": {"batch_input_shape":
            {"class_name": "TensorShape", "items": [null, 3]}, "ragged": true, "name": "a"}})],
        ),
    ]
}

fn safe_archive(name: &str, model: &Json) -> Item {
    Item::new(format!("keras-honest-{name}"), Safe, "model.keras", archive(model)).quiet(&[
        "keras-lambda",
        "keras-custom-object",
        "keras-foreign-module",
        "keras-gadget",
        "keras-file-read",
    ])
}

fn new_models() -> Vec<Item> {
    let policy = json!({"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"},
        "registered_name": null});
    let initializer = |class: &str| {
        json!({"module": "keras.initializers", "class_name": class, "config": {"seed": null},
        "registered_name": null})
    };
    let tensor = json!({"class_name": "__keras_tensor__", "config": {"shape": [null, 8], "dtype": "float32",
        "keras_history": ["a", 0, 0]}});
    let dense = new(
        "Dense",
        json!({"units": 8, "dtype": policy, "activation": "softmax", "use_bias": true,
        "kernel_initializer": initializer("GlorotUniform"), "bias_initializer": initializer("Zeros"),
        "kernel_regularizer": {"module": "keras.regularizers", "class_name": "L2", "config": {"l2": 0.01},
        "registered_name": null}}),
    );
    let operation = |module: &str, class: &str| {
        json!({"module": module, "class_name": class, "config": {"name": "op"},
        "registered_name": class, "name": "op", "inbound_nodes": [{"args": [tensor, 2.0], "kwargs": {}}]})
    };
    let mut compiled = new_model(vec![dense.clone()]);
    let schedule = json!({"module": "keras.optimizers.schedules", "class_name": "CosineDecay", "config":
        {"initial_learning_rate": 0.001}, "registered_name": null});
    compiled["build_config"] = json!({"input_shape": [null, 4]});
    compiled["compile_config"] = json!({
        "optimizer": {"module": "keras.optimizers", "class_name": "AdamW", "config": {"learning_rate": schedule},
            "registered_name": null},
        "loss": {"module": "keras.losses", "class_name": "CategoricalCrossentropy", "config": {"from_logits": true},
            "registered_name": null},
        "loss_weights": null, "weighted_metrics": null, "run_eagerly": false,
        "metrics": ["accuracy", {"module": "keras.metrics", "class_name": "AUC", "config": {}, "registered_name": null}],
    });
    let functional = json!({"module": "keras.src.models.functional", "class_name": "Functional", "registered_name":
        "Functional", "config": {"name": "m", "layers": [
            operation("keras.src.ops.numpy", "Multiply"), operation("keras.src.ops.numpy", "GetItem"),
            new("MultiHeadAttention", json!({"num_heads": 2, "key_dim": 4, "output_shape": null})),
            new("LayerNormalization", json!({"epsilon": 0.001})), new("Embedding", json!({"input_dim": 10})),
            new("Activation", json!({"activation": function("keras.activations", "gelu")})),
        ], "input_layers": [["a", 0, 0]], "output_layers": [["op", 0, 0]]}});
    let activation = json!({"module": "builtins", "class_name": "function", "config": "silu",
        "registered_name": "function"});
    vec![
        safe_archive("sequential-3", &new_model(vec![dense])),
        safe_archive("compiled-3", &compiled),
        safe_archive("functional-3", &functional),
        safe_archive("builtin-activation", &new_model(vec![new("Dense", json!({"activation": activation}))])),
        safe_archive(
            "vocabulary-list",
            &new_model(vec![new(
                "StringLookup",
                json!({"vocabulary": ["a", "https://a.example"],
            "oov_token": "[UNK]"}),
            )]),
        ),
    ]
}

/// Honest, and in need of somebody's package.
fn foreign() -> Vec<Item> {
    let item = |name: &str, layer: Json| {
        Item::new(format!("keras-honest-{name}"), Review, "model.keras", archive(&new_model(vec![layer])))
            .fires(&["keras-custom-object"])
            .quiet(&["keras-foreign-module", "keras-lambda", "keras-gadget"])
    };
    vec![
        item(
            "registered-class",
            json!({"module": "my_project.layers", "class_name": "PatchEncoder", "config": {},
            "registered_name": "my_project>PatchEncoder"}),
        ),
        item(
            "keras-hub",
            json!({"module": "keras_hub.src.models.bert.bert_backbone", "class_name": "BertBackbone",
            "config": {"vocabulary_size": 30522}, "registered_name": "keras_hub>BertBackbone"}),
        ),
        item(
            "own-loss",
            new(
                "Dense",
                json!({"activation": {"module": "builtins", "class_name": "function",
            "config": "dice_loss", "registered_name": "function"}}),
            ),
        ),
        item(
            "custom-in-main",
            json!({"module": "__main__", "class_name": "My", "config": {},
            "registered_name": "Custom>My"}),
        ),
        item("layer-of-newer-keras", new("HyperConvolution4D", json!({}))),
    ]
}

fn files() -> Vec<Item> {
    let item = |name: &str, path: &str, file: Hdf5| {
        Item::new(format!("keras-honest-{name}"), Safe, path, file.bytes()).quiet(&[
            "hdf5-external",
            "hdf5-malformed",
            "hdf5-filter",
            "hdf5-pickled-objects",
        ])
    };
    let group = Hdf5::group().attribute("encoding-type", Value::Fixed(b"dataframe".to_vec()));
    let frame = Hdf5::group()
        .attribute("TITLE", Value::Fixed(Vec::from(*b"\0")))
        .attribute("CLASS", Value::Fixed(b"GROUP".to_vec()))
        .attribute("VERSION", Value::Fixed(b"1.0".to_vec()))
        .attribute("pandas_type", Value::Fixed(b"frame".to_vec()));
    vec![
        item(
            "weights-only",
            "model.weights.h5",
            Hdf5::group().with(
                "layers",
                Hdf5::group().with(
                    "dense",
                    Hdf5::group().with("vars", Hdf5::group().with("0", Hdf5::stored()).with("1", Hdf5::stored())),
                ),
            ),
        ),
        item("anndata", "cells.h5", Hdf5::group().text("encoding-version", "0.1.0").with("obs", group)),
        item("frame", "frame.h5", Hdf5::group().with("df", frame)),
        item("empty", "empty.h5", Hdf5::group()),
        item("numbers", "data.hdf5", Hdf5::group().attribute("epochs", Value::Number(3)).with("x", Hdf5::stored())),
    ]
}
