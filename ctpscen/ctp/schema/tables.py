"""Where the tables lie: `data/*.json` are generated from the binding, `data/*.csv` are kept by hand."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent.parent / "data"


def load_json(name: str) -> Any:
    return json.loads((_DATA / f"{name}.json").read_text(encoding="utf-8"))


def load_rows(name: str) -> list[dict[str, str]]:
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def normalise(word: str) -> str:
    """The form in which CTP's own words are compared: case and underscores do not matter."""
    return word.replace("_", "").lower()
