"""The runs that the page of a campaign shows: one for each cell of its map, and one for each finding."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import define, field, frozen

from ctpscen.ctp.commands.plan import Fault, read_plan
from ctpscen.explore.campaign import Report
from ctpscen.explore.coverage import State
from ctpscen.explore.findings import Finding, folded
from ctpscen.explore.results import all_findings
from ctpscen.explore.trials import Target, program_of, run_target
from ctpscen.runner.execution import Done
from ctpscen.runner.selection import Item

MOST_FINDINGS = 100
"""So many findings have a run of their own on the page."""


@frozen(eq=False)
class UnderPlan(Item):
    """An item under a plan, which stands where a repetition's number else does."""

    plan: str = ""

    @property
    def number(self) -> str:
        return f"under {self.plan}"


@define(eq=False)
class Gallery:
    """Picks and runs them; each plan of a target once, in the order in which they were asked for."""

    targets: Mapping[str, Target]
    _wanted: dict[tuple[str, str], int] = field(factory=dict)

    @classmethod
    def of(cls, targets: Sequence[Target]) -> "Gallery":
        return cls({key_of(each.place, each.title, each.row, each.given_seed): each for each in targets})

    def findings(self, reports: Sequence[Report]) -> list[tuple[Finding, int | None]]:
        """The findings, each with the index of its run."""
        found = folded(all_findings(reports))
        return [
            (each, self._index(key_of(each.place, each.title, each.row, each.seed), each.plan, at < MOST_FINDINGS))
            for at, each in enumerate(found)
        ]

    def cells(self, reports: Sequence[Report]) -> dict[tuple[State, Fault], int]:
        """The index of the run that stands for each cell: the first in which an invariant broke, else the first."""
        best: dict[tuple[State, Fault], tuple[bool, int, str]] = {}
        for at, report in enumerate(reports):
            for where, cell in report.coverage.tried.items():
                here = not cell.broken, at, cell.plan
                best[where] = min(best.get(where, here), here)
        found = {}
        for where, (_, at, plan) in sorted(best.items(), key=lambda each: each[1]):
            report = reports[at]
            index = self._index(key_of(report.place, report.title, report.row, report.seed), plan)
            if index is not None:
                found[where] = index
        return found

    def _index(self, target: str, plan: str, wanted: bool = True) -> int | None:
        if target not in self.targets or not wanted:
            return None
        return self._wanted.setdefault((target, plan), len(self._wanted))

    def runs(self) -> Iterator[tuple[Target, str, Done]]:
        """Does the runs that were asked for, each with its whole journal."""
        for name, plan in self._wanted:
            target = self.targets[name]
            program = program_of(target)
            scenario = next(each for each in program.scenarios if each.title == target.title)
            item = UnderPlan(target.place.rpartition(":")[0], program, scenario, target.row, plan=plan)
            yield target, plan, Done(item, run_target(target, read_plan(plan)), 0.0)


def key_of(place: str, title: str, row: int | None, seed: int) -> str:
    return repr((place, title, row, seed))
