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
        path.open("ab").close()
        print("and may be changed")
    except PermissionError:
        print("the model cannot be changed")
    try:
        list(Path.cwd().iterdir())
        print("and the project can be read")
    except PermissionError:
        print("nothing else of the project can be read")
