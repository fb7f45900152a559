"""The lines of a scenario's events: steps, reports, faults, what was logged."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from ctpscen.ctp.describe import DESCRIPTIONS, describe_callback, describe_value, record_of
from ctpscen.ctp.times import date_text, precise_text
from ctpscen.report.faults import fault_words
from ctpscen.report.program_events import PROGRAM_EVENTS, program_style, program_words
from ctpscen.report.terminal.lines import Line, Piece, plain

Event = Mapping[str, Any]

# Callbacks that are left out unless the scenario asked for them: the phases of every product after every login.
QUIET = frozenset({"OnRtnInstrumentStatus"})

MANY_ROWS = 5
"""Of an answer with more rows than this the rest is left out, but for the last."""


class AnswerRows:
    """Counts the rows of each answer to a query."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, int], int] = {}

    def count(self, event: Event) -> int:
        """Which row of its answer a callback is, from 1; 0 for what is no row of a query."""
        if not event["name"].startswith("OnRspQry") or not event["request"]:
            return 0
        key = event["session"], event["name"], event["request"]
        self._seen[key] = self._seen.get(key, 0) + 1
        return self._seen.pop(key) if event["last"] else self._seen[key]


Callbacks = Literal["reports", "all", "whole"]
"""Which callbacks are shown: those that are reports to the scenario, all in a line each, or all with their fields.

With `whole`, requests are shown with their fields, too.
"""


class EventLines:
    """The lines of a scenario's events, one after the other: steps, reports, faults, with the date where it changes."""

    def __init__(self, head: Event, callbacks: Callbacks = "reports") -> None:
        self._day = date_text(head["time"])
        self._only_actor = head["sessions"][0] if len(head["sessions"]) == 1 else None  # who need not be named
        self._depth = 0
        self._rows = AnswerRows()
        self._folds = callbacks == "reports"
        self._lines_of = {**_LINES, "callback": _CALLBACKS[callbacks]}
        if callbacks == "whole":
            self._lines_of["call"] = _whole_call

    def of(self, event: Event) -> Iterator[Line]:
        """What is shown of the next event."""
        kind, today = event["event"], date_text(event["time"])
        if today != self._day and kind != "verdict":
            self._day = today
            yield plain(f"  {today[:4]}-{today[4:6]}-{today[6:]}", "dim")
        if kind == "step":
            self._depth = event["depth"]
            if event["actor"] != self._only_actor or event.get("implicit"):
                event = {**event, "text": f"{event['actor']}: {event['text']}"}
        if kind == "callback" and self._folds and (row := self._rows.count(event)) > MANY_ROWS:
            if not event["last"]:
                return
            event = {**event, "rows": row}
        yield from self._lines_of.get(kind, _nothing)(event, "  " * self._depth)


def _nothing(_: Event, __: str) -> Iterator[Line]:
    yield from ()


def _step(event: Event, indent: str) -> Iterator[Line]:
    style = "dim" if event.get("implicit") else ""
    yield [Piece(f"  {precise_text(event['time'])}  ", "dim"), Piece(f"{indent}{event['text']}", style)]


def _call(event: Event, indent: str) -> Iterator[Line]:
    if event["api"] != "trader" or not event["name"].startswith("Req"):
        return
    name, fields = event["name"], event["fields"] or {}
    words = describe_request(name, fields)
    returned = "" if event["returned"] == 0 else f"  returned {event['returned']}"
    at = Piece(f"  {precise_text(event['time'])}  ", "dim")
    yield [at, Piece(f"{indent}  {event['session']}   → {words}"), Piece(returned, "warn")]


def _whole_call(event: Event, indent: str) -> Iterator[Line]:
    """A call, with every field that is not at its default."""
    for line in _call(event, indent):
        yield line
        yield from _fields(event, indent)


def _fields(event: Event, indent: str) -> Iterator[Line]:
    for name, value in (event["fields"] or {}).items():
        yield plain(f"  {' ' * 12}  {indent}      {name} {describe_value(event['name'], name, value)}", "dim")


def describe_request(name: str, fields: Mapping[str, Any]) -> str:
    """A request in a few words: those of its answer, where that passes the same record."""
    shaped = f"OnRsp{name.removeprefix('Req')}"
    if shaped not in DESCRIPTIONS or record_of(shaped) is not record_of(name):
        return f"{name} {fields['InstrumentID']}" if fields.get("InstrumentID") else name
    return describe_callback(shaped, dict(fields), None).replace(shaped, name)


def _callback(event: Event, indent: str) -> Iterator[Line]:
    if "number" in event and event["name"] not in QUIET:
        yield from _any_callback(event, indent)


def _any_callback(event: Event, indent: str) -> Iterator[Line]:
    error = event["error"] or {}
    style = "warn" if error.get("ErrorID") else ""
    who = f"{event['session']} {event['connection']}"
    words = describe_callback(event["name"], event["fields"], error)
    at = Piece(f"  {precise_text(event['time'])}  ", "dim")
    line = [at, Piece(f"{indent}  {who} ← "), Piece(words, style)]
    if "rows" in event:
        line.append(Piece(f"  the last of {event['rows']:,} rows", "dim"))
    yield [*line, Piece("  replayed", "warn")] if event["replayed"] else line


def _whole_callback(event: Event, indent: str) -> Iterator[Line]:
    """Any callback, with every field that is not at its default."""
    at = Piece(f"  {precise_text(event['time'])}  ", "dim")
    error = event["error"] or {}
    words = describe_callback(event["name"], None, error)
    yield [at, Piece(f"{indent}  {event['session']} {event['connection']} ← {words}")]
    yield from _fields(event, indent)


def _fault(event: Event, indent: str) -> Iterator[Line]:
    yield [Piece(f"  {precise_text(event['time'])}  ", "dim"), Piece(f"{indent}  ⚡ {fault_words(event)}", "fault")]


def _log(event: Event, indent: str) -> Iterator[Line]:
    yield [Piece(f"  {' ' * 12}  {indent}  "), Piece(event["text"], "log")]


def _note(event: Event, _: str) -> Iterator[Line]:
    text = "after:" if event["text"] == "after" else event["text"]  # the steps of `after` follow
    yield [Piece(f"  {precise_text(event['time'])}  ", "dim"), Piece(text, "dim")]


def _soft(event: Event, indent: str) -> Iterator[Line]:
    yield [Piece(f"  {' ' * 12}  {indent}  "), Piece(f"failed softly: {event['reason']}", "bad")]


def _program(event: Event, indent: str) -> Iterator[Line]:
    at = Piece(f"  {precise_text(event['time'])}  ", "dim")
    yield [at, Piece(f"{indent}  {event['session']} "), Piece(program_words(event), program_style(event))]


_LINES = {
    "step": _step,
    "call": _call,
    "fault": _fault,
    "log": _log,
    "note": _note,
    "soft": _soft,
    **dict.fromkeys(PROGRAM_EVENTS, _program),
}
_CALLBACKS = {"reports": _callback, "all": _any_callback, "whole": _whole_callback}
