"""Running items: in this process, or spread over several, with the results in the order of the items either way."""

from __future__ import annotations  # the engine is loaded when the first item runs

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from attrs import evolve, frozen

from ctpscen.engine.settings import Settings
from ctpscen.engine.state.outcomes import Verdict
from ctpscen.language.meaning.program import Program
from ctpscen.report.program_events import PROGRAM_EVENTS
from ctpscen.runner.selection import Identity, Item
from ctpscen.runner.time_limit import OutOfTime, time_limit

if TYPE_CHECKING:
    from ctpscen.ctp.commands.plan import Plan
    from ctpscen.engine.interpreter import CompiledProgram
    from ctpscen.engine.state.journal import Event
    from ctpscen.engine.unit import Result, Unit
    from ctpscen.environments.live_run import LiveRun
    from ctpscen.live.profile.profiles import LiveOptions


@frozen(eq=False, repr=False)
class Order:
    """How items are to be run. `live` is what a live run was allowed, None for a simulated one.

    `journals` is a folder for their journals; with `force` they are written over what is none, too. With `keep_events`
    every result has its whole journal; else what passed in another process comes back with what one line and the
    summary need of it. `retries` is how often one that fails is tried again, which only a live run may be.
    `time_limit` is how many seconds of wall time one may take in which only virtual time passes; 0 is without limit.
    `plan` are faults that strike each of them, which is then judged by its invariants alone.
    """

    seed: int = 0
    settings: Settings = Settings()
    live: LiveOptions | None = None
    journals: str | None = None
    keep_events: bool = True
    retries: int = 0
    time_limit: float = 0.0
    force: bool = False
    plan: Plan | None = None


@frozen(eq=False, repr=False)
class Done:
    """What became of an item, and the wall time that it took, in seconds.

    `trouble` says why its journal could not be written, where it could not.
    """

    item: Item
    result: Result
    wall: float
    trouble: str = ""

    @property
    def identity(self) -> Identity:
        return self.item.identity

    @property
    def verdict(self) -> Verdict:
        return self.result.verdict


class Observer(Protocol):
    """Who is told of the items that run in this process, while they do."""

    def begin(self, item: Item, /) -> None:
        """It will run now."""

    def event(self, event: Event, /) -> None:
        """Its journal has a new entry."""

    def try_again(self, failed: Result, /) -> None:
        """It failed, and will begin once more."""


def unit_of(item: Item, order: Order) -> Unit:
    from ctpscen.engine.unit import Unit

    text = item.program.source.text
    return Unit(
        item.file,
        text,
        item.scenario.title,
        item.row,
        seed=item.seed(order.seed),
        plan=order.plan,
        settings=order.settings,
        given_seed=order.seed,
        repetition=item.repetition,
    )


def is_spread(items: Sequence[Item], processes: int) -> bool:
    """Whether other processes do the work."""
    return processes > 1 and len(items) > 1


def run_items(
    items: Sequence[Item], order: Order, processes: int = 1, observer: Observer | None = None
) -> Generator[Done, None, None]:
    """The results, in the order of the items. Whoever stops asking stops the run.

    A `observer` is told of nothing where the work is spread over processes.
    """
    if not is_spread(items, processes):
        yield from run_here(items, order, observer)
    else:
        yield from _spread(items, order, processes)


def run_here(items: Iterable[Item], order: Order, observer: Observer | None = None) -> Generator[Done, None, None]:
    """The results of items that run in this process, each of which is asked for when the one before is done."""
    worker = _Worker([], order, observer)
    try:
        for item in items:
            yield _tried(worker, item, order.retries)
    finally:
        worker.close()


def _tried(worker: _Worker, item: Item, retries: int) -> Done:
    """Runs an item, and again where it fails; one that passes then is flaky, and says what it failed by before.

    One that is blocked is not tried again: what keeps it from its question will do so a moment later, and hurried
    logins get accounts locked.
    """
    attempts = [worker.run(item, item.program)]
    while attempts[-1].verdict in ("failed", "error") and len(attempts) <= retries:
        worker.tell_of_retry(attempts[-1].result)
        attempts.append(worker.run(evolve(item, attempt=len(attempts)), item.program))
    *before, last = [each.result for each in attempts]
    if before and last.passed:
        failed = [f"attempt {number} {each.verdict}: {each.reason}" for number, each in enumerate(before, 1)]
        reason = "\n".join([f"passed at attempt {len(attempts)} of {retries + 1}", *failed])
        last = evolve(
            last, verdict="flaky", reason=reason, diagnostics=[d for each in before for d in each.diagnostics]
        )
    if errors := [error for each in before for error in each.errors]:  # which a later attempt does not undo
        last = evolve(last, errors=[*errors, *last.errors])
    trouble = next((each.trouble for each in attempts if each.trouble), "")
    return Done(item, last, sum(each.wall for each in attempts), trouble)


