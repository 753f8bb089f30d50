"""How a command is measured."""

import os
import shutil
import subprocess
import sys
import time
from typing import NamedTuple


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


def warm_memory(mebibytes):
    """Touches so much memory and frees it again.

    A virtual machine may give memory that was free for some seconds back to its host. The first touch of such a page then
    costs many times what the work with it does, and whoever runs next pays for it, so that the times tell the order of the
    programs and nothing else.
    """
    subprocess.run([sys.executable, "-c", f"b'.' * ({mebibytes} << 20)"], check=True)


def remove(*paths):
    """Removes folders, and has the disk do now what it has to do for that."""
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)
    os.sync()
