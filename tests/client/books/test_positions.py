"""Positions, counted from trades and added up from the front's rows."""

import pytest

from ctpscen.client.books.positions import Position, by_instrument, from_rows
from ctpscen.ctp.messages import Fields

BUY, SELL = "0", "1"
OPEN, CLOSE, CLOSE_TODAY, CLOSE_YESTERDAY = "0", "1", "3", "4"


def trade(instrument: str, direction: str, offset: str, volume: int) -> Fields:
    return {"InstrumentID": instrument, "Direction": direction, "OffsetFlag": offset, "Volume": volume}


def lots(position: Position) -> tuple[int, int, int, int]:
    return position.long_today, position.long_yesterday, position.short_today, position.short_yesterday


def test_opening_adds_to_today() -> None:
    position = Position()
    position.trade(trade("rb2705", BUY, OPEN, 3))
    position.trade(trade("rb2705", SELL, OPEN, 2))
    assert lots(position) == (3, 0, 2, 0)
    assert (position.long, position.short, position.net) == (3, 2, 1)


@pytest.mark.parametrize("instrument", ["rb2705", "sc2701"])
@pytest.mark.parametrize(
    ("offset", "left"), [(CLOSE, (5, 2)), (CLOSE_YESTERDAY, (5, 2)), (CLOSE_TODAY, (4, 3))], ids=str
)
def test_where_dates_are_kept_apart_the_flag_says_which_lots_go(
    instrument: str, offset: str, left: tuple[int, int]
) -> None:
    long = Position(long_today=5, long_yesterday=3)
    long.trade(trade(instrument, SELL, offset, 1))
    assert lots(long) == (*left, 0, 0)
    short = Position(short_today=5, short_yesterday=3)
    short.trade(trade(instrument, BUY, offset, 1))
    assert lots(short) == (0, 0, *left)


@pytest.mark.parametrize("instrument", ["m2705", "MA705", "IF2612", "si2701"])
def test_elsewhere_the_oldest_lots_go_first(instrument: str) -> None:
    position = Position(long_today=5, long_yesterday=3)
    position.trade(trade(instrument, SELL, CLOSE, 2))
    assert lots(position) == (5, 1, 0, 0)
    position.trade(trade(instrument, SELL, CLOSE, 2))
    assert lots(position) == (4, 0, 0, 0)


def test_lots_that_were_never_seen_opened_leave_a_debt_of_today() -> None:
    position = Position()
    position.trade(trade("m2705", SELL, CLOSE, 2))
    assert lots(position) == (-2, 0, 0, 0)


def row(instrument: str, direction: str, volume: int, today: int) -> Fields:
    return {"InstrumentID": instrument, "PosiDirection": direction, "Position": volume, "TodayPosition": today}


def test_rows_by_date_and_rows_of_both_dates_add_up_to_the_same() -> None:
    dated = [row("rb2705", "2", 2, 2), row("rb2705", "2", 3, 0), row("rb2705", "3", 1, 1)]
    joined = [row("m2705", "2", 5, 2), row("m2705", "3", 1, 1)]
    assert lots(from_rows(dated, "rb2705")) == lots(from_rows(joined, "m2705")) == (2, 3, 1, 0)


def test_rows_are_told_apart_by_instrument() -> None:
    rows = [row("rb2705", "2", 2, 2), row("rb2701", "2", 7, 0)]
    assert lots(from_rows(rows, "rb2705")) == (2, 0, 0, 0)
    assert {name: lots(each) for name, each in by_instrument(rows).items()} == {
        "rb2705": (2, 0, 0, 0),
        "rb2701": (0, 7, 0, 0),
    }
