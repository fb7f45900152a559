"""What the venue tells about its exchanges, products and contracts (BEHAVIOUR 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from ctpscen.ctp.codes import DBL_MAX
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.terms import listing
from ctpscen.ctp.terms.expiry import delivery_month
from ctpscen.ctp.terms.instruments import EXCHANGES, Name, name_of
from ctpscen.ctp.terms.products import Product
from ctpscen.ctp.times import date_text, day_start
from ctpscen.simulator.counter.accounts import Account
from ctpscen.simulator.terms.listed import Contracts

if TYPE_CHECKING:
    from ctpscen.simulator.counter.core import Core

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
    for name in names:  # a generator would take twice as long
        value = wanted.get(name)
        if value and row.get(name) != value:
            return False
    return True


def instruments(core: Core, _: Account, wanted: Fields) -> Iterator[Fields]:
    contracts: Contracts = core.contracts
    today, asked_for = contracts.today(), wanted.get("InstrumentID") or wanted.get("ExchangeInstID")
    alike: dict[str, Fields] = {}  # the record of one option of each month and right: the others have other strikes
    for name in contracts.names() if not asked_for else [asked_for] if asked_for in contracts else []:
        ids = {"InstrumentID": name, "ExchangeInstID": name}
        made, chain = contracts.find(name), _chain_of(name)
        if made is None and chain in alike and name not in contracts.terms.by_name:
            row = {**alike[chain], **ids, "InstrumentName": name, "StrikePrice": float(name[len(chain) :])}
        else:
            product = contracts.product_of(name) if made is None else made.product
            assert product is not None, "what is listed has a product"
            last_day = listing.last_day(name, today) if made is None else made.last_day
            more = {"ExchangeID": product.exchange, "ProductID": product.id}
            row = {**ids, **more, **instrument_terms(name, product, last_day, today)}
            if made is None and chain and name not in contracts.terms.by_name:
                alike[chain] = row
        if matches(row, wanted, "InstrumentID", "ExchangeInstID", "ExchangeID", "ProductID"):
            yield row


def _chain_of(name: str) -> str:
    """What options of one month and right have in common: `m2705-C-` of `m2705-C-3000`; '' for what is no option."""
    chain = name.rstrip("0123456789")
    is_option = chain[-1:] in ("C", "P", "-") and not chain.isalpha() and "&" not in chain
    return chain if is_option else ""


def instrument_terms(instrument: str, product: Product, last_day: date | None, today: date) -> Fields:
    """The Instrument record of a contract without its ids. When it was listed is not told."""
    name = name_of(instrument)
    is_future = not (product.options_on or product.legs)
    return {
        "InstrumentName": instrument if not is_future else f"{product.name}{instrument[len(product.id) :]}",
        "ProductClass": _class(product),
        **_delivery(name, last_day, today),
        "MaxMarketOrderVolume": product.max_market_volume,
        "MinMarketOrderVolume": 1 if product.max_market_volume else 0,
        "MaxLimitOrderVolume": product.max_limit_volume,
        "MinLimitOrderVolume": product.least_opening_volume,
        "VolumeMultiple": product.multiplier,
        "PriceTick": product.tick,
        "InstLifePhase": "1",
        "IsTrading": 1,
        "PositionType": "2",
        "PositionDateType": "1" if product.dated_positions else "2",
        "LongMarginRatio": product.long_margin.by_money,
        "ShortMarginRatio": product.short_margin.by_money,
        "MaxMarginSideAlgorithm": "1" if product.larger_side else "0",
        "CombinationType": "0",
        **_option(name),
    }


def _class(product: Product) -> str:
    """ProductClass: a future, an option, or a spread."""
    return "3" if product.legs else "2" if product.options_on else "1"


def _option(name: Name | None) -> Fields:
    """What an option has and a future has not; prices without a value where it is none."""
    if name is None or not name.right:
        return {"StrikePrice": DBL_MAX, "UnderlyingMultiple": DBL_MAX}
    return {
        "StrikePrice": float(name.strike),
        "OptionsType": "1" if name.right == "C" else "2",
        "UnderlyingInstrID": name.underlying,
        "UnderlyingMultiple": 1.0,
    }


def _delivery(name: Name | None, last_day: date | None, today: date) -> Fields:
    """When a contract is delivered and last traded; nothing where its digits are no month (`rb8888`).

    Nor is anything told of a spread: its ExpireDate is empty (vnpy#1498).
    """
    if name is None:
        return {}
    year, month = delivery_month(name.month, today)
    if not 1 <= month <= 12:
        return {}
    expires = {} if last_day is None else {"ExpireDate": date_text(day_start(last_day))}
    return {"DeliveryYear": year, "DeliveryMonth": month, **expires}


def exchanges(_: Core, __: Account, wanted: Fields) -> Iterator[Fields]:
    for name in EXCHANGES:
        row = {
            "ExchangeID": name,
            "ExchangeName": _EXCHANGE_NAMES[name],
            "ExchangeProperty": "1" if name == "DCE" else "0",
        }
        if matches(row, wanted, "ExchangeID"):
            yield row


def products(core: Core, _: Account, wanted: Fields) -> Iterator[Fields]:
    contracts: Contracts = core.contracts
    found = {contract.product.id: contract.product for contract in contracts.values()}
    if contracts.everything:
        found |= {product.id: product for product in contracts.products()}
    for product in found.values():
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
