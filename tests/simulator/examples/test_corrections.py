"""What was seen of CTP later than the rest, and corrects it (BEHAVIOUR 14.3, 14.4)."""

import pytest
from support import callbacks, passes
from support.desk import Desk, opened

from ctpscen.ctp.messages import Fields

ROW_OF = """
define row_of(contract, direction, date):
    query positions of contract as held
    for row in held:
        if row.posi_direction == direction and row.position_date == date:
            return row
    return none
"""


def asked(desk: Desk, request: str, **fields: str) -> list[Fields]:
    """The rows of an answer."""
    desk.rest()
    before = len(desk.seen)
    desk.call(request, **fields)
    desk.rest()
    return [callback.fields for callback in desk.seen[before:] if callback.fields is not None]


# --------------------------------------------------------------------------------------------------------- orders


@pytest.mark.parametrize("instrument", ["rb2705", "m2705", "sc2705", "si2705"])
def test_fill_or_kill_does_not_count_on_what_is_refilled(instrument: str) -> None:
    passes(f"""
buy open 101 {instrument} at ask fok as too_many
expect order of too_many where order_status == Canceled
check too_many.volume_traded == 0
buy open 100 {instrument} at ask fok as all_of_them
expect trades of all_of_them total 100
buy open 101 {instrument} at ask as limit_order
expect trades of limit_order total 101
""")


@pytest.mark.parametrize("profile", ["simnow", "production"])
def test_zhengzhou_takes_fill_or_kill_for_options_only(profile: str) -> None:
    passes(f"""
venue: profile {profile}
buy open 1 SR705 at ask fok as future
expect rejection of future by exchange
buy open 1 SR705 at ask fak as partly
expect trade of partly
buy open 1 SR705C5600 at ask fok as option
expect trade of option
""")


def test_an_order_at_a_limit_that_is_rounded_outward_is_lawful() -> None:
    passes("""
venue: quote MA703 bid 2753 x 5 ask 2755 x 5 last 2753 pre_settlement 2753
buy open 1 MA703 at 2919 as highest
expect trade of highest
sell open 1 MA703 at 2586 as lower
expect rejection of lower by exchange 50
""")


# ------------------------------------------------------------------------------------------------- rows and margins


def test_an_empty_row_keeps_the_settlement_price_that_it_had() -> None:
    passes(
        ROW_OF
        + """
venue: position trader long 1 m2705 yesterday at 3021
scenario "closed":
    sell close 1 m2705 at bid as exit
    expect trade of exit as trade
    venue: quote m2705 bid 3390 x 5 ask 3392 x 5 last 3391
    let row = row_of(m2705, "2", "1")
    check row.position == 0 and row.settlement_price == trade.price
    buy open 1 m2705 at 3392 as again
    expect trade of again
    let held = row_of(m2705, "2", "1")
    check held.settlement_price == 3392
"""
    )


def test_a_row_that_never_held_anything_does_not_follow_the_market() -> None:
    passes(
        ROW_OF
        + """
buy open 1 m2705 at lower_limit as resting
expect order of resting where order_status == NoTradeQueueing
cancel resting
expect resting is canceled
let before = row_of(m2705, "2", "1").settlement_price
venue: quote m2705 bid 3390 x 5 ask 3392 x 5 last 3391
check row_of(m2705, "2", "1").settlement_price == before
"""
    )


@pytest.mark.parametrize(("instrument", "date"), [("m2705", "1"), ("MA705", "1"), ("rb2705", "2")])
def test_a_row_of_yesterday_has_no_rate_until_it_is_touched(instrument: str, date: str) -> None:
    close = "close_yesterday" if instrument == "rb2705" else "close"
    passes(
        ROW_OF
        + f"""
venue: position trader long 2 {instrument} yesterday at 3000
scenario "touched":
    check row_of({instrument}, "2", "{date}").margin_rate_by_money == 0
    sell {close} 1 {instrument} at bid as exit
    expect trade of exit
    check row_of({instrument}, "2", "{date}").margin_rate_by_money > 0.1
"""
    )


def test_a_row_of_today_has_a_rate() -> None:
    passes(
        ROW_OF
        + """
venue: position trader long 1 m2705 at 3000
check row_of(m2705, "2", "1").margin_rate_by_money == 0.14
"""
    )


def test_pre_margin_counts_what_was_held_at_the_start_and_stays() -> None:
    passes("""
venue:
    position trader long 2 m2705 yesterday at 3000
    position trader short 1 rb2705 yesterday at 3100
    position trader long 1 rb2705 yesterday at 3100
    position trader long 1 rb2710 at 3100
    quote m2705 bid 2999 x 50 ask 3001 x 50 last 3000 pre_settlement 3010
scenario "margins":
    query account as before
    check before.pre_margin == 2 * 3010 * 10 * 0.14 + 3150 * 10 * 0.16
    sell close 2 m2705 at bid as exit
    expect trade of exit
    query account as later
    check later.pre_margin == before.pre_margin
""")


# ---------------------------------------------------------------------------------------------------------- queries


def test_the_financial_exchange_has_a_trading_code_for_each_hedge_flag() -> None:
    desk = Desk(opened("IF2612", "rb2705")).connect()
    codes = asked(desk, "ReqQryTradingCode", ExchangeID="CFFEX")
    assert [row["ClientIDType"] for row in codes] == ["1", "2", "3"]
    assert len({row["ClientID"] for row in codes}) == 3
    assert [row["ClientIDType"] for row in asked(desk, "ReqQryTradingCode", ExchangeID="SHFE")] == ["1"]
    for hedge in ("1", "2", "3"):
        desk.insert("IF2612", "0", "0", 1, 4400, CombHedgeFlag=hedge)
    desk.rest()
    assert {order["CombHedgeFlag"]: order["ClientID"] for order in desk.orders().values()} == {
        row["ClientIDType"]: row["ClientID"] for row in codes
    }


@pytest.mark.parametrize(("profile", "investor", "whose"), [("simnow", "100001", "3"), ("production", "00000000", "1")])
def test_rates_are_the_investor_s_own_on_simnow(profile: str, investor: str, whose: str) -> None:
    simulation = opened("rb2705")
    simulation.core.behave_as(profile)
    desk = Desk(simulation).connect()
    (fees,) = asked(desk, "ReqQryInstrumentCommissionRate", InstrumentID="rb2705")
    assert (fees["InvestorID"], fees["InvestorRange"]) == (investor, whose)
    (margins,) = asked(desk, "ReqQryInstrumentMarginRate", InstrumentID="rb2705")
    assert margins["InvestorRange"] == whose


@pytest.mark.parametrize(
    ("profile", "instrument", "fields"),
    [
        ("production", "SR705", ("1", "0", "0")),
        ("simnow", "SR705", ("", "", "")),
        ("production", "rb2705", ("", "", "")),
    ],
)
def test_a_trade_of_zhengzhou_tells_its_role_in_production(
    profile: str, instrument: str, fields: tuple[str, str, str]
) -> None:
    result = passes(f"venue: profile {profile}\nbuy open 1 {instrument} at ask as entry\nexpect trade of entry\n")
    (trade,) = callbacks(result, "OnRtnTrade")
    assert tuple(trade["fields"].get(name, "") for name in ("TradingRole", "TradeType", "PriceSource")) == fields
