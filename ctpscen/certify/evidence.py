"""Evidence: what of a journal shows that a point is met, each piece with its time and connection, and whose it is.

What stands in it is chosen by the table of points: the calls and callbacks that a point is about, and the lines by
which the program shows it. Whoever the account is, it is masked before anything is written down.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import asdict, frozen

from ctpscen.certify.points import Point
from ctpscen.ctp.times import precise_text, to_moment
from ctpscen.live.care.masking import Masker
from ctpscen.report.program_events import program_words

Event = Mapping[str, Any]

MOST = 40
"""So many pieces a point has at most; of what is more, the middle is left out."""

_PRINCIPALS = ("InvestorID", "UserID", "AccountID")

# What a reviewer looks for in a request or a report, and what it is called; of the values those that have words.
_WORTH: Mapping[str, str] = {
    "AppID": "AppID",
    "TradingDay": "交易日",
    "SystemName": "柜台",
    "InstrumentID": "合约",
    "Direction": "方向",
    "CombOffsetFlag": "开平",
    "OffsetFlag": "开平",
    "LimitPrice": "价格",
    "Price": "成交价",
    "VolumeTotalOriginal": "数量",
    "Volume": "成交量",
    "VolumeTraded": "已成交",
    "OrderRef": "报单引用",
    "OrderSysID": "报单编号",
    "StatusMsg": "状态",
}
_VALUES: Mapping[str, Mapping[str, str]] = {
    "Direction": {"0": "买", "1": "卖"},
    "CombOffsetFlag": {"0": "开仓", "1": "平仓", "3": "平今", "4": "平昨"},
    "OffsetFlag": {"0": "开仓", "1": "平仓", "3": "平今", "4": "平昨"},
}


@frozen
class Piece:
    """One piece. `at` is the wall's clock, `trading_time` the venue's; `source` says in Chinese what kind it is."""

    at: str
    trading_time: str
    connection: int
    source: str
    text: str

    def kept(self) -> dict[str, Any]:
        return asdict(self)


def masked_account(account: str) -> str:
    """An account as it may be shown: its first and last two characters."""
    return f"{account[:2]}***{account[-2:]}" if len(account) > 4 else "***"


def account_of(events: Sequence[Event]) -> str:
    """The user with whom a program first logged in; '' where it did not."""
    for event in events:
        if event["event"] == "call" and event["name"] in ("ReqAuthenticate", "ReqUserLogin") and event["fields"]:
            return str(event["fields"].get("UserID", ""))
    return ""


def masker_of(events: Sequence[Event]) -> Masker:
    """Hides whose account it is, wherever the journal has it."""
    masker = Masker()
    for event in events:
        if event["event"] == "call" and event["fields"]:
            masker.add_ids(*(str(event["fields"].get(name, "")) for name in _PRINCIPALS))
    return masker


def evidence_of(
    point: Point, events: Sequence[Event], stamps: Sequence[float], shows: Mapping[str, str]
) -> Sequence[Piece]:
    """The pieces of a point, out of a whole journal; `stamps` are the wall's clock at each of its events.

    `shows` are the regular expressions of lines by their names in `[shows]`.
    """
    pattern = _pattern(point, events, shows)
    found: list[Piece] = []
    connection = 0
    for event, stamp in zip(events, stamps, strict=True):
        connection = max(connection, event.get("connection", 0))
        if (said := _said(event, point, pattern)) is not None:
            at = datetime.fromtimestamp(stamp).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
            day = to_moment(event["time"]).strftime("%Y-%m-%d")
            found.append(Piece(at, f"{day} {precise_text(event['time'])}", connection, *said))
    if len(found) > MOST:
        found[MOST // 2 : -MOST // 2] = []
    return found


def _pattern(point: Point, events: Sequence[Event], shows: Mapping[str, str]) -> re.Pattern[str]:
    """What a line looks like that is evidence of a point; the texts of refusals among it."""
    parts = [shows[name] for name in point.shows if shows.get(name)]
    parts += [re.escape(text) for text in _refusals(point, events)]
    return re.compile("|".join(f"(?:{part})" for part in dict.fromkeys(parts)) or r"(?!)")


def _refusals(point: Point, events: Sequence[Event]) -> Iterator[str]:
    for event in events:
        if event["event"] == "callback" and event["name"] in point.calls:
            error = event["error"] or {}
            if error.get("ErrorID"):
                yield error.get("ErrorMsg", "")
            fields = event["fields"] or {}
            if fields.get("OrderSubmitStatus") == "4":  # refused by the exchange
                yield fields.get("StatusMsg", "").partition(":")[2]


def _said(event: Event, point: Point, pattern: re.Pattern[str]) -> tuple[str, str] | None:
    """What kind of evidence an event is, and its words; None for one that is none."""
    match event["event"]:
        case "call" if event["name"] in point.calls:
            return "请求", f"{event['name']} {_words(event['fields'] or {})}".rstrip()
        case "callback" if event["name"] in point.calls:
            return "回报", " ".join(each for each in (event["name"], *_told(event)) if each)
        case "line" if pattern.search(event["text"]):
            return ("界面" if event["stream"] in ("out", "err") else f"日志 {event['stream']}"), event["text"]
        case "exit" if not event["killed"]:
            return "进程", program_words(event)
    return None


def _told(event: Event) -> Iterator[str]:
    """What a callback says: its fields, and the error, which stands there as 0 where all is well."""
    fields, error = event["fields"] or {}, event["error"]
    yield _words(fields)
    if event["name"] == "OnFrontDisconnected":
        yield f"原因 0x{fields.get('nReason', fields.get('reason', 0)):x}"
    if error is not None or event["name"].startswith("OnRsp"):
        found = error or {}
        yield f"错误码 {found.get('ErrorID', 0)} {found.get('ErrorMsg', '')}".rstrip()


def _words(fields: Mapping[str, Any]) -> str:
    found = []
    for name, called in _WORTH.items():
        value = fields.get(name)
        text = f"{value:g}" if isinstance(value, float) else str(value).strip()
        if value is not None and text:
            found.append(f"{called} {_VALUES.get(name, {}).get(text, text)}")
    return "　".join(found)
