"""Carries out what is done to the market: its clock, its phases, its quotes, its orders."""

from collections.abc import Callable, Mapping

from ctpscen.ctp.codes import InstrumentStatus
from ctpscen.ctp.commands.market import (
    CancelByExchange,
    Fill,
    Halt,
    OrderCommand,
    OutsideOrder,
    Phase,
    Quote,
    Replay,
    Resume,
    SetClock,
    SetPhase,
    Settle,
    Still,
    Walk,
)
from ctpscen.ctp.commands.record import Command, Done
from ctpscen.simulator.commands.listings import contract_of, quoted_contract_of, ticks_of
from ctpscen.simulator.commands.replay import replay
from ctpscen.simulator.commands.walk import walk
from ctpscen.simulator.exchange.orders import Order
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.terms import phases

_PHASES: Mapping[Phase, str] = {
    "continuous": InstrumentStatus.CONTINUOUS,
    "auction": InstrumentStatus.AUCTION_ORDERING,
    "break": InstrumentStatus.NO_TRADING,
    "closed": InstrumentStatus.CLOSED,
}


def _set_clock(simulation: Simulation, command: SetClock) -> None:
    simulation.set_clock(command.moment)


def _settle(simulation: Simulation, _: Settle) -> Done:
    """The day is settled at its time; what there is to do is to wait for it."""
    return {"until": phases.next_evening(simulation.world.now)}


def _quote(simulation: Simulation, command: Quote) -> None:
    contract = quoted_contract_of(simulation, command.instrument)
    exchange = simulation.core.exchanges[contract.exchange]
    book = exchange.book(contract)
    last = None if command.last is None else ticks_of(contract, command.last)
    sides = [(side, maker) for side, maker in ((command.bid, book.bid_maker), (command.ask, book.ask_maker)) if side]
    quoted = [(ticks_of(contract, price), volume) for (price, volume), _ in sides]
    is_before = not simulation.trading.sessions
    if command.pre_settlement is not None:
        if not is_before:
            raise ValueError("yesterday's settlement price is fixed before the first connect")
        contract.settle_at(float(command.pre_settlement))
        for account in simulation.core.accounts.values():
            account.ledger.reckon_pre_margin()
        exchange.day(contract).pre_close = round(contract.pre_settlement / contract.product.tick)
    for (ticks, volume), (_, maker) in zip(quoted, sides, strict=True):
        maker.ticks, maker.volume, maker.refill = ticks, volume, 0
    if last is not None:
        exchange.last_is(contract, last)
        if is_before:
            exchange.day(contract).pre_close = last  # nothing has traded yet today
    exchange.requote(contract)


def _outside_order(simulation: Simulation, command: OutsideOrder) -> Done:
    contract = contract_of(simulation, command.instrument)
    ticks, buy = ticks_of(contract, command.price), command.side == "buy"
    exchange = simulation.core.exchanges[contract.exchange]
    return {"met": exchange.from_elsewhere(contract, buy=buy, ticks=ticks, volume=command.volume)}


def _fill(simulation: Simulation, command: Fill) -> Done:
    order, volume = _working(simulation, command), command.volume
    if volume > order.remaining:
        raise ValueError(f"the order has {order.remaining} lots left, not {volume}")
    contract = order.contract
    ticks = order.ticks if command.price is None else ticks_of(contract, command.price)
    simulation.core.exchanges[contract.exchange].fill(order, ticks, volume)
    return {"traded_at": contract.price(ticks)}


def _cancel(simulation: Simulation, command: CancelByExchange) -> None:
    order = _working(simulation, command)
    simulation.core.exchanges[order.contract.exchange].withdraw(order)


def _working(simulation: Simulation, command: OrderCommand) -> Order:
    order = simulation.core.order_at_exchange(command.key)
    if order is None or order.is_finished:
        raise ValueError("the order does not work any more" if order else "the order is not at the exchange")
    return order


def _set_phase(simulation: Simulation, command: SetPhase) -> None:
    simulation.set_phase(command.scope, _PHASES[command.phase])


def _halt(simulation: Simulation, command: Halt) -> None:
    contract = contract_of(simulation, command.instrument)
    simulation.core.exchanges[contract.exchange].halted.add(contract.id)
    simulation.phase_changed(contract)


def _resume(simulation: Simulation, command: Resume) -> None:
    contract = contract_of(simulation, command.instrument)
    simulation.core.exchanges[contract.exchange].halted.discard(contract.id)
    simulation.phase_changed(contract)


def _still(simulation: Simulation, command: Still) -> None:
    if command.instrument is None:
        simulation.market.is_still = True
    else:
        simulation.market.still.add(contract_of(simulation, command.instrument).id)


PERFORM: Mapping[type[Command], Callable[..., Done | None]] = {
    SetClock: _set_clock,
    Settle: _settle,
    Quote: _quote,
    OutsideOrder: _outside_order,
    Fill: _fill,
    CancelByExchange: _cancel,
    SetPhase: _set_phase,
    Halt: _halt,
    Resume: _resume,
    Replay: replay,
    Still: _still,
    Walk: walk,
}
