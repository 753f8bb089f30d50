"""Writes honest files with the libraries that people use: what is in FOLDER/safe has to be safe, what is in
FOLDER/review is foreign, and never dangerous.

    python make.py FOLDER
"""

import argparse
import collections
import datetime
import pathlib
import pickle
import sys
import uuid

import h5py
import joblib
import numpy as np
import onnx
import onnx.numpy_helper
import safetensors.numpy
import sklearn.datasets
import sklearn.ensemble
import sklearn.linear_model
import sklearn.pipeline
import sklearn.preprocessing
import tokenizers
import transformers
from onnx import TensorProto, helper

safe, review = (pathlib.Path(sys.argv[1]) / name for name in ("safe", "review"))
safe.mkdir(parents=True), review.mkdir(parents=True)
random = np.random.default_rng(1)
arrays = {kind: (random.random((3, 4)) * 100).astype(kind) for kind in ("f2", "f4", "f8", "i1", "i4", "i8", "u1", "?", "c8", ">f4")}
weights = {f"layer.{number}.weight": random.random((8, 8), dtype=np.float32) for number in range(3)}

# pickle, every protocol
plain = {"a": 1, "big": 1 << 80, "f": 1.5, "t": (1, (2, 3)), "l": [None, True, "é\n", b"\x00\xff"], "s": {1, 2}, "d": {"x": {}}}
plain["loop"] = [plain["l"], plain["l"]]
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    for name, value in {
        "plain": plain,
        "ordered": collections.OrderedDict(a=1, b=collections.Counter("abca")),
        "frozen": [frozenset({1, 2}), bytearray(b"xy"), complex(1, 2), range(3), slice(1, 2)],
        "array": arrays["f4"],
        "arrays": arrays,
        "scalar": [np.float32(1.5), np.int64(3), np.bool_(True), np.dtype("f4")],
        "fortran": np.asfortranarray(arrays["f8"]),
        "large": {"x": np.zeros((300, 300), dtype=np.float32), "text": "x" * 100_000},
    }.items():
        (safe / f"{name}-{protocol}.pkl").write_bytes(pickle.dumps(value, protocol))
    for name, value in {
        "namespace": argparse.Namespace(lr=1e-3),
        "default": collections.defaultdict(int, a=1),
        "deque": collections.deque([1, 2], maxlen=3),
        "date": datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc),
        "uuid": uuid.UUID(int=1),
        "path": pathlib.PurePosixPath("a/b"),
        "generator": np.random.default_rng(1),
        "state": np.random.RandomState(1),
    }.items():
        (review / f"{name}-{protocol}.pkl").write_bytes(pickle.dumps(value, protocol))

# NumPy
for kind, array in arrays.items():
    np.save(safe / f"array-{kind.replace('>', 'be-').replace('?', 'bool')}.npy", array)
np.save(safe / "structured.npy", np.zeros(3, dtype=[("a", "f4"), ("b", "i4", (2,))]))
np.save(safe / "object.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
np.save(safe / "scalar.npy", np.float32(1))
np.savez(safe / "arrays.npz", **weights)
np.savez_compressed(safe / "compressed.npz", **weights)

# joblib and scikit-learn
for name in ("plain.joblib", "array.joblib.z", "array.joblib.gz", "array.joblib.bz2", "array.joblib.xz", "array.joblib.lzma"):
    joblib.dump(weights, safe / name)
joblib.dump([np.asfortranarray(np.zeros((40, 50))), {"x": np.arange(7)}], safe / "fortran.joblib")
inputs, labels = sklearn.datasets.make_classification(60, random_state=1)
scaler, linear = sklearn.preprocessing.StandardScaler(), sklearn.linear_model.LogisticRegression()
models = {
    "pipeline": sklearn.pipeline.make_pipeline(scaler, linear).fit(inputs, labels),
    "forest": sklearn.ensemble.RandomForestClassifier(5, random_state=1).fit(inputs, labels),
}
for name, model in models.items():
    joblib.dump(model, review / f"{name}.joblib")
    joblib.dump(model, review / f"{name}.joblib.gz")
    (review / f"{name}.pkl").write_bytes(pickle.dumps(model))

# safetensors
safetensors.numpy.save_file(weights, safe / "model.safetensors", metadata={"format": "pt"})
safetensors.numpy.save_file({kind: arrays[kind] for kind in ("f2", "f4", "f8", "i1", "i4", "i8", "u1", "?")}, safe / "kinds.safetensors")

# HDF5
for name, version in (("earliest", "earliest"), ("v110", ("earliest", "v110"))):
    with h5py.File(safe / f"{name}.h5", "w", libver=version) as file:
        file.attrs["layer_names"] = ["dense", "dense_1"]
        for layer in ("dense", "dense_1"):
            group = file.create_group(layer)
            group.attrs["weight_names"] = [f"{layer}/kernel:0".encode()]
            group.create_dataset("kernel:0", data=random.random((16, 16)))
            group.create_dataset("packed", data=np.zeros((64, 64)), chunks=(16, 16), compression="gzip", shuffle=True)
        for number in range(60):
            file.create_dataset(f"many/{number:03}", data=number)
with h5py.File(review / "external.h5", "w") as file:
    file["elsewhere"] = h5py.ExternalLink("other.h5", "/data")

# ONNX
tensor = onnx.numpy_helper.from_array(random.random((2, 2), dtype=np.float32), "w")
ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 2]) for name in ("x", "y")]
branch = helper.make_graph([helper.make_node("Constant", [], ["z"], value=tensor)], "branch", [], [helper.make_tensor_value_info("z", TensorProto.FLOAT, [2, 2])])
condition = helper.make_tensor("c", TensorProto.BOOL, [], [True])
nodes = [helper.make_node("If", ["c"], ["v"], then_branch=branch, else_branch=branch), helper.make_node("MatMul", ["x", "v"], ["y"])]
graph = helper.make_graph(nodes, "graph", ports[:1], ports[1:], initializer=[tensor, condition])
onnx.save(helper.make_model(graph, producer_name="make"), safe / "model.onnx")
(safe / "external").mkdir()
onnx.save(helper.make_model(graph), safe / "external/model.onnx", save_as_external_data=True, location="weights.onnx_data", size_threshold=0)
custom = helper.make_graph([helper.make_node("Fancy", ["x"], ["y"], domain="com.example")], "graph", ports[:1], ports[1:])
onnx.save(helper.make_model(custom), review / "custom.onnx")

# transformers
vocabulary = {"[UNK]": 0, "hello": 1, "world": 2}
tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]")
fast.chat_template = (
    "{%- for message in messages %}{{- '<|' + message['role'] + '|>\\n' + message['content'] | trim }}"
    "{%- if loop.last and add_generation_prompt %}{{- '<|assistant|>\\n' }}{%- endif %}{%- endfor %}"
)
fast.save_pretrained(safe / "tokenizer")
for name in ("LlamaConfig", "BertConfig", "T5Config", "WhisperConfig", "CLIPConfig", "Qwen2Config"):
    getattr(transformers, name)().save_pretrained(safe / name)
transformers.GenerationConfig(max_length=20).save_pretrained(safe / "generation")
print("made")
