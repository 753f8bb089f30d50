"""Datasets are loaded as modelpin says, and by their bare names. Run it by `modelpin exec`.

    modelpin exec -- python rows.py PINNED

PINNED is what `modelpin env --loader python` printed. Prints a line for each split: how it was asked for, and the first
column of its rows; or the error.
"""

import sys
from pathlib import Path

from datasets import get_dataset_config_names, load_dataset

exec(Path(sys.argv[1]).read_text())


def tell(told, **asked):
    try:
        names = get_dataset_config_names(asked["path"])
        for name in names:
            for split, rows in load_dataset(**asked, name=name).items():
                print(told, name, split, *(str(row["q"]) for row in rows))
    except Exception as error:
        print(told, "refused", type(error).__name__)


for entry, arguments in DATASETS.items():
    assert set(arguments) in ({"path", "revision"}, {"path"}), arguments
    tell(entry, **arguments)
    for bare in (f"acme/{entry}", f"./acme/{entry}"):
        tell(bare, path=bare)
        tell(bare + "@", path=bare, revision=arguments.get("revision"))
