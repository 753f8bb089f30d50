//! TensorFlow.

use crate::corpus::build::Proto;
use crate::corpus::{Expect, Item};

fn message() -> Proto {
    Proto::default()
}

fn node(name: &str, op: &str, inputs: &[&str]) -> Proto {
    inputs.iter().fold(message().bytes(1, name).bytes(2, op), |node, input| node.bytes(3, input))
}

/// An entry of a node's attributes.
fn attribute(key: &str, value: &Proto) -> Proto {
    message().bytes(1, key).bytes(2, value)
}

/// A node that calls a function.
fn call(name: &str, function: &str, inputs: &[&str]) -> Proto {
    let value = message().bytes(10, message().bytes(1, function));
    node(name, "StatefulPartitionedCall", inputs).bytes(5, attribute("f", &value))
}

fn function(name: &str, nodes: &[Proto]) -> Proto {
    let function = message().bytes(1, message().bytes(1, name));
    nodes.iter().fold(function, |function, node| function.bytes(3, node))
}

fn graph(nodes: &[Proto], functions: &[Proto]) -> Proto {
    let library = functions.iter().fold(message(), |library, function| library.bytes(1, function));
    let graph = nodes.iter().fold(message(), |graph, node| graph.bytes(1, node));
    let graph = if functions.is_empty() { graph } else { graph.bytes(2, library) };
    graph.bytes(4, message().number(1, 1882))
}

/// A signature with one result.
fn signature(key: &str, result: &str) -> Proto {
    let output = message().bytes(1, "output_0").bytes(2, message().bytes(1, result).number(2, 1));
    message().bytes(1, key).bytes(2, message().bytes(2, output).bytes(3, "tensorflow/serving/predict"))
}

fn meta_graph(graph: &Proto, fields: &[(u32, Proto)]) -> Proto {
    let info = message().bytes(4, "serve").bytes(5, "2.16.1");
    let meta = message().bytes(1, info).bytes(2, graph);
    fields.iter().fold(meta, |meta, (number, field)| meta.bytes(*number, field))
}

fn saved_model(graph: &Proto, fields: &[(u32, Proto)]) -> Vec<u8> {
    message().number(1, 1).bytes(2, meta_graph(graph, fields)).0
}

fn saver(filename: &str, save: &str, restore: &str) -> Proto {
    message().bytes(1, filename).bytes(2, save).bytes(3, restore).number(7, 2)
}

/// Nodes and functions as TensorFlow 2 writes them, and what goes with them.
fn modern(more: &[Proto], functions: &[Proto], result: &str) -> Vec<u8> {
    let nodes = [
        vec![
            node("serving_default_x", "Placeholder", &[]),
            node("saver_filename", "Placeholder", &[]),
            node("dense/kernel", "VarHandleOp", &[]),
            call("StatefulPartitionedCall", "__inference_signature_wrapper_9", &["serving_default_x", "dense/kernel"]),
            call("StatefulPartitionedCall_1", "__inference__traced_save_10", &["saver_filename", "dense/kernel"]),
            call("StatefulPartitionedCall_2", "__inference__traced_restore_11", &["saver_filename", "dense/kernel"]),
        ],
        more.to_vec(),
    ]
    .concat();
    let functions = [
        vec![
            function(
                "__inference_signature_wrapper_9",
                &[
                    node("MatMul/ReadVariableOp", "ReadVariableOp", &["k"]),
                    node("MatMul", "MatMul", &["x", "r:value:0"]),
                ],
            ),
            function(
                "__inference__traced_save_10",
                &[
                    node("ShardedFilename", "ShardedFilename", &["file_prefix"]),
                    node("SaveV2", "SaveV2", &["ShardedFilename:filename:0"]),
                    node("MergeV2Checkpoints", "MergeV2Checkpoints", &["file_prefix"]),
                ],
            ),
            function(
                "__inference__traced_restore_11",
                &[node("RestoreV2", "RestoreV2", &["file_prefix"]), node("Assign", "AssignVariableOp", &["k"])],
            ),
        ],
        functions.to_vec(),
    ]
    .concat();
    let saver = saver("saver_filename:0", "StatefulPartitionedCall_1:0", "StatefulPartitionedCall_2");
    saved_model(&graph(&nodes, &functions), &[(3, saver), (5, signature("serving_default", result))])
}

