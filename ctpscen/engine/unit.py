"""The unit of work, and what comes of it: all that one run is given, and all that it gives. Both can be pickled."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from ctpscen.engine.settings import Settings
from ctpscen.engine.state.journal import Event
from ctpscen.engine.state.outcomes import SOUND, Verdict
from ctpscen.language.text.diagnostics import Located


@frozen
class Unit:
    """One scenario, or one row of it.

    `used` are the texts of the files that the text uses, by the name under which `use` finds them; `plan` is the
    fault plan (see `simulator.world`).
    """

    name: str
    text: str
    title: str
    row: int | None = None
    used: Mapping[str, str] = field(factory=dict)
    seed: int = 0
    plan: Mapping[int, Any] = field(factory=dict)
    settings: Settings = field(factory=Settings)


@frozen
class Result:
    """How a run ended. `elapsed` is the virtual time that it took, in microseconds.

    `errors` is what went wrong beside the scenario, whatever came of that: orders that may still be working, with
    their keys. A scenario that would else have passed has an error by it.
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
