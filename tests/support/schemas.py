"""The schemas of what is written for other programs."""

import json

from jsonschema import Draft202012Validator

from support import ROOT


def validator(name: str) -> Draft202012Validator:
    """What checks a document against one of docs/schemas."""
    schema = json.loads((ROOT / "docs" / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
