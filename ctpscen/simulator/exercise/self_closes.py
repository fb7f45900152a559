"""Self-closes: what of an account's two sides of an option, or of the futures that it becomes, is set off.

Neither lots nor money are looked at before the settlement. There is one declaration for an option, which a later one
changes: its OptionSelfCloseRef and OptionSelfCloseLocalID stay, its OptionSelfCloseSysID is new.
"""

from attrs import define

from ctpscen.ctp.codes import ExecResult, HedgeFlag, OptSelfCloseFlag, OrderSubmitStatus
from ctpscen.ctp.messages import Fields
from ctpscen.simulator.counter.accounts import Account
from ctpscen.simulator.counter.checks import Refused
from ctpscen.simulator.exercise.declaration import Declaration
from ctpscen.simulator.exercise.declarations import NO_SUCH_FUNCTION, Declarations, Make
from ctpscen.simulator.terms.contracts import Contract
from ctpscen.simulator.terms.option_rules import OptionRules

_FLAGS = (
    OptSelfCloseFlag.CLOSE_SELF_OPTION_POSITION,
    OptSelfCloseFlag.RESERVE_OPTION_POSITION,
    OptSelfCloseFlag.SELL_CLOSE_SELF_FUTURE_POSITION,
    OptSelfCloseFlag.RESERVE_FUTURE_POSITION,
)


@define(eq=False, repr=False)
class SelfCloses(Declarations):
    """The self-closes of the day."""

    kind = "OptionSelfClose"
    NOT_AN_OPTION, BAD_REFERENCE, BAD_FIELD, NOT_FOUND, FINISHED, TWICE = 3041, 3042, 3043, 3044, 3045, 3045

    def check(self, fields: Fields) -> None:
        proper = (
            fields.get("OptSelfCloseFlag") in _FLAGS
            and fields.get("HedgeFlag") in (HedgeFlag.SPECULATION, HedgeFlag.HEDGE)
            and fields.get("Volume", 0) >= 0
        )
        if not proper:
            raise Refused(self.BAD_FIELD)

    def check_exchange(self, _: Fields, rules: OptionRules) -> None:
        if not rules.self_close:
            raise Refused(NO_SUCH_FUNCTION)

    def admit(self, account: Account, contract: Contract, fields: Fields, make: Make) -> Declaration:
        for earlier in self.all:
            if earlier.account is account and earlier.contract is contract and _concern(earlier.input, fields):
                earlier.input = fields
                earlier.submitted, earlier.result = OrderSubmitStatus.INSERT_SUBMITTED, ExecResult.NO_EXEC
                earlier.cancelled_at, earlier.cancelled_by = None, ""
                return earlier
        return make()

    def refusal(self, _: Declaration) -> str | None:
        return None


def _concern(one: Fields, other: Fields) -> bool:
    """Whether two are about the same lots: those of a hedge flag, and the option's or the future's."""
    names = ("HedgeFlag", "OptSelfCloseFlag")
    return all(one.get(name) == other.get(name) for name in names)
