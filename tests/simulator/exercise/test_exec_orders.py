"""Exercise and abandonment of options: what is refused by whom, what is kept back, what the settlement makes of it."""

from datetime import datetime
from typing import Any

import pytest
from support.desk import Desk, code_of, opened

from ctpscen.ctp.commands.accounts import SetPosition
from ctpscen.ctp.times import from_moment
from ctpscen.simulator.terms.option_rules import OPTION_RULES
from ctpscen.simulator.terms.rules import RULES

CALL = "m2701-C-3000"
EARLY, LAST_DAY = datetime(2026, 12, 4, 14, 0), datetime(2026, 12, 16, 14, 0)


def at(moment: datetime, *instruments: str, held: int = 5, yesterday: bool = True) -> Desk:
    """A session whose account holds lots of each option."""
    desk = Desk(opened(*instruments, at=from_moment(moment))).connect()
    for instrument in instruments:
        price = desk.simulation.contract(instrument).pre_settlement
        desk.command(
            SetPosition(
                session="alice", holding="long", volume=held, instrument=instrument, yesterday=yesterday, price=price
            )
        )
    return desk


def declare(desk: Desk, instrument: str = CALL, **changed: Any) -> None:
    """ReqExecOrderInsert, and the time that all that becomes of it takes."""
    fields = {
        **desk.ids,
        "InstrumentID": instrument,
        "ExchangeID": desk.simulation.contract(instrument).exchange,
        "Volume": 2,
        "OffsetFlag": "1",
        "HedgeFlag": "1",
        "ActionType": "1",
        "PosiDirection": "2",
        "ReservePositionFlag": "0",
        "CloseFlag": "1",
    }
    desk.call("ReqExecOrderInsert", **{**fields, **changed})
    desk.rest()


def cancel(desk: Desk, **key: Any) -> None:
    desk.call("ReqExecOrderAction", **desk.ids, **{"ExchangeID": "DCE", "ActionFlag": "0", **key})
    desk.rest()


def newest(desk: Desk, name: str = "OnRtnExecOrder") -> dict[str, Any]:
    return desk.of(name)[-1].fields or {}


def row(desk: Desk, instrument: str = CALL) -> dict[str, Any]:
    """The account's position row."""
    rows = [holding.record(date) for holding, date in desk.simulation.core.accounts["100001"].ledger.rows()]
    (found,) = [each for each in rows if each["InstrumentID"] == instrument]
    return found


