"""Walking over expressions."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ctpscen.language.syntax.tree import (
    Call,
    Chain,
    Constant,
    DefineCall,
    Expression,
    FieldOf,
    FunctionCall,
    IndexOf,
    ListOf,
    LiteralValue,
    Name,
    Pattern,
    Prefix,
    PriceWord,
    ReportField,
    Step,
    Template,
    Ticks,
    Variable,
)


def expressions_in(value: Any) -> Iterator[Expression]:
    """Every expression inside a part of a step, itself included; those of a pattern too."""
    ahead = [value]
    while ahead:
        value = ahead.pop()
        children = _CHILDREN.get(type(value))
        if children is not None:
            yield value
            ahead.extend(reversed(children(value)))
        elif isinstance(value, tuple):
            ahead.extend(reversed(value))
        elif isinstance(value, Pattern):
            ahead.extend(reversed(list(value.parts.values())))


def readings_in(value: Expression) -> Iterator[Expression]:
    """The names, fields and calls that an expression is made of, each as long as it can be, no one twice."""
    seen: list[Expression] = []
    ahead = [value]
    while ahead:
        value = ahead.pop()
        if isinstance(value, _READINGS):
            if value not in seen:
                seen.append(value)
                yield value
        else:
            ahead.extend(reversed(_CHILDREN[type(value)](value)))


_READINGS = (Variable, ReportField, FieldOf, IndexOf, FunctionCall)

_CHILDREN: Mapping[type, Callable[[Any], Any]] = {
    LiteralValue: lambda _: (),
    Template: lambda node: tuple(part for part in node.parts if not isinstance(part, str)),
    Name: lambda _: (),
    ListOf: lambda node: node.items,
    FieldOf: lambda node: (node.base,),
    IndexOf: lambda node: (node.base, node.index),
    Call: lambda node: node.arguments,
    Prefix: lambda node: (node.operand,),
    Ticks: lambda node: (node.count,),
    Chain: lambda node: node.operands,
    Variable: lambda _: (),
    Constant: lambda _: (),
    ReportField: lambda _: (),
    PriceWord: lambda _: (),
    FunctionCall: lambda node: node.arguments,
    DefineCall: lambda node: node.arguments,
}


def own_expressions(step: Step) -> Iterator[Expression]:
    """The expressions of a step itself, not those of the blocks that it opens, whose steps are no expressions."""
    return expressions_in(tuple(step.parts.values()))
