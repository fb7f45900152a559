"""The newest quote of a contract, as the market front pushes it and as the trader's query tells it (BEHAVIOUR 8, 14.2).

A field without a value is DBL_MAX: the range of a day without trades, the closing price before the close, the sides
of an empty book, the last price of an option that has not traded. The time is that of the last tick, which outside
trading is long over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctpscen.ctp.codes import DBL_MAX, InstrumentStatus
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import MILLISECOND, SECOND, clock_text, date_text
from ctpscen.simulator.counter.accounts import Account
from ctpscen.simulator.exchange.day import Day
from ctpscen.simulator.exchange.matching import Exchange
from ctpscen.simulator.terms import phases
from ctpscen.simulator.terms.contracts import Contract

if TYPE_CHECKING:
    from ctpscen.simulator.counter.core import Core

HALF_SECOND = 500 * MILLISECOND

_NOT_OF_SPREADS = ("LastPrice", "PreSettlementPrice", "PreClosePrice", "ClosePrice", "SettlementPrice")


def asked_for(core: Core, _: Account, wanted: Fields) -> Iterator[Fields]:
    """The rows of ReqQryDepthMarketData. An average without trades is 0 here: so it was seen."""
    for contract in core.contracts.values():
        if contract.id.startswith(wanted.get("InstrumentID", "")):  # a prefix will do
            exchange = core.exchanges[contract.exchange]
            time = last_tick(exchange, contract)
            quote = _quote(core, exchange, contract, time)
            if not exchange.day(contract).volume:
                quote["AveragePrice"] = 0.0
            if contract.rules.quoted_milliseconds == "none":
                quote["UpdateMillisec"] = 500
            yield {**quote, "ExchangeID": contract.exchange, "ExchangeInstID": contract.id}


def pushed(core: Core, contract: Contract) -> Fields:
    """OnRtnDepthMarketData. In production an exchange has its own way with days (BEHAVIOUR 8, 14.2)."""
    exchange: Exchange = core.exchanges[contract.exchange]
    time, rules = last_tick(exchange, contract), contract.rules
    quote = _quote(core, exchange, contract, time)
    if exchange.profile.dates_by_exchange:
        days = {"trading": core.trading_day, "calendar": quote["ActionDay"]}
        quote["TradingDay"], quote["ActionDay"] = (days[day] for day in rules.quoted_days.split(", "))
    if rules.quoted_milliseconds == "none":
        quote["UpdateMillisec"] = 0
    elif rules.quoted_milliseconds == "real":
        quote["UpdateMillisec"] = time % SECOND // MILLISECOND
    return quote


def last_tick(exchange: Exchange, contract: Contract) -> int:
    """When the quote was last sent: while others trade, within the last half second; else when trading ended."""
    day, now = exchange.day(contract), exchange.world.now
    if exchange.status(contract) == InstrumentStatus.CONTINUOUS:
        return max(day.ticked, now - now % HALF_SECOND)
    ended = max(exchange.trading_ended.get(contract.product.id, 0), phases.trading_ended(contract.product, now))
    return max(day.ticked, ended)


def _quote(core: Core, exchange: Exchange, contract: Contract, time: int) -> Fields:
    fields = _whole_quote(core, exchange, contract, time)
    if contract.legs is not None:  # of a spread there are only sides and limits
        fields |= dict.fromkeys(_NOT_OF_SPREADS, DBL_MAX)
    return fields


def _whole_quote(core: Core, exchange: Exchange, contract: Contract, time: int) -> Fields:
    book, day = exchange.book(contract), exchange.day(contract)
    bid, ask = book.best(bid=True), book.best(bid=False)
    ended = contract.last_price if day.is_over else DBL_MAX
    fields: Fields = {
        "TradingDay": core.trading_day,
        "InstrumentID": contract.id,
        "LastPrice": DBL_MAX if contract.last is None and contract.terms is not None else contract.last_price,
        "PreSettlementPrice": contract.pre_settlement,
        "PreClosePrice": contract.price(day.pre_close),
        "PreOpenInterest": float(day.pre_open_interest),
        "OpenPrice": _price(contract, day.first),
        "HighestPrice": _price(contract, day.highest),
        "LowestPrice": _price(contract, day.lowest),
        "ClosePrice": ended,
        "SettlementPrice": ended,
        "UpperLimitPrice": contract.upper_price,
        "LowerLimitPrice": contract.lower_price,
        "CurrDelta": DBL_MAX,
        "Volume": day.volume,
        "Turnover": day.turnover,
        "OpenInterest": float(day.open_interest),
        "AveragePrice": _average(contract, day),
        "BidPrice1": _price(contract, bid and bid[0]),
        "BidVolume1": bid[1] if bid else 0,
        "AskPrice1": _price(contract, ask and ask[0]),
        "AskVolume1": ask[1] if ask else 0,
        "ActionDay": date_text(time),
        "UpdateTime": clock_text(time),
        "UpdateMillisec": time % SECOND // HALF_SECOND * 500,
    }
    for level in range(2, 6):
        fields[f"BidPrice{level}"] = fields[f"AskPrice{level}"] = DBL_MAX
    return fields


def _price(contract: Contract, ticks: int | None) -> float:
    return DBL_MAX if ticks is None else contract.price(ticks)


def _average(contract: Contract, day: Day) -> float:
    if not day.volume:
        return DBL_MAX
    average = day.turnover / day.volume
    return average / contract.multiplier if contract.rules.quoted_average == "price" else average
