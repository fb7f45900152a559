"""`ctpscen run`: scenarios to verdicts."""

from __future__ import annotations  # the live side is loaded for a live run alone

import argparse
import os
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ctpscen import completers
from ctpscen.arguments import (
    declare_what,
    pace,
    positive,
    process_count,
    processes,
    seconds,
    select_items,
    terms_for,
    values_for,
)
from ctpscen.commands import BLOCKED, ERROR, FAILED, INTERRUPTED, NOTHING_SELECTED, PASSED, USAGE
from ctpscen.completers import completed_by
from ctpscen.engine.settings import DEFAULT_ACCOUNT, Settings
from ctpscen.interruption import interruptions
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.loading import Unreadable
from ctpscen.report.files import Unwritable
from ctpscen.report.terminal.lines import plain
from ctpscen.report.terminal.summary import listed
from ctpscen.report.terminal.writer import writer_for
from ctpscen.runner import history
from ctpscen.runner.batch import FEW, Batch, Verbosity
from ctpscen.runner.execution import Order
from ctpscen.runner.nothing_selected import why_none
from ctpscen.runner.reports import Reports
from ctpscen.runner.selection import Filter, Item, repeated
from ctpscen.runner.tags import BadExpression, read_tags
from ctpscen.runner.values import BadValue

if TYPE_CHECKING:
    from ctpscen.ctp.commands.plan import Plan
    from ctpscen.ctp.terms.broker_terms import BrokerTerms
    from ctpscen.live.profile.profiles import LiveOptions

TIME_LIMIT = 300.0
"""Seconds of wall time that a scenario may take in which only virtual time passes, unless told otherwise."""

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
    declare_what(parser)
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of all that is left to chance (0)")
    parser.add_argument(
        "--plan",
        metavar="FAULTS",
        help="do faults to its messages, as `ctpscen explore` prints them, and judge it by its invariants alone",
    )
    live = parser.add_argument_group("live")
    live.add_argument("--live", default="", metavar="PROFILE", help="on a real front, as this profile of ctpscen.toml")
    live.add_argument("--allow-orders", action="store_true", help="let orders out, within the profile's caps")
    live.add_argument("--keep-orders", action="store_true", help="leave working what a scenario leaves working")
    live.add_argument("--cancel-others", action="store_true", help="cancel orders, too, that this run did not send")
    live.add_argument("--dry-run", action="store_true", help="show what would be sent, and connect to nothing")
    live.add_argument(
        "--retry",
        type=positive,
        default=0,
        metavar="N",
        help="try what fails up to N times again; what passes then is flaky",
    )
    live.add_argument("--show-ids", action="store_true", help="show users and investors in reports as they are")
    choice = parser.add_argument_group("which scenarios")
    tag = choice.add_argument("--tag", metavar="EXPR", help="such as 'reconnect and not slow'")
    completed_by(tag, completers.tags)
    name = choice.add_argument(
        "--name", action="append", default=[], metavar="GLOB", help="titles that match; may be repeated"
    )
    completed_by(name, completers.titles)
    choice.add_argument("--last-failed", action="store_true", help="only what failed when it was last run from here")
    choice.add_argument("--list", action="store_true", help="list them and run nothing")
    how = parser.add_argument_group("how")
    how.add_argument(
        "-j", "--processes", default="1", type=process_count, metavar="N", help="in so many processes, or auto"
    )
    how.add_argument("--repeat", type=positive, default=1, metavar="N", help="each so many times, seeds differing")
    how.add_argument("-x", "--exitfirst", action="store_true", help="stop at the first that does not pass")
    how.add_argument("--max-failures", type=positive, metavar="N", help="stop when so many did not pass")
    how.add_argument(
        "--pace",
        type=pace,
        default="jump",
        metavar="P",
        help="how time passes for programs under test: jump (the default), or times the wall's, such as 1 or 10",
    )
    how.add_argument("--unattended", action="store_true", help="skip what a `prompt` asks a person to do")
    how.add_argument(
        "--time-limit",
        type=seconds,
        default=TIME_LIMIT,
        metavar="D",
        help="the wall time that each may take in which only virtual time passes: 30s, 5m (the default), none",
    )
    how.add_argument("--watch", action="store_true", help="run again at changes; keys: a all, f failed, q ends")
    shown = parser.add_argument_group("what is shown and written")
    shown.add_argument("-v", "--verbose", action="count", default=0, help="the steps of all; -vv all fields, too")
    shown.add_argument("-q", "--quiet", action="store_true", help="a dot for what passes")
    shown.add_argument("--journal", metavar="DIR", help="write a journal of each, one event a line of JSON")
    shown.add_argument("--junit", metavar="FILE", help="write a JUnit report")
    shown.add_argument("--json", metavar="FILE", help="write all results and events as JSON")
    shown.add_argument("--html", metavar="FILE", help="write a page with a sequence diagram of each")
    shown.add_argument("--force", action="store_true", help="write over files that are no reports of ctpscen's")


