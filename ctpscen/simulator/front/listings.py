"""What the venue tells about its exchanges, products and contracts (BEHAVIOUR 6)."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ctpscen.ctp.codes import DBL_MAX
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.terms.instruments import EXCHANGES, name_of
from ctpscen.ctp.terms.products import Product
from ctpscen.simulator.counter.accounts import Account
from ctpscen.simulator.terms import phases
from ctpscen.simulator.terms.contracts import Contract
from ctpscen.simulator.terms.expiry import delivery_month, last_trading_day

_EXCHANGE_NAMES: Mapping[str, str] = {
    "SHFE": "上海期货交易所",
    "INE": "上海国际能源交易中心股份有限公司",
    "DCE": "大连商品交易所",
    "CZCE": "郑州商品交易所",
    "CFFEX": "中国金融期货交易所",
    "GFEX": "广州期货交易所",
}


def matches(row: Fields, wanted: Fields, *names: str) -> bool:
    """Whether a row fits the filters that were given; an empty filter fits everything."""
    return all(not wanted.get(name) or row.get(name) == wanted[name] for name in names)


def instruments(core: Any, _: Account, wanted: Fields) -> Iterator[Fields]:
    for contract in core.contracts.values():
        row = instrument_record(contract, phases.trading_day(core.world.now))
        if matches(row, wanted, "InstrumentID", "ExchangeID", "ExchangeInstID", "ProductID"):
            yield row


def instrument_record(contract: Contract, today: date) -> Fields:
    """The Instrument record of a contract. When it was listed is not told, nor when an option ends."""
    product = contract.product
    return {
        "InstrumentID": contract.id,
        "ExchangeID": contract.exchange,
        "InstrumentName": f"{product.name}{contract.id[len(product.id) :]}" if contract.terms is None else contract.id,
        "ExchangeInstID": contract.id,
        "ProductID": product.id,
        "ProductClass": _class(product),
        **_delivery(contract, today),
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
        "CombinationType": "0",
        **_option(contract),
    }


def _class(product: Product) -> str:
    """ProductClass: a future or an option."""
    return "2" if product.options_on else "1"


def _option(contract: Contract) -> Fields:
    """What an option has and a future has not; prices without a value where it is none."""
    if contract.terms is None or contract.underlying is None:
        return {"StrikePrice": DBL_MAX, "UnderlyingMultiple": DBL_MAX}
    return {
        "StrikePrice": contract.terms.strike,
        "OptionsType": "1" if contract.terms.right == "C" else "2",
        "UnderlyingInstrID": contract.underlying.id,
        "UnderlyingMultiple": 1.0,
    }


def _delivery(contract: Contract, today: date) -> Fields:
    """When a contract is delivered and last traded; nothing where its digits are no month (`rb8888`)."""
    product, name = contract.product, name_of(contract.id)
    year, month = delivery_month(name.month if name else "", today)
    if not 1 <= month <= 12:
        return {}
    if product.options_on:
        return {"DeliveryYear": year, "DeliveryMonth": month}
    last = last_trading_day(product.id, product.exchange, year, month)
    return {"DeliveryYear": year, "DeliveryMonth": month, "ExpireDate": last.strftime("%Y%m%d")}


def exchanges(_: Any, __: Account, wanted: Fields) -> Iterator[Fields]:
    for name in EXCHANGES:
        row = {
            "ExchangeID": name,
            "ExchangeName": _EXCHANGE_NAMES[name],
            "ExchangeProperty": "1" if name == "DCE" else "0",
        }
        if matches(row, wanted, "ExchangeID"):
            yield row


def products(core: Any, _: Account, wanted: Fields) -> Iterator[Fields]:
    for product in dict.fromkeys(contract.product for contract in core.contracts.values()):
        row = {
            "ProductID": product.id,
            "ProductName": product.name,
            "ExchangeID": product.exchange,
            "ProductClass": _class(product),
            "VolumeMultiple": product.multiplier,
            "PriceTick": product.tick,
            "MaxLimitOrderVolume": product.max_limit_volume,
            "MaxMarketOrderVolume": product.max_market_volume,
            "PositionType": "2",
            "PositionDateType": "1" if product.dated_positions else "2",
            "TradeCurrencyID": "CNY",
        }
        if matches(row, wanted, "ProductID", "ExchangeID", "ProductClass"):
            yield row
