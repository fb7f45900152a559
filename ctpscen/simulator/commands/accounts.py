"""Carries out what is done to the accounts of sessions."""

from collections.abc import Callable, Mapping

from ctpscen.ctp.codes import PosiDirection
from ctpscen.ctp.commands.accounts import (
    AccountCommand,
    Admit,
    Allow,
    Deposit,
    Forbid,
    ForgetConfirmation,
    LimitPositions,
    SetBalance,
    SetPasswordState,
    SetPosition,
    Surcharge,
    Withdraw,
)
from ctpscen.ctp.commands.record import Command, Done
from ctpscen.simulator.commands.listings import contract_of, ticks_of
from ctpscen.simulator.counter.accounts import Account
from ctpscen.simulator.ledger.holdings import Lot
from ctpscen.simulator.simulation import Simulation


def _account(simulation: Simulation, command: AccountCommand) -> tuple[Account, Done]:
    """The account, and that it is this one."""
    account = simulation.account_of(command.session)
    return account, {"account": account.id}


def _set_balance(simulation: Simulation, command: SetBalance) -> Done:
    account, done = _account(simulation, command)
    account.ledger.pre_balance = command.amount
    return done


def _deposit(simulation: Simulation, command: Deposit) -> Done:
    account, done = _account(simulation, command)
    account.ledger.deposit += command.amount
    return done


def _withdraw(simulation: Simulation, command: Withdraw) -> Done:
    account, done = _account(simulation, command)
    account.ledger.withdrawn += command.amount
    return done


def _set_position(simulation: Simulation, command: SetPosition) -> Done:
    account, done = _account(simulation, command)
    contract = contract_of(simulation, command.instrument)
    price = contract.price(ticks_of(contract, command.price))
    direction = PosiDirection.LONG if command.holding == "long" else PosiDirection.SHORT
    if contract.legs is not None:
        spread = account.ledger.spread(contract, direction)
        spread.hold(price, simulation.core.trading_day, command.volume, history=command.yesterday)
        account.ledger.reckon_pre_margin()
        return done
    holding = account.ledger.holding(contract, direction)
    row = holding.row(history=command.yesterday)
    holding.add(Lot("", simulation.core.trading_day, price, command.volume, history=command.yesterday))
    if command.yesterday:
        row.yesterday += command.volume
        account.ledger.reckon_pre_margin()
    return done


def _set_password_state(simulation: Simulation, command: SetPasswordState) -> Done:
    account, done = _account(simulation, command)
    account.password_state = command.state
    return done


def _forget_confirmation(simulation: Simulation, command: ForgetConfirmation) -> Done:
    account, done = _account(simulation, command)
    account.confirmed = False
    return done


def _admit(simulation: Simulation, command: Admit) -> None:
    simulation.admitted.setdefault(command.session, []).append(command)


def _forbid(simulation: Simulation, command: Forbid) -> Done:
    account, done = _account(simulation, command)
    account.rights.forbid(command.right, command.instrument)
    return done


def _allow(simulation: Simulation, command: Allow) -> Done:
    account, done = _account(simulation, command)
    account.rights.allow(command.right, command.instrument)
    return done


def _limit_positions(simulation: Simulation, command: LimitPositions) -> None:
    simulation.core.position_limits[contract_of(simulation, command.instrument).id] = command.most


def _surcharge(simulation: Simulation, command: Surcharge) -> None:
    """Raises ValueError for less than nothing."""
    if command.amount < 0:
        raise ValueError(f"a surcharge is not below 0, as {command.amount:g} is")
    core = simulation.core
    core.surcharge = command.amount
    for account in core.accounts.values():
        account.ledger.surcharge = command.amount


PERFORM: Mapping[type[Command], Callable[..., Done | None]] = {
    SetBalance: _set_balance,
    Deposit: _deposit,
    Withdraw: _withdraw,
    SetPosition: _set_position,
    SetPasswordState: _set_password_state,
    Admit: _admit,
    Forbid: _forbid,
    Allow: _allow,
    LimitPositions: _limit_positions,
    Surcharge: _surcharge,
    ForgetConfirmation: _forget_confirmation,
}
