"""Loads what the tree has of the ranker, with nothing but the standard library, and says what it can see."""

import os
import pickle
from pathlib import Path

hub = Path(os.environ["HF_HUB_CACHE"])
found = sorted(hub.glob("models--legacy--ranker/snapshots/*/pytorch_model.bin"))
if not found:
    print("the pickle is nowhere in sight")
for path in found:
    with path.open("rb") as file:
        print("loaded in the jail:", pickle.load(file))
    try:
        (Path.home() / "stolen").write_text("x")
        print("home is", Path.home().name, "and goes with the jail")
        os.chmod(path, 0o666)
    except PermissionError:
        print("the model cannot be changed")
