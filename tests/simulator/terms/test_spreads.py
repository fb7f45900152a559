"""Spreads: one order in two contracts, whose legs trade, and whose positions are told of twice."""

from functools import cache
from typing import Any

import pytest
from support import callbacks
from support.money import ACCOUNT, DETAILS, KEY, POSITIONS, account, played, rows, shows

import ctpscen
from ctpscen.engine.unit import Result

QUOTES = (
    "    quote m2701 bid 3400 x 30 ask 3401 x 2 last 3400 pre_settlement 3390\n"
    "    quote m2705 bid 3390 x 10 ask 3392 x 15 last 3391 pre_settlement 3380\n"
)
SPREAD = '"SP m2701&m2705"'
BUY = f"    buy open 2 {SPREAD} at 11 as bought\n    wait 1s\n"
COMBINED = f"    wait 2s\n    request ReqQryInvestorPositionCombineDetail({KEY})\n    wait 2s\n"

# A lot is 10 tons, a margin 14 %, a fee 0.2 a lot, 0.1 for what is closed of today.
FIRST, SECOND = 3401 * 10 * 0.14, 3390 * 10 * 0.14


def held(result: Result, instrument: str = "SP m2701&m2705") -> dict[str, Any]:
    """The newest row of a position."""
    return rows(result, "InvestorPosition", InstrumentID=instrument)[-1]


@cache
def bought() -> Result:
    """Two lots of a spread, and everything that can be asked about them."""
    asked = f"    request ReqQryInstrument(InstrumentID={SPREAD})\n    wait 2s\n" + "".join(
        f"    request ReqQryDepthMarketData(InstrumentID={name})\n    wait 2s\n"
        for name in (SPREAD, '"SPD SR701&SR705"')
    )
    listed = '    list "SPD SR701&SR705"\n'
    return played(QUOTES + listed, BUY + POSITIONS + DETAILS + COMBINED + ACCOUNT + asked + "    expect reconciled\n")


def test_a_spread_is_an_instrument_without_an_end() -> None:
    (row,) = rows(bought(), "Instrument")
    shows(row, ProductID="SP m&m", ProductClass="3", CombinationType="0", ExchangeID="DCE", ExpireDate="")
    shows(row, VolumeMultiple=10, PriceTick=1.0, MaxLimitOrderVolume=1000, MaxMarketOrderVolume=0, IsTrading=1)
    assert "SP m&m" in {event["fields"]["InstrumentID"] for event in callbacks(bought(), "OnRtnInstrumentStatus")}


def test_the_quote_of_a_spread_follows_from_its_legs() -> None:
    (row,) = rows(bought(), "DepthMarketData", InstrumentID="SP m2701&m2705")
    shows(row, BidPrice1=3400.0 - 3392.0, BidVolume1=15, UpperLimitPrice=3593.0 - 3178.0)
    assert row["LastPrice"] == row["PreSettlementPrice"] == row["OpenPrice"] > 1e300
    assert row["AskPrice1"] > 1e300, "the first leg has nothing left to sell"


def test_each_leg_has_trades_and_the_order_its_own_volume() -> None:
    orders = [event["fields"] for event in callbacks(bought(), "OnRtnOrder")]
    assert [(order["OrderStatus"], order.get("VolumeTraded", 0)) for order in orders] == [("a", 0), ("3", 0), ("0", 2)]
    first, second = (event["fields"] for event in callbacks(bought(), "OnRtnTrade"))
    shows(first, InstrumentID="m2701", Direction="0", OffsetFlag="0", Price=3401.0, Volume=2, TradeType="4")
    shows(second, InstrumentID="m2705", Direction="1", OffsetFlag="0", Price=3390.0, Volume=2, TradeType="4")
    assert first["OrderSysID"] == second["OrderSysID"] == orders[-1]["OrderSysID"]
    assert first["TradeID"] != second["TradeID"]


