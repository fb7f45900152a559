"""A file that has been checked: what the engine runs.

Every name in it is resolved, every part has been looked at; spans still point into the texts.
"""

from collections.abc import Mapping
from typing import Literal

from attrs import frozen

from ctpscen.language.meaning.types import ANY, Type
from ctpscen.language.syntax.tree import Expression, Step
from ctpscen.language.text.diagnostics import Located
from ctpscen.language.text.source import Source, Span

StreamMode = Literal["restart", "resume", "quick", "none"]


@frozen
class Param:
    """A value that `--set` replaces; `kind` is the type that its literal fixes."""

    name: str
    kind: Type
    value: Expression
    source: Source
    span: Span


@frozen
class Let:
    name: str
    value: Expression
    source: Source


@frozen
class Session:
    """A login. `account` is '' for the account that all sessions share that name none."""

    name: str
    account: str = ""
    private: StreamMode = "resume"
    public: StreamMode = "resume"


STAND_INS = ("python",)
"""What may stand in for the CTP library, where the program cannot be given one of its own kind."""


@frozen
class TestedProgram:
    """A program under test, as its item declares it. The expressions are texts; '' and none where nothing is said.

    `variables` are those of its environment.
    """

    name: str
    command: Expression
    account: str
    folder: Expression | None
    log: Expression | None
    variables: tuple[tuple[str, Expression], ...]
    network: Literal["none", "loopback", "open"]
    clock: Literal["venue", "own"]
    using: Expression | None
    source: Source
    span: Span


@frozen
class Define:
    """A step of one's own. Parameters without a default have None; `result` is the type of what it gives."""

    name: str
    parameters: tuple[tuple[str, Expression | None], ...]
    body: tuple[Step, ...]
    source: Source
    result: Type = ANY


@frozen
class Invariant:
    """What must hold under any fault, for an actor: at every report or, with `eventually`, once all is quiet again.

    `condition` is None for `reconciled`; `within` says how long it may take, where the file does.
    """

    title: str
    actor: str
    condition: Expression | None
    eventually: bool
    within: Expression | None
    source: Source
    span: Span


@frozen
class Table:
    """The rows of a `where:` table, each a tuple of constant expressions under `columns`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Expression, ...], ...]
    spans: tuple[Span, ...]


@frozen
class Scenario:
    """One test.

    `line` to `last_line` is where it stands. `manual` are the sessions whose own first step connects them, `priced`
    those that read prices off the market.
    """

    title: str
    tags: tuple[str, ...]
    timeout: Expression | None
    table: Table | None
    body: tuple[Step, ...]
    manual: frozenset[str]
    line: int
    last_line: int
    uses_venue: bool
    priced: frozenset[str]
    reconciles: bool


@frozen
class Program:
    """A checked file with all that it uses.

    `instruments` are the contracts that the text names, in order of appearance; `venue` and the steps around every
    scenario belong to the file.
    """

    source: Source
    params: Mapping[str, Param]
    lets: tuple[Let, ...]
    sessions: tuple[Session, ...]
    programs: tuple[TestedProgram, ...]
    defines: Mapping[str, Define]
    venue: tuple[Step, ...]
    before: tuple[Step, ...]
    after: tuple[Step, ...]
    scenarios: tuple[Scenario, ...]
    invariants: tuple[Invariant, ...]
    instruments: tuple[str, ...]
    venue_instrument: str

    @property
    def actors(self) -> list[str]:
        """The names of all that have an inbox."""
        return [*(each.name for each in self.sessions), *(each.name for each in self.programs)]

    @property
    def default_actor(self) -> str:
        """Who acts where nobody is named."""
        return self.sessions[0].name if self.sessions else self.programs[0].name

    def cells(self, scenario: Scenario, row: int | None) -> dict[str, str]:
        """A row of a scenario's table as it is written, by column; nothing without a row."""
        table = scenario.table
        if table is None or row is None:
            return {}
        texts = [self.source.slice(cell.span) for cell in table.rows[row]]
        return dict(zip(table.columns, texts, strict=True))


@frozen
class Checked:
    """What checking a file gives. `program` is None where there is an error among the diagnostics."""

    program: Program | None
    diagnostics: list[Located]
