"""The unit of work, and what comes of it: all that one run is given, and all that it gives. Both can be pickled."""

from collections.abc import Mapping, Sequence
from typing import Literal

from attrs import field, frozen

from ctpscen.ctp.commands.plan import Boundary, Plan
from ctpscen.engine.settings import Settings
from ctpscen.engine.state.journal import Event
from ctpscen.engine.state.outcomes import SOUND, Verdict
from ctpscen.language.text.diagnostics import Located

Wanted = Literal["journal", "boundaries", "verdict"]
"""What a result is to tell: all; which boundaries the run reached, and no journal; neither."""


@frozen
class Unit:
    """One scenario, or one row of it.

    `used` are the texts of the files that the text uses, by the name under which `use` finds them. `plan` are the
    faults that strike its messages; with one, and be it empty, the run is judged by its invariants alone, and says
    which boundaries it reached. `wanted` is how much the result is to tell: what nobody reads need not be made.

    Where `seed` is derived from the one that `--seed` takes, `given_seed` is that one, by which the journal goes, and
    `repetition` is which of several runs with it this is, from 0.
    """

    name: str
    text: str
    title: str
    row: int | None = None
    used: Mapping[str, str] = field(factory=dict)
    seed: int = 0
    plan: Plan | None = None
    settings: Settings = field(factory=Settings)
    wanted: Wanted = "journal"
    given_seed: int | None = None
    repetition: int = 0


@frozen
class Reached:
    """A boundary that a run came to, and how its actor stood then.

    `connection` is the state of its connection, `statuses` are those of its orders, `newest` is that of its newest own
    order: `none`, `sent`, a status of CTP's, `unmatched` for a final one whose trades are missing, `refused`.
    """

    boundary: Boundary
    connection: str
    statuses: str
    newest: str


@frozen
class Explored:
    """What a run with a plan tells besides its verdict.

    `reached` are the boundaries in their order, none where they are not wanted, `struck` those whose faults were done.
    `steps_ended` says why the steps broke off, '' where they did not. `broken` is the title of the invariant that did
    not hold, '' where all did.
    """

    reached: Sequence[Reached]
    struck: Sequence[Boundary]
    steps_ended: str = ""
    broken: str = ""


@frozen
class Result:
    """How a run ended. `elapsed` is the virtual time that it took, in microseconds.

    `errors` is what went wrong beside the scenario, whatever came of that: orders that may still be working, with
    their keys. A scenario that would else have passed has an error by it. `explored` is what a run with a plan
    tells besides.
    """

    name: str
    title: str
    row: int | None
    line: int
    verdict: Verdict
    reason: str
    diagnostics: Sequence[Located]
    elapsed: int
    journal: Sequence[Event]
    errors: Sequence[str] = ()
    explored: Explored | None = None

    @property
    def passed(self) -> bool:
        return self.verdict == "passed"

    @property
    def errors_beside(self) -> Sequence[str]:
        """The errors that the reason does not tell."""
        return [each for each in self.errors if each not in self.reason]

    @property
    def is_sound(self) -> bool:
        """Whether nobody need look at it."""
        return self.verdict in SOUND and not self.errors
