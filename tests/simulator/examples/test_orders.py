"""Kinds of orders, what each exchange makes of them, and the order in which the core and the exchange find fault."""

from typing import Any

import pytest
from support import callbacks, passes
from support.desk import Desk, code_of, opened

from ctpscen.ctp.commands.accounts import SetBalance
from ctpscen.ctp.commands.market import Halt, Quote, Resume, SetPhase
from ctpscen.ctp.commands.refusals import BehaveAs, ProfileName
from ctpscen.ctp.messages import Callback
from ctpscen.ctp.terms.products import product_of
from ctpscen.ctp.times import SECOND
from ctpscen.engine.unit import Result

INSTRUMENTS = {"SHFE": "rb2705", "INE": "sc2705", "CFFEX": "IF2612", "DCE": "m2705", "GFEX": "si2705", "CZCE": "SR705"}


def fields_of(callback: Callback) -> dict[str, Any]:
    assert callback.fields is not None
    return callback.fields


def spelled(desk: Desk) -> str:
    """What was pushed: the statuses of orders, T for trades."""
    return " ".join(
        "T" if callback.name == "OnRtnTrade" else fields_of(callback)["OrderStatus"]
        for callback in desk.of("OnRtnOrder", "OnRtnTrade")
    )


def refused_by_counter(desk: Desk) -> list[int]:
    return [code_of(callback) for callback in desk.of("OnRspOrderInsert")]


def prefix_of(desk: Desk) -> str:
    """The number before the text of the newest order's StatusMsg."""
    message: str = fields_of(desk.of("OnRtnOrder")[-1])["StatusMsg"]
    return message.partition(":")[0]


def ready(*instruments: str, profile: ProfileName = "simnow") -> Desk:
    desk = Desk(opened(*instruments)).connect()
    desk.command(BehaveAs(profile))
    return desk


def at(desk: Desk, instrument: str, ticks: int) -> float:
    """A price so many ticks from the middle of the book; one tick away is the market maker."""
    contract = desk.simulation.contract(instrument)
    middle = contract.ticks(contract.product.reference_price)
    assert middle is not None
    return contract.price(middle + ticks)


def quote(desk: Desk, instrument: str, **more: Any) -> None:
    desk.command(Quote(instrument, **more))
    desk.rest(SECOND)


# ------------------------------------------------------------------------------------------------------ kinds of orders

FILLS, EXCHANGE, COUNTER = "", "79", "80"
MARKET, MARKET_DAY = ("1", "1"), ("1", "3")
BEST, BEST_DAY, LEVELS, LEVELS_DAY = ("3", "1"), ("3", "3"), ("G", "1"), ("G", "3")

# By exchange: what becomes of an order at any price, IOC and GFD, and of one at the best price or at five levels.
KINDS = {
    "SHFE": {MARKET: EXCHANGE, MARKET_DAY: EXCHANGE, BEST: COUNTER, LEVELS: COUNTER},
    "INE": {MARKET: EXCHANGE, MARKET_DAY: EXCHANGE, BEST: COUNTER, LEVELS: COUNTER},
    "CFFEX": {MARKET_DAY: EXCHANGE, BEST: EXCHANGE, BEST_DAY: EXCHANGE, LEVELS: EXCHANGE, LEVELS_DAY: EXCHANGE},
    "DCE": {MARKET: FILLS, MARKET_DAY: EXCHANGE, BEST: COUNTER, LEVELS: COUNTER},
    "GFEX": {MARKET: FILLS, MARKET_DAY: EXCHANGE, BEST: COUNTER, LEVELS: COUNTER},
    "CZCE": {MARKET_DAY: FILLS, BEST: COUNTER, LEVELS: COUNTER},
}
IN_PRODUCTION = {"CFFEX": dict.fromkeys((BEST, BEST_DAY, LEVELS, LEVELS_DAY), FILLS)}
CASES = [
    (profile, exchange, *kind, outcome)
    for profile, table in (("simnow", KINDS), ("production", IN_PRODUCTION))
    for exchange, kinds in table.items()
    for kind, outcome in kinds.items()
]


