"""The end of a trading day: who is dropped, what the ledger becomes, and when the front lets people in again."""

from datetime import date, datetime

import pytest
from support import callbacks, passes

from ctpscen.ctp.codes import InstrumentStatus, PosiDirection
from ctpscen.ctp.terms.products import product_of, products
from ctpscen.ctp.times import from_moment
from ctpscen.simulator.ledger.booking import Ledger
from ctpscen.simulator.terms import phases
from ctpscen.simulator.terms.contracts import list_contract


def at(text: str) -> int:
    return from_moment(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("time", "is_open"),
    [
        ("2026-11-23 08:44", False),  # Monday morning, after a weekend without a night
        ("2026-11-23 02:00", False),
        ("2026-11-23 08:45", True),
        ("2026-11-23 15:29", True),
        ("2026-11-23 15:30", False),
        ("2026-11-23 20:29", False),
        ("2026-11-23 20:30", True),
        ("2026-11-24 02:44", True),
        ("2026-11-24 02:45", False),
        ("2026-11-27 21:00", True),  # Friday's night is Monday's
        ("2026-11-28 01:00", True),
        ("2026-11-28 10:00", False),
        ("2026-11-29 21:00", False),
        ("2026-09-24 21:00", False),  # no night before a holiday
        ("2026-10-01 10:00", False),
    ],
)
def test_logins_are_possible_while_the_core_is_up(time: str, is_open: bool) -> None:
    assert phases.is_open_to_logins(at(time)) is is_open


@pytest.mark.parametrize(
    ("time", "day"),
    [
        ("2026-11-23 09:30", date(2026, 11, 23)),
        ("2026-11-23 21:00", date(2026, 11, 24)),
        ("2026-11-24 01:00", date(2026, 11, 24)),
        ("2026-11-27 21:00", date(2026, 11, 30)),
        ("2026-11-28 01:00", date(2026, 11, 30)),
        ("2026-09-24 21:00", date(2026, 9, 28)),
    ],
)
def test_a_night_belongs_to_the_next_trading_day(time: str, day: date) -> None:
    assert phases.trading_day(at(time)) == day


def test_the_trading_of_a_product_follows_the_calendar() -> None:
    rebar = product_of("rb2705")
    assert rebar is not None
    assert phases.status_at(rebar, at("2026-11-27 21:30")) == InstrumentStatus.CONTINUOUS
    assert phases.status_at(rebar, at("2026-11-29 21:30")) == InstrumentStatus.CLOSED
    assert phases.status_at(rebar, at("2026-09-24 21:30")) == InstrumentStatus.CLOSED
    assert phases.status_at(rebar, at("2026-11-23 12:00")) == InstrumentStatus.NO_TRADING


def test_commission_is_rounded_trade_by_trade_at_the_settlement() -> None:
    """BEHAVIOUR 12 M: 35.658 and 35.649 are charged as 35.66 and 35.65."""
    contract = list_contract("j2701", products()["j"])
    ledger = Ledger(100_000_000.0)
    holding = ledger.holding(contract, PosiDirection.LONG)
    rate = contract.product.open_fee.by_money * contract.multiplier * 3
    assert rate == pytest.approx(0.00006 * 100 * 3)
    for price in (1981.0, 1980.5):
        ledger.open(holding, "", "20260921", price, 3)
    contract.last = contract.ticks(1980.5)
    assert ledger.commission == pytest.approx(35.658 + 35.649)
    gain = (1980.5 - 1981.0) * 3 * contract.multiplier
    assert ledger.settled_balance == pytest.approx(100_000_000 + gain - 35.66 - 35.65, abs=1e-6)


def test_what_was_today_s_is_history_at_the_settlement_price() -> None:
    passes(
        "venue:\n    clock 2026-11-23 14:50\n    quote rb2705 bid 3100 x 9 ask 3101 x 9 last 3100\n"
        'scenario "roll":\n'
        "    buy open 2 rb2705 at 3101 as entry\n"
        "    expect trade of entry\n"
        "    venue: quote rb2705 bid 3120 x 9 ask 3121 x 9 last 3120\n"
        "    let before = account()\n"
        "    venue: settle\n"
        "    check now() == 2026-11-23 20:30\n"
        "    reconnect\n"
        "    let after_roll = account()\n"
        "    check abs(after_roll.pre_balance - before.balance) < 0.01\n"
        "    check after_roll.commission == 0 and after_roll.close_profit == 0 and after_roll.position_profit == 0\n"
        "    check after_roll.pre_margin == after_roll.curr_margin\n"
        "    query positions of rb2705 as rows\n"
        "    check len(rows) == 1\n"
        '    check rows[0].position_date == "2" and rows[0].position == 2 and rows[0].yd_position == 2\n'
        "    check rows[0].today_position == 0 and rows[0].pre_settlement_price == 3120\n"
        "    check rows[0].position_cost == 3120 * 2 * 10 and rows[0].open_cost == 3101 * 2 * 10\n"
        "    check book(rb2705).long_yesterday == 2 and book(rb2705).long_today == 0\n"
        "    check bid == 3119 and ask == 3121\n"
        "    expect reconciled\n"
        "    query settlement as statements\n"
        '    check statements[0].trading_day == "20261123"\n'
    )


def test_the_afternoon_drops_everybody_and_answers_7_until_the_evening() -> None:
    result = passes(
        "venue: clock 2026-11-23 15:29\n"
        "buy open 1 rb2705 at 3000 as entry\n"
        "expect rejection of entry by exchange 26\n"
        "expect disconnection where reason == 0x1001 within 2m as lost\n"
        "check lost.time >= 2026-11-23 15:30 and lost.time < 2026-11-23 15:30:01\n"
        "expect connection within 5s\n"
        "authenticate\n"
        "expect authentication where code == 7\n"
        "login\n"
        "expect login where code == 7\n"
        "wait until 20:30\n"
        "reconnect\n"
    )
    days = [
        event["fields"]["TradingDay"]
        for event in callbacks(result, "OnRspUserLogin")
        if event["fields"] and event["api"] == "trader"
    ]
    assert days == ["20261123", "20261124"]


def test_the_morning_restart_drops_everybody_and_settles_nothing() -> None:
    passes(
        "venue: clock 2026-11-24 01:00\n"
        "connect\n"
        "request ReqQrySettlementInfoConfirm() as before\n"
        "expect disconnection within 2h\n"
        "check now() >= 2026-11-24 02:45\n"
        "wait until 2026-11-24 08:46\n"
        "reconnect\n"
        "expect reconciled\n"
    )


def test_an_order_of_yesterday_is_gone() -> None:
    passes(
        "venue: clock 2026-11-23 14:50\n"
        "buy open 1 rb2705 at lower_limit as resting\n"
        "expect order of resting where order_status == NoTradeQueueing\n"
        "venue: settle\n"
        "reconnect\n"
        "query orders as all\n"
        "check all == []\n"
        "cancel resting\n"
        "expect cancel_rejection of resting by counter 25\n"
    )


def test_an_auction_ends_with_a_match_at_the_middle_price() -> None:
    passes(
        "venue:\n    clock 2026-11-23 20:56\n    quote rb2705 bid 3099 x 5 ask 3103 x 5 last 3100\n"
        'scenario "auction":\n'
        "    buy open 2 rb2705 at 3110 as high\n"
        "    expect high is no_trade_queueing\n"
        "    expect no trade for 2m\n"
        "    expect trade of high within 2m as match\n"
        '    check match.price == 3103 and match.trade_time >= "20:59:00"\n'
        "    expect reconciled\n"
    )
