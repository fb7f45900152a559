"""What exploring found, with alike findings folded into one."""

from collections.abc import Iterable, Sequence

from attrs import field, frozen

from ctpscen.ctp.commands.plan import FAULTS, read_plan


@frozen
class Finding:
    """An invariant that a plan breaks.

    `alike` counts the findings that differ from it in nothing but which of several like messages was struck, or how
    long a path stalled.
    `of_three` says in how many of three runs it broke, 0 where that is not asked.
    """

    place: str
    title: str
    row: int | None
    seed: int
    plan: str
    broken: str
    reason: str
    of_three: int = 0
    alike: int = field(default=1, eq=False)

    @property
    def kind(self) -> tuple[object, ...]:
        """What it shares with those that it is folded with."""
        faults = tuple(
            (each.boundary.actor, each.boundary.name, each.fault.removesuffix("25s")) for each in read_plan(self.plan)
        )
        return self.place, self.title, self.row, self.broken, faults

    @property
    def rank(self) -> tuple[object, ...]:
        """Fewest faults first, then the simplest, then the earliest."""
        faults = read_plan(self.plan)
        simplest = [FAULTS.index(each.fault) for each in faults]
        return len(faults), simplest, [each.boundary.count for each in faults], self.seed


def folded(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each kind, the first by rank, in the order in which the kinds were found."""
    kinds: dict[tuple[object, ...], list[Finding]] = {}
    for each in findings:
        kinds.setdefault(each.kind, []).append(each)
    return [_first(each) for each in kinds.values()]


def _first(alike: Sequence[Finding]) -> Finding:
    best = min(alike, key=lambda each: each.rank)
    total = sum(each.alike for each in alike)
    return Finding(
        best.place, best.title, best.row, best.seed, best.plan, best.broken, best.reason, best.of_three, total
    )
