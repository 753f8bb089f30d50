//! One object of a Keras configuration: which module, which class, and whether that is Keras' own.

use super::names;
use crate::documents::json::Json;
use crate::engine::{Location, Scan};
use crate::knowledge::views::object;
use modelpin_rules::keras::{KERAS_CUSTOM_OBJECT, KERAS_FOREIGN_MODULE, KERAS_GADGET, KERAS_LAMBDA};

/// What an object says about itself.
pub(super) struct Named<'j> {
    pub(super) module: Option<&'j Json>,
    pub(super) class: Option<&'j Json>,
    pub(super) registered: Option<&'j Json>,
    /// The name of a function, where the object is one.
    pub(super) function: Option<&'j str>,
}

/// Objects that carry Python.
const CODE: &[&str] = &["Lambda", "__lambda__", "TorchModuleWrapper", "__bytes__"];

/// Values that are written like objects and build nothing but data (`keras/src/saving/serialization_lib.py`,
/// `keras/src/legacy/saving/json_utils.py`).
const VALUES: &[&str] = &[
    "__tensor__",
    "__numpy__",
    "__ellipsis__",
    "__slice__",
    "__tuple__",
    "__keras_tensor__",
    "TensorShape",
    "TypeSpec",
    "CompositeTensor",
    "ListWrapper",
    "_DictWrapper",
];

/// The parts of Keras that a model may consist of. Everything else in Keras is a tool.
const TOPICS: &[&str] = &[
    "activations",
    "constraints",
    "dtype_policies",
    "engine",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "ops",
    "optimizers",
    "quantizers",
    "random",
    "regularizers",
    "trainers",
];

/// Packages that bring layers for Keras and are installed by those who use them.
const COMPANIONS: &[&str] = &[
    "keras_core",
    "keras_cv",
    "keras_hub",
    "keras_nlp",
    "keras_rs",
    "keras_tuner",
    "keras_contrib",
    "keras_retinanet",
    "tensorflow_addons",
    "tensorflow_hub",
    "tensorflow_probability",
    "tensorflow_model_optimization",
    "tensorflow_recommenders",
    "tensorflow_text",
    "tensorflow_similarity",
    "tf_keras_vis",
    "transformers",
];

/// Scans the object that is at `key`.
pub(super) fn check(named: &Named<'_>, key: &str, scan: &mut Scan<'_>) {
    let at = || Location::Key(key.to_owned());
    let class = named.class.and_then(Json::text).unwrap_or_default();
    let shown = named.shown();
    let short = class.rsplit(['>', '.']).next().unwrap_or_default();
    if CODE.contains(&short) || named.registered_class().is_some_and(|class| CODE.contains(&class)) {
        scan.report(&KERAS_LAMBDA, at(), shown);
        return;
    }
    let module = match named.module {
        None | Some(Json::Null) => "",
        Some(Json::Text(module)) => module,
        Some(_) => {
            scan.report(&KERAS_FOREIGN_MODULE, at(), format!("{shown}: the module is not a string"));
            return;
        }
    };
    // The class is looked up in the module, so that a dot in it leads further down.
    let name = if class == "function" { named.function.unwrap_or_default() } else { class };
    if VALUES.contains(&class) && module.is_empty() {
        return;
    }
    if class == "__typespec__" {
        let known = module.split('.').next() == Some("tensorflow");
        scan.report(if known { &KERAS_CUSTOM_OBJECT } else { &KERAS_FOREIGN_MODULE }, at(), shown);
        return;
    }
    if class == "function" && (module.is_empty() || module == "builtins") {
        bare_function(name, named.registered, key, scan);
    } else if let Some(path) = within_keras(module) {
        own(&path, class == "function", name, named, key, scan);
    } else if module.is_empty() {
        unplaced(class, named, key, scan);
    } else {
        foreign(module, name, named, key, scan);
    }
}

impl Named<'_> {
    /// The object for a person to read.
    fn shown(&self) -> String {
        let text = |value: Option<&Json>| match value {
            None | Some(Json::Null) => "null".to_owned(),
            Some(Json::Text(text)) => text.to_string(),
            Some(_) => "something that is not a name".to_owned(),
        };
        let class = text(self.class);
        let class = match self.function.filter(|_| class == "function") {
            Some(function) => format!("function {function}"),
            None => class,
        };
        match (self.module, self.registered.and_then(Json::text)) {
            (None | Some(Json::Null), Some(registered)) if registered.contains('>') => registered.to_owned(),
            (None | Some(Json::Null), _) => class,
            (module, _) => format!("{}: {class}", text(module)),
        }
    }

    /// The package and class under which the object was registered, where a package is given.
    fn registered_as(&self) -> Option<(&str, &str)> {
        self.registered.and_then(Json::text).and_then(|name| name.split_once('>'))
    }

    fn registered_class(&self) -> Option<&str> {
        self.registered.and_then(Json::text).map(|name| name.rsplit('>').next().unwrap_or(name))
    }
}

/// The parts of a module's path below Keras itself; nothing for other modules.
fn within_keras(module: &str) -> Option<Vec<&str>> {
    if !object::is_path(module) {
        return None;
    }
    let parts: Vec<&str> = module.split('.').collect();
    let below = match parts.as_slice() {
        ["keras" | "tf_keras", rest @ ..] => rest,
        ["tensorflow" | "tf", "keras", rest @ ..] => rest,
        ["tensorflow", "python", "keras", rest @ ..] => rest,
        ["tensorflow", "api", _, "keras", rest @ ..] => rest,
        _ => return None,
    };
    let below = match below {
        ["api", "_v1" | "_v2", "keras", rest @ ..] => rest,
        ["src" | "api" | "_tf_keras", "keras", rest @ ..] => rest,
        ["src" | "api" | "legacy", rest @ ..] => rest,
        other => other,
    };
    Some(below.to_vec())
}

