"""A whole campaign: every target in turn, with one budget, going on where an earlier one was ended."""

from collections.abc import Iterable, Iterator
from functools import partial

from ctpscen.explore.campaign import Budget, Options, Report, explore
from ctpscen.explore.results import ResultsFile
from ctpscen.explore.spread import Spread
from ctpscen.explore.trials import Target


def explore_all(
    targets: Iterable[Target], options: Options, spread: Spread, results: ResultsFile | None = None
) -> Iterator[Report]:
    """The reports, in the order of the targets. Whoever stops asking stops the campaign.

    Raises NoResults for a results file that is something else, and OSError.
    """
    budget = Budget.of(options)
    if results is not None:
        results.open()
    try:
        for target in targets:
            known = None if results is None else results.done.get(target.identity)
            if known is not None:
                yield known
            elif results is None:
                yield explore(target, options, spread, budget)
            else:
                report = explore(target, options, spread, budget, partial(results.found, target.identity))
                results.done_with(target.identity, report)
                yield report
    finally:
        if results is not None:
            results.close()
