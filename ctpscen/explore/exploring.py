"""A whole campaign: every target in turn, with one budget, going on where an earlier one was ended."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from attrs import frozen

from ctpscen.explore.campaign import Budget, Options, Report, explore
from ctpscen.explore.findings import Finding
from ctpscen.explore.results import ResultsFile
from ctpscen.explore.spread import Here, Spread
from ctpscen.explore.trials import Target


def explore_all(
    targets: Iterable[Target], options: Options, spread: Spread, results: ResultsFile | None = None
) -> Iterator[Report]:
    """The reports, in the order of the targets. Whoever stops asking stops the campaign.

    Raises NoResults for a results file that is something else, and OSError.
    """
    all_of_them = list(targets)
    if results is not None:
        results.open()
    try:
        done = {} if results is None else results.done
        reports = _explored([each for each in all_of_them if each.identity not in done], options, spread, results)
        for target in all_of_them:
            yield done[target.identity] if target.identity in done else next(reports)
    finally:
        if results is not None:
            results.close()


def _explored(
    targets: Sequence[Target], options: Options, spread: Spread, results: ResultsFile | None
) -> Iterator[Report]:
    """The reports of what is not done yet, each kept when it is there."""
    budget = Budget.of(options)
    if spread.is_wide and len(targets) > 1 and options.depth == 1 and not budget.is_limited:
        pieces = [_Whole(target, options) for target in targets]
        for target, report in zip(targets, spread.map(_explore_here, pieces), strict=True):
            for finding in report.findings:
                _keep(results, target, finding)
            yield _kept(results, target, report)
        return
    for target in targets:
        yield _kept(results, target, explore(target, options, spread, budget, partial(_keep, results, target)))


def _keep(results: ResultsFile | None, target: Target, finding: Finding) -> None:
    if results is not None:
        results.found(target.identity, finding)


def _kept(results: ResultsFile | None, target: Target, report: Report) -> Report:
    if results is not None:
        results.done_with(target.identity, report)
    return report


@frozen(eq=False, repr=False)
class _Whole:
    """A target that one worker explores by itself: so no worker waits until others have done theirs of it."""

    target: Target
    options: Options

    def __str__(self) -> str:
        return self.target.place


def _explore_here(whole: _Whole) -> Report:
    return explore(whole.target, whole.options, Here(), Budget.of(whole.options))
