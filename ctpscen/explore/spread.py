"""Carrying out trials: in this process, in several, or by any executor of `concurrent.futures`.

The answers come in the order of the trials whoever does them, so that what is found never depends on it. Work goes out
in pieces that are worth sending; a worker that dies costs its piece, which is tried again.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Protocol

from attrs import define, field

from ctpscen.engine.unit import Wanted
from ctpscen.explore.trials import Piece, Target, Tried, carry_out

PIECE = 24
"""Trials that go to a worker together: 50 ms or more of work."""

AHEAD = 8
"""Pieces that are given out before their answers are asked for."""

ATTEMPTS = 3
"""So often a piece is tried whose worker dies."""


class Spread(Protocol):
    """Whoever carries out trials."""

    def trials(self, target: Target, plans: Sequence[str], wanted: Wanted = "boundaries") -> Iterator[Tried]:
        """What came of each plan, in their order; `wanted` is how much is to be told of it."""

    def close(self) -> None:
        """Ends what was started for it."""


class Here:
    """One after the other, in this process."""

    def trials(self, target: Target, plans: Sequence[str], wanted: Wanted = "boundaries") -> Iterator[Tried]:
        for plan in plans:
            yield from carry_out(Piece(target, [plan], wanted))

    def close(self) -> None:
        """Nothing was started."""


class WorkerDied(Exception):
    """A piece killed every worker that tried it; the text says which."""


@define(eq=False)
class ByExecutor:
    """By an executor, which `make` makes anew where a worker's death has broken it."""

    make: Callable[[], Executor]
    _executor: Executor | None = field(default=None)

    def trials(self, target: Target, plans: Sequence[str], wanted: Wanted = "boundaries") -> Iterator[Tried]:
        pieces = deque(Piece(target, plans[at : at + PIECE], wanted) for at in range(0, len(plans), PIECE))
        given: deque[tuple[Piece, Future[list[Tried]]]] = deque()
        while pieces or given:
            while pieces and len(given) < AHEAD:
                piece = pieces.popleft()
                given.append((piece, self._submit(piece)))
            piece, answer = given.popleft()
            try:
                tried = answer.result()
            except _broken():
                tried = self._again(piece)
                given = deque((each, self._submit(each)) for each, _ in given)
            yield from tried

    def _submit(self, piece: Piece) -> "Future[list[Tried]]":
        if self._executor is None:
            self._executor = self.make()
        try:
            return self._executor.submit(carry_out, piece)
        except _broken():  # by a piece that is still to be asked for
            broken: Future[list[Tried]] = Future()
            broken.set_exception(_broken()("the worker died"))
            return broken

    def _again(self, piece: Piece) -> list[Tried]:
        """Tries a piece whose worker died, alone."""
        for _ in range(ATTEMPTS - 1):
            self.close()
            try:
                return self._submit(piece).result()
            except _broken():
                continue
        first, last = piece.plans[0], piece.plans[-1]
        raise WorkerDied(
            f"a worker died {ATTEMPTS} times at {piece.target.place}, between the plans {first} and {last}"
        )

    def close(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None


def _broken() -> type[Exception]:
    from concurrent.futures.process import BrokenProcessPool

    return BrokenProcessPool


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

    return ByExecutor(make)
