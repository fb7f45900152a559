"""Recorded market data: a CSV whose header names fields of OnRtnDepthMarketData, one row a quote.

InstrumentID and UpdateTime are needed, UpdateMillisec is read if it is there. LastPrice and the first level of the
book (BidPrice1, BidVolume1, AskPrice1, AskVolume1) move the market; further columns may be there and change nothing.
"""

import csv
from collections.abc import Mapping, Sequence

from attrs import frozen

from ctpscen.ctp.codes import has_value
from ctpscen.ctp.schema.records import record
from ctpscen.ctp.times import HOUR, MILLISECOND, MINUTE, SECOND

NEEDED = ("InstrumentID", "UpdateTime")
PRICES = ("LastPrice", "BidPrice1", "AskPrice1")
VOLUMES = ("BidVolume1", "AskVolume1")


@frozen
class Tick:
    """One quote. `time` is the time of day in microseconds; a price or a volume that the row has not is left out.

    `place` is the file and the line that it stands on.
    """

    place: str
    time: int
    instrument: str
    values: Mapping[str, float]


def read_ticks(text: str, name: str) -> Sequence[Tick]:
    """The quotes of a file, in its order; the night's come before the day's.

    Raises ValueError that names the file, the line and what is wrong there.
    """
    rows = csv.reader(text.splitlines(), strict=True)
    try:
        header = [column.strip() for column in next(rows, [])]
    except csv.Error as reason:
        raise ValueError(f"{name}:1: {reason}") from None
    _check_header(header, name)
    try:
        ticks = [_tick(header, cells, f"{name}:{rows.line_num}") for cells in rows if cells]
    except (ValueError, csv.Error) as reason:
        raise ValueError(f"{name}:{rows.line_num}: {reason}") from None
    if not ticks:
        raise ValueError(f"{name}: there is no row below the header")
    return ticks


def _check_header(header: Sequence[str], name: str) -> None:
    known = record("DepthMarketData").fields
    for column in header:
        if column not in known:
            raise ValueError(f"{name}:1: OnRtnDepthMarketData has no field `{column}`")
    for column in NEEDED:
        if column not in header:
            raise ValueError(f"{name}:1: there is no column {column}")


def _tick(header: Sequence[str], cells: Sequence[str], place: str) -> Tick:
    if len(cells) != len(header):
        raise ValueError(f"{len(cells)} cells, and the header has {len(header)}")
    row = dict(zip(header, cells, strict=True))
    instrument = row["InstrumentID"].strip()
    if not instrument:
        raise ValueError("InstrumentID is empty")
    time = (
        _time(row["UpdateTime"].strip()) + int(_number("UpdateMillisec", row.get("UpdateMillisec", ""))) * MILLISECOND
    )
    values = {}
    for column in (*PRICES, *VOLUMES):
        if row.get(column, "").strip():
            value = _number(column, row[column])
            if has_value(value):
                values[column] = value
    return Tick(place, time, instrument, values)


def _time(text: str) -> int:
    parts = text.split(":")
    if len(parts) != 3 or not all(part.isdecimal() and len(part) == 2 for part in parts):
        raise ValueError(f"UpdateTime `{text}` is not written like 09:30:00")
    hours, minutes, seconds = map(int, parts)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(f"UpdateTime `{text}` is no time of a day")
    return hours * HOUR + minutes * MINUTE + seconds * SECOND


def _number(column: str, text: str) -> float:
    text = text.strip()
    try:
        value = float(text) if text else 0.0
    except ValueError:
        raise ValueError(f"{column} `{text}` is no number") from None
    if value != value:
        raise ValueError(f"{column} `{text}` is no number")
    return value
