"""Expressions to closures.

An expression that asks nobody and runs no steps becomes a plain closure. One that does becomes a generator that
yields waits; only the parts of it that really wait are generators.

A price word is plain: the market data are there already. Where they are not, it raises NeedsQuote, and whoever
evaluates the expression waits for them and evaluates it again.
"""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from ctpscen.ctp.codes import has_value
from ctpscen.ctp.schema import constants
from ctpscen.engine.expressions import functions
from ctpscen.engine.expressions.prices import wait_for_quote
from ctpscen.engine.expressions.values import (
    COMPARISONS,
    NoSuchField,
    NoSuchOperation,
    arithmetic,
    is_number,
    kind_of,
    read,
    show,
)
from ctpscen.engine.state.context import Context, tick_of
from ctpscen.engine.state.outcomes import NeedsQuote, Place
from ctpscen.engine.state.waits import Waiting
from ctpscen.language.meaning.functions import FUNCTIONS, PRICE_WORDS
from ctpscen.language.syntax.tree import (
    Chain,
    Constant,
    DefineCall,
    Expression,
    FieldOf,
    FunctionCall,
    IndexOf,
    ListOf,
    LiteralValue,
    Prefix,
    PriceWord,
    ReportField,
    Template,
    Ticks,
    Variable,
)
from ctpscen.language.text.source import Source

Plain = Callable[[Context], Any]
Suspending = Callable[[Context], Waiting]
CallDefine = Callable[[Context, str, list[Any], Place], Waiting]


@frozen(eq=False, repr=False)
class Code:
    """A compiled expression: a plain closure, or one that takes time."""

    place: Place
    plain: Plain | None
    suspending: Suspending | None = None
    constant: Any = None

    def evaluate(self, context: Context) -> Waiting:
        """The value, whatever it takes."""
        if self.plain is None:
            assert self.suspending is not None
            return (yield from self.suspending(context))
        while True:
            try:
                return self.plain(context)
            except NeedsQuote as need:
                yield from wait_for_quote(context, need.instrument, self.place)


def evaluate_all(codes: Sequence[Code], context: Context) -> Waiting:
    """The values of several expressions, one after the other."""
    values = []
    for code in codes:
        value = yield from code.evaluate(context)
        values.append(value)
    return values


def _named(value: Any, kind: str) -> str:
    """A value for a text: one of CTP's constants by its name."""
    if kind and isinstance(value, list):
        return "[" + ", ".join(_named(item, kind) for item in value) + "]"
    return (constants.name_of(kind, value) if kind and isinstance(value, str) else None) or show(value)


