"""Small books added up by hand: what a lot, a row and an account show after a few trades of several lots."""

import pytest
from support.desk import opened

from ctpscen.ctp.codes import PosiDirection, PositionDate
from ctpscen.simulator.ledger.booking import Ledger, fee
from ctpscen.simulator.ledger.holdings import Holding, Lot

LONG, SHORT = PosiDirection.LONG, PosiDirection.SHORT
TODAY, HISTORY = PositionDate.TODAY, PositionDate.HISTORY


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(pre_balance=1_000_000.0)


def holding(ledger: Ledger, instrument: str, direction: str) -> Holding:
    return ledger.holding(opened(instrument).contract(instrument), direction)


def test_a_lot_that_is_closed_in_two_trades_shows_both(ledger: Ledger) -> None:
    held = holding(ledger, "rb2705", LONG)
    ledger.open(held, "1", "20261123", 3150.0, 5)
    ledger.close(held, "any", 3160.0, 2)
    ledger.close(held, "any", 3145.0, 1)
    (lot,) = held.lots
    assert (lot.volume, lot.close_volume, lot.close_amount) == (2, 3, 2 * 31600.0 + 31450.0)
    assert lot.close_profit_by_date == lot.close_profit_by_trade == 2 * 100.0 - 50.0
    row = held.record(TODAY)
    assert (row["Position"], row["OpenVolume"], row["CloseVolume"]) == (2, 5, 3)
    assert (row["OpenAmount"], row["CloseAmount"]) == (5 * 31500.0, 2 * 31600.0 + 31450.0)
    assert (row["OpenCost"], row["PositionCost"]) == (2 * 31500.0, 2 * 31500.0)


def test_lots_of_yesterday_are_reckoned_from_the_settlement_and_from_their_trade(ledger: Ledger) -> None:
    held = holding(ledger, "rb2705", SHORT)
    held.add(Lot("1", "20261120", 3100.0, 4, history=True))
    held.row(history=True).yesterday = 4
    settled = held.contract.pre_settlement
    ledger.close(held, "history", settled - 10, 3)
    row = held.record(HISTORY)
    assert row["CloseProfitByDate"] == 3 * 10 * 10.0
    assert row["CloseProfitByTrade"] == pytest.approx(3 * (3100.0 - settled + 10) * 10.0)
    assert (row["YdPosition"], row["Position"], row["TodayPosition"]) == (4, 1, 0)
    assert row["PositionCost"] == settled * 10.0
    assert row["UseMargin"] == pytest.approx(settled * 10.0 * held.contract.product.long_margin.by_money)


def test_margin_and_profit_of_several_lots_are_those_of_each(ledger: Ledger) -> None:
    held = holding(ledger, "rb2705", LONG)
    held.add(Lot("1", "20261120", 3100.0, 2, history=True))
    ledger.open(held, "2", "20261123", 3152.0, 3)
    contract = held.contract
    margin = (2 * contract.pre_settlement + 3 * 3152.0) * 10 * contract.product.long_margin.by_money
    profit = (5 * contract.last_price - 2 * contract.pre_settlement - 3 * 3152.0) * 10
    assert [held.margin(held.lots), held.total_margin] == pytest.approx([margin, margin])
    assert [held.profit(held.lots), held.total_profit] == pytest.approx([profit, profit])


def test_a_new_day_forgets_what_was_closed_and_keeps_what_is_held(ledger: Ledger) -> None:
    held = holding(ledger, "m2705", LONG)
    ledger.open(held, "1", "20261123", 3000.0, 3)
    ledger.close(held, "any", 3001.0, 1)
    ledger.settle()
    (lot,) = held.lots
    assert lot.history
    assert (lot.volume, lot.close_volume, lot.close_amount) == (2, 0, 0.0)
    assert (lot.close_profit_by_date, lot.close_profit_by_trade) == (0.0, 0.0)
    (row,) = [held.record(date) for _, date in ledger.rows()]
    assert (row["YdPosition"], row["OpenVolume"], row["CloseVolume"], row["Commission"]) == (2, 0, 0, 0.0)


def test_what_is_owed_in_options_counts_below_zero(ledger: Ledger) -> None:
    bought, sold = holding(ledger, "m2705-P-3300", LONG), holding(ledger, "m2705-P-3300", SHORT)
    ledger.open(bought, "1", "20261123", 100.0, 2)
    ledger.open(sold, "2", "20261123", 100.0, 5)
    assert bought.market_value == 2 * bought.contract.last_price * 10
    assert sold.market_value == -5 * sold.contract.last_price * 10
    assert ledger.cash_in == (5 - 2) * 100.0 * 10
    assert ledger.account_record()["OptionValue"] == bought.market_value + sold.market_value
    assert holding(ledger, "rb2705", LONG).market_value == 0.0


def test_a_settlement_takes_money_in_and_out_and_frees_what_was_frozen(ledger: Ledger) -> None:
    held = holding(ledger, "rb2705", LONG)
    ledger.deposit, ledger.withdrawn = 500.0, 200.0
    ledger.freeze(held, held.row(history=False), is_buy=True, is_open=True, price=3150.0, volume=2)
    assert ledger.frozen_lots == 2
    ledger.settle()
    assert (ledger.pre_balance, ledger.balance, ledger.available) == (1_000_300.0, 1_000_300.0, 1_000_300.0)
    assert (ledger.frozen_lots, ledger.frozen_margin, ledger.frozen_commission) == (0, 0.0, 0.0)
    assert list(ledger.rows()) == []


def test_what_is_frozen_is_given_back_lot_by_lot(ledger: Ledger) -> None:
    held = holding(ledger, "rb2705", SHORT)
    row = held.row(history=False)
    frozen = ledger.freeze(held, row, is_buy=False, is_open=True, price=3150.0, volume=3)
    ledger.thaw(frozen, 1)
    assert (row.long_frozen, row.short_frozen, row.short_frozen_amount) == (0, 2, 2 * 31500.0)
    assert ledger.frozen_margin == pytest.approx(2 * held.contract.lot_margin(3150.0, is_long=False))
    assert ledger.frozen_commission == pytest.approx(fee(held.contract.product.open_fee, held.contract, 3150.0, 2))
    ledger.thaw(frozen, 2)
    assert (row.short_frozen, row.short_frozen_amount, ledger.frozen_margin, ledger.frozen_lots) == (0, 0.0, 0.0, 0)


def test_the_commission_of_closing_is_shared_by_the_rows_that_gave_lots(ledger: Ledger) -> None:
    held = holding(ledger, "rb2705", LONG)
    held.add(Lot("1", "20261120", 3100.0, 1, history=True))
    held.row(history=True).yesterday = 1
    opening = ledger.open(held, "2", "20261123", 3150.0, 4)
    closing = ledger.close(held, "any", 3150.0, 4)
    assert held.record(HISTORY)["Commission"] == pytest.approx(closing / 4)
    assert held.record(TODAY)["Commission"] == pytest.approx(opening + closing * 3 / 4)
    assert ledger.commission == pytest.approx(opening + closing)
