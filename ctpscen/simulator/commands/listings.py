"""Contracts as commands name them, and what is done to the list of them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from attrs import evolve

from ctpscen.ctp.commands.listings import ListAll, ListInstrument, Unlist
from ctpscen.ctp.commands.record import Command, Done
from ctpscen.ctp.terms.listing import why_not
from ctpscen.ctp.terms.products import Rate
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.terms.contracts import Contract


def contract_of(simulation: Simulation, name: str) -> Contract:
    """A contract of that name, which is listed if it is not yet. Raises ValueError."""
    try:
        return simulation.contract(name)
    except KeyError:
        contracts = simulation.core.contracts
        if name in contracts.withdrawn:
            raise ValueError(f"`{name}` is not listed any more: `unlist` took it away") from None
        raise ValueError(why_not(name, contracts.today())) from None


def quoted_contract_of(simulation: Simulation, name: str) -> Contract:
    """A contract that has prices of its own. Raises ValueError."""
    contract = contract_of(simulation, name)
    if contract.legs is not None:
        first, second = contract.legs
        raise ValueError(f"the quote of `{name}` follows from its legs: quote {first.id} and {second.id}")
    return contract


def ticks_of(contract: Contract, price: float) -> int:
    """A price in whole ticks. Raises ValueError."""
    ticks = contract.ticks(price)
    if ticks is None:
        raise ValueError(f"{price} is no price of {contract.id}, whose tick is {contract.product.tick:g}")
    return ticks


def _list(simulation: Simulation, command: ListInstrument) -> None:
    """Raises ValueError for terms that are none."""
    if command.margin is not None and not 0 < command.margin <= 1:
        raise ValueError(f"a margin is more than 0% and at most 100%, not {command.margin:.0%}")
    for volume in (command.least, command.most):
        if volume is not None and volume < 1:
            raise ValueError(f"an order has at least 1 lot, not {volume}")
    contract = simulation.core.contracts.add(command.instrument)
    margin = None if command.margin is None else Rate(command.margin, 0.0)
    terms = {
        "least_opening_volume": command.least,
        "max_limit_volume": command.most,
        "long_margin": margin,
        "short_margin": margin,
    }
    changed: dict[str, Any] = {name: value for name, value in terms.items() if value is not None}
    if changed:
        contract.product = evolve(contract.product, **changed)
    if command.expires is not None:
        contract.last_day = datetime.strptime(command.expires, "%Y%m%d").date()
    simulation.market.changed(contract)


def _list_all(simulation: Simulation, _: ListAll) -> None:
    simulation.list_all()


def _unlist(simulation: Simulation, command: Unlist) -> None:
    """Raises ValueError for what is not listed."""
    contracts = simulation.core.contracts
    if contracts.get(command.instrument) is None:
        raise ValueError(f"`{command.instrument}` is not listed")
    contracts.withdrawn.add(command.instrument)


PERFORM: Mapping[type[Command], Callable[..., Done | None]] = {
    ListInstrument: _list,
    ListAll: _list_all,
    Unlist: _unlist,
}
