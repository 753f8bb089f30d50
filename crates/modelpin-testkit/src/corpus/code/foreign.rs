//! Honest modules that act on the machine: for a person to look at.

/// Name, path, the rule that fires, rules that it comes close to, source: honest, and for a person to look at.
pub(super) const FOREIGN: &[(&str, &str, &str, &[&str], &str)] = &[
    (
        "foreign-handler",
        "handler.py",
        "code-on-call",
        &["code-on-import", "code-secrets"],
        r#"
import base64
from io import BytesIO
from typing import Any, Dict
import requests
from PIL import Image
from transformers import pipeline


class EndpointHandler:
    def __init__(self, path=""):
        self.pipe = pipeline("image-classification", model=path)

    def __call__(self, data: Dict[str, Any]):
        if data["inputs"].startswith("http"):
            image = Image.open(requests.get(data["inputs"], stream=True).raw)
        else:
            image = Image.open(BytesIO(base64.b64decode(data["inputs"])))
        return self.pipe(image)
"#,
    ),
    (
        "foreign-training",
        "train.py",
        "code-on-call",
        &["code-on-import"],
        r#"
import argparse
import os
import torch
from transformers import Trainer, TrainingArguments


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out")
    args = parser.parse_args()
    os.makedirs("checkpoints", exist_ok=True)
    model = torch.load("start.pt")
    Trainer(model=model, args=TrainingArguments(args.out)).train()
    torch.save(model.state_dict(), "checkpoints/last.pt")


if __name__ == "__main__":
    main()
"#,
    ),
    (
        "foreign-library",
        "modeling_x.py",
        "code-foreign-import",
        &["code-on-import"],
        "import acme_kernels\nimport torch\n",
    ),
    ("foreign-typosquat", "modeling_x.py", "code-foreign-import", &["code-on-import"], "import reqeusts\n"),
    (
        "foreign-dtype",
        "modeling_x.py",
        "code-computed-name",
        &["code-on-import", "code-on-call"],
        "import torch\ndef f(config):\n    return getattr(torch, config.dtype)\n",
    ),
    (
        "foreign-tower",
        "modeling_x.py",
        "code-fetches-model",
        &["code-on-import"],
        "from transformers import CLIPVisionModel\nclass M:\n    def __init__(self):\n        self.tower = CLIPVisionModel.from_pretrained('openai/clip-vit-large-patch14')\n",
    ),
    (
        "foreign-patch",
        "modeling_x.py",
        "code-patches-library",
        &["code-hooks-python"],
        "import transformers\ndef forward(self, x):\n    return x\ntransformers.models.llama.modeling_llama.LlamaAttention.forward = forward\n",
    ),
    (
        "foreign-search-path",
        "handler.py",
        "code-search-path",
        &["code-hooks-python", "code-on-import"],
        "import os\nimport sys\nsys.path.append(os.path.dirname(__file__))\n",
    ),
    (
        "foreign-reduce",
        "modeling_x.py",
        "code-reduce",
        &["code-on-import"],
        "class A:\n    def __reduce__(self):\n        return (A, ())\n",
    ),
    (
        "foreign-powerful-star",
        "utils.py",
        "code-star-import",
        &["code-on-import"],
        "from os import *\nfrom os.path import join\nX = join('a', 'b')\n",
    ),
];
