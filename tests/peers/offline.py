"""The Hub's own client, offline, finds every locked file in the target by name, by branch and by commit.

    HF_HUB_CACHE=TARGET HF_HUB_OFFLINE=1 python offline.py models.lock
"""

import hashlib
import sys
import tomllib
from pathlib import Path

from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download

lock = tomllib.loads(Path(sys.argv[1]).read_text())
repos = 0
for kind in ("model", "dataset"):
    for pin in lock.get(kind, {}).values():
        repo, repos = pin["source"].split("/", 1)[1], repos + 1
        for revision in (None, pin["requested"], pin["revision"]):
            folder = Path(snapshot_download(repo, repo_type=kind, revision=revision))
            assert folder.name == pin["revision"], folder
            for path, file in pin["files"].items():
                found = Path(hf_hub_download(repo, path, repo_type=kind, revision=revision))
                assert hashlib.sha256(found.read_bytes()).hexdigest() == file["sha256"], path
scanned = scan_cache_dir()
assert not scanned.warnings, scanned.warnings
assert len(scanned.repos) == repos, scanned.repos
print("offline")
