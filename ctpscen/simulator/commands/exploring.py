"""Carries out the end of all faults, after which what must hold eventually is judged."""

from collections.abc import Callable, Mapping

from ctpscen.ctp.codes import DisconnectReason
from ctpscen.ctp.commands.exploring import EndFaults
from ctpscen.ctp.commands.record import Command, Done
from ctpscen.simulator.simulation import Simulation


def _end_faults(simulation: Simulation, _: EndFaults) -> None:
    simulation.faults_are_over = True
    if simulation.injection is not None:
        simulation.injection.end()
    _lapse(simulation)
    for path in simulation.paths():
        path.interference.end()
        if path.is_silent:  # what it has swallowed no wire would bring: such a connection ends by its heartbeats
            for connection in list(path.connections):
                path.drop(connection, DisconnectReason.RECEIVE_TIMEOUT)
        if not path.carries:
            path.heal()
    for front in (simulation.trading, simulation.market):
        front.come_up()


def _lapse(simulation: Simulation) -> None:
    """What was arranged for messages to come is arranged no more."""
    simulation.trading.forget_arrangements()
    simulation.core.refuse_next.clear()
    simulation.core.frequency.clear()


PERFORM: Mapping[type[Command], Callable[..., Done | None]] = {EndFaults: _end_faults}
