"""`ctpscen certify`: a broker's functional test of a trading program, from the first point to the forms."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ctpscen.certify.documents.template import Template
from ctpscen.certify.documents.writing import read_map, write_documents
from ctpscen.certify.folder import init_folder
from ctpscen.certify.points import points
from ctpscen.certify.provenance import file_hashes, listed, program_folder, provenance
from ctpscen.certify.results import Outcome, Results, overall
from ctpscen.certify.running import Wanted, run_points, with_image
from ctpscen.certify.scenarios import DRIVER, DoesNotCheck, Scenarios, scenarios_of
from ctpscen.certify.settings import BadSettings, CertifySettings, read_settings
from ctpscen.commands import BLOCKED, ERROR, FAILED, INTERRUPTED, PASSED, USAGE
from ctpscen.interruption import interruptions
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.live.profile.profiles import LiveOptions
from ctpscen.loading import Unreadable
from ctpscen.report.files import Unwritable
from ctpscen.report.terminal.events import EventLines
from ctpscen.report.terminal.lines import Line, Piece, counted, plain
from ctpscen.report.terminal.writer import Writer, write_diagnostics, writer_for

DESCRIPTION = """\
Runs a trading program through the points of the functional test that brokers in China ask for, and fills in the forms:
on the simulator as a rehearsal, on a broker's front as the test itself."""

EPILOG = """\
examples:
  ctpscen certify init my_system
  ctpscen certify run my_system
  ctpscen certify run my_system M02 M03 --again
  ctpscen certify report my_system --template broker.toml

exit codes:
  0    every point that was wanted passed
  1    one failed
  2    bad usage, or a file that is not as it must be
  3    something could not be written
  4    one is blocked, and none failed
"""

_STYLES = {"PASS": "good", "FAIL": "bad", "BLOCKED": "warn"}


class Usage(Exception):
    """What was asked for cannot be done; the text says why."""


def declare(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(prog=parser.prog, metavar="ACTION", required=True, dest="action")
    init = actions.add_parser("init", help="write the folder that a test begins with")
    init.add_argument("folder", metavar="FOLDER", help="where to; nothing in it is written over")
    run = actions.add_parser("run", help="run the points that have not passed yet, and write the documents")
    _declare_folder(run)
    run.add_argument("ids", nargs="*", metavar="ID", help="only these points: C01, M02, … (all)")
    run.add_argument("--again", action="store_true", help="run those, too, that have passed before")
    run.add_argument("--unattended", action="store_true", help="nobody is there: what a `prompt` asks for is BLOCKED")
    run.add_argument("--seed", type=int, default=0, metavar="N", help="of all that is random in the simulator")
    run.add_argument("-v", "--verbose", action="store_true", help="show what happens while it does")
    run.add_argument("--allow-orders", action="store_true", help="live: let the program's orders out, within the caps")
    report = actions.add_parser("report", help="write the documents of what has been run, anew")
    _declare_folder(report)


def _declare_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="the folder of the test, with system.toml and driver.scn")
    parser.add_argument("--live", default="", metavar="PROFILE", help="the test itself, on the front of this profile")
    parser.add_argument("--template", default="", metavar="FILE", help="a map (TOML) to a form of the broker's own")


def execute(options: argparse.Namespace) -> int:
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    try:
        return _ACTIONS[options.action](options, out)
    except (Usage, BadSettings, Unreadable) as reason:
        err.write(plain(str(reason), "bad"))
    except DoesNotCheck as wrong:
        write_diagnostics(wrong.found, err)
    except Unwritable as reason:
        err.write(plain(str(reason), "bad"))
        return ERROR
    return USAGE


def _init(options: argparse.Namespace, out: Writer) -> int:
    try:
        written = init_folder(Path(options.folder))
    except Unwritable as reason:
        raise Usage(str(reason)) from None
    for path in written:
        out.write(plain(f"wrote {path}"))
    out.write(plain(f"say in them what is tested and how, then: ctpscen certify run {options.folder}", "good"))
    return PASSED


def _run(options: argparse.Namespace, out: Writer) -> int:
    settings, scenarios = _read(options)
    live, template = _live(options), read_map(options.template)
    results = Results.of(settings.folder, live=live is not None)
    before = results.read()
    hashes = file_hashes(folder) if (folder := program_folder(scenarios.program)) is not None else {}
    made = provenance(hashes, None if live is None else live.profile.name, options.seed)
    if changed := [each for each, outcome in before.items() if outcome.provenance.get("program") != made["program"]]:
        out.write(plain(f"the program's files have changed: run again are {' '.join(changed)}", "warn"))
        before = {each: outcome for each, outcome in before.items() if each not in changed}
    ids = _ids(options, settings, before)
    results.write_files(listed(hashes))
    wanted = Wanted(settings, scenarios, results, made, live, options.seed, options.unattended)
    shown = _Shown(out, everything=options.verbose) if options.verbose or settings.pace != "jump" else None
    outcomes, ended = dict(before), []
    with interruptions.taken():
        try:
            for outcome in run_points(ids, wanted, shown.event if shown else lambda _: None):
                outcomes[outcome.id] = outcome
                ended.append(outcome.id)
                for line in _lines(with_image(outcome, results), settings):
                    out.write(line)
                out.flush()
        except KeyboardInterrupt:
            pass
    _write(results, outcomes, settings, template, out)
    if len(ended) < len(ids):
        out.write(plain(f"interrupted: {counted(len(ids) - len(ended), 'point')} left; run it again to go on", "warn"))
        return INTERRUPTED
    return _summary([each for each in points() if each in {*ids, *before}], outcomes, settings, results, out)


