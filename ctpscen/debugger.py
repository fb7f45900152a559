"""A scenario at any of its steps, forwards and back: each look is a run of its own, as far as that step.

The same text and seed give the same run, so what is seen at a step is what was there, however often it is looked at.
"""

from collections.abc import Callable, Mapping, Sequence

from attrs import define, evolve, field, frozen

from ctpscen.ctp.times import date_text, precise_text
from ctpscen.engine.expressions.describe import describe, describe_order
from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import run_one
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Stopped
from ctpscen.engine.unit import Result, Unit
from ctpscen.environments.simulated import SimulatedEnvironment
from ctpscen.language.checking.file import check
from ctpscen.language.meaning.program import Program
from ctpscen.language.text.source import Source
from ctpscen.loading import read_used


@frozen
class At:
    """One step of a run, as its journal has it: the time in microseconds, who acts, the line and its text."""

    time: int
    actor: str
    file: str
    line: int
    text: str


@define(eq=False, repr=False)
class Debugger:
    """`position` is the step that will be done next, counted from 0; behind the last, the scenario is over."""

    program: Program
    unit: Unit
    result: Result = field(init=False)
    steps: Sequence[At] = field(init=False)
    position: int = 0
    _compiled: CompiledProgram = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._compiled = CompiledProgram(self.program)
        self.result = run_one(self.unit, SimulatedEnvironment.of, self._compiled)
        self.steps = _steps_of(self.result)

    @property
    def is_over(self) -> bool:
        return self.position >= len(self.steps)

    def move(self, by: int) -> None:
        """So many steps on, or back."""
        self.position = max(0, min(len(self.steps), self.position + by))

    def run_to(self, line: int | None) -> bool:
        """To the next step on a line, or the end; False where none follows there, and nothing moves."""
        if line is None:
            self.position = len(self.steps)
            return True
        following = range(self.position + 1, len(self.steps))
        found = next((at for at in following if self._stands_on(at, line)), None)
        if found is not None:
            self.position = found
        return found is not None

    def _stands_on(self, at: int, line: int) -> bool:
        return self.steps[at].line == line and self.steps[at].file == self.unit.name

    def look(self, what: str) -> list[str]:
        """What there is before the step is done: `inbox`, `orders`, `books`, `clock`."""
        seen: list[str] = []
        count = -1

        def observe(context: Context) -> None:
            nonlocal count
            count += 1
            if count == self.position:
                seen.extend(LOOKS[what](context))
                raise Stopped

        if self.is_over:  # the last look is at the end of the last step
            return ["the scenario is over; `back` goes to its last step"]
        run_one(self.unit, SimulatedEnvironment.of, self._compiled, observe=observe)
        return seen

    def evaluate(self, expression: str) -> list[str]:
        """An expression where the next step stands, as `log` writes it; else what is wrong with it."""
        if self.is_over:
            return ["the scenario is over; `back` goes to its last step"]
        step = self.steps[self.position]
        if step.file != self.unit.name:
            return [f"the step stands in {step.file}; expressions are known in {self.unit.name} alone"]
        alone = check(Source("expression", f"log {expression}\n"), read_used).diagnostics
        if unreadable := [each.diagnostic.message for each in alone if each.diagnostic.code.startswith("E1")]:
            return unreadable[:1]
        same = [each for each in self.steps[: self.position + 1] if (each.line, each.text) == (step.line, step.text)]
        text = _with_log(self.unit.text, step, expression)
        checked = check(Source(self.unit.name, text), read_used)
        if checked.program is None:
            found = [each.diagnostic for each in checked.diagnostics if each.diagnostic.severity == "error"]
            return [each.message for each in found][:1]
        unit = evolve(self.unit, text=text)
        result = run_one(unit, SimulatedEnvironment.of, CompiledProgram(checked.program))
        return _logged(result, " ".join(f"log {expression}".split()), step.line, len(same))


def _steps_of(result: Result) -> list[At]:
    events = [event for event in result.journal if event["event"] == "step" and not event.get("implicit")]
    return [At(each["time"], each["actor"], each.get("file", ""), each.get("line", 0), each["text"]) for each in events]


def _with_log(text: str, step: At, expression: str) -> str:
    """The text with a `log` before a step: on a line of its own, or behind what stands before it on the same line."""
    lines = text.split("\n")
    line = lines[step.line - 1]
    indent = len(line) - len(line.lstrip())
    column = max(line.find(step.text), indent)
    if column == indent:
        lines.insert(step.line - 1, f"{line[:indent]}log {expression}")
    else:
        lines[step.line - 1] = f"{line[:column]}log {expression}; {line[column:]}"
    return "\n".join(lines)


def _logged(result: Result, written: str, line: int, times: int) -> list[str]:
    """What the `log` on a line wrote when it was done for so many times."""
    is_due, count = False, 0
    for event in result.journal:
        if event["event"] == "step":
            is_due = (event.get("line"), event["text"]) == (line, written)
            count += is_due
        elif event["event"] == "log" and is_due and count == times:
            return str(event["text"]).splitlines()
    return result.reason.splitlines() or ["it is not known here"]


# ---------------------------------------------------------------------------------------------------- what is seen


def _inbox(context: Context) -> list[str]:
    found = []
    for actor in context.run.actors.values():
        found += [f"{actor.name}  {precise_text(each.at)} {describe(each)}" for each in actor.inbox.waiting()]
    return found or ["nothing waits in an inbox"]


def _orders(context: Context) -> list[str]:
    found = []
    for actor in context.run.actors.values():
        found += [f"{actor.name}  {describe_order(each)}" for each in actor.books.orders.by_key.values()]
    return found or ["no order was sent"]


def _books(context: Context) -> list[str]:
    found = []
    for actor in context.run.actors.values():
        for instrument, held in actor.books.positions.items():
            found.append(f"{actor.name}  {instrument} long {held.long} short {held.short} net {held.net}")
    return found or ["nothing is held"]


def _clock(context: Context) -> list[str]:
    now = context.run.now
    states = [f"{actor.name} {actor.session.connection.state}" for actor in context.run.actors.values()]
    day = date_text(now)
    return [f"{day[:4]}-{day[4:6]}-{day[6:]} {precise_text(now)}", *states]


LOOKS: Mapping[str, Callable[[Context], list[str]]] = {
    "inbox": _inbox,
    "orders": _orders,
    "books": _books,
    "clock": _clock,
}
"""What can be looked at, and how it is written."""
