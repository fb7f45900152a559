"""Options on futures: premiums are cash, sellers put up margin, and prices reach as far as the future's."""

import pytest
from support import callbacks, passes
from support.desk import Desk, opened
from support.money import ACCOUNT, KEY, POSITIONS, account, played, rows, shows

from ctpscen.ctp.terms.products import product_of
from ctpscen.engine.unit import Result
from ctpscen.simulator.terms.options import Terms

QUOTES = (
    "    quote cu2612 bid 70000 x 50 ask 70010 x 50 last 70000 pre_settlement 70000\n"
    "    quote cu2612C72000 bid 1000 x 50 ask 1002 x 50 last 1000 pre_settlement 1000\n"
)
BUY = "    buy open 2 cu2612C72000 at ask as bought\n    expect trades of bought total 2\n"
SELL = "    sell open 1 cu2612C72000 at bid as sold\n    expect trade of sold\n"

# A lot is 5 tons, and a future's margin 16 %; the call is 2,000 out of the money.
FUTURE_MARGIN = 70_000 * 0.16
SELLER = (1_000 + FUTURE_MARGIN - 2_000 / 2) * 5


def connected(*instruments: str) -> Desk:
    return Desk(opened(*instruments)).connect()


def seen(steps: str) -> Result:
    return played(QUOTES, steps)


def test_a_buyer_pays_the_premium_and_has_no_profit() -> None:
    result = seen(BUY + ACCOUNT + POSITIONS)
    shows(account(result), CashIn=-10_020.0, Commission=10.0, CurrMargin=0.0, PositionProfit=0.0, OptionValue=10_020.0)
    shows(account(result), Balance=20_000_000.0 - 10_030.0, Available=20_000_000.0 - 10_030.0, FrozenCash=0.0)
    (row,) = rows(result, "InvestorPosition", PosiDirection="2")
    shows(row, Position=2, UseMargin=0.0, CashIn=-10_020.0, OpenCost=10_020.0, PositionProfit=0.0)


def test_a_working_order_to_buy_freezes_its_premium() -> None:
    result = seen("    buy open 3 cu2612C72000 at 900\n    wait 1s\n" + ACCOUNT + POSITIONS)
    shows(account(result), FrozenCash=13_500.0, FrozenMargin=0.0, FrozenCommission=15.0, CashIn=0.0)
    shows(account(result), Available=20_000_000.0 - 13_515.0)
    (row,) = rows(result, "InvestorPosition", PosiDirection="2")
    shows(row, FrozenCash=13_500.0, LongFrozen=3)


def test_a_cancelled_order_gives_the_premium_back() -> None:
    steps = "    buy open 3 cu2612C72000 at 900 as resting\n    wait 1s\n    cancel resting\n    wait 1s\n"
    shows(account(seen(steps + ACCOUNT)), FrozenCash=0.0, Available=20_000_000.0)


def test_a_seller_takes_the_premium_and_puts_up_margin() -> None:
    result = seen(SELL + ACCOUNT + POSITIONS)
    shows(account(result), CashIn=5_000.0, CurrMargin=SELLER, OptionValue=-5_000.0, Commission=5.0)
    shows(account(result), Balance=20_004_995.0, Available=20_004_995.0 - SELLER)
    (row,) = rows(result, "InvestorPosition", PosiDirection="3")
    shows(row, UseMargin=SELLER, CashIn=5_000.0, PositionProfit=0.0)


def test_premiums_that_were_taken_cannot_be_withdrawn() -> None:
    found = account(seen(SELL + ACCOUNT))
    available = 20_004_995.0 - SELLER
    shows(found, WithdrawQuota=int(0.8 * (available - 5_000) * 100) / 100)


def test_a_call_far_out_of_the_money_asks_for_half_the_margin_of_the_future() -> None:
    terms = "    quote cu2612C98000 bid 2 x 5 ask 4 x 5 last 2 pre_settlement 2\n"
    result = played(QUOTES + terms, "    sell open 1 cu2612C98000 at bid as sold\n    expect trade of sold\n" + ACCOUNT)
    shows(account(result), CurrMargin=(2 + FUTURE_MARGIN / 2) * 5)


def test_the_seller_s_margin_follows_a_premium_that_rises() -> None:
    steps = SELL + "    venue: quote cu2612C72000 bid 1498 x 5 ask 1502 x 5 last 1500\n" + ACCOUNT
    shows(account(seen(steps)), CurrMargin=SELLER + 500 * 5, OptionValue=-7_500.0, PositionProfit=0.0)


def test_closing_brings_the_premium_and_no_close_profit() -> None:
    steps = BUY + "    sell close_today 2 cu2612C72000 at bid as exit\n    expect trades of exit total 2\n"
    result = seen(steps + ACCOUNT + POSITIONS)
    shows(account(result), CashIn=-20.0, CloseProfit=0.0, Commission=20.0, OptionValue=0.0, Balance=20_000_000.0 - 40.0)
    (row,) = rows(result, "InvestorPosition", PosiDirection="2")
    shows(row, Position=0, CloseAmount=10_000.0, CloseProfit=0.0, CashIn=-20.0)


