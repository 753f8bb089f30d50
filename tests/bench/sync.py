#!/usr/bin/env python3
"""Measures modelpin against its peers, in one interleaved run, and prints ratios of medians.

    python3 tests/bench/sync.py [--runs N] [--dir DIR] [--only TEXT] [--jobs N,N] [--piece SIZE,SIZE]

Peers: `hf download` (huggingface_hub, over HTTP); `curl` piped to `openssl dgst`, two files at a time, with
the files kept (as modelpin keeps them) and without; `curl -Z` and then `openssl dgst`, two files at a time. The floor
is bytes from a socket into SHA-256 and nowhere else. The Hub is the test kit's, on this machine; nginx serves the
large bodies. Needed: nginx, curl, openssl, Python 3.11
and a Rust toolchain; the rest is built or installed below DIR (target/bench).
"""

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
SHARDS, SHARD_BYTES, SMALL = 4, 512 << 20, 300


def data(root):
    """4 x 512 MiB and 1 x 2 GiB of random bytes, and 300 small files, once."""
    if (root / "done-2").exists():
        return
    shutil.rmtree(root, ignore_errors=True)
    big, one, small = root / "models/bench/big", root / "models/bench/one", root / "models/bench/small"
    big.mkdir(parents=True), one.mkdir(), small.mkdir()
    for shard in range(SHARDS):
        with open(big / f"model-{shard}.safetensors", "wb") as out:
            for _ in range(SHARD_BYTES >> 20):
                out.write(os.urandom(1 << 20))
    with open(one / "model.safetensors", "wb") as out:
        for shard in range(SHARDS):
            with open(big / f"model-{shard}.safetensors", "rb") as part:
                shutil.copyfileobj(part, out, 1 << 20)
    source = random.Random(1)
    for number in range(SMALL):
        (small / f"part-{number:03}.json").write_bytes(source.randbytes(source.randrange(500, 20_000)))
    (root / "done-2").touch()


def nginx(root, work, port):
    conf = work / "nginx.conf"
    conf.write_text(
        f"daemon off; worker_processes 2; pid {work}/nginx.pid; error_log {work}/nginx.err;\n"
        f"events {{ worker_connections 256; }}\n"
        f"http {{ access_log off; sendfile on; client_body_temp_path {work}/b; proxy_temp_path {work}/p; fastcgi_temp_path {work}/f;"
        f" uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;\n"
        f"server {{ listen 127.0.0.1:{port}; root {root}; }} }}\n"
    )
    return subprocess.Popen(["nginx", "-c", str(conf), "-e", f"{work}/nginx.err"], stderr=subprocess.DEVNULL)


