//! ONNX in its text forms: JSON, protocol buffers as text, and a syntax of its own.

use crate::corpus::Expect::{Dangerous, Review, Safe, Suspect};
use crate::corpus::{Expect, Item};

const QUIET: [&str; 5] =
    ["onnx-external-escape", "onnx-custom-operator", "onnx-python-operator", "onnx-malformed", "protobuf-malformed"];

pub(super) fn items() -> Vec<Item> {
    [json(), text(), syntax()].into_iter().flatten().collect()
}

/// A model in JSON around the fields of its graph.
fn in_json(graph: &str) -> String {
    format!(
        r#"{{"irVersion": "8", "producerName": "pytorch", "graph": {{"name": "main", {graph}}}, "opsetImport": [{{"domain": "", "version": "17"}}]}}"#
    )
}

fn json() -> Vec<Item> {
    let item = |name: &str, expect: Expect, path: &str, text: String| {
        Item::new(format!("graph-onnx-json-{name}"), expect, path, text)
    };
    let tensor = |at: &str| {
        format!(
            r#"{{"name": "w", "dims": ["4"], "dataType": 1, "externalData": [{{"key": "location", "value": "{at}"}}], "dataLocation": "EXTERNAL"}}"#
        )
    };
    let escape =
        |name: &str, graph: &str| item(name, Dangerous, "m.onnxjson", in_json(graph)).fires(&["onnx-external-escape"]);
    let node =
        |domain: &str, op: &str| format!(r#""node": [{{"opType": "{op}", "domain": "{domain}", "input": ["x"]}}]"#);
    let out = tensor("../../x");
    let context = |path: &str| {
        format!(
            r#""node": [{{"opType": "EPContext", "domain": "com.microsoft", "attribute": [{{"name": "ep_cache_context", "s": "{path}", "type": "STRING"}}, {{"name": "embed_mode", "i": "0", "type": "INT"}}]}}]"#
        )
    };
    vec![
        escape("climbs", &format!(r#""initializer": [{out}]"#)),
        escape("absolute", &format!(r#""initializer": [{}]"#, tensor("/etc/hostname"))),
        escape("escaped", &format!(r#""initializer": [{}]"#, tensor("\\u002e\\u002e/x"))),
        escape("original-names", r#""initializer": [{"name": "w", "external_data": [{"key": "location", "value": "../x"}], "data_location": 1}]"#),
        escape("sparse", &format!(r#""sparseInitializer": [{{"values": {out}}}]"#)),
        escape("constant", &format!(r#""node": [{{"opType": "Constant", "attribute": [{{"name": "value", "t": {out}}}]}}]"#)),
        escape("subgraph", &format!(r#""node": [{{"opType": "If", "attribute": [{{"name": "then_branch", "g": {{"initializer": [{out}]}}}}]}}]"#)),
        escape("compiled", &context("Li4vLi4vZXZpbC5lbmdpbmU=")),
        item("function", Dangerous, "m.onnxjson", format!(r#"{{"functions": [{{"name": "F", "node": [{{"opType": "Constant", "attribute": [{{"t": {out}}}]}}]}}], "graph": {{"node": []}}}}"#))
            .fires(&["onnx-external-escape"]),
        item("training", Dangerous, "m.onnxjson", format!(r#"{{"trainingInfo": [{{"algorithm": {{"initializer": [{out}]}}}}]}}"#))
            .fires(&["onnx-external-escape"]),
        item("plain-name", Dangerous, "model.json", in_json(&format!(r#""initializer": [{out}]"#)))
            .fires(&["onnx-external-escape"]),
        item("python", Dangerous, "m.onnxjson", in_json(&node("ai.onnx.contrib", "PyOp"))).fires(&["onnx-python-operator"]),
        item("foreign", Review, "m.onnxjson", in_json(&node("custom.ops", "Fast"))).fires(&["onnx-custom-operator"]),
        item("small", Safe, "m.onnxjson", in_json(&format!("{}, \"initializer\": [{{\"name\": \"w\", \"rawData\": \"AAAA\"}}]", node("", "Relu")))).quiet(&QUIET),
        item("beside", Safe, "m.onnxjson", in_json(&format!("\"initializer\": [{}]", tensor("w.bin"))))
            .and("w.bin", [0x9f; 16])
            .quiet(&QUIET),
        item("own-function", Safe, "m.onnxjson", r#"{"graph": {"node": [{"opType": "F", "domain": "own"}]}, "functions": [{"name": "F", "domain": "own", "node": [{"opType": "Add"}]}]}"#.to_owned())
            .quiet(&QUIET),
        item("other-graph", Safe, "workflow.json", r#"{"graph": {"nodes": [{"op_type": "x", "location": "../x"}]}, "node": "x"}"#.to_owned())
            .quiet(&QUIET),
        item("broken", Suspect, "m.onnxjson", "{\"graph\": {".to_owned()).fires(&["json-malformed"]),
    ]
}

fn text() -> Vec<Item> {
    let item = |name: &str, expect: Expect, path: &str, text: String| {
        Item::new(format!("graph-onnx-textproto-{name}"), expect, path, text)
    };
    let model = |graph: &str| {
        format!(
            "ir_version: 8\nproducer_name: \"pytorch\"\ngraph {{\n  name: \"main\"\n{graph}\n}}\nopset_import {{ version: 17 }}\n"
        )
    };
    let tensor = |at: &str| {
        format!(
            "dims: 4 data_type: 1 name: \"w\" external_data {{ key: \"location\" value: {at} }} data_location: EXTERNAL"
        )
    };
    let escape = |name: &str, graph: String| {
        item(name, Dangerous, "m.textproto", model(&graph)).fires(&["onnx-external-escape"])
    };
    let node = |domain: &str, op: &str| format!("node {{ input: \"x\" op_type: \"{op}\" domain: \"{domain}\" }}");
    vec![
        escape("climbs", format!("initializer {{ {} }}", tensor("\"../../x\""))),
        escape("single-quotes", format!("initializer {{ {} }}", tensor("'/etc/hostname'"))),
        escape("other-brackets", format!("initializer: < {} >", tensor("\"../x\""))),
        escape("in-list", format!("initializer: [ {{ name: 'a' }}, {{ {} }} ]", tensor("\"../x\""))),
        escape("in-pieces", format!("initializer {{ {} }}", tensor("\".\" # a comment\n './x'"))),
        escape("escapes", format!("initializer {{ {} }}", tensor("\"\\056\\x2e/x\""))),
        escape("separators", "initializer { external_data { key: 'location', value: '../x'; }; data_location: 1 }".to_owned()),
        escape("attribute", format!("node {{ op_type: 'Constant' attribute {{ name: 'v' t {{ {} }} }} }}", tensor("\"../x\""))),
        escape("compiled", "node { op_type: 'EPContext' attribute { name: 'ep_cache_context' s: '../x' } attribute { name: 'embed_mode' i: 0 } }".to_owned()),
        item("txtpb", Dangerous, "m.txtpb", model(&format!("initializer {{ {} }}", tensor("\"../x\"")))).fires(&["onnx-external-escape"]),
        item("prototxt", Dangerous, "m.prototxt", model(&format!("initializer {{ {} }}", tensor("\"../x\"")))).fires(&["onnx-external-escape"]),
        item("pbtxt", Dangerous, "m.pbtxt", model(&node("", "PythonOp"))).fires(&["onnx-python-operator"]),
        item("foreign", Review, "m.textproto", model(&node("custom.ops", "Fast"))).fires(&["onnx-custom-operator"]),
        item("small", Safe, "m.textproto", model(&format!("{}\n  initializer {{ dims: 2 data_type: 1 float_data: 0.5 float_data: -1e-3 name: \"w\" raw_data: \"\\000\\377\" }}", node("", "Relu")))).quiet(&QUIET),
        item("beside", Safe, "m.textproto", model(&format!("initializer {{ {} }}", tensor("\"w.bin\"")))).and("w.bin", [0x9f; 16]).quiet(&QUIET),
        item("broken", Suspect, "m.textproto", "graph { node { op_type: \"Relu\"".to_owned()).fires(&["protobuf-malformed"]),
        item("open-text", Suspect, "m.textproto", "graph { name: \"x }".to_owned()).fires(&["protobuf-malformed"]),
    ]
}

fn syntax() -> Vec<Item> {
    let item = |name: &str, expect: Expect, path: &str, text: String| {
        Item::new(format!("graph-onnx-syntax-{name}"), expect, path, text)
    };
    let model = |heads: &str, body: &str| {
        format!(
            "<\n  ir_version: 8,\n  opset_import: [\"\" : 17, \"custom\" : 1],\n  producer_name: \"x\"\n>\nmain (float[N, 128] X) => (float[N, 10] Y) {heads}\n{{\n{body}\n}}\n"
        )
    };
    let escape = |name: &str, heads: &str, body: &str| {
        item(name, Dangerous, "m.onnxtxt", model(heads, body)).fires(&["onnx-external-escape"])
    };
    let relu = "  Y = Relu(X)";
    vec![
        escape("climbs", "<float[2] w = [\"location\": \"../../x\", \"offset\": \"0\"]>", relu),
        escape("absolute", "<float[2] v = {1.0, 2.0}, float[2] w = [\"location\" : \"/etc/hostname\"]>", relu),
        escape("escaped", "<float[2] w = [\"location\": \"\\../x\"]>", relu),
        escape("commented", "<float[2] w = [ # here\n \"location\" # it is\n : \"../x\"]>", relu),
        escape("attribute", "", "  Y = Constant <value = float[2] w [\"location\": \"../x\"]> ()"),
        escape("attribute-with-sign", "", "  Y = Constant <value: tensor = float[2] w = [\"location\": \"../x\"]> ()"),
        escape("branch", "", "  Y = If (X) <then_branch = t () => (float y) <float[2] w = [\"location\": \"../x\"]> { y = Relu(w) }>"),
        escape("compiled-behind", "", "  [\"n\"] Y = com.microsoft.EPContext (X) <embed_mode: int = 0, ep_cache_context: string = \"/x\">"),
        escape("compiled", "", "  Y = com.microsoft.EPContext <ep_cache_context = \"../x\", embed_mode = 0> (X)"),
        item("other-suffix", Dangerous, "m.onnxtext", model("<float[2] w = [\"location\": \"../x\"]>", relu)).fires(&["onnx-external-escape"]),
        item("python", Dangerous, "m.onnxtxt", model("", "  Y = ai.onnx.contrib.PyOp(X)")).fires(&["onnx-python-operator"]),
        item("python-in-branch", Dangerous, "m.onnxtxt", model("", "  Y = If (X) <then_branch = t () => (float y) { y = PyOp() }, else_branch = e () => (float y) { y = Relu(X) }>"))
            .fires(&["onnx-python-operator"]),
        item("python-without-output", Dangerous, "m.onnxtxt", model("", "  = PyOp (X)\n  Y = Relu(X)")).fires(&["onnx-python-operator"]),
        item("python-with-blanks", Dangerous, "m.onnxtxt", model("", "  Y = ai . onnx . contrib . PyOp : v (X)")).fires(&["onnx-python-operator"]),
        item("graph-named-like-operator", Review, "m.onnxtxt", "<ir_version: 8, domain: \"own\">\nFast (float X) => (float Y) { Y = own.Fast(X) }".to_owned())
            .fires(&["onnx-custom-operator"]),
        item("without-head", Safe, "m.onnxtxt", "main (float[2] X) => (float[2] Y) { Y = Relu(X) }".to_owned()).quiet(&QUIET),
        item("foreign", Review, "m.onnxtxt", model("", "  Y = custom.Fast <axis = 1> (X)")).fires(&["onnx-custom-operator"]),
        item("small", Safe, "m.onnxtxt", model("<float[2] w = {1.0, -2.5e-3}>", "  # a comment\n  T = MatMul(X, w)\n  Y = Softmax <axis: int = 1, name = \"a = B(c)\"> (T)")).quiet(&QUIET),
        item("branches", Safe, "m.onnxtxt", model("", "  Y = If (X) <then_branch = then_graph () => (float y) { y = Relu(X) }, else_branch = else_graph () => (float y) { y = Sqrt(X) }>")).quiet(&QUIET),
        item("beside", Safe, "m.onnxtxt", model("<float[2] w = [\"location\": \"w.bin\", \"offset\": \"16\", \"length\": \"8\"]>", relu)).and("w.bin", [0x9f; 32]).quiet(&QUIET),
        item("function", Safe, "m.onnxtxt", format!("{}<\n  domain: \"own\",\n  opset_import: [\"\" : 17]\n>\nF <alpha> (x) => (y) {{ y = LeakyRelu <alpha = @alpha> (x) }}\n", model("", "  Y = own.F <alpha = 0.1> (X)"))).quiet(&QUIET),
        item("broken", Suspect, "m.onnxtxt", "<ir_version: 8>\nmain (float X) => (float Y) { Y = Relu(X)".to_owned()).fires(&["onnx-malformed"]),
        item("brackets", Suspect, "m.onnxtxt", "<ir_version: 8]".to_owned()).fires(&["onnx-malformed"]),
        item("too-deep", Suspect, "m.onnxtxt", "(".repeat(5000)).fires(&["over-budget"]),
    ]
}
