"""Carries out what is done to the paths between sessions and fronts."""

from collections.abc import Callable, Iterator, Mapping

from ctpscen.ctp import commands
from ctpscen.ctp.commands.network import Cut, Flap, Heal, PathCommand, PathLatency, Silence, Stall
from ctpscen.ctp.commands.record import Command, Done
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.wire.path import Path


def _paths(simulation: Simulation, command: PathCommand) -> Iterator[Path]:
    """The paths that a command is about."""
    for path in simulation.paths(command.session):
        if path.market or not command.market:
            yield path


def _cut(simulation: Simulation, command: Cut) -> None:
    for path in _paths(simulation, command):
        path.cut()


def _silence(simulation: Simulation, command: Silence) -> None:
    for path in _paths(simulation, command):
        path.silence()


def _stall(simulation: Simulation, command: Stall) -> None:
    for path in _paths(simulation, command):
        path.stall()


def _heal(simulation: Simulation, command: Heal) -> None:
    for path in _paths(simulation, command):
        if not path.carries:
            path.heal()


def _flap(simulation: Simulation, command: Flap) -> None:
    if command.every <= 0:
        raise ValueError("a path flaps after a time longer than none")
    world = simulation.world
    end = None if command.lasting is None else world.now + command.lasting

    def turn(path: Path, cut: bool) -> None:
        over = simulation.faults_are_over or (end is not None and world.now >= end)
        if cut and not over:
            path.cut()
            world.note(commands.effects.PathCut(session=path.session, market=path.market))
        elif path.is_cut:
            path.heal()
            world.note(commands.effects.PathHealed(session=path.session, market=path.market))
        if not over:
            following = world.now + command.every
            world.at(following if end is None else min(following, end), turn, path, not cut)

    for path in _paths(simulation, command):
        world.at(world.now, turn, path, True)


def _latency(simulation: Simulation, command: PathLatency) -> None:
    for path in _paths(simulation, command):
        path.latency, path.jitter = command.latency, command.jitter


PERFORM: Mapping[type[Command], Callable[..., Done | None]] = {
    Cut: _cut,
    Silence: _silence,
    Stall: _stall,
    Heal: _heal,
    Flap: _flap,
    PathLatency: _latency,
}
