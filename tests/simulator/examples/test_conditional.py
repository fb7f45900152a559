"""Conditional orders, which CTP itself keeps: the twelve conditions, what is pushed, and what is frozen when."""

from typing import Any

import pytest
from support.desk import Desk, code_of, opened

from ctpscen.ctp.commands.accounts import SetBalance
from ctpscen.ctp.commands.market import Quote
from ctpscen.ctp.messages import Callback
from ctpscen.ctp.times import SECOND

TICK, MIDDLE = 1, 3150

# By condition: which price is watched, and from which distance to the stop price on (in ticks) it is met.
CONDITIONS = {
    "5": ("last", 1),
    "6": ("last", 0),
    "7": ("last", -1),
    "8": ("last", 0),
    "9": ("ask", 1),
    "A": ("ask", 0),
    "B": ("ask", -1),
    "C": ("ask", 0),
    "D": ("bid", 1),
    "E": ("bid", 0),
    "F": ("bid", -1),
    "H": ("bid", 0),
}
ABOVE = "569ADE"


def fields_of(callback: Callback) -> dict[str, Any]:
    assert callback.fields is not None
    return callback.fields


def moved(desk: Desk, what: str, price: float) -> None:
    """One price moves; the other side of the book stays far away."""
    prices: dict[str, Any] = {"bid": (3100, 9), "ask": (3200, 9), "last": MIDDLE} | {
        what: price if what == "last" else (price, 9),
    }
    desk.command(Quote("rb2705", **prices))
    desk.rest(SECOND)


def held(condition: str, stop: float, volume: int = 1) -> Desk:
    desk = Desk(opened("rb2705")).connect()
    moved(desk, "last", MIDDLE)
    desk.insert("rb2705", "0", "0", volume, 3090, ContingentCondition=condition, StopPrice=stop)
    desk.rest(SECOND)
    return desk


def statuses(desk: Desk) -> list[str]:
    return [fields_of(callback)["OrderStatus"] for callback in desk.of("OnRtnOrder")]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_each_condition_watches_its_price(condition: str) -> None:
    which, distance = CONDITIONS[condition]
    up = condition in ABOVE
    start = {"last": MIDDLE, "ask": 3200, "bid": 3100}[which]
    stop = start + 10 if up else start - 10
    desk = held(condition, stop)
    assert statuses(desk) == ["b"]
    moved(desk, which, stop + distance - (TICK if up else -TICK))
    assert statuses(desk) == ["b"], "a tick short of it"
    moved(desk, which, stop + distance)
    assert statuses(desk) == ["b", "c", "a", "3"]


def test_the_order_that_it_becomes_is_another_one() -> None:
    desk = held("6", 3160)
    moved(desk, "last", 3160)
    waiting, touched, sent, resting = (fields_of(callback) for callback in desk.of("OnRtnOrder"))
    assert waiting["OrderSysID"].startswith("TJBD_")
    assert waiting["OrderSysID"] == touched["OrderSysID"] == sent["RelativeOrderSysID"]
    assert (waiting["StatusMsg"], touched["StatusMsg"]) == ("尚未触发", "已触发")
    assert (sent["FrontID"], sent["SessionID"]) == (0, 0)
    assert not resting["OrderSysID"].startswith("TJBD_")
    assert resting["OrderStatus"] == "3"


def test_nothing_is_frozen_before_the_condition_is_met() -> None:
    desk = held("6", 3160)
    ledger = desk.simulation.account_of("alice").ledger
    assert (ledger.frozen_margin, ledger.frozen_commission) == (0, 0)
    moved(desk, "last", 3160)
    assert ledger.frozen_margin == pytest.approx(3090 * 10 * 0.16)
    assert ledger.frozen_commission == pytest.approx(3.09)


def test_what_cannot_be_paid_then_is_an_error_of_the_conditional_order() -> None:
    desk = held("6", 3160, volume=2)
    desk.command(SetBalance(session="alice", amount=100.0))
    moved(desk, "last", 3160)
    assert statuses(desk) == ["b", "c"]
    (refused,) = desk.of("OnRtnErrorConditionalOrder")
    assert fields_of(refused)["ErrorID"] == 31
    assert not desk.of("OnRspOrderInsert", "OnErrRtnOrderInsert")


def test_what_it_becomes_is_cancelled_by_keys_of_its_own() -> None:
    desk = held("6", 3160)
    moved(desk, "last", 3160)
    parent, child = desk.orders().values()
    desk.cancel(parent)
    desk.rest(SECOND)
    assert statuses(desk)[-1] == "3"
    assert len(desk.of("OnRspOrderAction")) == 1
    desk.cancel(child)
    desk.rest(SECOND)
    assert statuses(desk)[-1] == "5"
    assert len(desk.of("OnRspOrderAction")) == 1


def test_a_conditional_order_that_is_cancelled_is_not_touched_any_more() -> None:
    desk = held("6", 3160)
    (order,) = desk.orders().values()
    desk.cancel(order)
    desk.rest(SECOND)
    moved(desk, "last", 3170)
    assert statuses(desk) == ["b", "5"]
    desk.cancel(order)
    desk.rest(SECOND)
    assert [code_of(callback) for callback in desk.of("OnRspOrderAction")] == [26]
