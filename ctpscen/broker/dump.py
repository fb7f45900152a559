"""Rows of a dump: CSV with a heading, or JSON in whatever shape has records in it.

JSON may be a list of records, an object of them by instrument, an answer with the list in `data` (openctp), records
one a line, or messages with a record each (webctp). A record is an object with an instrument's name and a term.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from ctpscen.broker.fields import COLUMNS, TERMS, BadCell, is_empty, normalised
from ctpscen.regular_files import LARGEST_TABLE, read_regular

_ENCODINGS = ("utf-8-sig", "gb18030")


class BadDump(ValueError):
    """A file without rows that can be used; the text says where in it, and why."""


@frozen
class Row:
    """What a row says, by the names of `fields`. `name` is of a product or a contract, `place` where the row stands."""

    place: str
    name: str
    terms: Mapping[str, object]


def read_rows(path: Path) -> Sequence[Row]:
    """The rows of a file. Raises BadDump."""
    try:
        text = _decoded(read_regular(path, LARGEST_TABLE), path)
    except OSError as reason:
        raise BadDump(f"{path}: {reason.strerror}") from None
    is_json = path.suffix.lower() in (".json", ".jsonl", ".ndjson") or text.lstrip()[:1] in ("{", "[")
    rows = list(_json_rows(path, text) if is_json else _csv_rows(path, text))
    if not rows:
        raise BadDump(
            f"{path}: no row names a contract and a term of it; a dump of ReqQryInstrument, ReqQryInstrumentMarginRate "
            "or ReqQryInstrumentCommissionRate has InstrumentID and such columns as VolumeMultiple, PriceTick, "
            "LongMarginRatioByMoney, OpenRatioByVolume"
        )
    return rows


def _decoded(data: bytes, path: Path) -> str:
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadDump(f"{path}: neither UTF-8 nor GB18030 text")


# ------------------------------------------------------------------------------------------------------------ CSV


def _csv_rows(path: Path, text: str) -> Iterator[Row]:
    heading = text.partition("\n")[0]
    separator = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        names = [name.strip() for name in next(reader, [])]
        for cells in reader:
            place = f"{path}: line {reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                raise BadDump(f"{place}: {len(cells)} columns, where the heading has {len(names)}")
            yield from _row(place, dict(zip(names, cells, strict=True)))
    except csv.Error as reason:
        raise BadDump(f"{path}: line {reader.line_num}: {reason}") from None


# ----------------------------------------------------------------------------------------------------------- JSON


def _json_rows(path: Path, text: str) -> Iterator[Row]:
    try:
        yield from _records(f"{path}: ", "", json.loads(text))
    except RecursionError:
        raise BadDump(f"{path}: it is nested too deep") from None
    except json.JSONDecodeError as whole:
        if whole.msg != "Extra data":
            raise BadDump(f"{path}: line {whole.lineno}: {whole.msg}") from None
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                try:
                    yield from _records(f"{path}: line {number}", "", json.loads(line))
                except json.JSONDecodeError as reason:
                    raise BadDump(f"{path}: line {number}: {reason.msg}") from None


def _records(file: str, place: str, value: object, key: str = "") -> Iterator[Row]:
    """Every record in a value, wherever it stands; `key` is under which name its object keeps it."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _records(file, f"{place}[{index}]", each)
    elif isinstance(value, dict):
        nested = {name: each for name, each in value.items() if isinstance(each, dict | list)}
        yield from _row(file + place, {name: each for name, each in value.items() if name not in nested}, key)
        for name, each in nested.items():
            yield from _records(file, f"{place}.{name}" if place else str(name), each, str(name))


def _row(place: str, record: Mapping[str, object], key: str = "") -> Iterator[Row]:
    """The row of a record; none where it is of something else. Raises BadDump."""
    found: dict[str, object] = {}
    name = ""
    for column, value in record.items():
        known = COLUMNS.get(normalised(column))
        if known is None or is_empty(value):
            continue
        try:
            read = known.read(value)
        except BadCell as reason:
            raise BadDump(f"{place}{_of(record)}, {column}: `{value}` {reason}") from None
        if known.term == "name":
            name = name or str(read)
        else:
            found[known.term] = read
    name = name or key
    if name and TERMS & found.keys():
        yield Row(place, name, found)


def _of(record: Mapping[str, object]) -> str:
    """The contract that a record is of, for a message."""
    for column, value in record.items():
        known = COLUMNS.get(normalised(column))
        if known is not None and known.term == "name" and not is_empty(value):
            return f" ({value})"
    return ""
