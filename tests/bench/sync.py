#!/usr/bin/env python3
"""Holds modelpin's sync and verify against their peers, and the ratios against what is aimed at.

    python3 tests/bench/sync.py [--runs N] [--dir DIR] [--only TEXT] [--scale N] [--jobs N,N] [--piece SIZE,SIZE]

Peers: `hf` (huggingface_hub), over HTTP and through Xet; `hf-fm` (hf-fetch-model); `curl` piped to `openssl dgst`, two
files at a time, with the files kept (as modelpin keeps them) and without; `curl -Z` and then `openssl dgst`, two files at
a time. All of them as they come, but that `hf-fm` is kept from HTTP where Xet is measured. The floor is bytes from a socket
into SHA-256 and nowhere else; the disk's limit is the same bytes copied and synced. modelpin syncs what it fetches and the
others do not: with a DIR in memory (below /dev/shm) no disk makes a difference.

The Hub is the test kit's, on this machine; nginx serves the large bodies, and a real Xet storage the chunks. What nginx has
sent is looked at after each run, so that no row measures another way than it says. In each round of a case every program
runs once, in an order drawn anew.

Needed: nginx, curl, openssl, Python 3.11 and a Rust toolchain; the rest is built or installed below DIR (target/bench).
"""

import argparse
import random
import shutil
import statistics
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import programs
from measure import TARGET, put_away, remove, run, warm_memory
from servers import Bodies, hub, storage, tunnel

SHARD, SMALL = 512 << 20, 300
MODELPIN, HF, HF_FM = "modelpin", "hf", "hf-fm"
OPENSSL, AFTER, FLOOR = "openssl dgst, two at a time", "curl -Z, then openssl, two at a time", "the floor: received and hashed, not kept"
DISK = "the disk: copied and synced, two at a time"
XET = "2 shards through Xet, first"
# The most that modelpin may take of what a peer takes.
AIMS = [
    ("4 shards, first", HF, 0.30),
    ("4 shards, first", AFTER, 0.85),
    ("4 shards, first", FLOOR, 1.6),
    ("1 file, first", HF, 0.35),
    ("300 small files, first", HF, 0.12),
    ("4 shards, warm", HF, 0.03),
    ("300 small files, warm", HF, 0.03),
    ("4 shards, verify", OPENSSL, 1.05),
    ("4 shards, verify", HF, 0.7),
    (XET, HF, 0.7),
]
AIM_OF_HF_FM = 1.0
AIM_OF_MEMORY, AIM_OF_MEMORY_XET = 64, 256


@dataclass
class Case:
    """Programs that do the same: a verb of theirs, with nothing there before (`first`) or with everything."""

    name: str
    repo: str
    verb: str
    programs: list
    first: bool = False


def data(root, shard):
    """Repos of random bytes: 4 shards, the same as 1 file, 2 other shards, and 300 small files; each once."""

    def shards(place, count):
        for number in range(count):
            with open(place / f"model-{number}.safetensors", "wb") as out:
                for _ in range(shard >> 20):
                    out.write(os.urandom(1 << 20))

    def one(place):
        with open(place / "model.safetensors", "wb") as out:
            for part in files(root, "big"):
                with open(part, "rb") as source:
                    shutil.copyfileobj(source, out, 1 << 20)

    def small(place):
        source = random.Random(1)
        for number in range(SMALL):
            (place / f"part-{number:03}.json").write_bytes(source.randbytes(source.randrange(500, 20_000)))

    repos = {"big": lambda place: shards(place, 4), "one": one, "xet": lambda place: shards(place, 2), "small": small}
    for name, make in repos.items():
        place = root / "models/bench" / name
        if not place.exists():
            part = root / "unfinished"
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            make(part)
            place.parent.mkdir(parents=True, exist_ok=True)
            part.rename(place)


def files(root, repo):
    return sorted((root / "models/bench" / repo).iterdir())


