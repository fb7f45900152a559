"""The trading front: connecting, logging in, what is refused and with which code, and the silence of a dead path."""

import pytest
from support import callbacks, events, passes
from support.desk import OPENING, Desk, code_of, opened

from ctpscen.ctp.commands.accounts import PasswordState, SetPasswordState
from ctpscen.ctp.commands.refusals import Limit, Refuse
from ctpscen.ctp.errors import errors
from ctpscen.ctp.messages import Callback
from ctpscen.ctp.times import MINUTE, SECOND


def created(*instruments: str) -> Desk:
    desk = Desk(opened(*(instruments or ("rb2705",))))
    desk.create()
    return desk


def times(desk: Desk, name: str) -> list[int]:
    return [callback.time - OPENING for callback in desk.of(name)]


def fields_of(callback: Callback) -> dict[str, object]:
    assert callback.fields is not None
    return callback.fields


# ------------------------------------------------------------------------------------------------------- connecting


def test_before_the_connection_a_request_is_refused_on_the_spot() -> None:
    desk = Desk(opened("rb2705"))
    desk._api = 1
    desk.call("CreateFtdcTraderApi", pszFlowPath="flow/")
    assert desk.call("ReqUserLogin", BrokerID="9999") == -1
    assert desk.call("ReqQryOrder") == -1
    desk.call("Init")
    assert desk.call("ReqUserLogin", BrokerID="9999") == -1
    assert desk.seen == []


def test_a_lost_connection_refuses_requests_too() -> None:
    desk = created()
    desk.path.cut()
    assert desk.call("ReqUserLogin", BrokerID="9999") == -1


def test_the_trading_day_is_known_only_after_the_login() -> None:
    desk = created()
    assert desk.call("GetTradingDay") == "19800100"
    desk.log_in_again()
    assert desk.call("GetTradingDay") == "20261123"


