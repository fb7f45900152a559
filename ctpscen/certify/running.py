"""Running the points: each by its scenario, its verdict that of the scenario, and its evidence kept at once."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import define, evolve, field, frozen

from ctpscen.certify.evidence import account_of, evidence_of, masked_account, masker_of
from ctpscen.certify.hours import why_closed
from ctpscen.certify.points import Point, points
from ctpscen.certify.results import VERDICTS, Outcome, Results
from ctpscen.certify.scenarios import Scenarios
from ctpscen.certify.settings import COUNT, CertifySettings
from ctpscen.engine.settings import DEFAULT_ACCOUNT, Settings
from ctpscen.live.profile.profiles import LiveOptions
from ctpscen.report.terminal.lines import Line
from ctpscen.report.terminal.timeline import timeline_lines, worth_a_line
from ctpscen.runner.execution import Done, Order, run_here
from ctpscen.runner.selection import Item

Event = Mapping[str, Any]

_BEIJING = timedelta(hours=8)
NO_IMAGE = "an image of the whole screen with its clock is wanted in {place}"


@frozen
class Wanted:
    """How the points are to be run. `live` is what a live test was allowed, None for a rehearsal.

    `made` is what stands beside all evidence of the run.
    """

    settings: CertifySettings
    scenarios: Scenarios
    results: Results
    made: Mapping[str, str]
    live: LiveOptions | None = None
    seed: int = 0
    unattended: bool = False


@define(eq=False)
class _Stamps:
    """The wall's clock at each event of what runs, and who is told that a point begins."""

    told: Callable[[Event], None]
    stamps: list[float] = field(factory=list)
    began: float = 0.0

    def begin(self, _: Item) -> None:
        self.stamps.clear()
        self.began = time.time()

    def event(self, event: Event) -> None:
        self.stamps.append(time.time())
        self.told(event)

    def try_again(self, _: Any) -> None:
        """No point is tried again."""


def run_points(ids: Sequence[str], wanted: Wanted, told: Callable[[Event], None]) -> Iterator[Outcome]:
    """What becomes of some points, one after the other; what is given has been kept. Raises Unwritable.

    `told` is handed the events of what runs. What an interrupt left is not kept, and ends the run.
    """
    stamps = _Stamps(told)
    values = wanted.settings.values(wanted.scenarios.params)
    account = DEFAULT_ACCOUNT if wanted.live is None else ""
    settings = Settings(values=values, account=account, pace=wanted.settings.pace, unattended=wanted.unattended)
    order = Order(wanted.seed, settings, wanted.live)
    blocked: list[Outcome] = []
    runs = run_here(_can_come_to_it(ids, wanted, blocked), order, stamps)
    try:
        for done in runs:
            yield from _taken(blocked)
            if done.verdict == "interrupted":
                return
            yield _kept(points()[done.item.scenario.tags[0]], done, stamps, wanted)
        yield from _taken(blocked)
    finally:
        runs.close()


def _can_come_to_it(ids: Sequence[str], wanted: Wanted, blocked: list[Outcome]) -> Iterator[Item]:
    """What is to be run of some points, each looked at when its turn has come; the others are put among the blocked."""
    for each in ids:
        if reason := why_not(points()[each], wanted):
            outcome = Outcome(each, "BLOCKED", reason, _clock(time.time()), "", provenance=wanted.made)
            wanted.results.write(outcome, [])
            blocked.append(outcome)
        else:
            yield wanted.scenarios.items[each]


def _taken(blocked: list[Outcome]) -> Iterator[Outcome]:
    while blocked:
        yield blocked.pop(0)


def why_not(point: Point, wanted: Wanted) -> str:
    """Why a point cannot come to its question, as far as that is known before it is run; '' where it can."""
    if lacking := wanted.settings.missing(point.shows):
        names = ", ".join(lacking)
        return f"system.toml does not say under [shows] by which words the program's line is known: {names}"
    if wanted.live is None or point.id == "E03":
        return ""
    contract = str(wanted.settings.run.get("contract", ""))
    return why_closed(contract, (datetime.now(UTC) + _BEIJING).replace(tzinfo=None))


def with_image(outcome: Outcome, results: Results) -> Outcome:
    """The outcome, blocked where a live one lacks the image that a reviewer wants to see."""
    point = points()[outcome.id]
    if results.live and point.image and outcome.verdict == "PASS" and not results.images(point):
        return evolve(outcome, verdict="BLOCKED", reason=NO_IMAGE.format(place=results.place(point.id)))
    return outcome


def _kept(point: Point, done: Done, stamps: _Stamps, wanted: Wanted) -> Outcome:
    result = done.result
    masker = masker_of(result.journal)
    shown = {name: pattern.replace(COUNT, r"\d+") for name, pattern in wanted.settings.shows.items()}
    events = [masker.mask(dict(event)) for event in result.journal]
    outcome = Outcome(
        point.id,
        VERDICTS[result.verdict],
        masker.text("\n".join([result.reason, *result.errors]).strip()),
        _clock(stamps.began),
        masked_account(account_of(result.journal)) if account_of(result.journal) else "",
        evidence_of(point, events, stamps.stamps, shown),
        _timeline(events),
        wanted.made,
    )
    wanted.results.write(outcome, events)
    return outcome


def _clock(stamp: float) -> str:
    return datetime.fromtimestamp(stamp).strftime("%Y-%m-%d %H:%M:%S")


def _timeline(journal: Sequence[Event]) -> Sequence[str]:
    head, *events = journal
    if not any(event["event"] == "call" for event in events):
        return []
    shown = [each for each in worth_a_line(events, head["sessions"]) if events[each]["event"] != "step"]
    return [_plain(line) for line in timeline_lines(events, head["sessions"], shown)]


def _plain(line: Line) -> str:
    return "".join(piece.text for piece in line).rstrip()
