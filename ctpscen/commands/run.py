"""`ctpscen run`: scenarios to verdicts."""

import argparse
import os
import shlex
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, evolve, field

from ctpscen.commands import BLOCKED, ERROR, FAILED, INTERRUPTED, NOTHING_SELECTED, PASSED, USAGE
from ctpscen.engine.settings import DEFAULT_ACCOUNT, Settings
from ctpscen.engine.state.outcomes import SOUND
from ctpscen.language.meaning.program import Param
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.loading import Unreadable, load, read_text, select
from ctpscen.report.files import Unwritable, prepare_file, prepare_folder, write_text
from ctpscen.report.terminal import scenarios
from ctpscen.report.terminal.running import Following
from ctpscen.report.terminal.scenarios import plain
from ctpscen.report.terminal.writer import NoBar, Writer, write_diagnostics, writer_for
from ctpscen.runner import history
from ctpscen.runner.execution import Done, Order, is_spread, run_items
from ctpscen.runner.selection import Filter, Item, items_of, repeated
from ctpscen.runner.tags import BadExpression, read_tags

# So many scenarios are shown with all their steps unless the user says otherwise; of more, only those that fail.
FEW = 5


class Usage(Exception):
    """What was asked for cannot be done; the text says why."""


DESCRIPTION = "Runs scenarios against the simulated venue and reports what happened."

EPILOG = """\
examples:
  ctpscen run scenarios/reconnect.scn
  ctpscen run scenarios/reconnect.scn:12 --seed 7
  ctpscen run scenarios --set volume=3
  echo 'place order; disconnect; wait 10s; reconnect; expect trades' | ctpscen run -

exit codes:
  0    every scenario passed, or was skipped
  1    a scenario failed
  2    bad usage, or a file that does not check; nothing ran
  3    an error while running
  4    a scenario was blocked
  5    no scenario was selected
  130  interrupted
of several, the first of 2, 3, 1, 4 counts
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a .scn file, FILE:LINE for the scenario at that line, a folder, or - for standard input",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="values",
        help="give a param another value; may be repeated",
    )
    parser.add_argument(
        "--set-file", action="append", default=[], metavar="FILE", dest="value_files", help="NAME=VALUE, one a line"
    )
    parser.add_argument("--account", default="", metavar="NAME", help="account of sessions that name none")
    parser.add_argument("--instrument", default="", metavar="ID", help="instrument of orders that name none")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of all that is left to chance (0)")
    live = parser.add_argument_group("live")
    live.add_argument("--live", default="", metavar="PROFILE", help="on a real front, as this profile of ctpscen.toml")
    live.add_argument("--allow-orders", action="store_true", help="let orders out, within the profile's caps")
    live.add_argument("--keep-orders", action="store_true", help="leave working what a scenario leaves working")
    live.add_argument("--dry-run", action="store_true", help="show what would be sent, and connect to nothing")
    live.add_argument(
        "--retry",
        type=_positive,
        default=0,
        metavar="N",
        help="try what fails up to N times again; what passes then is flaky",
    )
    live.add_argument("--show-ids", action="store_true", help="show users and investors in reports as they are")
    choice = parser.add_argument_group("which scenarios")
    choice.add_argument("--tag", metavar="EXPR", help="such as 'reconnect and not slow'")
    choice.add_argument(
        "--name", action="append", default=[], metavar="GLOB", help="titles that match; may be repeated"
    )
    choice.add_argument("--last-failed", action="store_true", help="only what failed when it was last run from here")
    choice.add_argument("--list", action="store_true", help="list them and run nothing")
    how = parser.add_argument_group("how")
    how.add_argument(
        "-j", "--processes", default="1", type=_process_count, metavar="N", help="in so many processes, or auto"
    )
    how.add_argument("--repeat", type=_positive, default=1, metavar="N", help="each so many times, seeds differing")
    how.add_argument("-x", "--exitfirst", action="store_true", help="stop at the first that does not pass")
    how.add_argument("--max-failures", type=_positive, metavar="N", help="stop when so many did not pass")
    how.add_argument("--watch", action="store_true", help="run again whenever a file changes")
    shown = parser.add_argument_group("what is shown and written")
    shown.add_argument("-v", "--verbose", action="count", default=0, help="the steps of all; -vv all callbacks")
    shown.add_argument("-q", "--quiet", action="store_true", help="a dot for what passes")
    shown.add_argument("--journal", metavar="DIR", help="write a journal of each, one event a line of JSON")
    shown.add_argument("--junit", metavar="FILE", help="write a JUnit report")
    shown.add_argument("--json", metavar="FILE", help="write all results and events as JSON")
    shown.add_argument("--html", metavar="FILE", help="write a page with a sequence diagram of each")


def _positive(text: str) -> int:
    """A number from 1 on the command line. Raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1 is wanted, not {text}")
    return int(text)