@pytest.mark.parametrize(("profile", "exchange", "price_type", "time", "outcome"), CASES)
def test_an_exchange_takes_the_kinds_of_orders_that_it_knows(
    profile: ProfileName, exchange: str, price_type: str, time: str, outcome: str
) -> None:
    desk = ready(INSTRUMENTS[exchange], profile=profile)
    desk.insert(INSTRUMENTS[exchange], "0", "0", 1, 0, OrderPriceType=price_type, TimeCondition=time)
    desk.rest()
    if outcome == COUNTER:
        assert refused_by_counter(desk) == [80]
        assert not desk.of("OnRtnOrder")
    elif outcome == EXCHANGE:
        assert spelled(desk) == "a 5"
        assert prefix_of(desk) == "79"
    else:
        assert spelled(desk).endswith("0 T")


@pytest.mark.parametrize("exchange", INSTRUMENTS)
def test_good_for_a_section_is_enabled_nowhere(exchange: str) -> None:
    desk = ready(INSTRUMENTS[exchange])
    desk.insert(INSTRUMENTS[exchange], "0", "0", 1, at(desk, INSTRUMENTS[exchange], -5), TimeCondition="2")
    desk.rest()
    assert (spelled(desk), prefix_of(desk)) == ("a 5", "79")


@pytest.mark.parametrize(("exchange", "time"), [("DCE", "1"), ("GFEX", "1"), ("CZCE", "3")])
def test_what_a_market_order_does_not_get_is_cancelled(exchange: str, time: str) -> None:
    desk = ready(INSTRUMENTS[exchange])
    name = INSTRUMENTS[exchange]
    quote(desk, name, ask=(at(desk, name, 1), 2))
    desk.insert(name, "0", "0", 3, 0, OrderPriceType="1", TimeCondition=time)
    desk.rest()
    last = fields_of(desk.of("OnRtnOrder")[-1])
    assert (last["OrderStatus"], last["VolumeTraded"], last["VolumeTotal"]) == ("5", 2, 1)
    assert [fields_of(trade)["Volume"] for trade in desk.of("OnRtnTrade")] == [2]


@pytest.mark.parametrize("exchange", INSTRUMENTS)
@pytest.mark.parametrize(("least", "fills"), [(3, True), (4, False)])
def test_a_fill_and_kill_order_gets_its_least_volume_or_nothing(exchange: str, least: int, fills: bool) -> None:
    name = INSTRUMENTS[exchange]
    desk = ready(name)
    quote(desk, name, ask=(at(desk, name, 1), 3))
    desk.insert(name, "0", "0", 5, at(desk, name, 1), TimeCondition="1", VolumeCondition="2", MinVolume=least)
    desk.rest()
    some = {"DCE": "a 3 1 T 5", "GFEX": "a 3 1 T 5", "CZCE": "a 3 3 1 T 5"}.get(exchange, "a 5 5 T")
    none = {"DCE": "a 3 5", "GFEX": "a 3 5"}.get(exchange, "a 5")
    assert spelled(desk) == (some if fills else none)
    assert sum(fields_of(trade)["Volume"] for trade in desk.of("OnRtnTrade")) == (3 if fills else 0)


@pytest.mark.parametrize("exchange", INSTRUMENTS)
def test_the_exchange_refuses_more_lots_than_one_order_may_have(exchange: str) -> None:
    name = INSTRUMENTS[exchange]
    product = product_of(name)
    assert product is not None
    desk = ready(name)
    desk.command(SetBalance(session="alice", amount=1e12))
    desk.insert(name, "0", "0", product.max_limit_volume, at(desk, name, -5))
    desk.rest()
    assert spelled(desk) == "a 3"
    desk.insert(name, "0", "0", product.max_limit_volume + 1, at(desk, name, -5))
    desk.rest()
    assert (spelled(desk), prefix_of(desk)) == ("a 3 a 5", "164")


