"""What is to be run: scenarios, rows of their tables, repetitions; each with a seed of its own.

A seed derives from the run's and from the scenario's title and row alone, so that selecting, ordering or spreading
scenarios over processes changes none of them.
"""

from collections.abc import Collection, Iterable, Iterator
from fnmatch import fnmatchcase

from attrs import define, evolve, field, frozen

from ctpscen.hashing import blake2b
from ctpscen.language.meaning.program import Program, Scenario
from ctpscen.language.text.diagnostics import Located
from ctpscen.loading import Selected
from ctpscen.runner.tags import Test

Identity = tuple[str, str, int | None]
"""File, title and row: what tells one item from another from run to run."""


@frozen(eq=False)
class Item:
    """One thing to run. `repetition`, of `repetitions`, and `attempt` count from 0."""

    file: str
    program: Program
    scenario: Scenario
    row: int | None
    repetition: int = 0
    attempt: int = 0
    repetitions: int = 1

    @property
    def identity(self) -> Identity:
        return self.file, self.scenario.title, self.row

    @property
    def line(self) -> int:
        """The line by which it is selected."""
        table = self.scenario.table
        if table is None or self.row is None:
            return self.scenario.line
        return self.program.source.place(table.spans[self.row][0]).line

    @property
    def number(self) -> str:
        """Which of its repetitions it is, for people; '' where there is one."""
        return f"run {self.repetition + 1} of {self.repetitions}" if self.repetitions > 1 else ""

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def cells(self) -> dict[str, str]:
        """Those of its row, as written, by column."""
        return self.program.cells(self.scenario, self.row)

    def seed(self, seed: int) -> int:
        """The seed of this item in a run with that seed."""
        key = "\0".join((str(seed), self.scenario.title, str(self.row), str(self.repetition)))
        return int.from_bytes(blake2b(key.encode(), digest_size=6).digest())


@define
class Filter:
    """What of the named files is wanted. `names` are globs of titles, `only` are identities; None is without limit."""

    tags: Test | None = None
    names: Collection[str] = ()
    only: Collection[Identity] | None = field(default=None)

    def wants(self, item: Item) -> bool:
        title = item.scenario.title
        return (
            (self.tags is None or self.tags(item.scenario.tags))
            and (not self.names or any(fnmatchcase(title, name) for name in self.names))
            and (self.only is None or item.identity in self.only)
        )


def items_of(program: Program, selected: Selected) -> Iterator[Item]:
    """The scenarios, and rows of their tables, that stand at the line that was asked for."""
    line = selected.line
    for scenario in program.scenarios:
        if line is not None and not scenario.line <= line <= scenario.last_line:
            continue
        for row in _rows(program, scenario, line):
            yield Item(program.source.shown_name, program, scenario, row)


def concerning(found: Iterable[Located], program: Program, chosen: Collection[int]) -> list[Located]:
    """The diagnostics of a file without those that stand in scenarios which are not chosen; `chosen` are their ids."""

    def is_elsewhere(located: Located) -> bool:
        if located.source.name != program.source.name:
            return False
        line = program.source.place(located.diagnostic.span[0]).line
        inside = [each for each in program.scenarios if each.line <= line <= each.last_line]
        return bool(inside) and not any(id(each) in chosen for each in inside)

    return [located for located in found if not is_elsewhere(located)]


def _rows(program: Program, scenario: Scenario, line: int | None) -> list[int | None]:
    table = scenario.table
    if table is None:
        return [None]
    rows: list[int | None] = list(range(len(table.rows)))
    at_line: list[int | None] = [
        row for row, span in enumerate(table.spans) if line is not None and program.source.place(span[0]).line == line
    ]
    return at_line or rows


def repeated(items: Iterable[Item], times: int) -> Iterator[Item]:
    """Every item so many times, one after the other."""
    for item in items:
        for repetition in range(times):
            yield evolve(item, repetition=repetition, repetitions=times)
