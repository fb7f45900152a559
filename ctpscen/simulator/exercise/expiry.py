"""What the settlement makes of options: those that are exercised become futures, those at their end are no more.

The order is the exchange's: a client's two sides of an option are set off first if that was declared, then comes what
was declared to be exercised, then on the last day the automatic exercise of what has value at the future's settlement
price. Sellers are assigned on the last day, all that has value; an exercise of an earlier day finds a seller who has no
account here.
"""

from collections.abc import Iterator
from typing import Protocol

from ctpscen.ctp.codes import ActionType, ExecOrderCloseFlag, OptSelfCloseFlag, PosiDirection
from ctpscen.simulator.counter.accounts import Account, Exercised
from ctpscen.simulator.exercise.declaration import Declaration
from ctpscen.simulator.exercise.exec_orders import ExecOrders, lots_of
from ctpscen.simulator.exercise.self_closes import SelfCloses
from ctpscen.simulator.ledger.holdings import CloseDate, Holding
from ctpscen.simulator.ledger.strikes import exercise, offset, pay_out
from ctpscen.simulator.terms.contracts import Contract


class Counter(Protocol):
    """What the settlement of options needs of the core."""

    accounts: dict[str, Account]
    exec_orders: ExecOrders
    self_closes: SelfCloses

    @property
    def trading_day(self) -> str:
        """The trading day, yyyymmdd."""


def settle_options(core: Counter, ended: frozenset[str]) -> None:
    """Exercises, sets off, and ends what there is to; `ended` are the contracts whose last day this is."""
    for account in core.accounts.values():
        _set_off_options(core, account)
        for holding in [held for held in account.ledger.holdings.values() if held.is_option and held.volume()]:
            account.exercised += _settle(core, account, holding, is_last_day=holding.contract.id in ended)


def _set_off_options(core: Counter, account: Account) -> None:
    for declared in core.self_closes.all:
        if declared.account is not account or not declared.is_in_force:
            continue
        if declared.input["OptSelfCloseFlag"] == OptSelfCloseFlag.CLOSE_SELF_OPTION_POSITION:
            volume = _set_off(account, declared.contract, declared.input["HedgeFlag"], declared.volume)
            if volume:
                contract = declared.contract
                account.exercised.append(Exercised("对冲", contract.id, True, volume, contract.last_price))


def _set_off(account: Account, contract: Contract, hedge: str, most: int) -> int:
    """Sets both sides of a contract off against each other; no number is as many as there are."""
    one, other = (
        account.ledger.holdings.get((contract.id, direction, hedge))
        for direction in (PosiDirection.LONG, PosiDirection.SHORT)
    )
    if one is None or other is None:
        return 0
    return offset(account.ledger, one, other, most or one.volume())


def _settle(core: Counter, account: Account, holding: Holding, *, is_last_day: bool) -> Iterator[Exercised]:
    """One side of an account's option."""
    contract = holding.contract
    terms = contract.terms
    assert terms is not None
    declared = list(core.exec_orders.in_force(account, contract.id)) if holding.is_long else []
    for each in declared:
        if each.holding is holding and each.input["ActionType"] == ActionType.EXEC:
            sets_off = each.input["CloseFlag"] == ExecOrderCloseFlag.AUTO_CLOSE
            yield from _exercise(core, account, holding, lots_of(contract, each.input), each.volume, sets_off)
    if not is_last_day:
        return
    kept = _kept_from_exercise(holding, declared)
    automatic = holding.volume() - kept if _has_value(contract) else 0
    if automatic > 0 and contract.product.is_on_index:
        pay_out(account.ledger, holding, automatic)
        yield Exercised("行权" if holding.is_long else "履约", contract.id, holding.is_long, automatic, terms.strike)
    elif automatic > 0:
        sets_off = not holding.is_long and _seller_sets_off(core, account, holding)
        yield from _exercise(core, account, holding, "any", automatic, sets_off)
    if left := holding.volume():
        yield Exercised("到期", contract.id, holding.is_long, left, terms.strike)
        holding.remove("any", left)


def _exercise(
    core: Counter, account: Account, holding: Holding, which: CloseDate, volume: int, sets_off: bool
) -> Iterator[Exercised]:
    contract, lots = holding.contract, min(volume, holding.volume(which))
    assert contract.terms is not None
    if not lots:
        return
    future = exercise(account.ledger, holding, which, lots, core.trading_day)
    word = "行权" if holding.is_long else "履约"
    yield Exercised(word, contract.id, holding.is_long, lots, contract.terms.strike)
    if sets_off:
        closed = _set_off(account, future.contract, future.hedge, lots)
        if closed:
            yield Exercised("对冲", future.contract.id, future.is_long, closed, future.contract.last_price)


def _kept_from_exercise(holding: Holding, declared: list[Declaration]) -> int:
    """Lots that their owner does not want to be exercised automatically."""
    if any(not each.volume for each in declared):
        return holding.volume()
    abandoned = (each.volume for each in declared if each.input["ActionType"] == ActionType.ABANDON)
    return sum(abandoned)


def _seller_sets_off(core: Counter, account: Account, holding: Holding) -> bool:
    return any(
        declared.input["OptSelfCloseFlag"] == OptSelfCloseFlag.SELL_CLOSE_SELF_FUTURE_POSITION
        and declared.input["HedgeFlag"] == holding.hedge
        for declared in core.self_closes.in_force(account, holding.contract.id)
    )


def _has_value(contract: Contract) -> bool:
    """Whether an option has value at the settlement price of its future."""
    assert contract.terms is not None
    assert contract.underlying is not None
    return contract.terms.value(contract.underlying.last_price, 0.0) > 0
