"""What commands name: contracts, and prices of theirs."""

from ctpscen.ctp.terms.listing import why_not
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


def ticks_of(contract: Contract, price: float) -> int:
    """A price in whole ticks. Raises ValueError."""
    ticks = contract.ticks(price)
    if ticks is None:
        raise ValueError(f"{price} is no price of {contract.id}, whose tick is {contract.product.tick:g}")
    return ticks
