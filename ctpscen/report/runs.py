"""What reports are made of: something that is to run, and what became of it.

The runner's own are such; reports know no more of the runner.
"""

from __future__ import annotations  # a report need not load what results are made by

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ctpscen.engine.unit import Result
    from ctpscen.language.meaning.program import Program, Scenario


class Item(Protocol):
    """A scenario, or a row of one, that is to run.

    `line` is the line by which it is selected, `place` that with the file. `row`, `repetition` and `attempt` count
    from 0, and `cells` are those of the row, as written, by column. `number` says which of its repetitions it is.
    """

    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def place(self) -> str: ...
    @property
    def program(self) -> Program: ...
    @property
    def scenario(self) -> Scenario: ...
    @property
    def row(self) -> int | None: ...
    @property
    def cells(self) -> Mapping[str, str]: ...
    @property
    def repetition(self) -> int: ...
    @property
    def number(self) -> str: ...
    @property
    def attempt(self) -> int: ...


class Done(Protocol):
    """What became of an item, and the wall time that it took, in seconds."""

    @property
    def item(self) -> Item: ...
    @property
    def result(self) -> Result: ...
    @property
    def wall(self) -> float: ...


def titled(title: str, row: int | None, number: str = "") -> str:
    """What an item is called; `row` counts from 0, `number` says which of several repetitions it is."""
    parts = [*([] if row is None else [f"row {row + 1}"]), *([number] if number else [])]
    return f"{title} [{', '.join(parts)}]" if parts else title


def called(each: Done) -> str:
    """What was run is called."""
    return titled(each.result.title, each.result.row, each.item.number)


def is_live(result: Result) -> bool:
    """Whether the time that a scenario took was the wall's."""
    return bool(result.journal[0].get("live"))
