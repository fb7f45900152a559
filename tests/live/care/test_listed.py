"""Whose the orders are that a front lists."""

import pytest

from ctpscen.ctp.messages import Fields
from ctpscen.live.care.keys import SentOrder
from ctpscen.live.care.listed import find_listed


def sent(reference: str, session: int = 7) -> SentOrder:
    return SentOrder("", (1, session, reference), "rb2705", "SHFE", "20261123")


def row(reference: str, status: str = "3", session: int = 7, front: int = 1, **more: str) -> Fields:
    return {"FrontID": front, "SessionID": session, "OrderRef": reference, "OrderStatus": status, **more}


def released(origin: str, status: str, reference: str = "1") -> Fields:
    return row(reference, status, 0, 0, ExchangeID="SHFE", RelativeOrderSysID=origin, OrderSysID="  9")


ONE = sent("1")
CONDITIONAL = row("1", "c", ExchangeID="SHFE", OrderSysID="TJBD_1")


@pytest.mark.parametrize(("status", "works"), [("a", True), ("b", True), ("1", True), ("0", False), ("5", False)])
def test_what_may_still_trade_works(status: str, works: bool) -> None:
    found = find_listed([row("1", status)], [ONE])
    assert (found.working, found.unseen) == ([(row("1", status), ONE)] if works else [], [])


@pytest.mark.parametrize("rows", [[], [row("2")], [row("1", session=8)], [row("1", front=2)]])
def test_what_is_not_listed_is_not_taken_for_finished(rows: list[Fields]) -> None:
    found = find_listed(rows, [ONE])
    assert (found.working, found.unseen) == ([], [ONE])


@pytest.mark.parametrize(("status", "works"), [("a", True), ("3", True), ("5", False)])
def test_what_a_conditional_order_released_is_told_by_its_origin(status: str, works: bool) -> None:
    child = released("TJBD_1", status)
    found = find_listed([CONDITIONAL, child, released("TJBD_2", "3")], [ONE])
    assert (found.working, found.unseen) == ([(child, ONE)] if works else [], [])


def test_one_that_was_touched_and_released_nothing_yet_is_not_over() -> None:
    assert find_listed([CONDITIONAL], [ONE]).unseen == [ONE]


def test_an_order_without_a_reference_is_one_of_its_login_that_nobody_names() -> None:
    unnamed = sent("")
    rows = [row("1"), row("2"), row("3", session=8), row("   4"), released("TJBD_9", "3")]
    found = find_listed(rows, [ONE, unnamed], others={(1, 7, "2")})
    assert (found.working, found.unseen) == ([(rows[0], ONE), (rows[3], unnamed)], [])


def test_each_of_several_without_a_reference_is_another() -> None:
    orders = [sent(""), sent(""), sent("")]
    found = find_listed([row("1"), row("2", "5")], orders)
    assert len(found.working) == 1
    assert len(found.unseen) == 1


def test_a_reference_that_was_used_twice_is_the_same_order() -> None:
    found = find_listed([row("1")], [sent("1"), sent("1")])
    assert (len(found.working), found.unseen) == (1, [])
