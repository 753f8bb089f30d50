//! The tree of a Keras configuration. Keras builds an object wherever one says `class_name`, however deep it is
//! and whatever key it is under, so every object of the tree is scanned by itself.

use super::class::{self, Named};
use super::names;
use crate::documents::json::{Json, join};
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::keras::{KERAS_CUSTOM_OBJECT, KERAS_FILE_READ, KERAS_GADGET, KERAS_LAMBDA};

/// Scans everything below `value`, which is at `key`. The recursion is as deep as the JSON, which is bounded.
pub(super) fn walk(value: &Json, key: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    scan.budget.step()?;
    match value {
        Json::Object(entries) => {
            object(value, key, scan);
            for (name, value) in entries {
                let below = join(key, name);
                entry(name, value, &below, scan);
                if is_branch(value) {
                    walk(value, &below, scan)?;
                }
            }
        }
        Json::List(items) => {
            for (index, item) in items.iter().enumerate().filter(|(_, item)| is_branch(item)) {
                walk(item, &format!("{key}[{index}]"), scan)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn is_branch(value: &Json) -> bool {
    matches!(value, Json::Object(_) | Json::List(_))
}

/// An object that Keras builds, if it is one.
fn object(value: &Json, key: &str, scan: &mut Scan<'_>) {
    let Some(class) = value.get("class_name") else {
        // A reference to a module without a class is nothing that Keras writes, and some version may follow it.
        if value.get("module").is_some() && value.get("registered_name").is_some() {
            let named = Named { class: None, ..named(value, None) };
            class::check(&named, key, scan);
        }
        return;
    };
    let named = named(value, Some(class));
    class::check(&named, key, scan);
    let Some(class) = class.text() else { return };
    let config = value.get("config");
    match class.rsplit('>').next().unwrap_or(class) {
        "TFOpLambda" | "SlicingOpLambda" => tensor_function(config, key, scan),
        "TensorFlowOpLayer" => node(config, key, scan),
        "ClassMethod" | "InstanceMethod" | "InstanceProperty" => method(config, key, scan),
        "TFSMLayer" => saved_model(config, key, scan),
        _ => {}
    }
}

fn named<'j>(value: &'j Json, class: Option<&'j Json>) -> Named<'j> {
    Named {
        module: value.get("module"),
        class,
        registered: value.get("registered_name"),
        // A function has its name where other objects have their arguments.
        function: value.get("config").and_then(Json::text),
    }
}

/// What a key says beside the objects: functions by name, files, byte code.
fn entry(name: &str, value: &Json, key: &str, scan: &mut Scan<'_>) {
    match name {
        "function_type" | "output_shape_type" | "mask_type" | "arguments_type" if value.text() == Some("lambda") => {
            scan.report(&KERAS_LAMBDA, Location::Key(key.to_owned()), "the bytecode of a lambda");
        }
        "activation"
        | "recurrent_activation"
        | "inner_activation"
        | "init"
        | "inner_init"
        | "forget_bias_init"
        | "loss"
        | "metrics"
        | "weighted_metrics"
        | "optimizer"
        | "fn" => functions(value, key, scan),
        "standardize" | "split" => {
            if let Some(step) = value.text().filter(|step| !names::is_text_step(step)) {
                scan.report(&KERAS_CUSTOM_OBJECT, Location::Key(key.to_owned()), step);
            }
        }
        "vocabulary" | "vocabulary_file" | "idf_weights" | "vocab" => {
            if let Some(path) = value.text().filter(|path| !path.is_empty()) {
                scan.report(&KERAS_FILE_READ, Location::Key(key.to_owned()), path);
            }
        }
        _ if name.ends_with("_initializer") || name.ends_with("_regularizer") || name.ends_with("_constraint") => {
            functions(value, key, scan);
        }
        _ => {}
    }
}

/// Functions by name: a string, a list of them, or one for each output.
fn functions(value: &Json, key: &str, scan: &mut Scan<'_>) {
    match value {
        Json::Text(name) => function(name, key, scan),
        Json::List(items) => {
            for item in items {
                match item {
                    Json::Text(name) => function(name, key, scan),
                    // Metrics are lists of lists; anything deeper is not a list of functions.
                    Json::List(items) => items.iter().filter_map(Json::text).for_each(|name| function(name, key, scan)),
                    _ => {}
                }
            }
        }
        Json::Object(outputs) if value.get("class_name").is_none() => {
            for (output, value) in outputs {
                let texts = value.items().iter().chain([value]).filter_map(Json::text);
                texts.for_each(|name| function(name, &join(key, output), scan));
            }
        }
        _ => {}
    }
}

fn function(name: &str, key: &str, scan: &mut Scan<'_>) {
    if names::is_function(name) || name.is_empty() {
        return;
    }
    let rule = if names::is_tensor_gadget(name) { &KERAS_GADGET } else { &KERAS_CUSTOM_OBJECT };
    scan.report(rule, Location::Key(key.to_owned()), name);
}

/// A layer of Keras 2 that calls a function of TensorFlow by its name.
fn tensor_function(config: Option<&Json>, key: &str, scan: &mut Scan<'_>) {
    let name = config.and_then(|config| config.get("function")).and_then(Json::text);
    let at = Location::Key(join(key, "config.function"));
    match name {
        Some(name) if names::is_tensor_function(name) => {}
        Some(name) if names::is_tensor_gadget(name) => scan.report(&KERAS_GADGET, at, format!("tf.{name}")),
        Some(name) => scan.report(&KERAS_CUSTOM_OBJECT, at, format!("tf.{name}")),
        None => scan.report(&KERAS_CUSTOM_OBJECT, at, "a function without a name"),
    }
}

/// A layer of Keras 2 that calls a method of something in TensorFlow. The layer itself is foreign already.
fn method(config: Option<&Json>, key: &str, scan: &mut Scan<'_>) {
    for part in ["cls_symbol", "method_name", "attr_name"] {
        let name = config.and_then(|config| config.get(part)).and_then(Json::text).unwrap_or_default();
        if names::is_tensor_gadget(name) || name.contains("__") {
            scan.report(&KERAS_GADGET, Location::Key(join(key, part)), name);
        }
    }
}

/// A layer of older Keras that is a node of a TensorFlow graph.
fn node(config: Option<&Json>, key: &str, scan: &mut Scan<'_>) {
    let at = Location::Key(join(key, "config.node_def"));
    let node = config.and_then(|config| config.get("node_def"));
    let op = node.and_then(|node| node.get("op").and_then(Json::text).or_else(|| node.text()));
    match op.and_then(names::names_graph_gadget) {
        Some(gadget) => scan.report(&KERAS_GADGET, at, gadget),
        None => scan.report(&KERAS_CUSTOM_OBJECT, at, "a node of a TensorFlow graph"),
    }
}

/// A layer that loads a whole SavedModel from a path.
fn saved_model(config: Option<&Json>, key: &str, scan: &mut Scan<'_>) {
    let path = config.and_then(|config| config.get("filepath")).and_then(Json::text).unwrap_or_default();
    let is_elsewhere =
        path.starts_with(['/', '\\', '~']) || path.contains(':') || path.split(['/', '\\']).any(|part| part == "..");
    let rule = if is_elsewhere { &KERAS_GADGET } else { &KERAS_FILE_READ };
    scan.report(rule, Location::Key(join(key, "config.filepath")), path);
}
