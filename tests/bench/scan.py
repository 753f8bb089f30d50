#!/usr/bin/env python3
"""Holds `modelpin scan` against picklescan, modelscan, modelaudit and fickling: what each sees, and how long it takes.

    python3 tests/bench/scan.py [--runs N] [--sample N] [--dir DIR]

The corpus is the test kit's (attacks and honest files, made from code); a torch archive of 2 GiB is made beside
it. Every program judges the same files, one process a file, in interleaved runs; ratios are of medians, process
start included. The peers come from the package index into DIR (target/bench); Python 3.11 and a Rust toolchain
are needed.
"""

import argparse
import json
import multiprocessing
import os
import pickle
import random
import shutil
import statistics
import struct
import subprocess
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path

from measure import TARGET, TOP

PEERS = ["picklescan==1.0.5", "modelscan==0.8.8", "modelaudit==0.2.54", "fickling==0.1.12"]
STORAGES, STORAGE_FLOATS = 4, 128 << 20


class Name:
    """Pickles as a reference to a name of a module that need not be there."""

    def __init__(self, module, name):
        self.text = f"c{module}\n{name}\n".encode()

    def __call__(self):
        pass


class Storage:
    """Pickles as a reference to a storage of so many floats."""

    def __init__(self, key, count):
        self.id = ("storage", Name("torch", "FloatStorage"), str(key), "cpu", count)


class Call:
    """Pickles as a call."""

    def __init__(self, name, *arguments):
        self.parts = (name, arguments)


class Writer(pickle._Pickler):
    """Writes what torch writes, without torch: names by reference, storages by persistent id."""

    dispatch = dict(pickle._Pickler.dispatch)
    dispatch[Name] = lambda self, name: self.write(name.text)
    dispatch[Call] = lambda self, call: self.save_reduce(*call.parts, obj=call)

    def persistent_id(self, value):
        return value.id if isinstance(value, Storage) else None


def tensor(key, count):
    """What torch calls to build a flat tensor of floats again."""
    hooks = Call(Name("collections", "OrderedDict"))
    return Call(Name("torch._utils", "_rebuild_tensor_v2"), Storage(key, count), 0, (count,), (1,), False, hooks)


