"""Commands to what they do: a family of `ctp.commands` is carried out by the module of its name here.

Each of these has a table, PERFORM, from the class of a record to its function, which gives what came of it beyond
what the record says, if there is such. What cannot be done raises ValueError with the reason, and has done nothing.
"""

from importlib import import_module

from ctpscen.ctp.commands.record import Command, Done
from ctpscen.simulator.simulation import Simulation


def perform(simulation: Simulation, command: Command) -> Done:
    """Does what a step of the venue or the network says."""
    family = type(command).__module__.rpartition(".")[2]
    module = import_module(f"ctpscen.simulator.commands.{family}")
    done: Done | None = module.PERFORM[type(command)](simulation, command)
    return done or {}
