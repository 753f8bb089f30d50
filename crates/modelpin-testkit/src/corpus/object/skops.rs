//! Schemas of skops archives.

use super::Item;
use crate::corpus::Expect::{self, Dangerous, Review, Safe, Suspect};
use crate::corpus::build::Zip;
use serde_json::{Value as Json, json};

fn item(name: &str, expect: Expect, content: Json) -> Item {
    let mut schema = content;
    schema["protocol"] = json!(2);
    schema["_skops_version"] = json!("0.11.0");
    let schema = schema.to_string();
    Item::new(format!("object-skops-{name}"), expect, "model.skops", Zip::of(&[("schema.json", schema.as_bytes())]))
}

fn node(loader: &str, module: &str, class: &str, content: Json) -> Json {
    json!({"__class__": class, "__module__": module, "__loader__": loader, "content": content, "__id__": 1})
}

fn constant(value: &str) -> Json {
    node("JsonNode", "builtins", "str", json!(value))
}

fn dict(entries: Json) -> Json {
    let mut dict = node("DictNode", "builtins", "dict", entries);
    dict["key_types"] = node("ListNode", "builtins", "list", json!([node("TypeNode", "builtins", "str", json!(null))]));
    dict
}

pub(super) fn items() -> Vec<Item> {
    [attacks(), honest()].concat()
}

fn attacks() -> Vec<Item> {
    let dangerous = |name: &str, node: Json| item(name, Dangerous, node).fires(&["skops-dangerous-type"]);
    let tuple = node("TupleNode", "builtins", "tuple", json!([constant("\"true\"")]));
    let estimator = node("ObjectNode", "sklearn.linear_model._base", "LinearRegression", dict(json!({})));
    let method = |func: &str, class: &str, owner: Json| {
        node("MethodNode", "sklearn.linear_model._base", class, json!({"func": func, "obj": owner}))
    };
    let mut operator = node("OperatorFuncNode", "sklearn.linear_model", "methodcaller", json!(null));
    operator["attrs"] = tuple.clone();
    let mut reduced = node("ReduceNode", "builtins", "object", dict(json!({})));
    reduced["__reduce__"] = json!({"args": tuple, "constructor": "os.system"});
    vec![
        dangerous("os-system", node("FunctionNode", "os", "system", json!(null))),
        dangerous(
            "in-estimator",
            node(
                "ObjectNode",
                "sklearn.pipeline",
                "Pipeline",
                dict(json!({"steps": node("TypeNode", "builtins", "eval", json!(null))})),
            ),
        ),
        dangerous("operator-hidden", operator.clone()),
        dangerous("operator-call", {
            operator["__module__"] = json!("operator");
            operator["__class__"] = json!("call");
            operator
        }),
        dangerous("method-dunder", method("__getattribute__", "LinearRegression", estimator.clone())),
        dangerous(
            "method-of-other",
            method("fit", "LinearRegression", node("ObjectNode", "subprocess", "Popen", json!(null))),
        ),
        dangerous(
            "partial",
            node(
                "PartialNode",
                "functools",
                "partial",
                json!({"func": node("FunctionNode", "builtins", "exec", json!(null)), "args": tuple}),
            ),
        ),
        dangerous("list-of-os", node("ListNode", "os", "system", json!([constant("\"true\"")]))),
        dangerous("set-is-function", node("SetNode", "some_package.tools", "run", json!([constant("1")]))),
        dangerous("dotted-class", node("TypeNode", "sklearn", "utils.os.system", json!(null))),
        dangerous("constructor", node("ConstructorFromReduceNode", "subprocess", "Popen", tuple.clone())),
        dangerous("reduce-constructor", reduced),
        dangerous("joblib-load", node("FunctionNode", "joblib", "load", json!(null))),
        item("name-is-list", Suspect, json!({"__loader__": "TypeNode", "__module__": ["os"], "__class__": "system"})),
        Item::new("object-skops-no-json", Suspect, "model.skops", Zip::of(&[("schema.json", b"{\"__loader__\": ")])),
    ]
}

fn honest() -> Vec<Item> {
    let array = json!({"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode", "type": "json",
        "content": [constant("1.0")], "shape": node("TupleNode", "builtins", "tuple", json!([constant("1")]))});
    let mut partial = json!({"coef_": array, "fit_intercept": constant("true")});
    partial["dtype"] = node("TypeNode", "numpy", "float64", json!(null));
    let estimator = node("ObjectNode", "sklearn.linear_model._logistic", "LogisticRegression", dict(partial));
    let review = |name: &str, node: Json| {
        item(name, Review, node).fires(&["skops-foreign-type"]).quiet(&["skops-dangerous-type"])
    };
    let safe = |name: &str, node: Json| item(name, Safe, node).quiet(&["skops-dangerous-type", "skops-foreign-type"]);
    vec![
        safe("honest-estimator", estimator.clone()),
        safe("honest-loss", node("LossNode", "sklearn.linear_model._sgd_fast", "Hinge", dict(json!({})))),
        review("honest-tree", node("TreeNode", "sklearn.tree._tree", "Tree", dict(json!({})))),
        review("estimator-of-other-module", node("ObjectNode", "sklearn.helpers", "Pipeline", dict(json!({})))),
        review("estimator-by-other-loader", node("TypeNode", "sklearn.pipeline", "Pipeline", json!(null))),
        review(
            "foreign-in-estimator",
            node(
                "ObjectNode",
                "sklearn.pipeline",
                "Pipeline",
                dict(json!({"steps": node("ObjectNode", "xgboost.sklearn", "XGBClassifier", dict(json!({})))})),
            ),
        ),
        safe(
            "honest-pipeline",
            node(
                "ObjectNode",
                "sklearn.pipeline",
                "Pipeline",
                dict(json!({"steps":
            node("ListNode", "builtins", "list", json!([node("TupleNode", "builtins", "tuple",
            json!([constant("\"model\""), estimator.clone()]))]))})),
            ),
        ),
        review("honest-xgboost", node("ObjectNode", "xgboost.sklearn", "XGBClassifier", dict(json!({})))),
        review(
            "honest-datetime",
            node(
                "ConstructorFromReduceNode",
                "datetime",
                "timezone",
                node("TupleNode", "builtins", "tuple", json!([])),
            ),
        ),
        review(
            "honest-method",
            node(
                "MethodNode",
                "sklearn.linear_model._logistic",
                "LogisticRegression",
                json!({"func": "predict", "obj": estimator}),
            ),
        ),
        safe("honest-dict", dict(json!({"a": array, "b": node("FunctionNode", "numpy", "log1p", json!(null))}))),
        safe(
            "honest-containers",
            node(
                "ListNode",
                "builtins",
                "list",
                json!([
                    constant("1"),
                    node("SetNode", "builtins", "set", json!([])),
                    node("DictNode", "collections", "OrderedDict", json!({}))
                ]),
            ),
        ),
    ]
}
