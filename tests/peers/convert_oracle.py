"""Checkpoints by torch itself, converted: what torch loads from them and what safetensors loads from the result have to
be the same, bit for bit.

    cargo build --release -p modelpin-scan --example convert
    python convert_oracle.py target/release/examples/convert [SEED]

Needs torch and safetensors, which are in no list of requirements here: torch is far too large to be installed by every
run of the tests. Tried with torch 2.15.0 and safetensors 0.8.0.
"""

import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import warnings
import zipfile

import safetensors
import safetensors.torch
import torch

warnings.filterwarnings("ignore")
program, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
torch.manual_seed(seed), random.seed(seed)

FLOATS = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex64]
EIGHTS = [torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz]
WHOLES = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.uint16, torch.uint32, torch.uint64]
DTYPES = [*FLOATS, *EIGHTS, *WHOLES, torch.bool]
# Those that old versions of torch know as well, each with a class of storages.
CLASSES = [*FLOATS, *WHOLES[:5], torch.bool]


def filled(dtype, *size):
    """A tensor of any bytes at all, NaNs included; truth values are 0 or 1."""
    count = torch.empty(size, dtype=dtype).nbytes
    data = torch.randint(0, 2 if dtype == torch.bool else 256, (count,), dtype=torch.uint8)
    return data.view(dtype).reshape(size) if count else torch.empty(size, dtype=dtype)


def view(tensor):
    """A random view of a tensor of three sides."""
    for _ in range(random.randrange(1, 4)):
        side = random.randrange(tensor.dim())
        length = tensor.size(side)
        if length == 0:
            break
        start = random.randrange(length)
        kinds = [
            lambda: tensor.permute(*random.sample(range(tensor.dim()), tensor.dim())),
            lambda: tensor.narrow(side, start, random.randrange(length - start + 1)),
            lambda: tensor[(slice(None),) * side + (slice(start, None, random.randrange(1, 4)),)],
            lambda: tensor.unsqueeze(side).expand(*tensor.shape[:side], 3, *tensor.shape[side:]),
            lambda: tensor.select(side, start) if tensor.dim() > 1 else tensor,
            lambda: tensor.unfold(side, min(2, length), 1) if tensor.dim() < 5 else tensor,
        ]
        tensor = random.choice(kinds)()
    return tensor


def objects():
    """Names, what is saved, and the tensors that have to come out by name (nothing: all of what is saved)."""
    yield "dtypes", {str(dtype): filled(dtype, 3, 5) for dtype in DTYPES}, None
    yield "classes", {str(dtype): filled(dtype, 3, 5) for dtype in CLASSES}, None
    yield "empty", {str(dtype): filled(dtype, 0, 3) for dtype in DTYPES}, None
    yield "scalar", {str(dtype): filled(dtype) for dtype in DTYPES}, None
    yield "module", torch.nn.TransformerEncoderLayer(8, 2, 16).state_dict(), None
    yield "norm", torch.nn.BatchNorm2d(4).state_dict(), None
    yield "parameters", {"w": torch.nn.Parameter(filled(torch.float32, 4)), "f": torch.nn.Parameter(filled(torch.int8, 4), False)}, None
    yield "ordered", collections.OrderedDict(b=filled(torch.float32, 2), a=filled(torch.int64, 2)), None
    inner = {"w": filled(torch.float32, 3), "n": {"b": filled(torch.int32, 2), 7: filled(torch.bool, 2)}}
    flat = {"w": inner["w"], "n.b": inner["n"]["b"], "n.7": inner["n"][7]}
    yield "nested", {"a": inner, "l": [inner["w"] + 1, None]}, {f"a.{k}": v for k, v in flat.items()} | {"l.0": inner["w"] + 1}
    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 3)).sum().backward(), optimizer.step()
    for wrapper in ("state_dict", "model", "module", "model_state_dict", "params", "params_ema", "ema", "generator"):
        training = {"epoch": 3, "optimizer": optimizer.state_dict(), wrapper: model.state_dict(), "lr": 0.1, "tag": "x"}
        yield wrapper, training, dict(model.state_dict())
    base = filled(torch.float32, 6, 4)
    yield "shared", {"b": base, "a": base, "c": base[2:], "d": base.t(), "e": base.view(24), "f": base[1:3, 1:3]}, None
    yield "large", {"t": filled(torch.float32, 1500, 2100).t(), "p": filled(torch.bfloat16, 300, 200, 70).permute(2, 0, 1)}, None
    for number in range(300):
        dtype = random.choice(DTYPES)
        base = filled(dtype, *(random.randrange(1, 6) for _ in range(3)))
        yield f"views-{number}", {f"{place}": view(base) for place in range(random.randrange(1, 5))}, None


