"""What the query core answers (BEHAVIOUR 6): request name to rows. A request that is not here has no rows."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ctpscen.ctp.instruments import EXCHANGES
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import clock_text, date_text
from ctpscen.simulator import statement
from ctpscen.simulator.accounts import Account
from ctpscen.simulator.contracts import Contract
from ctpscen.simulator.orders import BROKER

NO_VALUE = 1.7976931348623157e308
"""What CTP puts where a price has no value: DBL_MAX."""

_EXCHANGE_NAMES: Mapping[str, str] = {
    "SHFE": "上海期货交易所",
    "INE": "上海国际能源交易中心股份有限公司",
    "DCE": "大连商品交易所",
    "CZCE": "郑州商品交易所",
    "CFFEX": "中国金融期货交易所",
    "GFEX": "广州期货交易所",
}

Query = Callable[[Any, Account, Fields], Iterator[Fields]]


def answer(core: Any, account: Account, name: str, fields: Fields) -> Iterator[Fields]:
    """The rows of an answer, each with the ids that every row has."""
    query = _QUERIES.get(name)
    if query is not None:
        yield from query(core, account, fields)


def _matches(row: Fields, wanted: Fields, *names: str) -> bool:
    """Whether a row fits the filters that were given; an empty filter fits everything."""
    return all(not wanted.get(name) or row.get(name) == wanted[name] for name in names)


def _ids(account: Account) -> Fields:
    return {"BrokerID": BROKER, "InvestorID": account.id}


def _orders(_: Any, account: Account, wanted: Fields) -> Iterator[Fields]:
    for order in account.orders.values():
        row = order.record()
        if _matches(row, wanted, "InstrumentID", "ExchangeID", "OrderSysID"):
            yield row


def _trades(_: Any, account: Account, wanted: Fields) -> Iterator[Fields]:
    for trade in reversed(account.trades):  # newest first, as seen on SimNow
        if _matches(trade, wanted, "InstrumentID", "ExchangeID", "TradeID"):
            yield dict(trade)


def _positions(_: Any, account: Account, wanted: Fields) -> Iterator[Fields]:
    for holding, date in account.ledger.rows():
        row = {**_ids(account), **holding.record(date)}
        if _matches(row, wanted, "InstrumentID"):  # ExchangeID is no filter here
            yield row


def _position_details(core: Any, account: Account, wanted: Fields) -> Iterator[Fields]:
    for holding in account.ledger.holdings.values():
        contract = holding.contract
        if wanted.get("InstrumentID") and contract.id != wanted["InstrumentID"]:
            continue
        for lot in holding.lots:
            margin = holding.margin([lot])
            yield {
                **_ids(account),
                "InstrumentID": contract.id,
                "ExchangeID": contract.exchange,
                "HedgeFlag": holding.hedge,
                "Direction": "0" if holding.sign > 0 else "1",
                "OpenDate": lot.open_date,
                "TradeID": lot.trade_id,
                "Volume": lot.volume,
                "OpenPrice": lot.price,
                "TradingDay": core.trading_day,
                "SettlementID": 1,
                "TradeType": "0",
                "Margin": margin,
                "ExchMargin": margin,
                "MarginRateByMoney": contract.product.margin_ratio,
                "LastSettlementPrice": contract.pre_settlement,
                "SettlementPrice": contract.pre_settlement if lot.history else lot.price,
                "SpecPosiType": "#",
            }


def _account(core: Any, account: Account, _: Fields) -> Iterator[Fields]:
    yield {
        "BrokerID": BROKER,
        "AccountID": account.id,
        "TradingDay": core.trading_day,
        **account.ledger.account_record(),
    }


def _instruments(core: Any, _: Account, wanted: Fields) -> Iterator[Fields]:
    for contract in core.contracts.values():
        row = instrument_record(contract)
        if _matches(row, wanted, "InstrumentID", "ExchangeID", "ExchangeInstID", "ProductID"):
            yield row


def instrument_record(contract: Contract) -> Fields:
    """The Instrument record of a futures contract."""
    product = contract.product
    return {
        "InstrumentID": contract.id,
        "ExchangeID": contract.exchange,
        "InstrumentName": f"{product.name}{contract.id[len(product.id) :]}",
        "ExchangeInstID": contract.id,
        "ProductID": product.id,
        "ProductClass": "1",
        "MaxMarketOrderVolume": product.max_market_volume,
        "MinMarketOrderVolume": 1 if product.max_market_volume else 0,
        "MaxLimitOrderVolume": product.max_limit_volume,
        "MinLimitOrderVolume": 1,
        "VolumeMultiple": product.multiplier,
        "PriceTick": product.tick,
        "InstLifePhase": "1",
        "IsTrading": 1,
        "PositionType": "2",
        "PositionDateType": "1" if product.dated_positions else "2",
        "LongMarginRatio": product.margin_ratio,
        "ShortMarginRatio": product.margin_ratio,
        "MaxMarginSideAlgorithm": "1" if product.larger_side else "0",
        "StrikePrice": NO_VALUE,
        "UnderlyingMultiple": NO_VALUE,
        "CombinationType": "0",
    }


def _depth(core: Any, _: Account, wanted: Fields) -> Iterator[Fields]:
    for contract in core.contracts.values():
        if contract.id.startswith(wanted.get("InstrumentID", "")):  # a prefix will do
            quote = depth_record(core, contract)
            yield {**quote, "ExchangeID": contract.exchange, "ExchangeInstID": contract.id}


def depth_record(core: Any, contract: Contract) -> Fields:
    """The newest quote of a contract, as the market front pushes it (BEHAVIOUR 8)."""
    exchange = core.exchanges[contract.exchange]
    book = exchange.book(contract)
    bid, ask = book.best(bid=True), book.best(bid=False)
    now, volume = core.world.now, exchange.traded_volume.get(contract.id, 0)
    turnover = exchange.turnover.get(contract.id, 0.0)
    fields: Fields = {
        "TradingDay": core.trading_day,
        "InstrumentID": contract.id,
        "LastPrice": contract.last_price,
        "PreSettlementPrice": contract.pre_settlement,
        "PreClosePrice": contract.pre_settlement,
        "OpenPrice": NO_VALUE,
        "HighestPrice": NO_VALUE,
        "LowestPrice": NO_VALUE,
        "ClosePrice": NO_VALUE,
        "SettlementPrice": NO_VALUE,
        "UpperLimitPrice": contract.upper_price,
        "LowerLimitPrice": contract.lower_price,
        "Volume": volume,
        "Turnover": turnover,
        "AveragePrice": turnover / volume if volume else 0.0,
        "BidPrice1": NO_VALUE if bid is None else contract.price(bid[0]),
        "BidVolume1": 0 if bid is None else bid[1],
        "AskPrice1": NO_VALUE if ask is None else contract.price(ask[0]),
        "AskVolume1": 0 if ask is None else ask[1],
        "ActionDay": date_text(now),
        "UpdateTime": clock_text(now),
        "UpdateMillisec": now // 1000 % 1000 // 500 * 500,
    }
    for level in range(2, 6):
        fields[f"BidPrice{level}"] = fields[f"AskPrice{level}"] = NO_VALUE
    return fields


def _margin_rates(core: Any, account: Account, wanted: Fields) -> Iterator[Fields]:
    """Of one instrument, or of those that are held."""
    names = [wanted["InstrumentID"]] if wanted.get("InstrumentID") else _held(account)
    for name in names:
        contract = core.contracts.get(name)
        if contract is not None:
            ratio = contract.product.margin_ratio
            yield {
                **_ids(account),
                "InstrumentID": name,
                "ExchangeID": contract.exchange,
                "InvestorRange": "1",
                "HedgeFlag": wanted.get("HedgeFlag") or "1",
                "LongMarginRatioByMoney": ratio,
                "ShortMarginRatioByMoney": ratio,
            }


def _commission_rates(core: Any, account: Account, wanted: Fields) -> Iterator[Fields]:
    names = [wanted["InstrumentID"]] if wanted.get("InstrumentID") else _held(account)
    for name in names:
        contract = core.contracts.get(name)
        if contract is not None:
            product = contract.product
            yield {
                "BrokerID": BROKER,
                "InvestorID": "00000000",
                "InstrumentID": name,
                "InvestorRange": "1",
                "OpenRatioByMoney": product.open_fee.by_money,
                "OpenRatioByVolume": product.open_fee.by_volume,
                "CloseRatioByMoney": product.close_fee.by_money,
                "CloseRatioByVolume": product.close_fee.by_volume,
                "CloseTodayRatioByMoney": product.close_today_fee.by_money,
                "CloseTodayRatioByVolume": product.close_today_fee.by_volume,
            }


def _held(account: Account) -> list[str]:
    return list(dict.fromkeys(holding.contract.id for holding in account.ledger.holdings.values() if holding.lots))


def _exchanges(_: Any, __: Account, wanted: Fields) -> Iterator[Fields]:
    for name in EXCHANGES:
        row = {
            "ExchangeID": name,
            "ExchangeName": _EXCHANGE_NAMES[name],
            "ExchangeProperty": "1" if name == "DCE" else "0",
        }
        if _matches(row, wanted, "ExchangeID"):
            yield row


def _products(core: Any, _: Account, wanted: Fields) -> Iterator[Fields]:
    for product in dict.fromkeys(contract.product for contract in core.contracts.values()):
        row = {
            "ProductID": product.id,
            "ProductName": product.name,
            "ExchangeID": product.exchange,
            "ProductClass": "1",
            "VolumeMultiple": product.multiplier,
            "PriceTick": product.tick,
            "MaxLimitOrderVolume": product.max_limit_volume,
            "MaxMarketOrderVolume": product.max_market_volume,
            "PositionType": "2",
            "PositionDateType": "1" if product.dated_positions else "2",
            "TradeCurrencyID": "CNY",
        }
        if _matches(row, wanted, "ProductID", "ExchangeID"):
            yield row


def _investor(_: Any, account: Account, __: Fields) -> Iterator[Fields]:
    yield {**_ids(account), "InvestorName": account.id, "IsActive": 1, "IdentifiedCardType": "1"}


def _trading_codes(_: Any, account: Account, wanted: Fields) -> Iterator[Fields]:
    for name in EXCHANGES:
        row = {
            **_ids(account),
            "ExchangeID": name,
            "ClientID": f"{BROKER}{account.id}"[:10],
            "IsActive": 1,
            "ClientIDType": "1",
        }
        if _matches(row, wanted, "ExchangeID"):
            yield row


def _confirmation(core: Any, account: Account, _: Fields) -> Iterator[Fields]:
    if account.confirmed:
        yield {**_ids(account), "ConfirmDate": core.trading_day, "SettlementID": 1, "CurrencyID": "CNY"}


def _settlement(_: Any, account: Account, wanted: Fields) -> Iterator[Fields]:
    yield from statement.records(account, {**wanted, "BrokerID": BROKER})


def _trading_params(_: Any, account: Account, __: Fields) -> Iterator[Fields]:
    yield {
        **_ids(account),
        "MarginPriceType": "4",
        "Algorithm": "2",
        "AvailIncludeCloseProfit": "0",
        "CurrencyID": "CNY",
        "OptionRoyaltyPriceType": "5",
        "AccountID": account.id,
    }


def _max_order_volume(core: Any, account: Account, wanted: Fields) -> Iterator[Fields]:
    """The lots that money (to open) or position (to close) still allows."""
    contract = core.contracts.get(wanted.get("InstrumentID", ""))
    if contract is None:
        return
    ledger, is_buy = account.ledger, wanted.get("Direction", "0") == "0"
    if (wanted.get("OffsetFlag") or "0") == "0":
        one = sum(ledger.open_cost(contract, contract.last_price))
        most = int(max(0.0, ledger.available) // one)
    else:
        held = ledger.holdings.get((contract.id, "3" if is_buy else "2", wanted.get("HedgeFlag") or "1"))
        most = held.closable("any") if held else 0
    yield {**wanted, **_ids(account), "ExchangeID": contract.exchange, "MaxVolume": most}


_QUERIES: Mapping[str, Query] = {
    "ReqQryOrder": _orders,
    "ReqQryTrade": _trades,
    "ReqQryInvestorPosition": _positions,
    "ReqQryInvestorPositionDetail": _position_details,
    "ReqQryTradingAccount": _account,
    "ReqQryInstrument": _instruments,
    "ReqQryDepthMarketData": _depth,
    "ReqQryInstrumentMarginRate": _margin_rates,
    "ReqQryInstrumentCommissionRate": _commission_rates,
    "ReqQryExchange": _exchanges,
    "ReqQryProduct": _products,
    "ReqQryInvestor": _investor,
    "ReqQryTradingCode": _trading_codes,
    "ReqQrySettlementInfo": _settlement,
    "ReqQrySettlementInfoConfirm": _confirmation,
    "ReqQryBrokerTradingParams": _trading_params,
    "ReqQryMaxOrderVolume": _max_order_volume,
}
