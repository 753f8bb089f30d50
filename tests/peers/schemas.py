"""The published JSON Schemas accept a project's files, and refuse a key that they do not know.

    python schemas.py docs/schema PROJECT
"""

import json
import sys
import tomllib
from pathlib import Path

from jsonschema import Draft202012Validator, ValidationError

schemas, project = map(Path, sys.argv[1:])
for name in ("models.toml", "models.lock", "models.audits.toml"):
    validator = Draft202012Validator(json.loads((schemas / f"{name}.schema.json").read_text()))
    Draft202012Validator.check_schema(validator.schema)
    file = project / name
    # A project without a decision has no file of decisions.
    data = tomllib.loads(file.read_text()) if file.exists() else {"version": 1}
    validator.validate(data)
    try:
        validator.validate({**data, "surprise": True})
    except ValidationError:
        continue
    raise SystemExit(f"{name}: an unknown key was accepted")
print("described")