/// Nodes as TensorFlow 1 writes them.
fn classic(more: &[Proto]) -> Vec<Proto> {
    let nodes = [
        node("x", "Placeholder", &[]),
        node("w", "VariableV2", &[]),
        node("y", "MatMul", &["x", "w"]),
        node("save/Const", "Const", &[]),
        node("save/SaveV2", "SaveV2", &["save/Const", "w"]),
        node("save/control_dependency", "Identity", &["save/Const", "^save/SaveV2"]),
        node("save/MergeV2Checkpoints/checkpoint_prefixes", "Pack", &["save/Const", "^save/control_dependency"]),
        node("save/RestoreV2", "RestoreV2", &["save/Const"]),
        node("save/Assign", "Assign", &["w", "save/RestoreV2"]),
        node("save/restore_all", "NoOp", &["^save/Assign"]),
    ];
    [nodes.to_vec(), more.to_vec()].concat()
}

fn classic_fields() -> [(u32, Proto); 2] {
    let saver = saver("save/Const:0", "save/control_dependency:0", "save/restore_all");
    [(3, saver), (5, signature("serving_default", "y:0"))]
}

const PATH: &str = "model/saved_model.pb";

fn item(name: &str, expect: Expect, bytes: Vec<u8>) -> Item {
    Item::new(format!("graph-tf-{name}"), expect, PATH, bytes)
}

pub(super) fn items() -> Vec<Item> {
    [honest(), attacks(), doubles(), savers(), texts()].into_iter().flatten().collect()
}

fn honest() -> Vec<Item> {
    let quiet =
        &["tf-file-operator", "tf-data-operator", "tf-python-operator", "tf-unknown-operator", "protobuf-malformed"];
    let safe = |name: &str, bytes| item(name, Expect::Safe, bytes).quiet(quiet);
    let loop_nodes = [function("body_1", &[node("Add", "AddV2", &["a", "b"])])];
    let frozen =
        graph(&[node("x", "Placeholder", &[]), node("w", "Const", &[]), node("y", "Conv2D", &["x", "w"])], &[]);
    let print = node("p", "PrintV2", &[]).bytes(5, attribute("output_stream", &message().bytes(2, "stderr")));
    vec![
        safe("small", modern(&[], &[], "StatefulPartitionedCall:0")),
        safe("function-call", modern(&[call("c", "body_1", &[])], &loop_nodes, "StatefulPartitionedCall:0")),
        safe("function-as-operator", modern(&[node("c", "body_1", &[])], &loop_nodes, "StatefulPartitionedCall:0")),
        safe("print", modern(&[print], &[], "StatefulPartitionedCall:0")),
        safe("classic", saved_model(&graph(&classic(&[]), &[]), &classic_fields())),
        Item::new(
            "graph-tf-checkpoint-graph",
            Expect::Safe,
            "model.ckpt.meta",
            meta_graph(&graph(&classic(&[]), &[]), &classic_fields()).0,
        )
        .quiet(quiet),
        Item::new("graph-tf-frozen", Expect::Safe, "frozen_inference_graph.pb", frozen.0.clone()).quiet(quiet),
        Item::new("graph-tf-frozen-other-name", Expect::Safe, "graph.bytes", frozen.0).quiet(quiet),
        item("assets", Expect::Review, {
            let table = node("init", "InitializeTableFromTextFileV2", &["table", "asset"]);
            let asset = message().bytes(1, message().bytes(1, "asset:0")).bytes(2, "vocab.txt");
            saved_model(&graph(&[node("asset", "Const", &[]), table], &[]), &[(6, asset)])
        })
        .and("model/assets/vocab.txt", *b"a\nb\n")
        .fires(&["tf-data-operator"])
        .quiet(&["archive-escape", "tf-file-operator", "file-missing"]),
        item("training-reader", Expect::Review, saved_model(&graph(&[node("r", "TFRecordDataset", &[])], &[]), &[]))
            .fires(&["tf-data-operator"]),
        item(
            "text-operator",
            Expect::Review,
            saved_model(&graph(&[node("t", "WordpieceTokenizeWithOffsets", &[])], &[]), &[]),
        )
        .fires(&["tf-unknown-operator"]),
    ]
}

