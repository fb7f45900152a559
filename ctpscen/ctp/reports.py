"""The kinds of report that a scenario can expect, and the callbacks that each stands for.

A kind is a row: the callbacks that it is read from, the records whose fields it has, and the words that every
report or every answer has besides (LANGUAGE 6).
"""

from collections.abc import Mapping

from attrs import frozen

from ctpscen.ctp.schema.api import callback, requests
from ctpscen.ctp.schema.records import Field, record


@frozen
class ReportKind:
    """`callbacks` are empty for the derived kinds, which the client makes of several (rejections).

    `words` are the fields that are the language's own, with their types. `is_call` says that it is no report, but a
    call of an API function; `of_program` that only a program under test has such reports.
    """

    name: str
    callbacks: tuple[str, ...]
    records: tuple[str, ...]
    is_answer: bool = False
    words: Mapping[str, str] = {}
    is_call: bool = False
    of_program: bool = False


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
    ReportKind("line", ("line",), (), words={"text": "text", "stream": "text"}, of_program=True),
    ReportKind("exit", ("exit",), (), words={"code": "number", "signal": "text"}, of_program=True),
    ReportKind("hazard", ("hazard",), (), words={"text": "text"}, of_program=True),
)

KINDS: Mapping[str, ReportKind] = {row.name: row for row in _ROWS}

# What every report has, and what every answer and rejection has besides; the values are types of the language.
REPORT_WORDS: Mapping[str, str] = {"time": "moment", "connection": "number", "replayed": "boolean", "api": "text"}
ANSWER_WORDS: Mapping[str, str] = {"code": "number", "message": "text"}


def kind_of_callback(name: str) -> ReportKind | None:
    """A kind of its own for any callback, by its CTP name; None where CTP has no such callback."""
    shape = callback(name)
    if shape is None:
        return None
    return ReportKind(name, (name,), (shape.record,) if shape.record else (), is_answer=shape.has_error)


# Functions besides Req… that a program's inbox shows under their names.
_OTHER_CALLS = (
    "SubscribeMarketData UnSubscribeMarketData SubscribeForQuoteRsp UnSubscribeForQuoteRsp SubscribePrivateTopic "
    "SubscribePublicTopic Release"
).split()


def calls() -> list[str]:
    """The names of the API functions whose calls a scenario can expect."""
    return [*dict.fromkeys([*requests("trader"), *requests("market"), *_OTHER_CALLS])]


def kind_of_call(name: str) -> ReportKind | None:
    """A kind of its own for the calls of an API function, by its CTP name; None where there is none to expect."""
    record_name = requests("trader").get(name) or requests("market").get(name)
    if record_name is None and name not in _OTHER_CALLS:
        return None
    words = {"return_code": "number", "request_id": "number"}
    return ReportKind(name, (name,), (record_name,) if record_name else (), words=words, is_call=True)


def find_kind(name: str) -> ReportKind | None:
    return KINDS.get(name) or kind_of_callback(name) or kind_of_call(name)


def find_field(kind: ReportKind, word: str) -> Field | None:
    """The field of a report of this kind that a scenario means by `word`."""
    for name in kind.records:
        if field := record(name).find(word):
            return field
    return None
