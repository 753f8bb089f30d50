//! Honest modules, as model repositories hold them.

/// Name, path, rules that it comes close to, source: nothing to say about it.
pub(super) const SAFE: &[(&str, &str, &[&str], &str)] = &[
    (
        "honest-modeling",
        "modeling_acme.py",
        &["code-on-import", "code-on-call", "code-internals", "code-unresolved-call"],
        r#"
"""PyTorch Acme model. Do not call os.system or eval(x) here."""
import math
from typing import Optional, Tuple, Union

import torch
import torch.nn.functional as F
from torch import nn
from transformers import PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast
from transformers.utils import is_flash_attn_2_available, logging

from .configuration_acme import AcmeConfig

if is_flash_attn_2_available():
    from flash_attn import flash_attn_func

logger = logging.get_logger(__name__)
_CHECKPOINT_FOR_DOC = "acme/acme-7b"
torch.backends.cuda.matmul.allow_tf32 = True


class AcmeRMSNorm(nn.Module):
    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        return self.weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)


class AcmePreTrainedModel(PreTrainedModel):
    config_class = AcmeConfig
    base_model_prefix = "model"
    _no_split_modules = ["AcmeLayer"]

    def _init_weights(self, module):
        if isinstance(module, nn.Linear):
            module.weight.data.normal_(mean=0.0, std=self.config.initializer_range)
        logger.warning_once(f"{self.__class__.__name__} in {module.__dict__}")


class AcmeForCausalLM(AcmePreTrainedModel):
    def __init__(self, config: AcmeConfig):
        super().__init__(config)
        self.layers = nn.ModuleList([nn.Linear(config.hidden_size, config.hidden_size) for _ in range(config.layers)])
        self.norm = AcmeRMSNorm(config.hidden_size)
        self.post_init()

    @torch.no_grad()
    def forward(self, x: torch.Tensor, labels: Optional[torch.Tensor] = None) -> Union[Tuple, CausalLMOutputWithPast]:
        self.eval()
        for layer in self.layers:
            x = layer(x)
        scores = torch.einsum("bhid,bhjd->bhij", x, x) / math.sqrt(x.shape[-1])
        return CausalLMOutputWithPast(logits=F.softmax(scores, dim=-1))
"#,
    ),
    (
        "honest-configuration",
        "configuration_acme.py",
        &["code-on-call", "code-environment"],
        r#"
from transformers.configuration_utils import PretrainedConfig
from transformers.utils import logging

logger = logging.get_logger(__name__)


class AcmeConfig(PretrainedConfig):
    model_type = "acme"
    keys_to_ignore_at_inference = ["past_key_values"]

    def __init__(self, vocab_size=32000, hidden_size=4096, rope_scaling=None, **kwargs):
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.rope_scaling = rope_scaling
        super().__init__(**kwargs)
"#,
    ),
    (
        "honest-tokenization",
        "tokenization_acme.py",
        &["code-on-call", "code-reduce"],
        r#"
import json
import os
from shutil import copyfile
from typing import Any, Dict, Optional

import regex as re
import sentencepiece as spm
from transformers.tokenization_utils import AddedToken, PreTrainedTokenizer

VOCAB_FILES_NAMES = {"vocab_file": "tokenizer.model"}


class AcmeTokenizer(PreTrainedTokenizer):
    vocab_files_names = VOCAB_FILES_NAMES

    def __init__(self, vocab_file, sp_model_kwargs: Optional[Dict[str, Any]] = None, **kwargs):
        self.vocab_file = vocab_file
        self.sp_model = spm.SentencePieceProcessor()
        self.sp_model.Load(vocab_file)
        with open(vocab_file, encoding="utf-8") as handle:
            self.encoder = json.load(handle)
        self.pat = re.compile(r"'s|'t| ?\p{L}+")
        super().__init__(**kwargs)

    def __getstate__(self):
        state = self.__dict__.copy()
        state["sp_model"] = None
        return state

    def save_vocabulary(self, save_directory, filename_prefix=None):
        if not os.path.isdir(save_directory):
            return
        out = os.path.join(save_directory, (filename_prefix or "") + VOCAB_FILES_NAMES["vocab_file"])
        if os.path.abspath(self.vocab_file) != os.path.abspath(out):
            copyfile(self.vocab_file, out)
        with open(out, "w", encoding="utf-8") as f:
            f.write(json.dumps(self.encoder, ensure_ascii=False))
        return (out,)
"#,
    ),
    (
        "honest-processing",
        "processing_acme.py",
        &["code-on-call"],
        r#"
from typing import List, Union
import numpy as np
from PIL import Image
from transformers.feature_extraction_utils import BatchFeature
from transformers.processing_utils import ProcessorMixin


class AcmeProcessor(ProcessorMixin):
    attributes = ["image_processor", "tokenizer"]

    def __call__(self, text: Union[str, List[str]], images=None, **kwargs) -> BatchFeature:
        pixels = np.stack([np.asarray(image.convert("RGB").resize((224, 224), Image.BICUBIC)) for image in images])
        return BatchFeature({"pixel_values": pixels.transpose(0, 3, 1, 2), **self.tokenizer(text)})
"#,
    ),
    (
        "honest-pipeline",
        "pipeline.py",
        &["code-fetches-model", "code-on-import"],
        r#"
import inspect
from dataclasses import dataclass
import torch
from diffusers import DiffusionPipeline


@dataclass
class Output:
    images: list


class AcmePipeline(DiffusionPipeline):
    def __init__(self, unet, scheduler):
        super().__init__()
        self.register_modules(unet=unet, scheduler=scheduler)

    @classmethod
    def from_pretrained(cls, path, **kwargs):
        return super().from_pretrained(path, **kwargs)

    @torch.no_grad()
    def __call__(self, steps=50):
        accepts = "eta" in set(inspect.signature(self.scheduler.step).parameters.keys())
        return Output(images=[torch.randn(1) for _ in range(steps if accepts else 1)])
"#,
    ),
    (
        "honest-eval-names",
        "evaluate.py",
        &["code-on-import", "code-on-call"],
        r#"
import re
import torch


def eval(model, loader):
    model.eval()
    return [model(x) for x in loader]


class Runner:
    def exec(self, plan):
        return plan

    def system(self, prompt):
        return self.exec(prompt)

    def compile(self):
        return torch.compile(self.model, mode="reduce-overhead")


PATTERN = re.compile(r"os\.system\(.*\)")
"#,
    ),
    (
        "honest-find-spec",
        "modeling_x.py",
        &["code-on-import", "code-on-call"],
        r#"
import importlib.metadata
import importlib.util
import warnings

if importlib.util.find_spec("flash_attn") is not None:
    VERSION = importlib.metadata.version("flash_attn")
else:
    warnings.warn("no flash_attn")
"#,
    ),
    (
        "honest-literal-import",
        "modeling_x.py",
        &["code-on-import", "code-foreign-import"],
        r#"
import importlib
triton = importlib.import_module("triton")
np = __import__("numpy")
"#,
    ),
    (
        "honest-environment",
        "modeling_x.py",
        &["code-on-import", "code-on-call", "code-secrets"],
        r#"
import os
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ.setdefault("CUDA_LAUNCH_BLOCKING", "0")
DEBUG = os.environ.get("ACME_DEBUG", "0") == "1"
RANK = int(os.getenv("LOCAL_RANK", 0))
TOKEN = os.environ.get("HF_TOKEN")
"#,
    ),
    (
        "honest-weights-only",
        "modeling_x.py",
        &["code-on-import", "code-on-call"],
        r#"
import numpy as np
import torch
import yaml


def load(path):
    weights = torch.load(path, map_location="cpu", weights_only=True)
    return weights, np.load(path), np.load(path, allow_pickle=False), yaml.safe_load(open(path)), yaml.load(open(path), Loader=yaml.SafeLoader)
"#,
    ),
    (
        "honest-type-checking",
        "modeling_x.py",
        &["code-foreign-import", "code-star-import"],
        r#"
from __future__ import annotations
from typing import TYPE_CHECKING
from math import *

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def f(model: PreTrainedModel) -> float:
    return sqrt(pi)
"#,
    ),
    (
        "honest-custom-ops",
        "modeling_x.py",
        &["code-on-import", "code-on-call", "code-computed-name"],
        r#"
import torch
import triton
import triton.language as tl


@triton.jit
def kernel(x_ptr, n, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(x_ptr + offsets, tl.load(x_ptr + offsets, mask=offsets < n), mask=offsets < n)


def norm(x):
    return torch.ops.aten.native_layer_norm(x, [x.shape[-1]], None, None, 1e-5)[0]


ACTIVATIONS = {"gelu": torch.nn.functional.gelu, "silu": getattr(torch.nn.functional, "silu")}
"#,
    ),
    (
        "honest-autograd",
        "modeling_x.py",
        &["code-internals"],
        r#"
import torch


class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return grad * (s + x * s * (1 - s))


def names(f):
    return f.__code__.co_varnames[: f.__code__.co_argcount], f.__class__.__mro__
"#,
    ),
    (
        "honest-package",
        "acme/__init__.py",
        &["code-patches-library", "code-on-import"],
        r#"
from .configuration_acme import AcmeConfig
from .modeling_acme import AcmeForCausalLM
from . import utils

__all__ = ["AcmeConfig", "AcmeForCausalLM"]
__version__ = "1.0.0"
"#,
    ),
    (
        "honest-registers",
        "modeling_x.py",
        &["code-patches-library"],
        r#"
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel


class AcmeConfig(PretrainedConfig):
    model_type = "acme"


class AcmeModel(PreTrainedModel):
    config_class = AcmeConfig


AutoConfig.register("acme", AcmeConfig)
AutoModel.register(AcmeConfig, AcmeModel)
AcmeConfig.register_for_auto_class()
"#,
    ),
    (
        "honest-greek",
        "modeling_x.py",
        &["code-hidden", "hidden-characters"],
        "α = 0.5\nσ_t = 1.0\nimię = 'żółć'\nétat = 'שלום'\n",
    ),
    (
        "honest-latin-1",
        "modeling_x.py",
        &["code-encoding", "code-unparsable"],
        "# -*- coding: latin-1 -*-\n# caf\\xe9\nX = 1\n",
    ),
    (
        "honest-vim-cookie",
        "modeling_x.py",
        &["code-encoding"],
        "#!/usr/bin/env python\n# vim: set fileencoding=utf-8 :\nX = 1\n",
    ),
    (
        "honest-aligned",
        "modeling_x.py",
        &["code-hidden"],
        "X = {\n    'a':                                        1,                     # far\n    'b': 2,                                                                                                                                    # comment\n}\n",
    ),
    (
        "honest-hashing",
        "modeling_x.py",
        &["code-on-import"],
        "import hashlib\nimport uuid\nimport random\nID = hashlib.sha256(b'x').hexdigest()\nrandom.seed(0)\n",
    ),
    (
        "honest-rotary-cache",
        "modeling_x.py",
        &["code-computed-name"],
        r#"
import torch
from functools import lru_cache, partial


@lru_cache(maxsize=8)
def angles(n, dim, dtype=torch.float32):
    freqs = 1.0 / 10000 ** (torch.arange(0, dim, 2, dtype=dtype) / dim)
    return torch.outer(torch.arange(n), freqs)


norm = partial(torch.nn.LayerNorm, eps=1e-6)
TABLE = [[j * 2 for j in range(4)] for i in range(4)]
"#,
    ),
];