fn attacks() -> Vec<Item> {
    let files = |name: &str, bytes| item(name, Expect::Dangerous, bytes).fires(&["tf-file-operator"]);
    let python = |name: &str, bytes| item(name, Expect::Dangerous, bytes).fires(&["tf-python-operator"]);
    let write = || node("w", "WriteFile", &["path", "text"]);
    let sink = |op: &str, key: &str, value: &Proto| node("d", op, &["x"]).bytes(5, attribute(key, value));
    let urls = message().bytes(1, message().bytes(2, "grpc://host.example:6064"));
    let file = message().bytes(2, "file:///tmp/x");
    let one = |node: Proto| saved_model(&graph(&[node], &[]), &[]);
    let library = |nodes: &[Proto]| {
        saved_model(
            &graph(&[call("c", "f_1", &[])], &[function("f_1", nodes)]),
            &[(5, signature("serving_default", "c:0"))],
        )
    };
    let nested = message().bytes(
        10,
        message().bytes(1, "g").bytes(2, attribute("h", &message().bytes(10, message().bytes(1, "WriteFile")))),
    );
    let second = {
        let plain = meta_graph(&graph(&[node("x", "Placeholder", &[])], &[]), &[]);
        let other = meta_graph(&graph(&[write()], &[]), &[]);
        message().number(1, 1).bytes(2, plain).bytes(2, other).0
    };
    vec![
        files("write-file", one(write())),
        files("read-file", one(node("r", "ReadFile", &["path"]))),
        files("write-file-in-function", library(&[node("x", "Const", &[]), write()])),
        files("read-file-in-function", library(&[node("r", "ReadFile", &["x"])])),
        files("write-file-after-many", {
            let mut nodes: Vec<Proto> = (0..5000).map(|at| node(&format!("n{at}"), "Relu", &["x"])).collect();
            nodes.push(write());
            saved_model(&graph(&nodes, &[]), &[])
        }),
        files("write-file-second-graph", second),
        files("write-file-as-function", one(node("m", "MapDataset", &[]).bytes(5, attribute("f", &nested)))),
        files("write-file-named-like-function", {
            saved_model(&graph(&[write()], &[function("WriteFile", &[node("x", "Const", &[])])]), &[])
        }),
        files("save-data-set", one(node("s", "SaveDatasetV2", &[]))),
        files("print-to-file", one(sink("PrintV2", "output_stream", &file))),
        files("debug-to-network", one(sink("DebugIdentityV3", "debug_urls", &urls))),
        files("rpc", one(node("r", "RpcServerStart", &[]))),
        python("py-func", one(node("p", "PyFunc", &["x"]))),
        python("eager-py-func-in-function", library(&[node("p", "EagerPyFunc", &["x"])])),
        python("py-func-stateless", one(node("p", "PyFuncStateless", &["x"]))),
        Item::new(
            "graph-tf-frozen-write-file",
            Expect::Dangerous,
            "frozen.pb",
            graph(&[node("x", "Const", &[]), write()], &[]).0,
        )
        .fires(&["tf-file-operator"]),
        Item::new("graph-tf-checkpoint-py-func", Expect::Dangerous, "m.ckpt.meta", {
            meta_graph(&graph(&[node("x", "Const", &[]), node("p", "PyFunc", &[])], &[]), &[]).0
        })
        .fires(&["tf-python-operator"]),
        item("asset-escape", Expect::Dangerous, {
            let asset = message().bytes(2, "../../.bashrc");
            saved_model(&graph(&[node("asset", "Const", &[])], &[]), &[(6, asset)])
        })
        .fires(&["archive-escape"]),
        item("matching-files", Expect::Suspect, one(node("m", "MatchingFiles", &["p"]))).fires(&["tf-data-operator"]),
        item("unknown-operator", Expect::Suspect, one(node("m", "LoadNativeThing", &[])))
            .fires(&["tf-unknown-operator"]),
        item("no-operator", Expect::Suspect, one(message().bytes(1, "x"))).fires(&["tf-unknown-operator"]),
        item("hidden-graph", Expect::Suspect, one(node("d", "DatasetFromGraph", &["text"])))
            .fires(&["tf-unknown-operator"]),
    ]
}

