"""Accounts, rows and statements that were seen on SimNow, built from their trades and read from the answers."""

import pytest
from support import callbacks, passes
from support.money import ACCOUNT, DETAILS, KEY, POSITIONS, account, played, rows, shows


def at_rest(side: str, volume: int, instrument: str, price: float, name: str) -> str:
    """An order that trades at exactly its price."""
    return f"    {side} {volume} {instrument} at {price} as {name}\n    venue: fill {name} {volume}\n    wait 1s\n"


def test_the_account_of_2018() -> None:
    """Example L's close, and 16 lots whose margin and loss are those that the account had.

    MortgageableFund is as it is reckoned since 2023, without the factor that it had then.
    """
    result = played(
        "    balance trader 860199.24\n"
        "    list rb1901\n"
        "    list AP901\n"
        "    position trader short 1 rb1901 yesterday at 4025\n"
        "    quote rb1901 bid 3964 x 5 ask 3965 x 5 last 3965 pre_settlement 4037\n"
        "    position trader long 16 AP901 at 16295\n"
        "    quote AP901 bid 16198 x 5 ask 16200 x 5 last 16199 pre_settlement 16300\n",
        "    buy close_yesterday 1 rb1901 at 3965 as exit\n    expect trade of exit\n" + ACCOUNT,
    )
    shows(account(result), PreBalance=860199.24, CloseProfit=720.0, PositionProfit=-15360.0, Commission=3.965)
    shows(account(result), CurrMargin=391080.0, Balance=845555.275, Available=454475.275, WithdrawQuota=363004.22)
    shows(account(result), MortgageableFund=454475.275 - 720, FrozenMargin=0.0, FrozenCommission=0.0)


def test_the_account_of_2026_with_a_working_order() -> None:
    """Ten lots there and back; SimNow took 0.005 more for each of the eleven lots, which is a parameter at 0 here."""
    steps = (
        at_rest("buy open", 4, "rb2701", 3151, "first")
        + at_rest("buy open", 1, "rb2701", 3150, "second")
        + at_rest("sell close_today", 5, "rb2701", 3150, "exit")
        + "    buy open 1 rb2701 at 3005\n"
        + ACCOUNT
        + POSITIONS
    )
    result = played("    quote rb2701 bid 3010 x 5 ask 3200 x 5 pre_settlement 3164\n", steps)
    surcharge = 0.005
    shows(account(result), CloseProfit=-40.0, Commission=31.554 - 10 * surcharge, FrozenMargin=4808.0)
    shows(account(result), FrozenCommission=3.01 - surcharge, Balance=19999928.446 + 10 * surcharge)
    shows(account(result), Available=19995117.436 + 11 * surcharge, CurrMargin=0.0, PreBalance=20_000_000.0)
    available = 19995117.436 + 11 * surcharge
    shows(account(result), WithdrawQuota=int(0.8 * available * 100) / 100, MortgageableFund=available)
    (row,) = rows(result, "InvestorPosition", PosiDirection="2")
    shows(row, PositionDate="1", LongFrozen=1, LongFrozenAmount=30050.0, FrozenMargin=4808.0, FrozenCommission=3.005)
    shows(row, Position=0, TodayPosition=0, OpenVolume=5, CloseVolume=5, OpenAmount=157540.0, CloseAmount=157500.0)
    shows(row, CloseProfit=-40.0, CloseProfitByDate=-40.0, CloseProfitByTrade=-40.0, OpenCost=0.0, PositionCost=0.0)


def test_a_gain_of_two_contracts_is_in_the_balance_and_not_in_what_is_available() -> None:
    """The vector's gain; its margin of 95291.70 is that of trades that are not known, so ours is another."""
    result = played(
        "    balance trader 19998293.74425\n"
        "    position trader long 1 ag2701 at 15915\n"
        "    quote ag2701 bid 15924 x 5 ask 15926 x 5 last 15925 pre_settlement 15900\n",
        ACCOUNT,
    )
    shows(account(result), PositionProfit=150.0, Balance=19998443.74425, CurrMargin=45357.75)
    shows(account(result), Available=19998443.74425 - 45357.75 - 150)