def torch_archive(path):
    """A torch archive of four float tensors, 2 GiB in all."""
    if path.exists():
        return
    part = path.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        with archive.open("model/data.pkl", "w") as out:
            Writer(out, 2).dump({f"layer.{key}": tensor(key, STORAGE_FLOATS) for key in range(STORAGES)})
        archive.writestr("model/byteorder", "little")
        source = random.Random(1)
        block = b"".join(struct.pack("<f", source.gauss(0, 1)) for _ in range(1 << 18))
        for key in range(STORAGES):
            with archive.open(f"model/data/{key}", "w", force_zip64=True) as out:
                for _ in range(STORAGE_FLOATS * 4 // len(block)):
                    out.write(block)
        archive.writestr("model/version", "3\n")
    part.rename(path)


def prepare(work):
    """Builds modelpin, installs the peers, writes the corpus; says where the programs are."""
    work.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cargo", "build", "--quiet", "--release", "-p", "modelpin", "-p", "modelpin-testkit"], cwd=TOP, check=True)
    release = TARGET / "release"
    venv = work / "scan-venv"
    if not (venv / "bin/modelaudit").exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([venv / "bin/pip", "install", "--quiet", *PEERS], check=True)
    corpus = work / "corpus"
    shutil.rmtree(corpus, ignore_errors=True)
    subprocess.run([release / "modelpin-testkit", "corpus", corpus], check=True)
    return {
        "modelpin": lambda path: [release / "modelpin", "--quiet", "scan", "--format", "json", path],
        "picklescan": lambda path: [venv / "bin/picklescan", "--log", "CRITICAL", "--path", path],
        "modelscan": lambda path: [venv / "bin/modelscan", "scan", "-p", path],
        "modelaudit": lambda path: [venv / "bin/modelaudit", "scan", "--format", "json", path],
        "fickling": lambda path: [venv / "bin/fickling", "--check-safety", path],
    }


def answers(name, command, corpus):
    """What a program says of each item: `alarm`, `ask` (look at it, could not read it, no such format), `clean`."""
    if name == "modelpin":
        # Each item is a model of its own.
        items = sorted(path for path in corpus.iterdir() if path.is_dir())
        done = subprocess.run([*command(items[0]), *items[1:]], capture_output=True)
        if done.returncode not in (0, 5):
            sys.exit(f"modelpin: {done.returncode}\n{done.stderr.decode()}")
        words = {"safe": "clean", "review": "ask", "dangerous": "alarm"}
        entries = json.loads(done.stdout)["result"]["entries"]
        return {Path(entry["name"]).name: words[entry["verdict"]] for entry in entries}
    python = Path(command(corpus)[0]).with_name("python")
    done = subprocess.run([python, TOP / "tests/bench/peers.py", name, corpus], capture_output=True, text=True, check=True)
    return dict(line.split("\t") for line in done.stdout.splitlines() if "\t" in line)


def detection(programs, corpus):
    expected = dict(line.split("\t") for line in (corpus / "expected.tsv").read_text().splitlines())
    table = {(kind, name): Counter() for kind in dict.fromkeys(expected.values()) for name in programs}
    for name, command in programs.items():
        said = answers(name, command, corpus)
        for item, kind in expected.items():
            table[kind, name][said[item]] += 1
    kinds = {"Dangerous": "attacks that run code", "Suspect": "broken or ambiguous", "Review": "honest, foreign", "Safe": "honest, plain"}
    print(f"## {len(expected)} items of the corpus\n")
    print("`alarm`: dangerous; `ask`: a person has to look, or the program could not read it or knows no such format.\n")
    print("| items | program | alarm | ask | clean |\n|---|---|---|---|---|")
    for kind, words in kinds.items():
        for name in programs:
            counts = table.get((kind, name), Counter())
            print(f"| {words} ({sum(counts.values())}) | {name} | {counts['alarm']} | {counts['ask']} | {counts['clean']} |")


def timed(command):
    """Seconds and peak MiB; the exit code says what was found and is no matter here."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    return time.monotonic() - start, usage.ru_maxrss / 1024


def times(programs, cases, runs):
    print(f"\n## Times, medians of {runs} interleaved runs, process start included\n")
    print("| case | program | seconds a file | peak MiB | modelpin / this |\n|---|---|---|---|---|")
    for case, paths in cases.items():
        taken = {name: [] for name in programs}
        for _ in range(runs):
            for path in paths:
                for name, command in programs.items():
                    taken[name].append(timed(command(path)))
        ours = statistics.median(second for second, _ in taken["modelpin"])
        for name, results in taken.items():
            median = statistics.median(second for second, _ in results)
            ratio = "" if name == "modelpin" else f"{ours / median:.4f} (1/{median / ours:.0f})"
            print(f"| {case} | {name} | {median:.4f} | {max(memory for _, memory in results):.0f} | {ratio} |")


def apart(work, *arguments):
    """Does `work` in a process of its own."""
    child = multiprocessing.get_context("fork").Process(target=work, args=arguments)
    child.start()
    child.join()
    if child.exitcode:
        sys.exit(child.exitcode)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--sample", type=int, default=20, help="how many files of the corpus are timed")
    options.add_argument("--dir", type=Path, default=TARGET / "bench")
    args = options.parse_args()
    work = args.dir.resolve()
    programs = prepare(work)
    corpus = work / "corpus"
    # In processes of their own: what a program is said to have taken at most begins with what its parent holds.
    apart(torch_archive, work / "model-2g.pt")
    apart(detection, programs, corpus)
    pickles = sorted(path for path in corpus.rglob("*") if path.suffix in {".pkl", ".pt", ".bin", ".pth"} and path.is_file())
    sample = random.Random(1).sample(pickles, min(args.sample, len(pickles)))
    times(programs, {f"{len(sample)} pickles of the corpus": sample, "torch archive, 2 GiB": [work / "model-2g.pt"]}, args.runs)


if __name__ == "__main__":
    main()
