"""Which orders close a position, where lots are told apart by date and where they are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctpscen.client.books.positions import Position
from ctpscen.client.closing import changes, closes

HELD = Position(long_today=3, long_yesterday=2, short_today=1, short_yesterday=4)


@pytest.mark.parametrize(
    ("volume", "orders"),
    [
        (0, []),
        (1, [("close", 1)]),
        (2, [("close", 2)]),
        (4, [("close", 2), ("close_today", 2)]),
        (9, [("close", 2), ("close_today", 3)]),
    ],
)
def test_where_lots_are_dated_the_older_ones_go_first(volume: int, orders: list[tuple[str, int]]) -> None:
    assert closes("rb2705", HELD, buy=False, volume=volume) == orders


def test_elsewhere_one_order_closes_both() -> None:
    assert closes("m2705", HELD, buy=False, volume=4) == [("close", 4)]
    assert closes("m2705", HELD, buy=True, volume=9) == [("close", 5)]


def test_a_product_that_is_not_known_has_no_dates() -> None:
    assert closes("zz9999", HELD, buy=True, volume=5) == [("close", 5)]


def test_buying_closes_what_is_short() -> None:
    assert closes("rb2705", HELD, buy=True, volume=5) == [("close", 4), ("close_today", 1)]


def test_a_change_closes_first_and_opens_what_is_left() -> None:
    assert changes("rb2705", HELD, -4) == [("close", 2), ("close_today", 2)]
    assert changes("rb2705", HELD, 7) == [("close", 4), ("close_today", 1), ("open", 2)]
    assert changes("rb2705", Position(), -3) == [("open", 3)]
    assert changes("rb2705", HELD, 0) == []


lots = st.integers(0, 20)


@given(st.sampled_from(["rb2705", "m2705"]), lots, lots, lots, lots, st.integers(-60, 60))
def test_the_orders_of_a_change_add_up_to_it_and_close_no_more_than_is_held(
    instrument: str, long_today: int, long_yesterday: int, short_today: int, short_yesterday: int, change: int
) -> None:
    held = Position(long_today, long_yesterday, short_today, short_yesterday)
    orders = changes(instrument, held, change)
    closed = sum(volume for offset, volume in orders if offset != "open")
    assert sum(volume for _, volume in orders) == abs(change)
    assert all(volume > 0 for _, volume in orders)
    assert closed == min(abs(change), held.short if change > 0 else held.long)