def test_the_next_day_keeps_the_premium_in_its_balance() -> None:
    steps = BUY + "    venue: settle\n    reconnect within 1h\n" + ACCOUNT + POSITIONS
    result = seen(steps)
    shows(account(result), PreBalance=20_000_000.0 - 10_030.0, Balance=20_000_000.0 - 10_030.0, CashIn=0.0)
    (row,) = rows(result, "InvestorPosition", PosiDirection="2")
    shows(row, Position=2, YdPosition=2, PositionDate="2", CashIn=0.0, PositionProfit=0.0)


def test_the_money_for_a_premium_must_be_there() -> None:
    steps = "    buy open 2 cu2612C72000 at 1000 as dear\n    expect rejection of dear by counter 31\n"
    played(QUOTES + "    balance trader 10_009\n", steps)
    played(QUOTES + "    balance trader 10_010\n", "    buy open 2 cu2612C72000 at 1000\n    expect order\n")


def test_prices_reach_as_far_as_the_future_s() -> None:
    steps = '    wait 2s\n    request ReqQryDepthMarketData(InstrumentID="cu2612C72000")\n    wait 2s\n'
    (row,) = rows(seen(steps), "DepthMarketData", InstrumentID="cu2612C72000")
    reach = 70_000 * 0.09
    shows(row, LowerLimitPrice=2.0, UpperLimitPrice=1_000 + reach, PreSettlementPrice=1_000.0)


def test_an_option_is_listed_with_its_future() -> None:
    desk = connected("m2701-P-2900", "SR701C6000", "cu2612C72000")
    listed = {name: contract.product.id for name, contract in desk.simulation.core.contracts.items()}
    assert listed == {
        "m2701": "m",
        "m2701-P-2900": "m_o",
        "SR701": "SR",
        "SR701C6000": "SRC",
        "cu2612": "cu",
        "cu2612C72000": "cu_o",
    }


def test_an_option_s_record_says_on_what_it_is() -> None:
    steps = '    wait 2s\n    request ReqQryInstrument(InstrumentID="m2701-P-2900")\n    wait 2s\n'
    result = passes('scenario "seen":\n    buy open 1 m2701-P-2900 at ask\n' + steps)
    (row,) = rows(result, "Instrument")
    shows(row, ProductID="m_o", ProductClass="2", OptionsType="2", StrikePrice=2900.0, UnderlyingInstrID="m2701")
    shows(row, PriceTick=0.5, UnderlyingMultiple=1.0, DeliveryYear=2027, DeliveryMonth=1, VolumeMultiple=10)


def test_options_have_a_phase_of_their_own() -> None:
    result = passes('scenario "seen":\n    buy open 1 m2701-P-2900 at ask\n    expect phase in m2701-P-2900\n')
    assert {event["fields"]["InstrumentID"] for event in callbacks(result, "OnRtnInstrumentStatus")} >= {"m", "m_o"}


@pytest.mark.parametrize("name", ["m2701P2900", "cu2612-C-72000", "wr2701C3000", "IF2612-C-4000"])
def test_what_no_exchange_lists_is_not_found(name: str) -> None:
    assert product_of(name) is None
    desk = connected()
    desk.insert("rb2705", "0", "0", 1, 3000, InstrumentID=name)
    desk.rest()
    assert [(callback.error or {}).get("ErrorID") for callback in desk.of("OnRspOrderInsert")] == [16]


def asked(query: str) -> dict[str, object]:
    steps = BUY + f'    wait 2s\n    request ReqQry{query}({KEY}, InstrumentID="cu2612C72000")\n    wait 2s\n'
    (row,) = rows(seen(steps), query)
    return row


def test_what_an_option_costs_can_be_asked() -> None:
    shows(asked("OptionInstrTradeCost"), FixedMargin=SELLER - 5_000, MiniMargin=FUTURE_MARGIN * 5 / 2, Royalty=5_010.0)


def test_the_fees_of_an_option_can_be_asked() -> None:
    shows(asked("OptionInstrCommRate"), OpenRatioByVolume=5.0, CloseRatioByVolume=5.0, CloseTodayRatioByVolume=5.0)


@pytest.mark.parametrize("query", ["InstrumentMarginRate", "InstrumentCommissionRate"])
def test_the_queries_for_futures_say_nothing_of_options(query: str) -> None:
    steps = f'    wait 2s\n    request ReqQry{query}({KEY}, InstrumentID="cu2612C72000")\n    wait 2s\n'
    assert rows(seen(steps), query) == []


@pytest.mark.parametrize("right", ["C", "P"])
@pytest.mark.parametrize("price", [90.0, 100.0, 110.0])
def test_an_option_is_worth_more_than_in_itself_while_it_lives(right: str, price: float) -> None:
    terms = Terms(right, 100.0)
    itself = max(0.0, price - 100 if right == "C" else 100 - price)
    assert terms.value(price, 0.0) == itself
    assert itself < terms.value(price, 0.25) < terms.value(price, 1.0) < price + 100


def test_calls_and_puts_differ_by_what_the_future_is_above_the_strike() -> None:
    assert Terms("C", 95.0).value(100.0, 0.5) - Terms("P", 95.0).value(100.0, 0.5) == pytest.approx(5.0)