def _process_count(text: str) -> str:
    return text if text == "auto" else str(_positive(text))


def execute(options: argparse.Namespace) -> int:
    if options.watch:
        from ctpscen.commands.watch import run_at_changes

        return run_at_changes(options, _once, writer_for(sys.stdout))
    return _once(options)


def _once(options: argparse.Namespace) -> int:
    began = time.perf_counter()
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    try:
        items, sound = _select(options, err)
        if not sound:
            return USAGE
        values = _values(options, items)
        chosen = [item for item in items if _filter(options).wants(item)]
    except (Usage, Unreadable, BadExpression) as reason:
        err.write(plain(str(reason), "bad"))
        return USAGE
    if not chosen:
        err.write(plain("no scenario was selected", "warn"))
        return NOTHING_SELECTED
    if options.list:
        for item in chosen:
            out.write(scenarios.listed(item.place, item.scenario.title, item.row, item.scenario.tags))
        return PASSED
    chosen = list(repeated(chosen, options.repeat))
    run = _Run(options, out, err, _verbosity(options, len(chosen)), len(chosen))
    try:
        order = _order(options, values, run.verbosity)
        _prepare_reports(options)
    except (Usage, Unwritable) as reason:
        err.write(plain(str(reason), "bad"))
        return USAGE
    if options.dry_run:
        from ctpscen.commands.dry_run import rehearse

        rehearse(chosen, order.settings.live, options.account, out)
        return PASSED
    run.perform(chosen, order)
    run.finish(time.perf_counter() - began)
    return INTERRUPTED if run.interrupted else _exit_code(run.verdicts | ({"error"} if run.trouble else set()))


# ---------------------------------------------------------------------------------------------------- what to run


def _select(options: argparse.Namespace, err: Writer) -> tuple[list[Item], bool]:
    """The scenarios that the arguments name, of files that check; False where a file is not fit to run."""
    items: list[Item] = []
    sound = True
    for argument in options.files:
        try:
            for selected in select(argument):
                _, checked = load(selected.path)
                write_diagnostics(checked.diagnostics, err)
                if checked.program is None:
                    sound = False
                else:
                    items += items_of(checked.program, selected)
        except Unreadable as reason:
            err.write(plain(str(reason), "bad"))
            sound = False
    return items, sound


def _filter(options: argparse.Namespace) -> Filter:
    tags = None if options.tag is None else read_tags(options.tag)
    only = history.last_failed() if options.last_failed else None
    return Filter(tags, options.name, only)


def _values(options: argparse.Namespace, items: Sequence[Item]) -> Mapping[str, Any]:
    """The values of --set-file and --set, each read as the type of its param. Raises Usage and Unreadable."""
    pairs = [*_pairs_of_files(options.value_files), *((f"--set {pair}", pair) for pair in options.values)]
    if not pairs:
        return {}
    from ctpscen.language.syntax.literals import read_value

    params: dict[str, Param] = {name: param for item in items for name, param in item.program.params.items()}
    values: dict[str, Any] = {}
    for where, pair in pairs:
        name, equals, text = (part.strip() for part in pair.partition("="))
        if not equals:
            raise Usage(f"{where}: write NAME=VALUE")
        if name not in params:
            there = ", ".join(params) or "none"
            raise Usage(f"{where}: there is no param `{name}`{did_you_mean(name, params)} (params: {there})")
        try:
            values[name] = read_value(text, params[name].kind)
        except ValueError as reason:
            raise Usage(f"{where}: {reason}") from None
    return values


