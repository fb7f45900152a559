"""What a scenario's ends come to: that of its steps, the failures that did not end it, that of `after`."""

from collections.abc import Callable, Sequence

from attrs import evolve

from ctpscen.engine.state.journal import Journal
from ctpscen.engine.state.outcomes import Blocked, Outcome, Stopped, Verdict
from ctpscen.internal_error import describe
from ctpscen.language.text.diagnostics import Located


class Excused(Blocked):
    """What failed, softly or not, for a reason that is not the program's."""


class Interrupted(Outcome):
    """The user does not want to wait any longer."""

    verdict = "interrupted"


class InternalError(Outcome):
    """ctpscen is wrong."""

    verdict = "error"


def ended_by(part: Callable[[], None]) -> Outcome | None:
    """Does a part of a run; gives what ended it, None where it came to its own end."""
    try:
        part()
    except Stopped:
        return None
    except Outcome as outcome:
        return outcome
    except KeyboardInterrupt:
        return Interrupted()
    except Exception as error:
        return InternalError(reason=describe(error))
    return None


def verdict_of(
    outcome: Outcome | None, soft: Sequence[Outcome], late: Sequence[Outcome], errors: Sequence[str] = ()
) -> tuple[Verdict, str]:
    """The verdict and its reason. `late` is what went wrong in `after`, `errors` beside the scenario, at its very end.

    A scenario that failed has failed, and the errors stand beside that; one that passed or was skipped has not.
    """
    ending = outcome
    lesser = outcome is None or outcome.verdict in ("skipped", "blocked")
    if soft and lesser and not isinstance(outcome, Excused):
        ending = soft[0]  # what failed softly has failed, however the scenario ended
    verdict: Verdict = ending.verdict if ending is not None else "passed"
    reason = ending.reason if ending is not None else ""
    if late:
        reasons = [reason] if verdict not in ("passed", "skipped") else []
        reason = "\n".join([*reasons, *(f"after: {each.reason or each.verdict}" for each in late)])
        if isinstance(late[-1], Interrupted):
            verdict = "interrupted"
        elif verdict in ("passed", "skipped"):
            verdict = "error"
    if errors and verdict in ("passed", "skipped"):
        return "error", "\n".join(errors)
    return verdict, reason


def as_shown(located: Located, journal: Journal) -> Located:
    """A diagnostic without what must not be shown."""
    if journal.masker is None:
        return located
    found, shown = located.diagnostic, journal.shown
    others = [evolve(each, text=shown(each.text)) for each in found.others]
    notes = [shown(note) for note in found.notes]
    masked = evolve(found, message=shown(found.message), label=shown(found.label), others=others, notes=notes)
    source = evolve(located.source, text=journal.masker.source(located.source.text))  # of equal length: spans hold
    return evolve(located, source=source, diagnostic=masked)
