"""The money of one account, and how trades and working orders are booked to its holdings (BEHAVIOUR 5.3 to 5.6)."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from attrs import define, field

from ctpscen.ctp.codes import HedgeFlag, OffsetFlag, PosiDirection
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.terms.products import Rate
from ctpscen.simulator.ledger.holdings import CloseDate, Holding, Lot, Row, Tally
from ctpscen.simulator.ledger.spreads import SpreadHolding
from ctpscen.simulator.terms.contracts import Contract

_CENT = Decimal("0.01")


@define
class Frozen:
    """What a working order keeps from being used: lots on a row; margin, commission and premium for each lot of it."""

    row: Row
    is_buy: bool
    amount: float
    margin: float
    commission: float
    cash: float = 0.0


class Cost(NamedTuple):
    """What one lot takes that is opened: its margin, its commission, and the premium that a buyer of an option pays."""

    margin: float
    commission: float
    cash: float

    @property
    def total(self) -> float:
        return self.margin + self.commission + self.cash


@define(eq=False, repr=False)
class Ledger:
    """The holdings and the money of one account, in yuan.

    `surcharge` is taken of each lot beside the fee within the day; the settlement knows nothing of it (BEHAVIOUR 14.4).
    """

    pre_balance: float
    surcharge: float = field(default=0.0, kw_only=True)
    deposit: float = 0.0
    withdrawn: float = 0.0
    close_profit: float = 0.0
    commission: float = 0.0
    frozen_margin: float = 0.0
    frozen_commission: float = 0.0
    frozen_cash: float = 0.0
    cash_in: float = 0.0
    pre_margin: float = 0.0
    frozen_lots: int = 0
    holdings: dict[tuple[str, str, str], Holding] = field(factory=dict)
    spreads: dict[tuple[str, str, str], SpreadHolding] = field(factory=dict)
    _rounded_commission: float = 0.0

    def holding(self, contract: Contract, direction: str, hedge: str = HedgeFlag.SPECULATION) -> Holding:
        key = (contract.id, direction, hedge)
        found = self.holdings.get(key)
        if found is None:
            found = self.holdings[key] = Holding(contract, direction, hedge)
        return found

    def spread(self, contract: Contract, direction: str, hedge: str = HedgeFlag.SPECULATION) -> SpreadHolding:
        """A position in a spread, with rows of its legs beside it."""
        key = (contract.id, direction, hedge)
        found = self.spreads.get(key)
        if found is None:
            assert contract.legs is not None, "a spread has legs"
            first, second = contract.legs
            opposite = PosiDirection.SHORT if direction == PosiDirection.LONG else PosiDirection.LONG
            others = (self.holding(first, direction, hedge), self.holding(second, opposite, hedge))
            legs = (Holding(first, direction, hedge), Holding(second, opposite, hedge))
            for leg, other in zip(legs, others, strict=True):
                other.row(history=False)
                other.combine((*other.combined, leg))
            found = self.spreads[key] = SpreadHolding(contract, direction, hedge, legs, others)
        return found

    def held(self, contract: Contract, direction: str, hedge: str) -> Holding | SpreadHolding | None:
        """What is held of a contract, if anything was today."""
        key = (contract.id, direction, hedge)
        return self.spreads.get(key) if contract.legs is not None else self.holdings.get(key)

    def closable(self, holding: Holding | SpreadHolding, which: CloseDate) -> int:
        """The lots that an order may close: in a leg, of spreads too, which then come apart."""
        of_spreads = (spread.loose for spread in self.spreads.values() if holding in spread.others)
        return holding.closable(which) + sum(of_spreads)

    def frozen_in_spreads(self, holding: Holding) -> int:
        """The lots of a leg that orders in spreads are about to close."""
        return sum(spread.frozen for spread in self.spreads.values() if holding in spread.others)

    # ------------------------------------------------------------------------------------------------- freezing

    def open_cost(self, contract: Contract, price: float, *, is_buy: bool) -> Cost:
        """What opening one lot at a price takes; of a spread, one lot of each leg at yesterday's settlement prices."""
        margin = contract.lot_margin(price, is_long=is_buy)
        if contract.legs is not None:
            return Cost(
                margin, sum(fee(leg.product.open_fee, leg, leg.pre_settlement, 1) for leg in contract.legs), 0.0
            )
        return Cost(
            margin,
            fee(contract.product.open_fee, contract, price, 1) + self._surcharge(contract, 1),
            price * contract.multiplier if is_buy and contract.terms is not None else 0.0,
        )

    def freeze(
        self, holding: Holding | SpreadHolding, row: Row, *, is_buy: bool, is_open: bool, price: float, volume: int
    ) -> Frozen:
        """Books a working order to a row (BEHAVIOUR 5.2, 5.3); gives what to thaw lot by lot."""
        contract, holding.touched = holding.contract, True
        cost = self.open_cost(contract, price, is_buy=is_buy)
        margin, commission = cost.margin, cost.commission
        if not is_open:
            margin, commission = 0.0, fee(contract.product.close_fee, contract, price, 1)
            commission += self._surcharge(contract, 1)
            for leg in contract.legs or ():
                commission += fee(leg.product.close_fee, leg, leg.pre_settlement, 1)
        amount = 0.0 if contract.legs is not None else price * contract.multiplier
        frozen = Frozen(row, is_buy, amount, margin, commission, cost.cash)
        self._shift(frozen, volume)
        return frozen

    def thaw(self, frozen: Frozen, volume: int) -> None:
        """Gives back what so many lots of an order had frozen."""
        self._shift(frozen, -volume)

    def _shift(self, frozen: Frozen, volume: int) -> None:
        row = frozen.row
        if frozen.is_buy:
            row.long_frozen += volume
            row.long_frozen_amount = _sum(row.long_frozen_amount, frozen.amount * volume, row.long_frozen)
        else:
            row.short_frozen += volume
            row.short_frozen_amount = _sum(row.short_frozen_amount, frozen.amount * volume, row.short_frozen)
        lots = row.long_frozen + row.short_frozen
        row.frozen_margin = _sum(row.frozen_margin, frozen.margin * volume, lots)
        row.frozen_commission = _sum(row.frozen_commission, frozen.commission * volume, lots)
        row.frozen_cash = _sum(row.frozen_cash, frozen.cash * volume, lots)
        self.frozen_lots += volume
        self.frozen_margin = _sum(self.frozen_margin, frozen.margin * volume, self.frozen_lots)
        self.frozen_commission = _sum(self.frozen_commission, frozen.commission * volume, self.frozen_lots)
        self.frozen_cash = _sum(self.frozen_cash, frozen.cash * volume, self.frozen_lots)

    # --------------------------------------------------------------------------------------------------- trades

    def trade_leg(self, spread: SpreadHolding, trade: Fields, open_date: str, combination: str) -> None:
        """Books a trade of a spread's leg; that of the first one tells how many lots of the spread have traded."""
        leg = next(leg for leg in spread.legs if leg.contract.id == trade["InstrumentID"])
        price, volume, is_open = trade["Price"], trade["Volume"], trade["OffsetFlag"] == OffsetFlag.OPEN
        if is_open:
            self.open(leg, trade["TradeID"], open_date, price, volume, combination)
        else:
            self.close(leg, "any", price, volume)
        if leg is spread.legs[0]:
            row = spread.row()
            row.open_volume += volume if is_open else 0
            row.close_volume += 0 if is_open else volume

    def open(
        self, holding: Holding, trade_id: str, open_date: str, price: float, volume: int, combination: str = ""
    ) -> float:
        """Books a trade that opens; gives its commission."""
        contract = holding.contract
        row = holding.row(history=False)
        holding.add(Lot(trade_id, open_date, price, volume, history=False, combination=combination))
        row.open_volume += volume
        row.open_amount += price * volume * contract.multiplier
        self._take_premium(holding, row, price * volume * contract.multiplier * -holding.sign)
        paid, more = fee(contract.product.open_fee, contract, price, volume), self._surcharge(contract, volume)
        row.commission += paid + more
        self.pay(paid, more)
        return paid + more

    def close(self, holding: Holding, which: CloseDate, price: float, volume: int) -> float:
        """Books a trade that closes, oldest lots first; gives its commission."""
        taken = self._close_lots(holding, which, price, volume)
        paid = self._close_fee(holding, which, price, volume)
        more = self._surcharge(holding.contract, volume)
        for date, lots in taken.items():
            holding.rows[date].commission += (paid + more) * lots / volume
            holding.rows[date].settlement = holding.contract.last_price
        self.pay(paid, more)
        return paid + more

    def _surcharge(self, contract: Contract, volume: int) -> float:
        """What is taken of so many lots beside the declared fee; of options and of spreads nothing is known."""
        if not self.surcharge or contract.terms is not None or contract.legs is not None:
            return 0.0
        surcharged = contract.rules.surcharged
        is_taken = surcharged == "all" or (surcharged == "by money" and contract.product.open_fee.by_money > 0)
        return self.surcharge * volume if is_taken else 0.0

    def close_without_fee(self, holding: Holding, volume: int, price: float) -> None:
        """Closes lots, the oldest first, as the exchange does that sets off both sides of a client."""
        self._close_lots(holding, "any", price, volume)

    def _close_lots(self, holding: Holding, which: CloseDate, price: float, volume: int) -> dict[str, int]:
        """Closes the oldest lots, those of spreads last; gives how many were of each row."""
        if holding.combined:
            self._take_apart(holding, volume - holding.volume(which))
        left, profit = volume, 0.0
        taken: dict[str, int] = {}
        for tally in holding.tallies(which):
            while left and tally.lots:
                lot = tally.lots[0]
                lots = min(left, lot.volume)
                left -= lots
                profit += self._close_lot(holding, tally, price, lots)
                date = holding.date_of(history=lot.history)
                taken[date] = taken.get(date, 0) + lots
        assert not left, "more was closed than held"
        self.close_profit += profit
        return taken

    def _take_apart(self, holding: Holding, missing: int) -> None:
        """Lets spreads come apart that have so many lots of a leg; those first that were opened first."""
        for spread in self.spreads.values():
            if holding in spread.others and missing > 0:
                lots = min(missing, spread.loose)
                spread.come_apart(lots)
                missing -= lots

    def _take_premium(self, holding: Holding, row: Row, amount: float) -> None:
        """What a trade in an option brings or, below zero, costs at once (BEHAVIOUR 5.4)."""
        if holding.is_option:
            row.cash_in += amount
            self.cash_in += amount

    def pay(self, commission: float, surcharge: float = 0.0) -> None:
        """Within the day a commission is exact; the settlement rounds each trade's to cents, halves up (5.5)."""
        self.commission += commission + surcharge
        self._rounded_commission += float(Decimal(repr(round(commission, 9))).quantize(_CENT, ROUND_HALF_UP))

    def _close_lot(self, holding: Holding, tally: Tally, price: float, lots: int) -> float:
        """Closes so many of the oldest lot; gives its profit of the day."""
        lot, amount = tally.lots[0], lots * holding.contract.multiplier
        row = holding.row(history=lot.history)
        by_date = by_trade = 0.0  # of an option the premium is all there is
        if not holding.is_option:
            by_date = (price - holding.basis(lot)) * amount * holding.sign
            by_trade = (price - lot.price) * amount * holding.sign
        self._take_premium(holding, row, price * amount * holding.sign)
        ticks = holding.contract.ticks(lot.price)
        assert ticks is not None, "nothing is held at a price that is none"
        tally.take(lots, ticks)
        lot.close(lots, price * amount, by_date, by_trade)
        row.close_volume += lots
        row.close_amount += price * amount
        row.close_profit_by_date += by_date
        row.close_profit_by_trade += by_trade
        return by_date

    def _close_fee(self, holding: Holding, which: CloseDate, price: float, volume: int) -> float:
        """By flag where positions are dated; elsewhere today's rate for as many as were opened today (5.5)."""
        contract = holding.contract
        product = contract.product
        if product.dated_positions:
            rate = product.close_today_fee if which == "today" else product.close_fee
            return fee(rate, contract, price, volume)
        kin = holding.kin or (holding,)  # lots of spreads count as well
        opened_today = sum(row.open_volume for each in kin for row in each.rows.values())
        today = max(0, min(volume, opened_today - sum(each.closed_as_today for each in kin)))
        holding.closed_as_today += today
        return fee(product.close_today_fee, contract, price, today) + fee(
            product.close_fee, contract, price, volume - today
        )

    # ----------------------------------------------------------------------------------------------- settlement

    @property
    def settled_commission(self) -> float:
        return self._rounded_commission

    @property
    def settled_balance(self) -> float:
        """The balance with every trade's commission in whole cents: what the next day begins with."""
        moved = self.deposit - self.withdrawn + self.close_profit + self.position_profit + self.cash_in
        return round(self.pre_balance + moved - self._rounded_commission, 2)

    def reckon_pre_margin(self) -> None:
        """The margin of what was held at the last settlement, once it is known how much that was, and its price."""
        sides: dict[tuple[str, bool], dict[str, float]] = {}
        for holding in self.holdings.values():
            contract, lots = holding.contract, sum(row.yesterday for row in holding.rows.values())
            both = sides.setdefault((contract.product.id, contract.product.larger_side), {})
            margin = contract.settled_lot_margin(is_long=holding.is_long) * lots
            both[holding.direction] = both.get(holding.direction, 0.0) + margin
        self.pre_margin = sum(
            max(both.values()) if larger_side else sum(both.values()) for (_, larger_side), both in sides.items()
        )
        self.pre_margin += sum(spread.pre_margin for spread in self.spreads.values())

    def settle(self) -> None:
        """Ends the day at the contracts' last prices (BEHAVIOUR 5.6).

        The contracts take their settlement prices afterwards, from which the margin of the lots is reckoned then.
        """
        self.pre_balance = self.settled_balance
        self.deposit = self.withdrawn = self.close_profit = self.commission = self._rounded_commission = 0.0
        self.cash_in = self.frozen_margin = self.frozen_commission = self.frozen_cash = 0.0
        self.frozen_lots = 0
        self.spreads = {key: spread for key, spread in self.spreads.items() if spread.volume()}
        for holding in self.holdings.values():
            holding.combine(part for part in holding.combined if part.volume())
        self.holdings = {key: holding for key, holding in self.holdings.items() if holding.is_held}
        for holding in self.holdings.values():
            holding.roll()
        for spread in self.spreads.values():
            spread.roll()

    def forget(self, instrument: str) -> None:
        """A contract has ended: what was held of it is settled already, and its margin is free."""
        for key, spread in list(self.spreads.items()):
            if instrument in (spread.contract.id, *(leg.contract.id for leg in spread.legs)):
                spread.dissolve()
                del self.spreads[key]
        self.holdings = {key: holding for key, holding in self.holdings.items() if key[0] != instrument}

    # ---------------------------------------------------------------------------------------------------- money

    @property
    def position_profit(self) -> float:
        of_spreads = sum(leg.total_profit for spread in self.spreads.values() for leg in spread.legs)
        return sum(holding.total_profit for holding in self.holdings.values()) + of_spreads

    @property
    def margin(self) -> float:
        """CurrMargin: of a product with larger-side margin, only the side that asks for more (BEHAVIOUR 5.3)."""
        sides: dict[str, dict[str, float]] = {}
        for holding in self.holdings.values():
            both = sides.setdefault(holding.contract.product.id, {})
            both[holding.direction] = both.get(holding.direction, 0.0) + holding.total_margin
        netted = {
            holding.contract.product.id: holding.contract.product.larger_side for holding in self.holdings.values()
        }
        of_spreads = sum(spread.margin for spread in self.spreads.values())
        return of_spreads + sum(
            max(both.values()) if netted[product] else sum(both.values()) for product, both in sides.items()
        )

    @property
    def balance(self) -> float:
        return self._balance(self.position_profit)

    @property
    def available(self) -> float:
        profit = self.position_profit
        return self._available(self._balance(profit), profit, self.margin)

    def _balance(self, profit: float) -> float:
        moved = self.deposit - self.withdrawn + self.cash_in
        return self.pre_balance + moved + self.close_profit + profit - self.commission

    def _available(self, balance: float, profit: float, margin: float) -> float:
        """Floating gains do not count: Algorithm 2."""
        frozen = self.frozen_margin + self.frozen_commission + self.frozen_cash
        return balance - margin - frozen - max(profit, 0.0)

    @property
    def withdraw_quota(self) -> float:
        """What may be taken out of the account."""
        return self._quota(self.available)

    def _quota(self, available: float) -> float:
        """Four fifths of what is available but for today's gains, cut to cents."""
        drawable = available - max(self.close_profit, 0.0) - max(self.cash_in, 0.0)
        return int(max(0.0, 0.8 * drawable) * 100 + 1e-6) / 100

    def account_record(self) -> Fields:
        """The row of ReqQryTradingAccount, without the ids (BEHAVIOUR 5.4)."""
        margin, profit = self.margin, self.position_profit
        balance = self._balance(profit)
        available = self._available(balance, profit, margin)
        return {
            "PreBalance": self.pre_balance,
            "PreDeposit": self.pre_balance,
            "PreMargin": self.pre_margin,
            "Deposit": self.deposit,
            "Withdraw": self.withdrawn,
            "CloseProfit": self.close_profit,
            "PositionProfit": profit,
            "Commission": self.commission,
            "CurrMargin": margin,
            "ExchangeMargin": margin,
            "FrozenMargin": self.frozen_margin,
            "FrozenCommission": self.frozen_commission,
            "FrozenCash": self.frozen_cash,
            "CashIn": self.cash_in,
            "OptionValue": sum(holding.market_value for holding in self.holdings.values()),
            "Balance": balance,
            "Available": available,
            "MortgageableFund": available - max(self.close_profit, 0.0),
            "WithdrawQuota": self._quota(available),
            "CurrencyID": "CNY",
            "SettlementID": 1,
        }

    def rows(self) -> Iterator[tuple[Holding, str]]:
        """Every position row: the holding and the date of the row."""
        for holding in self.holdings.values():
            for date in sorted(holding.rows, reverse=True):
                yield holding, date


def fee(rate: Rate, contract: Contract, price: float, volume: int) -> float:
    return volume * (price * contract.multiplier * rate.by_money + rate.by_volume)


def _sum(before: float, change: float, lots: int) -> float:
    """A sum of what is frozen, which is exactly nothing again when nothing is left in it but the noise of fractions."""
    total = before + change
    return total if lots and total > 1e-6 else 0.0