def test_two_sessions_of_one_account_may_meet_each_other() -> None:
    """Both sides of the trade are reported, under one TradeID, to both sessions."""
    simulation = opened("rb2705")
    desk, other = Desk(simulation).connect(), Desk(simulation, "bob").connect(flow="bob/")
    desk.insert("rb2705", "0", "0", 1, at(desk, "rb2705", 0))
    desk.rest()
    other.insert("rb2705", "1", "0", 1, at(desk, "rb2705", 0))
    desk.rest()
    for each in (desk, other):
        trades = [fields_of(trade) for trade in each.of("OnRtnTrade")]
        assert {trade["Direction"] for trade in trades} == {"0", "1"}
        assert len({trade["TradeID"] for trade in trades}) == 1
        assert len({trade["OrderSysID"] for trade in trades}) == 2


# --------------------------------------------------------------------------------------------------------- stop orders


@pytest.mark.parametrize("exchange", ["DCE", "GFEX"])
@pytest.mark.parametrize(
    ("condition", "side", "away", "fills_at"),
    [("2", "0", 5, 3), ("2", "1", -5, -3), ("3", "0", -5, -3), ("3", "1", 5, 3)],
)
def test_a_stop_order_waits_at_the_exchange_until_the_last_price_is_there(
    exchange: str, condition: str, side: str, away: int, fills_at: int
) -> None:
    """A stop follows the market that runs away from it, a take-profit order meets the one that comes."""
    name = INSTRUMENTS[exchange]
    desk = ready(name)
    limit = at(desk, name, 20 if side == "0" else -20)
    stop = at(desk, name, away)
    desk.insert(name, side, "0", 1, limit, ContingentCondition=condition, StopPrice=stop)
    desk.rest()
    assert spelled(desk) == "a 3", "its limit would trade at once"
    quote(desk, name, last=at(desk, name, fills_at))
    assert spelled(desk) == "a 3", "the price is not there yet"
    quote(desk, name, last=stop)
    assert spelled(desk) == "a 3 0 T"


def test_a_stop_order_takes_its_money_at_once_and_gives_it_back_when_it_is_cancelled() -> None:
    desk = ready("m2705")
    ledger = desk.simulation.account_of("alice").ledger
    limit = at(desk, "m2705", 5)
    desk.insert("m2705", "0", "0", 1, limit, ContingentCondition="2", StopPrice=at(desk, "m2705", 9))
    desk.rest()
    assert ledger.frozen_margin == pytest.approx(limit * 10 * 0.14)
    (order,) = desk.orders().values()
    desk.cancel(order)
    desk.rest()
    assert spelled(desk) == "a 3 3 5"
    assert ledger.frozen_margin == 0
    quote(desk, "m2705", last=at(desk, "m2705", 9))
    assert spelled(desk) == "a 3 3 5", "it is gone"


@pytest.mark.parametrize("exchange", ["SHFE", "INE", "CFFEX", "CZCE"])
def test_only_dalian_and_guangzhou_keep_stop_orders(exchange: str) -> None:
    name = INSTRUMENTS[exchange]
    desk = ready(name)
    desk.insert(name, "0", "0", 1, at(desk, name, -5), ContingentCondition="2", StopPrice=at(desk, name, 5))
    desk.rest()
    assert (spelled(desk), prefix_of(desk)) == ("a 5", "79")


# ------------------------------------------------------------------------------------------------- the order of checks

