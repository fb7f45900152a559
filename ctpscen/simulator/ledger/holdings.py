"""Lots and the position rows that are made of them, kept as CTP keeps them (BEHAVIOUR 5.1, 5.2).

Lots are kept singly, oldest first, because everything follows from them: rows, margins, profits. A row of
ReqQryInvestorPosition is a view of them plus counters that only grow within a day.
"""

from collections import deque
from collections.abc import Iterable
from typing import Literal

from attrs import define, evolve, field

from ctpscen.ctp.codes import PosiDirection, PositionDate
from ctpscen.ctp.messages import Fields
from ctpscen.simulator.terms.contracts import Contract

CloseDate = Literal["today", "history", "any"]

# The fields of a leg's row that count the lots of spreads in.
_ADDED_UP = (
    "YdPosition Position TodayPosition OpenVolume CloseVolume OpenAmount CloseAmount PositionCost OpenCost Commission "
    "CloseProfit CloseProfitByDate CloseProfitByTrade PositionProfit"
).split()


@define
class Lot:
    """Lots of one trade that are still held, and what was closed of them today. Amounts are yuan.

    `history` says that they were held at the last settlement; `combination` is the ComTradeID that they share with
    those of the other leg where a spread was traded, '' elsewhere.
    """

    trade_id: str
    open_date: str
    price: float
    volume: int
    history: bool
    close_volume: int = 0
    close_amount: float = 0.0
    close_profit_by_date: float = 0.0
    close_profit_by_trade: float = 0.0
    combination: str = ""

    def close(self, volume: int, amount: float, by_date: float, by_trade: float) -> None:
        """Takes note of a trade that closes a part of them."""
        self.close_volume += volume
        self.close_amount += amount
        self.close_profit_by_date += by_date
        self.close_profit_by_trade += by_trade

    def roll(self) -> None:
        """A new day: what was closed before is forgotten."""
        self.history, self.close_volume = True, 0
        self.close_amount = self.close_profit_by_date = self.close_profit_by_trade = 0.0


@define(eq=False, repr=False)
class Row:
    """The counters of one position row, cumulative within the day. Amounts are yuan.

    `settlement` is the price that the row shows while it is empty: the last one that it had (BEHAVIOUR 14.4).
    `strike_frozen` and `abandon_frozen` are lots of an option that are declared to be exercised, or not to be.
    """

    settlement: float
    yesterday: int = 0
    open_volume: int = 0
    open_amount: float = 0.0
    close_volume: int = 0
    close_amount: float = 0.0
    close_profit_by_date: float = 0.0
    close_profit_by_trade: float = 0.0
    commission: float = 0.0
    long_frozen: int = 0
    long_frozen_amount: float = 0.0
    short_frozen: int = 0
    short_frozen_amount: float = 0.0
    frozen_margin: float = 0.0
    frozen_commission: float = 0.0
    frozen_cash: float = 0.0
    cash_in: float = 0.0
    strike_frozen: int = 0
    strike_frozen_amount: float = 0.0
    abandon_frozen: int = 0


@define(eq=False, repr=False)
class Tally:
    """Lots, the oldest first, with what they add up to: their number, and their prices in whole ticks."""

    lots: deque[Lot] = field(factory=deque)
    volume: int = 0
    ticks: int = 0

    def add(self, lot: Lot, ticks: int) -> None:
        self.lots.append(lot)
        self.volume += lot.volume
        self.ticks += ticks * lot.volume

    def take(self, volume: int, ticks: int) -> None:
        """Takes so many off the oldest lot, whose price that is."""
        first = self.lots[0]
        first.volume -= volume
        self.volume -= volume
        self.ticks -= ticks * volume
        if not first.volume:
            self.lots.popleft()


