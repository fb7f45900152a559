"""What quotes say: a day behind them, what has no value yet, and the time of the last tick (BEHAVIOUR 8, 14.2)."""

from datetime import datetime
from typing import Any

import pytest
from support import callbacks, passes
from support.desk import Desk, opened

from ctpscen.ctp.codes import DBL_MAX
from ctpscen.ctp.times import from_moment
from ctpscen.simulator.front import quotes
from ctpscen.simulator.simulation import Simulation


def at(text: str) -> int:
    return from_moment(datetime.fromisoformat(text))


def pushed(simulation: Simulation, name: str) -> dict[str, Any]:
    """The quote that a subscription would bring now."""
    return dict(quotes.pushed(simulation.core, simulation.contract(name)))


def asked_for(simulation: Simulation, name: str) -> dict[str, Any]:
    """The row that the trader's query would bring now."""
    account = simulation.core.account("100001")
    (row,) = quotes.asked_for(simulation.core, account, {"InstrumentID": name})
    return dict(row)


def behaving_as(profile: str, name: str, moment: str) -> Simulation:
    simulation = opened(name, at=at(moment))
    simulation.core.behave_as(profile)
    return simulation


# ------------------------------------------------------------------------------------------------- the day's prices


def test_before_the_first_trade_there_is_no_range_and_no_average() -> None:
    quote = pushed(opened("rb2705"), "rb2705")
    for name in ("OpenPrice", "HighestPrice", "LowestPrice", "AveragePrice", "ClosePrice", "SettlementPrice"):
        assert quote[name] == DBL_MAX, name
    assert quote["CurrDelta"] == quote["BidPrice2"] == quote["AskPrice5"] == DBL_MAX
    assert quote["LastPrice"] == quote["PreClosePrice"] == 3150
    assert (quote["Volume"], quote["Turnover"]) == (0, 0.0)


def test_the_query_tells_an_average_of_0_before_the_first_trade() -> None:
    assert asked_for(opened("rb2705"), "rb2705")["AveragePrice"] == 0


def test_an_option_that_has_not_traded_has_no_last_price() -> None:
    result = passes(
        "subscribe m2705-C-3100\n"
        "expect quote in m2705-C-3100 as before\n"
        "check before.last_price is none\n"
        "buy open 1 m2705-C-3100 at before.ask_price1 as entry\n"
        "expect trade of entry as trade\n"
        "expect quote in m2705-C-3100 where last_price == trade.price within 1s\n"
    )
    assert callbacks(result, "OnRtnDepthMarketData")[0]["fields"]["LastPrice"] == DBL_MAX


def test_open_high_and_low_follow_the_trades() -> None:
    passes(
        "venue: quote rb2705 bid 3150 x 5 ask 3151 x 5\n"
        "buy open 1 rb2705 at 3151 as first\n"
        "expect trade of first\n"
        "venue: quote rb2705 bid 3140 x 5 ask 3141 x 5\n"
        "sell open 1 rb2705 at 3140 as second\n"
        "expect trade of second\n"
        "wait 1s\n"
        "let q = quote(rb2705)\n"
        "check [q.open_price, q.highest_price, q.lowest_price, q.last_price] == [3151, 3151, 3140, 3140]\n"
        "venue: quote rb2705 bid 3160 x 5 ask 3161 x 5 last 3160\n"
        "wait 1s\n"
        "check quote(rb2705).highest_price == 3160, 'a last price is never out of the range'\n".replace("'", '"')
    )


def test_a_trade_of_the_auction_is_the_open() -> None:
    passes(
        "venue:\n"
        "    clock 2026-11-23 20:56\n"
        "    quote rb2705 bid 3150 x 5 ask 3152 x 5\n"
        "buy open 1 rb2705 at 3152 as early\n"
        "wait until 21:00:01\n"
        "expect trade of early as trade\n"
        "check quote(rb2705).open_price == trade.price\n"
    )


def test_an_average_is_the_money_of_a_lot_and_at_zhengzhou_a_price() -> None:
    passes(
        "buy open 1 rb2705 at ask as a\n"
        "expect trade of a\n"
        "buy open 1 MA705 at ask as b\n"
        "expect trade of b\n"
        "wait 1s\n"
        "check quote(rb2705).average_price == quote(rb2705).last_price * 10\n"
        "check quote(MA705).average_price == quote(MA705).last_price\n"
        "check quote(MA705).turnover == quote(MA705).last_price * 10\n"
    )


