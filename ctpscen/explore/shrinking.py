"""Shrinking: the fewest faults that still break an invariant, the simplest of them, as few trials as can be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

from ctpscen.ctp.commands.plan import FAULTS, Fault, Plan, PlannedFault, fits, plan_text

Breaks = Callable[[Plan], bool]
"""Whether a plan still breaks what it broke."""


def shrink(
    plan: Plan, breaks: Breaks, known: Mapping[str, bool], faults: Sequence[Fault] = FAULTS, most: int = 10
) -> Plan:
    """A plan that breaks the same with fewer faults, or simpler ones.

    `known` says of plans that were tried already whether they break it, which costs nothing; else at most so many
    trials are made. Simpler ones are out of `faults`, the simplest first.
    """
    trials = 0

    def holds_up(candidate: Plan) -> bool:
        nonlocal trials
        text = plan_text(candidate)
        if text in known:
            return known[text]
        if trials >= most:
            return False
        trials += 1
        return breaks(candidate)

    plan = next((each for each in _fewer(plan) if holds_up(each)), plan)
    return next((each for each in _simpler(plan, faults) if holds_up(each)), plan)


def _fewer(plan: Plan) -> Iterator[Plan]:
    """Its parts, those of the fewest faults first, and of these the earliest."""
    for size in range(1, len(plan)):
        yield from combinations(plan, size)


def _simpler(plan: Plan, faults: Sequence[Fault]) -> Iterator[Plan]:
    """The same with one fault replaced by a simpler one."""
    for index, each in enumerate(plan):
        for fault in faults[: faults.index(each.fault)]:
            if fits(fault, each.boundary.name):
                yield (*plan[:index], PlannedFault(each.boundary, fault), *plan[index + 1 :])