/// Files that are two messages at once, or have fields that their message does not.
fn doubles() -> Vec<Item> {
    let write = || node("w", "WriteFile", &["path", "text"]);
    vec![
        Item::new("graph-tf-also-a-graph", Expect::Dangerous, PATH, {
            let other = message().bytes(2, graph(&[write()], &[]));
            graph(&[node("x", "Const", &[])], &[]).bytes(2, other).0
        })
        .fires(&["tf-file-operator"]),
        Item::new("graph-tf-also-a-graph-other-name", Expect::Dangerous, "model.pb", {
            let other = message().bytes(2, graph(&[write()], &[]));
            graph(&[node("x", "Const", &[])], &[]).bytes(2, other).0
        })
        .fires(&["tf-file-operator"]),
        Item::new("graph-tf-unknown-field-first", Expect::Dangerous, PATH, {
            message().bytes(99, "x").bytes(2, meta_graph(&graph(&[write()], &[]), &[])).0
        })
        .fires(&["tf-file-operator"]),
        Item::new("graph-tf-also-onnx", Expect::Dangerous, PATH, {
            let model = message().number(1, 8).bytes(2, meta_graph(&graph(&[write()], &[]), &[]));
            model.bytes(7, message().bytes(1, message().bytes(4, "Relu")).bytes(2, "main")).0
        })
        .fires(&["tf-file-operator"]),
    ]
}

/// Operators of the saver that something else runs.
fn savers() -> Vec<Item> {
    let suspect = |name: &str, bytes| item(name, Expect::Suspect, bytes).fires(&["tf-data-operator"]);
    let save = || node("SaveV2", "SaveV2", &["path"]);
    let mut items = vec![
        suspect("save-in-signature", modern(&[], &[function("x", &[])], "StatefulPartitionedCall_1:0")),
        suspect("save-behind-signature", modern(&[node("y", "Identity", &["^StatefulPartitionedCall_1"])], &[], "y:0")),
        suspect(
            "save-in-another-function",
            modern(&[call("c", "helper", &[]), node("y", "Identity", &["c"])], &[function("helper", &[save()])], "y:0"),
        ),
        suspect(
            "save-two-calls-down",
            modern(
                &[call("c", "outer", &[])],
                &[function("outer", &[call("i", "inner", &[])]), function("inner", &[save()])],
                "c:0",
            ),
        ),
        suspect("save-at-restore", {
            let evil = node("save/evil", "SaveV2", &["save/Const"]);
            let restore = node("save/restore_too", "NoOp", &["^save/restore_all", "^save/evil"]);
            let saver = saver("save/Const:0", "save/control_dependency:0", "save/restore_too");
            saved_model(&graph(&classic(&[evil, restore]), &[]), &[(3, saver)])
        }),
        suspect("save-at-start", {
            let run = message()
                .bytes(1, "saved_model_main_op")
                .bytes(2, message().bytes(1, message().bytes(1, "save/SaveV2")));
            saved_model(&graph(&classic(&[]), &[]), &[(4, run)])
        }),
        suspect(
            "restore-feeds-output",
            saved_model(&graph(&classic(&[node("z", "Identity", &["save/RestoreV2"])]), &[]), &[]),
        ),
        suspect("save-offered", {
            let objects = message().bytes(2, message().bytes(1, "__inference__traced_save_10").bytes(2, message()));
            let save = function("__inference__traced_save_10", &[save()]);
            saved_model(&graph(&[node("x", "Const", &[])], &[save]), &[(7, objects)])
        }),
    ];
    items.extend(paths_of_savers());
    items
}

