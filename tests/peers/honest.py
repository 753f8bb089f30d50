"""The Hub's own client reads the test Hub: what it gets is what the folder holds.

    HF_ENDPOINT=… python honest.py KIND REPO COMMIT FOLDER
"""

import hashlib
import sys
from pathlib import Path

from huggingface_hub import HfApi, snapshot_download

kind, repo, commit, folder = sys.argv[1:]
folder = Path(folder)
api = HfApi()
wanted = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

info = api.repo_info(repo, repo_type=kind, revision="main", files_metadata=True)
assert (info.id, info.sha) == (repo, commit), info
assert {file.rfilename for file in info.siblings} == set(wanted)

for file in api.list_repo_tree(repo, repo_type=kind, revision=commit, recursive=True):
    if not hasattr(file, "blob_id"):
        continue
    data = wanted[file.path]
    assert file.size == len(data), file
    if file.lfs:
        assert file.lfs.sha256 == hashlib.sha256(data).hexdigest(), file
    else:
        assert file.blob_id == hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest(), file

assert [(ref.name, ref.target_commit) for ref in api.list_repo_refs(repo, repo_type=kind).branches] == [("main", commit)]
assert [entry.commit_id for entry in api.list_repo_commits(repo, repo_type=kind)] == [commit]
assert {entry.path for entry in api.get_paths_info(repo, sorted(wanted), repo_type=kind)} == set(wanted)

got = Path(snapshot_download(repo, repo_type=kind))
assert got.name == commit
assert {str(path.relative_to(got)): path.read_bytes() for path in got.rglob("*") if path.is_file()} == wanted
print("honest")
