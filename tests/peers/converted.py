"""The field's own client and library find and load what stands in the place of a pickle. Run it by `modelpin exec`."""

from huggingface_hub import hf_hub_download
from huggingface_hub.errors import LocalEntryNotFoundError
from safetensors.numpy import load_file

tensors = load_file(hf_hub_download("acme/legacy", "model.safetensors"))
assert tensors and all(tensor.nbytes for tensor in tensors.values()), tensors
try:
    hf_hub_download("acme/legacy", "pytorch_model.bin")
except LocalEntryNotFoundError:
    print("replaced")
