"""Every class of which a fault event may be made."""

from collections.abc import Iterator
from importlib import import_module

import attrs

from ctpscen.ctp import commands
from ctpscen.ctp.commands.record import Command, Record


def _concrete(module: str, base: type[Record]) -> Iterator[type[Record]]:
    """The classes of a module that no other of them extends."""
    there = [kind for kind in vars(import_module(module)).values() if isinstance(kind, type) and issubclass(kind, base)]
    own = [kind for kind in there if kind.__module__ == module]
    return (kind for kind in own if not any(kind in each.__mro__[1:] for each in own))


COMMANDS = [kind for family in commands.FAMILIES for kind in _concrete(f"ctpscen.ctp.commands.{family}", Command)]
EFFECTS = list(_concrete("ctpscen.ctp.commands.effects", Record))
RECORDS = [*COMMANDS, *EFFECTS]


def kept_names(kind: type[Record]) -> list[str]:
    """The fields of a record that a journal keeps."""
    return [each.name for each in attrs.fields(kind) if each.repr]