/// An object whose module claims to be Keras.
fn own(path: &[&str], is_function: bool, name: &str, named: &Named<'_>, key: &str, scan: &mut Scan<'_>) {
    let at = || Location::Key(key.to_owned());
    let (above, last) = name.rsplit_once('.').map_or(("", name), |(above, last)| (above, last));
    let topics: Vec<&str> = path.iter().copied().chain(above.split('.').filter(|part| !part.is_empty())).collect();
    let topic = topics.first().copied().unwrap_or_default();
    let topic_is_fine = topic.is_empty() || TOPICS.contains(&topic);
    let is_known = match topic {
        // `keras.ops` has functions, `keras.src.ops` the classes that stand for them.
        "ops" => !is_function && names::is_operation(last),
        _ if is_function => names::is_function(last),
        _ => names::is_class(last),
    };
    if topic == "ops" && is_function && above.is_empty() && !names::is_tensor_gadget(last) {
        scan.report(&KERAS_CUSTOM_OBJECT, at(), named.shown());
    } else if !topic_is_fine || (is_function && !is_known) || names::is_tensor_gadget(last) || last.starts_with('_') {
        scan.report(&KERAS_GADGET, at(), named.shown());
    } else if !is_known || !above.is_empty() {
        // A class of Keras has a capital; a function that is called as if it were a class has not.
        let is_class = last.starts_with(|first: char| first.is_ascii_uppercase());
        scan.report(if is_class { &KERAS_CUSTOM_OBJECT } else { &KERAS_GADGET }, at(), named.shown());
    } else if let Some((package, class)) = named.registered_as().filter(|(package, _)| !is_own_package(package)) {
        scan.report(&KERAS_CUSTOM_OBJECT, at(), format!("{package}>{class}"));
    }
}

fn is_own_package(package: &str) -> bool {
    matches!(package, "keras" | "keras.src" | "tf_keras")
}

/// An object without a module, as Keras 2 writes all of them.
fn unplaced(class: &str, named: &Named<'_>, key: &str, scan: &mut Scan<'_>) {
    let at = || Location::Key(key.to_owned());
    let registered = named.registered_as().or_else(|| class.split_once('>'));
    if registered.is_some_and(|(package, _)| !is_own_package(package)) {
        scan.report(&KERAS_CUSTOM_OBJECT, at(), named.shown());
        return;
    }
    let class = class.rsplit('>').next().unwrap_or_default();
    let is_own = names::is_operation(class)
        || names::is_class(class)
        || names::is_function(class)
        || matches!(class, "TFOpLambda" | "SlicingOpLambda");
    if is_own || matches!(class, "TFSMLayer" | "TensorFlowOpLayer") {
        return;
    }
    // A path instead of a name is looked up as one.
    if class.contains('.') {
        let dangerous = object::classify(class).is_dangerous() || names::is_tensor_gadget(class);
        scan.report(if dangerous { &KERAS_FOREIGN_MODULE } else { &KERAS_CUSTOM_OBJECT }, at(), named.shown());
    } else {
        let rule = if names::is_tensor_gadget(class) { &KERAS_GADGET } else { &KERAS_CUSTOM_OBJECT };
        scan.report(rule, at(), named.shown());
    }
}

/// A function without a module: one of Keras' own, or one that the user has to bring.
fn bare_function(name: &str, registered: Option<&Json>, key: &str, scan: &mut Scan<'_>) {
    let at = || Location::Key(key.to_owned());
    let registered = registered.and_then(Json::text).filter(|name| !name.is_empty() && *name != "function");
    for name in [Some(name), registered].into_iter().flatten() {
        let last = name.rsplit(['>', '.']).next().unwrap_or_default();
        if names::is_function(name) {
            continue;
        }
        let runs = object::is_builtin(last) || name.starts_with("__") || (name.contains('.') && !name.contains('>'));
        if runs {
            scan.report(&KERAS_FOREIGN_MODULE, at(), format!("function {name}"));
        } else if names::is_tensor_gadget(last) {
            scan.report(&KERAS_GADGET, at(), format!("function {name}"));
        } else {
            scan.report(&KERAS_CUSTOM_OBJECT, at(), format!("function {name}"));
        }
    }
}

/// Something outside Keras. Honest models name a class that somebody registered; Keras then wants that package
/// imported by hand, and inspects the module no more.
fn foreign(module: &str, name: &str, named: &Named<'_>, key: &str, scan: &mut Scan<'_>) {
    let root = module.split('.').next().unwrap_or_default();
    let is_class = name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && named.class.and_then(Json::text) == Some(name);
    let is_named_alike = named.registered_class().is_none_or(|registered| registered == name);
    let pretends = ["keras", "tensorflow", "tf"].iter().any(|own| root.to_lowercase().starts_with(own))
        && !COMPANIONS.contains(&root);
    // A class of the script that saved the model: there is nothing to import.
    let is_script = module == "__main__";
    let standing = object::classify(&format!("{module}.{name}"));
    let honest =
        is_class && is_named_alike && !pretends && (is_script || !standing.is_dangerous()) && object::is_path(module);
    scan.report(
        if honest { &KERAS_CUSTOM_OBJECT } else { &KERAS_FOREIGN_MODULE },
        Location::Key(key.to_owned()),
        named.shown(),
    );
}
