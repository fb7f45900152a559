"""A batch of scenarios: run one after the other, shown while that goes on, and summed up at its end."""

from collections.abc import Callable, Sequence
from enum import IntEnum

from attrs import define, evolve, field

from ctpscen.report.terminal.lines import plain
from ctpscen.report.terminal.running import RunningView
from ctpscen.report.terminal.scenarios import scenario_lines
from ctpscen.report.terminal.summary import dot, failures_again, hazards, one_line, slowest, summary_line
from ctpscen.report.terminal.writer import NoBar, Writer
from ctpscen.runner.execution import Done, Order, is_spread, run_items, shortened
from ctpscen.runner.selection import Item

FEW = 5
"""So many scenarios are shown with all their steps unless the user says otherwise; of more, only those that fail."""


class Verbosity(IntEnum):
    """What is shown of a scenario that passes."""

    DOT = 0
    LINE = 1
    STEPS = 2
    CALLBACKS = 3


@define(eq=False, repr=False)
class Batch:
    """`rerun` gives the command that runs an item again. `take` is handed every result with its events,
    with the command that runs it again.

    `trouble` is there once something could not be written.
    """

    out: Writer
    err: Writer
    verbosity: Verbosity
    take: Callable[[Done, str], None]
    rerun: Callable[[Item], str]
    done: list[Done] = field(factory=list)
    count: int = 0
    interrupted: bool = False
    stopped: bool = False
    trouble: bool = False
    _view: RunningView | None = None

    def run(self, items: Sequence[Item], order: Order, processes: int, most_failures: int | None) -> None:
        """Runs items until all are done, so many did not pass, the user interrupts it, or nothing can be written."""
        self.count = len(items)
        failures = 0
        if self.verbosity >= Verbosity.STEPS and not is_spread(items, processes):
            live = order.live is not None
            self._view = RunningView(self.out, live=live, all_callbacks=self._all_callbacks)
        runs = run_items(items, order, processes, self._view)
        # dots share a line, which a bar would break
        bar = self.out.progress(len(items)) if self.verbosity else NoBar()
        try:
            with bar:
                for each in runs:
                    self._take(each)
                    bar.advance()
                    failures += not each.result.is_sound
                    self.interrupted = each.verdict == "interrupted"
                    too_many = most_failures is not None and failures >= most_failures
                    if self.interrupted or self.trouble or too_many:
                        self.stopped = not self.interrupted and len(self.done) < len(items)
                        break
        except KeyboardInterrupt:  # between two scenarios; one that runs makes it its verdict
            self.interrupted = True
            self.out.write(plain("interrupted", "warn"))
        finally:
            runs.close()

    @property
    def _all_callbacks(self) -> bool:
        return self.verbosity == Verbosity.CALLBACKS

    def _take(self, each: Done) -> None:
        """Shows a result, and keeps it without its events, so that a long run holds its size."""
        result = each.result
        self.take(each, self.rerun(each.item))
        self.done.append(evolve(each, result=shortened(result)))
        self._show(each)
        self.out.flush()
        if each.trouble:
            self.complain(each.trouble)

    def _show(self, each: Done) -> None:
        result = each.result
        sound = result.verdict in ("passed", "skipped") and not result.diagnostics
        if self._view is not None:
            self._view.finish(result, self.rerun(each.item))
        elif sound and self.verbosity == Verbosity.DOT:
            self.out.write_part(dot(result))
        elif sound and self.verbosity == Verbosity.LINE:
            self.out.write(one_line(each))
        else:
            rerun = self.rerun(each.item)
            for line in scenario_lines(result, rerun, each.item.number, all_callbacks=self._all_callbacks):
                self.out.write(line)

    def complain(self, trouble: str) -> None:
        """Says that something could not be written."""
        self.trouble = True
        self.err.write(plain(trouble, "bad"))

    def sum_up(self, wall: float) -> None:
        """Shows how all ended. `wall` is the run's wall time in seconds."""
        if self.verbosity == Verbosity.DOT:
            self.out.write(plain(""))
        for line in failures_again(self.done) if self.count > FEW else ():
            self.out.write(line)
        for line in hazards(self.done):
            self.out.write(line)
        for line in slowest(self.done):
            self.out.write(line)
        if self.stopped:
            self.out.write(plain(f"stopped; {self.count - len(self.done)} were not run", "warn"))
        self.out.write(summary_line([each.result for each in self.done], wall))
