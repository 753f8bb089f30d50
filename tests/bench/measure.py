"""How a command is measured."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

TOP = Path(__file__).resolve().parents[2]
# Where cargo builds; the benches build from `TOP`.
TARGET = TOP / os.environ.get("CARGO_TARGET_DIR", "target")


class Taken(NamedTuple):
    """What a command and its children took; memory is that of the largest of them, and no less than what this program holds."""

    seconds: float
    processor: float
    mebibytes: float


def run(command, env, cwd):
    """Runs a command, which has to succeed."""
    start = time.monotonic()
    child = subprocess.Popen(command, env=env, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    stderr = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{command}: {child.returncode}\n{stderr.decode()}")
    return Taken(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def warm_memory(folder, size):
    """Fills so many bytes of memory, and frees them again.

    A virtual machine may give memory that was free for some seconds back to its host. The first touch of such a page then
    costs many times what the work with it does (4.9 seconds instead of 0.4 for 2 GiB were seen here), so that the times would
    tell who came first and nothing else. It has to be a file where the programs write theirs: the kernel gives freed memory
    of a process, or of a file in memory, to other uses first.
    """
    file, block = folder / "warm", b"." * (1 << 20)
    with open(file, "wb", buffering=0) as out:
        for _ in range(size >> 20):
            out.write(block)
    file.unlink()
    os.sync()


def remove(*paths):
    """Removes folders, and has the disk do now what it has to do for that."""
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)
    os.sync()


def put_away(path, away):
    """Empties the place of a folder, whose small files stay on the disk until the end.

    ext4 does not use a freed inode again for some minutes, and passes over every one of them whenever a file is made: 300
    files took up to five times as long where as many had just been removed.
    """
    if not path.exists():
        return
    for file in path.rglob("*"):
        if file.is_file() and not file.is_symlink() and file.stat().st_size > 1 << 20:
            file.unlink()
    away.mkdir(exist_ok=True)
    path.rename(Path(tempfile.mkdtemp(dir=away)) / path.name)
    os.sync()
