#!/usr/bin/env python3
"""Measures how the verbs grow with the number of files of a repo, and with the number of models of a lock.

    python3 tests/bench/scale.py [--files 1000,10000,100000] [--models 10,100,500] [--runs N] [--dir DIR]

Cost is CPU time, which a busy machine changes little; it is linear where the column by file stays as it is. The Hub is
the test kit's, on this machine. Python 3.11 and a Rust toolchain are needed; everything is made below DIR (target/bench).
"""

import argparse
import os
import shutil
import statistics
import subprocess
from pathlib import Path

from measure import TARGET, TOP, run
from servers import hub

FILES_OF_A_MODEL = 20
VERBS = {
    "lock, first": "lock",
    "sync, first": "sync --locked",
    "sync, warm": "sync --locked",
    "verify": "verify",
    "check": "check",
    "lock, answered": "lock --check",
    "diff against nothing": "diff EMPTY",
}


def repo(root, name, files):
    """A repo of so many small files, no two alike, at most 1000 in a folder."""
    place = root / "models/bench" / name
    if (place / "done.txt").exists():
        return
    shutil.rmtree(place, ignore_errors=True)
    for number in range(files - 1):
        if number % 1000 == 0:
            folder = place / f"{number // 1000:03}"
            folder.mkdir(parents=True)
        (folder / f"{number:06}.json").write_text(f'{{"{name}": {number}}}')
    (place / "done.txt").write_text(name)


def measure(modelpin, endpoint, work, repos, runs):
    """All verbs, in order, on a project of these repos; the median of the runs."""
    taken = {verb: [] for verb in VERBS}
    project, store = work / "project", work / "store"
    env = {"PATH": os.environ["PATH"], "HOME": str(work / "home"), "HF_ENDPOINT": endpoint, "MODELPIN_CACHE_DIR": str(store)}
    for _ in range(runs):
        shutil.rmtree(project, ignore_errors=True)
        shutil.rmtree(store, ignore_errors=True)
        project.mkdir()
        entries = "".join(f'{name} = "bench/{name}"\n' for name in repos)
        (project / "models.toml").write_text(f"[models]\n{entries}")
        (project / "empty.lock").write_text("version = 1\n")
        for verb, words in VERBS.items():
            words = words.replace("EMPTY", "empty.lock").split()
            taken[verb].append(run([modelpin, "--quiet", *words], env, project))
    return {verb: (statistics.median(each.processor for each in results), max(each.mebibytes for each in results)) for verb, results in taken.items()}


def numbers(text):
    return [int(number) for number in text.split(",") if number]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--files", type=numbers, default=[1000, 10_000, 100_000])
    options.add_argument("--models", type=numbers, default=[10, 100, 500])
    options.add_argument("--runs", type=int, default=1)
    options.add_argument("--dir", type=Path, default=TARGET / "bench")
    args = options.parse_args()
    work = args.dir.resolve() / "scale"
    root = work / "repos"
    cases = [(f"{files} files", files, [f"files{files}"]) for files in args.files]
    cases += [(f"{models} models", models * FILES_OF_A_MODEL, [f"model{number}" for number in range(models)]) for models in args.models]
    for _, files, repos in cases:
        for name in repos:
            repo(root, name, files // len(repos))
    subprocess.run(["cargo", "build", "--quiet", "--release", "-p", "modelpin", "-p", "modelpin-testkit"], cwd=TOP, check=True)
    release = TARGET / "release"
    with hub(release / "modelpin-testkit", root) as endpoint:
        print("| case | verb | CPU seconds | microseconds a file | peak MiB |\n|---|---|---|---|---|")
        for case, files, repos in cases:
            for verb, (cpu, memory) in measure(str(release / "modelpin"), endpoint, work, repos, args.runs).items():
                print(f"| {case} | {verb} | {cpu:.3f} | {cpu / files * 1e6:.1f} | {memory:.0f} |", flush=True)


if __name__ == "__main__":
    main()
