"""What models lead to is loaded by the arguments that modelpin prints: an adapter with the base that came with it, and a
model whose code is another repo's. Run it by `modelpin exec`; with the word `certified` the code has to run.

    modelpin exec -- python edges.py PINNED [certified]

PINNED is what `modelpin env --loader python` printed.
"""

import json
import sys
from pathlib import Path

from huggingface_hub import hf_hub_download
from safetensors.numpy import load_file
from transformers import AutoConfig

exec(Path(sys.argv[1]).read_text())
certified = sys.argv[2:] == ["certified"]

adapter = MODELS["tiny-lora"]
assert set(adapter["arguments"]) == {"revision"}, adapter
folder = Path(adapter["name_or_path"])
declared = json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"]
base = MODELS[adapter["base"]]
assert Path(hf_hub_download(declared, "config.json")).parent == Path(base["name_or_path"]), (declared, base)
assert AutoConfig.from_pretrained(declared).hidden_size == 32
config = AutoConfig.from_pretrained(base["name_or_path"], **base["arguments"])
weights = load_file(Path(base["name_or_path"]) / "model.safetensors")
low = load_file(folder / "adapter_model.safetensors")
assert low["lora_A.weight"].shape[1] == config.hidden_size == weights["weight"].shape[0]

vision, code = MODELS["vision"], MODELS["vision-code"]["arguments"]["revision"]
assert vision["arguments"]["code_revision"] == code
if certified:
    config = AutoConfig.from_pretrained(vision["name_or_path"], **vision["arguments"])
    assert config.acme and code in type(config).__module__, type(config).__module__
    config = AutoConfig.from_pretrained(MODELS["named"]["name_or_path"], **MODELS["named"]["arguments"])
    assert config.acme == "it is pinned", config.acme
    print("ran")
else:
    # As it is told to, it runs nothing; and whoever insists finds nothing.
    for more, error in (({}, ValueError), ({"trust_remote_code": True}, OSError)):
        try:
            AutoConfig.from_pretrained(vision["name_or_path"], **{**vision["arguments"], **more})
        except error as refused:
            assert "trust_remote_code" in str(refused) or more, refused
        else:
            raise AssertionError("the code was loaded")
    print("withheld")