def execute(options: argparse.Namespace) -> int:
    if options.watch:
        from ctpscen.runner.watch import run_at_changes

        def run(only_failed: bool) -> int:
            return _once(argparse.Namespace(**{**vars(options), "last_failed": only_failed or options.last_failed}))

        return run_at_changes(options.files, run, writer_for(sys.stdout))
    return _once(options)


class Usage(Exception):
    """What was asked for cannot be done; the text says why."""


def _once(options: argparse.Namespace) -> int:
    began = time.perf_counter()
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    try:
        selection = select_items(options.files)
        items = selection.items
        if not selection.is_sound:
            selection.tell(err)
            return USAGE
        values, terms = values_for(options, items), terms_for(options)
        wanted = _filter(options).wants
    except (BadValue, Unreadable, BadExpression) as reason:
        err.write(plain(str(reason), "bad"))
        return USAGE
    chosen = [item for item in items if wanted(item)]
    selection.tell(err, chosen)
    if not chosen:
        err.write(plain("no scenario was selected", "warn"))
        why = why_none(items, options.tag, options.name, last_failed=options.last_failed)
        for each in [*selection.unmet, *why]:
            err.write(plain(f"  {each}", "warn"))
        return NOTHING_SELECTED
    if options.list:
        for item in chosen:
            out.write(listed(item.place, item.scenario.title, item.row, item.scenario.tags))
        return PASSED
    chosen = list(repeated(chosen, options.repeat))
    reports = Reports(options.journal, options.junit, options.json, options.html, options.force)
    verbosity = _verbosity(options, len(chosen))
    try:
        keep_events = verbosity >= Verbosity.STEPS or reports.need_events
        plan, live = _plan(options, chosen), _live(options)
        if options.dry_run and live is not None:
            from ctpscen.runner.dry_run import show_dry_run

            show_dry_run(chosen, live, options.account, out)
            return PASSED
        order = Order(
            options.seed,
            _settings(options, values, terms, live),
            live,
            options.journal,
            keep_events,
            options.retry,
            options.time_limit,
            options.force,
            plan,
        )
        reports.prepare(chosen)
    except (Usage, Unwritable) as reason:
        err.write(plain(str(reason), "bad"))
        return USAGE
    shown = str if live is None else live.masker.text
    batch = Batch(out, err, verbosity, reports.take, lambda item: _command_again(options, item, shown))
    most_failures = 1 if options.exitfirst else options.max_failures
    with interruptions.taken():
        batch.run(chosen, order, processes(options.processes), most_failures)
    _finish(batch, reports, options.seed, time.perf_counter() - began, str if live is None else live.masker.source)
    return INTERRUPTED if batch.interrupted else _exit_code(batch)


# ---------------------------------------------------------------------------------------------------- what to run


def _filter(options: argparse.Namespace) -> Filter:
    tags = None if options.tag is None else read_tags(options.tag)
    only = history.last_failed() if options.last_failed else None
    return Filter(tags, options.name, only)


def _verbosity(options: argparse.Namespace, count: int) -> Verbosity:
    if options.quiet:
        return Verbosity.DOT
    if options.verbose:
        return Verbosity.STEPS if options.verbose == 1 else Verbosity.CALLBACKS
    return Verbosity.STEPS if count <= FEW else Verbosity.LINE


