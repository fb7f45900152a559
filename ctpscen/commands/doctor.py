"""`ctpscen doctor`: what a live run needs, what of it is here, and how to get the rest."""

import argparse
import os
import platform
import shutil
import socket
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import asdict, frozen

from ctpscen.client.connection import State
from ctpscen.commands import BLOCKED, PASSED
from ctpscen.ctp.codes import InstrumentStatus
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.report.terminal.lines import plain
from ctpscen.report.terminal.visible import visible_json
from ctpscen.report.terminal.writer import writer_for

if TYPE_CHECKING:
    from ctpscen.engine.state.actors import Actor
    from ctpscen.live.profile.addresses import Front
    from ctpscen.live.profile.profiles import LiveOptions

DIAL_SECONDS = 5.0


@frozen
class Finding:
    """One line: what was looked at, whether it is well, what was found, and what to do where it is not."""

    what: str
    well: bool
    found: str
    remedy: str = ""


DESCRIPTION = "Looks at all that a live run needs and says what is missing and how to get it."

EPILOG = """\
examples:
  ctpscen doctor
  ctpscen doctor --live simnow

exit codes:
  0    all is well
  4    something is missing; its remedy stands below it
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--live", default="", metavar="PROFILE", help="look at this profile, and log in with it")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def execute(options: argparse.Namespace) -> int:
    out = writer_for(sys.stdout)
    findings = []
    for each in _findings(options.live):
        findings.append(each)
        if not options.json:
            mark = "ok" if each.well else "--"
            for line in _folded(f"{mark}  ", f"{each.what}: {each.found}"):
                out.write(plain(line, "good" if each.well else "bad"))
            for line in _folded("      ", each.remedy) if each.remedy else ():
                out.write(plain(line, "warn"))
            out.flush()
    if options.json:
        out.write(plain(visible_json([asdict(each) for each in findings])))
    return PASSED if all(each.well for each in findings) else BLOCKED


def _folded(before: str, text: str) -> list[str]:
    """A text as wide as the terminal, the lines after the first set in; as it is where there is none."""
    if not sys.stdout.isatty():
        return [*(f"{before}{line}" for line in text.splitlines())]
    width = max(40, shutil.get_terminal_size().columns)
    return [
        folded
        for line in text.splitlines()
        for folded in textwrap.wrap(line, width, initial_indent=before, subsequent_indent="      ")
    ]


def _findings(name: str) -> Iterator[Finding]:
    """One after the other; what comes later is left out where it rests on what is not well."""
    yield Finding("python", True, platform.python_version())
    supported = _is_supported()
    remedy = "" if supported else "openctp-ctp has wheels for Linux x86-64 and Windows; simulated runs work everywhere"
    yield Finding("platform", supported, f"{sys.platform} {platform.machine()}", remedy)
    yield _state_folder()
    if supported:
        yield from _library()
    if sys.platform == "linux":
        yield _programs()
    if name:
        yield from _profile(name)
    else:
        yield _profile_files()


def _is_supported() -> bool:
    return (sys.platform == "linux" and platform.machine() == "x86_64") or sys.platform == "win32"


def _state_folder() -> Finding:
    from ctpscen.private_files import make_private_folder, state_folder

    folder = state_folder()
    try:
        make_private_folder(folder)
    except OSError as reason:
        return Finding("state folder", False, f"{folder}: {reason.strerror}", "make it, or set XDG_STATE_HOME")
    if not os.access(folder, os.W_OK):
        return Finding("state folder", False, f"{folder} cannot be written", "make it yours, or set XDG_STATE_HOME")
    return Finding("state folder", True, str(folder))


def _library() -> Iterator[Finding]:
    """The locale, the wheel, and the library itself in a process of its own."""
    import queue
    import tempfile
    from importlib.metadata import PackageNotFoundError, version

    from ctpscen.live.library import locale
    from ctpscen.live.library.process import WorkerDied, WorkerProcess
    from ctpscen.private_files import state_folder

    try:
        variables = locale.environment(state_folder() / "locales")
    except locale.LocaleUnavailable as reason:
        yield Finding("locale", False, locale.NAME, str(reason))
        return
    yield Finding("locale", True, f"{locale.NAME}, {'private' if variables else 'installed, or not needed'}")
    try:
        yield Finding("openctp-ctp", True, version("openctp-ctp"))
    except PackageNotFoundError:
        yield Finding("openctp-ctp", False, "not installed", "pip install openctp-ctp==6.7.11.*")
        return
    with tempfile.TemporaryDirectory() as folder:
        worker = WorkerProcess("doctor", Path(folder, "log"), queue.SimpleQueue(), lambda moment: moment, variables)
        try:
            worker.start()
        except WorkerDied as reason:
            yield Finding("CTP library", False, str(reason), "pip install --force-reinstall openctp-ctp==6.7.11.*")
            return
        finally:
            worker.close()
    yield Finding("CTP library", True, worker.version)


def _programs() -> Finding:
    """What keeps programs under test where they belong; that none can be started is no trouble for other runs."""
    from ctpscen.environments.running import how_programs_are_kept

    return Finding("programs", True, how_programs_are_kept())


def _profile_files() -> Finding:
    from ctpscen.live.profile.profiles import FILE, BadProfile, profile_files, read_profiles

    found = [*profile_files()]
    if not found:
        return Finding("profiles", True, f"no {FILE} here; live runs need one (see docs/live.md)")
    wrong = []
    for path in found:
        try:
            read_profiles(path)
        except BadProfile as reason:
            wrong.append(str(reason))
    return Finding("profiles", not wrong, ", ".join(map(str, found)), "\n".join(wrong))


def _profile(name: str) -> Iterator[Finding]:
    from ctpscen.live.profile.addresses import parse_front
    from ctpscen.live.profile.profiles import BadProfile, LiveOptions, load_profile
    from ctpscen.live.profile.secret import NoSecret

    try:
        profile = load_profile(name, did_you_mean)
    except BadProfile as reason:
        yield Finding("profile", False, name, str(reason))
        return
    yield Finding("profile", True, f"{name} in {profile.path}")
    try:
        profile.check_secrets()
    except NoSecret as reason:
        yield Finding("secrets", False, "missing", str(reason))
        return
    yield Finding("secrets", True, "found, or to be asked for")
    reached = False
    for kind, fronts in (("trading front", profile.trading_fronts), ("market front", profile.market_fronts)):
        for text in fronts:
            front = parse_front(text)
            finding = _dial(f"{kind} {front}", front)
            reached |= finding.well and kind == "trading front"
            yield finding
    if not _is_supported():
        return
    if reached:
        yield from _visit(LiveOptions(profile))
    else:
        yield Finding("handshake", False, "not tried: no trading front takes connections", "see the lines above")


def _dial(what: str, front: "Front") -> Finding:
    """The name and the port of a front, or of the proxy before it."""
    target = front.proxy or front
    through = "its proxy: " if front.proxy else ""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except socket.gaierror as reason:
        why = f"{through}the name {target.host} is not known: {reason.strerror}"
        return Finding(what, False, why, "check the address and DNS")
    address = str(found[0][4][0])
    where = f" ({address})" if address != target.host else ""
    try:
        socket.create_connection((target.host, target.port), DIAL_SECONDS).close()
    except OSError as reason:
        remedy = "the front may be closed at this hour, the address wrong, or a firewall between"
        return Finding(what, False, f"{through}{reason.strerror or 'no answer'}{where}", remedy)
    return Finding(what, True, f"{through}takes connections{where}")


_STAGES: tuple[tuple[str, State, str], ...] = (
    ("handshake", "connected", "take an address of the broker's for API v6.7, and the `production` that goes with it"),
    ("authentication", "authenticated", "app_id and auth_code are the broker's to give"),
    ("login", "logged_in", "user and password; several wrong passwords lock the account (75)"),
    ("confirmation", "ready", "try again when the front is open"),
)


def _visit(options: "LiveOptions") -> Iterator[Finding]:
    """Connects and logs in, step by step, and sends nothing else."""
    from ctpscen.ctp.times import SECOND
    from ctpscen.engine.state.journal import Journal
    from ctpscen.engine.state.outcomes import Outcome
    from ctpscen.environments.live_run import LiveRun
    from ctpscen.language.meaning.program import Session

    venue = LiveRun(options)
    environment = venue.environment(Journal())
    try:
        actor = environment.actor(Session("doctor"), "", lambda: None)
        for what, state, remedy in _STAGES:
            if trouble := environment.reach(actor, state, 15 * SECOND):
                yield Finding(what, False, trouble, remedy)
                return
            yield Finding(what, True, state.replace("_", " "))
        environment.until(lambda: False, SECOND)
        told = _phases(actor) or "untold"
        yield Finding("phase", True, f"trading day {actor.books.trading_day}; products by phase: {told}")
    except Outcome as outcome:
        yield Finding("session", False, outcome.reason)
    finally:
        environment.finish()
        venue.close()


def _phases(actor: "Actor") -> str:
    """How many products are in which phase."""
    reports = [report.fields or {} for report in actor.inbox.history if report.name == "OnRtnInstrumentStatus"]
    counts = Counter(str(fields.get("InstrumentStatus", "")) for fields in reports)
    return ", ".join(f"{_PHASES.get(status, status)} {count}" for status, count in sorted(counts.items()))


_PHASES = {
    InstrumentStatus.BEFORE_TRADING: "before trading",
    InstrumentStatus.NO_TRADING: "break",
    InstrumentStatus.CONTINUOUS: "continuous",
    InstrumentStatus.AUCTION_ORDERING: "auction",
    InstrumentStatus.AUCTION_BALANCE: "auction balance",
    InstrumentStatus.AUCTION_MATCH: "auction match",
    InstrumentStatus.CLOSED: "closed",
    InstrumentStatus.TRANSACTION_PROCESSING: "transaction processing",
}
