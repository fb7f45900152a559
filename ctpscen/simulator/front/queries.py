"""What the query core answers (BEHAVIOUR 6): request name to rows. A request that is not here has no rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ctpscen.ctp.codes import Direction, HedgeFlag, OffsetFlag, PosiDirection, TradeType
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.terms.instruments import EXCHANGES
from ctpscen.ctp.times import clock_text, date_text
from ctpscen.simulator.counter import bank, statement
from ctpscen.simulator.counter.accounts import Account
from ctpscen.simulator.counter.checks import Refused
from ctpscen.simulator.counter.core import closes
from ctpscen.simulator.counter.parked import ACTION, ORDER
from ctpscen.simulator.exchange.orders import BROKER, client_id
from ctpscen.simulator.front import listings, quotes
from ctpscen.simulator.front.listings import matches
from ctpscen.simulator.terms.profiles import SINGLE
from ctpscen.simulator.terms.rules import RULES

if TYPE_CHECKING:
    from ctpscen.simulator.counter.core import Core

_HEDGES = (HedgeFlag.SPECULATION, HedgeFlag.ARBITRAGE, HedgeFlag.HEDGE)

Query = Callable[["Core", Account, Fields], Iterator[Fields]]


def answer(core: Core, account: Account, name: str, fields: Fields) -> Iterator[Fields]:
    """The rows of an answer; none for another broker or investor. Raises Refused."""
    query = _QUERIES.get(name)
    if query is not None and matches(_ids(account), fields, "BrokerID", "InvestorID"):
        yield from query(core, account, fields)


def _ids(account: Account) -> Fields:
    return {"BrokerID": BROKER, "InvestorID": account.id}


def _within(time: str, wanted: Fields, what: str) -> bool:
    """Whether a time lies between those that were asked for; the last one that was asked for is in it."""
    first, last = wanted.get(f"{what}TimeStart"), wanted.get(f"{what}TimeEnd")
    return (not first or first <= time) and (not last or time <= last)


def _orders(_: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    for order in account.orders.values():
        row = order.record()
        if matches(row, wanted, "InstrumentID", "ExchangeID", "OrderSysID") and _within(
            row["InsertTime"], wanted, "Insert"
        ):
            yield row


def _trades(_: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    for trade in reversed(account.trades):  # newest first, as seen on SimNow
        if matches(trade, wanted, "InstrumentID", "ExchangeID", "TradeID") and _within(
            trade["TradeTime"], wanted, "Trade"
        ):
            yield dict(trade)


def _positions(_: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    ledger = account.ledger
    for holding, date in ledger.rows():
        side = "CombShortFrozen" if holding.is_long else "CombLongFrozen"
        frozen = {side: ledger.frozen_in_spreads(holding)} if holding.combined else {}
        row = {**_ids(account), **holding.record(date), **frozen}
        if matches(row, wanted, "InstrumentID"):  # ExchangeID is no filter here
            yield row
    for spread in ledger.spreads.values():
        row = {**_ids(account), **spread.record()}
        if matches(row, wanted, "InstrumentID"):
            yield row


def _position_details(core: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    ledger = account.ledger
    parts = [(holding, "") for holding in ledger.holdings.values()]
    parts += [(leg, spread.contract.id) for spread in ledger.spreads.values() for leg in spread.legs]
    for holding, spread_id in parts:
        contract = holding.contract
        if wanted.get("InstrumentID") and contract.id != wanted["InstrumentID"]:
            continue
        for lot in holding.lots:
            margin, rate = holding.margin([lot]), contract.margin_rate(is_long=holding.is_long)
            combined = {"CombInstrumentID": spread_id} if spread_id else {}
            yield {
                **combined,
                **_ids(account),
                "InstrumentID": contract.id,
                "ExchangeID": contract.exchange,
                "HedgeFlag": holding.hedge,
                "Direction": Direction.BUY if holding.sign > 0 else Direction.SELL,
                "OpenDate": lot.open_date,
                "TradeID": lot.trade_id,
                "Volume": lot.volume,
                "OpenPrice": lot.price,
                "TradingDay": core.trading_day,
                "SettlementID": 1,
                "TradeType": TradeType.COMBINATION_DERIVED if lot.combination else TradeType.COMMON,
                "Margin": margin,
                "ExchMargin": margin,
                "MarginRateByMoney": rate.by_money,
                "MarginRateByVolume": rate.by_volume,
                "LastSettlementPrice": contract.pre_settlement,
                "SettlementPrice": contract.pre_settlement if lot.history else lot.price,
                "CloseVolume": lot.close_volume,
                "CloseAmount": lot.close_amount,
                "CloseProfitByDate": lot.close_profit_by_date,
                "CloseProfitByTrade": lot.close_profit_by_trade,
                "SpecPosiType": "#",
            }


def _spread_details(core: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    """The lots of both legs, which share a ComTradeID; each has its own margin, as if the other were not there."""
    for spread in account.ledger.spreads.values():
        if wanted.get("CombInstrumentID") and spread.contract.id != wanted["CombInstrumentID"]:
            continue
        for leg_id, leg in enumerate(spread.legs, 1):
            rate = leg.contract.margin_rate(is_long=leg.is_long)
            for lot in leg.lots:
                margin = leg.margin([lot])
                yield {
                    **_ids(account),
                    "TradingDay": core.trading_day,
                    "OpenDate": lot.open_date,
                    "ExchangeID": leg.contract.exchange,
                    "SettlementID": 1,
                    "ComTradeID": lot.combination,
                    "TradeID": lot.trade_id,
                    "InstrumentID": leg.contract.id,
                    "HedgeFlag": leg.hedge,
                    "Direction": Direction.BUY if leg.sign > 0 else Direction.SELL,
                    "TotalAmt": lot.volume,
                    "Margin": margin,
                    "ExchMargin": margin,
                    "MarginRateByMoney": rate.by_money,
                    "MarginRateByVolume": rate.by_volume,
                    "LegID": leg_id,
                    "LegMultiple": 1,
                    "CombInstrumentID": spread.contract.id,
                }


def _account(core: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    row = {
        "BrokerID": BROKER,
        "AccountID": account.id,
        "TradingDay": core.trading_day,
        **account.ledger.account_record(),
    }
    if matches(row, wanted, "CurrencyID"):
        yield row


def _margin_rates(core: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    """Of one instrument, or of those that are held."""
    names = [wanted["InstrumentID"]] if wanted.get("InstrumentID") else _held(account)
    for name in names:
        contract = core.contracts.get(name)
        if contract is not None and contract.terms is None:  # options have queries of their own
            long, short = contract.product.long_margin, contract.product.short_margin
            yield {
                **_ids(account),
                "InstrumentID": name,
                "ExchangeID": contract.exchange,
                "InvestorRange": core.manners.profile.rate_range,
                "HedgeFlag": wanted.get("HedgeFlag") or HedgeFlag.SPECULATION,
                "LongMarginRatioByMoney": long.by_money,
                "LongMarginRatioByVolume": long.by_volume,
                "ShortMarginRatioByMoney": short.by_money,
                "ShortMarginRatioByVolume": short.by_volume,
            }


def _commission_rates(core: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    """Of one instrument, or of those that are held; where there is no rate, a row of zeros without a range."""
    names = [wanted["InstrumentID"]] if wanted.get("InstrumentID") else _held(account)
    for name in names:
        contract = core.contracts.get(name)
        if contract is not None and contract.terms is None:
            product = contract.product
            rates = {
                "OpenRatioByMoney": product.open_fee.by_money,
                "OpenRatioByVolume": product.open_fee.by_volume,
                "CloseRatioByMoney": product.close_fee.by_money,
                "CloseRatioByVolume": product.close_fee.by_volume,
                "CloseTodayRatioByMoney": product.close_today_fee.by_money,
                "CloseTodayRatioByVolume": product.close_today_fee.by_volume,
            }
            rate_range = core.manners.profile.rate_range
            investor = account.id if rate_range == SINGLE else "00000000"
            investors = {"InvestorID": investor, "InvestorRange": rate_range} if any(rates.values()) else {}
            yield {"BrokerID": BROKER, "InstrumentID": name, **investors, **rates}


def _order_fees(core: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    """What an order and a cancel cost: nothing."""
    names = [wanted["InstrumentID"]] if wanted.get("InstrumentID") else _held(account)
    for name in names:
        contract = core.contracts.get(name)
        if contract is not None:
            yield {
                "BrokerID": BROKER,
                "InvestorID": "00000000",
                "InvestorRange": "1",
                "InstrumentID": name,
                "ExchangeID": contract.exchange,
                "HedgeFlag": HedgeFlag.SPECULATION,
                "OrderCommByVolume": 0.0,
                "OrderActionCommByVolume": 0.0,
            }


def _option_fees(core: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    """Of one option, or of those that are held; an exercise costs as much as a trade."""
    for contract in _options(core, account, wanted):
        product = contract.product
        yield {
            **_ids(account),
            "InstrumentID": contract.id,
            "ExchangeID": contract.exchange,
            "InvestorRange": "1",
            "OpenRatioByVolume": product.open_fee.by_volume,
            "CloseRatioByVolume": product.close_fee.by_volume,
            "CloseTodayRatioByVolume": product.close_today_fee.by_volume,
            "StrikeRatioByVolume": product.open_fee.by_volume,
        }


def _option_costs(core: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    """What a lot of an option costs: its premium at the price that is asked about, and its seller's margin."""
    for contract in _options(core, account, wanted):
        royalty = (wanted.get("InputPrice") or contract.last_price) * contract.multiplier
        fixed, least = (
            part * contract.multiplier for part in contract.seller_margin(contract.terms, contract.underlying)
        )
        yield {
            **_ids(account),
            "InstrumentID": contract.id,
            "ExchangeID": contract.exchange,
            "HedgeFlag": wanted.get("HedgeFlag") or HedgeFlag.SPECULATION,
            "FixedMargin": fixed,
            "MiniMargin": least,
            "Royalty": royalty,
            "ExchFixedMargin": fixed,
            "ExchMiniMargin": least,
        }