def test_a_cut_is_told_at_once_and_the_api_tries_again_every_second() -> None:
    desk = created()
    desk.rest(OPENING + 10 * SECOND - desk.world.now)
    desk.path.cut()
    desk.rest(SECOND // 10)
    assert [fields_of(callback)["nReason"] for callback in desk.of("OnFrontDisconnected")] == [0x1001]
    assert times(desk, "OnFrontDisconnected") == [10 * SECOND]
    desk.rest(2 * SECOND)
    desk.path.heal()  # 12.1 s: the attempts are at 11 s, 12 s, 13 s
    desk.rest(5 * SECOND)
    assert times(desk, "OnFrontConnected")[1:] == [13 * SECOND + 2_000]


def test_a_front_that_is_down_gives_no_callback_and_is_tried_for_ever() -> None:
    desk = Desk(opened("rb2705"))
    desk.simulation.trading.go_down()
    desk.create()
    desk.rest(3600 * SECOND)
    assert desk.seen == []
    desk.simulation.trading.come_up()
    desk.rest(2 * SECOND)
    assert [callback.name for callback in desk.seen] == ["OnFrontConnected"]


def test_a_connection_after_a_loss_has_another_session_number() -> None:
    desk = created()
    desk.log_in_again()
    desk.path.cut()
    desk.rest()
    desk.path.heal()
    desk.rest(2 * SECOND)
    desk.log_in_again()
    numbers = [fields_of(callback)["SessionID"] for callback in desk.of("OnRspUserLogin")]
    assert len(set(numbers)) == 2


# -------------------------------------------------------------------------------------------------------- the login


def test_the_answers_of_a_login_are_ctp_s() -> None:
    desk = created()
    authenticated, logged_in, confirmed = desk.authenticate(), desk.login(), desk.confirm()
    assert authenticated.error == {"ErrorID": 0, "ErrorMsg": "CTP:正确"}
    assert fields_of(authenticated)["AppID"] == "simnow_client_test"
    assert logged_in.error == {"ErrorID": 0, "ErrorMsg": "CTP:正确"}
    login = fields_of(logged_in)
    assert (login["TradingDay"], login["UserID"], login["MaxOrderRef"]) == ("20261123", "100001", "1")
    assert (login["SystemName"], login["SHFETime"]) == ("TradingHosting", "09:30:00")
    assert isinstance(login["SessionID"], int)
    assert -(2**31) <= login["SessionID"] < 2**31
    assert confirmed.error == {"ErrorID": 0, "ErrorMsg": "正确"}, "without a prefix"
    assert (fields_of(confirmed)["ConfirmDate"], fields_of(confirmed)["AccountID"]) == ("20261123", "100001")


@pytest.mark.parametrize(("app", "code"), [("someone_else", "0" * 16), ("simnow_client_test", "1" * 16), ("", "")])
def test_a_wrong_program_is_refused_with_63(app: str, code: str) -> None:
    desk = created()
    assert code_of(desk.authenticate(app, code)) == 63
    assert code_of(desk.login()) == 64, "and is not authenticated"


def test_a_login_without_authentication_is_refused_with_64() -> None:
    desk = created()
    assert code_of(desk.login()) == 64
    assert code_of(desk.authenticate()) == 0
    assert code_of(desk.login()) == 0, "the session can still log in"


@pytest.mark.parametrize("wrong", [{"Password": "654321"}, {"BrokerID": "1234"}, {"UserID": ""}])
def test_a_login_with_wrong_words_is_refused_with_3(wrong: dict[str, str]) -> None:
    desk = created()
    desk.authenticate()
    refused = desk.login(**{"password": "123456", **wrong}) if "Password" not in wrong else desk.login("654321")
    assert code_of(refused) == 3
    assert refused.error is not None
    assert refused.error["ErrorMsg"] == errors()[3].message
    assert code_of(desk.login()) == 0


def test_a_second_login_is_swallowed() -> None:
    desk = created()
    desk.authenticate()
    desk.login()
    before = len(desk.seen)
    desk.call("ReqUserLogin", BrokerID="9999", UserID="100001", Password="123456")
    desk.rest()
    assert [callback.name for callback in desk.seen[before:]] == []


def test_one_session_too_many_is_refused_with_60_and_the_others_stay() -> None:
    simulation = opened("rb2705")
    desks = [Desk(simulation, f"desk{number}") for number in range(3)]
    desks[0].command(Limit("session", 2))
    for desk in desks:
        desk.create()
        desk.authenticate()
    assert [code_of(desk.login()) for desk in desks] == [0, 0, 60]
    assert not any(desk.of("OnFrontDisconnected") for desk in desks)
    desks[0].call("ReqUserLogout", BrokerID="9999", UserID="100001")
    desks[0].rest(SECOND // 10)
    assert code_of(desks[2].login()) == 0, "there is room again"


@pytest.mark.parametrize(("state", "code"), [("expired", 141), ("first_login", 140)])
def test_a_password_that_must_be_changed_is_changed_in_the_same_session(state: PasswordState, code: int) -> None:
    desk = created()
    desk.command(SetPasswordState(session="alice", state=state))
    desk.authenticate()
    assert code_of(desk.login()) == code

    def change(old: str, new: str) -> int:
        desk.call("ReqUserPasswordUpdate", BrokerID="9999", UserID="100001", OldPassword=old, NewPassword=new)
        return code_of(desk.answered("OnRspUserPasswordUpdate"))

    assert change("wrong!", "Secret77") == 14
    assert change("123456", "123456") == 142
    assert change("123456", "1") == 131
    assert code_of(desk.login()) == code, "nothing has changed yet"
    assert change("123456", "Secret77") == 0
    assert code_of(desk.login("123456")) == 3
    assert code_of(desk.login("Secret77")) == 0


@pytest.mark.parametrize(
    "request_name", ["ReqOrderInsert", "ReqOrderAction", "ReqQryOrder", "ReqSettlementInfoConfirm"]
)
def test_a_request_before_the_login_is_refused_with_6(request_name: str) -> None:
    desk = created()
    assert desk.call(request_name, BrokerID="9999", InvestorID="100001") == 0
    asked = desk.last_request
    desk.rest()
    (refused,) = desk.of("OnRsp" + request_name.removeprefix("Req"))
    assert (code_of(refused), refused.request_id, refused.last) == (6, asked, True)


def test_an_order_before_the_confirmation_is_refused_with_42_and_queries_work() -> None:
    desk = created()
    desk.authenticate()
    desk.login()
    desk.insert("rb2705", "0", "0", 1, 3100)
    desk.rest()
    assert [code_of(callback) for callback in desk.of("OnRspOrderInsert", "OnErrRtnOrderInsert")] == [42, 42]
    desk.call("ReqQryTradingAccount", **desk.ids)
    desk.rest()
    assert len(desk.of("OnRspQryTradingAccount")) == 1
    desk.confirm()
    desk.insert("rb2705", "0", "0", 1, 3100)
    desk.rest()
    assert desk.of("OnRtnOrder")


def test_a_confirmation_holds_for_the_day_and_every_session() -> None:
    simulation = opened("rb2705")
    Desk(simulation, "alice").connect()
    bob = Desk(simulation, "bob")
    bob.create()
    bob.authenticate()
    bob.login()
    bob.insert("rb2705", "0", "0", 1, 3000)
    bob.rest()
    assert not bob.of("OnRspOrderInsert")
    assert bob.of("OnRtnOrder")


def test_planned_refusals_last_as_long_as_they_were_planned() -> None:
    desk = created()
    desk.command(Refuse("ReqUserLogin", 7, lasting=60 * SECOND))
    desk.authenticate()
    begun = desk.world.now
    assert code_of(desk.login()) == 7
    desk.rest(begun + 59 * SECOND - desk.world.now)
    assert code_of(desk.login()) == 7
    desk.rest(2 * SECOND)
    assert code_of(desk.login()) == 0


def test_a_logout_ends_the_connection_and_the_api_makes_another() -> None:
    desk = created()
    desk.log_in_again()
    before = len(desk.seen)
    desk.call("ReqUserLogout", BrokerID="9999", UserID="100001")
    desk.rest(3 * SECOND)
    after = desk.seen[before:]
    assert [callback.name for callback in after] == ["OnRspUserLogout", "OnFrontDisconnected", "OnFrontConnected"]
    assert SECOND <= after[2].time - after[1].time <= SECOND + 10_000
    assert desk.call("ReqQryOrder") == 0
    desk.rest()
    assert code_of(desk.of("OnRspQryOrder")[0]) == 6, "nothing logs in by itself"


def test_a_release_ends_everything_without_a_callback() -> None:
    desk = created()
    desk.log_in_again()
    before = len(desk.seen)
    desk.call("Release")
    desk.rest(300 * SECOND)
    assert desk.seen[before:] == []


# ---------------------------------------------------------------------------------------------------------- requests


def test_one_query_is_in_flight_at_a_time() -> None:
    desk = created()
    desk.log_in_again()
    assert desk.call("ReqQryOrder", **desk.ids) == 0
    assert desk.call("ReqQryTrade", **desk.ids) == -2
    desk.rest(2 * SECOND)
    assert desk.call("ReqQryTrade", **desk.ids) == 0
    desk.rest()
    assert (len(desk.of("OnRspQryOrder")), len(desk.of("OnRspQryTrade"))) == (1, 1)


def test_the_surplus_of_a_second_waits_for_the_next() -> None:
    desk = created()
    desk.log_in_again()
    desk.simulation.trading.requests_per_second = 2
    second = desk.world.now // SECOND + 1
    desk.rest(second * SECOND - desk.world.now)
    for _ in range(5):
        desk.call("ReqQueryMaxOrderVolume", **desk.ids, InstrumentID="rb2705", Direction="0", OffsetFlag="0")
    desk.rest(3 * SECOND)
    answered = [each.time // SECOND - second for each in desk.of("OnRspQueryMaxOrderVolume")]
    assert answered == [0, 0, 1, 1, 2]


def test_of_several_fronts_any_is_reached_and_named() -> None:
    desk = created()
    desk.call("RegisterFront", pszFrontAddress="tcp://127.0.0.1:2")
    desk.call("RegisterFront", pszFrontAddress="tcp://127.0.0.1:3")
    for _ in range(12):
        desk.path.cut()
        desk.path.heal()
        desk.rest(2 * SECOND)
        desk.log_in_again()
    assert {each.fields["FrontID"] for each in desk.of("OnRspUserLogin") if each.fields} == {1, 2, 3}


def test_a_query_too_soon_is_answered_with_90_and_no_rows() -> None:
    desk = created()
    desk.log_in_again()
    desk.call("ReqQryTradingAccount", **desk.ids)
    desk.rest(SECOND // 2)
    desk.call("ReqQryTradingAccount", **desk.ids)
    asked = desk.last_request
    desk.rest(SECOND // 10)
    (refused,) = desk.of("OnRspError")
    assert (code_of(refused), refused.request_id, refused.last) == (90, asked, True)
    assert len(desk.of("OnRspQryTradingAccount")) == 1
    desk.rest()
    desk.call("ReqQryTradingAccount", **desk.ids)
    desk.rest()
    assert len(desk.of("OnRspQryTradingAccount")) == 2


def test_an_answer_without_rows_is_one_callback_without_data() -> None:
    desk = created()
    desk.log_in_again()
    desk.call("ReqQryTrade", **desk.ids)
    asked = desk.last_request
    desk.rest()
    (answer,) = desk.of("OnRspQryTrade")
    assert (answer.fields, answer.error, answer.request_id, answer.last) == (None, None, asked, True)


def test_of_several_rows_only_the_last_is_the_last() -> None:
    desk = created("rb2705", "m2705", "SR705")
    desk.log_in_again()
    desk.call("ReqQryInstrument")
    desk.rest()
    rows = desk.of("OnRspQryInstrument")
    assert [fields_of(row)["InstrumentID"] for row in rows] == ["rb2705", "m2705", "SR705"]
    assert [row.last for row in rows] == [False, False, True]
    assert len({row.request_id for row in rows}) == 1


def test_orders_beyond_the_rate_are_refused_with_116_and_cancels_are_counted_apart() -> None:
    desk = created()
    desk.log_in_again()
    desk.command(Limit("order", 2))
    for _ in range(3):
        desk.insert("rb2705", "0", "0", 1, 3000)
    desk.rest(SECOND // 10)
    assert [code_of(callback) for callback in desk.of("OnRspOrderInsert", "OnErrRtnOrderInsert")] == [116, 116]
    for order in desk.orders().values():
        desk.cancel(order)
    desk.rest(2 * SECOND)
    assert not desk.of("OnRspOrderAction")
    desk.insert("rb2705", "0", "0", 1, 3000)
    desk.rest()
    assert len(desk.orders()) == 3


@pytest.mark.parametrize(
    ("references", "refused"),
    [
        (["1", "2", "3"], []),
        (["5", "5"], ["5"]),
        (["5", "4", "6"], ["4"]),
        (["9", "10"], []),  # as numbers, not as texts
        (["x", "y"], ["y"]),  # what is no number is always the same one
        (["", "", ""], []),
    ],
)
def test_an_order_ref_grows_within_its_session(references: list[str], refused: list[str]) -> None:
    desk = created()
    desk.log_in_again()
    for reference in references:
        desk.insert("rb2705", "0", "0", 1, 3000, OrderRef=reference)
    desk.rest()
    answers = desk.of("OnRspOrderInsert")
    assert [fields_of(answer)["OrderRef"] for answer in answers] == refused
    assert {code_of(answer) for answer in answers} <= {22}


def test_a_reference_that_ctp_gives_is_right_justified() -> None:
    desk = created()
    desk.log_in_again()
    desk.insert("rb2705", "0", "0", 1, 3000)
    desk.rest()
    assert [reference for _, _, reference in desk.orders()] == ["           1"]


def test_the_same_reference_in_another_session_is_another_order() -> None:
    simulation = opened("rb2705")
    alice, bob = Desk(simulation, "alice").connect(), Desk(simulation, "bob").connect()
    for desk in (alice, bob):
        desk.insert("rb2705", "0", "0", 1, 3000, OrderRef="1")
        desk.rest()
        assert not desk.of("OnRspOrderInsert")
    assert len(alice.orders()) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"VolumeTotalOriginal": 0}, 15),
        ({"Direction": "7"}, 15),
        ({"CombOffsetFlag": ""}, 15),
        ({"TimeCondition": "5"}, 15),
        ({"BrokerID": "1234"}, 2),
        ({"InvestorID": "999"}, 13),
        ({"InstrumentID": "RB2705"}, 16),
        ({"InstrumentID": "zz2705"}, 16),
        ({"ExchangeID": ""}, 147),
        ({"ExchangeID": "NYSE"}, 148),
        ({"ExchangeID": "DCE"}, 150),
        ({"LimitPrice": -1.0}, 95),
        ({"OrderPriceType": "3"}, 80),
        ({"OrderPriceType": "G"}, 80),
        ({"CombHedgeFlag": "2"}, 61),
        ({"IsSwapOrder": 1}, 65),
        ({"CombOffsetFlag": "1"}, 51),
        ({"CombOffsetFlag": "3"}, 50),
    ],
)
def test_the_core_refuses_a_wrong_order_with_its_code(change: dict[str, object], code: int) -> None:
    desk = created()
    desk.log_in_again()
    desk.insert("rb2705", "0", "0", 1, 3000, **change)
    desk.rest()
    assert [code_of(callback) for callback in desk.of("OnRspOrderInsert", "OnErrRtnOrderInsert")] == [code, code]
    assert not desk.of("OnRtnOrder")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"OrderSysID": "1834"}, 25),
        ({"OrderSysID": "", "SessionID": 1}, 25),
        ({"OrderSysID": "", "OrderRef": "77"}, 25),
        ({"OrderSysID": "", "InstrumentID": ""}, 23),
        ({"ActionFlag": "3"}, 23),
        ({"ExchangeID": ""}, 147),
    ],
)
def test_the_core_refuses_a_wrong_cancel_with_its_code(change: dict[str, object], code: int) -> None:
    desk = created()
    desk.log_in_again()
    desk.insert("rb2705", "0", "0", 1, 3000, OrderRef="1")
    desk.rest()
    (order,) = desk.orders().values()
    key = {n: order[n] for n in ("ExchangeID", "InstrumentID", "OrderSysID", "FrontID", "SessionID", "OrderRef")}
    desk.call("ReqOrderAction", **{**desk.ids, "ActionFlag": "0", **key, **change})
    desk.rest()
    assert [code_of(callback) for callback in desk.of("OnRspOrderAction", "OnErrRtnOrderAction")] == [code, code]
    assert [order["OrderStatus"] for order in desk.orders().values()] == ["3"], "the order works on"