def cases(args, work, root, release, endpoint, bodies):
    """All cases; the first program of each is modelpin."""
    modelpin = programs.Modelpin(MODELPIN, work, release / "modelpin", endpoint)
    variants = [programs.Modelpin(f"modelpin --jobs {jobs}", work, modelpin.binary, endpoint, jobs=jobs) for jobs in args.jobs]
    variants += [programs.Modelpin(f"modelpin, pieces of {piece}", work, modelpin.binary, endpoint, piece=piece) for piece in args.piece]
    hf, hf_xet = (programs.Hf(HF, work, work / "venv/bin/hf", endpoint, xet=xet) for xet in (False, True))
    proxy, binary = tunnel(bodies.tls), work / "hf-fm/bin/hf-fm"
    hf_fm = programs.HfFm(HF_FM, work, binary, proxy)
    hf_fm_xet = programs.HfFm(f"{HF_FM}, kept from HTTP", work, binary, proxy, whole=True)

    def urls(repo):
        return [f"{bodies.url}/{file.relative_to(root)}" for file in files(root, repo)]

    def shell(name, line):
        return programs.Shell(name, work, line, urls, lambda repo: files(root, repo))

    def piped(keep):
        return f"printf '%s\\n' $URLS | xargs -P 2 -I@ sh -c 'curl -sf @ {keep}| openssl dgst -sha256 > $(basename @).sum'"

    by_hand = [
        shell("curl into openssl, two at a time, kept", piped("| tee $(basename @) ")),
        shell("curl into openssl, two at a time, not kept", piped("")),
        shell(AFTER, "curl -sfZ $(printf -- '-O %s ' $URLS) && ls | xargs -P 2 -n 1 openssl dgst -sha256"),
        shell(FLOOR, f"{release}/examples/floor 2 $URLS"),
        shell(DISK, "printf '%s\\n' $FILES | xargs -P 2 -I@ sh -c 'dd if=@ of=$(basename @) bs=1M conv=fdatasync status=none'"),
    ]
    openssl = shell(OPENSSL, "printf '%s\\n' $FILES | xargs -P 2 -n 1 openssl dgst -sha256")
    fetching = [modelpin, hf, hf_fm]
    for name in ("big", "one", "small", "xet"):
        modelpin.lock(name)
    return [
        Case("4 shards, first", "big", "fetch", [modelpin, *variants, hf, hf_fm, *by_hand], first=True),
        Case("1 file, first", "one", "fetch", [modelpin, *variants, hf, hf_fm, *by_hand], first=True),
        Case("300 small files, first", "small", "fetch", fetching, first=True),
        Case("4 shards, warm", "big", "fetch", fetching),
        Case("300 small files, warm", "small", "fetch", fetching),
        Case("4 shards, verify", "big", "verify", [modelpin, openssl, hf, hf_fm]),
        Case(XET, "xet", "fetch", [modelpin, hf_xet, hf_fm_xet], first=True),
    ]


