"""What a failed expectation says: what was wanted and for how long, what came instead, and what came nearest."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from ctpscen.client.books.reports import Report
from ctpscen.ctp.times import precise_text, spoken_duration
from ctpscen.engine.expressions.describe import describe
from ctpscen.engine.expressions.patterns import Matcher
from ctpscen.engine.state.outcomes import Failed, Place
from ctpscen.engine.steps.expectations.search import Search

MOST_LISTED = 6


def with_wait(notes: Sequence[str], waited: int) -> list[str]:
    """Notes, and how long was waited, if at all."""
    return [*notes, f"waited {spoken_duration(waited)}"] if waited else list(notes)


def as_written(matcher: Matcher) -> str:
    """A pattern as it is written; a text that it names is put in."""
    pattern, containing = matcher.pattern, matcher.containing
    written = pattern.place.text
    if pattern.containing is None or containing is None:
        return written
    return written.replace(pattern.containing.place.text, f'"{containing}"', 1)


def search_failure(search: Search, message: str, place: Place, start: int, patience: int) -> Failed:
    """What was wanted and for how long, what came instead, and the nearest reports."""
    matcher = search.matcher
    notes = [time_waited(start, matcher.context.run.now, patience, search.end_note())]
    notes += came_as_wanted(search.found)
    notes += _what_came(search)
    notes += nearest_reports(matcher)
    notes += matcher.actor.notes()
    return Failed(place.located("R611", message, notes=notes), message)


def time_waited(start: int, now: int, patience: int, end: str) -> str:
    """How long a wait took, of how long it could have, and why it ended before."""
    waited = f"waited {spoken_duration(now - start)}"
    if now - start < patience:
        waited += f" of {spoken_duration(patience)}"
    return f"{waited}: {end}" if end else waited


def came_as_wanted(reports: Iterable[Report]) -> list[str]:
    """The reports that an expectation could have taken."""
    lines = [f"{precise_text(report.at)} {describe(report)}" for report in reports]
    more = [f"and {len(lines) - 5} more"] if len(lines) > 5 else []
    return ["came as wanted:\n" + "\n".join([*lines[:5], *more])] if lines else []


def _what_came(search: Search) -> list[str]:
    """The reports of other kinds that came while it was waiting."""
    matcher = search.matcher
    came = matcher.actor.inbox.history[search.began_at :]
    others = [report for report in came if report.name and not matcher.is_kind(report)]
    if not others:
        return []
    lines = [f"{precise_text(report.at)} {describe(report)}" for report in others]
    if len(lines) > MOST_LISTED:  # those at both ends: what began it, and what was there in the end
        first, last = MOST_LISTED // 2, MOST_LISTED - MOST_LISTED // 2
        lines = [*lines[:first], f"and {len(lines) - MOST_LISTED} more, the last of them", *lines[-last:]]
    head = "came besides" if search.found else "came instead"
    return [f"{head}:\n" + "\n".join(lines)]


def nearest_reports(matcher: Matcher, beside: Sequence[Report] = (), *, in_order: bool = False) -> list[str]:
    """Reports of the kind that was wanted, those that differ least first.

    `beside` are the reports that the other patterns of a list have; with `in_order` the wanted one must follow them.
    """
    inbox = matcher.actor.inbox
    last = max((report.number for report in beside), default=0) if in_order else 0
    scored, any_came = [], False
    for report in inbox.history:
        if matcher.is_kind(report):
            any_came = True
            differences = matcher.differences(report)
            score = (len(differences), -_likeness(matcher, report))
            if not inbox.has(report):
                differences.append("taken by an expectation before")
            elif report in beside:
                differences.append("wanted by another line of the list")
            elif report.number < last:
                differences.append("came before what it should follow")
            if differences:
                scored.append((*score, -report.number, report, differences))
    if not scored:
        return [] if any_came else [f"no report of the kind `{matcher.pattern.kind}` came at all"]
    scored.sort(key=lambda each: each[:3])
    lines = [
        f"{precise_text(report.at)} {describe(report)}: {'; '.join(differences)}"
        for *_, report, differences in scored[:3]
    ]
    return ["nearest:\n" + "\n".join(lines)]


def _likeness(matcher: Matcher, report: Report) -> float:
    """How like a line of a program is to the text that it should contain; 0 where none is looked for."""
    if matcher.containing is None:
        return 0
    return SequenceMatcher(None, str(report.read("text")), matcher.containing).ratio()
