//! The way through a document: every key of every object, whatever it is in.

use super::context::Walk;
use super::{adapter, code, followed, index, paths, run, template, tools};
use crate::documents::json::Json;
use crate::documents::object;
use crate::engine::ScanError;
use modelpin_rules::config::{CONFIG_LOCAL_PATH, CONFIG_TRUST, CONFIG_TRUST_ARGUMENT};

/// Keys of Keras that say where a class comes from.
const KERAS: [&str; 4] = ["config", "module", "registered_name", "build_config"];

/// Objects whose entries are passed to a loader as arguments.
const ARGUMENTS: [&str; 7] = [
    "model_args",
    "config_args",
    "tokenizer_args",
    "model_kwargs",
    "config_kwargs",
    "tokenizer_kwargs",
    "processor_kwargs",
];

impl<'w> Walk<'w, '_> {
    /// Scans the whole document.
    pub(super) fn document(&mut self, json: &'w Json) -> Result<(), ScanError> {
        self.top = Some(json);
        adapter::document(json, self)?;
        code::document(json, self);
        followed::document(json, self);
        tools::document(json, self)?;
        self.value(json)
    }

    /// The depth of `json` is bounded where it is read.
    fn value(&mut self, json: &Json) -> Result<(), ScanError> {
        self.scan.budget.step()?;
        match json {
            Json::Object(entries) => {
                self.object(json)?;
                for (key, value) in entries {
                    // Vocabularies are large and their entries are numbers: nothing to import or to render.
                    if !matches!(value, Json::Number(_) | Json::Null) {
                        self.below(key, |walk| walk.entry(key, value).and_then(|()| walk.value(value)))?;
                    }
                }
            }
            Json::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    if matches!(item, Json::Object(_) | Json::List(_)) {
                        self.below(&index.to_string(), |walk| walk.value(item))?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Objects that are recognized by several keys together.
    fn object(&mut self, json: &Json) -> Result<(), ScanError> {
        let has_class = matches!(json.get("class_name"), Some(Json::Text(_)));
        self.is_keras |= has_class && KERAS.iter().any(|key| json.get(key).is_some());
        self.trusting(json);
        self.hinted(json)?;
        code::object(json, self);
        followed::object(json, self);
        run::object(json, self);
        tools::object(json, self)?;
        adapter::object(json, self)
    }

    fn entry(&mut self, key: &str, value: &Json) -> Result<(), ScanError> {
        match key {
            "_target_" | "_component_" => match value.text() {
                Some(name) => {
                    let texts = self.texts(name)?;
                    object::target(name, &texts, self.at(), self.scan);
                }
                None => {
                    self.scan.report(&modelpin_rules::object::HYDRA_TARGET, self.at(), "a target that is not a name");
                }
            },
            "weight_map" => index::weights(value, self)?,
            "weightsManifest" => index::manifest(value, self)?,
            "records" => index::records(value, self)?,
            "trust_remote_code" if value == &Json::Bool(true) => self.trust(),
            _ => {}
        }
        code::entry(key, value, self)?;
        run::entry(key, value, self);
        template::entry(key, value, self)?;
        self.local_path(key, value);
        Ok(())
    }

    /// Keys that some frameworks import, and that mean something else to others.
    fn hinted(&mut self, json: &Json) -> Result<(), ScanError> {
        for (key, value) in json.entries().iter().filter(|(key, _)| matches!(&**key, "class_path" | "target")) {
            let Some(text) = value.text().filter(|text| text.contains(['.', '$'])) else { continue };
            let has_arguments = object::ARGUMENTS.iter().any(|argument| json.get(argument).is_some());
            let texts = self.texts(text)?;
            self.below(key, |walk| match &**key {
                // Without arguments it may be an answer in a data set.
                "target" if !has_arguments => object::hinted_alone(text, walk.at(), walk.scan),
                _ => object::by_hint(text, has_arguments, &texts, &walk.at(), walk.scan),
            });
        }
        Ok(())
    }

    /// An object that names what is called, and tells it to trust code.
    fn trusting(&mut self, json: &Json) {
        let targets = ["_target_", "_component_", "class_path", "target"];
        let Some(name) = targets.iter().find_map(|key| json.get(key)).and_then(Json::text) else { return };
        let below = ["init_args", "params", "kwargs", "model_kwargs"].iter().filter_map(|key| json.get(key));
        for (key, value) in std::iter::once(json).chain(below).flat_map(Json::entries) {
            let is_trusting = match value {
                Json::Text(text) => object::trusts(key, text) || &**key == "trust_remote_code" && !text.is_empty(),
                Json::Bool(on) => *on && object::trusts(key, "true"),
                Json::Number(_) => object::trusts(key, &value.count().unwrap_or(1).to_string()),
                _ => false,
            };
            if is_trusting {
                object::trusted(name, key, self.at(), self.scan);
            }
        }
    }

    fn trust(&mut self) {
        let argument = self.keys.iter().rev().nth(1).filter(|above| ARGUMENTS.contains(&above.as_ref()));
        let rule = if argument.is_some() { &CONFIG_TRUST_ARGUMENT } else { &CONFIG_TRUST };
        self.scan.report(rule, self.at(), "`true`");
    }

    /// Paths of the machine that wrote the document.
    fn local_path(&mut self, key: &str, value: &Json) {
        let names_file = key.ends_with("_file") || key.ends_with("_path") || key.ends_with("name_or_path");
        let Some(name) = value.text().filter(|name| names_file && !name.is_empty()) else { return };
        if let paths::Reach::Outside(why) = paths::reach(name) {
            let share = name.starts_with("\\\\") || name.starts_with("//") || name.starts_with("file:");
            let rule = if share { &modelpin_rules::config::CONFIG_NETWORK_PATH } else { &CONFIG_LOCAL_PATH };
            self.scan.report(rule, self.at(), format!("`{name}`: {why}"));
        }
    }
}
