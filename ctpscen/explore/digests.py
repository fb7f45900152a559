"""Journals of many seeds as digests: what shows that who carries out a run changes no byte of it."""

import json
from collections.abc import Iterator

from attrs import frozen

from ctpscen.explore.spread import Spread
from ctpscen.explore.trials import Target, run_target
from ctpscen.hashing import blake2b

PIECE = 48
"""Runs that go to a worker together."""


@frozen(eq=False, repr=False)
class _Seeds:
    """Some targets that differ in their seeds alone."""

    targets: list[Target]

    def __str__(self) -> str:
        return f"{self.targets[0].place}, seeds {self.targets[0].given_seed} to {self.targets[-1].given_seed}"


def digests(targets: list[Target], spread: Spread) -> Iterator[str]:
    """The digest of each one's journal without faults, in their order."""
    pieces = [_Seeds(targets[at : at + PIECE]) for at in range(0, len(targets), PIECE)]
    for piece in spread.map(_digests_here, pieces):
        yield from piece


def _digests_here(seeds: _Seeds) -> list[str]:
    return [_digest(target) for target in seeds.targets]


def _digest(target: Target) -> str:
    lines = "\n".join(json.dumps(event, ensure_ascii=False) for event in run_target(target, None).journal)
    return blake2b(lines.encode(), digest_size=16).hexdigest()
