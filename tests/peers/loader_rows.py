"""Datasets of the usual kinds are loaded as `modelpin env --loader python` says. Run it by `modelpin exec`.

    modelpin exec -- python loader_rows.py PINNED

Prints a line for each split: entry, configuration, split, rows; or the error.
"""

import sys
from pathlib import Path

from datasets import get_dataset_config_names, load_dataset

exec(Path(sys.argv[1]).read_text())


def shown(row):
    return " ".join(f"{key}={value if isinstance(value, (str, int, dict)) else type(value).__module__.split('.')[0]}"
                    for key, value in sorted(row.items()) if not key.startswith("__"))


for entry, arguments in DATASETS.items():
    try:
        trusted = {key: arguments[key] for key in arguments if key == "trust_remote_code"}
        names = [None] if "data_files" in arguments else get_dataset_config_names(arguments["path"], **trusted)
        for name in names:
            for split, rows in load_dataset(**arguments, name=name).items():
                print(entry, name, split, *(shown(row) for row in rows), sep=" | ")
    except Exception as error:
        print(entry, "refused", type(error).__name__, sep=" | ")
