"""The order of work: every boundary with every fault, then pairs, then random plans until the budget is spent."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import TypeVar

from attrs import define, field, frozen

from ctpscen.ctp.commands.plan import Fault, Plan, PlannedFault, plan_text
from ctpscen.engine.state.outcomes import Verdict
from ctpscen.engine.unit import Reached, Result, Wanted
from ctpscen.explore.choice import after, apart, faults_at, faults_named
from ctpscen.explore.coverage import Coverage, State, state_of
from ctpscen.explore.findings import Finding
from ctpscen.explore.shrinking import shrink
from ctpscen.explore.spread import Spread
from ctpscen.explore.trials import Target, Tried, run_target

Chosen = TypeVar("Chosen")

WAVE = 240
"""Trials that are given out together where each may be the last that the budget allows."""

RANDOM_FAULTS = 3
"""The most faults of a random plan."""


@frozen
class Options:
    """How far exploring goes.

    `faults` are words of `choice.FAULT_WORDS`, none for all. `runs` and `seconds` are the budget of the whole campaign,
    None where there is none; with one, random plans follow until it is spent. `shard` is which part of how many.
    """

    faults: Sequence[str] = ()
    depth: int = 1
    every_boundary: bool = False
    runs: int | None = None
    seconds: float | None = None
    shard: tuple[int, int] = (1, 1)


@define
class Budget:
    """What is left of the runs and the time of a campaign."""

    runs: int | None
    ends_at: float | None
    spent: int = 0

    @classmethod
    def of(cls, options: Options) -> "Budget":
        return cls(options.runs, None if options.seconds is None else time.monotonic() + options.seconds)

    @property
    def is_limited(self) -> bool:
        return self.runs is not None or self.ends_at is not None

    @property
    def left(self) -> int:
        """How many runs may still be made at once."""
        if self.ends_at is not None and time.monotonic() >= self.ends_at:
            return 0
        return WAVE if self.runs is None else max(0, min(WAVE, self.runs - self.spent))


@define
class Report:
    """What exploring one target came to.

    `verdict` and `reason` are those of the run without faults. `unexplored` says why it was not explored further, ''
    where it was; `result` is then that run. `breaks_by_default` says that no fault is needed for what holds by default.
    """

    place: str
    title: str
    row: int | None
    seed: int
    verdict: Verdict
    reason: str = ""
    unexplored: str = ""
    breaks_by_default: bool = False
    boundaries: int = 0
    runs: int = 0
    findings: list[Finding] = field(factory=list)
    coverage: Coverage = field(factory=Coverage)
    result: Result | None = None


def _nobody(_: Finding) -> None:
    """Who is told of nothing."""


def explore(
    target: Target, options: Options, spread: Spread, budget: Budget, tell: Callable[[Finding], None] = _nobody
) -> Report:
    """Explores one target; `tell` is told of each finding at once."""
    report = _explored(target, options, spread, budget, tell)
    budget.spent += report.runs
    return report


def _explored(
    target: Target, options: Options, spread: Spread, budget: Budget, tell: Callable[[Finding], None]
) -> Report:
    plain = run_target(target, None)
    report = Report(target.place, target.title, target.row, target.given_seed, plain.verdict, plain.reason)
    report.runs += 1
    if not plain.passed:
        report.unexplored, report.result = f"{plain.verdict} without faults", plain
        return report
    base = run_target(target, ())
    report.runs += 1
    if base.explored is None or base.explored.broken:
        report.unexplored, report.breaks_by_default = "breaks without faults what holds by default", True
        report.reason, report.result = base.reason, base
        return report
    _Campaign(target, options, spread, budget, report, base.explored.reached, tell).run()
    return report


@define(eq=False)
class _Campaign:
    """The trials of one target."""

    target: Target
    options: Options
    spread: Spread
    budget: Budget
    report: Report
    reached: Sequence[Reached]
    tell: Callable[[Finding], None]
    _breaks: dict[str, bool] = field(factory=dict)
    _singles: list[tuple[Reached, PlannedFault, Tried]] = field(factory=list)

    def run(self) -> None:
        self.report.coverage.see(self.reached)
        self.report.boundaries = len(self.reached)
        self._try_singles()
        if self.options.depth > 1:
            self._try_pairs()
        if self.budget.is_limited:
            self._try_random()

    # --------------------------------------------------------------------------------------------------- what to do

    def _faults_at(self, reached: Iterable[Reached]) -> Iterator[tuple[Reached, PlannedFault]]:
        words = self.options.faults
        return faults_at(
            apart(reached, all_of_them=self.options.every_boundary),
            faults_named(words),
            {each.boundary.actor for each in self.reached} if self.target.has_programs else (),
            lose_reports="lose" in words,
        )

    def _try_singles(self) -> None:
        part, parts = self.options.shard
        chosen = [each for at, each in enumerate(self._faults_at(self.reached)) if at % parts == part - 1]
        wanted: Wanted = "boundaries" if self.options.depth > 1 else "verdict"
        for (reached, fault), tried in self._trials(chosen, lambda each: (each[1],), wanted):
            self._singles.append((reached, fault, tried))
            self.report.coverage.count(reached, fault.fault, tried.plan, broken=bool(tried.broken))
            self._breaks[tried.plan] = bool(tried.broken)
            if tried.broken:
                self._found(tried)

    def _pairs(self) -> Iterator[tuple[Reached, Plan]]:
        """Second faults in the runs with a first one: those first whose pair of states is new."""
        seen_traces, seen_states = set[str](), set[tuple[State, State, Fault, Fault]]()
        later = []
        for reached, first, tried in self._singles:
            if tried.broken or not tried.was_done or tried.trace in seen_traces:
                continue
            seen_traces.add(tried.trace)
            for second, fault in self._faults_at(after(tried.reached, first.boundary)):
                states = state_of(reached), state_of(second), first.fault, fault.fault
                if self._breaks.get(plan_text((fault,))):
                    continue  # the part breaks by itself
                if states in seen_states:
                    later.append((second, (first, fault)))
                    continue
                seen_states.add(states)
                yield second, (first, fault)
        yield from later

    def _try_pairs(self) -> None:
        for (reached, plan), tried in self._trials(list(self._pairs()), lambda each: each[1]):
            if tried.was_done:
                self.report.coverage.count(reached, plan[1].fault, tried.plan, broken=bool(tried.broken))
            if tried.broken:
                self._found_larger(tried)

    def _try_random(self) -> None:
        """Plans by chance, out of the faults that were tried singly and broke nothing."""
        random = Random(f"explore {self.target.identity} {self.options.shard}")
        pool = [fault for _, fault, tried in self._singles if not tried.broken]
        while pool and self._left():
            plans = []
            for _ in range(min(WAVE, self._left())):
                chosen = random.sample(pool, min(len(pool), random.randint(2, RANDOM_FAULTS)))
                by_boundary = {each.boundary: each for each in chosen}
                plans.append(tuple(by_boundary.values()))
            for _, tried in self._trials(plans, lambda each: each):
                if tried.broken:
                    self._found_larger(tried)

    # ------------------------------------------------------------------------------------------------ doing it

    def _left(self) -> int:
        left = self.budget.left
        if self.budget.runs is not None:
            left = min(left, self.budget.runs - self.budget.spent - self.report.runs)
        return max(0, left)

    def _trials(
        self, chosen: Sequence[Chosen], plan_of: Callable[[Chosen], Plan], wanted: Wanted = "verdict"
    ) -> Iterator[tuple[Chosen, Tried]]:
        """The trials of what was chosen, in its order, as far as the budget goes."""
        at = 0
        while at < len(chosen):
            size = self._left() if self.budget.is_limited else len(chosen)
            wave = chosen[at : at + size]
            if not wave:
                return
            plans = [plan_text(plan_of(each)) for each in wave]
            for each, tried in zip(wave, self.spread.trials(self.target, plans, wanted), strict=True):
                self.report.runs += 1
                yield each, tried
            at += len(wave)

    def _found_larger(self, tried: Tried) -> None:
        """Takes a finding of several faults, as small as it can be made."""

        def breaks(plan: Plan) -> bool:
            self.report.runs += 1
            (again,) = self.spread.trials(self.target, [plan_text(plan)], "verdict")
            self._breaks[again.plan] = bool(again.broken)
            if again.broken == tried.broken:
                smaller[again.plan] = again
            return again.broken == tried.broken

        smaller: dict[str, Tried] = {}
        plan = plan_text(shrink(tried.faults, breaks, self._breaks, faults_named(self.options.faults)))
        found = smaller.get(plan, tried)
        if found is not tried or plan == tried.plan:
            self._found(found)

    def _found(self, tried: Tried) -> None:
        target = self.target
        finding = Finding(
            target.place,
            target.title,
            target.row,
            target.given_seed,
            tried.plan,
            tried.broken,
            tried.reason,
            tried.of_three,
        )
        self.report.findings.append(finding)
        self.tell(finding)
