"""Data files as the real libraries write them, and their hostile twins.

    python data_files.py FOLDER

Nothing here loads what it writes: the folders `honest` and `hostile` are for the scanner.
"""

import bz2
import gzip
import io
import lzma
import math
import operator
import pickle
import re
import sys
import zlib
from datetime import datetime, time, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    LabelBinarizer,
    LabelEncoder,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier


class Attack:
    """Calls `os.getpid` where it is unpickled."""

    def __reduce__(self):
        import os

        return os.getpid, ()


def frame():
    rows = range(60)
    return pd.DataFrame({
        "age": [float(20 + row % 37) for row in rows],
        "size": [float((row * 7) % 11) for row in rows],
        "city": [("Oslo", "Bern", "Rome")[row % 3] for row in rows],
        "plan": [("a", "b")[row % 2] for row in rows],
    })


def models():
    """Fitted models by name."""
    table = frame()
    labels = np.array(["no", "yes", "perhaps"])[np.arange(60) % 3]
    numbers = table[["age", "size"]]
    columns = ColumnTransformer([
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["age", "size"]),
        ("words", OneHotEncoder(handle_unknown="ignore"), ["city", "plan"]),
    ])
    texts = ["the model was saved", "the file was read", "nobody wrote it"] * 4
    topics = ["x", "y", "x"] * 4
    grid = {"max_depth": [2, None], "criterion": ["gini", "entropy"]}
    return {
        "forest": RandomForestClassifier(5).fit(numbers, labels),
        "boosting": GradientBoostingClassifier(n_estimators=3).fit(numbers, labels),
        "columns": make_pipeline(columns, LogisticRegression()).fit(table, labels),
        "one-hot": OneHotEncoder().fit(table[["city", "plan"]]),
        "ordinal": OrdinalEncoder().fit(table[["city", "plan"]]),
        "labels": LabelEncoder().fit(labels),
        "binarizer": LabelBinarizer().fit(labels),
        "bins": KBinsDiscretizer(4).fit(numbers),
        "bins-ordinal": KBinsDiscretizer(3, encode="ordinal", strategy="uniform").fit(numbers),
        "grid": GridSearchCV(DecisionTreeClassifier(), grid, cv=2).fit(numbers, labels),
        "random-search": RandomizedSearchCV(DecisionTreeClassifier(), grid, n_iter=2, cv=2).fit(numbers, labels),
        "vectorizer": TfidfVectorizer().fit(texts),
        "split": CountVectorizer(tokenizer=str.split).fit(texts),
        "pattern": CountVectorizer(tokenizer=re.compile(r"\w+").findall, preprocessor=str.lower).fit(texts),
        "text-pipeline": make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression()).fit(texts, topics),
        "function": FunctionTransformer(np.log1p).fit(numbers),
        "union": FeatureUnion([("a", MinMaxScaler()), ("b", StandardScaler())]).fit(numbers),
        "neighbors": KNeighborsClassifier(3).fit(numbers, labels),
        "svm": SVC(probability=False).fit(numbers, labels),
        "means": KMeans(2, n_init=1, random_state=np.random.RandomState(0)).fit(numbers),
    }


