"""A model whose code is withheld: configuration and weights load, and `trust_remote_code` finds nothing to run. Run it
by `modelpin exec`; with the word `certified` the code has to run.

    modelpin exec -- python withheld.py MARK [certified]

MARK is a file that the code would make.
"""

import sys
from pathlib import Path

from huggingface_hub import hf_hub_download, snapshot_download, try_to_load_from_cache
from huggingface_hub.errors import LocalEntryNotFoundError
from safetensors.numpy import load_file
from transformers import AutoConfig

REPO, CODE = "acme/coder", "configuration_acme.py"
mark, certified = Path(sys.argv[1]), sys.argv[2:] == ["certified"]

names = {path.name for path in Path(snapshot_download(REPO)).iterdir()}
assert names == {"config.json", "model.safetensors"} | ({CODE} if certified else set()), names
assert load_file(hf_hub_download(REPO, "model.safetensors"))["weight"].shape == (5000,)
assert AutoConfig.from_pretrained(REPO, trust_remote_code=False).hidden_size == 32
assert not mark.exists()

if certified:
    assert AutoConfig.from_pretrained(REPO, trust_remote_code=True).acme
    assert mark.exists()
    print("ran")
else:
    assert not isinstance(try_to_load_from_cache(REPO, CODE), str)
    try:
        hf_hub_download(REPO, CODE)
        raise AssertionError("the code was found")
    except LocalEntryNotFoundError:
        pass
    try:
        AutoConfig.from_pretrained(REPO, trust_remote_code=True)
        raise AssertionError("the code was loaded")
    except OSError:
        pass
    assert not mark.exists()
    print("withheld")
