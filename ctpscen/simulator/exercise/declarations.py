"""The declarations of a day, of one kind: how they are made, reach the exchange, and are cancelled.

What the two kinds check is theirs (`exec_orders`, `self_closes`); the way of a declaration is the same.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Protocol

from attrs import define, field

from ctpscen.ctp.codes import ActionFlag, ExecResult, OrderSubmitStatus
from ctpscen.ctp.messages import Fields
from ctpscen.simulator.counter.accounts import Account, LoggedIn
from ctpscen.simulator.counter.checks import Refused, check_contract, check_investor, check_session
from ctpscen.simulator.exchange.matching import Exchange
from ctpscen.simulator.exchange.orders import Key
from ctpscen.simulator.exercise.declaration import Declaration
from ctpscen.simulator.terms.contracts import Contract
from ctpscen.simulator.terms.listed import Contracts
from ctpscen.simulator.terms.option_rules import OPTION_RULES, OptionRules
from ctpscen.simulator.world import World

NOT_CONFIRMED, NO_EXCHANGE, NO_SUCH_FUNCTION = 42, 147, 77


class Counter(Protocol):
    """What declarations need of the core."""

    world: World
    contracts: Contracts
    accounts: dict[str, Account]
    exchanges: dict[str, Exchange]

    @property
    def trading_day(self) -> str:
        """The trading day, yyyymmdd."""

    def next_broker_sequence(self) -> int:
        """A number that the broker gives."""

    def to_exchange(self, exchange: Exchange, action: Callable[..., None], *arguments: Any) -> None:
        """Hands something on to an exchange, after what was sent before."""


@define(eq=False, repr=False)
class Declarations(ABC):
    """Those of the day, in the order in which they came. The codes are those with which CTP refuses."""

    core: Counter
    all: list[Declaration] = field(factory=list)

    kind: ClassVar[str]
    NOT_AN_OPTION: ClassVar[int]
    BAD_REFERENCE: ClassVar[int]
    BAD_FIELD: ClassVar[int]
    NOT_FOUND: ClassVar[int]
    FINISHED: ClassVar[int]
    TWICE: ClassVar[int]

    @abstractmethod
    def check(self, fields: Fields) -> None:
        """Whether the fields have values that CTP knows. Raises Refused."""

    @abstractmethod
    def check_exchange(self, fields: Fields, rules: OptionRules) -> None:
        """Whether the exchange takes such declarations. Raises Refused."""

    @abstractmethod
    def admit(self, account: Account, contract: Contract, fields: Fields, make: "Make") -> Declaration:
        """Makes the declaration, or changes an earlier one, and freezes what it needs. Raises Refused."""

    @abstractmethod
    def refusal(self, declared: Declaration) -> str | None:
        """Why the exchange rejects it, in its words; None where it does not."""

    # ------------------------------------------------------------------------------------------------- requests

    def insert(self, session: LoggedIn, fields: Fields) -> None:
        """Req…Insert. Raises Refused."""
        account = session.owner
        check_session(account, fields)
        self.check(fields)
        contract = check_contract(self.core.contracts, fields, needs_exchange=False)
        if contract.terms is None:
            raise Refused(self.NOT_AN_OPTION)
        self.check_exchange(fields, OPTION_RULES[contract.exchange])
        check_investor(self.core.accounts, account, fields)
        if not account.confirmed:
            raise Refused(NOT_CONFIRMED)
        name = f"{self.kind}Ref"
        reference = session.next_reference(fields.get(name, ""), name)
        if reference is None:
            raise Refused(self.BAD_REFERENCE)
        key = session.front_id, session.session_id, reference

        def make() -> Declaration:
            exchange = self.core.exchanges[contract.exchange]
            sequence, now = self.core.next_broker_sequence(), self.core.world.now
            local_id, day = exchange.numbers.next_local_id(), self.core.trading_day
            return Declaration(
                self.kind, fields, key, account, contract, local_id, sequence, now, day, session.product_info
            )

        declared = self.admit(account, contract, fields, make)
        if declared not in self.all:
            self.all.append(declared)
        self._push(declared)
        exchange = self.core.exchanges[contract.exchange]
        self.core.to_exchange(exchange, self._arrive, declared)

    def action(self, session: LoggedIn, fields: Fields) -> None:
        """Req…Action: a declaration is cancelled by its number at the exchange, or by its key. Raises Refused."""
        account = session.owner
        check_session(account, fields)
        if fields.get("ActionFlag", ActionFlag.DELETE) != ActionFlag.DELETE:
            raise Refused(self.BAD_FIELD)
        if not fields.get("ExchangeID"):
            raise Refused(NO_EXCHANGE)
        declared = self._find(account, fields)
        if declared is None:
            raise Refused(self.NOT_FOUND)
        if declared.is_finished:
            raise Refused(self.FINISHED)
        if declared.cancel_pending:
            raise Refused(self.TWICE)
        declared.cancel_pending = True
        exchange = self.core.exchanges[declared.contract.exchange]
        self.core.to_exchange(exchange, self._cancel, declared, account.id)

    def rows(self, account: Account) -> Iterator[Fields]:
        """The records of an account."""
        return (declared.record() for declared in self.all if declared.account is account)

    def in_force(self, account: Account, instrument: str) -> Iterator[Declaration]:
        """The declarations that hold for an account's option."""
        for declared in self.all:
            if declared.account is account and declared.contract.id == instrument and declared.is_in_force:
                yield declared

    # ------------------------------------------------------------------------------------------ at the exchange

    def _arrive(self, declared: Declaration) -> None:
        exchange = self.core.exchanges[declared.contract.exchange]
        declared.notify = 1
        if (text := self.refusal(declared)) is not None:
            declared.submitted, declared.refused = OrderSubmitStatus.INSERT_REJECTED, text
            self._thaw(declared)
        else:
            declared.submitted = OrderSubmitStatus.ACCEPTED
            declared.sys_id, declared.sequence = (
                exchange.numbers.next_sys_id(declared.trading_day),
                exchange.numbers.next_sequence(),
            )
        self._push(declared)

    def _cancel(self, declared: Declaration, user: str) -> None:
        declared.cancel_pending = False
        if not declared.is_finished:
            declared.result, declared.cancelled_by = ExecResult.CANCELED, user
            declared.cancelled_at = self.core.world.now
            declared.sequence = self.core.exchanges[declared.contract.exchange].numbers.next_sequence()
            self._thaw(declared)
        self._push(declared)

    # ---------------------------------------------------------------------------------------------------- parts

    def _find(self, account: Account, fields: Fields) -> Declaration | None:
        number, key = fields.get(f"{self.kind}SysID"), _key(fields, f"{self.kind}Ref")
        for declared in self.all:
            is_meant = declared.sys_id == number if number else declared.key == key
            if is_meant and declared.account is account and declared.contract.exchange == fields["ExchangeID"]:
                return declared
        return None

    def _push(self, declared: Declaration) -> None:
        declared.account.private.append(f"OnRtn{self.kind}", declared.record())

    def _thaw(self, declared: Declaration) -> None:
        if declared.frozen is not None:
            declared.frozen.shift(declared.account.ledger, -1)
            declared.frozen = None


Make = Callable[[], Declaration]


def _key(fields: Fields, name: str) -> Key:
    return fields.get("FrontID", 0), fields.get("SessionID", 0), fields.get(name, "")