def test_the_next_day_begins_with_commissions_in_whole_cents() -> None:
    """Example M. The two trades in j2701 are its own; the others bring its sums about."""
    steps = "".join(
        [
            at_rest("buy open", 3, "j2701", 1981, "a"),  # 35.658 → 35.66
            at_rest("sell close", 3, "j2701", 1980.5, "b"),  # 35.649 → 35.65, and 150 lost
            at_rest("buy open", 1, "rb2705", 3232, "c"),  # 3.232 → 3.23
            at_rest("sell close_today", 1, "rb2705", 3119, "d"),  # 3.119 → 3.12, and 1130 lost
            at_rest("buy open", 46, "SR705", 5600, "e"),  # 4 a lot
            at_rest("sell close", 46, "SR705", 5600, "f"),  # 4 a lot
            at_rest("buy open", 4, "m2705", 3000, "g"),  # 0.2 a lot
            at_rest("sell close", 3, "m2705", 3000, "h"),  # 0.1 a lot
            ACCOUNT,
            "    venue: settle\n    reconnect within 1h\n",
            ACCOUNT,
            f"    wait 2s\n    request ReqQrySettlementInfo({KEY})\n    wait 2s\n",
        ]
    )
    result = played(
        "    balance trader 19995806.40\n"
        "    quote j2701 bid 1970 x 5 ask 1990 x 5 pre_settlement 1980\n"
        "    quote rb2705 bid 3010 x 5 ask 3290 x 5 pre_settlement 3150\n"
        "    quote SR705 bid 5500 x 5 ask 5700 x 5 pre_settlement 5600\n"
        "    quote m2705 bid 2990 x 5 ask 3010 x 5 pre_settlement 3000\n",
        steps,
    )
    before, after = rows(result, "TradingAccount")
    exact = 35.658 + 35.649 + 3.232 + 3.119 + 46 * 8 + 4 * 0.2 + 3 * 0.1
    shows(before, PreBalance=19995806.40, CloseProfit=-1280.0, PositionProfit=0.0, Commission=exact)
    shows(before, Balance=19995806.40 - 1280 - exact)
    shows(after, PreBalance=19994079.64, Balance=19994079.64, CloseProfit=0.0, Commission=0.0, Deposit=0.0)
    shows(after, PreMargin=3000 * 10 * 0.14, CurrMargin=3000 * 10 * 0.14, TradingDay="20261124")
    text = "".join(row["Content"] for row in rows(result, "SettlementInfo"))
    for line in ("期初结存: 19995806.40", "平仓盈亏: -1280.00", "手续费: 446.76", "期末结存: 19994079.64"):
        assert line in text


def test_a_working_close_is_on_the_row_that_it_closes() -> None:
    """Example G; ours takes the 3.304 that the rate gives, SimNow 0.005 more."""
    result = played(
        "    position trader long 1 rb2701 yesterday at 3148\n"
        "    quote rb2701 bid 3136 x 5 ask 3305 x 5 last 3137 pre_settlement 3147\n",
        "    sell close_yesterday 1 rb2701 at 3304\n" + POSITIONS,
    )
    (row,) = rows(result, "InvestorPosition")
    shows(row, PositionDate="2", PosiDirection="2", ShortFrozen=1, ShortFrozenAmount=33040.0, FrozenMargin=0.0)
    shows(row, FrozenCommission=3.304, PositionCost=31470.0, OpenCost=31480.0, UseMargin=5035.20, ExchangeMargin=5035.2)
    shows(row, PositionProfit=-100.0, SettlementPrice=3137.0, PreSettlementPrice=3147.0, YdPosition=1, TodayPosition=0)


def test_the_two_rows_of_a_dated_position_are_apart() -> None:
    result = played(
        "    position trader long 2 rb2705 yesterday at 3140\n"
        "    quote rb2705 bid 3149 x 5 ask 3150 x 5 last 3150 pre_settlement 3145\n",
        "    buy open 1 rb2705 at 3150 as entry\n    expect trade of entry\n"
        "    sell close_yesterday 1 rb2705 at 3149 as exit\n    expect trade of exit\n" + POSITIONS,
    )
    today, history = (rows(result, "InvestorPosition", PositionDate=date) for date in "12")
    shows(today[0], Position=1, TodayPosition=1, YdPosition=0, OpenVolume=1, CloseVolume=0, OpenCost=31500.0)
    shows(today[0], PositionCost=31500.0, PositionProfit=-10.0, Commission=3.15, UseMargin=5040.0)
    shows(history[0], Position=1, TodayPosition=0, YdPosition=2, CloseVolume=1, OpenVolume=0, CloseAmount=31490.0)
    shows(history[0], CloseProfitByDate=40.0, CloseProfitByTrade=90.0, Commission=3.149, OpenCost=31400.0)
    shows(history[0], PositionCost=31450.0, PositionProfit=40.0, UseMargin=5032.0)


