"""What a program under test is, as a scenario declares it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from attrs import field, frozen

Network = Literal["none", "loopback", "open"]
ClockOf = Literal["venue", "own"]

Pace = float | Literal["jump"]
"""How time passes while programs run: so many times as fast as the wall's, or in jumps."""


@frozen
class Spec:
    """A program: its command, already split, and what it is started with.

    `folder` is copied for each run and left as it was; None is an empty folder. `logs` are glob patterns in the copy.
    `variables` are added to the environment, and win over those that ctpscen sets itself. `stand_in` says that it is a
    Python program to which `ctpscen.stand_in` is the CTP library.
    """

    name: str
    command: tuple[str, ...]
    folder: Path | None = None
    logs: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(factory=dict)
    network: Network = "none"
    clock: ClockOf = "venue"
    stand_in: bool = False


class CannotStart(Exception):
    """A program that cannot be started; the text says what is wrong and what would help."""
