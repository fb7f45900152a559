"""The functions and callbacks of CTP's two APIs, and the record that each carries."""

from collections.abc import Mapping
from functools import cache
from typing import Literal

from attrs import frozen

from ctpscen.ctp.schema.methods import Interface
from ctpscen.ctp.schema.versions import tables

ApiKind = Literal["trader", "market"]

_PLAIN_RECORDS = {"OnFrontDisconnected": "FrontDisconnected", "OnHeartBeatWarning": "HeartBeatWarning"}


SUBSCRIPTIONS: Mapping[str, str] = dict.fromkeys(
    ("SubscribeForQuoteRsp", "UnSubscribeForQuoteRsp"), "SpecificInstrument"
)
"""Functions of the market API that a scenario calls like requests, with the record of what they are about."""


@frozen
class CallbackShape:
    """What a callback passes: a record (None for a bare event), an error, a request's number."""

    name: str
    record: str | None
    has_error: bool
    has_request: bool


def _interface(kind: ApiKind) -> Interface:
    return tables().trader if kind == "trader" else tables().market


@cache
def requests(kind: ApiKind = "trader") -> Mapping[str, str]:
    """Every Req… function of an API with the record that it takes."""
    methods = _interface(kind).functions
    return {method.name: method.record for method in methods if method.name.startswith("Req") and method.record}


@cache
def callbacks(kind: ApiKind = "trader") -> Mapping[str, CallbackShape]:
    """Every On… function of an API."""
    return {
        method.name: CallbackShape(
            method.name, method.record or _PLAIN_RECORDS.get(method.name), method.has_error, method.has_request
        )
        for method in _interface(kind).callbacks
    }


@cache
def callback(name: str) -> CallbackShape | None:
    """The callback of that name in either API, or None."""
    return callbacks("trader").get(name) or callbacks("market").get(name)
