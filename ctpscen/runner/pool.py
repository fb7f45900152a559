"""Tasks spread over processes, with the answers in the order of the tasks, also where a process dies.

A process that dies takes with it what it had; the task that it was at is answered by `Lost`, what it had not begun goes
to another. `multiprocessing.Pool` waits for such answers for ever, and `ProcessPoolExecutor` gives up all that is left.
"""

from __future__ import annotations  # `multiprocessing` is loaded when processes are

import contextlib
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from attrs import define, field, frozen

from ctpscen.interruption import interruptions

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess

Task = TypeVar("Task")

AHEAD = 2
"""Portions of tasks that a process is given, so that it need not wait for the next one."""


@frozen
class Lost:
    """The answer to a task whose process died; `cause` is how, in words."""

    cause: str


@define(eq=False, repr=False)
class _Worker(Generic[Task]):
    """A process, and the numbers of the tasks that it has been given and has not answered, in their order."""

    process: BaseProcess
    pipe: Connection
    given: deque[int] = field(factory=deque)


@define(eq=False, repr=False)
class Pool(Generic[Task]):
    """`work` is called in the processes, `begin` once in each before that."""

    processes: int
    work: Callable[[Task], Any]
    begin: Callable[[], object]
    _workers: list[_Worker[Task]] = field(factory=list)
    _context: BaseContext = field(init=False)

    def __attrs_post_init__(self) -> None:
        import multiprocessing

        # Forked workers have the programs already; elsewhere each is sent them all, which takes its time.
        self._context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")

    def __enter__(self) -> Pool[Task]:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join()
            worker.pipe.close()

    def answers(self, tasks: Sequence[Task], portion: int = 1) -> Iterator[Any]:
        """What `work` gives for each task, or `Lost`, in the order of the tasks; `portion` tasks are sent at a time."""
        from multiprocessing.connection import wait

        left = deque(range(len(tasks)))
        answered: dict[int, Any] = {}
        for number in range(len(tasks)):
            while number not in answered:
                while left and len(self._workers) < self.processes:
                    self._start()
                for worker in list(self._workers):
                    if not self._hand_out(worker, tasks, left, portion):
                        self._bury(worker, left, answered)
                for pipe in wait([worker.pipe for worker in self._workers]):
                    worker = next(each for each in self._workers if each.pipe is pipe)
                    try:
                        done, answer = worker.pipe.recv()
                    except (EOFError, OSError):
                        self._bury(worker, left, answered)
                    else:
                        worker.given.remove(done)
                        answered[done] = answer
            yield answered.pop(number)

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        others = [worker.pipe for worker in self._workers] if self._context.get_start_method() == "fork" else []
        arguments = (theirs, [*others, ours], self.begin, self.work)
        process = self._context.Process(target=_serve, args=arguments, daemon=True)  # type: ignore[attr-defined]
        process.start()
        theirs.close()  # its end is heard of only where nobody else has it
        self._workers.append(_Worker(process, ours))

    def _hand_out(self, worker: _Worker[Task], tasks: Sequence[Task], left: deque[int], portion: int) -> bool:
        """Sends a worker what it may do next; False where it is gone."""
        while left and len(worker.given) <= (AHEAD - 1) * portion:
            numbers = [left.popleft() for _ in range(min(portion, len(left)))]
            worker.given.extend(numbers)
            try:
                worker.pipe.send([(number, tasks[number]) for number in numbers])
            except OSError:
                return False
        return True

    def _bury(self, worker: _Worker[Task], left: deque[int], answered: dict[int, Any]) -> None:
        """Takes leave of a process that died: its first task is lost, the others are done elsewhere."""
        with contextlib.suppress(EOFError, OSError):
            while worker.pipe.poll():  # what it had answered before
                done, answer = worker.pipe.recv()
                worker.given.remove(done)
                answered[done] = answer
        worker.process.join()
        self._workers.remove(worker)
        worker.pipe.close()
        if worker.given:
            answered[worker.given.popleft()] = Lost(_cause(worker.process.exitcode or 0))
        left.extendleft(reversed(worker.given))


def _cause(code: int) -> str:
    if code >= 0:
        return f"it ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"it was ended by {name}" + (", as a system does that is out of memory" if name == "SIGKILL" else "")


def _serve(
    pipe: Connection, others: Sequence[Connection], begin: Callable[[], object], work: Callable[[Any], Any]
) -> None:
    """The life of a worker: it does what it is sent, until whoever sends is gone."""
    for each in others:
        with contextlib.suppress(OSError):
            each.close()
    interruptions.leave_to_parent()
    begin()
    with contextlib.suppress(EOFError, OSError):
        while True:
            for number, task in pipe.recv():
                pipe.send((number, work(task)))
