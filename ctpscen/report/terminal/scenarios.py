"""The report that people read on a terminal: each scenario with its steps, the reports that came, and how it ended.

Everything is made from the journal. A line is a list of pieces, each a text and a style; how styles look is the
writer's business (see `writer`).
"""

from __future__ import annotations  # results are made by what a report need not load

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from ctpscen.ctp.describe import describe_callback
from ctpscen.ctp.times import date_text, precise_text, spoken_duration
from ctpscen.engine.state.outcomes import SOUND
from ctpscen.language.text.diagnostics import Located, render

if TYPE_CHECKING:
    from ctpscen.engine.run import Result
    from ctpscen.report.runs import Done

Event = Mapping[str, Any]
Style = str
"""`` for plain, `heading`, `dim`, `good`, `bad`, `warn`, `fault`, `log`."""


@frozen
class Piece:
    text: str
    style: Style = ""


Line = Sequence[Piece]

VERDICT_STYLES: Mapping[str, Style] = {
    "passed": "good",
    "flaky": "warn",
    "failed": "bad",
    "blocked": "warn",
    "skipped": "dim",
    "error": "bad",
    "interrupted": "warn",
}

# Callbacks that are left out unless the scenario asked for them: the phases of every product after every login.
QUIET = frozenset({"OnRtnInstrumentStatus"})


def counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`, `no errors`."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def plain(text: str, style: Style = "") -> Line:
    return [Piece(text, style)]


def diagnostic_lines(located: Located) -> Iterator[Line]:
    """A diagnostic, its first line standing out."""
    style = "bad" if located.diagnostic.severity == "error" else "warn"
    for index, text in enumerate(render(located)):
        if index == 0:
            yield plain(text, style)
        else:
            yield plain(text, style if set(text.strip(" |")) == {"^"} else "")


def scenario_lines(result: Result, rerun: str, *, all_callbacks: bool = False) -> Iterator[Line]:
    """One scenario: a heading, its steps and reports, its verdict, and what went wrong."""
    head, *events = result.journal
    yield heading_of(head)
    middle = Middle()
    steps = StepLines(head, "whole" if all_callbacks else "reports")
    yield from middle.let_through(line for event in events for line in steps.of(event))
    yield from middle.rest()
    yield from ending(result, rerun)


def ending(result: Result, rerun: str) -> Iterator[Line]:
    """How a scenario ended, and what went wrong."""
    yield verdict_line(result.verdict, result.elapsed, live=is_live(result))
    yield from why_lines(result, rerun)
    yield plain("")


Callbacks = Literal["reports", "all", "whole"]
"""Which callbacks are shown: those that are reports to the scenario, all in a line each, or all with their fields."""


def journal_lines(events: Sequence[Event], callbacks: Callbacks = "reports") -> Iterator[Line]:
    """A heading, steps and reports. The first event is the scenario's."""
    head, *rest = events
    yield heading_of(head)
    steps = StepLines(head, callbacks)
    for event in rest:
        yield from steps.of(event)


# A scenario of more lines than twice this many is shown by its first and its last ones.
_END_LINES = 500


class Middle:
    """Leaves out what lies between the first lines and the last ones."""

    def __init__(self) -> None:
        self._first = _END_LINES
        self._last: deque[Line] = deque(maxlen=_END_LINES)
        self._left_out = -_END_LINES

    def let_through(self, lines: Iterable[Line]) -> Iterator[Line]:
        """Those that are among the first."""
        for line in lines:
            if self._first:
                self._first -= 1
                yield line
            else:
                self._last.append(line)
                self._left_out += 1

    def rest(self) -> Iterator[Line]:
        """Those that turned out to be the last."""
        if self._left_out > 0:
            yield plain(f"  … {self._left_out:,} lines left out", "dim")
        yield from self._last


def heading_of(head: Event) -> Line:
    """The heading of the scenario whose journal begins with this event."""
    return heading(head["file"], head["line"], head["title"], head["row"], head["cells"], head["tags"])


def heading(file: str, line: int, title: str, row: int | None, cells: Mapping[str, str], tags: Iterable[str]) -> Line:
    """What stands above a scenario's steps; `row` counts from 0, `cells` are that row's as written, by column."""
    pieces = [Piece(f"{file}:{line}", "dim"), Piece("  "), Piece(title, "heading")]
    if row is not None:
        written = "".join(f" {column} {text}," for column, text in cells.items()).rstrip(",")
        pieces.append(Piece(f" [row {row + 1}:{written}]", "heading"))
    pieces += [Piece(f" @{tag}", "dim") for tag in tags]
    return pieces


class StepLines:
    """The lines of a scenario's events, one after the other: steps, reports, faults, with the date where it changes."""

    def __init__(self, head: Event, callbacks: Callbacks = "reports") -> None:
        self._day = date_text(head["time"])
        self._default_actor = head["sessions"][0]
        self._depth = 0
        self._lines_of = {**_LINES, "callback": _CALLBACKS[callbacks]}

    def of(self, event: Event) -> Iterator[Line]:
        """What is shown of the next event."""
        kind, today = event["event"], date_text(event["time"])
        if today != self._day and kind != "verdict":
            self._day = today
            yield plain(f"  {today[:4]}-{today[4:6]}-{today[6:]}", "dim")
        if kind == "step":
            self._depth = event["depth"]
            if event["actor"] != self._default_actor or event.get("implicit"):
                event = {**event, "text": f"{event['actor']}: {event['text']}"}
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


def describe_request(name: str, fields: Mapping[str, Any]) -> str:
    """A request in a few words."""
    shaped = {"ReqOrderInsert": "OnRspOrderInsert", "ReqOrderAction": "OnRspOrderAction"}.get(name)
    if shaped is None:
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
    yield [*line, Piece("  replayed", "warn")] if event["replayed"] else line


def _whole_callback(event: Event, indent: str) -> Iterator[Line]:
    """Any callback, with every field that is not at its default."""
    at = Piece(f"  {precise_text(event['time'])}  ", "dim")
    error = event["error"] or {}
    words = describe_callback(event["name"], None, error)
    yield [at, Piece(f"{indent}  {event['session']} {event['connection']} ← {words}")]
    for name, value in (event["fields"] or {}).items():
        yield plain(f"  {' ' * 12}  {indent}      {name} {value!r}", "dim")


def _fault(event: Event, indent: str) -> Iterator[Line]:
    yield [Piece(f"  {precise_text(event['time'])}  ", "dim"), Piece(f"{indent}  ⚡ {event['text']}", "fault")]


def _log(event: Event, indent: str) -> Iterator[Line]:
    yield [Piece(f"  {' ' * 12}  {indent}  "), Piece(event["text"], "log")]


def _note(event: Event, _: str) -> Iterator[Line]:
    text = "after:" if event["text"] == "after" else event["text"]  # the steps of `after` follow
    yield [Piece(f"  {precise_text(event['time'])}  ", "dim"), Piece(text, "dim")]


def _soft(event: Event, indent: str) -> Iterator[Line]:
    yield [Piece(f"  {' ' * 12}  {indent}  "), Piece(f"failed softly: {event['reason']}", "bad")]


_LINES = {
    "step": _step,
    "call": _call,
    "fault": _fault,
    "log": _log,
    "note": _note,
    "soft": _soft,
}
_CALLBACKS = {"reports": _callback, "all": _any_callback, "whole": _whole_callback}


def is_live(result: Result) -> bool:
    """Whether the time that a scenario took was the wall's."""
    return bool(result.journal[0].get("live"))


def verdict_line(verdict: str, elapsed: int, *, live: bool = False) -> Line:
    """How a scenario ended; `elapsed` is in microseconds."""
    took = Piece(f"  {spoken_duration(elapsed)}{'' if live else ' of virtual time'}", "dim")
    return [Piece(f"  {verdict}", VERDICT_STYLES[verdict]), took]


def why_lines(result: Result, rerun: str) -> Iterator[Line]:
    """What went wrong, and how to run it again; nothing of what passed."""
    if result.verdict == "passed" and not result.diagnostics:
        return
    shown = [located.diagnostic.message for located in result.diagnostics]
    if not shown or (result.reason and result.reason not in shown):
        yield plain("")
        for text in result.reason.splitlines():
            yield plain(f"  {text}", VERDICT_STYLES[result.verdict])
    for located in result.diagnostics:
        yield plain("")
        yield from diagnostic_lines(located)
    if rerun and result.verdict not in SOUND:
        yield plain(f"  run just this again: {rerun}", "dim")


def listed(place: str, title: str, row: int | None, tags: Sequence[str]) -> Line:
    """A scenario that could be run."""
    return [Piece(place, "dim"), Piece(f"  {titled(title, row)}"), *(Piece(f" @{tag}", "dim") for tag in tags)]


def titled(title: str, row: int | None) -> str:
    return title if row is None else f"{title} [row {row + 1}]"


def dot(result: Result) -> Line:
    return [Piece("s" if result.verdict == "skipped" else ".", VERDICT_STYLES[result.verdict])]


def one_line(result: Result, place: str) -> Line:
    """A scenario that passed or was skipped."""
    verdict = Piece(f"{result.verdict}  ", VERDICT_STYLES[result.verdict])
    reason = f"  {result.reason}" if result.verdict == "skipped" and result.reason else ""
    return [verdict, Piece(place, "dim"), Piece(f"  {titled(result.title, result.row)}{reason}")]


def failures_again(done: Sequence[Done]) -> Iterator[Line]:
    """What did not pass, once more in a line each, because what was said of it has long scrolled away."""
    bad = [each for each in done if each.result.verdict not in SOUND]
    for each in bad:
        result = each.result
        reason = result.reason.splitlines()[0] if result.reason else ""
        verdict = Piece(f"{result.verdict}  ", VERDICT_STYLES[result.verdict])
        yield [verdict, Piece(each.item.place, "dim"), Piece(f"  {titled(result.title, result.row)}: {reason}")]
    if bad:
        yield plain("")


# From this wall time on, in seconds, a scenario is worth naming as a slow one.
_SLOW = 1.0


def slowest(done: Sequence[Done]) -> Iterator[Line]:
    slow = sorted((each for each in done if each.wall >= _SLOW), key=lambda each: -each.wall)[:3]
    for each in slow:
        yield [Piece(f"{each.wall:6.2f} s  ", "warn"), Piece(each.item.place, "dim"), Piece(f"  {each.result.title}")]


def summary_line(results: Sequence[Result], wall: float) -> Line:
    """How many ended how, and what it took. `wall` is in seconds."""
    counts: dict[str, int] = {}
    for result in results:
        counts[result.verdict] = counts.get(result.verdict, 0) + 1
    pieces: list[Piece] = []
    for verdict, style in VERDICT_STYLES.items():
        if verdict in counts:
            pieces += [Piece(", ")] if pieces else []
            pieces.append(Piece(f"{counts[verdict]} {verdict}", style))
    if not pieces:
        pieces.append(Piece("nothing ran", "warn"))
    return [*pieces, Piece(f"  {time_taken(results, wall)}", "dim")]


def time_taken(results: Sequence[Result], wall: float) -> str:
    """What a run took. `wall` is in seconds; where the run was live, there is no other time."""
    if results and all(map(is_live, results)):
        return f"{wall:.2f} s"
    return f"{spoken_duration(sum(result.elapsed for result in results))} of virtual time in {wall:.2f} s"
