"""What a peer says of every item of the corpus, in one process: a line each, item and answer.

    python peers.py picklescan|modelscan CORPUS

`alarm`: something dangerous; `ask`: suspicious, could not be read, or no format that it knows; `clean`.
"""

import logging
import sys
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


for item in sorted(path for path in corpus.iterdir() if path.is_dir()):
    try:
        said = {"picklescan": picklescan, "modelscan": modelscan}[peer](item)
    except Exception:
        said = "ask"
    print(f"{item.name}\t{said}")
