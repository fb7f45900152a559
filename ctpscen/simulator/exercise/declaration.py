"""What an account declares about an option, and the record of it: it is submitted, accepted or rejected, cancelled.

An exercise (ExecOrder) and a self-close (OptionSelfClose) have the same life and records with the same fields but for
the names that carry their own: `ExecOrderRef`, `OptionSelfCloseRef`. Which callback follows which is not documented
beyond this: a refusal of CTP's comes as the answer and as OnErrRtn…, and everything else as OnRtn…. So one is pushed
when CTP has taken a declaration, one when the exchange has taken or rejected it, and one when it is cancelled.
"""

from attrs import define, field

from ctpscen.ctp.codes import ExecResult, HedgeFlag, OrderSubmitStatus
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import clock_text, date_text
from ctpscen.simulator.counter.accounts import Account
from ctpscen.simulator.exchange.orders import BROKER, TRADER, Key, client_id
from ctpscen.simulator.ledger.holdings import Holding
from ctpscen.simulator.ledger.strikes import StrikeFrozen
from ctpscen.simulator.terms.contracts import Contract

_MESSAGES = {
    OrderSubmitStatus.INSERT_SUBMITTED: "报单已提交",
    OrderSubmitStatus.ACCEPTED: "",
    OrderSubmitStatus.INSERT_REJECTED: "报单被拒绝",
}


@define(eq=False, repr=False)
class Declaration:
    """One declaration. `kind` is `ExecOrder` or `OptionSelfClose`.

    `holding` is what an exercise is of, and `frozen` what it keeps of it; both are None of a self-close, for which
    nothing is checked and nothing kept before the settlement.
    """

    kind: str
    input: Fields
    key: Key
    account: Account
    contract: Contract
    local_id: str
    broker_sequence: int
    inserted: int
    trading_day: str
    product_info: str = ""
    holding: Holding | None = None
    frozen: StrikeFrozen | None = None
    submitted: str = OrderSubmitStatus.INSERT_SUBMITTED
    result: str = ExecResult.NO_EXEC
    sys_id: str = ""
    sequence: int = 0
    notify: int = 0
    refused: str = ""
    cancelled_at: int | None = None
    cancelled_by: str = ""
    cancel_pending: bool = False
    constant: Fields = field(init=False)

    def __attrs_post_init__(self) -> None:
        front, session, reference = self.key
        hedge = self.input.get("HedgeFlag") or HedgeFlag.SPECULATION
        self.constant = {
            "UserID": self.account.id,
            f"{self.kind}Ref": reference,
            f"{self.kind}LocalID": self.local_id,
            f"Broker{self.kind}Seq": self.broker_sequence,
            "FrontID": front,
            "SessionID": session,
            "ExchangeID": self.contract.exchange,
            "ExchangeInstID": self.contract.id,
            "ParticipantID": BROKER,
            "ClientID": client_id(self.account.id, hedge, self.contract.rules),
            "TraderID": TRADER,
            "InstallID": 1,
            "TradingDay": self.trading_day,
            "SettlementID": 1,
            "InsertDate": date_text(self.inserted),
            "InsertTime": clock_text(self.inserted),
            "UserProductInfo": self.product_info,
        }

    @property
    def volume(self) -> int:
        volume: int = self.input.get("Volume", 0)
        return volume

    @property
    def is_in_force(self) -> bool:
        """Whether the exchange has it, and it has not been cancelled."""
        return self.submitted == OrderSubmitStatus.ACCEPTED and self.result == ExecResult.NO_EXEC

    @property
    def is_finished(self) -> bool:
        return self.submitted == OrderSubmitStatus.INSERT_REJECTED or self.result != ExecResult.NO_EXEC

    def record(self) -> Fields:
        """The ExecOrder or OptionSelfClose record as it is now."""
        cancelled = self.cancelled_at is not None
        text = "已撤单" if cancelled else _MESSAGES[self.submitted]
        varying = {
            f"{self.kind}SysID": self.sys_id,
            "SequenceNo": self.sequence,
            "NotifySequence": self.notify,
            "CancelTime": clock_text(self.cancelled_at) if self.cancelled_at is not None else "",
            "ActiveUserID": self.cancelled_by,
            "StatusMsg": f"{text}{self.contract.exchange}:{self.refused}" if self.refused else text,
        }
        return {
            **{name: value for name, value in self.input.items() if value},
            **{name: value for name, value in self.constant.items() if value},
            "OrderSubmitStatus": self.submitted,
            "ExecResult": self.result,
            **{name: value for name, value in varying.items() if value},
        }
