"""What the core checks of an order before it looks at positions and money, in CTP's order (BEHAVIOUR 3.2).

Each check raises Refused with CTP's code: session, fields, instrument, investor.
"""

from collections.abc import Container, Mapping

from ctpscen.ctp.codes import (
    CONDITIONS,
    STOPS,
    ContingentCondition,
    Direction,
    HedgeFlag,
    OffsetFlag,
    OrderPriceType,
    TimeCondition,
    VolumeCondition,
)
from ctpscen.ctp.errors import rsp_info
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.terms.instruments import EXCHANGES, spread_of
from ctpscen.simulator.counter.accounts import Account
from ctpscen.simulator.exchange.orders import BROKER
from ctpscen.simulator.terms.contracts import Contract

_OFFSETS = frozenset(
    (
        OffsetFlag.OPEN,
        OffsetFlag.CLOSE,
        OffsetFlag.FORCE_CLOSE,
        OffsetFlag.CLOSE_TODAY,
        OffsetFlag.CLOSE_YESTERDAY,
    )
)
_HEDGES = frozenset((HedgeFlag.SPECULATION, HedgeFlag.ARBITRAGE, HedgeFlag.HEDGE))
_DIRECTIONS = frozenset((Direction.BUY, Direction.SELL))
_TIMES = frozenset((TimeCondition.IOC, TimeCondition.GFS, TimeCondition.GFD))
_VOLUMES = frozenset((VolumeCondition.AV, VolumeCondition.MV, VolumeCondition.CV))


class Refused(Exception):
    """The core refuses; `code` is CTP's, the message its own text unless another is given."""

    def __init__(self, code: int, message: str | None = None) -> None:
        super().__init__(code)
        self.info = rsp_info(code, message)


def check_session(account: Account, fields: Fields) -> None:
    """The ids are those of the login."""
    if fields.get("BrokerID") != BROKER or fields.get("UserID", account.id) not in ("", account.id):
        raise Refused(2)


def check_fields(contracts: Mapping[str, Contract], fields: Fields) -> Contract:
    """Every field is one that CTP knows, and they fit each other; gives the contract."""
    proper = (
        fields.get("Direction") in _DIRECTIONS
        and fields.get("CombOffsetFlag", "")[:1] in _OFFSETS
        and fields.get("CombHedgeFlag", "")[:1] in _HEDGES
        and fields.get("TimeCondition") in _TIMES
        and fields.get("VolumeCondition") in _VOLUMES
        and fields.get("VolumeTotalOriginal", 0) > 0
    )
    if not proper:
        raise Refused(15)
    price, is_spread = fields.get("LimitPrice", 0.0), spread_of(fields.get("InstrumentID", "")) is not None
    if not (-1e9 if is_spread else 0) <= price < 1e9:
        raise Refused(95)
    contract = check_contract(contracts, fields)
    if fields.get("IsSwapOrder"):
        raise Refused(65)
    _check_kind(contract, fields)
    return contract


def check_contract(contracts: Mapping[str, Contract], fields: Fields, *, needs_exchange: bool = True) -> Contract:
    """The instrument is there, and of the exchange that is named; some requests need name none."""
    exchange = fields.get("ExchangeID", "")
    if exchange and exchange not in EXCHANGES:
        raise Refused(148)
    contract = contracts.get(fields.get("InstrumentID", ""))
    if contract is None:
        raise Refused(16)  # whether an exchange is named or not: BEHAVIOUR 14.1
    if not exchange and needs_exchange:
        raise Refused(147)
    if exchange and contract.exchange != exchange:
        raise Refused(150)
    return contract


def _check_kind(contract: Contract, fields: Fields) -> None:
    """Price types that CTP knows the exchange to lack; the others it leaves to the exchange."""
    rules, kind = contract.rules, fields.get("OrderPriceType")
    supported = {
        OrderPriceType.ANY_PRICE: True,
        OrderPriceType.LIMIT_PRICE: True,
        OrderPriceType.BEST_PRICE: rules.best_price,
        OrderPriceType.FIVE_LEVEL_PRICE: rules.five_levels,
    }
    if not supported.get(str(kind), False):
        raise Refused(80)
    if fields["CombHedgeFlag"][:1] == HedgeFlag.ARBITRAGE and contract.exchange != "CFFEX":
        raise Refused(61)
    condition = fields.get("ContingentCondition", ContingentCondition.IMMEDIATELY)
    if condition != ContingentCondition.IMMEDIATELY and condition not in CONDITIONS and condition not in STOPS:
        raise Refused(62)


def check_investor(accounts: Container[str], account: Account, fields: Fields) -> None:
    """The investor is there, and the user's own."""
    if fields.get("InvestorID") != account.id:
        raise Refused(9 if fields.get("InvestorID") in accounts else 13)
