"""Options on stock indices: months of their own, margin by the index, an auction at the close, cash at the end."""

from support import callbacks
from support.desk import Desk, opened
from support.money import ACCOUNT, POSITIONS, account, played, rows, shows

from ctpscen.ctp.times import from_moment, to_moment

CALL, PUT = "IO2612-C-4400", "IO2612-P-4300"
QUOTES = (
    "    quote IF2612 bid 4499.8 x 20 ask 4500.2 x 20 last 4500 pre_settlement 4480\n"
    f"    quote {CALL} bid 99.8 x 20 ask 100.2 x 20 last 100 pre_settlement 90\n"
    f"    quote {PUT} bid 1.8 x 20 ask 2.2 x 20 last 2 pre_settlement 2\n"
)
LAST_DAY = "    clock 2026-12-18 13:30\n"

# A point is 100 yuan, a fee 15 a lot; a seller puts up 12 % of the index less what the option is out of the money, and
# half of the 12 % at least: of a put, of its strike price.
CALL_MARGIN = (100 + 4480 * 0.12) * 100
PUT_MARGIN = (2 + 4480 * 0.12 - (4480 - 4300)) * 100
FAR_PUT_MARGIN = (2 + 3900 * 0.12 / 2) * 100


def test_a_seller_s_margin_follows_the_index() -> None:
    steps = "".join(
        f"    sell open 1 {name} at bid as {word}\n    expect trade of {word}\n"
        for word, name in (("call", CALL), ("near_put", PUT), ("far_put", "IO2612-P-3900"))
    )
    far = "    quote IO2612-P-3900 bid 2 x 5 ask 2.4 x 5 last 2 pre_settlement 2\n"
    costs = f"    request ReqQryOptionInstrTradeCost(InstrumentID={PUT})\n    wait 2s\n"
    result = played(QUOTES + far, steps + POSITIONS + ACCOUNT + costs)
    margins = {row["InstrumentID"]: round(row["UseMargin"], 6) for row in rows(result, "InvestorPosition")}
    assert margins == {CALL: round(CALL_MARGIN - 20, 6), PUT: round(PUT_MARGIN, 6), "IO2612-P-3900": FAR_PUT_MARGIN}
    shows(account(result), CashIn=(99.8 + 1.8 + 2) * 100, Commission=45.0)
    (cost,) = rows(result, "OptionInstrTradeCost")
    shows(cost, FixedMargin=PUT_MARGIN - 200, MiniMargin=4300 * 0.12 / 2 * 100, Royalty=180.0)


def test_an_option_may_move_as_far_as_a_tenth_of_the_index() -> None:
    asked = "".join(
        f"    request Req{query}(InstrumentID={CALL})\n    wait 2s\n"
        for query in ("QryDepthMarketData", "QryInstrument")
    )
    too_many = f"    buy open 21 {CALL} at 100 as many\n    expect rejection of many by exchange 164\n"
    result = played(QUOTES, asked + too_many)
    (quote,), (row,) = rows(result, "DepthMarketData"), rows(result, "Instrument")
    shows(quote, UpperLimitPrice=90 + 448.0, LowerLimitPrice=0.2)
    shows(row, ProductID="IO", ProductClass="2", StrikePrice=4400.0, OptionsType="1", VolumeMultiple=100, PriceTick=0.2)
    shows(row, ExpireDate="20261218", MaxLimitOrderVolume=20, MaxMarketOrderVolume=0, ExchangeID="CFFEX")


def test_the_day_ends_with_an_auction() -> None:
    orders = f"    buy open 1 {CALL} at 110 as entry\n    expect order of entry where order_status == NoTradeQueueing\n"
    result = played(LAST_DAY.replace("13:30", "14:58") + QUOTES, orders + "    expect trade of entry within 5m\n")
    (trade,) = (event["fields"] for event in callbacks(result, "OnRtnTrade"))
    shows(trade, TradeTime="15:00:00", Price=100.2)
    phases = [event["fields"] for event in callbacks(result, "OnRtnInstrumentStatus")]
    assert [phase["InstrumentStatus"] for phase in phases if phase["InstrumentID"] == "IO"] == ["3", "6"]


def test_what_has_value_at_its_end_is_paid_out() -> None:
    """What has none is worth nothing; neither side has anything to do."""
    held = f"    position trader long 2 {CALL} yesterday at 80\n    position trader short 1 {PUT} yesterday at 5\n"
    result = played(
        LAST_DAY + QUOTES + held + "    position trader short 1 IO2612-P-4600 yesterday at 100\n",
        "    venue: settle\n    reconnect within 1h\n" + ACCOUNT + POSITIONS,
    )
    paid = 2 * (4500 - 4400) * 100 - (4600 - 4500) * 100
    shows(account(result), PreBalance=20_000_000.0 + paid - 3 * 15, CurrMargin=0.0, CashIn=0.0)
    assert rows(result, "InvestorPosition") == []


def test_the_next_future_stands_for_the_index_when_one_has_ended() -> None:
    desk = Desk(opened("IO2701-C-4500", "IF2612", at=from_moment(to_moment(0).replace(2026, 12, 18, 14, 0)))).connect()
    option = desk.simulation.contract("IO2701-C-4500")
    assert option.underlying is not None
    assert option.underlying.id == "IF2612"
    desk.simulation.core.contracts.begin_day(to_moment(0).replace(2026, 12, 21).date())
    assert option.underlying.id == "IF2701"