def _settings(
    options: argparse.Namespace, values: Mapping[str, Any], terms: BrokerTerms, live: LiveOptions | None
) -> Settings:
    """What the engine is told."""
    account = options.account or ("" if options.live else DEFAULT_ACCOUNT)
    secrets = {} if live is None else {name: secret.reveal() for name, secret in live.named.items()}
    return Settings(
        values=values,
        account=account,
        instrument=options.instrument,
        secrets=secrets,
        pace=options.pace,
        unattended=options.unattended,
        terms=terms,
    )


def _plan(options: argparse.Namespace, chosen: Sequence[Item]) -> Plan | None:
    """The faults of --plan; None without it. Raises Usage."""
    if options.plan is None:
        return None
    if options.live:
        raise Usage("--plan is for simulated runs; nothing can be done to the messages of a real front")
    from ctpscen.ctp.commands.plan import BadPlan, read_plan

    try:
        plan = read_plan(options.plan)
    except BadPlan as reason:
        raise Usage(f"--plan: {reason}") from None
    if len(chosen) > 1:
        raise Usage(f"--plan is of one scenario, and {len(chosen)} are chosen; name it by FILE:LINE")
    return plan


# --retry among them: a simulated run that failed would fail again, with the same seed.
_LIVE_ONLY = ("--allow-orders", "--keep-orders", "--cancel-others", "--dry-run", "--retry", "--show-ids")


def _live(options: argparse.Namespace) -> LiveOptions | None:
    """What a live run is allowed; None for a simulated one. Raises Usage."""
    if not options.live:
        given = [option for option in _LIVE_ONLY if getattr(options, option[2:].replace("-", "_"))]
        if given:
            raise Usage(f"{', '.join(given)}: only with --live PROFILE (see docs/live.md)")
        return None
    if options.products:
        raise Usage("--products is for simulated runs; a real front has its own")
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
    return LiveOptions(
        profile, options.allow_orders, options.keep_orders, options.show_ids, named, options.cancel_others
    )


# ----------------------------------------------------------------------------------------------- what comes of it


def _command_again(options: argparse.Namespace, item: Item, shown: Callable[[str], str] = str) -> str:
    """The command that runs an item alone, as it was run here; `shown` hides what it must not show."""
    words = ["ctpscen", "run", item.place, "--seed", str(options.seed)]
    words += [word for pair in options.values for word in ("--set", pair)]
    words += [word for file in options.value_files for word in ("--set-file", file)]
    for name in ("account", "instrument", "products"):
        if given := getattr(options, name):
            words += [f"--{name}", given]
    words += ["--plan", options.plan] if options.plan is not None else []
    words += ["--live", options.live] if options.live else []
    words += ["--allow-orders"] if options.allow_orders else []
    words += ["--keep-orders"] if options.keep_orders else []
    words += ["--cancel-others"] if options.cancel_others else []
    words += ["--retry", str(options.retry)] if options.retry else []
    if item.repetition:
        words += ["--repeat", str(item.repetition + 1)]
    return shlex.join(map(shown, words))


def _finish(batch: Batch, reports: Reports, seed: int, wall: float, source: Callable[[str], str]) -> None:
    """The summary, what the next run wants to know, and the reports for other programs."""
    history.remember(batch.done)
    batch.sum_up(wall)
    for trouble in reports.write(batch.done, wall, seed, source):
        batch.complain(trouble)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from ctpscen.report.annotations import annotation_lines

        for line in annotation_lines(batch.done):
            batch.out.write(plain(line))


_EXIT_CODES = (("error", ERROR), ("failed", FAILED), ("blocked", BLOCKED))


def _exit_code(batch: Batch) -> int:
    is_error = batch.trouble or any(each.result.errors for each in batch.done)
    verdicts = {each.verdict for each in batch.done} | ({"error"} if is_error else set())
    return next((code for verdict, code in _EXIT_CODES if verdict in verdicts), PASSED)
