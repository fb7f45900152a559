"""Moves the market as recorded quotes say."""

from collections.abc import Mapping

from ctpscen.ctp.commands.market import Replay
from ctpscen.ctp.commands.record import Done
from ctpscen.ctp.times import DAY
from ctpscen.simulator.commands.listings import quoted_contract_of, ticks_of
from ctpscen.simulator.commands.ticks import PRICES, VOLUMES, Tick, read_ticks
from ctpscen.simulator.simulation import Simulation


def replay(simulation: Simulation, command: Replay) -> Done:
    """Plays them from now on. Raises ValueError at once for what could not be played later."""
    ticks, speed, world = read_ticks(command.text, command.file), command.speed, simulation.world
    if speed <= 0:
        raise ValueError(f"a speed is more than 0, not {speed}")
    for tick in ticks:
        _in_ticks_and_lots(simulation, tick)
    start = ticks[0].time if command.start is None else command.start
    played, passed, before = 0, 0, start
    for tick in ticks:
        if not played and tick.time < start:
            continue
        simulation.market.still.add(tick.instrument)
        passed += (tick.time - before) % DAY if played else tick.time - start
        before = tick.time
        played += 1
        world.at(world.now + round(passed / speed), _play, simulation, tick)
    if not played:
        raise ValueError(f"{command.file} has no row from then on")
    return {"quotes": played}


def _in_ticks_and_lots(simulation: Simulation, tick: Tick) -> Mapping[str, int]:
    """The prices and volumes of a row. Raises ValueError."""
    try:
        contract = quoted_contract_of(simulation, tick.instrument)
        prices = {name: ticks_of(contract, tick.values[name]) for name in PRICES if name in tick.values}
        return prices | {name: _lots(tick.values[name]) for name in VOLUMES if name in tick.values}
    except ValueError as reason:
        raise ValueError(f"{tick.place}: {reason}") from None


def _lots(value: float) -> int:
    if value != int(value) or value < 0:
        raise ValueError(f"{value} is no number of lots")
    return int(value)


def _play(simulation: Simulation, tick: Tick) -> None:
    contract, moved = quoted_contract_of(simulation, tick.instrument), _in_ticks_and_lots(simulation, tick)
    exchange = simulation.core.exchanges[contract.exchange]
    book = exchange.book(contract)
    for side, maker in (("Bid", book.bid_maker), ("Ask", book.ask_maker)):
        price = moved.get(f"{side}Price1")
        maker.ticks, maker.volume, maker.refill = price, moved.get(f"{side}Volume1", 1) if price else 0, 0
    if "LastPrice" in moved:
        exchange.last_is(contract, moved["LastPrice"])
    exchange.requote(contract)
