"""What exploring came to, as the overview of a page: how often each fault was done in each state, and what was found.

Each cell of the map leads to one of its runs: to one that broke an invariant, where there is any.
"""

from collections.abc import Mapping, Sequence
from html import escape
from math import log

from ctpscen.ctp.commands.plan import FAULTS, Fault
from ctpscen.explore.campaign import Report
from ctpscen.explore.coverage import CONNECTIONS, ORDERS, Cell, Coverage, State
from ctpscen.explore.findings import Finding, folded
from ctpscen.explore.results import all_findings

Shown = Mapping[tuple[State, Fault], int]
"""The index of the run that stands for a cell, of those that the page has."""


def overview(reports: Sequence[Report], cells: Shown, findings: Sequence[tuple[Finding, int | None, str]]) -> str:
    """The overview as HTML. Of each finding there is the index of its run, None without one, and the replaying line."""
    coverage = Coverage()
    for report in reports:
        coverage.add(report.coverage)
    parts = [
        "<h2>Faults done, by the connection and the newest own order</h2>",
        _totals(reports),
        _map(coverage, cells),
    ]
    parts += ["<h2>Findings</h2>", _findings(findings)]
    unexplored = [each for each in reports if each.unexplored]
    if unexplored:
        told = "".join(
            f"<li>{escape(each.place)}  {escape(each.title)}: {escape(each.unexplored)}</li>" for each in unexplored
        )
        parts += ["<h2>Not explored</h2>", f'<ul class="found">{told}</ul>']
    return "\n".join(parts)


def _totals(reports: Sequence[Report]) -> str:
    runs, boundaries = sum(each.runs for each in reports), sum(each.boundaries for each in reports)
    found = len(folded(all_findings(reports)))
    explored = sum(not each.unexplored for each in reports)
    return (
        f'<p class="dim">Scenarios explored: {explored}. Boundaries: {boundaries:,}. Runs: {runs:,}. '
        f"Findings: {found}. A number is how many runs had that fault in that state, red where an invariant "
        "broke, with how often. A cell leads to one of its runs; in an empty one no such fault was done.</p>"
    )


def _map(coverage: Coverage, cells: Shown) -> str:
    faults = [fault for fault in FAULTS if any(each == fault for _, each in coverage.tried)]
    if not faults:
        return "<p>No fault was done.</p>"
    most = max(cell.times for cell in coverage.tried.values())
    heads = "".join(f'<th scope="col">{fault}</th>' for fault in faults)
    rows = [f'<thead><tr><th scope="col">connection</th><th scope="col">newest own order</th>{heads}</tr></thead>']
    for connection in CONNECTIONS:
        for order, words in ORDERS.items():
            state = connection, order
            if state in coverage.seen:
                row = "".join(_cell(coverage, state, fault, cells, most) for fault in faults)
                rows.append(f'<tr><th scope="row">{connection}</th><th scope="row">{words}</th>{row}</tr>')
    never = [
        words for order, words in ORDERS.items() if not any((each, order) in coverage.seen for each in CONNECTIONS)
    ]
    unreached = f'<p class="dim">Never reached: {", ".join(never)}.</p>' if never else ""
    return f'<table class="cells">{"".join(rows)}</table>{unreached}'


def _cell(coverage: Coverage, state: State, fault: Fault, cells: Shown, most: int) -> str:
    cell = coverage.tried.get((state, fault))
    if cell is None:
        return "<td></td>"
    heat = log(1 + cell.times) / log(1 + most)
    style = f'class="{"broke" if cell.broken else "held"}" style="--heat: {heat:.2f}"'
    said = f'title="{escape(_told(cell, state, fault))}"'
    number = f"{cell.broken} of {cell.times}" if cell.broken else str(cell.times)
    index = cells.get((state, fault))
    link = f"<span {said}>{number}</span>" if index is None else f'<a data-run="{index}" {said}>{number}</a>'
    return f"<td {style}>{link}</td>"


def _told(cell: Cell, state: State, fault: Fault) -> str:
    connection, order = state
    broken = f"an invariant broke in {cell.broken}" if cell.broken else "no invariant broke"
    runs = f"{cell.times} run{'s' if cell.times > 1 else ''}"
    return f"{fault} while {connection}, {ORDERS.get(order, order)}: {runs}, {broken}; see {cell.plan}"


def _findings(findings: Sequence[tuple[Finding, int | None, str]]) -> str:
    if not findings:
        return '<p class="good">Nothing was found.</p>'
    return f'<ol class="found">{"".join(_finding(*each) for each in findings)}</ol>'


def _finding(finding: Finding, index: int | None, again: str) -> str:
    row = "" if finding.row is None else f" row {finding.row + 1}"
    head = escape(f"{finding.place}  {finding.title}{row}: {finding.broken}")
    head = head if index is None else f'<a data-run="{index}">{head}</a>'
    alike = f" and {finding.alike - 1} like it" if finding.alike > 1 else ""
    return f'<li>{head}{alike}<pre class="dim">{escape(finding.reason)}\n{escape(again)}</pre></li>'
