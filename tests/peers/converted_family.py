"""The library reads every tensor of converted shards where their index says it is. Run it by `modelpin exec`."""

import json
import sys

from huggingface_hub import hf_hub_download
from huggingface_hub.errors import LocalEntryNotFoundError
from safetensors import safe_open

repo, index_name = sys.argv[1:]
with open(hf_hub_download(repo, index_name)) as file:
    index = json.load(file)
held, size = {}, 0
for shard in sorted(set(index["weight_map"].values())):
    with safe_open(hf_hub_download(repo, shard), framework="numpy") as tensors:
        for name in tensors.keys():
            assert name not in held, name
            held[name] = shard
            size += tensors.get_tensor(name).nbytes
assert held == index["weight_map"], (held, index)
assert size == index["metadata"]["total_size"], (size, index)
try:
    hf_hub_download(repo, index_name.replace("model.safetensors", "pytorch_model.bin"))
except LocalEntryNotFoundError:
    print(f"{len(held)} tensors")
