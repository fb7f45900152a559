"""Running items: in this process, or spread over several, with the results in the order of the items either way."""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from attrs import evolve, frozen

from ctpscen.engine.frame import Environment
from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.journal import Journal
from ctpscen.engine.run import SOUND, Result, Unit, run_one
from ctpscen.engine.settings import Settings
from ctpscen.language.program import Program
from ctpscen.runner.selection import Identity, Item


@frozen(eq=False, repr=False)
class Order:
    """How items are to be run. `retries` is how often one that fails is tried again, which only a live run may be.

    `journals` is a folder for their journals. With `keep_events` every result has its whole journal; else what
    passed in another process comes back with the head of its journal alone, which is all that one line needs.
    """

    seed: int = 0
    settings: Settings = Settings()
    journals: Path | None = None
    keep_events: bool = True
    retries: int = 0


@frozen(eq=False, repr=False)
class Done:
    """What became of an item, and the wall time that it took, in seconds."""

    item: Item
    result: Result
    wall: float

    @property
    def identity(self) -> Identity:
        return self.item.identity

    @property
    def place(self) -> str:
        return self.item.place

    @property
    def verdict(self) -> str:
        return self.result.verdict


def unit_of(item: Item, order: Order) -> Unit:
    text = item.program.source.text
    return Unit(item.file, text, item.scenario.title, item.row, seed=item.seed(order.seed), settings=order.settings)


def run_items(items: Sequence[Item], order: Order, processes: int = 1) -> Iterator[Done]:
    """The results, in the order of the items. Whoever stops asking stops the run."""
    if processes == 1 or len(items) < 2:
        worker = _Worker([], order)
        try:
            for item in items:
                yield _tried(worker, item, order.retries)
        finally:
            worker.close()
    else:
        yield from _spread(items, order, processes)


def _tried(worker: "_Worker", item: Item, retries: int) -> Done:
    """Runs an item, and again where it fails; one that passes then is flaky, and says what it failed by before.

    One that is blocked is not tried again: what keeps it from its question will do so a moment later, and hurried
    logins get accounts locked.
    """
    results: list[Result] = []
    walls: list[float] = []
    while not results or (results[-1].verdict in ("failed", "error") and len(results) <= retries):
        result, wall = worker.run(evolve(item, attempt=len(results)), item.program)
        results.append(result)
        walls.append(wall)
    *before, last = results
    if before and last.passed:
        failed = [f"attempt {number} {each.verdict}: {each.reason}" for number, each in enumerate(before, 1)]
        reason = "\n".join([f"passed at attempt {len(results)} of {retries + 1}", *failed])
        last = evolve(
            last, verdict="flaky", reason=reason, diagnostics=[d for each in before for d in each.diagnostics]
        )
    return Done(item, last, sum(walls))


class Venue(Protocol):
    """What the scenarios of a live run share."""

    def environment(self, journal: Journal, /) -> Environment: ...
    def close(self) -> None: ...


def _live_venue(settings: Settings) -> Venue | None:
    """What makes the environments of a live run; the live side is imported for it alone."""
    if settings.live is None:
        return None
    from ctpscen.live.venue import LiveVenue

    return LiveVenue(settings.live)


class _Worker:
    """Runs items of some programs. Items of one program follow each other, so that it alone is kept compiled."""

    def __init__(self, programs: Sequence[Program], order: Order) -> None:
        self.programs = programs
        self.order = order
        self._compiled: CompiledProgram | None = None
        self._venue = _live_venue(order.settings)
        self._live = None if self._venue is None else self._venue.environment

    def close(self) -> None:
        if self._venue is not None:
            self._venue.close()

    def run(self, item: Item, program: Program) -> tuple[Result, float]:
        began = time.perf_counter()
        compiled = self._compiled
        if compiled is None or compiled.program is not program:
            compiled = self._compiled = CompiledProgram(program)
        if self.order.journals is None:
            result = run_one(unit_of(item, self.order), compiled, None, self._live)
        else:
            from ctpscen.report.journal import JournalFile

            with JournalFile(self.order.journals, item, at_once=self._live is not None) as journal:
                result = run_one(unit_of(item, self.order), compiled, journal.write, self._live)
        return result, time.perf_counter() - began


_Task = tuple[int, str, int | None, int]
"""Index of the program, title, row, repetition: an item without what the worker has already."""

_worker: _Worker


def _begin(programs: Sequence[Program], order: Order) -> None:
    """Makes this process a worker."""
    import signal

    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted, and ends its workers
    _worker = _Worker(programs, order)


def _work(task: _Task) -> tuple[Result, float]:
    index, title, row, repetition = task
    program = _worker.programs[index]
    scenario = next(each for each in program.scenarios if each.title == title)
    result, wall = _worker.run(Item(program.source.name, program, scenario, row, repetition), program)
    if not _worker.order.keep_events and result.verdict in SOUND:
        result = evolve(result, journal=result.journal[:1])
    return result, wall


def _spread(items: Sequence[Item], order: Order, processes: int) -> Iterator[Done]:
    import multiprocessing

    programs = list({id(item.program): item.program for item in items}.values())
    index_of = {id(program): index for index, program in enumerate(programs)}
    tasks = [(index_of[id(item.program)], item.scenario.title, item.row, item.repetition) for item in items]
    chunk = max(1, min(16, len(tasks) // (processes * 4)))
    # Forked workers have the programs already; elsewhere each is sent them all, which takes longer than a short run.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with context.Pool(processes, _begin, (programs, order)) as pool:
        for item, (result, wall) in zip(items, pool.imap(_work, tasks, chunk), strict=True):
            yield Done(item, result, wall)