# Each line is wrong in two ways; the first that CTP looks at decides.
PRECEDENCE = [
    ({"BrokerID": "1", "Direction": "7"}, 2),
    ({"Direction": "7", "ExchangeID": ""}, 15),
    ({"ExchangeID": "", "InstrumentID": "zz9901"}, 16),
    ({"ExchangeID": "XXXX", "InstrumentID": "zz9901"}, 148),
    ({"InstrumentID": "zz9901", "InvestorID": "nobody"}, 16),
    ({"InvestorID": "nobody", "OrderRef": "5"}, 13),
    ({"CombOffsetFlag": "3", "OrderRef": "5"}, 22),
    ({"CombOffsetFlag": "3", "LimitPrice": 1.5}, 50),
    ({"VolumeTotalOriginal": 500, "LimitPrice": 1e8}, 31),
]


@pytest.mark.parametrize(("wrong", "code"), PRECEDENCE)
def test_the_core_finds_fault_in_its_own_order(wrong: dict[str, object], code: int) -> None:
    desk = ready("rb2705")
    desk.insert("rb2705", "0", "0", 1, 3000, OrderRef="5")
    desk.rest()
    desk.insert("rb2705", "0", "0", 1, 3000, **{"OrderRef": "6", **wrong})
    desk.rest()
    assert refused_by_counter(desk) == [code]
    assert [code_of(callback) for callback in desk.of("OnErrRtnOrderInsert")] == [code]


@pytest.mark.parametrize("exchange", INSTRUMENTS)
def test_position_before_phase_before_tick_before_limits(exchange: str) -> None:
    """As measured: the position is the core's and looked at while the market is closed, the rest is the exchange's."""
    name = INSTRUMENTS[exchange]
    desk = ready(name)
    contract = desk.simulation.contract(name)
    wrong_price = contract.price(contract.upper + 5) + contract.product.tick / 2

    def outcome(offset: str, price: float) -> int:
        before = len(desk.of("OnRspOrderInsert"))
        desk.insert(name, "1", offset, 1, price)
        desk.rest()
        answers = desk.of("OnRspOrderInsert")[before:]
        return code_of(answers[0]) if answers else int(prefix_of(desk))

    desk.command(Halt(name))
    assert outcome("1", wrong_price) == (51 if exchange in ("SHFE", "INE") else 30)
    assert outcome("0", wrong_price) == 26
    desk.command(Resume(name))
    assert outcome("0", wrong_price) == 48
    assert outcome("0", contract.price(contract.upper + 5)) == 49
    assert outcome("0", contract.price(contract.lower - 5)) == 50


def test_the_confirmation_is_asked_for_before_the_reference() -> None:
    desk = Desk(opened("rb2705"))
    desk.create()
    desk.authenticate()
    desk.login()
    for _ in range(2):
        desk.insert("rb2705", "0", "0", 1, 3000, OrderRef="5")
        desk.rest()
    desk.insert("rb2705", "0", "0", 1, 3000, OrderRef="6", InvestorID="nobody")
    desk.rest()
    assert refused_by_counter(desk) == [42, 42, 13]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"InstrumentID": "SP m2705&m2709"}, 16),
        ({"InstrumentID": "m2705-C-3000"}, 16),
        ({"InstrumentID": "M2705"}, 16),
        ({"IsSwapOrder": 1, "CombOffsetFlag": "1"}, 65),
        ({"CombHedgeFlag": "2"}, 61),
        ({"ContingentCondition": "4"}, 62),
        ({"TimeCondition": "5"}, 15),
    ],
)
def test_what_is_no_plain_future_is_refused(wrong: dict[str, object], code: int) -> None:
    """Combinations, options, swaps, arbitrage outside CFFEX, orders that outlive the day."""
    desk = ready("m2705")
    desk.insert("m2705", "0", "0", 1, 3300, **wrong)
    desk.rest()
    assert refused_by_counter(desk) == [code]


def test_a_refused_order_uses_its_reference_up() -> None:
    desk = ready("rb2705")
    for reference, instrument in (("5", "zz9901"), ("5", "rb2705"), ("6", "rb2705")):
        desk.insert("rb2705", "0", "0", 1, 3000, OrderRef=reference, InstrumentID=instrument)
        desk.rest()
    assert refused_by_counter(desk) == [16, 22]
    assert [order["OrderRef"] for order in desk.orders().values()] == ["6"]


