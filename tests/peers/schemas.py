"""The published JSON Schemas accept a project's files, and refuse a key that they do not know.

    python schemas.py docs/schema PROJECT
"""

import json
import sys
import tomllib
from pathlib import Path

from jsonschema import Draft202012Validator, ValidationError

schemas, project = map(Path, sys.argv[1:])
for name in ("models.toml", "models.lock"):
    validator = Draft202012Validator(json.loads((schemas / f"{name}.schema.json").read_text()))
    Draft202012Validator.check_schema(validator.schema)
    data = tomllib.loads((project / name).read_text())
    validator.validate(data)
    try:
        validator.validate({**data, "surprise": True})
    except ValidationError:
        continue
    raise SystemExit(f"{name}: an unknown key was accepted")
print("described")
