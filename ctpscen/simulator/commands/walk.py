"""Moves a price at random, within its limits and while there is trading, twice a second."""

import math
from random import Random

from ctpscen.ctp.codes import InstrumentStatus
from ctpscen.ctp.commands.market import Walk
from ctpscen.ctp.times import HOUR, MILLISECOND
from ctpscen.simulator.commands.listings import quoted_contract_of
from ctpscen.simulator.simulation import Simulation

PACE = 500 * MILLISECOND


def walk(simulation: Simulation, command: Walk) -> None:
    """Begins it. Raises ValueError for a volatility that is none."""
    contract, volatility = quoted_contract_of(simulation, command.instrument), command.volatility
    if not 0 < volatility < 1:
        raise ValueError(f"a volatility is more than 0% and less than 100%, not {volatility:.0%}")
    world = simulation.world
    chance = world.random(f"walk {contract.id}") if command.seed is None else Random(f"{command.seed}")
    deviation = volatility * math.sqrt(PACE / HOUR)
    end = None if command.lasting is None else world.now + command.lasting
    exchange = simulation.core.exchanges[contract.exchange]

    def step(price: float) -> None:
        if end is not None and world.now > end:
            return
        if exchange.status(contract) == InstrumentStatus.CONTINUOUS:
            price = min(max(price * (1 + chance.gauss(0.0, deviation)), contract.lower_price), contract.upper_price)
            ticks = round(price / contract.product.tick)
            if ticks != contract.last:
                exchange.quote_around(contract, ticks)
        world.at(world.now + PACE, step, price)

    world.at(world.now + PACE, step, contract.last_price)
