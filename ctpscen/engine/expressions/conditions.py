"""Conditions that are looked at more than once, no more often than they can have changed, and say what they found."""

from collections.abc import Iterator
from typing import Any

from attrs import define, field, frozen

from ctpscen.client.books.orders import Order
from ctpscen.ctp.schema.records import Field, record
from ctpscen.ctp.schema.tables import normalise
from ctpscen.ctp.times import MILLISECOND
from ctpscen.engine.expressions.compile import Code, ExpressionCompiler, truth
from ctpscen.engine.expressions.describe import describe_order
from ctpscen.engine.expressions.patterns import show_field
from ctpscen.engine.expressions.values import COMPARISONS, NoSuchOperation, show
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import NeedsQuote, Outcome, Place
from ctpscen.engine.state.waits import Wait, Waiting
from ctpscen.language.meaning.functions import FUNCTIONS
from ctpscen.language.syntax.tree import Chain, DefineCall, Expression, FieldOf, FunctionCall, Variable
from ctpscen.language.syntax.walk import expressions_in, readings_in

CLOCK_INTERVAL = 100 * MILLISECOND
"""How often a condition that reads the clock is looked at."""


@frozen(eq=False, repr=False)
class Part:
    """One of the conditions that `and` joins: its sides where it is a comparison of two, else the whole.

    `readings` are what the whole is made of, to be told where it does not hold.
    """

    place: Place
    code: Code | None = None
    operator: str = ""
    left: Code | None = None
    right: Code | None = None
    field: Field | None = None
    readings: tuple[tuple[Code, Field | None], ...] = ()


@define(eq=False, repr=False)
class ConditionCode:
    """A compiled condition. What it reads is found out when it is asked for: one that holds at once never is."""

    place: Place
    parts: tuple[Part, ...]
    expression: Expression
    _inside: tuple[Expression, ...] = ()

    @property
    def inside(self) -> tuple[Expression, ...]:
        """Every expression in it."""
        if not self._inside:
            self._inside = tuple(expressions_in(self.expression))
        return self._inside

    @property
    def names(self) -> tuple[str, ...]:
        """The variables in it."""
        return tuple(dict.fromkeys(each.name for each in self.inside if isinstance(each, Variable)))

    @property
    def asks(self) -> bool:
        """Whether it asks the front."""
        return any(isinstance(each, FunctionCall) and FUNCTIONS[each.name].asks for each in self.inside)

    @property
    def runs(self) -> bool:
        """Whether it runs steps."""
        return any(isinstance(each, DefineCall) for each in self.inside)

    @property
    def times(self) -> bool:
        """Whether it reads the clock."""
        return any(isinstance(each, FunctionCall) and each.name == "now" for each in self.inside)


def compile_condition(expression: Expression, compiler: ExpressionCompiler) -> ConditionCode:
    return ConditionCode(compiler.place(expression), tuple(_parts(expression, compiler)), expression)


def _parts(expression: Expression, compiler: ExpressionCompiler) -> Iterator[Part]:
    if isinstance(expression, Chain) and expression.level == "and":
        for operand in expression.operands:
            yield from _parts(operand, compiler)
        return
    place = compiler.place(expression)
    if isinstance(expression, Chain) and expression.level == "comparison" and len(expression.operands) == 2:
        left, right = compiler.code(expression.operands[0]), compiler.code(expression.operands[1])
        yield Part(place, None, expression.operators[0], left, right, _field_read(expression.operands[0]))
        return
    readings = [each for each in readings_in(expression) if each is not expression]
    yield Part(
        place, compiler.code(expression), readings=tuple((compiler.code(each), _field_read(each)) for each in readings)
    )


def _field_read(expression: Expression) -> Field | None:
    """The field of an order that an expression reads, so that its constants can be shown by name."""
    if isinstance(expression, FieldOf):
        word = "OrderStatus" if normalise(expression.name.text) == "status" else expression.name.text
        return record("Order").find(word)
    return None


