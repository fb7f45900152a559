"""A report in a few words, for people."""

from collections.abc import Callable, Mapping
from typing import Any

from ctpscen.client.books.orders import Order
from ctpscen.client.books.reports import Report
from ctpscen.ctp.describe import describe_action, describe_callback, describe_input_order
from ctpscen.ctp.schema import constants


def describe_order(order: Order) -> str:
    """An order and how it stands."""
    fields = {name: order.value(name) for name in ("OrderRef", "InstrumentID", "Direction", "VolumeTotalOriginal")}
    fields["LimitPrice"] = order.value("LimitPrice")
    if order.refused or order.refused_by_exchange:
        state = "refused"
    elif order.status is None:
        state = "no report yet"
    else:
        state = constants.name_of("OrderStatus", order.status) or order.status
    return f"{describe_input_order(fields)}: {state}, {order.traded} traded"


def _exit(words: Mapping[str, Any]) -> str:
    return f"exit by {words['signal']}" if words["signal"] else f"exit with code {words['code']}"


# What only a program under test has.
_OWN: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "line": lambda words: f'line "{words["text"]}"' + (f" ({words['stream']})" if words["stream"] != "out" else ""),
    "exit": _exit,
    "hazard": lambda words: f"hazard: {words['text']}",
}


def describe(report: Report) -> str:
    """A report in a few words."""
    if report.name in _OWN:
        return _OWN[report.name](report.words or {})
    if report.name:
        return describe_callback(report.name, report.fields, report.error)
    shape = describe_input_order if report.refusal == "rejection" else describe_action
    return f"{report.refusal} by {report.source} {report.code} {shape(report.fields or {})} {report.message}".rstrip()
