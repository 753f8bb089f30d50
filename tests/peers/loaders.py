"""The field's loaders read what the default set took, offline. Run it by `modelpin exec`.

    modelpin exec -- python loaders.py TARGET

TARGET is the project's target. Every repo is asked for by its name on the Hub, as a program does. Prints a line for each
family, and fails where one of them misses a file.
"""

import json
import sys
from pathlib import Path

import gguf
import onnx
from diffusers import ConfigMixin
from huggingface_hub import hf_hub_download, snapshot_download
from safetensors.numpy import load_file
from transformers import AutoConfig, AutoFeatureExtractor, AutoTokenizer, GenerationConfig, PreTrainedTokenizerFast
from transformers.utils import cached_file


def files(folder):
    return {path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file()}


def says_hello(tokenizer):
    assert tokenizer("hello world")["input_ids"] == [1, 2], tokenizer


class PipelineConfig(ConfigMixin):
    """How a pipeline's own class reads its configuration; the class itself needs torch."""

    config_name = "model_index.json"


class SchedulerConfig(ConfigMixin):
    """How a scheduler's own class reads its configuration."""

    config_name = "scheduler_config.json"


def llama():
    name = "meta/tiny-llama"
    assert AutoConfig.from_pretrained(name).hidden_size == 8
    assert GenerationConfig.from_pretrained(name).max_length == 4
    says_hello(AutoTokenizer.from_pretrained(name))
    index = json.loads(Path(cached_file(name, "model.safetensors.index.json")).read_text())
    for tensor, file in index["weight_map"].items():
        assert load_file(cached_file(name, file))[tensor].shape == (2, 2)
    assert not any(path.startswith("original/") for path in files(snapshot_download(name)))


def diffusion():
    """Which files a pipeline reads: `load_sub_model` in diffusers 0.42 pipelines/pipeline_loading_utils.py."""
    name = "stability/tiny-xl"
    parts = PipelineConfig.load_config(name)
    folder = snapshot_download(name)
    there = files(folder)
    weights = {"unet": "diffusion_pytorch_model", "vae": "diffusion_pytorch_model", "text_encoder": "model"}
    for part in [part for part, of in parts.items() if isinstance(of, (list, tuple))]:
        assert any(path.startswith(f"{part}/") for path in there), part
        if part in weights:
            load_file(f"{folder}/{part}/{weights[part]}.safetensors")
    assert SchedulerConfig.load_config(name, subfolder="scheduler")["num_train_timesteps"] == 7
    says_hello(PreTrainedTokenizerFast.from_pretrained(f"{folder}/tokenizer"))
    assert not any("fp16" in path or path.startswith("sd_xl") for path in there), there


def embedding():
    """The files that sentence-transformers 6.2 asks for, without torch: base/model.py (modules.json), base/modules/module.py
    (`load_config`, `load_torch_weights`) and base/modules/transformer.py (sentence_bert_config.json)."""
    name = "sbert/tiny-embed"
    modules = json.loads(Path(hf_hub_download(name, "modules.json")).read_text())
    assert [module["path"] for module in modules] == ["", "1_Pooling", "2_Normalize"]
    for file in ("config_sentence_transformers.json", "sentence_bert_config.json", "1_Pooling/config.json"):
        json.loads(Path(hf_hub_download(name, file)).read_text())
    assert AutoConfig.from_pretrained(name).hidden_size == 8
    says_hello(AutoTokenizer.from_pretrained(name))
    load_file(hf_hub_download(name, "model.safetensors"))
    assert not {"pytorch_model.bin", "onnx/model.onnx"} & files(snapshot_download(name))


def quant():
    folder = snapshot_download("bloke/tiny-gguf")
    assert files(folder) == {"chat-Q4_K_M.gguf"}, files(folder)
    reader = gguf.GGUFReader(f"{folder}/chat-Q4_K_M.gguf")
    assert reader.get_field("general.name").contents() == "Q4_K_M"
    assert [tensor.name for tensor in reader.tensors] == ["token_embd.weight"]


def speech():
    assert AutoFeatureExtractor.from_pretrained("speech/tiny-whisper").feature_size == 80
    load_file(hf_hub_download("speech/tiny-whisper", "model.safetensors"))


def graph():
    onnx.checker.check_model(hf_hub_download("onnxed/tiny-onnx", "onnx/model.onnx"))


def bare():
    """By the name that old programs have."""
    assert AutoConfig.from_pretrained("gpt2").n_embd == 4
    says_hello(AutoTokenizer.from_pretrained("gpt2"))
    assert (Path(sys.argv[1]) / "models--gpt2").is_dir()


for family in (llama, diffusion, embedding, quant, speech, graph, bare):
    family()
    print(family.__name__)