def _live_run(order: Order) -> LiveRun | None:
    """What the scenarios of a live run share; the live side is imported for it alone."""
    if order.live is None:
        return None
    from ctpscen.environments.live_run import LiveRun

    return LiveRun(order.live)


class _Worker:
    """Runs items of some programs. Items of one program follow each other, so that it alone is kept compiled."""

    def __init__(self, programs: Sequence[Program], order: Order, observer: Observer | None = None) -> None:
        self.programs = programs
        self.order = order
        self._observer = observer
        self._compiled: CompiledProgram | None = None
        self._live = _live_run(order)

    def close(self) -> None:
        if self._live is not None:
            self._live.close()

    def tell_of_retry(self, failed: Result) -> None:
        if self._observer is not None:
            self._observer.try_again(failed)

    def run(self, item: Item, program: Program) -> Done:
        began = time.perf_counter()
        takers: list[Callable[[Event], None]] = []
        if self._observer is not None:
            self._observer.begin(item)  # before what a run needs is imported, so that a user sees something at once
            takers.append(self._observer.event)
        if self.order.journals is None:
            return Done(item, self._perform(item, program, takers), time.perf_counter() - began)
        from ctpscen.report.journal import JournalFile

        with JournalFile(self.order.journals, item, at_once=self._live is not None, force=self.order.force) as journal:
            result = self._perform(item, program, [*takers, journal.write])
        return Done(item, result, time.perf_counter() - began, journal.trouble)

    def _perform(self, item: Item, program: Program, takers: Sequence[Callable[[Event], None]]) -> Result:
        from ctpscen.engine.interpreter import CompiledProgram
        from ctpscen.engine.run import run_one

        if self._compiled is None or self._compiled.program is not program:
            self._compiled = CompiledProgram(program)
        unit, taker = unit_of(item, self.order), _to_all(takers)
        if self._live is not None:
            return run_one(unit, self._live.environment_of, self._compiled, taker)
        from ctpscen.environments.simulated import SimulatedEnvironment

        try:
            with time_limit(self.order.time_limit):
                return run_one(unit, SimulatedEnvironment.of, self._compiled, taker)
        except OutOfTime as reason:  # while its end was being written down
            return _without_journal(item, self.order, str(reason))


def _without_journal(item: Item, order: Order, reason: str) -> Result:
    """The result of an item whose run gave none."""
    from ctpscen.engine.state.journal import Journal
    from ctpscen.engine.unit import Result

    scenario, journal = item.scenario, Journal()
    journal.begin(0, item.program, scenario, item.row, item.file, order.seed)
    journal.add("verdict", 0, verdict="error", reason=reason, elapsed=0, diagnostics=[])
    return Result(item.file, scenario.title, item.row, scenario.line, "error", reason, [], 0, journal.events)


def _to_all(takers: Sequence[Callable[[Event], None]]) -> Callable[[Event], None] | None:
    if len(takers) < 2:
        return next(iter(takers), None)

    def hand_on(event: Event) -> None:
        for take in takers:
            take(event)

    return hand_on


_Task = tuple[int, str, int | None, int]
"""Index of the program, title, row, repetition: an item without what the worker has already."""

_worker: _Worker


def _begin(programs: Sequence[Program], order: Order) -> None:
    """Makes this process a worker."""
    global _worker
    _worker = _Worker(programs, order)


def _work(task: _Task) -> tuple[Result, float, str]:
    """A result, its wall time, and the trouble with its journal."""
    index, title, row, repetition = task
    program = _worker.programs[index]
    scenario = next(each for each in program.scenarios if each.title == title)
    done = _worker.run(Item(program.source.shown_name, program, scenario, row, repetition), program)
    result = done.result
    if not _worker.order.keep_events and result.is_sound:
        result = shortened(result)
    return result, done.wall, done.trouble


def shortened(result: Result) -> Result:
    """A result with what lines, summary and JUnit need of its journal: the head, and what programs did beside calls."""
    head, *events = result.journal
    return evolve(result, journal=[head, *(event for event in events if event["event"] in PROGRAM_EVENTS)])


def _spread(items: Sequence[Item], order: Order, processes: int) -> Iterator[Done]:
    from functools import partial

    from ctpscen.runner.pool import Lost, Pool

    programs = list({id(item.program): item.program for item in items}.values())
    index_of = {id(program): index for index, program in enumerate(programs)}
    tasks = [(index_of[id(item.program)], item.scenario.title, item.row, item.repetition) for item in items]
    chunk = max(1, min(16, len(tasks) // (processes * 4)))
    with Pool(min(processes, len(tasks)), _work, partial(_begin, programs, order)) as pool:
        for item, answer in zip(items, pool.answers(tasks, chunk), strict=True):
            if isinstance(answer, Lost):
                reason = f"the process in which it ran is gone: {answer.cause}"
                yield Done(item, _without_journal(item, order, reason), 0.0)
            else:
                yield Done(item, *answer)
