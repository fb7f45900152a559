"""The rows of an answer to a query, as a program is given them: of many, the first few and the last are shown."""

from typing import Any

from ctpscen.report.sequence import diagram
from ctpscen.report.terminal.events import EventLines

HEAD = {"time": 0, "sessions": ["robot"]}


def answer(rows: int, request: int) -> list[dict[str, Any]]:
    """The callbacks of an answer."""
    row = {
        "event": "callback",
        "time": 0,
        "session": "robot",
        "api": "trader",
        "name": "OnRspQryInstrument",
        "fields": {"InstrumentID": "rb2705"},
        "error": None,
        "request": request,
        "connection": 1,
        "replayed": False,
        "number": 1,
    }
    return [{**row, "last": index == rows - 1} for index in range(rows)]


def lines(events: list[dict[str, Any]]) -> list[str]:
    shown = EventLines(HEAD)
    return ["".join(piece.text for piece in line) for event in events for line in shown.of(event)]


def test_of_many_rows_the_first_and_the_last_are_shown() -> None:
    found = lines([*answer(1234, 1), *answer(2, 2)])
    assert len(found) == 5 + 1 + 2
    assert found[5].endswith("the last of 1,234 rows")


def test_few_rows_are_all_shown() -> None:
    assert len(lines(answer(5, 1))) == 5
    assert not any("rows" in line for line in lines(answer(5, 1)))


def test_a_diagram_leaves_the_others_out_as_well() -> None:
    arrows = diagram(answer(1234, 1), ["robot"]).arrows
    assert [index for index, arrow in arrows.items() if not arrow.quiet] == [0, 1, 2, 3, 4, 1233]
