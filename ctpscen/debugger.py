"""A scenario at any of its steps, forwards and back: each look is a run of its own, as far as that step.

The same text and seed give the same run, so what is seen at a step is what was there, however often it is looked at.
A run with a program under test is not the same twice: a Stepper goes through it once, forwards alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar

from attrs import define, evolve, field, frozen

from ctpscen.ctp.times import date_text, precise_text
from ctpscen.engine.expressions.compile import Code
from ctpscen.engine.expressions.describe import describe, describe_order
from ctpscen.engine.expressions.values import show
from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import run_one
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Outcome, Stopped
from ctpscen.engine.unit import Result, Unit
from ctpscen.environments.simulated import SimulatedEnvironment
from ctpscen.language.checking.file import check
from ctpscen.language.meaning.program import Program
from ctpscen.language.meaning.scope import walk
from ctpscen.language.syntax.tree import Step
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
    goes_back: ClassVar[bool] = True
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
        found = _checked_with(self.unit, step, expression)
        if isinstance(found, str):
            return [found]
        same = [each for each in self.steps[: self.position + 1] if (each.line, each.text) == (step.line, step.text)]
        unit = evolve(self.unit, text=found.source.text)
        result = run_one(unit, SimulatedEnvironment.of, CompiledProgram(found))
        return _logged(result, " ".join(f"log {expression}".split()), step.line, len(same))


@define(eq=False, repr=False)
class Stepper:
    """A run that halts before its steps; `halt` is called there, and says with `move` or `run_to` how far to go on.

    `position` is the step that will be done next, the last of `steps`, until the scenario is over; `goes_on` says that
    it is to be done. `sought` is the line at which the run is to halt, if it has not come there.
    """

    program: Program
    unit: Unit
    halt: "Callable[[Stepper], None]"
    steps: list[At] = field(factory=list)
    position: int = -1
    is_over: bool = False
    goes_on: bool = False
    result: Result = field(init=False)
    goes_back: ClassVar[bool] = False
    _context: Context | None = None
    sought: int | None = None
    _left: int = 1
    _to_the_end: bool = False

    def run(self) -> None:
        """Goes through the scenario."""
        self.result = run_one(self.unit, SimulatedEnvironment.of, CompiledProgram(self.program), observe=self._observe)
        self.is_over, self._context = True, None

    def _observe(self, context: Context) -> None:
        event = context.run.journal.events[-1]
        at = At(event["time"], event["actor"], event.get("file", ""), event.get("line", 0), event["text"])
        self.steps.append(at)
        self.position = len(self.steps) - 1
        if self.sought is not None:
            is_reached = at.line == self.sought and at.file == self.unit.name
        else:
            self._left -= 1
            is_reached = self._left == 0 and not self._to_the_end
        if is_reached:
            self._context, self.sought = context, None
            self.halt(self)

    def stop(self) -> None:
        """Ends the run where it halts. Raises Stopped."""
        raise Stopped

    def move(self, by: int) -> None:
        """So many steps on."""
        self._left, self.goes_on = max(1, by), not self.is_over

    def run_to(self, line: int | None) -> bool:
        """To the next step on a line, or the end."""
        self.sought, self._to_the_end, self.goes_on = line, line is None, not self.is_over
        return True

    def look(self, what: str) -> list[str]:
        """What there is before the step is done, as of a Debugger."""
        return ["the scenario is over"] if self._context is None else LOOKS[what](self._context)

    def evaluate(self, expression: str) -> list[str]:
        """An expression where the next step stands; one that takes time has no value here."""
        if self._context is None:
            return ["the scenario is over"]
        found = _checked_with(self.unit, self.steps[self.position], expression)
        if isinstance(found, str):
            return [found]
        compiled = CompiledProgram(found)
        written = " ".join(f"log {expression}".split())
        line = self.steps[self.position].line
        for step in walk([*(each for body in _bodies(found) for each in body)]):
            place = found.source.place(step.span[0])
            if step.verb == "log" and place.line == line and found.source.slice(step.span).split() == written.split():
                return self._value(compiled.compiler(found.source).code(step.parts["value"][0]))
        return ["it is not known here"]

    def _value(self, code: Code) -> list[str]:
        assert self._context is not None
        waiting = code.evaluate(self._context)
        try:
            next(waiting)
        except StopIteration as done:
            return str(show(done.value)).splitlines()
        except Outcome as reason:
            return reason.reason.splitlines()[:1]
        return ["that takes time, and time stands still here"]


def _bodies(program: Program) -> Iterator[Sequence[Step]]:
    yield from (program.venue, program.before, program.after)
    yield from (each.body for each in program.scenarios)
    yield from (each.body for each in program.defines.values())


def _steps_of(result: Result) -> list[At]:
    events = [event for event in result.journal if event["event"] == "step" and not event.get("implicit")]
    return [At(each["time"], each["actor"], each.get("file", ""), each.get("line", 0), each["text"]) for each in events]


def _checked_with(unit: Unit, step: At, expression: str) -> Program | str:
    """The unit's program with a `log` of an expression before a step; else what is wrong with the expression."""
    if step.file != unit.name:
        return f"the step stands in {step.file}; expressions are known in {unit.name} alone"
    alone = check(Source("expression", f"log {expression}\n"), read_used).diagnostics
    if unreadable := [each.diagnostic.message for each in alone if each.diagnostic.code.startswith("E1")]:
        return unreadable[0]
    checked = check(Source(unit.name, _with_log(unit.text, step, expression)), read_used)
    if checked.program is not None:
        return checked.program
    return next(each.diagnostic.message for each in checked.diagnostics if each.diagnostic.severity == "error")


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