def test_ctp_and_then_the_exchange_report_a_declaration() -> None:
    desk = at(EARLY, CALL)
    declare(desk, ExecOrderRef="12", RequestID=9)
    assert desk.of("OnRspExecOrderInsert") == []
    first, second = (callback.fields or {} for callback in desk.of("OnRtnExecOrder"))
    assert [first["OrderSubmitStatus"], second["OrderSubmitStatus"]] == ["0", "3"]
    assert "ExecOrderSysID" not in first
    assert len(second["ExecOrderSysID"]) == len(second["ExecOrderLocalID"]) == 12
    wanted = {"ExecOrderRef": "12", "RequestID": 9, "Volume": 2, "ActionType": "1", "ExecResult": "n"}
    wanted |= {"FrontID": 1, "ExchangeID": "DCE", "ClientID": "9999100001", "TradingDay": "20261204"}
    assert {name: second[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("instrument", "changed", "code"),
    [
        (CALL, {"ActionType": ""}, 81),
        (CALL, {"PosiDirection": "3"}, 71),
        (CALL, {"ReservePositionFlag": ""}, 71),
        (CALL, {"Volume": -1}, 71),
        (CALL, {"CloseFlag": "0"}, 71),  # DCE takes no self-close with an exercise
        (CALL, {"InstrumentID": "m2701"}, 69),
        (CALL, {"InstrumentID": "m2701-C-3001"}, 16),
        (CALL, {"ExchangeID": "SHFE"}, 150),
        (CALL, {"InvestorID": "999"}, 13),
        (CALL, {"BrokerID": "1"}, 2),
        (CALL, {"Volume": 6}, 74),
        (CALL, {"HedgeFlag": "3"}, 74),
        (CALL, {"ExecOrderRef": "0", "Volume": 9}, 74),
        ("cu2701C72000", {"OffsetFlag": "3"}, 74),  # of today none are held
        ("cu2701C72000", {"Volume": 0}, 71),
        ("SR705C5600", {"CloseFlag": "0"}, 71),
        ("IO2701-C-4500", {}, 77),
    ],
)
def test_ctp_refuses_to_the_session_and_to_all(instrument: str, changed: dict[str, Any], code: int) -> None:
    desk = at(EARLY, instrument)
    declare(desk, instrument, **changed)
    answers = desk.of("OnRspExecOrderInsert", "OnErrRtnExecOrderInsert")
    assert [(each.name, code_of(each)) for each in answers] == [
        ("OnRspExecOrderInsert", code),
        ("OnErrRtnExecOrderInsert", code),
    ]
    assert desk.of("OnRtnExecOrder") == []


def test_a_reference_grows_apart_from_those_of_orders() -> None:
    desk = at(EARLY, CALL)
    desk.insert("m2701", "0", "0", 1, 3000.0, OrderRef="40")
    declare(desk, ExecOrderRef="3")
    declare(desk, ExecOrderRef="3")
    assert [code_of(each) for each in desk.of("OnRspExecOrderInsert")] == [67]
    declare(desk, ExecOrderRef="")
    assert newest(desk)["ExecOrderRef"] == "           4"


def test_an_exercise_keeps_lots_and_money_back_until_it_is_cancelled() -> None:
    desk = at(EARLY, CALL)
    ledger = desk.simulation.core.accounts["100001"].ledger
    before = ledger.available
    declare(desk)
    money = 2 * (3000 * 10 * 0.14 + 0.5)
    assert [row(desk)["StrikeFrozen"], row(desk)["AbandonFrozen"]] == [2, 0]
    assert row(desk)["StrikeFrozenAmount"] == pytest.approx(money)
    assert ledger.available == pytest.approx(before - money)
    desk.insert(CALL, "1", "1", 4, 100.0)
    desk.rest()
    assert [code_of(each) for each in desk.of("OnRspOrderInsert")] == [30]
    cancel(desk, ExecOrderSysID=newest(desk)["ExecOrderSysID"])
    assert [newest(desk)[name] for name in ("ExecResult", "ActiveUserID", "CancelTime")] == ["c", "100001", "14:00:02"]
    assert [row(desk)["StrikeFrozen"], ledger.available, ledger.frozen_margin] == [0, before, 0.0]


def test_no_more_is_exercised_than_can_be_paid() -> None:
    desk = at(EARLY, CALL)
    desk.simulation.core.accounts["100001"].ledger.pre_balance = 4_200.5 * 2 - 1
    declare(desk)
    assert [code_of(each) for each in desk.of("OnRspExecOrderInsert")] == [74]
    declare(desk, Volume=1)
    assert newest(desk)["OrderSubmitStatus"] == "3"


def test_a_declaration_is_cancelled_once_by_its_key_or_its_number() -> None:
    desk = at(EARLY, CALL)
    declare(desk)
    record = newest(desk)
    key = {name: record[name] for name in ("FrontID", "SessionID", "ExecOrderRef")}
    cancel(desk, **{**key, "ExecOrderRef": "77"})
    cancel(desk, ExchangeID="", **key)
    cancel(desk, ActionFlag="3", **key)
    cancel(desk, **key)
    assert newest(desk)["ExecResult"] == "c"
    cancel(desk, **key)
    codes = [code_of(each) for each in desk.of("OnErrRtnExecOrderAction")]
    assert codes == [code_of(each) for each in desk.of("OnRspExecOrderAction")] == [73, 147, 71, 73]


def test_a_second_cancel_on_its_way_is_refused() -> None:
    desk = at(EARLY, CALL)
    declare(desk)
    number = newest(desk)["ExecOrderSysID"]
    desk.call("ReqExecOrderAction", **desk.ids, ExchangeID="DCE", ActionFlag="0", ExecOrderSysID=number)
    cancel(desk, ExecOrderSysID=number)
    assert [code_of(each) for each in desk.of("OnRspExecOrderAction")] == [72]


def test_what_was_declared_can_be_asked_for() -> None:
    desk = at(EARLY, CALL)
    declare(desk, Volume=1)
    declare(desk, Volume=2)
    desk.call("ReqQryExecOrder", **desk.ids, InstrumentID=CALL, ExecOrderSysID=newest(desk)["ExecOrderSysID"])
    desk.rest()
    assert [(each.fields or {})["Volume"] for each in desk.of("OnRspQryExecOrder")] == [2]


# --------------------------------------------------------------------------------------------------- the exchange


@pytest.mark.parametrize(
    ("moment", "changed", "status"),
    [
        (EARLY, {}, "3"),
        (EARLY.replace(hour=12), {}, "4"),
        (EARLY, {"ActionType": "2"}, "4"),
        (EARLY, {"Volume": 0}, "4"),
        (LAST_DAY, {"ActionType": "2"}, "3"),
        (LAST_DAY, {"Volume": 0}, "3"),
        (LAST_DAY.replace(hour=15, minute=20), {}, "3"),
    ],
)
def test_the_exchange_says_whether_the_time_is_right(moment: datetime, changed: dict[str, Any], status: str) -> None:
    desk = at(moment, CALL)
    declare(desk, **changed)
    assert newest(desk)["OrderSubmitStatus"] == status
    if status == "4":
        assert newest(desk)["StatusMsg"] == "报单被拒绝DCE:不在宣告期内"
        assert [row(desk)["StrikeFrozen"], row(desk)["AbandonFrozen"]] == [0, 0]


def test_an_abandonment_keeps_lots_but_no_money() -> None:
    desk = at(LAST_DAY, CALL)
    before = desk.simulation.core.accounts["100001"].ledger.available
    declare(desk, ActionType="2")
    assert [row(desk)[name] for name in ("StrikeFrozen", "AbandonFrozen", "StrikeFrozenAmount")] == [0, 2, 0.0]
    assert desk.simulation.core.accounts["100001"].ledger.available == before


def test_no_lots_at_all_is_one_declaration_however_often_it_is_made() -> None:
    desk = at(LAST_DAY, CALL)
    declare(desk, Volume=0, ExecOrderRef="1")
    declare(desk, Volume=0, ExecOrderRef="2")
    assert newest(desk)["ExecOrderRef"] == "1"
    assert len(desk.simulation.core.exec_orders.all) == 1


def test_every_exchange_has_its_rules_of_options() -> None:
    assert OPTION_RULES.keys() == RULES.keys()
    assert not OPTION_RULES["CFFEX"].exercise


# ------------------------------------------------------------------------------------------------- the settlement


def held(desk: Desk) -> dict[tuple[str, str], tuple[int, float]]:
    """Lots and open prices after the settlement, by instrument and direction."""
    desk.simulation._settle()
    return {
        (holding.contract.id, holding.direction): (holding.volume(), holding.lots[0].price)
        for holding in desk.simulation.core.accounts["100001"].ledger.holdings.values()
        if holding.volume()
    }


def short(desk: Desk, instrument: str, lots: int, price: float) -> None:
    desk.command(
        SetPosition(session="alice", holding="short", volume=lots, instrument=instrument, yesterday=True, price=price)
    )


@pytest.mark.parametrize(
    ("option", "last", "bought", "sold"),
    [
        ("m2701-C-3000", 3050, ("m2701", "2"), ("m2701", "3")),
        ("m2701-P-3000", 2950, ("m2701", "3"), ("m2701", "2")),
        ("m2701-C-3000", 3000, None, None),
        ("m2701-P-3000", 3050, None, None),
    ],
)
def test_the_last_day_exercises_what_has_value(
    option: str, last: int, bought: tuple[str, str] | None, sold: tuple[str, str] | None
) -> None:
    desk = at(LAST_DAY, option, held=2)
    short(desk, option, 3, 50.0)
    desk.simulation.contract("m2701").last = last
    wanted = {}
    if bought and sold:
        wanted = {bought: (2, 3000.0), sold: (3, 3000.0)}
    assert held(desk) == wanted


def test_an_exercise_of_an_earlier_day_need_not_have_value_and_assigns_nobody_here() -> None:
    desk = at(EARLY, CALL, held=4)
    short(desk, CALL, 3, 50.0)
    desk.simulation.contract("m2701").last = 2900
    declare(desk)
    assert held(desk) == {(CALL, "2"): (2, 380.0), (CALL, "3"): (3, 50.0), ("m2701", "2"): (2, 3000.0)}


def test_what_was_declared_on_the_last_day_goes_before_what_happens_by_itself() -> None:
    desk = at(LAST_DAY, CALL, held=5)
    desk.simulation.contract("m2701").last = 3050
    declare(desk, ActionType="2", Volume=3)
    assert held(desk) == {("m2701", "2"): (2, 3000.0)}
    desk = at(LAST_DAY, CALL, held=5)
    desk.simulation.contract("m2701").last = 3050
    declare(desk, Volume=0)
    declare(desk, Volume=1)
    assert held(desk) == {("m2701", "2"): (1, 3000.0)}


def test_shanghai_exercises_the_lots_of_the_date_that_is_named() -> None:
    option = "cu2701C72000"
    desk = at(EARLY, option, held=2)
    price = desk.simulation.contract(option).pre_settlement + 10
    today = SetPosition(session="alice", holding="long", volume=3, instrument=option, yesterday=False, price=price)
    desk.command(today)
    declare(desk, option, OffsetFlag="3", Volume=1)
    declare(desk, option, OffsetFlag="1", Volume=2)
    lots = held(desk)
    assert lots[option, "2"] == (2, price)
    assert lots["cu2701", "2"] == (3, 72000.0)


def test_the_futures_of_an_exercise_are_set_off_where_that_is_declared() -> None:
    option = "cu2701C72000"
    desk = at(EARLY, option, held=3)
    short(desk, "cu2701", 2, 71500.0)
    ledger = desk.simulation.core.accounts["100001"].ledger
    desk.simulation.contract("cu2701").last = 72500 // 10
    before = ledger.balance
    declare(desk, option, OffsetFlag="4", Volume=3, CloseFlag="0")
    assert held(desk) == {("cu2701", "2"): (1, 72000.0)}
    assert ledger.pre_balance == pytest.approx(before + 3 * (500 * 5 - 5), abs=0.01)
    assert "对冲 cu2701 买 2 72500" in desk.simulation.core.accounts["100001"].statements["20261204"]
