"""Which faults are tried at which boundaries, and in what order."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from ctpscen.ctp.commands.plan import FAULTS, PRIVATE, Boundary, Fault, PlannedFault, fits
from ctpscen.engine.unit import Reached

FAULT_WORDS: tuple[str, ...] = ("cut", "stall", "lose", "duplicate", "swap", "refuse", "kill")
"""The faults that `--faults` names; `stall` is tried for 5 s and for 25 s."""


def faults_named(words: Collection[str]) -> list[Fault]:
    """The faults that are wanted, the simplest first; all where none is named."""
    return [fault for fault in FAULTS if not words or fault.removesuffix("25s") in words]


def apart(reached: Iterable[Reached], *, all_of_them: bool = False) -> list[Reached]:
    """Of boundaries alike in actor, name, connection and set of order statuses the first one, or all of them."""
    seen = set[tuple[str, str, str, str]]()
    found = []
    for each in reached:
        alike = each.boundary.actor, each.boundary.name, each.connection, each.statuses
        if all_of_them or alike not in seen:
            seen.add(alike)
            found.append(each)
    return found


def after(reached: Sequence[Reached], boundary: Boundary) -> Sequence[Reached]:
    """What a run came to after one of its boundaries."""
    at = next((index for index, each in enumerate(reached) if each.boundary == boundary), len(reached))
    return reached[at + 1 :]


def faults_at(
    reached: Iterable[Reached], faults: Sequence[Fault], programs: Collection[str], *, lose_reports: bool
) -> Iterator[tuple[Reached, PlannedFault]]:
    """Every fault that fits at each boundary.

    A program alone is killed. A report of the private stream, which is kept for who was away, is lost only where that
    was asked for.
    """
    for each in reached:
        name = each.boundary.name
        for fault in faults:
            if not fits(fault, name) or (fault == "kill" and each.boundary.actor not in programs):
                continue
            if fault == "lose" and name in PRIVATE and not lose_reports:
                continue
            yield each, PlannedFault(each.boundary, fault)