@define(eq=False, repr=False)
class Holding:
    """One direction of one contract and hedge flag. `touched` says that an order was booked to it today.

    Lots that belong to a spread are a holding of their own. `combined` are those of the same contract, direction and
    hedge flag, whose rows are part of this one's; `kin` are all of them together, this one too, where there are such.
    """

    contract: Contract
    direction: str
    hedge: str
    history: Tally = field(factory=Tally)
    today: Tally = field(factory=Tally)
    rows: dict[str, Row] = field(factory=dict)
    closed_as_today: int = 0
    touched: bool = False
    combined: "tuple[Holding, ...]" = ()
    kin: "tuple[Holding, ...]" = ()

    @property
    def is_long(self) -> bool:
        return self.direction == PosiDirection.LONG

    @property
    def sign(self) -> int:
        return 1 if self.is_long else -1

    @property
    def is_option(self) -> bool:
        return self.contract.terms is not None

    @property
    def _lot_margin(self) -> float:
        """The margin of one lot of an option."""
        return self.contract.lot_margin(self.contract.last_price, is_long=self.is_long)

    @property
    def market_value(self) -> float:
        """What the options would bring at their last price, below zero where they are owed; 0 for futures."""
        if not self.is_option:
            return 0.0
        return self.contract.last_price * self.volume() * self.contract.multiplier * self.sign

    @property
    def is_held(self) -> bool:
        """Whether there are lots, those of spreads included."""
        return bool(self.volume()) or any(part.volume() for part in self.combined)

    def combine(self, parts: "Iterable[Holding]") -> None:
        """Takes the holdings of its lots that belong to spreads."""
        self.combined = tuple(parts)
        kin = (self, *self.combined) if self.combined else ()
        for each in (self, *self.combined):
            each.kin = kin

    def date_of(self, *, history: bool) -> str:
        """The PositionDate of the row that lots of this date are shown in."""
        return PositionDate.HISTORY if history and self.contract.product.dated_positions else PositionDate.TODAY

    def row(self, *, history: bool) -> Row:
        """The row that lots of this date are shown in."""
        date = self.date_of(history=history)
        found = self.rows.get(date)
        if found is None:
            found = self.rows[date] = Row(self.contract.last_price)
        return found

    @property
    def lots(self) -> list[Lot]:
        """What is held, the oldest first."""
        return [*self.history.lots, *self.today.lots]

    def add(self, lot: Lot) -> None:
        ticks = self.contract.ticks(lot.price)
        assert ticks is not None, "nothing is held at a price that is none"
        (self.history if lot.history else self.today).add(lot, ticks)

    def tallies(self, which: CloseDate) -> tuple[Tally, ...]:
        """What such a close takes lots from, in this order."""
        return {"any": (self.history, self.today), "history": (self.history,), "today": (self.today,)}[which]

    def remove(self, which: CloseDate, volume: int) -> list[Lot]:
        """Takes the oldest lots away, which become something else; gives them, by the trades that opened them."""
        left, removed = volume, []
        for tally in self.tallies(which):
            while left and tally.lots:
                lots, ticks = min(left, tally.lots[0].volume), self.contract.ticks(tally.lots[0].price)
                assert ticks is not None, "nothing is held at a price that is none"
                left -= lots
                removed.append(evolve(tally.lots[0], volume=lots))
                tally.take(lots, ticks)
        assert not left, "more was taken than held"
        return removed

    def roll(self) -> None:
        """A new day: what is held is history, and the counters begin anew."""
        for lot in self.lots:
            lot.roll()
        self.history.lots.extend(self.today.lots)
        self.history.volume += self.today.volume
        self.history.ticks += self.today.ticks
        self.today = Tally()
        self.rows.clear()
        self.row(history=True).yesterday = self.volume()
        self.closed_as_today = 0
        self.touched = False

    def lots_of(self, date: str) -> list[Lot]:
        if not self.contract.product.dated_positions:
            return self.lots
        return list((self.history if date == PositionDate.HISTORY else self.today).lots)

    def volume(self, which: CloseDate = "any") -> int:
        if which == "any":
            return self.history.volume + self.today.volume
        return (self.history if which == "history" else self.today).volume

    def frozen(self, which: CloseDate = "any") -> int:
        """Lots that working orders are about to close, and lots whose exercise or abandonment is declared."""
        total = 0
        for date, row in self.rows.items():
            of_history = date == PositionDate.HISTORY
            if which == "any" or not self.contract.product.dated_positions or of_history == (which == "history"):
                total += row.short_frozen if self.is_long else row.long_frozen
                total += row.strike_frozen + row.abandon_frozen
        return total

    def closable(self, which: CloseDate) -> int:
        return self.volume(which) - self.frozen(which)

    def basis(self, lot: Lot) -> float:
        """The price from which a lot's profit of the day is reckoned."""
        return self.contract.pre_settlement if lot.history else lot.price

    def margin(self, lots: list[Lot]) -> float:
        """History lots at yesterday's settlement price, today's at their own: SimNow's MarginPriceType 4."""
        if self.is_option:
            return self._lot_margin * sum(lot.volume for lot in lots)
        rate, multiplier = self.contract.margin_rate(is_long=self.is_long), self.contract.multiplier
        by_money = sum(self.basis(lot) * lot.volume * multiplier * rate.by_money for lot in lots)
        return by_money + rate.by_volume * sum(lot.volume for lot in lots) if rate.by_volume else by_money

    def profit(self, lots: list[Lot]) -> float:
        """The floating profit of the day at the last price; options have none (BEHAVIOUR 5.4)."""
        if self.is_option:
            return 0.0
        last, multiplier = self.contract.last_price, self.contract.multiplier
        return sum((last - self.basis(lot)) * lot.volume * multiplier * self.sign for lot in lots)

    @property
    def _basis_amount(self) -> float:
        """The prices from which all lots' profit of the day is reckoned, added up."""
        return self.contract.pre_settlement * self.history.volume + self.contract.price(self.today.ticks)

    @property
    def total_margin(self) -> float:
        """`margin` of everything."""
        if self.is_option:
            return self._lot_margin * self.volume()
        rate = self.contract.margin_rate(is_long=self.is_long)
        return self._basis_amount * self.contract.multiplier * rate.by_money + rate.by_volume * self.volume()

    @property
    def total_profit(self) -> float:
        """`profit` of everything."""
        if self.is_option:
            return 0.0
        gained = self.contract.last_price * self.volume() - self._basis_amount
        return gained * self.contract.multiplier * self.sign

    def _rests_since_yesterday(self, row: Row, lots: list[Lot]) -> bool:
        """Whether a row has yesterday's lots alone, and nothing has touched it today (BEHAVIOUR 5.2, 14.4)."""
        return not self.touched and bool(row.yesterday) and all(lot.history for lot in lots)

    def record(self, date: str) -> Fields:
        """The row as ReqQryInvestorPosition shows it, without the ids.

        It counts the lots that belong to spreads as well; their margin is the spreads' own (BEHAVIOUR 14.4).
        """
        found = self._own_record(date)
        for part in self.combined:
            theirs = part._own_record(date)
            found |= {name: found[name] + theirs[name] for name in _ADDED_UP}
            found["CombPosition"] = found.get("CombPosition", 0) + theirs["Position"]
            if theirs["Position"]:
                found["SettlementPrice"] = theirs["SettlementPrice"]
        return found

    def _own_record(self, date: str) -> Fields:
        row, lots, contract = self.row(history=date == PositionDate.HISTORY), self.lots_of(date), self.contract
        multiplier = contract.multiplier
        margin, rate = self.margin(lots), contract.margin_rate(is_long=self.is_long)
        is_untouched = self._rests_since_yesterday(row, lots)
        return {
            "InstrumentID": contract.id,
            "PosiDirection": self.direction,
            "HedgeFlag": self.hedge,
            "PositionDate": date,
            "YdPosition": row.yesterday,
            "Position": sum(lot.volume for lot in lots),
            "TodayPosition": sum(lot.volume for lot in lots if not lot.history),
            "LongFrozen": row.long_frozen,
            "ShortFrozen": row.short_frozen,
            "LongFrozenAmount": row.long_frozen_amount,
            "ShortFrozenAmount": row.short_frozen_amount,
            "OpenVolume": row.open_volume,
            "CloseVolume": row.close_volume,
            "OpenAmount": row.open_amount,
            "CloseAmount": row.close_amount,
            "PositionCost": sum(self.basis(lot) * lot.volume * multiplier for lot in lots),
            "OpenCost": sum(lot.price * lot.volume * multiplier for lot in lots),
            "UseMargin": margin,
            "ExchangeMargin": margin,
            "FrozenMargin": row.frozen_margin,
            "FrozenCommission": row.frozen_commission,
            "FrozenCash": row.frozen_cash,
            "CashIn": row.cash_in,
            "StrikeFrozen": row.strike_frozen,
            "StrikeFrozenAmount": row.strike_frozen_amount,
            "AbandonFrozen": row.abandon_frozen,
            "Commission": row.commission,
            "CloseProfit": row.close_profit_by_date,
            "CloseProfitByDate": row.close_profit_by_date,
            "CloseProfitByTrade": row.close_profit_by_trade,
            "PositionProfit": self.profit(lots),
            "PreSettlementPrice": contract.pre_settlement,
            "SettlementPrice": contract.last_price if lots else row.settlement,
            "MarginRateByMoney": 0.0 if is_untouched else rate.by_money,
            "MarginRateByVolume": 0.0 if is_untouched else rate.by_volume,
            "SettlementID": 1,
            "ExchangeID": contract.exchange,
        }
