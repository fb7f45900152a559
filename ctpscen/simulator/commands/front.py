"""Carries out what is done to the fronts, and to what they pass on to the exchanges."""

from collections.abc import Callable, Mapping

from ctpscen.ctp.commands.front import Ban, ExchangeLatency, FrontDown, Fronts, FrontUp, Kick, LoseRequest
from ctpscen.ctp.commands.record import Command, Done
from ctpscen.simulator.front.machines import IP_BLACK, IP_FORBIDDEN
from ctpscen.simulator.simulation import Simulation


def _fronts(simulation: Simulation, command: Fronts) -> None:
    if command.count < 1:
        raise ValueError(f"a venue has at least one front, not {command.count}")
    simulation.trading.count = command.count


def _number(number: int | None) -> int | None:
    """Raises ValueError."""
    if number is not None and number < 1:
        raise ValueError(f"fronts are numbered from 1; there is no front {number}")
    return number


def _down(simulation: Simulation, command: FrontDown) -> None:
    simulation.trading.go_down(_number(command.number))
    if command.number is None:
        simulation.market.go_down()


def _up(simulation: Simulation, command: FrontUp) -> None:
    simulation.trading.come_up(_number(command.number))
    if command.number is None:
        simulation.market.come_up()


def _kick(simulation: Simulation, command: Kick) -> None:
    simulation.trading.kick(simulation.hosts[command.session].paths["trader"])


def _ban(simulation: Simulation, command: Ban) -> None:
    if command.code not in (IP_FORBIDDEN, IP_BLACK):
        raise ValueError(f"a machine is banned by {IP_FORBIDDEN} or {IP_BLACK}, not by {command.code}")
    simulation.trading.machines.banned[command.session] = command.code


def _lose(simulation: Simulation, _: LoseRequest) -> None:
    simulation.trading.losing += 1


def _latency(simulation: Simulation, command: ExchangeLatency) -> None:
    simulation.core.exchange_latency, simulation.core.exchange_jitter = command.latency, command.jitter


PERFORM: Mapping[type[Command], Callable[..., Done | None]] = {
    Fronts: _fronts,
    FrontDown: _down,
    FrontUp: _up,
    Kick: _kick,
    Ban: _ban,
    LoseRequest: _lose,
    ExchangeLatency: _latency,
}