# ----------------------------------------------------------------------------------------------------- fields and texts


def test_ctp_fills_in_the_user_of_an_order_and_echoes_a_refused_one_as_it_was() -> None:
    desk = ready("rb2705")
    desk.insert("rb2705", "0", "0", 1, 3000, UserID="")
    desk.insert("rb2705", "0", "3", 1, 3000, UserID="")
    desk.rest()
    desk.insert("rb2705", "1", "3", 1, 3000, UserID="")
    desk.rest()
    assert {fields_of(callback)["UserID"] for callback in desk.of("OnRtnOrder")} == {"100001"}
    assert {fields_of(callback).get("UserID", "") for callback in desk.of("OnRspOrderInsert")} == {""}


def test_an_order_carries_the_product_of_the_authentication() -> None:
    desk = Desk(opened("rb2705"))
    desk.create()
    desk.call(
        "ReqAuthenticate",
        BrokerID="9999",
        UserID="100001",
        AppID="simnow_client_test",
        AuthCode="0" * 16,
        UserProductInfo="desk 1.2",
    )
    assert fields_of(desk.answered("OnRspAuthenticate"))["UserProductInfo"] == "desk 1.2"
    desk.login()
    desk.confirm()
    desk.insert("rb2705", "0", "0", 1, 3000)
    desk.rest()
    assert {fields_of(callback)["UserProductInfo"] for callback in desk.of("OnRtnOrder")} == {"desk 1.2"}


@pytest.mark.parametrize(("exchange", "written"), [("SHFE", ""), ("CZCE", ""), ("DCE", "0"), ("GFEX", "0")])
def test_dalian_writes_the_type_of_a_trade(exchange: str, written: str) -> None:
    desk = ready(INSTRUMENTS[exchange])
    desk.insert(INSTRUMENTS[exchange], "0", "0", 1, at(desk, INSTRUMENTS[exchange], 1))
    desk.rest()
    (trade,) = desk.of("OnRtnTrade")
    assert fields_of(trade).get("TradeType", "") == written


def test_a_long_text_of_an_exchange_is_cut_to_the_field() -> None:
    result: Result = passes(
        'venue: reject next order by exchange 7, "' + "错" * 60 + '"\nbuy open 1 rb2705 as entry\n'
        "expect rejection of entry by exchange 7\n"
    )
    text: str = callbacks(result, "OnRtnOrder")[-1]["fields"]["StatusMsg"]
    # 2 for the number, 16 for the words, 5 for the exchange; the 57 bytes that are left hold 28 characters.
    assert text == "7:已撤单报单被拒绝SHFE:" + "错" * 28


@pytest.mark.parametrize(
    ("profile", "exchange", "said"),
    [
        ("simnow", "DCE", "26:已撤单报单被拒绝DCE:当前状态禁止此项操作"),
        ("simnow", "CZCE", "26:已撤单报单被拒绝CZCE:当前状态禁止此项操作"),
        ("production", "DCE", "40045:已撤单报单被拒绝DCE:该合约当前是连续交易暂停"),
        ("production", "CZCE", "26:已撤单报单被拒绝CZCE:出错: 现在不是交易时间"),
        ("production", "SHFE", "26:已撤单报单被拒绝SHFE:当前状态禁止此项操作"),
    ],
)
def test_in_production_an_exchange_has_its_own_number_and_words(profile: ProfileName, exchange: str, said: str) -> None:
    desk = ready(INSTRUMENTS[exchange], profile=profile)
    desk.command(SetPhase(exchange, "break"))
    desk.insert(INSTRUMENTS[exchange], "0", "0", 1, at(desk, INSTRUMENTS[exchange], -5))
    desk.rest()
    assert fields_of(desk.of("OnRtnOrder")[-1])["StatusMsg"] == said
