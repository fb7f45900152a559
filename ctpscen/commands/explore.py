"""`ctpscen explore`: scenarios again and again, under faults that they do not name."""

from __future__ import annotations  # exploring is loaded when something is explored

import argparse
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ctpscen.arguments import (
    declare_what,
    positive,
    process_count,
    processes,
    seconds,
    select_items,
    terms_for,
    values_for,
)
from ctpscen.commands import BLOCKED, ERROR, FAILED, INTERRUPTED, NOTHING_SELECTED, PASSED, USAGE
from ctpscen.engine.settings import DEFAULT_ACCOUNT, Settings
from ctpscen.loading import Unreadable
from ctpscen.report.files import Unwritable, prepare_file, write_pieces
from ctpscen.report.terminal.lines import plain
from ctpscen.report.terminal.writer import Writer, writer_for
from ctpscen.runner.nothing_selected import why_none
from ctpscen.runner.selection import Filter, Item
from ctpscen.runner.tags import BadExpression, read_tags
from ctpscen.runner.values import BadValue

if TYPE_CHECKING:
    from ctpscen.explore.campaign import Options, Report
    from ctpscen.explore.findings import Finding
    from ctpscen.explore.spread import Spread
    from ctpscen.explore.trials import Target

DESCRIPTION = """\
Runs each scenario once, and again with a fault at every message that passes: the path cut or stalled, the message lost,
doubled, swapped or refused. What an invariant of the file says must hold under all of them; where the file has none,
that the books agree with the venue's in the end. A finding is shrunk to the line that replays it."""

EPILOG = """\
examples:
  ctpscen explore my_strategy.scn
  ctpscen explore scenarios --faults cut,duplicate -j 2
  ctpscen explore my_strategy.scn --depth 2 --budget 60s
  ctpscen explore scenarios --shard 1/4 --results found   (on each of four machines, then:)
  ctpscen explore --merge found

exit codes:
  0    no invariant broke
  1    an invariant broke, or a scenario failed without faults
  2    bad usage, or a file that does not check; nothing ran
  3    an error while running
  4    a scenario was blocked without faults
  5    no scenario was selected
  130  interrupted
of several, the first of 2, 3, 1, 4 counts
"""


def declare(parser: argparse.ArgumentParser) -> None:
    declare_what(parser, needs_files=False)
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of all that is left to chance (0)")
    parser.add_argument("--seeds", type=positive, default=1, metavar="N", help="so many seeds, from --seed on (1)")
    parser.add_argument("--tag", metavar="EXPR", help="such as 'reconnect and not slow'")
    parser.add_argument(
        "--name", action="append", default=[], metavar="GLOB", help="titles that match; may be repeated"
    )
    how = parser.add_argument_group("how far")
    how.add_argument(
        "--faults",
        type=_faults,
        default=(),
        metavar="LIST",
        help="only these, such as cut,duplicate; of cut, stall, lose, duplicate, swap, refuse, kill",
    )
    how.add_argument("--depth", type=int, choices=(1, 2), default=1, help="2: pairs of faults as well")
    how.add_argument("--all", action="store_true", help="boundaries that are alike, too, not the first of them alone")
    how.add_argument("--runs", type=positive, metavar="N", help="so many runs; random plans when all else was tried")
    how.add_argument("--budget", type=seconds, metavar="D", help="so long, such as 60s; likewise")
    how.add_argument("--html", metavar="FILE", help="write a page: a map of faults and states, with runs to look at")
    how.add_argument("--force", action="store_true", help="write over a file that is no page of ctpscen's, too")
    spread = parser.add_argument_group("by whom")
    spread.add_argument(
        "-j", "--processes", default="1", type=process_count, metavar="N", help="in so many processes, or auto"
    )
    spread.add_argument("--cluster", metavar="ADDRESS", help="on the Dask cluster whose scheduler is there")
    spread.add_argument("--shard", type=_shard, default=(1, 1), metavar="K/N", help="only the K-th of N parts")
    spread.add_argument(
        "--results", metavar="DIR", help="keep what is found there as it is found, and go on where a run was ended"
    )
    spread.add_argument("--merge", metavar="DIR", help="show the results of all shards in a folder, and run nothing")


def _faults(text: str) -> tuple[str, ...]:
    from ctpscen.explore.choice import FAULT_WORDS
    from ctpscen.language.text.suggestions import did_you_mean

    words = tuple(word.strip() for word in text.split(","))
    for word in words:
        if word not in FAULT_WORDS:
            raise argparse.ArgumentTypeError(f"there is no fault `{word}`{did_you_mean(word, FAULT_WORDS)}")
    return words


def _shard(text: str) -> tuple[int, int]:
    part, slash, parts = text.partition("/")
    if not (slash and part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"K/N is wanted, such as 1/4, not {text}")
    return int(part), int(parts)


