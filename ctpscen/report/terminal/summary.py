"""What a run of many scenarios came to: a dot or a line for each, and the summary at its end."""

from __future__ import annotations  # results are made by what a report need not load

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ctpscen.ctp.times import spoken_duration
from ctpscen.report.runs import called, is_live, titled
from ctpscen.report.terminal.lines import VERDICT_STYLES, Line, Piece, plain

if TYPE_CHECKING:
    from ctpscen.engine.unit import Result
    from ctpscen.report.runs import Done


def listed(place: str, title: str, row: int | None, tags: Sequence[str]) -> Line:
    """A scenario that could be run."""
    return [Piece(place, "dim"), Piece(f"  {titled(title, row)}"), *(Piece(f" @{tag}", "dim") for tag in tags)]


def dot(result: Result) -> Line:
    return [Piece("s" if result.verdict == "skipped" else ".", VERDICT_STYLES[result.verdict])]


def one_line(each: Done) -> Line:
    """A scenario that passed or was skipped."""
    result = each.result
    verdict = Piece(f"{result.verdict}  ", VERDICT_STYLES[result.verdict])
    reason = f"  {result.reason}" if result.verdict == "skipped" and result.reason else ""
    return [verdict, Piece(each.item.place, "dim"), Piece(f"  {called(each)}{reason}")]


def failures_again(done: Sequence[Done]) -> Iterator[Line]:
    """What did not pass, once more in a line each, because what was said of it has long scrolled away."""
    bad = [each for each in done if not each.result.is_sound]
    for each in bad:
        result = each.result
        reason = result.reason.splitlines()[0] if result.reason else ""
        verdict = Piece(f"{result.verdict}  ", VERDICT_STYLES[result.verdict])
        yield [verdict, Piece(each.item.place, "dim"), Piece(f"  {called(each)}: {reason}")]
        for text in result.errors_beside:
            error = Piece("error  ", VERDICT_STYLES["error"])
            yield [error, Piece(each.item.place, "dim"), Piece(f"  {called(each)}: {text}")]
    if bad:
        yield plain("")


def hazards(done: Sequence[Done]) -> Iterator[Line]:
    """What programs under test did that the real library punishes, each kind once a scenario."""
    for each in done:
        counts: dict[tuple[str, str], int] = {}
        for event in each.result.journal:
            if event["event"] == "hazard":
                key = event["session"], event["text"]
                counts[key] = counts.get(key, 0) + 1
        for (session, text), count in counts.items():
            times = Piece(f"  {count} times" if count > 1 else "", "dim")
            yield [Piece("hazard  ", "warn"), Piece(each.item.place, "dim"), Piece(f"  {session}: {text}"), times]


# From this wall time on, in seconds, a scenario is worth naming as a slow one.
_SLOW = 1.0


def slowest(done: Sequence[Done]) -> Iterator[Line]:
    slow = sorted((each for each in done if each.wall >= _SLOW), key=lambda each: -each.wall)[:3]
    for each in slow:
        yield [Piece(f"{each.wall:6.2f} s  ", "warn"), Piece(each.item.place, "dim"), Piece(f"  {called(each)}")]


def summary_line(results: Sequence[Result], wall: float) -> Line:
    """How many ended how, and what it took. `wall` is in seconds."""
    counts: dict[str, int] = {}
    for result in results:
        counts[result.verdict] = counts.get(result.verdict, 0) + 1
    pieces: list[Piece] = []
    for verdict, style in VERDICT_STYLES.items():
        if verdict in counts:
            pieces += [Piece(", ")] if pieces else []
            pieces.append(Piece(f"{counts[verdict]} {verdict}", style))
    if beside := sum(bool(result.errors_beside) for result in results):
        pieces.append(Piece(f" ({beside} with an error besides)", VERDICT_STYLES["error"]))
    if not pieces:
        pieces.append(Piece("nothing ran", "warn"))
    return [*pieces, Piece(f"  {time_taken(results, wall)}", "dim")]


def time_taken(results: Sequence[Result], wall: float) -> str:
    """What a run took. `wall` is in seconds; where the run was live, there is no other time."""
    if results and all(map(is_live, results)):
        return f"{wall:.2f} s"
    return f"{spoken_duration(sum(result.elapsed for result in results))} of virtual time in {wall:.2f} s"
