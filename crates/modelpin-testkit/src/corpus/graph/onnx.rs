//! ONNX.

use crate::corpus::build::{Proto, Zip, call};
use crate::corpus::{Expect, Item};

fn message() -> Proto {
    Proto::default()
}

fn node(domain: &str, op: &str) -> Proto {
    let node = message().bytes(1, "x").bytes(2, "y").bytes(3, format!("/layer/{op}")).bytes(4, op);
    if domain.is_empty() { node } else { node.bytes(7, domain) }
}

/// A tensor with its data in the model.
fn tensor(name: &str) -> Proto {
    message().number(1, 4).number(2, 1).bytes(8, name).bytes(9, [0x3f; 16])
}

/// A tensor whose data lie elsewhere.
fn external(entries: &[(&str, &str)]) -> Proto {
    let tensor = message().number(1, 4).number(2, 1).bytes(8, "w");
    let tensor =
        entries.iter().fold(tensor, |tensor, (key, value)| tensor.bytes(13, message().bytes(1, key).bytes(2, value)));
    tensor.number(14, 1)
}

fn at(location: &str) -> Proto {
    external(&[("location", location), ("offset", "0"), ("length", "16")])
}

/// A graph of one node, with these fields besides.
fn graph(fields: &[(u32, Proto)]) -> Proto {
    let graph = message().bytes(1, node("", "Relu")).bytes(2, "main_graph");
    let graph = fields.iter().fold(graph, |graph, (number, field)| graph.bytes(*number, field));
    let kind = message().bytes(1, message().number(1, 1));
    graph.bytes(11, message().bytes(1, "x").bytes(2, &kind)).bytes(12, message().bytes(1, "y").bytes(2, kind))
}

fn model(graph: &Proto, fields: &[(u32, Proto)]) -> Vec<u8> {
    let model = message().number(1, 8).bytes(2, "pytorch").bytes(3, "2.4.0").bytes(7, graph);
    let model = model.bytes(8, message().bytes(1, "").number(2, 17));
    fields.iter().fold(model, |model, (number, field)| model.bytes(*number, field)).0
}

/// A model whose only graph has these fields.
fn with(fields: &[(u32, Proto)]) -> Vec<u8> {
    model(&graph(fields), &[])
}

/// A node with one attribute.
fn attribute(number: u32, value: &Proto) -> Proto {
    node("", "If").bytes(5, message().bytes(1, "then_branch").bytes(number, value).number(20, 5))
}

fn item(name: &str, expect: Expect, bytes: Vec<u8>) -> Item {
    Item::new(format!("graph-onnx-{name}"), expect, "onnx/model.onnx", bytes)
}

pub(super) fn items() -> Vec<Item> {
    [honest(), escapes(), operators(), compiled(), broken()].into_iter().flatten().collect()
}

fn honest() -> Vec<Item> {
    let safe = |name: &str, bytes| {
        item(name, Expect::Safe, bytes).quiet(&[
            "onnx-external-escape",
            "onnx-custom-operator",
            "onnx-python-operator",
            "onnx-malformed",
            "protobuf-malformed",
        ])
    };
    let function = message().bytes(1, "Rank").bytes(7, node("", "Size")).bytes(10, "pkg.onnxscript.torch_lib.common");
    let used = graph(&[(1, node("pkg.onnxscript.torch_lib.common", "Rank"))]);
    let names = message().bytes(1, "names").bytes(2, "{0: 'person', 1: 'bicycle'}");
    let deep = (0..20).fold(graph(&[]), |inner, _| graph(&[(1, attribute(6, &inner))]));
    let layers: Vec<(u32, Proto)> = (0..500).map(|layer| (5, tensor(&format!("layer.{layer}.weight")))).collect();
    let sparse = message().bytes(1, tensor("values")).bytes(2, tensor("indices")).number(3, 16);
    vec![
        safe("small", with(&[(5, tensor("w"))])),
        safe("many-tensors", with(&layers)),
        safe("subgraph", with(&[(1, attribute(6, &graph(&[(5, tensor("inner"))])))])),
        safe("deep-subgraphs", model(&deep, &[])),
        safe("constant", with(&[(1, attribute(5, &tensor("c")))])),
        safe("sparse", with(&[(15, sparse)])),
        safe("metadata", model(&graph(&[]), &[(14, names)])),
        safe("function", model(&used, &[(25, function)])),
        safe("ml", with(&[(1, node("ai.onnx.ml", "TreeEnsembleClassifier")), (1, node("ai.onnx.ml", "ZipMap"))])),
        safe("microsoft", with(&[(1, node("com.microsoft", "FusedMatMul")), (1, node("com.microsoft", "Attention"))])),
        safe("quantized", with(&[(1, node("", "QLinearConv")), (1, node("com.microsoft", "MatMulNBits"))])),
        safe("training", model(&graph(&[]), &[(20, message().bytes(1, graph(&[(5, tensor("state"))])))])),
        safe("external-data", with(&[(5, at("model.onnx_data"))]))
            .and("onnx/model.onnx_data", [0x9f; 16])
            .quiet(&["unknown-format", "file-missing"]),
        safe("external-data-in-folder", with(&[(5, at("weights/w0.bin"))])).and("onnx/weights/w0.bin", [0x9f; 16]),
        safe("external-data-dotted-name", with(&[(5, at("./model..v2.data"))])).and("onnx/model..v2.data", [0x9f; 16]),
        Item::new("graph-onnx-other-name", Expect::Safe, "model.ort.bak", with(&[(5, tensor("w"))])),
    ]
}