@define(eq=False, repr=False)
class Condition:
    """A condition in use. `found` says what the part that did not hold was made of when it was last looked at."""

    compiled: ConditionCode
    found: list[str] = field(factory=list)

    def holds(self, context: Context) -> Waiting:
        """Whether it is true now; takes time if it asks."""
        self.found = []
        for part in self.compiled.parts:
            if not (yield from self._part_holds(part, context)):
                self.found += _orders_named(self.compiled.names, context)
                return False
        return True

    def _part_holds(self, part: Part, context: Context) -> Waiting:
        if part.left is None or part.right is None:
            assert part.code is not None, "what is no comparison is compiled whole"
            if truth((yield from part.code.evaluate(context)), part.place):
                return True
            self.found = [f"not so: {part.place.text}", *_read(part, context)]
            return False
        left = yield from part.left.evaluate(context)
        right = yield from part.right.evaluate(context)
        try:
            if COMPARISONS[part.operator](left, right):
                return True
        except NoSuchOperation as reason:
            raise part.place.error(str(reason)) from None
        self.found = [_sides(part, left, right)]
        return False


def _read(part: Part, context: Context) -> Iterator[str]:
    """What the readings of a part are now; what takes time or has no value is passed over."""
    for code, known in part.readings:
        try:
            value = code.plain(context) if code.plain is not None else None
        except (Outcome, NeedsQuote):
            continue
        if value is not None and not isinstance(value, Order):
            yield f"{code.place.text} {show_field(known, value)}"


def _orders_named(names: tuple[str, ...], context: Context) -> Iterator[str]:
    """How the orders stand that a condition speaks of."""
    for name in names:
        value = context.scope.get(name)
        orders = value if isinstance(value, list) else [value]
        for index, order in enumerate(orders[:5]):
            if isinstance(order, Order):
                shown = f"{name}[{index}]" if isinstance(value, list) else name
                yield f"{shown}: {describe_order(order)}"


def _sides(part: Part, left: Any, right: Any) -> str:
    assert part.left is not None
    assert part.right is not None
    if part.operator in ("in", "not in"):
        wanted = "no " if part.operator == "not in" else ""
        return f"{part.right.place.text} {show(right)}, wanted {wanted}{show(left)} in it"
    known = part.field
    if isinstance(left, Order) and not isinstance(right, Order):
        known, left = record("Order").find("OrderStatus"), left.status
    elif isinstance(left, list) and isinstance(right, str) and all(isinstance(each, Order) for each in left):
        known, left = record("Order").find("OrderStatus"), [each.status for each in left]
    sign = {"==": "", "is": "", "!=": "not ", "is not": "not "}.get(part.operator, f"{part.operator} ")
    written = part.left.place.text
    between = " = " if " " in written else " "
    return f"{written}{between}{show_field(known, left)}, wanted {sign}{show_field(known, right)}"


def await_condition(context: Context, condition: Condition, deadline: int) -> Waiting:
    """True as soon as the condition holds, False where it does not by the deadline.

    It is looked at now, after every report of any session, and once more at the deadline. One that asks the front is
    asked again only after a report that the acting session got: what others hear is no concern of its account.
    """
    run, compiled = context.run, condition.compiled
    asks, times = compiled.asks or compiled.runs, compiled.times
    history = context.acting.inbox.history if asks else None
    while True:
        seen, changes = (len(history) if history is not None else 0), run.changes
        if (yield from condition.holds(context)):
            return True
        if run.now >= deadline:
            return False
        until = deadline
        if times:
            until = min(until, run.now + CLOCK_INTERVAL)
        if history is not None:
            yield Wait(lambda seen=seen: len(history) > seen, until)  # type: ignore[misc]
        else:
            yield Wait(lambda changes=changes: run.changes > changes, until)  # type: ignore[misc]