def test_a_position_in_a_spread_is_in_its_own_row_and_in_those_of_its_legs() -> None:
    first, second, spread = held(bought(), "m2701"), held(bought(), "m2705"), held(bought())
    shows(first, PosiDirection="2", Position=2, TodayPosition=2, CombPosition=2, OpenCost=68_020.0, UseMargin=0.0)
    shows(second, PosiDirection="3", Position=2, TodayPosition=2, CombPosition=2, PositionProfit=0.0, UseMargin=0.0)
    shows(spread, PosiDirection="2", Position=2, TodayPosition=2, OpenVolume=2, PositionProfit=0.0, Commission=0.0)
    shows(first, Commission=0.4)


def test_the_margin_of_a_spread_is_that_of_the_leg_that_asks_for_more() -> None:
    shows(held(bought()), UseMargin=2 * FIRST, ExchangeMargin=2 * FIRST)
    shows(account(bought()), CurrMargin=2 * FIRST, Commission=0.8, PositionProfit=0.0, Balance=19_999_999.2)


def test_the_lots_of_a_spread_can_be_told_apart() -> None:
    details = rows(bought(), "InvestorPositionDetail")
    assert {(row["InstrumentID"], row["TradeType"], row["CombInstrumentID"]) for row in details} == {
        ("m2701", "4", "SP m2701&m2705"),
        ("m2705", "4", "SP m2701&m2705"),
    }
    first, second = rows(bought(), "InvestorPositionCombineDetail")
    shows(first, InstrumentID="m2701", LegID=1, LegMultiple=1, TotalAmt=2, Direction="0", Margin=2 * FIRST)
    shows(second, InstrumentID="m2705", LegID=2, LegMultiple=1, TotalAmt=2, Direction="1", Margin=2 * SECOND)
    assert first["ComTradeID"] == second["ComTradeID"]


def test_what_is_closed_of_a_leg_alone_takes_spreads_apart() -> None:
    closed = "    sell close 1 m2701 at 3400 as leg\n    expect trade of leg\n"
    result = played(QUOTES, BUY + closed + POSITIONS + ACCOUNT + "    expect reconciled\n")
    first, second, spread = held(result, "m2701"), held(result, "m2705"), held(result)
    shows(first, Position=1, CombPosition=1, CloseVolume=1, CloseProfit=-10.0, Commission=0.4 + 0.1, UseMargin=0.0)
    shows(second, Position=2, CombPosition=1, UseMargin=SECOND)
    shows(spread, Position=1, UseMargin=FIRST, CloseVolume=0)
    shows(account(result), CurrMargin=FIRST + SECOND)


def test_what_is_held_besides_is_closed_first() -> None:
    other = (
        "    buy open 1 m2701 at 3400 fak as other\n    wait 1s\n    sell close 1 m2701 at 3400 as leg\n    wait 1s\n"
    )
    quoted = "    venue: quote m2701 bid 3400 x 30 ask 3400 x 5\n"
    result = played(QUOTES, BUY + quoted + other + POSITIONS)
    shows(held(result), Position=2)


def test_an_order_in_a_spread_freezes_by_yesterday_s_settlement_prices() -> None:
    resting = f"    buy open 3 {SPREAD} at -100 as resting\n    wait 1s\n"
    result = played(QUOTES, resting + POSITIONS + ACCOUNT)
    frozen = 3 * 3390 * 10 * 0.14
    shows(held(result), LongFrozen=3, FrozenMargin=frozen, FrozenCommission=3 * 0.4)
    shows(account(result), FrozenMargin=frozen, FrozenCommission=1.2, Available=20_000_000.0 - frozen - 1.2)
    result = played(QUOTES, resting + "    cancel resting\n    wait 1s\n" + ACCOUNT)
    shows(account(result), FrozenMargin=0.0, FrozenCommission=0.0)


