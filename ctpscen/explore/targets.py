"""Items of the runner to targets, one for each seed."""

from collections.abc import Iterable, Iterator

from ctpscen.engine.settings import Settings
from ctpscen.explore.trials import Target, pack
from ctpscen.runner.selection import Item


def targets_of(items: Iterable[Item], settings: Settings, seed: int = 0, seeds: int = 1) -> Iterator[Target]:
    """What is explored, in the order of the items: each with so many seeds, from the given one on."""
    packed: tuple[object, bytes, str] = (None, b"", "")
    for item in items:
        if packed[0] is not item.program:
            packed = (item.program, *pack(item.program))
        for each in range(seed, seed + seeds):
            yield Target(
                place=item.place,
                title=item.scenario.title,
                row=item.row,
                seed=item.seed(each),
                given_seed=each,
                settings=settings,
                packed=packed[1],
                key=packed[2],
                text=item.program.source.text,
                has_programs=bool(item.program.programs),
            )
