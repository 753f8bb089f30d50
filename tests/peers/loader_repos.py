"""Makes small repos with the formats and names of much-used ones, by the libraries that read them.

    python loader_repos.py DIR

Writes DIR/models/ORG/NAME/** and DIR/datasets/ORG/NAME/**, as the test Hub serves them.
"""

import gzip
import io
import json
import pickle
import sys
import tarfile
from pathlib import Path

import gguf
import numpy as np
import onnx
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image
from safetensors.numpy import save
from tokenizers import Tokenizer, models, pre_tokenizers

ROOT = Path(sys.argv[1])


def write(path, data):
    path = ROOT / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def dump(path, data):
    write(path, json.dumps(data))


def tensors(*names):
    return save({name: np.full((2, 2), float(len(name)), dtype="float32") for name in names})


def tokenizer(folder):
    made = Tokenizer(models.WordLevel({"[UNK]": 0, "hello": 1, "world": 2}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    write(f"{folder}/tokenizer.json", made.to_str())
    dump(f"{folder}/tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "[UNK]"})


def llama(folder):
    size = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": 3}
    dump(f"{folder}/config.json", {"model_type": "llama", "architectures": ["LlamaForCausalLM"], **size})
    dump(f"{folder}/generation_config.json", {"do_sample": False, "max_length": 4})
    tokenizer(folder)
    shards = {"a.weight": "model-00001-of-00002.safetensors", "bb.weight": "model-00002-of-00002.safetensors"}
    for name, file in shards.items():
        write(f"{folder}/{file}", tensors(name))
    dump(f"{folder}/model.safetensors.index.json", {"metadata": {"total_size": 32}, "weight_map": shards})
    write(f"{folder}/original/consolidated.00.pth", pickle.dumps({"a": [1.0]}))
    dump(f"{folder}/original/params.json", {"dim": 8})


def diffusion(folder):
    parts = {
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "PreTrainedTokenizerFast"],
        "scheduler": ["diffusers", "DDIMScheduler"],
    }
    dump(f"{folder}/model_index.json", {"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.30.0", **parts})
    for part in ("unet", "vae"):
        dump(f"{folder}/{part}/config.json", {"_class_name": parts[part][1], "sample_size": 8})
        for variant in ("", ".fp16"):
            write(f"{folder}/{part}/diffusion_pytorch_model{variant}.safetensors", tensors("a"))
    dump(f"{folder}/text_encoder/config.json", {"model_type": "clip_text_model", "hidden_size": 8})
    write(f"{folder}/text_encoder/model.safetensors", tensors("a"))
    write(f"{folder}/text_encoder/model.fp16.safetensors", tensors("a"))
    tokenizer(f"{folder}/tokenizer")
    dump(f"{folder}/scheduler/scheduler_config.json", {"_class_name": "DDIMScheduler", "num_train_timesteps": 7})
    write(f"{folder}/sd_xl_base.safetensors", tensors("single"))


def embedding(folder):
    dump(f"{folder}/config.json", {"model_type": "bert", "hidden_size": 8})
    tokenizer(folder)
    names = ("Transformer", "Pooling", "Normalize")
    modules = [
        {"idx": at, "name": str(at), "path": f"{at}_{name}" if at else "", "type": f"sentence_transformers.models.{name}"}
        for at, name in enumerate(names)
    ]
    dump(f"{folder}/modules.json", modules)
    dump(f"{folder}/config_sentence_transformers.json", {"__version__": {"sentence_transformers": "3.0.0"}})
    dump(f"{folder}/sentence_bert_config.json", {"max_seq_length": 16, "do_lower_case": False})
    dump(f"{folder}/1_Pooling/config.json", {"word_embedding_dimension": 8, "pooling_mode_mean_tokens": True})
    write(f"{folder}/model.safetensors", tensors("embeddings.weight"))
    write(f"{folder}/pytorch_model.bin", pickle.dumps({"embeddings.weight": [1.0]}))
    write(f"{folder}/onnx/model.onnx", graph())


def graph():
    value = onnx.helper.make_tensor_value_info
    node = onnx.helper.make_node("Identity", ["x"], ["y"])
    made = onnx.helper.make_graph([node], "g", [value("x", 1, [1])], [value("y", 1, [1])])
    return onnx.helper.make_model(made).SerializeToString()


def quants(folder):
    for quant in ("Q4_K_M", "Q8_0"):
        path = ROOT / folder / f"chat-{quant}.gguf"
        path.parent.mkdir(parents=True, exist_ok=True)
        writer = gguf.GGUFWriter(path, "llama")
        writer.add_name(quant)
        writer.add_block_count(1)
        writer.add_tensor("token_embd.weight", np.ones((2, 32), dtype="float32"))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


def speech(folder):
    dump(f"{folder}/config.json", {"model_type": "whisper", "d_model": 8})
    dump(f"{folder}/preprocessor_config.json", {"feature_extractor_type": "WhisperFeatureExtractor", "feature_size": 80})
    write(f"{folder}/model.safetensors", tensors("a"))


def parquet(*rows):
    made = io.BytesIO()
    pq.write_table(pa.table({"text": pa.array(rows, pa.string())}), made)
    return made.getvalue()


def image(color):
    made = io.BytesIO()
    Image.new("RGB", (4, 4), color).save(made, "PNG")
    return made.getvalue()


def configured(folder):
    card = "---\nconfigs:\n"
    for name in ("wikitext-2-raw-v1", "wikitext-103-raw-v1"):
        card += f"- config_name: {name}\n  data_files:\n"
        for split in ("test", "train"):
            card += f"  - split: {split}\n    path: {name}/{split}-*\n"
            write(f"{folder}/{name}/{split}-00000-of-00001.parquet", parquet(f"{name} {split}"))
    write(f"{folder}/README.md", card + "---\n")


def scripted(folder):
    write(f"{folder}/data.txt", "row\n")
    code = '''import datasets


class Scripted(datasets.GeneratorBasedBuilder):
    BUILDER_CONFIGS = [datasets.BuilderConfig(name="one"), datasets.BuilderConfig(name="two")]

    def _info(self):
        return datasets.DatasetInfo(features=datasets.Features({"text": datasets.Value("string")}))

    def _split_generators(self, loader):
        path = loader.download("data.txt")
        return [datasets.SplitGenerator(name="train", gen_kwargs={"path": path})]

    def _generate_examples(self, path):
        for at, line in enumerate(open(path)):
            yield at, {"text": f"{self.config.name} {line.strip()}"}
'''
    write(f"{folder}/scripted.py", code)


def archive(folder):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for key in ("000", "001"):
            for suffix, data in (("json", json.dumps({"key": key}).encode()), ("png", image("red"))):
                member = tarfile.TarInfo(f"{key}.{suffix}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    write(f"{folder}/train-0000.tar", made.getvalue())


llama("models/meta/tiny-llama")
diffusion("models/stability/tiny-xl")
embedding("models/sbert/tiny-embed")
quants("models/bloke/tiny-gguf")
speech("models/speech/tiny-whisper")
write("models/onnxed/tiny-onnx/onnx/model.onnx", graph())
dump("models/onnxed/tiny-onnx/config.json", {"model_type": "bert"})
dump("models/openai-community/gpt2/config.json", {"model_type": "gpt2", "n_layer": 1, "n_head": 1, "n_embd": 4})
tokenizer("models/openai-community/gpt2")
write("models/openai-community/gpt2/model.safetensors", tensors("wte.weight"))
write("models/openai-community/gpt2/.also-called", "gpt2\n")
configured("datasets/acme/wikitext")
scripted("datasets/acme/scripted")
archive("datasets/acme/web")
for at, label in enumerate(("cat", "dog")):
    write(f"datasets/acme/images/train/{label}/{at}.png", image("red"))
write("datasets/acme/lines/data.jsonl.gz", gzip.compress(b'{"text": "zipped"}\n', mtime=0))
write("datasets/_/squad/train-00000-of-00001.parquet", parquet("bare train"))
for part, split in (("cola", "train"), ("mnli", "train"), ("mnli", "test_matched"), ("mnli", "test_mismatched")):
    write(f"converted/{part}/{split}/0000.parquet", parquet(f"{part} {split}"))
print("made")
