"""Carries out what is done to the fronts, and to what they pass on to the exchanges."""

from collections.abc import Callable, Mapping

from ctpscen.ctp.commands.front import Ban, ExchangeLatency, FrontDown, FrontUp, Kick, LoseRequest
from ctpscen.ctp.commands.record import Command, Done
from ctpscen.simulator.simulation import Simulation


def _down(simulation: Simulation, _: FrontDown) -> None:
    simulation.trading.go_down()
    simulation.market.go_down()


def _up(simulation: Simulation, _: FrontUp) -> None:
    simulation.trading.come_up()
    simulation.market.come_up()


def _kick(simulation: Simulation, command: Kick) -> None:
    simulation.trading.kick(simulation.hosts[command.session].paths["trader"])


def _ban(simulation: Simulation, command: Ban) -> None:
    simulation.trading.banned.add(command.session)


def _lose(simulation: Simulation, _: LoseRequest) -> None:
    simulation.trading.losing += 1


def _latency(simulation: Simulation, command: ExchangeLatency) -> None:
    simulation.core.exchange_latency, simulation.core.exchange_jitter = command.latency, command.jitter


PERFORM: Mapping[type[Command], Callable[..., Done | None]] = {
    FrontDown: _down,
    FrontUp: _up,
    Kick: _kick,
    Ban: _ban,
    LoseRequest: _lose,
    ExchangeLatency: _latency,
}
