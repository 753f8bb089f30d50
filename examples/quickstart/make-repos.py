"""Writes the three repos of the quickstart below a folder, always the same bytes.

    python3 make-repos.py DIR

The result is what `modelpin-testkit DIR` serves: a tiny Llama-shaped model with a tokenizer, a LoRA adapter
for it, and a dataset. Nothing but the standard library is needed.
"""

import json
import random
import struct
import sys
from pathlib import Path

HIDDEN, INNER, LAYERS, HEADS = 32, 64, 2, 4
WORDS = "<unk> <s> </s> . , ? a the is it my how do i you can to and not yes no on in of order invoice password reset refund shipping late account email change cancel help team reply answer question please thank hello where when why what which who open closed ticket number day week".split()


def safetensors(tensors):
    """The file with these tensors: name -> (shape, values)."""
    header, data = {}, b""
    for name, (shape, values) in sorted(tensors.items()):
        packed = struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def matrix(source, *shape):
    count = 1
    for side in shape:
        count *= side
    return list(shape), [source.uniform(-0.1, 0.1) for _ in range(count)]


def model(source):
    tensors = {"model.embed_tokens.weight": matrix(source, len(WORDS), HIDDEN), "lm_head.weight": matrix(source, len(WORDS), HIDDEN)}
    for layer in range(LAYERS):
        at = f"model.layers.{layer}."
        for part in "qkvo":
            tensors[f"{at}self_attn.{part}_proj.weight"] = matrix(source, HIDDEN, HIDDEN)
        tensors[f"{at}mlp.gate_proj.weight"] = matrix(source, INNER, HIDDEN)
        tensors[f"{at}mlp.up_proj.weight"] = matrix(source, INNER, HIDDEN)
        tensors[f"{at}mlp.down_proj.weight"] = matrix(source, HIDDEN, INNER)
        for norm in ("input_layernorm", "post_attention_layernorm"):
            tensors[f"{at}{norm}.weight"] = [HIDDEN], [1.0] * HIDDEN
    tensors["model.norm.weight"] = [HIDDEN], [1.0] * HIDDEN
    return tensors


def config():
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": len(WORDS), "hidden_size": HIDDEN,
        "intermediate_size": INNER, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": HEADS,
        "max_position_embeddings": 128, "rms_norm_eps": 1e-6, "hidden_act": "silu", "bos_token_id": 1, "eos_token_id": 2,
        "tie_word_embeddings": False, "torch_dtype": "float32",
    }


def tokenizer():
    special = [
        {"id": at, "content": WORDS[at], "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for at in range(3)
    ]
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special, "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"}, "post_processor": None, "decoder": None,
        "model": {"type": "WordLevel", "vocab": {word: at for at, word in enumerate(WORDS)}, "unk_token": "<unk>"},
    }


def lora(source, rank=4):
    tensors = {}
    for layer in range(LAYERS):
        for part in "qv":
            at = f"base_model.model.model.layers.{layer}.self_attn.{part}_proj.lora_"
            tensors[f"{at}A.weight"] = matrix(source, rank, HIDDEN)
            tensors[f"{at}B.weight"] = matrix(source, HIDDEN, rank)
    config = {
        "base_model_name_or_path": "acme/tiny-chat", "bias": "none", "lora_alpha": 8, "lora_dropout": 0.0, "peft_type": "LORA",
        "r": rank, "target_modules": ["q_proj", "v_proj"], "task_type": "CAUSAL_LM",
    }
    return tensors, config


FAQ = [
    ("How do I reset my password?", "Open the account page and choose reset."),
    ("Where is my order?", "The shipping number is in the email of that day."),
    ("Can I cancel my order?", "Yes, until it is on its way."),
]


def main(out):
    def write(path, content):
        file = out / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            content = json.dumps(content, indent=2) + "\n"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    source = random.Random(7)
    weights = model(source)
    chat = "models/acme/tiny-chat/"
    write(chat + "README.md", "---\nlicense: apache-2.0\n---\n# tiny-chat\n\nA model that is far too small to say anything, and loads like a large one.\n")
    write(chat + "config.json", config())
    write(chat + "generation_config.json", {"bos_token_id": 1, "eos_token_id": 2, "max_length": 32})
    write(chat + "model.safetensors", safetensors(weights))
    write(chat + "pytorch_model.bin", b"The same weights once more, as many repos have them. No default file set takes this one.\n")
    write(chat + "tokenizer.json", tokenizer())
    write(chat + "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>", "model_max_length": 128})
    tensors, adapter = lora(source)
    write("models/acme/tiny-chat-lora/README.md", "---\nlicense: apache-2.0\n---\n# tiny-chat-lora\n\nAn adapter for tiny-chat.\n")
    write("models/acme/tiny-chat-lora/adapter_config.json", adapter)
    write("models/acme/tiny-chat-lora/adapter_model.safetensors", safetensors(tensors))
    write("datasets/acme/faq/README.md", "---\nlicense: cc0-1.0\n---\n# faq\n\nQuestions with their answers.\n")
    write("datasets/acme/faq/faq.jsonl", "".join(json.dumps({"question": q, "answer": a}) + "\n" for q, a in FAQ))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
