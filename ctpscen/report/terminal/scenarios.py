"""The report that people read on a terminal: each scenario with its steps, the reports that came, and how it ended.

Everything is made from the journal.
"""

from __future__ import annotations  # results are made by what a report need not load

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ctpscen.ctp.times import spoken_duration
from ctpscen.report.runs import is_live
from ctpscen.report.terminal.events import Callbacks, EventLines
from ctpscen.report.terminal.lines import VERDICT_STYLES, Line, Piece, diagnostic_lines, plain

if TYPE_CHECKING:
    from ctpscen.engine.unit import Result

Event = Mapping[str, Any]


def scenario_lines(result: Result, rerun: str, number: str = "", *, all_callbacks: bool = False) -> Iterator[Line]:
    """One scenario: a heading, its steps and reports, its verdict, and what went wrong.

    `number` says which of several repetitions it is.
    """
    head, *events = result.journal
    yield heading_of(head, number)
    middle = Middle()
    steps = EventLines(head, "whole" if all_callbacks else "reports")
    yield from middle.let_through(line for event in events for line in steps.of(event))
    yield from middle.rest()
    yield from ending(result, rerun)


def ending(result: Result, rerun: str) -> Iterator[Line]:
    """How a scenario ended, and what went wrong."""
    yield verdict_line(result.verdict, result.elapsed, live=is_live(result))
    yield from why_lines(result, rerun)
    yield plain("")


def journal_lines(events: Sequence[Event], callbacks: Callbacks = "reports") -> Iterator[Line]:
    """A heading, steps and reports. The first event is the scenario's."""
    head, *rest = events
    yield heading_of(head)
    steps = EventLines(head, callbacks)
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


def heading_of(head: Event, number: str = "") -> Line:
    """The heading of the scenario whose journal begins with this event."""
    return heading(head["file"], head["line"], head["title"], head["row"], head["cells"], head["tags"], number)


def heading(
    file: str, line: int, title: str, row: int | None, cells: Mapping[str, str], tags: Iterable[str], number: str = ""
) -> Line:
    """What stands above a scenario's steps; `row` counts from 0, `cells` are that row's as written, by column."""
    pieces = [Piece(f"{file}:{line}", "dim"), Piece("  "), Piece(title, "heading")]
    if row is not None:
        written = "".join(f" {column} {text}," for column, text in cells.items()).rstrip(",")
        pieces.append(Piece(f" [row {row + 1}:{written}]", "heading"))
    pieces += [Piece(f" [{number}]", "heading")] if number else []
    pieces += [Piece(f" @{tag}", "dim") for tag in tags]
    return pieces


def verdict_line(verdict: str, elapsed: int, *, live: bool = False) -> Line:
    """How a scenario ended; `elapsed` is in microseconds."""
    took = Piece(f"  {spoken_duration(elapsed)}{'' if live else ' of virtual time'}", "dim")
    return [Piece(f"  {verdict}", VERDICT_STYLES[verdict]), took]


def error_lines(errors: Sequence[str]) -> Iterator[Line]:
    """What went wrong beside a scenario."""
    for text in errors:
        first, *rest = text.splitlines()
        yield plain("")
        yield plain(f"  error: {first}", VERDICT_STYLES["error"])
        yield from (plain(f"  {line}", VERDICT_STYLES["error"]) for line in rest)


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
    yield from error_lines(result.errors_beside)
    if rerun and not result.is_sound:
        yield plain(f"  run just this again: {rerun}", "dim")