def test_the_close_brings_a_quote_with_closing_and_settlement_price() -> None:
    passes(
        "venue: clock 2026-11-23 14:59:50\n"
        "subscribe rb2705\n"
        "expect quote in rb2705 as open\n"
        "check open.close_price is none and open.settlement_price is none\n"
        "expect quote in rb2705 where close_price is not none within 1m as closed\n"
        "check closed.close_price == closed.last_price and closed.settlement_price == closed.last_price\n"
        'check closed.update_time == "15:00:00"\n'
    )


def test_who_subscribes_between_close_and_settlement_gets_the_closing_prices() -> None:
    assert pushed(opened("rb2705", at=at("2026-11-23 15:10")), "rb2705")["ClosePrice"] == 3150
    assert pushed(opened("rb2705", at=at("2026-11-23 20:40")), "rb2705")["ClosePrice"] == DBL_MAX


def test_the_next_day_begins_without_a_range_and_knows_yesterday_s_close() -> None:
    passes(
        "venue: clock 2026-11-23 14:59\n"
        "buy open 1 rb2705 at 3151 as entry\n"
        "expect trade of entry\n"
        "let held = quote(rb2705).open_interest\n"
        "venue: settle\n"
        "reconnect\n"
        "subscribe rb2705\n"
        "expect quote in rb2705 as q\n"
        "check q.pre_close_price == 3151 and q.open_price is none and q.close_price is none\n"
        "check q.volume == 0 and q.pre_open_interest == q.open_interest and q.pre_open_interest >= held\n"
    )


def test_yesterday_s_close_has_a_value_of_its_own() -> None:
    quote = passes(
        "venue: quote MA703 bid 2735 x 50 ask 2737 x 50 last 2779 pre_settlement 2753\n"
        "query quote of MA703 as q\n"
        "check q.pre_close_price == 2779 and q.pre_settlement_price == 2753\n"
    )
    assert quote.passed


# ------------------------------------------------------------------------------------------------------ open interest


def test_most_is_open_where_trading_gathers() -> None:
    names = ["rb2703", "rb2701", "rb2705", "rb2708"]
    simulation = opened(*names)
    held = {name: pushed(simulation, name)["PreOpenInterest"] for name in names}
    assert max(held, key=held.__getitem__) == "rb2701"
    assert min(held.values()) > 0


@pytest.mark.parametrize(
    ("orders", "change"),
    [
        ([("buy", "open", 2)], 2),
        ([("buy", "open", 2), ("sell", "close_today", 1)], 1),
        ([("sell", "open", 3), ("buy", "close_today", 3)], 0),
    ],
)
def test_open_interest_follows_opens_and_closes(orders: list[tuple[str, str, int]], change: int) -> None:
    text = "query quote of rb2705 as before\n"
    for number, (side, offset, volume) in enumerate(orders):
        price = 3151 if side == "buy" else 3149
        text += f"{side} {offset} {volume} rb2705 at {price} as o{number}\nexpect trade of o{number}\n"
    text += f"query quote of rb2705 as after_it\ncheck after_it.open_interest == before.open_interest + {change}\n"
    passes(text)


def test_one_who_opens_and_one_who_closes_change_hands() -> None:
    passes(
        "session alice\n"
        "session bob account second\n"
        "venue: quote rb2705 bid 3140 x 0 ask 3160 x 0 last 3150\n"
        "venue: position alice long 1 rb2705 at 3150\n"
        "alice:\n"
        "    query quote of rb2705 as before\n"
        "    sell close_today 1 rb2705 at 3150 as offer\n"
        "bob:\n"
        "    buy open 1 rb2705 at 3150 as entry\n"
        "    expect trade of entry\n"
        "    query quote of rb2705 as later\n"
        "    check later.open_interest == before.open_interest\n"
    )


# --------------------------------------------------------------------------------------------------- times and days


@pytest.mark.parametrize(
    ("name", "moment", "last"),
    [
        ("rb2705", "2026-11-23 11:45", "11:30:00"),
        ("rb2705", "2026-11-24 08:50", "23:00:00"),
        ("IF2612", "2026-11-24 09:26", "15:00:00"),
        ("cu2701", "2026-11-24 08:58", "01:00:00"),
        ("rb2705", "2026-11-23 16:00", "15:00:00"),
        ("rb2705", "2026-11-23 10:00:00.700", "10:00:00"),
    ],
)
def test_the_time_of_a_quote_is_that_of_the_last_tick(name: str, moment: str, last: str) -> None:
    simulation = opened(name, at=at(moment))
    assert pushed(simulation, name)["UpdateTime"] == asked_for(simulation, name)["UpdateTime"] == last