def measure(case, program, bodies, size, shard):
    """One run, with memory and servers as they are for every other."""
    if case.first:
        program.clean(case.repo)
    elif not program.has(case.repo):
        program.clean(case.repo)
        run(*program.fetch(case.repo))
    if case.first and case.repo != "small":
        # More than any of the programs fills, with its files and in itself.
        warm_memory(program.work, 6 * shard)
    bodies.forget()
    taken = run(*getattr(program, case.verb)(case.repo))
    sent = bodies.sent()
    if case.first:
        # Nobody's files are to stay in the memory that the next one needs for its own.
        program.clean(case.repo)
    # Small files come from the Hub itself. Who only asks how large a body is may get a byte of it.
    over_http = case.first and case.name != XET and case.repo != "small" and program.name != DISK
    if (sent < size) if over_http else (sent > size // 100):
        sys.exit(f"{case.name}: {program.name}: {sent} bytes of {size} came from where bodies are served over plain HTTP")
    return taken


def compare(args, cases, root, bodies):
    """Measures and prints everything."""
    taken, notes, order = {}, [], random.Random(1)
    print("| case | program | seconds (least) | of processor | peak MiB | modelpin / this |\n|---|---|---|---|---|---|")
    for case in cases:
        if args.only not in case.name:
            continue
        homes = [program.home(case.repo) for program in case.programs]
        for home in homes:
            put_away(home, home.parent / "away")
        size = sum(file.stat().st_size for file in files(root, case.repo))
        results = {program.name: [] for program in case.programs}
        for _ in range(args.runs):
            for program in order.sample(case.programs, len(case.programs)):
                results[program.name].append(measure(case, program, bodies, size, SHARD // args.scale))
        if case.verb == "verify":
            verified = case.programs[0].verified(case.repo)
            notes.append(f"What is verified is {size >> 20} MiB; modelpin says of itself: {verified}")
            if not verified["every-byte"] or verified["bytes"] != size:
                sys.exit(notes[-1])
        for home in homes:
            put_away(home, home.parent / "away")
        ours = statistics.median(each.seconds for each in results[MODELPIN])
        for program, each in results.items():
            taken[case.name, program] = row(case.name, program, each, ours)
    print("", *notes, sep="\n")
    aims(taken)


def row(case, program, results, ours):
    seconds, processor, _ = (statistics.median(values) for values in zip(*results))
    least, memory = min(taken.seconds for taken in results), max(taken.mebibytes for taken in results)
    ratio = ours / seconds
    said = "" if program == MODELPIN else f"{ratio:.3f}"
    print(f"| {case} | {program} | {seconds:.3f} ({least:.3f}) | {processor:.2f} | {memory:.0f} | {said} |", flush=True)
    return ratio, memory


def aims(taken):
    """What came of the aims, of the cases that were measured."""
    wanted = [(case, peer, taken[case, peer][0], aim) for case, peer, aim in AIMS if (case, peer) in taken]
    wanted += [(case, peer, ratio, AIM_OF_HF_FM) for (case, peer), (ratio, _) in taken.items() if peer.startswith(HF_FM)]
    print("\n| case | against | modelpin / this | aim | met |\n|---|---|---|---|---|")
    for case, peer, ratio, aim in wanted:
        print(f"| {case} | {peer} | {ratio:.3f} | <= {aim} | {'yes' if ratio <= aim else 'NO'} |")
    for (case, program), (_, memory) in taken.items():
        if program == MODELPIN:
            aim = AIM_OF_MEMORY_XET if "Xet" in case else AIM_OF_MEMORY
            print(f"| {case} | peak MiB | {memory:.0f} | <= {aim} | {'yes' if memory <= aim else 'NO'} |")


def main():
    def words(text):
        return [word for word in text.split(",") if word]

    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--dir", type=Path, default=TARGET / "bench")
    options.add_argument("--only", default="", help="only the cases whose name has this in it")
    options.add_argument("--scale", type=int, default=1, help="large files are so many times smaller")
    options.add_argument("--jobs", type=words, default=[], help="also with these numbers of connections")
    options.add_argument("--piece", type=words, default=[], help="also with pieces of these sizes")
    args = options.parse_args()
    work = args.dir.resolve()
    shard = SHARD // args.scale
    root = work / ("repos" if args.scale == 1 else f"repos-{args.scale}")
    work.mkdir(parents=True, exist_ok=True)
    data(root, shard)
    release = programs.build(work)
    print(f"4 shards of {shard >> 20} MiB, 1 file of {4 * shard >> 20} MiB; medians of {args.runs} interleaved runs\n")
    bodies = Bodies(root, work)
    with ExitStack() as servers:
        offer = []
        if args.only in XET:
            offer = servers.enter_context(storage(release / "modelpin-xet-server", work, files(root, "xet")))
        endpoint = servers.enter_context(hub(release / "modelpin-testkit", root, "--cdn-url", bodies.url, *offer))
        servers.enter_context(bodies.serve(endpoint))
        try:
            compare(args, cases(args, work, root, release, endpoint, bodies), root, bodies)
        finally:
            remove(work / "away")


if __name__ == "__main__":
    main()
