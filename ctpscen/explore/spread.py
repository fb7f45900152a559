"""Carrying out work: in this process, in several, on a cluster, or by any executor of `concurrent.futures`.

The answers come in the order of the pieces whoever does them, so that what is found never depends on it. Work goes out
in pieces that are worth sending; a worker that dies costs its piece, which is tried again.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Any, ClassVar, Protocol, TypeVar

from attrs import define, field

from ctpscen.engine.unit import Wanted
from ctpscen.explore.trials import Piece, Target, Tried, carry_out

Given = TypeVar("Given")
Made = TypeVar("Made")

PIECE = 48
"""Trials that go to a worker together: 50 ms or more of work."""

AHEAD = 8
"""Pieces that are given out before their answers are asked for, where nobody says how many workers there are."""

ATTEMPTS = 3
"""So often a piece is tried whose worker dies."""


class Spread(Protocol):
    """Whoever carries out work. `is_wide` says that several do it at a time."""

    is_wide: ClassVar[bool]

    def trials(self, target: Target, plans: Sequence[str], wanted: Wanted = "boundaries") -> Iterator[Tried]:
        """What came of each plan, in their order; `wanted` is how much is to be told of it."""

    def map(self, work: Callable[[Given], Made], pieces: Iterable[Given]) -> Iterator[Made]:
        """What came of each piece of work, in their order. A piece says by `str` what it is."""

    def close(self) -> None:
        """Ends what was started for it."""


class Here:
    """One after the other, in this process."""

    is_wide: ClassVar[bool] = False

    def trials(self, target: Target, plans: Sequence[str], wanted: Wanted = "boundaries") -> Iterator[Tried]:
        for plan in plans:
            yield from carry_out(Piece(target, [plan], wanted))

    def map(self, work: Callable[[Given], Made], pieces: Iterable[Given]) -> Iterator[Made]:
        return map(work, pieces)

    def close(self) -> None:
        """Nothing was started."""


class WorkerDied(Exception):
    """A piece killed every worker that tried it; the text says which."""


def _broken_pool() -> tuple[type[BaseException], ...]:
    from concurrent.futures.process import BrokenProcessPool

    return (BrokenProcessPool,)


@define(eq=False)
class ByExecutor:
    """By an executor, which `make` makes anew where a worker's death has broken it; `broken` says how it tells that."""

    is_wide: ClassVar[bool] = True

    make: Callable[[], Executor]
    ahead: int = AHEAD
    broken: Callable[[], tuple[type[BaseException], ...]] = _broken_pool
    _executor: Executor | None = field(default=None)

    def trials(self, target: Target, plans: Sequence[str], wanted: Wanted = "boundaries") -> Iterator[Tried]:
        pieces = [Piece(target, plans[at : at + PIECE], wanted) for at in range(0, len(plans), PIECE)]
        for tried in self.map(carry_out, pieces):
            yield from tried

    def map(self, work: Callable[[Given], Made], pieces: Iterable[Given]) -> Iterator[Made]:
        left = iter(pieces)
        given: deque[tuple[Given, Future[Made]]] = deque()
        while True:
            while len(given) < self.ahead and (following := next(left, _NOTHING)) is not _NOTHING:
                given.append((following, self._submit(work, following)))
            if not given:
                return
            piece, answer = given.popleft()
            try:
                made = answer.result()
            except self.broken():
                made = self._again(work, piece)
                given = deque((each, self._submit(work, each)) for each, _ in given)
            yield made

    def _submit(self, work: Callable[[Given], Made], piece: Given) -> "Future[Made]":
        if self._executor is None:
            self._executor = self.make()
        try:
            return self._executor.submit(work, piece)
        except self.broken() as reason:  # by a piece that is still to be asked for
            broken: Future[Made] = Future()
            broken.set_exception(reason)
            return broken

    def _again(self, work: Callable[[Given], Made], piece: Given) -> Made:
        """Tries a piece whose worker died, alone."""
        for _ in range(ATTEMPTS - 1):
            self._renew()
            try:
                return self._submit(work, piece).result()
            except self.broken():
                continue
        raise WorkerDied(f"a worker died {ATTEMPTS} times at {piece}")

    def _renew(self) -> None:
        """Has another executor made for what follows a death."""
        self.close()

    def close(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None


_NOTHING: Any = object()


@define(eq=False)
class Lent(ByExecutor):
    """By an executor of somebody else's, which is left as it is."""

    def close(self) -> None:
        """It is not ours to end."""


def in_processes(count: int) -> Spread:
    """So many processes; this one where one is enough."""
    if count == 1:
        return Here()

    def make() -> Executor:
        from concurrent.futures import ProcessPoolExecutor

        return ProcessPoolExecutor(count)

    return ByExecutor(make, ahead=max(AHEAD, 2 * count))