def test_what_the_front_does_not_know_is_no_function() -> None:
    desk = created()
    desk.log_in_again()
    desk.call("ReqOffsetSetting", BrokerID="9999")
    desk.rest()
    assert [code_of(callback) for callback in desk.seen if callback.name.startswith("OnRsp")][-1] == 77


# --------------------------------------------------------------------------------------------------------- heartbeats


def silenced(after: int) -> tuple[Desk, int]:
    """A desk whose path falls silent so long after the last message; the time of that message."""
    desk = created()
    desk.log_in_again()
    heard = desk.seen[-1].time
    desk.rest(heard + after - desk.world.now)
    desk.path.silence()
    return desk, heard - OPENING


def test_a_silent_path_warns_at_61_seconds_and_breaks_at_121() -> None:
    desk, heard = silenced(SECOND)
    desk.rest(5 * MINUTE)
    assert times(desk, "OnHeartBeatWarning") == [heard + 61 * SECOND]
    assert [fields_of(callback)["nTimeLapse"] for callback in desk.of("OnHeartBeatWarning")] == [61]
    (broken,) = desk.of("OnFrontDisconnected")
    assert broken.time - OPENING == heard + 121 * SECOND
    assert fields_of(broken)["nReason"] == 0x2001
    assert len(desk.of("OnFrontConnected")) == 1, "nothing is reached over a silent path"


