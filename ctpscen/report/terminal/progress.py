"""A bar below what is written, on a terminal, once a run has lasted for a moment."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from attrs import define

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

PATIENCE = 0.5
"""Seconds of a run after which the bar appears; a shorter one does not need it."""


@define(eq=False, repr=False)
class Bar:
    """How much of `total` is done. While it stands, everything that the console prints goes above it."""

    console: "Console"
    total: int
    clock: Callable[[], float] = time.monotonic
    _began: float = 0.0
    _done: int = 0
    _shown: "Progress | None" = None

    def __enter__(self) -> Self:
        self._began = self.clock()
        return self

    def advance(self) -> None:
        self._done += 1
        if self._shown is None:
            if self.clock() - self._began < PATIENCE:
                return
            self._shown = self._show()
        self._shown.update(self._shown.task_ids[0], completed=self._done)

    def _show(self) -> "Progress":
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = (BarColumn(None), MofNCompleteColumn(), TimeRemainingColumn())
        shown = Progress(*columns, console=self.console, transient=True, expand=True)
        shown.add_task("", total=self.total)
        shown.start()
        return shown

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown is not None:
            self._shown.stop()