fn escapes() -> Vec<Item> {
    let escape = |name: &str, bytes| item(name, Expect::Dangerous, bytes).fires(&["onnx-external-escape"]);
    let out = || at("../../secret.bin");
    let places = [
        ("parent", "../model.data"),
        ("parent-within", "data/../../x"),
        ("parent-backslash", "..\\..\\x"),
        ("parent-mixed", "a/..\\..\\/../x"),
        ("parent-blank", ".. /x"),
        ("absolute", "/etc/hostname"),
        ("drive", "C:\\Users\\x"),
        ("drive-relative", "c:x"),
        ("share", "\\\\server.example\\share\\x"),
        ("url", "https://files.example/x"),
        ("file-url", "file:///etc/hostname"),
        ("home", "~/x"),
        ("memory", "*/_ORT_MEM_ADDR_/*"),
        ("nul", "x\0/../y"),
        ("empty", ""),
        ("dot", "."),
    ];
    let mut items: Vec<Item> =
        places.iter().map(|(name, place)| escape(&format!("location-{name}"), with(&[(5, at(place))]))).collect();
    let sparse = message().bytes(1, tensor("values")).bytes(2, out());
    let twice =
        message().number(1, 4).bytes(13, message().bytes(1, "x").bytes(2, "/etc/hostname").bytes(1, "location"));
    items.extend([
        escape("attribute-tensor", with(&[(1, attribute(5, &out()))])),
        escape("attribute-tensors", with(&[(1, attribute(10, &out()))])),
        escape("attribute-graphs", with(&[(1, attribute(11, &graph(&[(5, out())])))])),
        escape("subgraph-tensor", with(&[(1, attribute(6, &graph(&[(1, attribute(6, &graph(&[(5, out())])))])))])),
        escape("sparse-indices", with(&[(15, sparse.clone())])),
        escape("attribute-sparse", with(&[(1, attribute(22, &sparse))])),
        escape("function-tensor", model(&graph(&[]), &[(25, message().bytes(1, "F").bytes(7, attribute(5, &out())))])),
        escape(
            "function-default",
            model(&graph(&[]), &[(25, message().bytes(1, "F").bytes(11, message().bytes(1, "a").bytes(5, out())))]),
        ),
        escape("training-tensor", model(&graph(&[]), &[(20, message().bytes(2, graph(&[(5, out())])))])),
        escape("second-graph", model(&graph(&[]), &[(7, graph(&[(5, out())]))])),
        escape("not-marked-external", with(&[(5, twice)])),
        escape("two-locations", with(&[(5, external(&[("location", "ok.bin"), ("location", "../x")]))])),
        escape("location-long", with(&[(5, at(&format!("{}../../../x", "a/".repeat(3000))))])),
        escape("base-path", with(&[(5, external(&[("location", "x.bin"), ("basepath", "/etc")]))])),
        item("many-then-escape", Expect::Dangerous, {
            let mut fields: Vec<(u32, Proto)> = (0..3000).map(|_| (1, node("", "Add"))).collect();
            fields.push((5, out()));
            with(&fields)
        })
        .fires(&["onnx-external-escape"]),
    ]);
    items
}

fn operators() -> Vec<Item> {
    let foreign = |name: &str, domain, op| {
        item(name, Expect::Review, with(&[(1, node(domain, op))])).fires(&["onnx-custom-operator"])
    };
    let python = |name: &str, bytes| item(name, Expect::Dangerous, bytes).fires(&["onnx-python-operator"]);
    let function = message().bytes(1, "Other").bytes(7, node("", "Add")).bytes(10, "custom.ops");
    vec![
        foreign("foreign-domain", "custom.ops", "Fast"),
        foreign("tensorrt-plugin", "trt.plugins", "EfficientNMS_TRT"),
        foreign("tokenizer", "ai.onnx.contrib", "BpeTokenizer"),
        foreign("compiled-blob", "com.microsoft", "EPContext"),
        foreign("network-operator", "com.microsoft.extensions", "AzureTextToText"),
        foreign("unknown-operator", "", "LoadLibrary"),
        foreign("domain-looks-alike", "com.microsoft.evil", "Attention"),
        foreign("aten", "org.pytorch.aten", "ATen"),
        item(
            "function-of-another-name",
            Expect::Review,
            model(&graph(&[(1, node("custom.ops", "Fast"))]), &[(25, function)]),
        )
        .fires(&["onnx-custom-operator"]),
        python("pyop", with(&[(1, node("pyopmulti_1", "PyOp"))])),
        python("pyop-plain-domain", with(&[(1, node("", "PyOp"))])),
        python("python-op", with(&[(1, node("com.microsoft", "PythonOp"))])),
        python("triton-op", with(&[(1, node("com.microsoft", "TritonOp"))])),
        python("pyop-in-subgraph", with(&[(1, attribute(6, &graph(&[(1, node("ai.onnx.contrib", "PyCustomOp"))])))])),
        python(
            "pyop-in-function",
            model(
                &graph(&[]),
                &[(25, message().bytes(1, "F").bytes(7, node("ai.onnx.contrib", "PyOp")).bytes(10, "x"))],
            ),
        ),
    ]
}