def values():
    """Values that are no models, by name."""
    table = frame()
    mask = np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False])
    mixed = np.array([1, "a", None, 2.5], dtype=object)
    nested = np.empty(3, dtype=object)
    nested[:] = [np.arange(4.0), np.array(["x", "y"], dtype=object), np.zeros((2, 3))]
    record = np.array([(1, 2.5, "a")], dtype=[("n", "<i4"), ("x", "<f8"), ("name", "<U4")])
    record_object = np.array([(1, "a")], dtype=[("n", "<i4"), ("x", "O")])
    found = {
        "frame": table,
        "frame-categories": table.astype({"city": "category"}),
        "index": table.set_index(["city", "plan"]),
        "times": pd.date_range("2025-01-01", periods=5, tz="Europe/Oslo"),
        "masked": mask,
        "masked-objects": np.ma.masked_array(mixed, mask=[True, False, False, True]),
        "masked-constant": {"score": np.ma.masked},
        "objects": {"x": mixed},
        "objects-two": [mixed, np.arange(3), nested, mixed],
        "objects-nested": nested,
        "objects-of-objects": np.array([[mixed, mixed], [nested, mixed]], dtype=object),
        "record": record,
        "record-objects": record_object,
        "recarray": record.view(np.recarray),
        "matrix": np.matrix([[1.0, 2.0]]),
        "chararray": np.char.asarray(["ab", "cd"]),
        "poly": np.poly1d([1.0, 2.0]),
        "series": np.polynomial.Polynomial([1.0, 2.0]),
        "zeros": {"mask": np.zeros((1000, 5000))},
        "many-zeros": {"a": np.zeros((3000, 1000)), "b": ["x"] * 1000, "c": np.ones(2_000_000, dtype="u1")},
        "states": [np.random.RandomState(1), np.random.default_rng(1), np.random.PCG64(2)],
        "dates": np.array(["2025-01-01", "2025-02-03"], dtype="datetime64[ns]"),
        "scalars": [np.float64(1.5), np.int8(3), np.str_("x"), np.bool_(True), np.datetime64("2025-01-01")],
        "big-endian": np.arange(5, dtype=">f8"),
        "fortran": np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        "zones": [datetime(2025, 1, 1, tzinfo=ZoneInfo("Europe/Oslo")), time(3, tzinfo=timezone.utc)],
        "buffers": [io.BytesIO(b"abc"), io.StringIO("abc")],
        "errors": [ValueError("no"), KeyError("a"), RuntimeWarning("w"), OSError(2, "gone"), StopIteration()],
        "functions": [np.percentile, pd.to_datetime, math.log, math.sqrt, operator.itemgetter(1, 2), operator.add],
        "methods": [str.split, str.lower, re.compile("a+").findall, re.compile("b").sub, re.sub],
        "numbers": {"a": [1, 2.5, 10**30], "b": (True, None), "c": {1, 2}, "d": frozenset("ab"), "e": 1 + 2j},
        "memory": memory_map(),
    }
    if hasattr(np.dtypes, "StringDType"):
        found["strings"] = np.array(["a", "bcd", "a much longer text than that"], dtype=np.dtypes.StringDType())
        missing = np.dtypes.StringDType(na_object=None)
        found["strings-missing"] = np.array(["a", None], dtype=missing)
        found["dtype-classes"] = [np.dtypes.Float64DType(), np.dtype("U3"), np.dtype("O")]
    return found


def memory_map():
    folder.mkdir(parents=True, exist_ok=True)
    mapped = np.memmap(folder / "mapped.bin", dtype="f8", mode="w+", shape=(16,))
    mapped[:] = np.arange(16)
    return mapped


def write(name, data):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def old_joblib(data):
    """As joblib before 0.10 compressed: `ZF`, the length, zlib."""
    return b"ZF" + hex(len(data)).ljust(len(hex(2**64))).encode() + zlib.compress(data)


def pickled(value, protocol):
    return pickle.dumps(value, protocol=protocol)


def joblib_files(name, value, ways):
    for suffix, compress in ways:
        buffer = io.BytesIO()
        joblib.dump(value, buffer, compress=compress)
        write(f"{name}{suffix}", buffer.getvalue())


PLAIN = [(".joblib", 0)]
WAYS = [(".joblib", 0), (".z3.joblib", 3), (".joblib.gz", ("gzip", 3)), (".joblib.bz2", ("bz2", 3)),
        (".joblib.xz", ("xz", 3)), (".joblib.lzma", ("lzma", 3))]