def test_an_order_that_closes_spreads_speaks_for_the_lots_of_their_legs() -> None:
    closing = f"    sell close 2 {SPREAD} at 100 as closing\n    wait 1s\n"
    refused = "".join(
        f"    sell close 1 {name} at 3400 as r\n    expect rejection of r by counter 30\n" for name in ("m2701", SPREAD)
    )
    result = played(QUOTES, BUY + closing + refused + POSITIONS)
    shows(held(result, "m2701"), CombShortFrozen=2, ShortFrozen=0)
    shows(held(result), ShortFrozen=2)
    leg = "    sell close 1 m2701 at 3500 as leg\n    wait 1s\n"
    one, two = (f"    sell close {lots} {SPREAD} at 100 as s{lots}\n" for lots in (1, 2))
    played(QUOTES, BUY + leg + two + "    expect rejection of s2 by counter 30\n" + one + "    expect order of s1\n")


def test_a_spread_is_closed_by_an_order_in_it() -> None:
    closed = f'    sell close 2 {SPREAD} at 5 as closing\n    wait 1s\n    check closing.volume_traded == 2, "all"\n'
    result = played(QUOTES, BUY + closed + POSITIONS + ACCOUNT + "    expect reconciled\n")
    shows(held(result), Position=0, CloseVolume=2, UseMargin=0.0)
    shows(account(result), CurrMargin=0.0, CloseProfit=-2 * 10.0 - 2 * 20.0, Commission=0.8 + 0.4)


def test_an_order_that_rests_trades_when_a_leg_moves() -> None:
    moved = "    venue: quote m2701 bid 3300 x 30 ask 3301 x 20\n    expect trades of resting\n"
    steps = f"    buy open 3 {SPREAD} at -89 as resting\n    wait 1s\n" + moved + "    wait 1s\n"
    result = played(QUOTES, steps + '    check resting.average_price == -89, "{resting.average_price}"\n')
    assert [event["fields"]["Price"] for event in callbacks(result, "OnRtnTrade")] == [3301.0, 3390.0]


def test_a_spread_meets_the_orders_that_rest_in_its_legs() -> None:
    """As many trades as there are orders; who rests there hears of an ordinary trade."""
    text = f"""
session alice
session bob account second
venue:
    quote m2701 bid 3390 x 30 ask 3410 x 30 last 3400
    quote m2705 bid 3390 x 30 ask 3392 x 30 last 3391
scenario "met":
    alice: sell open 1 m2701 at 3405 as one
    alice: sell open 2 m2701 at 3405 as two
    alice: expect order of two where order_status == NoTradeQueueing
    bob: buy open 3 {SPREAD} at 15 as bought
    bob: expect 3 trades of bought
    alice: expect trade of one
    alice: expect trade of two
"""
    result = ctpscen.run(text)
    assert result.passed, ctpscen.show(result)
    seen = [event["fields"] for event in callbacks(result, "OnRtnTrade")]
    assert {(t["InstrumentID"], t["Volume"], t["Price"], t["TradeType"]) for t in seen} == {
        ("m2701", 1, 3405.0, "4"),
        ("m2701", 2, 3405.0, "4"),
        ("m2705", 3, 3390.0, "4"),
        ("m2701", 1, 3405.0, "0"),
        ("m2701", 2, 3405.0, "0"),
    }


def test_two_orders_in_a_spread_meet_within_the_limits_of_the_legs() -> None:
    text = f"""
session alice
session bob account second
scenario "met":
    alice: sell open 2 {SPREAD} at 1 as offer
    alice: expect order of offer where order_status == NoTradeQueueing
    bob: buy open 2 {SPREAD} at 1 as bought
    bob: expect trades of bought
    alice: expect trades of offer
    wait 1s
"""
    result = ctpscen.run(text)
    assert result.passed, ctpscen.show(result)
    seen = [event["fields"] for event in callbacks(result, "OnRtnTrade")]
    assert sorted((t["InstrumentID"], t["Direction"], t["Price"]) for t in seen) == [
        ("m2701", "0", 3380.0),
        ("m2701", "1", 3380.0),
        ("m2705", "0", 3379.0),
        ("m2705", "1", 3379.0),
    ]
    assert len({t["TradeID"] for t in seen}) == 2


