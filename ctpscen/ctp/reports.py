"""The kinds of report that a scenario can expect, and the callbacks that each stands for.

A kind is a row: the callbacks that it is read from, the records whose fields it has, and the words that every
report or every answer has besides (LANGUAGE 6).
"""

from collections.abc import Mapping

from attrs import frozen

from ctpscen.ctp.schema.api import callback
from ctpscen.ctp.schema.records import Field, record


@frozen
class ReportKind:
    """`callbacks` are empty for the derived kinds, which the client makes of several (rejections)."""

    name: str
    callbacks: tuple[str, ...]
    records: tuple[str, ...]
    is_answer: bool = False


_ROWS = (
    ReportKind("order", ("OnRtnOrder",), ("Order",)),
    ReportKind("trade", ("OnRtnTrade",), ("Trade",)),
    ReportKind("rejection", (), ("Order", "InputOrder"), is_answer=True),
    ReportKind("cancel_rejection", (), ("OrderAction", "InputOrderAction"), is_answer=True),
    ReportKind("quote", ("OnRtnDepthMarketData",), ("DepthMarketData",)),
    ReportKind("connection", ("OnFrontConnected",), ()),
    ReportKind("disconnection", ("OnFrontDisconnected",), ("FrontDisconnected",)),
    ReportKind("heartbeat_warning", ("OnHeartBeatWarning",), ("HeartBeatWarning",)),
    ReportKind("login", ("OnRspUserLogin",), ("RspUserLogin",), is_answer=True),
    ReportKind("logout", ("OnRspUserLogout",), ("UserLogout",), is_answer=True),
    ReportKind("authentication", ("OnRspAuthenticate",), ("RspAuthenticate",), is_answer=True),
    ReportKind("confirmation", ("OnRspSettlementInfoConfirm",), ("SettlementInfoConfirm",), is_answer=True),
    ReportKind("phase", ("OnRtnInstrumentStatus",), ("InstrumentStatus",)),
    ReportKind("error", ("OnRspError",), (), is_answer=True),
)

KINDS: Mapping[str, ReportKind] = {row.name: row for row in _ROWS}

# What every report has, and what every answer and rejection has besides; the values are types of the language.
REPORT_WORDS: Mapping[str, str] = {"time": "moment", "connection": "number", "replayed": "boolean"}
ANSWER_WORDS: Mapping[str, str] = {"code": "number", "message": "text"}


def kind_of_callback(name: str) -> ReportKind | None:
    """A kind of its own for any callback, by its CTP name; None where CTP has no such callback."""
    shape = callback(name)
    if shape is None:
        return None
    return ReportKind(name, (name,), (shape.record,) if shape.record else (), is_answer=shape.has_error)


def find_kind(name: str) -> ReportKind | None:
    return KINDS.get(name) or kind_of_callback(name)


def find_field(kind: ReportKind, word: str) -> Field | None:
    """The field of a report of this kind that a scenario means by `word`."""
    for name in kind.records:
        if field := record(name).find(word):
            return field
    return None