def execute(options: argparse.Namespace) -> int:
    from ctpscen.explore.cluster import NoCluster
    from ctpscen.explore.results import NoResults, merged

    began = time.perf_counter()
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    targets: list[Target] = []
    try:
        if options.html is not None:
            prepare_file(options.html, force=options.force)
        if options.merge is not None:
            reports, interrupted = merged(Path(options.merge)), False
        else:
            if not options.files:
                err.write(plain("name a scenario file, or --merge DIR", "bad"))
                return USAGE
            selection = select_items(options.files)
            if not selection.is_sound:
                selection.tell(err)
                return USAGE
            wanted = Filter(None if options.tag is None else read_tags(options.tag), options.name).wants
            items = [item for item in selection.items if wanted(item)]
            selection.tell(err, items)
            if not items:
                err.write(plain("no scenario was selected", "warn"))
                why = why_none(selection.items, options.tag, options.name, last_failed=False)
                for each in [*selection.unmet, *why]:
                    err.write(plain(f"  {each}", "warn"))
                return NOTHING_SELECTED
            targets = _targets(options, items)
            reports, interrupted = _explore(options, targets, out)
    except (BadValue, Unreadable, BadExpression, NoCluster, NoResults, Unwritable, OSError) as reason:
        err.write(plain(str(reason), "bad"))
        return USAGE
    wall = time.perf_counter() - began
    _show(options, reports, out, wall)
    if options.html is not None:
        try:
            _write_page(options, reports, targets, wall)
        except Unwritable as reason:
            err.write(plain(str(reason), "bad"))
            return ERROR
    return INTERRUPTED if interrupted else _exit_code(reports)


def _targets(options: argparse.Namespace, items: Sequence[Item]) -> list[Target]:
    from ctpscen.explore.trials import targets_of

    values = values_for(options, items)
    account = options.account or DEFAULT_ACCOUNT
    settings = Settings(values=values, account=account, instrument=options.instrument, terms=terms_for(options))
    return list(targets_of(items, settings, options.seed, options.seeds))


def _explore(options: argparse.Namespace, targets: Sequence[Target], out: Writer) -> tuple[list[Report], bool]:
    """Explores targets, showing each as it is done; True where the user has had enough."""
    from ctpscen.explore.exploring import explore_all
    from ctpscen.explore.results import ResultsFile, file_of
    from ctpscen.report.terminal.explored import target_line

    results = None if options.results is None else ResultsFile(file_of(Path(options.results), options.shard))
    spread = _spread(options)
    reports: list[Report] = []
    try:
        for report in explore_all(targets, _options(options), spread, results):
            reports.append(report)
            out.write(target_line(report))
            out.flush()
    except KeyboardInterrupt:
        return reports, True
    finally:
        spread.close()
    return reports, False


def _spread(options: argparse.Namespace) -> Spread:
    """Who does the work. Raises NoCluster."""
    if options.cluster is None:
        from ctpscen.explore.spread import in_processes

        return in_processes(processes(options.processes))
    from ctpscen.explore.cluster import on_cluster

    return on_cluster(options.cluster)


def _options(options: argparse.Namespace) -> Options:
    from ctpscen.explore.campaign import Options

    return Options(options.faults, options.depth, options.all, options.runs, options.budget, options.shard)


def _show(options: argparse.Namespace, reports: Sequence[Report], out: Writer, wall: float) -> None:
    from ctpscen.explore.coverage import Coverage
    from ctpscen.report.terminal.explored import coverage_lines, finding_lines, summary_line, unexplored_lines

    coverage = Coverage()
    for report in reports:
        coverage.add(report.coverage)
    for line in unexplored_lines(reports):
        out.write(line)
    for line in finding_lines(reports, lambda finding: _again(options, finding)):
        out.write(line)
    for line in coverage_lines(coverage):
        out.write(line)
    out.write(plain(""))
    out.write(summary_line(reports, wall))


def _write_page(options: argparse.Namespace, reports: Sequence[Report], targets: Sequence[Target], wall: float) -> None:
    """Writes the page, with the runs that it shows. Raises Unwritable."""
    from ctpscen.explore.showing import Gallery
    from ctpscen.report.page.fault_map import overview
    from ctpscen.report.page.html import Page

    gallery, page, done = Gallery.of(targets), Page(), []
    findings = [(finding, index, shlex.join(_again(options, finding))) for finding, index in gallery.findings(reports)]
    cells = gallery.cells(reports)
    try:
        for target, plan, each in gallery.runs():
            page.add(each, shlex.join(_replay(options, target.place, target.given_seed, plan)))
            done.append(each)
    except OSError as reason:
        raise Unwritable.because(options.html, reason) from None
    write_pieces(options.html, page.pieces(done, wall, options.seed, overview=overview(reports, cells, findings)))


def _again(options: argparse.Namespace, finding: Finding) -> list[str]:
    return _replay(options, finding.place, finding.seed, finding.plan)


def _replay(options: argparse.Namespace, place: str, seed: int, plan: str) -> list[str]:
    """The words of the command that replays a run."""
    words = ["ctpscen", "run", place, "--seed", str(seed)]
    words += [word for pair in options.values for word in ("--set", pair)]
    words += [word for file in options.value_files for word in ("--set-file", file)]
    for name in ("account", "instrument", "products"):
        if given := getattr(options, name):
            words += [f"--{name}", given]
    return [*words, "--plan", plan]


_EXIT_CODES = (("error", ERROR), ("failed", FAILED), ("blocked", BLOCKED))


def _exit_code(reports: Sequence[Report]) -> int:
    from ctpscen.engine.run import NO_INTERNAL_ERROR

    verdicts = {report.verdict for report in reports}
    broken = {finding.broken for report in reports for finding in report.findings}
    if NO_INTERNAL_ERROR in broken:
        verdicts.add("error")
    if broken or any(report.breaks_by_default for report in reports):
        verdicts.add("failed")
    return next((code for verdict, code in _EXIT_CODES if verdict in verdicts), PASSED)
