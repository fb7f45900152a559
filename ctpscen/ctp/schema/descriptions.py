"""The Chinese names of functions, records and fields, as the binding documents them."""

from functools import cache
from typing import Any

from ctpscen.ctp.schema.tables import load_json


@cache
def _data() -> Any:
    return load_json("descriptions")


def of_record(name: str) -> str:
    """The Chinese name of a record, empty where there is none."""
    found: str = _data()["records"].get(name, "")
    return found


def of_field(record: str, field: str) -> str:
    """The Chinese name of a record's field, empty where there is none."""
    data = _data()
    found: str = data["own"].get(record, {}).get(field) or data["fields"].get(field, "")
    return found


def of_function(name: str) -> str:
    """The Chinese name of a request or callback; `OnFrontDisconnected.nReason` is a plain integer that one passes."""
    found: str = _data()["functions"].get(name, "")
    return found
