"""What a peer says of every item of the corpus, in one process: a line each, item and answer.

    python peers.py picklescan|modelscan|modelaudit|fickling CORPUS

`alarm`: something dangerous; `ask`: suspicious, could not be read, or no format that it knows; `clean`.
"""

import io
import logging
import sys
import zipfile
from pathlib import Path

peer, corpus = sys.argv[1], Path(sys.argv[2])
logging.disable(logging.CRITICAL)


def picklescan(path):
    from picklescan.scanner import scan_directory_path

    found = scan_directory_path(str(path))
    if found.issues_count:
        return "alarm"
    return "ask" if found.scan_err or found.suspicious_count or not found.scanned_files else "clean"


def modelscan(path):
    from modelscan.modelscan import ModelScan

    found = ModelScan().scan(str(path))
    if found["summary"]["total_issues"]:
        return "alarm"
    return "ask" if found["errors"] or not found["summary"]["scanned"]["total_scanned"] else "clean"


def modelaudit(path):
    from modelaudit.core import scan_model_directory_or_file

    found = scan_model_directory_or_file(str(path), skip_file_types=False)
    levels = {issue.severity.value for issue in found.issues}
    if "critical" in levels:
        return "alarm"
    unread = found.has_errors or not found.success or not found.files_scanned
    return "ask" if unread or "warning" in levels else "clean"


def pickles(file):
    """The pickle of a file, or those of a torch archive."""
    if not zipfile.is_zipfile(file):
        return [file.read_bytes()]
    with zipfile.ZipFile(file) as archive:
        return [archive.read(name) for name in archive.namelist() if name.endswith(".pkl")]


def fickling(path):
    """Judges pickles, and nothing else."""
    from fickling.analysis import Severity, check_safety
    from fickling.fickle import StackedPickle

    words = set()
    for file in (file for file in path.rglob("*") if file.is_file()):
        try:
            stacks = [StackedPickle.load(io.BytesIO(data)) for data in pickles(file)]
            levels = [check_safety(one).severity for stack in stacks for one in stack]
        except Exception:
            levels = []
        if any(level >= Severity.LIKELY_UNSAFE for level in levels):
            return "alarm"
        words.add("clean" if levels and all(level == Severity.LIKELY_SAFE for level in levels) else "ask")
    return "clean" if words == {"clean"} else "ask"


PEERS = {"picklescan": picklescan, "modelscan": modelscan, "modelaudit": modelaudit, "fickling": fickling}
for item in sorted(path for path in corpus.iterdir() if path.is_dir()):
    try:
        said = PEERS[peer](item)
    except Exception:
        said = "ask"
    print(f"{item.name}\t{said}", flush=True)
