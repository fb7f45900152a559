"""Exercise and abandonment of options: ReqExecOrderInsert and ReqExecOrderAction.

All options that take declarations this way are American: a buyer may declare an exercise on any day while there is
trading, and on the last one until the settlement; not to exercise, on the last one alone. CTP keeps the lots back, and
for an exercise the money; whether the day is right is for the exchange to say.
"""

from attrs import define

from ctpscen.ctp.codes import (
    ActionType,
    ExecOrderCloseFlag,
    HedgeFlag,
    InstrumentStatus,
    OffsetFlag,
    PosiDirection,
)
from ctpscen.ctp.messages import Fields
from ctpscen.simulator.counter.accounts import Account
from ctpscen.simulator.counter.checks import Refused
from ctpscen.simulator.exercise.declaration import Declaration
from ctpscen.simulator.exercise.declarations import NO_SUCH_FUNCTION, Declarations, Make
from ctpscen.simulator.ledger.holdings import CloseDate
from ctpscen.simulator.ledger.strikes import StrikeFrozen, strike_cost
from ctpscen.simulator.terms.contracts import Contract
from ctpscen.simulator.terms.option_rules import OptionRules

NOT_IN_TIME = "不在宣告期内"

_BAD_TYPE, _OVER_POSITION, _NO_ABANDON = 81, 74, 87
_OFFSETS = (OffsetFlag.CLOSE, OffsetFlag.CLOSE_TODAY, OffsetFlag.CLOSE_YESTERDAY)
_TRADING = (InstrumentStatus.AUCTION_ORDERING, InstrumentStatus.CONTINUOUS)


@define(eq=False, repr=False)
class ExecOrders(Declarations):
    """The exercises and abandonments of the day."""

    kind = "ExecOrder"
    NOT_AN_OPTION, BAD_REFERENCE, BAD_FIELD, NOT_FOUND, FINISHED, TWICE = 69, 67, 71, 73, 73, 72

    def check(self, fields: Fields) -> None:
        if fields.get("ActionType") not in (ActionType.EXEC, ActionType.ABANDON):
            raise Refused(_BAD_TYPE)
        proper = (
            fields.get("Volume", 0) >= 0
            and fields.get("OffsetFlag") in _OFFSETS
            and fields.get("HedgeFlag") in (HedgeFlag.SPECULATION, HedgeFlag.HEDGE)
            and fields.get("PosiDirection") == PosiDirection.LONG
            and fields.get("ReservePositionFlag") in ("0", "1")
            and fields.get("CloseFlag") in (ExecOrderCloseFlag.AUTO_CLOSE, ExecOrderCloseFlag.NOT_TO_CLOSE)
        )
        if not proper:
            raise Refused(self.BAD_FIELD)

    def check_exchange(self, fields: Fields, rules: OptionRules) -> None:
        if not rules.exercise:
            raise Refused(NO_SUCH_FUNCTION)
        if fields["ActionType"] == ActionType.ABANDON and not rules.abandon:
            raise Refused(_NO_ABANDON)
        if not fields.get("Volume") and not rules.by_zero:
            raise Refused(self.BAD_FIELD)
        if fields["CloseFlag"] == ExecOrderCloseFlag.AUTO_CLOSE and not rules.auto_close:
            raise Refused(self.BAD_FIELD)

    def admit(self, account: Account, contract: Contract, fields: Fields, make: Make) -> Declaration:
        volume = fields.get("Volume", 0)
        if not volume:  # neither lots nor money are kept, and asking again brings the same answer
            earlier = (each for each in self.in_force(account, contract.id) if not each.volume)
            return next(earlier, None) or make()
        which = lots_of(contract, fields)
        holding = account.ledger.holdings.get((contract.id, PosiDirection.LONG, fields["HedgeFlag"]))
        if holding is None or holding.closable(which) < volume:
            raise Refused(_OVER_POSITION)
        frozen = StrikeFrozen(holding.row(history=which == "history"), volume, abandons=_abandons(fields))
        if not frozen.abandons:
            frozen.margin, frozen.commission = strike_cost(contract)
            if (frozen.margin + frozen.commission) * volume > account.ledger.available + 1e-6:
                raise Refused(_OVER_POSITION)  # of what is held, so much as can be paid may be exercised
        declared = make()
        declared.holding, declared.frozen, holding.touched = holding, frozen, True
        frozen.shift(account.ledger, 1)
        return declared

    def refusal(self, declared: Declaration) -> str | None:
        contract = declared.contract
        if contract.last_day == self.core.contracts.today():
            return None
        needs_last_day = _abandons(declared.input) or not declared.volume
        exchange = self.core.exchanges[contract.exchange]
        return NOT_IN_TIME if needs_last_day or exchange.status(contract) not in _TRADING else None


def _abandons(fields: Fields) -> bool:
    return bool(fields["ActionType"] == ActionType.ABANDON)


def lots_of(contract: Contract, fields: Fields) -> CloseDate:
    """Which lots an exercise is of: as those of an order that closes."""
    if not contract.rules.closes_by_date:
        return "any"
    return "today" if fields["OffsetFlag"] == OffsetFlag.CLOSE_TODAY else "history"
