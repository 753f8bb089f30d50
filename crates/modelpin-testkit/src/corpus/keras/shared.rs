//! Models, layers and files of Keras 2 and 3.

use crate::corpus::build::{Hdf5, Value, Zip};
use serde_json::{Value as Json, json};

/// A whole-model file of Keras 2: configuration in an attribute, weights in groups.
pub(super) fn h5(config: &Json) -> Hdf5 {
    let names = vec![b"dense/kernel:0".to_vec(), b"dense/bias:0".to_vec()];
    let layer = Hdf5::group().with("kernel:0", Hdf5::stored()).with("bias:0", Hdf5::stored());
    let layer = Hdf5::group().attribute("weight_names", Value::Names(names)).with("dense", layer);
    let weights = Hdf5::group().attribute("layer_names", Value::Names(vec![b"dense".to_vec()])).with("dense", layer);
    Hdf5::group()
        .text("backend", "tensorflow")
        .text("keras_version", "2.15.0")
        .text("model_config", &config.to_string())
        .with("model_weights", weights)
}

/// A `.keras` archive.
pub(super) fn archive(config: &Json) -> Vec<u8> {
    let metadata = json!({"keras_version": "3.5.0", "date_saved": "2025-01-02@03:04:05"}).to_string();
    let weights = Hdf5::group().with("layers", Hdf5::group().with("dense", Hdf5::stored())).bytes();
    let config = config.to_string();
    Zip::of(&[
        ("metadata.json", metadata.as_bytes()),
        ("config.json", config.as_bytes()),
        ("model.weights.h5", &weights),
    ])
}

/// A layer as Keras 2 writes it.
pub(super) fn old(class: &str, config: Json) -> Json {
    json!({"class_name": class, "config": config})
}

/// A layer as Keras 3 writes it.
pub(super) fn new(class: &str, config: Json) -> Json {
    json!({"module": "keras.layers", "class_name": class, "config": config, "registered_name": null})
}

/// A function as Keras 3 writes it.
pub(super) fn function(module: &str, name: &str) -> Json {
    json!({"module": module, "class_name": "function", "config": name, "registered_name": name})
}

/// A sequential model of Keras 2 of these layers.
pub(super) fn old_model(layers: Vec<Json>) -> Json {
    let input = old("InputLayer", json!({"batch_input_shape": [null, 4], "dtype": "float32", "name": "input_1"}));
    let layers: Vec<Json> = [input].into_iter().chain(layers).collect();
    json!({"class_name": "Sequential", "config": {"name": "sequential", "layers": layers}})
}

/// A sequential model of Keras 3 of these layers.
pub(super) fn new_model(layers: Vec<Json>) -> Json {
    let input = new("InputLayer", json!({"batch_shape": [null, 4], "dtype": "float32", "name": "input_layer"}));
    let layers: Vec<Json> = [input].into_iter().chain(layers).collect();
    json!({
        "module": "keras", "class_name": "Sequential", "registered_name": null,
        "config": {"name": "sequential", "trainable": true, "layers": layers, "build_input_shape": [null, 4]},
    })
}