def refused():
    """What has no place in safetensors, or is not followed exactly."""
    values = filled(torch.float32, 2, 2)
    yield "quantised", torch.quantize_per_tensor(torch.ones(2, 2), 0.1, 0, torch.qint8)
    yield "sparse", torch.eye(3).to_sparse()
    yield "sparse-rows", torch.eye(3).to_sparse_csr()
    yield "complex128", torch.ones(2, dtype=torch.complex128)
    yield "complex32", torch.ones(2, dtype=torch.complex32)
    yield "conjugated", torch.ones(2, dtype=torch.complex64).conj()
    yield "negated", torch.ones(2, dtype=torch.complex64).conj().imag
    yield "meta", torch.ones(2, device="meta")
    yield "nested", torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
    tagged = values.clone()
    tagged.tag = "x"
    yield "attribute", tagged
    parameter = torch.nn.Parameter(values.clone())
    parameter.tag = "x"
    yield "parameter-attribute", parameter


def saved(folder):
    """The ways to save: of an object, the file."""

    def packed(value, path, method, order):
        torch.save(value, path)
        with zipfile.ZipFile(path) as source:
            members = [(name, source.read(name)) for name in source.namelist()]
        with zipfile.ZipFile(path, "w", method) as result:
            for name, data in members:
                result.writestr(name, order if name.endswith("/byteorder") else data)

    def old(value, path, flag=b"\x88"):
        torch.save(value, path, _use_new_zipfile_serialization=False)
        before, word, after = path.read_bytes().partition(b"little_endian")
        path.write_bytes(before + word + after.replace(b"\x88", flag, 1))

    ways = {
        "zip": torch.save,
        "old": old,
        "deflated": lambda value, path: packed(value, path, zipfile.ZIP_DEFLATED, b"little"),
        # As if by other machines: torch turns the bytes of archives round, and those of old files never.
        "big": lambda value, path: packed(value, path, zipfile.ZIP_STORED, b"big"),
        "old-big": lambda value, path: old(value, path, b"\x89"),
    }
    for name, way in ways.items():
        yield name, (lambda value, way=way, name=name: (way(value, folder / f"{name}.bin"), folder / f"{name}.bin")[1])


def raw(tensor):
    tensor = tensor.detach().clone(memory_format=torch.contiguous_format).reshape(-1)
    return tensor.view(torch.uint8).numpy().tobytes() if tensor.numel() else b""


def convert(path, result):
    return subprocess.run([program, path, result], capture_output=True, text=True)


def main():
    done, refusals, equal, tensors, unloadable = collections.Counter(), collections.Counter(), 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        result = folder / "model.safetensors"
        for name, value, wanted in objects():
            for way, save in saved(folder):
                if way == "big" and wanted is not None:
                    continue
                path = save(value)
                run = convert(path, result)
                if run.returncode != 0:
                    # Of a deflated storage, one run of bytes is taken and no more. What torch makes of types without a
                    # class of storages from a big-endian machine is not what they were.
                    reason = {"deflated": "a compressed storage", "big": "the order of its bytes"}[way]
                    assert run.stderr.startswith(reason), (name, way, run.stderr)
                    refusals[way] += 1
                    continue
                said = json.loads(run.stdout)
                try:
                    loaded = torch.load(path, weights_only=True)
                except AttributeError as error:
                    # Of the types without a class of storages, torch saves old files that it does not load.
                    assert way.startswith("old") and "UntypedStorage" in str(error), (name, way, error)
                    loaded, unloadable = value, unloadable + 1
                expected = loaded if wanted is None else wanted
                with safetensors.safe_open(result, "pt") as file:
                    metadata = file.metadata()
                    found = {key: file.get_tensor(key) for key in file.keys()}
                assert len(found) == said["tensors"] and result.stat().st_size == said["size"]
                assert metadata == {"format": "pt", **said["aliases"]}
                assert set(found) | set(said["aliases"]) == set(expected), (name, way)
                for key, tensor in expected.items():
                    other = found[said["aliases"].get(key, key)]
                    assert (tensor.dtype, tensor.shape) == (other.dtype, other.shape), (name, way, key)
                    assert raw(tensor) == raw(other), (name, way, key)
                if not said["aliases"]:
                    copies = {key: tensor.detach().clone(memory_format=torch.contiguous_format) for key, tensor in expected.items()}
                    assert safetensors.torch.save(copies, {"format": "pt"}) == result.read_bytes(), (name, way)
                    equal += 1
                done[way] += 1
                tensors += len(expected)
        for name, value in refused():
            for way, save in saved(folder):
                try:
                    path = save({"w": value})
                except Exception as error:
                    print(f"torch does not save {name} as {way}: {error!r:.80}")
                    continue
                run = convert(path, result)
                assert run.returncode == 1 and "panic" not in run.stderr, (name, way, run)
                refusals[name] += 1
                print(f"{name} ({way}): {run.stderr.strip()}")
    print(f"same as torch: {dict(done)} files, {tensors} tensors; same bytes as safetensors writes: {equal}; not loaded by torch: {unloadable}")
    print(f"refused: {dict(refusals)}")


main()
