"""The functions and callbacks of CTP's two APIs, and the record that each carries."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from attrs import frozen

from ctpscen.ctp.schema.tables import load_json

ApiKind = Literal["trader", "market"]

_PLAIN_RECORDS = {"OnFrontDisconnected": "FrontDisconnected", "OnHeartBeatWarning": "HeartBeatWarning"}


@frozen
class CallbackShape:
    """What a callback passes: a record (None for a bare event), an error, a request's number."""

    name: str
    record: str | None
    has_error: bool
    has_request: bool


@cache
def _data() -> Any:
    return load_json("api")


@cache
def requests(kind: ApiKind = "trader") -> Mapping[str, str]:
    """Every Req… function of an API with the record that it takes."""
    found: Mapping[str, str] = _data()[kind]["requests"]
    return found


@cache
def callbacks(kind: ApiKind = "trader") -> Mapping[str, CallbackShape]:
    """Every On… function of an API."""
    return {
        name: CallbackShape(
            name, shape.get("record", _PLAIN_RECORDS.get(name)), shape.get("error", False), shape.get("request", False)
        )
        for name, shape in _data()[kind]["callbacks"].items()
    }


@cache
def callback(name: str) -> CallbackShape | None:
    """The callback of that name in either API, or None."""
    return callbacks("trader").get(name) or callbacks("market").get(name)
