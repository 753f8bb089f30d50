"""The environment variables in the sources of libraries that lead to files, secrets or other places.

    python variables.py PLACE…

Each PLACE is a folder of sources or a wheel. Prints a line for each variable: its name, and the first file that has it.
"""

import re
import sys
import zipfile
from pathlib import Path

WORDS = "CACHE|TOKEN|HOME|ENDPOINT|OFFLINE|MIRROR|MODULES?|STAGING|TRUST|ZOO|HUB|KERNELS|OIDC|REPO|PATH|DIR"
PREFIXES = "HF|HUGGING_?FACE|TRANSFORMERS|PYTORCH|TORCH|DIFFUSERS|DATASETS|EVALUATE|SENTENCE|PEFT|TIMM|OPEN_?CLIP|KERNELS|XDG"
# Read from the environment by whatever way, or a text that is called like a variable of these libraries.
READ = re.compile(r"""(?:environ\w*(?:\.get|\.setdefault|\.pop)?|getenv|_env\w*)\s*[\[(]\s*\[?\s*f?["']([A-Z][A-Z0-9_]+)["']""")
NAMED = re.compile(rf"""["']((?:{PREFIXES})_[A-Z0-9_]+)["']""")
LEADS = re.compile(rf"(?:^|_)(?:{WORDS})(?:_|$)")


def sources(place):
    if place.is_dir():
        for path in sorted(place.rglob("*.py")):
            yield str(path), path.read_text(errors="replace")
    else:
        with zipfile.ZipFile(place) as wheel:
            for name in wheel.namelist():
                if name.endswith(".py"):
                    yield f"{place.name}/{name}", wheel.read(name).decode(errors="replace")


found = {}
for place in map(Path, sys.argv[1:]):
    for path, text in sources(place):
        for pattern in (READ, NAMED):
            for name in pattern.findall(text):
                if LEADS.search(name):
                    found.setdefault(name, path)
for name, path in sorted(found.items()):
    print(name, path)
