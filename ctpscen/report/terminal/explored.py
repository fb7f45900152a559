"""What exploring came to, in lines: each scenario, each finding with the line that replays it, and what was covered."""

import shlex
from collections.abc import Callable, Iterator, Sequence

from ctpscen.explore.campaign import Report
from ctpscen.explore.coverage import CONNECTIONS, ORDERS, Coverage
from ctpscen.explore.findings import Finding, folded
from ctpscen.explore.results import all_findings
from ctpscen.report.terminal.lines import Line, counted, plain

Again = Callable[[Finding], Sequence[str]]
"""The words of the command that replays a finding."""

MOST_SHOWN = 12
"""So many findings of one invariant are shown."""


def target_line(report: Report) -> Line:
    row = "" if report.row is None else f"[{report.row + 1}]"
    seed = f" seed {report.seed}" if report.seed else ""
    what = f"{report.place}  {report.title}{row}{seed}"
    if report.unexplored:
        return plain(f"  not explored  {what}: {report.unexplored}", "warn")
    found = folded(report.findings)
    said = f"{counted(len(found), 'finding')}" if found else "nothing found"
    line = f"  {what}: {_boundaries(report.boundaries)}, {counted(report.runs, 'run')}, {said}"
    return plain(line, "bad" if found else "")


def unexplored_lines(reports: Sequence[Report]) -> Iterator[Line]:
    """Why what was not explored was not, each with its diagnostics."""
    for report in reports:
        if report.unexplored and report.reason:
            yield plain("")
            yield plain(f"{report.place}  {report.title}: {report.unexplored}", "warn")
            yield from (plain(f"  {line}") for line in report.reason.splitlines())


def finding_lines(reports: Sequence[Report], again: Again) -> Iterator[Line]:
    """Every finding, folded, with how it can be seen again."""
    shown: dict[tuple[str, str, str], int] = {}
    for finding in folded(all_findings(reports)):
        key = finding.place, finding.title, finding.broken
        shown[key] = shown.get(key, 0) + 1
        if shown[key] > MOST_SHOWN:
            continue
        yield plain("")
        row = "" if finding.row is None else f"[{finding.row + 1}]"
        yield plain(f"{finding.place}  {finding.title}{row}: {finding.broken}", "bad")
        yield plain(f"  under {finding.plan}")
        yield from (plain(f"  {line}") for line in finding.reason.splitlines())
        if finding.of_three:
            yield plain(f"  in {finding.of_three} of 3 runs")
        if finding.alike > 1:
            yield plain(f"  and {counted(finding.alike - 1, 'finding')} like it")
        yield plain(f"  {shlex.join(again(finding))}")
    for (place, title, broken), number in shown.items():
        if number > MOST_SHOWN:
            yield plain("")
            yield plain(f"{place}  {title}: {broken}: {counted(number - MOST_SHOWN, 'finding')} more of other kinds")


def coverage_lines(coverage: Coverage) -> Iterator[Line]:
    """How many faults were done in each state that was come to; a dot where none was, and a blank where no run came."""
    yield plain("")
    width = max(map(len, ORDERS.values())) + 2
    yield plain("faults done, by the newest own order and the connection")
    yield plain(" " * (width + 2) + "".join(f"{each:>15}" for each in CONNECTIONS))
    for order, words in ORDERS.items():
        cells = [_cell(coverage, (connection, order)) for connection in CONNECTIONS]
        if any(cells):
            yield plain(f"  {words:<{width}}" + "".join(f"{cell:>15}" for cell in cells))
    unreached = [words for order, words in ORDERS.items() if not any((c, order) in coverage.seen for c in CONNECTIONS)]
    if unreached:
        yield plain(f"  never reached: {', '.join(unreached)}")


def _boundaries(number: int) -> str:
    return f"{number} {'boundary' if number == 1 else 'boundaries'}"


def _cell(coverage: Coverage, state: tuple[str, str]) -> str:
    if state not in coverage.seen:
        return ""
    return str(coverage.faults_in(state) or "·")


def summary_line(reports: Sequence[Report], wall: float) -> Line:
    runs, boundaries = sum(each.runs for each in reports), sum(each.boundaries for each in reports)
    found = len(folded(all_findings(reports)))
    unexplored = sum(bool(each.unexplored) for each in reports)
    parts = [counted(len(reports) - unexplored, "scenario") + " explored"]
    parts += [f"{unexplored} not"] if unexplored else []
    parts += [_boundaries(boundaries), counted(runs, "run")]
    parts.append(counted(found, "finding") if found else "nothing found")
    return plain(f"{', '.join(parts)} in {wall:.2f} s", "bad" if found else "good")
