"""Reading a single value as the language writes it, for the command line."""

from typing import Any

from ctpscen.ctp.terms.instruments import Instrument
from ctpscen.language.meaning.types import Type, fits, list_of, spoken
from ctpscen.language.syntax.parser import parse_expression
from ctpscen.language.syntax.tree import Expression, ListOf, LiteralValue, Prefix
from ctpscen.language.text.source import Source


def read_value(text: str, kind: Type) -> Any:
    """The value that a text stands for where a type is wanted. Raises ValueError with the reason.

    A text and an instrument are taken as they are written; everything else is a literal.
    """
    if kind.base == "text":
        return text
    if kind.base == "instrument":
        return Instrument.parse(text)
    found = parse_expression(Source("value", text))
    if found is None:
        raise ValueError(f"`{text}` is not {spoken(kind)}")
    try:
        value, found_kind = _literal(found)
    except ValueError:
        raise ValueError(f"`{text}` is not {spoken(kind)}") from None
    if not fits(found_kind, kind):
        raise ValueError(f"`{text}` is {spoken(found_kind)}; {spoken(kind)} is wanted")
    return value


def _literal(expression: Expression) -> tuple[Any, Type]:
    if isinstance(expression, LiteralValue):
        return expression.value, Type(expression.kind)
    if isinstance(expression, Prefix) and expression.operator == "-":
        value, kind = _literal(expression.operand)
        if kind.base in ("number", "duration"):
            return -value, kind
    if isinstance(expression, ListOf):
        items = [_literal(item) for item in expression.items]
        return [value for value, _ in items], list_of(items[0][1]) if items else list_of(Type("any"))
    raise ValueError("a literal is wanted")
