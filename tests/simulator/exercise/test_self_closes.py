"""Self-closes: one declaration an option, which is changed, and what the settlement sets off for it."""

from datetime import datetime
from typing import Any

import pytest
from support.desk import Desk, code_of, opened

from ctpscen.ctp.commands.accounts import SetPosition
from ctpscen.ctp.times import from_moment

CALL = "cu2701C72000"
EARLY, LAST_DAY = datetime(2026, 12, 4, 14, 0), datetime(2026, 12, 25, 14, 0)


def at(moment: datetime, *positions: tuple[str, str, int, float]) -> Desk:
    """A session whose account holds lots: of an instrument, long or short, how many, at what price."""
    desk = Desk(opened(CALL, "SR705C5600", "IO2701-C-4500", at=from_moment(moment))).connect()
    for instrument, side, lots, price in positions:
        assert side in ("long", "short")
        desk.command(
            SetPosition(
                session="alice",
                holding="long" if side == "long" else "short",
                volume=lots,
                instrument=instrument,
                yesterday=True,
                price=price,
            )
        )
    return desk


def declare(desk: Desk, instrument: str = CALL, **changed: Any) -> None:
    fields = {**desk.ids, "InstrumentID": instrument, "Volume": 2, "HedgeFlag": "1", "OptSelfCloseFlag": "1"}
    fields["ExchangeID"] = desk.simulation.contract(instrument).exchange
    desk.call("ReqOptionSelfCloseInsert", **{**fields, **changed})
    desk.rest()


def cancel(desk: Desk, **key: Any) -> None:
    desk.call("ReqOptionSelfCloseAction", **desk.ids, **{"ExchangeID": "SHFE", "ActionFlag": "0", **key})
    desk.rest()


def newest(desk: Desk) -> dict[str, Any]:
    return desk.of("OnRtnOptionSelfClose")[-1].fields or {}


def held(desk: Desk) -> dict[tuple[str, str], int]:
    desk.simulation._settle()
    holdings = desk.simulation.core.accounts["100001"].ledger.holdings.values()
    return {(holding.contract.id, holding.direction): holding.volume() for holding in holdings if holding.volume()}


def test_ctp_and_then_the_exchange_report_it_whatever_is_held() -> None:
    desk = at(EARLY)
    declare(desk, OptionSelfCloseRef="5")
    reports = [callback.fields or {} for callback in desk.of("OnRtnOptionSelfClose")]
    assert [(each["OrderSubmitStatus"], each["ExecResult"]) for each in reports] == [("0", "n"), ("3", "n")]
    assert reports[1]["OptionSelfCloseRef"] == "5"
    assert reports[1]["OptionSelfCloseSysID"]
    assert desk.of("OnRspOptionSelfCloseInsert") == []


def test_a_later_one_changes_the_first_under_a_new_number() -> None:
    desk = at(EARLY)
    declare(desk, OptionSelfCloseRef="5", Volume=3)
    first = newest(desk)
    declare(desk, OptionSelfCloseRef="6", Volume=5)
    second = newest(desk)
    assert second["Volume"] == 5
    for name in ("OptionSelfCloseRef", "OptionSelfCloseLocalID"):
        assert first[name] == second[name]
    assert first["OptionSelfCloseSysID"] != second["OptionSelfCloseSysID"]
    desk.call("ReqQryOptionSelfClose", **desk.ids)
    desk.rest()
    assert [(each.fields or {})["Volume"] for each in desk.of("OnRspQryOptionSelfClose")] == [5]


@pytest.mark.parametrize(
    ("instrument", "changed", "code"),
    [
        (CALL, {"OptSelfCloseFlag": "9"}, 3043),
        (CALL, {"HedgeFlag": ""}, 3043),
        (CALL, {"InstrumentID": "cu2701"}, 3041),
        (CALL, {"InstrumentID": "cu2701C1"}, 16),
        (CALL, {"OptionSelfCloseRef": "-1"}, 0),
        ("SR705C5600", {}, 77),
        ("IO2701-C-4500", {}, 77),
    ],
)
def test_ctp_refuses_to_the_session_and_to_all(instrument: str, changed: dict[str, Any], code: int) -> None:
    desk = at(EARLY)
    declare(desk, instrument, **changed)
    answers = desk.of("OnRspOptionSelfCloseInsert", "OnErrRtnOptionSelfCloseInsert")
    wanted = [("OnRspOptionSelfCloseInsert", code), ("OnErrRtnOptionSelfCloseInsert", code)]
    assert [(each.name, code_of(each)) for each in answers] == (wanted if code else [])


def test_it_is_cancelled_once() -> None:
    desk = at(EARLY)
    declare(desk)
    number = newest(desk)["OptionSelfCloseSysID"]
    cancel(desk, OptionSelfCloseSysID=number)
    assert newest(desk)["ExecResult"] == "c"
    cancel(desk, OptionSelfCloseSysID=number)
    cancel(desk, OptionSelfCloseSysID="404")
    assert [code_of(each) for each in desk.of("OnErrRtnOptionSelfCloseAction")] == [3045, 3044]
    assert desk.simulation.core.self_closes.all[0].is_finished


def test_both_sides_of_an_option_are_set_off_at_the_settlement() -> None:
    desk = at(EARLY, (CALL, "long", 5, 1200.0), (CALL, "short", 3, 900.0))
    ledger = desk.simulation.core.accounts["100001"].ledger
    before = ledger.balance
    declare(desk, Volume=2)
    assert held(desk) == {(CALL, "2"): 3, (CALL, "3"): 1}
    assert ledger.pre_balance == before  # what one side brings the other one costs, and there is no fee


def test_nothing_is_set_off_that_was_cancelled_or_is_to_be_kept() -> None:
    desk = at(EARLY, (CALL, "long", 5, 1200.0), (CALL, "short", 3, 900.0))
    declare(desk, OptSelfCloseFlag="2")
    declare(desk)
    cancel(desk, OptionSelfCloseSysID=newest(desk)["OptionSelfCloseSysID"])
    assert held(desk) == {(CALL, "2"): 5, (CALL, "3"): 3}


def test_a_seller_sets_off_what_it_is_assigned() -> None:
    desk = at(LAST_DAY, (CALL, "short", 3, 900.0), ("cu2701", "long", 2, 72400.0))
    desk.simulation.contract("cu2701").last = 7300
    declare(desk, OptSelfCloseFlag="3")
    assert held(desk) == {("cu2701", "3"): 1}