/// Paths that operators of the saver write to.
fn paths_of_savers() -> Vec<Item> {
    let suspect = |name: &str, bytes| item(name, Expect::Suspect, bytes).fires(&["tf-data-operator"]);
    let fixed = |name: &str, bytes| item(name, Expect::Dangerous, bytes).fires(&["tf-file-operator"]);
    let constant = |name: &str, text: &str| {
        node(name, "Const", &[])
            .bytes(5, attribute("value", &message().bytes(8, message().number(1, 7).bytes(8, text))))
    };
    let saving = |path: &str| {
        let nodes = [constant("p", path), node("s", "SaveV2", &["p:output:0", "n", "z"])];
        saved_model(
            &graph(&[call("c", "f_1", &[])], &[function("f_1", &nodes)]),
            &[(5, signature("serving_default", "c:0"))],
        )
    };
    vec![
        fixed("save-to-absolute-path", saving("/root/.ssh/authorized_keys")),
        fixed("save-to-parent", saving("../../x")),
        fixed("save-to-home", saving("~/x")),
        fixed("save-to-address", saving("gs://bucket/x")),
        fixed("save-to-drive", saving("C:\\Users\\x")),
        suspect("save-to-relative-path", saving("out")),
        fixed("save-to-joined-path", {
            let nodes = [
                constant("p", "/etc"),
                constant("q", "x"),
                node("j", "StringJoin", &["p", "q"]),
                node("i", "Identity", &["j:output:0"]),
                node("s", "MergeV2Checkpoints", &["a", "i:output:0"]),
            ];
            saved_model(&graph(&[call("c", "f_1", &[])], &[function("f_1", &nodes)]), &[])
        }),
        fixed("save-at-the-top-to-path", {
            saved_model(&graph(&classic(&[constant("p", "/etc/x"), node("s", "SaveV2", &["p", "n", "z"])]), &[]), &[])
        }),
        fixed("save-by-call-to-path", {
            let inner = function("f_1", &[node("s", "SaveV2", &["prefix", "n", "z"])]);
            saved_model(&graph(&[constant("p", "/etc/x"), call("c", "f_1", &["p"])], &[inner]), &[])
        }),
        item("honest-saver-names", Expect::Safe, {
            let more = [
                constant("save/names", "/dense/kernel:0"),
                constant("save/slices", "10 20 0,10:0,20"),
                constant("vocabulary", "/home/me/vocab.txt"),
                node("save/SaveV2_1", "SaveV2", &["save/Const", "save/names", "save/slices"]),
            ];
            saved_model(&graph(&classic(&more), &[]), &classic_fields())
        })
        .quiet(&["tf-file-operator", "tf-data-operator"]),
    ]
}

fn texts() -> Vec<Item> {
    let text = |name: &str, expect, text: &str| Item::new(format!("graph-tf-text-{name}"), expect, "graph.pbtxt", text);
    let node = |op: &str| format!("node {{\n  name: \"x\"\n  {op}\n}}\nversions {{ producer: 1882 }}\n");
    vec![
        text("small", Expect::Safe, &node("op: \"MatMul\"")).quiet(&["tf-unknown-operator", "protobuf-malformed"]),
        text("labels", Expect::Safe, "item {\n  id: 1\n  name: 'person'\n}\n"),
        text("write-file", Expect::Dangerous, &node("op: \"WriteFile\"")).fires(&["tf-file-operator"]),
        text("write-file-on-two-lines", Expect::Dangerous, &node("op # x\n :\n 'WriteFile'"))
            .fires(&["tf-file-operator"]),
        text("write-file-in-one-line", Expect::Dangerous, "node{name:\"op: x\" op:\"WriteFile\"}")
            .fires(&["tf-file-operator"]),
        text("write-file-escaped", Expect::Dangerous, &node("op: \"Write\\106ile\"")).fires(&["tf-file-operator"]),
        text("write-file-in-pieces", Expect::Dangerous, &node("op: \"Write\" \"File\"")).fires(&["tf-file-operator"]),
        text("write-file-other-brackets", Expect::Dangerous, "node: < name: 'w'; op: 'WriteFile'; >")
            .fires(&["tf-file-operator"]),
        text("write-file-in-list", Expect::Dangerous, "node: [{op: 'Const'}, {op: 'WriteFile'}]")
            .fires(&["tf-file-operator"]),
        text("open-message", Expect::Suspect, "node { op: 'MatMul' ").fires(&["protobuf-malformed"]),
        text("too-deep", Expect::Suspect, &"a {".repeat(500)).fires(&["over-budget"]),
        text(
            "weights",
            Expect::Safe,
            &node(&format!(
                "op: \"Const\" attr {{ key: \"value\" value {{ tensor {{ {} }} }} }}",
                "float_val: 0.5 ".repeat(3000)
            )),
        )
        .quiet(&["over-budget", "protobuf-malformed"]),
    ]
}
