"""What commands and their effects have in common: they are frozen, and compared, shown and kept by their fields."""

from collections.abc import Mapping
from typing import Any

import attrs
from attrs import frozen

Done = Mapping[str, Any]
"""What came of a command beyond what it says itself: further fields for the journal."""


@frozen(eq=False, repr=False)
class Record:
    """A record whose class says what is done, or was done.

    `__eq__` and `__repr__` stand here once: attrs would write them for each of fifty classes, which takes longer than
    anything that is done with them.
    """

    def kept(self) -> dict[str, Any]:
        """The fields that the journal keeps: all but those that were declared with `repr=False`."""
        return {each.name: getattr(self, each.name) for each in attrs.fields(type(self)) if each.repr}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return False
        return all(getattr(self, each.name) == getattr(other, each.name) for each in attrs.fields(type(self)))

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, each.name) for each in attrs.fields(type(self)))))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.kept().items())})"


@frozen(eq=False, repr=False)
class Command(Record):
    """What a scenario may do to the venue or the network."""