def packed(name, data):
    write(f"{name}.pkl.gz", gzip.compress(data))
    write(f"{name}.pkl.bz2", bz2.compress(data))
    write(f"{name}.pkl.xz", lzma.compress(data))
    write(f"{name}.pkl.lzma", lzma.compress(data, format=lzma.FORMAT_ALONE))
    write(f"{name}.pkl.z", zlib.compress(data))


def array_files(name, array, objects):
    for suffix, save in [("npy", np.save), ("npz", np.savez), ("c.npz", np.savez_compressed)]:
        buffer = io.BytesIO()
        save(buffer, array, **({"allow_pickle": True} if suffix == "npy" and objects else {}))
        write(f"{name}.{suffix}", buffer.getvalue())


def honest():
    for name, model in models().items():
        joblib_files(f"honest/model-{name}", model, WAYS if name in ("columns", "grid") else PLAIN)
        write(f"honest/model-{name}.pkl", pickled(model, 4))
    for name, value in values().items():
        joblib_files(f"honest/{name}", value, WAYS if "objects" in name or "zeros" in name else PLAIN)
        large = "zeros" in name
        for protocol in (2, 5) if large else range(6):
            try:
                write(f"honest/{name}-{protocol}.pkl", pickled(value, protocol))
            except (TypeError, pickle.PicklingError):
                pass
        if large:
            packed(f"honest/{name}", pickled(value, 4))
        if isinstance(value, np.ndarray) and not isinstance(value, np.ma.MaskedArray):
            if value.dtype.kind != "T":
                array_files(f"honest/{name}", value, value.dtype.hasobject)
    array_files("honest/zeros-array", np.zeros((1000, 5000)), False)
    write("honest/old.pkl", old_joblib(pickled({"a": [1, 2]}, 2)))
    small = [{"id": lzma.FILTER_LZMA1, "dict_size": 4096}]
    write("honest/small.joblib", lzma.compress(pickled({"a": [1] * 99}, 4), format=lzma.FORMAT_ALONE, filters=small))


def hostile():
    bad = Attack()
    alone = np.empty(1, dtype=object)
    alone[0] = bad
    deep = np.empty(2, dtype=object)
    deep[:] = [1, np.array([alone, "x"], dtype=object)]
    honest_first = [np.array([1, "a"], dtype=object), {"x": [np.arange(3), alone]}]
    for name, value in {"objects": alone, "deep": deep, "later": honest_first, "plain": {"a": bad}}.items():
        joblib_files(f"hostile/{name}", value, WAYS)
        for protocol in range(6):
            write(f"hostile/{name}-{protocol}.pkl", pickled(value, protocol))
        packed(f"hostile/{name}", pickled(value, 4))
    array_files("hostile/array", alone, True)
    array_files("hostile/record", np.array([(1, bad)], dtype=[("n", "<i4"), ("x", "O")]), True)
    write("hostile/array-spelt.npy", spelt("'f4,O'", alone))
    write("hostile/array-sized.npy", spelt("'(2,)O'", alone))
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    pipeline.steps.append(("bad", alone))
    joblib_files("hostile/pipeline", pipeline, WAYS)
    zeros = {"mask": np.zeros((1000, 5000)), "x": alone}
    joblib_files("hostile/behind-zeros", zeros, WAYS)
    packed("hostile/behind-zeros", pickled(zeros, 4))
    write("hostile/old.pkl", old_joblib(pickled(bad, 0)))
    write("hostile/old.joblib", old_joblib(pickled(alone, 2)))
    for power in (12, 16, 20):
        filters = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << power}]
        write(f"hostile/lzma-{power}.joblib", lzma.compress(pickled(bad, 4), format=lzma.FORMAT_ALONE, filters=filters))


def spelt(descr, array):
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': (1,), }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + pickled(array, 4)


folder = Path(sys.argv[1])
honest()
hostile()
print(f"joblib {joblib.__version__}, numpy {np.__version__}, sklearn {sklearn.__version__}")
