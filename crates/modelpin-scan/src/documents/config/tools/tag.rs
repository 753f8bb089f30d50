//! What is no value under a key: tags of YAML that make a tool import code or open a file, and files that hold a name.

use super::row::{Tool, What};
use super::table::ROW;

/// Tags before what they name: `!function utils.process_docs` (`import_function` of lm_eval/utils.py, which looks beside
/// the document), `!include other.yaml` of several readers.
pub(super) const TAGS: &[(&str, Tool)] = &[
    ("!function", Tool { what: What::Beside, who: "lm-eval", ..ROW }),
    ("!include", INCLUDE),
    ("!inc", INCLUDE),
    ("!include_dir_list", INCLUDE),
    ("!include_dir_merge_named", INCLUDE),
    ("!import", INCLUDE),
];

/// Tags with what they name behind a colon (`_include` of hyperpyyaml/core.py).
pub(super) const PREFIXES: &[(&str, Tool)] = &[("!include:", INCLUDE)];

/// Files that hold nothing but the name of a module (`load_model` of mlflow/pytorch/__init__.py, `_load_model` of
/// mlflow/tensorflow/__init__.py and of mlflow/keras/load.py).
pub(super) const FILES: &[(&str, Tool)] = &[
    (
        "pickle_module_info.txt",
        Tool { what: What::Module, known: &["mlflow", "pickle", "cloudpickle", "dill"], who: "MLflow", ..ROW },
    ),
    (
        "keras_module.txt",
        Tool { what: What::Module, known: &["keras", "tensorflow", "tf_keras"], who: "MLflow", ..ROW },
    ),
];

const INCLUDE: Tool = Tool { what: What::File, who: "a reader of YAML", ..ROW };