def _report(options: argparse.Namespace, out: Writer) -> int:
    settings, _ = _read(options)
    results = Results.of(settings.folder, live=bool(options.live))
    outcomes = results.read()
    if not outcomes:
        raise Usage(f"{results.folder}: nothing has been run yet")
    _write(results, outcomes, settings, read_map(options.template), out)
    return _summary(list(outcomes), outcomes, settings, results, out)


def _write(
    results: Results, outcomes: Mapping[str, Outcome], settings: CertifySettings, template: Template, out: Writer
) -> None:
    judged = {each: with_image(outcome, results) for each, outcome in outcomes.items()}
    for said in write_documents(results, judged, settings, template):
        out.write(plain(said, "dim" if said.startswith("wrote ") else "warn"))


_ACTIONS = {"init": _init, "run": _run, "report": _report}


def _read(options: argparse.Namespace) -> tuple[CertifySettings, Scenarios]:
    folder = Path(options.folder)
    if not (folder / DRIVER).is_file():
        raise Usage(f"{folder / DRIVER}: there is no such file; `ctpscen certify init {folder}` writes one")
    scenarios = scenarios_of(folder, live=bool(options.live))
    return read_settings(folder, scenarios.params), scenarios


def _ids(options: argparse.Namespace, settings: CertifySettings, before: Mapping[str, Outcome]) -> Sequence[str]:
    for each in options.ids:
        if each not in points():
            raise Usage(f"there is no point {each}{did_you_mean(each, list(points()))} ({', '.join(points())})")
    asked = options.ids or [each for each in points() if each not in settings.left_out]
    passed = {each for each, outcome in before.items() if outcome.verdict == "PASS"}
    return [each for each in points() if each in asked and (options.again or each not in passed)]


def _live(options: argparse.Namespace) -> LiveOptions | None:
    if not options.live:
        if options.allow_orders:
            raise Usage("--allow-orders: only with --live PROFILE (see docs/live.md)")
        return None
    from ctpscen.live.profile.profiles import BadProfile, load_profile
    from ctpscen.live.profile.secret import NoSecret

    try:
        profile = load_profile(options.live, did_you_mean)
        profile.check_secrets()
        named = profile.named_secrets()
    except (BadProfile, NoSecret) as reason:
        raise Usage(str(reason)) from None
    return LiveOptions(profile, options.allow_orders, False, False, named, False)


class _Shown:
    """Shows which point it is, for the person who is asked to do something; and `everything` that happens."""

    def __init__(self, out: Writer, *, everything: bool) -> None:
        self._out = out
        self._everything = everything
        self._lines: EventLines | None = None

    def event(self, event: Mapping[str, Any]) -> None:
        if event["event"] == "scenario":
            self._out.write(plain(event["title"], "heading"))
            self._lines = EventLines(event)
        elif self._lines is not None and self._everything:
            for line in self._lines.of(event):
                self._out.write(line)
        self._out.flush()


def _lines(outcome: Outcome, settings: CertifySettings) -> Sequence[Line]:
    """A line for a point, and why it did not pass."""
    point = points()[outcome.id]
    mark = "（选）" if point.optional else ""
    style = _STYLES[outcome.verdict]
    lines: list[Line] = [[Piece(f"{outcome.verdict:8}", style), Piece(f"{outcome.id:5} {point.point}{mark}")]]
    if outcome.verdict != "PASS":
        lines += [plain(f"{'':14}{each}", style) for each in outcome.reason.splitlines()]
        lines.append(plain(f"{'':14}证据：{point.evidence}", "dim"))
        known = [f"{name} = {settings.shows[name]!r}" for name in point.shows if settings.shows.get(name)]
        if known:
            lines.append(plain(f"{'':14}[shows] {', '.join(known)}", "dim"))
    return lines


def _summary(
    ids: Sequence[str], outcomes: Mapping[str, Outcome], settings: CertifySettings, results: Results, out: Writer
) -> int:
    judged = {each: with_image(outcomes[each], results) for each in ids}
    counts = {verdict: sum(each.verdict == verdict for each in judged.values()) for verdict in _STYLES}
    pieces = [f"{count} {verdict}" for verdict, count in counts.items() if count]
    kind = "the test" if results.live else "a rehearsal (仿真演练)"
    if not_run := [each for each in points() if each not in outcomes and each not in settings.left_out]:
        pieces.append(f"{len(not_run)} not run")
    whole = overall({**outcomes, **judged}, settings.left_out)
    out.write([Piece(f"{kind}: {', '.join(pieces)}; the whole: "), Piece(whole, _STYLES[whole])])
    return FAILED if counts["FAIL"] else BLOCKED if counts["BLOCKED"] else PASSED
