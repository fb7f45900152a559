"""The tree of a scenario file, as written.

Statements have one form, `Step`: a verb and its parts by name, because there are seventy of them and most are
told apart by a table (see `signatures`). Expressions have a class for each shape. A node's span does not count when
trees are compared.
"""

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from ctpscen.language.source import Span

LiteralKind = Literal["number", "duration", "time", "date", "moment", "text", "instrument", "boolean", "none"]


def _span() -> Any:
    return field(eq=False, repr=False)


@frozen
class LiteralValue:
    """A literal: a number, a timedelta, a time, date or datetime, a text, an Instrument, True, False or None."""

    kind: LiteralKind
    value: Any
    span: Span = _span()


@frozen
class Template:
    """A text with expressions in it; the parts are texts and expressions in turn."""

    parts: tuple["str | Expression", ...]
    span: Span = _span()


@frozen
class Name:
    name: str
    span: Span = _span()


@frozen
class ListOf:
    items: tuple["Expression", ...]
    span: Span = _span()


@frozen
class FieldOf:
    """`base.name`."""

    base: "Expression"
    name: "Word"
    span: Span = _span()


@frozen
class IndexOf:
    """`base[index]`."""

    base: "Expression"
    index: "Expression"
    span: Span = _span()


@frozen
class Call:
    """`name(arguments)`: a function of the language, or a step of one's own."""

    name: "Word"
    arguments: tuple["Expression", ...]
    span: Span = _span()


@frozen
class Prefix:
    """`not x`, `-x`."""

    operator: str
    operand: "Expression"
    span: Span = _span()


@frozen
class Ticks:
    """`N ticks`: so many price ticks of the instrument that the price is of."""

    count: "Expression"
    span: Span = _span()


@frozen
class Chain:
    """Operands with an operator between each two, all of one level: `a + b - c`, `0 < x <= 5`, `p and q`."""

    level: Literal["or", "and", "comparison", "sum", "product"]
    operators: tuple[str, ...]
    operands: tuple["Expression", ...]
    span: Span = _span()


# What the checker makes of a Name or a Call once it knows what is meant.


@frozen
class Variable:
    """A name that the scenario gives a value."""

    name: str
    span: Span = _span()


@frozen
class Constant:
    """One of CTP's constants, by its short name."""

    name: str
    value: str
    span: Span = _span()


@frozen
class ReportField:
    """In `where`: a field of the report, under CTP's name or the language's."""

    name: str
    span: Span = _span()


@frozen
class PriceWord:
    """`ask`, `last`, `upper_limit` …: read off the newest market data of the instrument in question."""

    word: str
    span: Span = _span()


@frozen
class FunctionCall:
    """A function of the language; a bare word where the function takes one is a text here."""

    name: str
    arguments: tuple["Expression", ...]
    span: Span = _span()


@frozen
class DefineCall:
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


@frozen
class Word:
    """A name, a keyword or a text where the grammar wants just that."""

    text: str
    span: Span = _span()


@frozen
class Step:
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


@frozen
class Pattern:
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


@frozen
class SyntaxTree:
    """A whole file. `contested` are words that were read as the language's own where a name could have stood."""

    steps: tuple[Step, ...]
    comments: tuple[Span, ...] = field(eq=False, repr=False, default=())
    contested: tuple[Word, ...] = field(eq=False, repr=False, default=())
