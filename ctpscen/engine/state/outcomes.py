"""How a scenario can end before its last step, and what the scenario itself did wrong.

They are raised inside a run and never leave it: `run_one` turns them into a verdict.
"""

from collections.abc import Sequence
from typing import Literal

from attrs import frozen

from ctpscen.language.text.diagnostics import Diagnostic, Located
from ctpscen.language.text.source import Source, Span

Verdict = Literal["passed", "flaky", "failed", "blocked", "skipped", "error", "interrupted"]
"""How a scenario ended. A runner that tries again makes one `flaky` that did not pass at once."""

SOUND: frozenset[Verdict] = frozenset({"passed", "flaky", "skipped"})
"""Those that ask nothing of whoever reads the report."""


class Outcome(Exception):
    """The scenario ends here."""

    verdict: Verdict = "passed"

    def __init__(self, located: Located | None = None, reason: str = "") -> None:
        super().__init__(reason)
        self.located = located
        self.reason = reason


class Stopped(Outcome):
    """`stop`: ends here, as passed."""


class Failed(Outcome):
    """An expectation did not hold, or a step ran out of time."""

    verdict = "failed"


class Blocked(Outcome):
    """The scenario could not come to its question."""

    verdict = "blocked"


class Skipped(Outcome):
    verdict = "skipped"


class ScenarioError(Outcome):
    """The scenario does what cannot be done; the message says what."""

    verdict = "error"


class DoesNotEnd(ScenarioError):
    """It has become longer than any scenario that comes to an end."""

    @classmethod
    def at(cls, place: "Place", message: str) -> "DoesNotEnd":
        return cls(place.located("R600", message), message)


class Broken(Failed):
    """An invariant, of this title, does not hold."""

    title: str = ""


class ReturnValue(Exception):
    """`return` inside a `define`."""

    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


class NeedsQuote(Exception):
    """A price is wanted of an instrument of which no market data has come yet."""

    def __init__(self, instrument: str) -> None:
        super().__init__(instrument)
        self.instrument = instrument


class NoVenue(Exception):
    """A command that only a simulated venue carries out."""


@frozen(eq=False, repr=False)
class Place:
    """A span of a text, from which diagnostics are made."""

    source: Source
    span: Span

    def located(self, code: str, message: str, *, label: str = "", notes: Sequence[str] = ()) -> Located:
        return Located(self.source, Diagnostic(code, message, self.span, label=label, notes=tuple(notes)))

    def error(self, message: str, *notes: str) -> ScenarioError:
        """The scenario's own mistake at this place."""
        return ScenarioError(self.located("R600", message, notes=notes), message)

    @property
    def text(self) -> str:
        """What is written here, on one line."""
        return " ".join(self.source.slice(self.span).split())