@pytest.mark.parametrize(
    ("instrument", "order"),
    [
        (
            "rb2705",
            "buy open 1 rb2705 at upper_limit + 1 tick as entry\n    expect rejection of entry by exchange 49\n",
        ),
        ("rb2705", "buy open 1 rb2705 at bid - 9 ticks as entry\n    wait 1s\n    cancel entry\n    wait 1s\n"),
        ("m2705", "buy open 1 m2705 at bid - 9 ticks as entry\n    wait 1s\n    cancel entry\n    wait 1s\n"),
    ],
)
def test_an_order_that_opened_nothing_leaves_an_empty_row(instrument: str, order: str) -> None:
    result = passes(f'venue: quote {instrument} last 3100\nscenario "row":\n    {order}{POSITIONS}')
    (row,) = rows(result, "InvestorPosition")
    shows(row, InstrumentID=instrument, PosiDirection="2", PositionDate="1", Position=0, OpenVolume=0, LongFrozen=0)
    shows(row, FrozenMargin=0.0, FrozenCommission=0.0, Commission=0.0, UseMargin=0.0, SettlementPrice=3100.0)


def test_an_order_that_ctp_never_took_leaves_no_row() -> None:
    result = passes('scenario "none":\n    sell close 1 rb2705 as exit\n    expect rejection of exit\n' + POSITIONS)
    assert rows(result, "InvestorPosition") == []


def test_a_detail_says_what_was_closed_of_it() -> None:
    result = played(
        "    position trader long 3 m2705 yesterday at 3000\n"
        "    quote m2705 bid 3019 x 9 ask 3020 x 9 last 3020 pre_settlement 3010\n",
        "    buy open 2 m2705 at 3020 as entry\n    expect trade of entry\n"
        "    sell close 1 m2705 at 3019 as exit\n    expect trade of exit\n" + DETAILS,
    )
    old, new = rows(result, "InvestorPositionDetail")
    shows(old, Volume=2, OpenPrice=3000.0, CloseVolume=1, CloseAmount=30190.0, CloseProfitByDate=90.0, Direction="0")
    shows(old, CloseProfitByTrade=190.0, Margin=2 * 3010 * 10 * 0.14, LastSettlementPrice=3010.0, SpecPosiType="#")
    shows(new, Volume=2, OpenPrice=3020.0, CloseVolume=0, CloseProfitByDate=0.0, SettlementPrice=3020.0)
    shows(new, OpenDate="20261123", TradeType="0", MarginRateByMoney=0.14, Margin=2 * 3020 * 10 * 0.14)
    (trade,) = [event["fields"] for event in callbacks(result, "OnRtnTrade") if event["fields"]["OffsetFlag"] == "0"]
    assert new["TradeID"] == trade["TradeID"]


def test_the_larger_side_is_taken_over_all_months_of_a_product() -> None:
    """Three months of one product: long 1 and 2, short 2 in between."""
    result = played(
        "    position trader long 1 ag2701 at 15900\n"
        "    position trader long 2 ag2702 at 15800\n"
        "    position trader short 2 ag2706 at 16000\n",
        ACCOUNT + POSITIONS,
    )
    long, short = (15900 + 2 * 15800) * 15 * 0.19, 2 * 16000 * 15 * 0.19
    assert sum(row["UseMargin"] for row in rows(result, "InvestorPosition")) == pytest.approx(long + short, abs=1e-6)
    shows(account(result), CurrMargin=max(long, short))


@pytest.mark.parametrize(
    ("instrument", "lots", "rates"),
    [
        # Close rate for each lot that is history, close-today rate for as many as were opened today.
        ("IF2612", 1, (2.3e-5, 2.3e-4)),
        ("lh2705", 2, (2e-4, 4e-4)),
    ],
)
def test_where_positions_have_no_dates_what_was_opened_today_pays_today_s_rate_first(
    instrument: str, lots: int, rates: tuple[float, float]
) -> None:
    """Held already: one lot. Opened today: `lots`. Closed in one order: all of them."""
    price, multiplier = (4500.0, 300) if instrument == "IF2612" else (14000.0, 16)
    result = played(
        f"    position trader long 1 {instrument} yesterday at {price}\n"
        f"    quote {instrument} bid {price - 50} x 9 ask {price + 50} x 9 pre_settlement {price}\n",
        at_rest("buy open", lots, instrument, price, "entry")
        + ACCOUNT
        + at_rest("sell close", lots + 1, instrument, price, "exit")
        + ACCOUNT,
    )
    opened, closed = (row["Commission"] for row in rows(result, "TradingAccount"))
    close, today = (price * multiplier * rate for rate in rates)
    assert closed - opened == pytest.approx(lots * today + close, abs=1e-6)
