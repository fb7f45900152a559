"""What a version of CTP declares, as the file from which the stand-in makes its modules (`stand_in/binding.py`)."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from ctpscen.ctp.schema.constants import full_names
from ctpscen.ctp.schema.methods import Interface, Method
from ctpscen.ctp.schema.versions import DEFAULT, tables

_BINDING = f"{DEFAULT}.0"


@cache
def interface() -> str:
    """The text of that file, for the version of the binding that sessions use."""
    found = tables(DEFAULT)
    return json.dumps(
        {
            "binding": _BINDING,
            "version": found.api_version,
            "constants": full_names(),
            "records": {
                name: [[each.name, each.storage, each.type] for each in found.record(name).fields.values()]
                for name in sorted(found.record_names)
            },
            "trader": _api(found.trader, 2),
            "market": _api(found.market, 4),
        }
    )


def _api(of: Interface, create: int) -> dict[str, Any]:
    """The functions and callbacks of an API; `create` is how many arguments its Create… takes."""
    return {"create": create, "functions": _methods(of.functions), "callbacks": _methods(of.callbacks)}


def _methods(of: Sequence[Method]) -> list[Any]:
    return [
        [each.name, [[given.kind, given.name, given.record] for given in each.arguments], each.result] for each in of
    ]
