"""A scenario on the terminal while it runs: its heading before anything else, and each step when it begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ctpscen.report.terminal.events import EventLines
from ctpscen.report.terminal.lines import Line, plain
from ctpscen.report.terminal.scenarios import Middle, ending, heading, heading_of, verdict_line

if TYPE_CHECKING:
    from ctpscen.engine.unit import Result
    from ctpscen.report.runs import Item
    from ctpscen.report.terminal.writer import Writer


class RunningView:
    """Shows one scenario after the other.

    In a live run each line is let out at once, for the next may take minutes; and its heading waits for the journal's,
    which hides what may not be shown.
    """

    def __init__(self, out: Writer, *, live: bool, all_callbacks: bool) -> None:
        self._out = out
        self._live = live
        self._all_callbacks = all_callbacks
        self._steps: EventLines | None = None
        self._middle = Middle()
        self._number = ""

    def begin(self, item: Item) -> None:
        self._steps, self._middle, self._number = None, Middle(), item.number
        if not self._live:
            found = item.scenario
            self._show([heading(item.file, found.line, found.title, item.row, item.cells, found.tags, item.number)])
            self._out.flush()

    def event(self, event: Mapping[str, Any]) -> None:
        if self._steps is not None:
            self._show(self._middle.let_through(self._steps.of(event)))
        else:
            self._steps = EventLines(event, "whole" if self._all_callbacks else "reports")
            if self._live:
                self._show([heading_of(event, self._number)])
        if self._live:
            self._out.flush()

    def try_again(self, failed: Result) -> None:
        self._show([*self._middle.rest(), verdict_line(failed.verdict, failed.elapsed, live=self._live), plain("")])

    def finish(self, result: Result, rerun: str) -> None:
        """Shows how it ended."""
        self._show([*self._middle.rest(), *ending(result, rerun)])
        self._out.flush()

    def _show(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self._out.write(line)