def test_a_phase_that_the_scenario_ends_is_the_end_of_ticks() -> None:
    passes(
        "venue: clock 2026-11-23 10:00\n"
        "connect\n"
        "wait 10s\n"
        "venue: phase rb2705 break\n"
        "wait 5s\n"
        "subscribe rb2705\n"
        "expect quote in rb2705 as q\n"
        'check q.update_time == "10:00:10"\n'
    )


@pytest.mark.parametrize(
    ("profile", "name", "trading_day", "action_day", "milliseconds"),
    [
        ("production", "rb2705", "20261123", "20261120", 500),
        ("production", "m2705", "20261123", "20261123", 700),
        ("production", "SR705", "20261120", "20261120", 0),
        ("simnow", "rb2705", "20261123", "20261120", 500),
        ("simnow", "m2705", "20261123", "20261120", 700),
        ("simnow", "SR705", "20261123", "20261120", 0),
    ],
)
def test_at_night_an_exchange_has_its_own_way_with_days(
    profile: str, name: str, trading_day: str, action_day: str, milliseconds: int
) -> None:
    desk = Desk(behaving_as(profile, name, "2026-11-20 22:00:00.700"))
    contract = desk.simulation.contract(name)
    desk.simulation.core.exchanges[contract.exchange].requote(contract)
    quote = pushed(desk.simulation, name)
    assert (quote["TradingDay"], quote["ActionDay"]) == (trading_day, action_day)
    assert quote["UpdateMillisec"] == milliseconds
    row = asked_for(desk.simulation, name)
    assert (row["TradingDay"], row["ActionDay"], row["UpdateMillisec"]) == ("20261123", "20261120", 500)


# ------------------------------------------------------------------------------------------- a market that moves

LISTENING = "subscribe rb2705\nwait 10s\n"


def pushes(text: str, seed: int = 0) -> list[dict[str, Any]]:
    return [event["fields"] for event in callbacks(passes(text, seed=seed), "OnRtnDepthMarketData")]


def test_a_market_moves_by_itself_while_there_is_trading() -> None:
    found = pushes("venue: clock 2026-11-23 11:29:50\n" + LISTENING + "wait 1h\n")
    assert 19 <= len(found) <= 22
    volumes = [quote["Volume"] for quote in found]
    assert volumes == sorted(set(volumes))
    assert {(quote["LastPrice"], quote["BidPrice1"], quote["AskPrice1"]) for quote in found} == {(3150, 3149, 3151)}
    assert found[-1]["OpenInterest"] > found[0]["OpenInterest"]
    assert found[-1]["UpdateTime"] == "11:29:59"


def test_ticks_begin_again_after_a_break() -> None:
    found = pushes("venue: clock 2026-11-23 11:45\n" + LISTENING + "venue: clock 13:30:05\nwait 1s\n")
    assert [quote["UpdateTime"] for quote in found[:2]] == ["11:30:00", "13:30:00"]
    assert len(found) > 10


def test_others_trade_as_the_seed_says() -> None:
    assert pushes(LISTENING, seed=1) == pushes(LISTENING, seed=1)
    assert pushes(LISTENING, seed=1) != pushes(LISTENING, seed=2)


@pytest.mark.parametrize("which", ["still", "still rb2705"])
def test_a_still_market_has_no_tick_of_its_own(which: str) -> None:
    assert len(pushes(f"venue: {which}\n{LISTENING}venue: quote rb2705 bid 3140 x 5\nwait 5s\n")) == 2


def test_one_market_stands_still_and_another_moves() -> None:
    found = pushes("venue: still rb2705\nsubscribe rb2705, m2705\nwait 5s\n")
    names = [quote["InstrumentID"] for quote in found]
    assert names.count("rb2705") == 1
    assert names.count("m2705") > 9


def test_prices_that_a_scenario_names_bring_no_ticks() -> None:
    assert len(pushes("log quote(rb2705).ask_price1\nwait 1m\n")) == 1


def test_an_unsubscribed_market_rests() -> None:
    assert len(pushes("subscribe rb2705\nwait 1s\nunsubscribe rb2705\nwait 1m\n")) <= 4


def test_a_market_that_nobody_listens_to_costs_nothing() -> None:
    desk = Desk(opened("rb2705", "m2705")).connect()
    end, steps = desk.world.now + 600 * 1_000_000, 0
    while (following := desk.world.next_time()) is not None and following <= end:
        desk.world.step()
        steps += 1
    assert steps < 100


def test_quiet_is_when_nothing_but_quotes_comes() -> None:
    passes("subscribe rb2705\nwait until quiet for 5s within 6s\n")
