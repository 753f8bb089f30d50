"""The libraries of the field load the synced model by its plain name. Run it by `modelpin exec`."""

import json
from pathlib import Path

from huggingface_hub import hf_hub_download
from safetensors.numpy import load_file
from transformers import AutoConfig, AutoTokenizer

config = AutoConfig.from_pretrained("acme/tiny-chat")
tokenizer = AutoTokenizer.from_pretrained("acme/tiny-chat")
text = "how do i reset my password ?"
assert tokenizer.decode(tokenizer(text)["input_ids"]) == text
weights = load_file(hf_hub_download("acme/tiny-chat", "model.safetensors"))
assert weights["model.embed_tokens.weight"].shape == (config.vocab_size, config.hidden_size)
adapter = json.loads(Path(hf_hub_download("acme/tiny-chat-lora", "adapter_config.json")).read_text())
low = load_file(hf_hub_download("acme/tiny-chat-lora", "adapter_model.safetensors"))
assert all(rows.shape[0] == adapter["r"] for name, rows in low.items() if "lora_A" in name)

# One step of the first layer's query, with the adapter on: the numbers fit together.
token = tokenizer("password")["input_ids"][-1]
x = weights["model.embed_tokens.weight"][token]
at = "self_attn.q_proj"
prefix = f"base_model.model.model.layers.0.{at}.lora_"
y = weights[f"model.layers.0.{at}.weight"] @ x + low[prefix + "B.weight"] @ (low[prefix + "A.weight"] @ x) * adapter["lora_alpha"] / adapter["r"]
assert y.shape == (config.hidden_size,) and abs(y).max() > 0
print("loaded")