def _options(core: Core, account: Account, wanted: Fields) -> Iterator[Any]:
    """The option that is asked about, or those that are held."""
    for name in [wanted["InstrumentID"]] if wanted.get("InstrumentID") else _held(account):
        contract = core.contracts.get(name)
        if contract is not None and contract.terms is not None:
            yield contract


def _held(account: Account) -> list[str]:
    return list(dict.fromkeys(holding.contract.id for holding in account.ledger.holdings.values() if holding.is_held))


def _investor(_: Core, account: Account, __: Fields) -> Iterator[Fields]:
    yield {**_ids(account), "InvestorName": account.id, "IsActive": 1, "IdentifiedCardType": "1"}


def _trading_codes(_: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    for name in EXCHANGES:
        for hedge in _HEDGES if RULES[name].client_for_each_hedge else _HEDGES[:1]:
            row = {
                **_ids(account),
                "ExchangeID": name,
                "ClientID": client_id(account.id, hedge, RULES[name]),
                "IsActive": 1,
                "ClientIDType": hedge,
            }
            if matches(row, wanted, "ExchangeID", "ClientID", "ClientIDType"):
                yield row


def _confirmation(core: Core, account: Account, _: Fields) -> Iterator[Fields]:
    if account.confirmed:
        yield {
            **_ids(account),
            "ConfirmDate": core.trading_day,
            "ConfirmTime": account.confirmed_at,
            "SettlementID": 1,
            "AccountID": account.id,
            "CurrencyID": "CNY",
        }


def _settlement(_: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    yield from statement.records(account, {**wanted, "BrokerID": BROKER})


def _trading_params(_: Core, account: Account, __: Fields) -> Iterator[Fields]:
    yield {
        **_ids(account),
        "MarginPriceType": "4",
        "Algorithm": "2",
        "AvailIncludeCloseProfit": "0",
        "CurrencyID": "CNY",
        "OptionRoyaltyPriceType": "5",
        "AccountID": account.id,
    }


def _max_order_volume(core: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    """The lots that money (to open) or position (to close) still allows."""
    contract = core.contracts.get(wanted.get("InstrumentID", ""))
    if contract is None:
        raise Refused(16)
    ledger, is_buy = account.ledger, wanted.get("Direction", Direction.BUY) == Direction.BUY
    if (wanted.get("OffsetFlag") or OffsetFlag.OPEN) == OffsetFlag.OPEN:
        one = ledger.open_cost(contract, contract.last_price, is_buy=is_buy).total
        most = int(max(0.0, ledger.available) // one)
    else:
        direction = PosiDirection.SHORT if is_buy else PosiDirection.LONG
        held = ledger.held(contract, direction, wanted.get("HedgeFlag") or HedgeFlag.SPECULATION)
        most = ledger.closable(held, closes(contract, wanted["OffsetFlag"])) if held else 0
    yield {**wanted, **_ids(account), "ExchangeID": contract.exchange, "MaxVolume": most}


def _parked(kind: str) -> Query:
    def rows(core: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
        return (row for row in core.parked.rows(account, kind) if matches(row, wanted, "InstrumentID", "ExchangeID"))

    return rows


def _of_the_day(rows_of: Callable[[Core, Account], Iterator[Fields]], *names: str) -> Query:
    def rows(core: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
        for row in rows_of(core, account):
            if matches(row, wanted, "InstrumentID", "ExchangeID", *names) and _within(
                row["InsertTime"], wanted, "Insert"
            ):
                yield row

    return rows


def _transfers(core: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    return (row for row in core.bank.rows(account) if matches(row, wanted, "AccountID", "BankID", "CurrencyID"))


def _registrations(core: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    row = bank.registration(account, core.trading_day)
    if matches(row, wanted, "AccountID", "BankID", "BankBranchID", "CurrencyID"):
        yield row


def _banks(_: Core, __: Account, wanted: Fields) -> Iterator[Fields]:
    """The banks of the broker: for transfers, and for contracts."""
    for number, name in bank.BANKS.items():
        row = {"BankID": number, "BankBrchID": bank.BRANCH, "BankName": name}
        if matches(row, wanted, "BankID", "BankBrchID"):
            yield row


def _transfer_banks(core: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    return ({**row, "IsActive": 1} for row in _banks(core, account, wanted))


def _contract_banks(core: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    return ({**row, "BrokerID": BROKER} for row in _banks(core, account, wanted))


def _sessions(_: Core, account: Account, wanted: Fields) -> Iterator[Fields]:
    """The account's own sessions."""
    for session in account.sessions:
        row = {
            "FrontID": session.front_id,
            "SessionID": session.session_id,
            "BrokerID": BROKER,
            "UserID": account.id,
            "LoginDate": date_text(session.logged_in_at),
            "LoginTime": clock_text(session.logged_in_at),
            "UserProductInfo": session.product_info,
        }
        if matches(row, wanted, "FrontID", "SessionID", "UserID"):
            yield row


_QUERIES: Mapping[str, Query] = {
    "ReqQryOrder": _orders,
    "ReqQryTrade": _trades,
    "ReqQryInvestorPosition": _positions,
    "ReqQryInvestorPositionDetail": _position_details,
    "ReqQryInvestorPositionCombineDetail": _spread_details,
    "ReqQryTradingAccount": _account,
    "ReqQryInstrument": listings.instruments,
    "ReqQryDepthMarketData": quotes.asked_for,
    "ReqQryInstrumentMarginRate": _margin_rates,
    "ReqQryInstrumentCommissionRate": _commission_rates,
    "ReqQryExchange": listings.exchanges,
    "ReqQryProduct": listings.products,
    "ReqQryInvestor": _investor,
    "ReqQryTradingCode": _trading_codes,
    "ReqQrySettlementInfo": _settlement,
    "ReqQrySettlementInfoConfirm": _confirmation,
    "ReqQryBrokerTradingParams": _trading_params,
    "ReqQryMaxOrderVolume": _max_order_volume,
    "ReqQryParkedOrder": _parked(ORDER),
    "ReqQryParkedOrderAction": _parked(ACTION),
    "ReqQryExecOrder": _of_the_day(lambda core, account: core.exec_orders.rows(account), "ExecOrderSysID"),
    "ReqQryForQuote": _of_the_day(lambda core, account: core.inquiries.rows(account)),
    "ReqQryOptionSelfClose": _of_the_day(lambda core, account: core.self_closes.rows(account), "OptionSelfCloseSysID"),
    "ReqQryTransferSerial": _transfers,
    "ReqQryAccountregister": _registrations,
    "ReqQryTransferBank": _transfer_banks,
    "ReqQryContractBank": _contract_banks,
    "ReqQryUserSession": _sessions,
    "ReqQryInstrumentOrderCommRate": _order_fees,
    "ReqQryOptionInstrCommRate": _option_fees,
    "ReqQryOptionInstrTradeCost": _option_costs,
    "ReqQryClassifiedInstrument": listings.instruments,
}

WITH_ROWS: frozenset[str] = frozenset(_QUERIES)
"""The queries that may have rows."""