/// Parts that were compiled for one accelerator, and lie in another file.
fn compiled() -> Vec<Item> {
    let context = |path: &str, mode: Option<u64>| {
        let cache = message().bytes(1, "ep_cache_context").bytes(4, path).number(20, 3);
        let node = node("com.microsoft", "EPContext").bytes(5, cache);
        with(&[(
            1,
            mode.map_or(node.clone(), |mode| {
                node.bytes(5, message().bytes(1, "embed_mode").number(3, mode).number(20, 2))
            }),
        )])
    };
    let escape = |name: &str, bytes| item(name, Expect::Dangerous, bytes).fires(&["onnx-external-escape"]);
    vec![
        escape("compiled-climbs", context("../../evil.engine", Some(0))),
        escape("compiled-absolute", context("/tmp/evil.engine", Some(0))),
        escape("compiled-drive", context("C:\\evil.engine", Some(0))),
        escape("compiled-share", context("\\\\evil.example\\x.bin", Some(0))),
        item("compiled-beside", Expect::Review, context("model_qnn.bin", Some(0)))
            .and("onnx/model_qnn.bin", [0x9f; 16])
            .fires(&["onnx-custom-operator"])
            .quiet(&["onnx-external-escape", "file-missing"]),
        item("compiled-inside", Expect::Review, context("/..\0\u{1}engine", Some(1)))
            .quiet(&["onnx-external-escape", "file-missing"]),
        item("compiled-inside-by-default", Expect::Review, context("/..\0\u{1}engine", None))
            .quiet(&["onnx-external-escape", "file-missing"]),
    ]
}

fn broken() -> Vec<Item> {
    let odd = |name: &str, tensor| item(name, Expect::Suspect, with(&[(5, tensor)])).fires(&["onnx-malformed"]);
    let whole = with(&[(5, tensor("w"))]);
    let deep =
        (0..2000).fold(Proto::default(), |inner, _| message().bytes(1, message().bytes(5, message().bytes(6, inner))));
    vec![
        odd("no-location", external(&[("offset", "0")])),
        odd("negative-offset", external(&[("location", "x.bin"), ("offset", "-16")])),
        odd("negative-length", external(&[("location", "x.bin"), ("length", "-1")])),
        odd("length-no-number", external(&[("location", "x.bin"), ("length", "1e9")])),
        odd("unknown-key", external(&[("location", "x.bin"), ("__class__", "x")])),
        odd("unknown-place", message().number(1, 1).bytes(8, "w").number(14, 7)),
        item("cut", Expect::Suspect, whole[..whole.len() - 40].to_vec()),
        item("length-past-message", Expect::Suspect, {
            let inner = [0x2a, 0xff, 0xff, 0x03, 0, 0];
            model(&graph(&[(1, Proto(inner.to_vec()))]), &[])
        })
        .fires(&["protobuf-malformed"]),
        item("group", Expect::Suspect, with(&[(5, Proto(vec![0x0b, 0x0c]))])).fires(&["protobuf-malformed"]),
        item("endless-number", Expect::Suspect, with(&[(5, Proto([&[0x08][..], &[0xff; 12], &[0]].concat()))]))
            .fires(&["protobuf-malformed"]),
        item("graphs-too-deep", Expect::Suspect, model(&deep, &[])).fires(&["over-budget"]),
        item("also-saved-model", Expect::Suspect, {
            let node = message().bytes(1, "w").bytes(2, "WriteFile");
            let meta = message().bytes(2, message().bytes(1, node));
            message().number(1, 8).bytes(2, meta).bytes(7, graph(&[])).0
        })
        .fires(&["protobuf-malformed"]),
        item("no-graph", Expect::Suspect, message().number(1, 8).bytes(2, "x").bytes(8, message().number(2, 1)).0),
        item(
            "then-zip",
            Expect::Dangerous,
            [whole, Zip::of(&[("a/data.pkl", &call("os", "system", "true"))])].concat(),
        )
        .fires(&["polyglot"]),
        item("is-pickle", Expect::Dangerous, call("os", "system", "true")).fires(&["disguised-executable"]),
    ]
}