def _pairs_of_files(files: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The lines of --set-file, with their places; comments and empty lines are passed over."""
    for file in files:
        for number, line in enumerate(read_text(file).splitlines(), 1):
            if line.strip() and not line.lstrip().startswith("#"):
                yield f"{file}:{number}", line


def _verbosity(options: argparse.Namespace, count: int) -> int:
    """0 a dot, 1 a line, 2 all steps, 3 all callbacks of a scenario that passes."""
    if options.quiet:
        return 0
    if options.verbose:
        return min(1 + int(options.verbose), 3)
    return 2 if count <= FEW else 1


def _order(options: argparse.Namespace, values: Mapping[str, Any], verbosity: int) -> Order:
    account = options.account or ("" if options.live else DEFAULT_ACCOUNT)
    live = _live(options)
    secrets = {} if live is None else {name: secret.reveal() for name, secret in live.named.items()}
    settings = Settings(values=values, account=account, instrument=options.instrument, secrets=secrets, live=live)
    keep_events = verbosity > 1 or _keeps_events(options)
    return Order(options.seed, settings, options.journal, keep_events, options.retry)


# --retry among them: a simulated run that failed would fail again, with the same seed.
_LIVE_ONLY = ("--allow-orders", "--keep-orders", "--dry-run", "--retry", "--show-ids")


def _live(options: argparse.Namespace) -> Any:
    """What a live run is allowed; None for a simulated one. Raises Usage."""
    if not options.live:
        given = [option for option in _LIVE_ONLY if getattr(options, option[2:].replace("-", "_"))]
        if given:
            raise Usage(f"{', '.join(given)}: only with --live PROFILE (see docs/live.md)")
        return None
    if options.processes != "1":
        raise Usage("live scenarios run one after another; leave -j out")
    from ctpscen.live.profile.profiles import BadProfile, LiveOptions, load_profile
    from ctpscen.live.profile.secret import NoSecret

    try:
        profile = load_profile(options.live, did_you_mean)
        if options.dry_run:  # which needs none
            return LiveOptions(profile, options.allow_orders, options.keep_orders)
        profile.check_secrets()
        named = profile.named_secrets()
    except (BadProfile, NoSecret) as reason:
        raise Usage(str(reason)) from None
    return LiveOptions(profile, options.allow_orders, options.keep_orders, options.show_ids, named)


def _prepare_reports(options: argparse.Namespace) -> None:
    """Looks whether what is asked for can be written, before anything runs. Raises Unwritable."""
    if options.dry_run:
        return
    if options.journal is not None:
        prepare_folder(options.journal)
    for path in (options.junit, options.json, options.html):
        if path is not None:
            prepare_file(path)


def _keeps_events(options: argparse.Namespace) -> bool:
    """Whether a report that is written at the end needs the events of what passed."""
    return options.json is not None or options.html is not None


# ------------------------------------------------------------------------------------------------- the run itself


@define(eq=False, repr=False)
class _Run:
    """The run of all items: what is written while it goes on, and what is kept of it.

    `trouble` is there once a journal or a report could not be written.
    """

    options: argparse.Namespace
    out: Writer
    err: Writer
    verbosity: int
    count: int
    done: list[Done] = field(factory=list)
    following: Following | None = None
    interrupted: bool = False
    stopped: bool = False
    trouble: bool = False

    def perform(self, items: Sequence[Item], order: Order) -> None:
        most = 1 if self.options.exitfirst else self.options.max_failures
        failures = 0
        processes = _processes(self.options.processes)
        if self.verbosity > 1 and not is_spread(items, processes):
            live = order.settings.live is not None
            self.following = Following(self.out, live=live, all_callbacks=self.verbosity > 2)
        runs = run_items(items, order, processes, self.following)
        # dots share a line, which a bar would break
        bar = self.out.progress(len(items)) if self.verbosity else NoBar()
        try:
            with bar:
                for each in runs:
                    self._take(each)
                    bar.advance()
                    failures += each.result.verdict not in SOUND
                    self.interrupted = each.result.verdict == "interrupted"
                    if self.interrupted or self.trouble or (most is not None and failures >= most):
                        self.stopped = not self.interrupted and len(self.done) < len(items)
                        break
        except KeyboardInterrupt:  # between two scenarios; one that runs makes it its verdict
            self.interrupted = True
            self.out.write(plain("interrupted", "warn"))
        finally:
            runs.close()  # type: ignore[attr-defined]

    def _take(self, each: Done) -> None:
        """Keeps a result without its events, so that a long run holds its size, and shows it."""
        result = each.result
        whole = self.options.json is not None or self.options.html is not None
        self.done.append(each if whole else evolve(each, result=evolve(result, journal=result.journal[:1])))
        sound = result.verdict in ("passed", "skipped") and not result.diagnostics
        if self.following is not None:
            self.following.finish(result, self._again(each.item))
        elif sound and self.verbosity == 0:
            self.out.write_part(scenarios.dot(result))
        elif sound and self.verbosity == 1:
            self.out.write(scenarios.one_line(result, each.item.place))
        else:
            for line in scenarios.scenario_lines(result, self._again(each.item), all_callbacks=self.verbosity > 2):
                self.out.write(line)
        self.out.flush()
        if each.trouble:
            self._complain(each.trouble)

    def _complain(self, trouble: str) -> None:
        self.trouble = True
        self.err.write(plain(trouble, "bad"))

    def _again(self, item: Item) -> str:
        """The command that runs an item alone, as it was run here."""
        words = ["ctpscen", "run", item.place, "--seed", str(self.options.seed)]
        words += [word for pair in self.options.values for word in ("--set", pair)]
        words += [word for file in self.options.value_files for word in ("--set-file", file)]
        for name in ("account", "instrument"):
            if given := getattr(self.options, name):
                words += [f"--{name}", given]
        words += ["--live", self.options.live] if self.options.live else []
        words += ["--allow-orders"] if self.options.allow_orders else []
        words += ["--keep-orders"] if self.options.keep_orders else []
        words += ["--retry", str(self.options.retry)] if self.options.retry else []
        if item.repetition:
            words += ["--repeat", str(item.repetition + 1)]
        return shlex.join(words)

    @property
    def verdicts(self) -> set[str]:
        return {each.result.verdict for each in self.done}

    def finish(self, wall: float) -> None:
        """The summary, and the reports for other programs."""
        history.remember(self.done)
        results = [each.result for each in self.done]
        if self.verbosity == 0:
            self.out.write(plain(""))
        for line in scenarios.failures_again(self.done) if self.count > FEW else ():
            self.out.write(line)
        for line in scenarios.slowest(self.done):
            self.out.write(line)
        if self.stopped:
            self.out.write(plain(f"stopped; {self.count - len(self.done)} were not run", "warn"))
        self.out.write(scenarios.summary_line(results, wall))
        self._write_reports(wall)

    def _write_reports(self, wall: float) -> None:
        options = self.options
        if options.junit is not None:
            from ctpscen.report.junit import junit_text

            self._write(options.junit, junit_text(self.done))
        if options.json is not None:
            from ctpscen.report.summary import json_text

            self._write(options.json, json_text(self.done, wall, options.seed))
        if options.html is not None:
            from ctpscen.report.page.html import html_text

            self._write(options.html, html_text(self.done, wall, options.seed, lambda each: self._again(each.item)))
        if os.environ.get("GITHUB_ACTIONS") == "true":
            from ctpscen.report.annotations import annotation_lines

            for line in annotation_lines(self.done):
                self.out.write(plain(line))

    def _write(self, path: str, text: str) -> None:
        try:
            write_text(path, text)
        except Unwritable as reason:
            self._complain(str(reason))


def _processes(wanted: str) -> int:
    """`-j`: a number, or `auto` for one a core."""
    return (os.cpu_count() or 1) if wanted == "auto" else int(wanted)


_EXIT_CODES = (("interrupted", INTERRUPTED), ("error", ERROR), ("failed", FAILED), ("blocked", BLOCKED))


def _exit_code(verdicts: set[str]) -> int:
    return next((code for verdict, code in _EXIT_CODES if verdict in verdicts), PASSED)