def test_the_front_s_own_heartbeat_every_53_seconds_counts_as_heard() -> None:
    desk, heard = silenced(60 * SECOND)
    desk.rest(5 * MINUTE)
    assert times(desk, "OnHeartBeatWarning") == [heard + (53 + 61) * SECOND]
    assert times(desk, "OnFrontDisconnected") == [heard + (53 + 121) * SECOND]


def test_an_idle_hour_on_a_sound_path_is_silent_and_breaks_nothing() -> None:
    desk = created()
    desk.log_in_again()
    before = len(desk.seen)
    desk.rest(3600 * SECOND)
    assert [each.name for each in desk.seen[before:] if each.name != "OnRtnInstrumentStatus"] == []
    assert desk.call("ReqQryOrder") == 0


@pytest.mark.parametrize(("healed_after", "warnings"), [(59, 0), (100, 1)])
def test_a_path_that_is_healed_in_time_keeps_its_connection(healed_after: int, warnings: int) -> None:
    desk, _ = silenced(SECOND)
    desk.rest(healed_after * SECOND)
    desk.path.heal()
    desk.rest(10 * MINUTE)
    assert len(desk.of("OnHeartBeatWarning")) == warnings
    assert not desk.of("OnFrontDisconnected")
    desk.call("ReqQryTradingAccount", **desk.ids)
    desk.rest()
    assert len(desk.of("OnRspQryTradingAccount")) == 1


def test_after_the_break_the_api_is_back_a_second_after_the_path_is() -> None:
    desk, heard = silenced(SECOND)
    desk.rest(heard + OPENING + 125 * SECOND + SECOND // 2 - desk.world.now)
    desk.path.heal()
    desk.rest(5 * SECOND)
    # Broken at 121 s, tried at 122, 123, …; healed at 125.5, so the attempt of 126 s is through.
    assert times(desk, "OnFrontConnected")[1:] == [heard + 126 * SECOND + 2_000]


def test_a_scenario_sees_the_silence_as_the_language_says() -> None:
    result = passes(
        "connect\n"
        "disconnect silently\n"
        "expect heartbeat_warning within 61s\n"
        "expect disconnection where reason == 0x2001 within 61s\n"
    )
    begun = next(event["time"] for event in events(result, "fault"))
    warned, broken = callbacks(result, "OnHeartBeatWarning", "OnFrontDisconnected")[:2]
    assert (warned["time"] - begun, broken["time"] - begun) == (61 * SECOND, 121 * SECOND)