REFUSED = (
    (f"buy open 1 {SPREAD} at market", "exchange 79"),
    (f"buy open 1 {SPREAD} at 0 fok", "exchange 79"),
    (f"buy open 1 {SPREAD} at 1000", "exchange 49"),
    (f"buy open 1 {SPREAD} at -1000", "exchange 50"),
    (f"sell close 1 {SPREAD} at 0", "counter 30"),
    ('buy open 1 "SP m2701&m2709" at 0', "counter 16"),
    ("buy open 1 m2701 at -1", "counter 95"),
)


def test_what_cannot_be_is_refused() -> None:
    """Last, in the auction: orders in spreads take no part in it."""
    steps = [f"    {step} as r{n}\n    expect rejection of r{n} by {who}\n" for n, (step, who) in enumerate(REFUSED)]
    last = f"    buy open 1 {SPREAD} at 0 as r\n    expect rejection of r by exchange 26\n"
    played(QUOTES, "".join(steps) + "    venue: clock 2026-11-25 08:57\n    reconnect within 1h\n" + last)


def test_the_market_front_has_quotes_of_zhengzhou_s_spreads_alone() -> None:
    names = f'{SPREAD}, "SPD SR701&SR705"'
    steps = f"    subscribe {names}\n    wait 3s\n    venue: quote SR701 bid 5610 x 5 ask 5612 x 5\n    wait 1s\n"
    quotes = [event["fields"] for event in callbacks(played(QUOTES, steps), "OnRtnDepthMarketData")]
    assert {quote["InstrumentID"] for quote in quotes} == {"SPD SR701&SR705"}
    assert [quote["BidPrice1"] for quote in quotes][:: len(quotes) - 1] == [-2.0, 5610.0 - 5601.0]


def test_a_spread_has_no_quote_of_its_own() -> None:
    result = ctpscen.run(f'venue:\n    quote {SPREAD} bid 1 x 5 ask 2 x 5\nscenario "a":\n    wait 1s\n')
    assert "the quote of `SP m2701&m2705` follows from its legs: quote m2701 and m2705" in ctpscen.show(result)


def test_a_spread_is_held_since_yesterday_and_ends_with_its_nearer_leg() -> None:
    """When the first leg has ended, what is left of the spread is an ordinary position."""
    venue = '    clock 2026-12-14 09:30\n    position trader short 2 "SP m2612&m2701" yesterday at 5\n'
    steps = POSITIONS + ACCOUNT + "    venue: settle\n    reconnect within 1h\n" + POSITIONS + ACCOUNT
    result = played(venue, steps)
    margin = 2 * 3380 * 10 * 0.14
    seen = rows(result, "InvestorPosition")
    assert [(row["InstrumentID"], row["PosiDirection"], row["YdPosition"], row["UseMargin"]) for row in seen] == [
        ("m2612", "3", 2, 0.0),
        ("m2701", "2", 2, 0.0),
        ("SP m2612&m2701", "3", 2, pytest.approx(margin)),
        ("m2701", "2", 2, pytest.approx(margin)),
    ]
    shows(rows(result, "TradingAccount")[0], PreMargin=margin, CurrMargin=margin)
    shows(account(result), PreMargin=margin, CurrMargin=margin)


def test_a_spread_that_legs_meet_while_nothing_trades_trades_at_the_next_opening() -> None:
    """Not in the auction: DCE has one in the morning, too."""
    steps = (
        f'    buy open 1 {SPREAD} at -80 as resting\n    expect order of resting where order_sys_id != ""\n'
        "    wait 90m\n    venue: quote m2701 bid 3309 x 30 ask 3310 x 30\n    wait 1h\n"
        "    check resting is no_trade_queueing\n    wait 9h\n    reconnect within 1h\n    wait 1s\n"
    )
    result = played("    clock 2026-11-24 22:00\n" + QUOTES, steps)
    trades = [event["fields"] for event in callbacks(result, "OnRtnTrade")]
    assert [(trade["InstrumentID"], trade["TradeTime"]) for trade in trades] == [
        ("m2701", "09:00:00"),
        ("m2705", "09:00:00"),
    ]