@define(eq=False, repr=False)
class ExpressionCompiler:
    """Compiles the expressions of one source. `call_define` runs a step of one's own."""

    source: Source
    call_define: CallDefine
    _handlers: Mapping[type, Callable[..., Code]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._handlers = {
            LiteralValue: self._literal,
            Template: self._template,
            Variable: self._variable,
            Constant: self._constant,
            ReportField: self._report_field,
            PriceWord: self._price_word,
            ListOf: self._list,
            FieldOf: self._field,
            IndexOf: self._index,
            FunctionCall: self._function,
            DefineCall: self._define,
            Prefix: self._prefix,
            Ticks: self._ticks,
            Chain: self._chain,
        }

    def code(self, expression: Expression) -> Code:
        return self._handlers[type(expression)](expression)

    def codes(self, expressions: Sequence[Expression]) -> list[Code]:
        return [self.code(expression) for expression in expressions]

    def place(self, expression: Expression) -> Place:
        return Place(self.source, expression.span)

    def _combine(self, place: Place, parts: Sequence[Code], action: Callable[..., Any]) -> Code:
        """An operation on the values of its parts, which takes time if one of them does."""
        plains = [part.plain for part in parts]
        if any(plain is None for plain in plains):

            def suspending(context: Context) -> Waiting:
                return action(context, *(yield from evaluate_all(parts, context)))

            return Code(place, None, suspending)
        if len(plains) == 1:
            (only,) = plains
            assert only is not None
            return Code(place, lambda context: action(context, only(context)))
        if len(plains) == 2:
            first, second = plains
            assert first is not None
            assert second is not None
            return Code(place, lambda context: action(context, first(context), second(context)))
        return Code(place, lambda context: action(context, *[plain(context) for plain in plains if plain is not None]))

    # ------------------------------------------------------------------------------------------- values and names

    def _literal(self, node: LiteralValue) -> Code:
        value = node.value
        return Code(self.place(node), lambda _: value, constant=value)

    def _constant(self, node: Constant) -> Code:
        value = node.value
        return Code(self.place(node), lambda _: value, constant=value)

    def _template(self, node: Template) -> Code:
        pieces = [part if isinstance(part, str) else None for part in node.parts]
        codes = self.codes([part for part in node.parts if not isinstance(part, str)])
        types = node.constants or ("",) * len(pieces)

        def fill(_: Context, *values: Any) -> str:
            left = iter(values)
            shown = (
                _named(next(left), kind) if piece is None else piece for piece, kind in zip(pieces, types, strict=True)
            )
            return "".join(shown)

        return self._combine(self.place(node), codes, fill)

    def _variable(self, node: Variable) -> Code:
        name, place = node.name, self.place(node)

        def look_up(context: Context) -> Any:
            try:
                return context.scope[name]
            except KeyError:
                message = f"`{name}` has no value: nothing on the way here gave it one"
                raise place.error(message, f"`defined({name})` tells whether it has one") from None

        return Code(place, look_up)

    def _report_field(self, node: ReportField) -> Code:
        name, place = node.name, self.place(node)

        def look_up(context: Context) -> Any:
            assert context.subject is not None
            return _read(context.subject, name, place)

        return Code(place, look_up)

    def _price_word(self, node: PriceWord) -> Code:
        field_name, word, place = PRICE_WORDS[node.word], node.word, self.place(node)

        def look_up(context: Context) -> float | None:
            instrument = price_instrument(context)
            quote = context.acting.books.quotes.get(instrument)
            if quote is None:
                raise NeedsQuote(instrument)
            price: float = quote.get(field_name, 0.0)
            if not has_value(price):
                raise place.error(f"there is no {word.replace('_', ' ')} price for {instrument} now")
            return price

        return Code(place, look_up)

    def _list(self, node: ListOf) -> Code:
        return self._combine(self.place(node), self.codes(node.items), lambda _, *values: list(values))

    # ------------------------------------------------------------------------------- fields, indices, functions

    def _field(self, node: FieldOf) -> Code:
        name, place = node.name.text, Place(self.source, node.name.span)
        return self._combine(self.place(node), [self.code(node.base)], lambda _, base: _read(base, name, place))

    def _index(self, node: IndexOf) -> Code:
        place = self.place(node)

        def pick(_: Context, base: Any, index: Any) -> Any:
            if not isinstance(base, list | str):
                raise place.error(f"{kind_of(base)} has no elements")
            if not isinstance(index, int) or isinstance(index, bool):
                raise place.error(f"an index is a whole number, not {show(index)}")
            try:
                return base[index]
            except IndexError:
                count = len(base)
                there = f"there {'is' if count == 1 else 'are'} {count}" if count else "there are none"
                raise place.error(f"there is no element {index}: {there}") from None

        return self._combine(place, self.codes([node.base, node.index]), pick)

    def _function(self, node: FunctionCall) -> Code:
        place, arguments = self.place(node), self.codes(node.arguments)
        if FUNCTIONS[node.name].asks:
            ask = functions.ASKING[node.name]

            def suspending(context: Context) -> Waiting:
                values = yield from evaluate_all(arguments, context)
                return (yield from ask(context, place, *values))

            return Code(place, None, suspending)
        function = functions.PLAIN[node.name]
        return self._combine(place, arguments, lambda context, *values: function(context, place, *values))

    def _define(self, node: DefineCall) -> Code:
        name, place, arguments = node.name, self.place(node), self.codes(node.arguments)

        def suspending(context: Context) -> Waiting:
            values = yield from evaluate_all(arguments, context)
            return (yield from self.call_define(context, name, values, place))

        return Code(place, None, suspending)

    # ------------------------------------------------------------------------------------------------- operators

    def _prefix(self, node: Prefix) -> Code:
        place = self.place(node)
        if node.operator == "not":
            return self._combine(place, [self.code(node.operand)], lambda _, value: not truth(value, place))

        def negate(_: Context, value: Any) -> Any:
            if not is_number(value) and kind_of(value) != "a duration":
                raise place.error(f"{kind_of(value)} has no sign")
            return -value

        return self._combine(place, [self.code(node.operand)], negate)

    def _ticks(self, node: Ticks) -> Code:
        place = self.place(node)

        def times_tick(context: Context, count: Any) -> Any:
            if not is_number(count):
                raise place.error(f"so many ticks are a number, not {kind_of(count)}")
            return count * tick_of(price_instrument(context))

        return self._combine(place, [self.code(node.count)], times_tick)

    def _chain(self, node: Chain) -> Code:
        codes, place = self.codes(node.operands), self.place(node)
        if node.level in ("and", "or"):
            return self._logic(place, codes, stop_at=node.level == "or")
        if node.level == "comparison":
            return self._comparison(place, node.operators, codes)
        operators = node.operators

        def compute(_: Context, first: Any, *others: Any) -> Any:
            try:
                for operator, value in zip(operators, others, strict=True):
                    first = arithmetic(operator, first, value)
            except NoSuchOperation as reason:
                raise place.error(str(reason)) from None
            return first

        return self._combine(place, codes, compute)

    def _logic(self, place: Place, codes: Sequence[Code], *, stop_at: bool) -> Code:
        """`and` and `or`: what need not be looked at is not looked at."""
        plains = [code.plain for code in codes]
        if all(plain is not None for plain in plains):

            def plain(context: Context) -> bool:
                for code in codes:
                    assert code.plain is not None
                    if truth(code.plain(context), code.place) is stop_at:
                        return stop_at
                return not stop_at

            return Code(place, plain)

        def suspending(context: Context) -> Waiting:
            for code in codes:
                if truth((yield from code.evaluate(context)), code.place) is stop_at:
                    return stop_at
            return not stop_at

        return Code(place, None, suspending)

    def _comparison(self, place: Place, operators: Sequence[str], codes: Sequence[Code]) -> Code:
        comparisons = [COMPARISONS[operator] for operator in operators]

        def compare(_: Context, *values: Any) -> bool:
            try:
                return all(comparison(a, b) for comparison, a, b in zip(comparisons, values, values[1:], strict=False))
            except NoSuchOperation as reason:
                raise place.error(str(reason)) from None

        return self._combine(place, codes, compare)


def truth(value: Any, place: Place) -> bool:
    """A condition's value. Raises ScenarioError where it is neither true nor false."""
    if isinstance(value, bool):
        return value
    raise place.error(f"a condition is true or false; this is {kind_of(value)}")


def price_instrument(context: Context) -> str:
    """The instrument whose prices are meant: that of the report in `where`, of the order in `at`, else the default."""
    if context.subject is not None:
        try:
            instrument = context.subject.read("InstrumentID")
        except KeyError:
            instrument = ""
        if instrument:
            return str(instrument)
    return context.instrument or context.default_instrument


def _read(value: Any, name: str, place: Place) -> Any:
    try:
        return read(value, name)
    except NoSuchField as reason:
        raise place.error(str(reason)) from None