def run(command, env, cwd):
    """Seconds, seconds of processor and peak memory (MiB) of a command and its children."""
    start = time.monotonic()
    child = subprocess.Popen(command, env=env, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    stderr = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{command}: {child.returncode}\n{stderr.decode()}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--dir", type=Path, default=TOP / "target/bench")
    options.add_argument("--only", default="", help="only the cases whose name has this in it")
    options.add_argument("--jobs", default="", help="also with these numbers of connections")
    options.add_argument("--piece", default="", help="also with pieces of these sizes")
    args = options.parse_args()
    work = args.dir.resolve()
    root = work / "repos"
    work.mkdir(parents=True, exist_ok=True)
    data(root)
    build = ["cargo", "build", "--quiet", "--release"]
    subprocess.run([*build, "-p", "modelpin", "-p", "modelpin-testkit"], cwd=TOP, check=True)
    subprocess.run([*build, "-p", "modelpin-testkit", "--example", "floor"], cwd=TOP, check=True)
    release = Path(os.environ.get("CARGO_TARGET_DIR", TOP / "target")) / "release"
    venv = work / "venv"
    if not (venv / "bin/hf").exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        version = next(line for line in (TOP / "tests/peers/requirements.txt").read_text().splitlines() if line.startswith("huggingface_hub"))
        subprocess.run([venv / "bin/pip", "install", "--quiet", version], check=True)
    port = 18473
    servers = [nginx(root, work, port)]
    try:
        hub = subprocess.Popen([release / "modelpin-testkit", root, "--cdn-url", f"http://127.0.0.1:{port}"], stdout=subprocess.PIPE, text=True)
        servers.append(hub)
        for line in hub.stdout:
            if line.startswith("endpoint "):
                endpoint = line.split()[1]
            if line.startswith("ready"):
                break
        measure(args, work, root, release, venv, endpoint, port)
    finally:
        for server in servers:
            server.terminate()
            server.wait()


def measure(args, work, root, release, venv, endpoint, port):
    modelpin, hf = str(release / "modelpin"), str(venv / "bin/hf")
    base = {"PATH": os.environ["PATH"], "HOME": str(work / "home"), "HF_ENDPOINT": endpoint}
    peer = {**base, "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    projects = {}
    for name in ("big", "one", "small"):
        project = work / f"project-{name}"
        shutil.rmtree(project, ignore_errors=True)
        project.mkdir()
        (project / "models.toml").write_text(f'[models]\n{name} = "bench/{name}"\n')
        run([modelpin, "--quiet", "lock"], {**base, "MODELPIN_CACHE_DIR": str(work / "lock-store")}, project)
        projects[name] = project
    bodies = {
        "big": [f"models/bench/big/model-{shard}.safetensors" for shard in range(SHARDS)],
        "one": ["models/bench/one/model.safetensors"],
    }
    urls = {name: [f"http://127.0.0.1:{port}/{body}" for body in which] for name, which in bodies.items()}

    def piped(name, keep):
        clean(work / "pipe")
        keeping = "| tee pipe/$(basename @) " if keep else ""
        each = f"curl -sf @ {keeping}| openssl dgst -sha256 > pipe/$(basename @).sum"
        list_ = " ".join(urls[name])
        return run(["sh", "-c", f"mkdir -p pipe && printf '%s\\n' {list_} | xargs -P 2 -I@ sh -c '{each}'"], base, work)

    def after(name):
        clean(work / "pipe")
        curl = "curl -sfZ " + " ".join(f"-O {url}" for url in urls[name])
        return run(["sh", "-c", f"mkdir -p pipe && cd pipe && {curl} && ls | xargs -P 2 -n 1 openssl dgst -sha256"], base, work)

    def floor(name):
        return run([str(release / "examples/floor"), "2", *urls[name]], base, work)

    def clean(*paths):
        for path in paths:
            shutil.rmtree(path, ignore_errors=True)
        os.sync()

    def sync(name, cold, jobs="8", piece="4M"):
        project, store = projects[name], work / f"store-{name}"
        if cold:
            clean(project / ".modelpin", store)
        env = {**base, "MODELPIN_CACHE_DIR": str(store), "MODELPIN_PIECE_SIZE": piece}
        return run([modelpin, "--quiet", "sync", "--locked", "--jobs", jobs], env, project)

    def download(name, cold):
        home = work / f"hf-{name}"
        if cold:
            clean(home)
        return run([hf, "download", f"bench/{name}"], {**peer, "HF_HOME": str(home)}, work)

    def first(case, name):
        ours = {f"modelpin sync --jobs {jobs}": lambda jobs=jobs: sync(name, True, jobs=jobs) for jobs in filter(None, args.jobs.split(","))}
        ours |= {f"modelpin sync, pieces of {piece}": lambda piece=piece: sync(name, True, piece=piece) for piece in filter(None, args.piece.split(","))}
        programs = {
            "modelpin sync": lambda: sync(name, True),
            **ours,
            "hf download": lambda: download(name, True),
            "curl into openssl, two at a time, kept": lambda: piped(name, True),
            "curl into openssl, two at a time, not kept": lambda: piped(name, False),
            "curl -Z, then openssl, two at a time": lambda: after(name),
            "the floor: received and hashed, two at a time, not kept": lambda: floor(name),
        }
        return {(case, program): take for program, take in programs.items()}

    rows = {
        **first("4 x 512 MiB, first", "big"),
        **first("1 x 2 GiB, first", "one"),
        ("4 x 512 MiB, warm", "modelpin sync"): lambda: sync("big", False),
        ("4 x 512 MiB, warm", "hf download"): lambda: download("big", False),
        ("300 small files, first", "modelpin sync"): lambda: sync("small", True),
        ("300 small files, first", "hf download"): lambda: download("small", True),
        ("300 small files, warm", "modelpin sync"): lambda: sync("small", False),
        ("300 small files, warm", "hf download"): lambda: download("small", False),
        ("start", "modelpin --help"): lambda: run([modelpin, "--help"], base, work),
    }
    rows = {row: take for row, take in rows.items() if args.only in row[0]}
    taken = {row: [] for row in rows}
    for _ in range(args.runs):
        for row, take in rows.items():
            taken[row].append(take())
    print(f"medians of {args.runs} interleaved runs; peers' ratio is modelpin / peer\n")
    print("| case | program | seconds (least) | of processor | peak MiB | modelpin / this |\n|---|---|---|---|---|---|")
    for (case, program), results in taken.items():
        seconds, processor, _ = (statistics.median(values) for values in zip(*results))
        ours = taken.get((case, "modelpin sync"))
        ratio = f"{statistics.median(second for second, _, _ in ours) / seconds:.3f}" if ours and program != "modelpin sync" else ""
        least, memory = min(second for second, _, _ in results), max(memory for _, _, memory in results)
        print(f"| {case} | {program} | {seconds:.3f} ({least:.3f}) | {processor:.2f} | {memory:.0f} | {ratio} |")


if __name__ == "__main__":
    main()
