"""The tree of a scenario file, as written.

Statements have one form, `Step`: a verb and its parts by name, because there are seventy of them and most are
told apart by a table (`meaning/verbs`). Expressions have a class for each shape. A node's span does not count when
trees are compared.
"""

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, fields, frozen

from ctpscen.language.text.source import Span

LiteralKind = Literal["number", "duration", "time", "date", "moment", "text", "instrument", "boolean", "none"]


class Node:
    """What the nodes share: how they are compared and shown. One definition spares a start the making of twenty.

    Two nodes are equal if they are of one kind and all but their spans is equal.
    """

    __slots__ = ()

    def _content(self) -> tuple[Any, ...]:
        return tuple(getattr(self, each.name) for each in fields(type(self)) if each.eq)  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash(self._content())

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self._content()!r}"


def _span() -> Any:
    return field(eq=False, repr=False)


@frozen(eq=False, repr=False)
class LiteralValue(Node):
    """A literal: a number, a timedelta, a time, date or datetime, a text, an Instrument, True, False or None."""

    kind: LiteralKind
    value: Any
    span: Span = _span()


@frozen(eq=False, repr=False)
class Template(Node):
    """A text with expressions in it; the parts are texts and expressions.

    Once checked, `constants` has the CTP type of each part whose value is a constant's character, '' for the others.
    """

    parts: tuple["str | Expression", ...]
    span: Span = _span()
    constants: tuple[str, ...] = ()


@frozen(eq=False, repr=False)
class Name(Node):
    name: str
    span: Span = _span()


@frozen(eq=False, repr=False)
class ListOf(Node):
    items: tuple["Expression", ...]
    span: Span = _span()


@frozen(eq=False, repr=False)
class FieldOf(Node):
    """`base.name`."""

    base: "Expression"
    name: "Word"
    span: Span = _span()


@frozen(eq=False, repr=False)
class IndexOf(Node):
    """`base[index]`."""

    base: "Expression"
    index: "Expression"
    span: Span = _span()


@frozen(eq=False, repr=False)
class Call(Node):
    """`name(arguments)`: a function of the language, or a step of one's own."""

    name: "Word"
    arguments: tuple["Expression", ...]
    span: Span = _span()


@frozen(eq=False, repr=False)
class Prefix(Node):
    """`not x`, `-x`."""

    operator: str
    operand: "Expression"
    span: Span = _span()


@frozen(eq=False, repr=False)
class Ticks(Node):
    """`N ticks`: so many price ticks of the instrument that the price is of."""

    count: "Expression"
    span: Span = _span()


@frozen(eq=False, repr=False)
class Chain(Node):
    """Operands with an operator between each two, all of one level: `a + b - c`, `0 < x <= 5`, `p and q`."""

    level: Literal["or", "and", "comparison", "sum", "product"]
    operators: tuple[str, ...]
    operands: tuple["Expression", ...]
    span: Span = _span()


# What the checker makes of a Name or a Call once it knows what is meant.


@frozen(eq=False, repr=False)
class Variable(Node):
    """A name that the scenario gives a value."""

    name: str
    span: Span = _span()


@frozen(eq=False, repr=False)
class Constant(Node):
    """One of CTP's constants, by its short name."""

    name: str
    value: str
    span: Span = _span()


@frozen(eq=False, repr=False)
class ReportField(Node):
    """In `where`: a field of the report, under CTP's name or the language's."""

    name: str
    span: Span = _span()


@frozen(eq=False, repr=False)
class PriceWord(Node):
    """`ask`, `last`, `upper_limit` …: read off the newest market data of the instrument in question."""

    word: str
    span: Span = _span()


@frozen(eq=False, repr=False)
class FunctionCall(Node):
    """A function of the language; a bare word where the function takes one is a text here."""

    name: str
    arguments: tuple["Expression", ...]
    span: Span = _span()


@frozen(eq=False, repr=False)
class DefineCall(Node):
    """A step of one's own."""

    name: str
    arguments: tuple["Expression", ...]
    span: Span = _span()


Expression = (
    LiteralValue
    | Template
    | Name
    | ListOf
    | FieldOf
    | IndexOf
    | Call
    | Prefix
    | Ticks
    | Chain
    | Variable
    | Constant
    | ReportField
    | PriceWord
    | FunctionCall
    | DefineCall
)


@frozen(eq=False, repr=False)
class Word(Node):
    """A name, a keyword or a text where the grammar wants just that."""

    text: str
    span: Span = _span()


@frozen(eq=False, repr=False)
class Step(Node):
    """A statement.

    `verb` is the grammar's rule. `parts` hold what qualifies it: an expression, a Word, a Pattern, or a tuple of
    them for a part that may be repeated. `body` is the block that it opens; None where it opens none.
    """

    verb: str
    parts: Mapping[str, Any]
    body: "tuple[Step, ...] | None"
    span: Span = _span()
    head: Span = _span()  # the verb itself, or the name of an actor

    def has(self, part: str) -> bool:
        return part in self.parts

    def expression(self, part: str) -> Expression | None:
        value: Expression | None = self.parts.get(part)
        return value

    def required(self, part: str) -> Expression:
        value: Expression = self.parts[part]
        return value

    def word(self, part: str) -> Word | None:
        value: Word | None = self.parts.get(part)
        return value

    def many(self, part: str) -> tuple[Any, ...]:
        value: tuple[Any, ...] = self.parts.get(part, ())
        return value


@frozen(eq=False, repr=False)
class Pattern(Node):
    """`trades of entry total 2 by counter 31 where volume == 1`; `kind` is singular, or the name of a callback."""

    kind: Word
    parts: Mapping[str, Any]
    span: Span = _span()

    def expression(self, part: str) -> Expression | None:
        value: Expression | None = self.parts.get(part)
        return value

    def word(self, part: str) -> Word | None:
        value: Word | None = self.parts.get(part)
        return value


@frozen(eq=False, repr=False)
class SyntaxTree(Node):
    """A whole file. `contested` are words that were read as the language's own where a name could have stood."""

    steps: tuple[Step, ...]
    comments: tuple[Span, ...] = field(eq=False, repr=False, default=())
    contested: tuple[Word, ...] = field(eq=False, repr=False, default=())
