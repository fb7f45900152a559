"""Operators: which types go together, and what comes of them."""

import re
from collections.abc import Mapping

from ctpscen.ctp.schema import constants
from ctpscen.ctp.schema.records import Field
from ctpscen.language.checking.expressions.context import Context, Resolved, constant_words, may_be
from ctpscen.language.meaning import types
from ctpscen.language.meaning.scope import spelled
from ctpscen.language.meaning.types import ANY, DURATION, MOMENT, NUMBER, TEXT, Type
from ctpscen.language.syntax.tree import Constant, Expression, ListOf, LiteralValue, ReportField
from ctpscen.language.text.source import Span
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.language.words import table as words

# What each operator makes of two types; `any` and what is not here are looked after in the code.
_ARITHMETIC: Mapping[tuple[str, str, str], Type] = {
    ("+", "number", "number"): NUMBER,
    ("-", "number", "number"): NUMBER,
    ("*", "number", "number"): NUMBER,
    ("/", "number", "number"): NUMBER,
    ("%", "number", "number"): NUMBER,
    ("+", "duration", "duration"): DURATION,
    ("-", "duration", "duration"): DURATION,
    ("*", "duration", "number"): DURATION,
    ("*", "number", "duration"): DURATION,
    ("/", "duration", "number"): DURATION,
    ("/", "duration", "duration"): NUMBER,
    ("+", "moment", "duration"): MOMENT,
    ("+", "duration", "moment"): MOMENT,
    ("-", "moment", "duration"): MOMENT,
    ("-", "moment", "moment"): DURATION,
    ("+", "text", "text"): TEXT,
    ("+", "text", "instrument"): TEXT,
    ("+", "instrument", "text"): TEXT,
}

_FLAGS = ("CombOffsetFlag", "CombHedgeFlag")  # texts of several constants, one a character

_EQUALITIES = ("==", "!=", "is", "is not")


def arithmetic(context: Context, operator: str, a: Type, b: Type, span: Span) -> Type:
    if a == ANY or b == ANY:
        return ANY
    if operator == "+" and a.base == b.base == "list":
        return types.joined(a, b)
    result = _ARITHMETIC.get((operator, a.base, b.base))
    if result is None:
        context.error("E301", f"`{operator}` does not go with {types.spoken(a)} and {types.spoken(b)}", span)
        return ANY
    return result


def compare(context: Context, operator: str, left: Resolved, right: Resolved) -> None:
    (a, kind_a), (b, kind_b) = left, right
    span = (a.span[0], b.span[1])
    if isinstance(a, ReportField) and isinstance(b, ReportField) and a.name == b.name:
        written = context.diagnostics.source.slice(a.span)
        message = f"`{written}` is compared with itself: in `where` a name is the report's field first"
        context.error("E305", message, span)
    if (context.report or types.comparable(kind_a, kind_b)) and _only_constants(context, a, b):
        return
    if operator in ("in", "not in"):
        if kind_b.base not in ("list", "text", "instrument", "any"):
            context.error("E301", f"`{operator}` wants a list or a text behind it, not {types.spoken(kind_b)}", b.span)
        return
    if operator == "matches":
        _check_match(context, left, right)
        return
    orders = (types.ORDER, types.list_of(types.ORDER))  # both are compared by status
    if operator in ("is", "is not") and (kind_a in orders or kind_b in orders):
        return
    if not types.comparable(kind_a, kind_b):
        for one, other in ((a, kind_b), (b, kind_a)):
            if context.only_constant(one, f"{types.spoken(other)} stands beside it"):
                return
        what_is_wrong = "is never equal to" if operator in _EQUALITIES else "cannot be compared with"
        context.error("E301", f"{types.spoken(kind_a)} {what_is_wrong} {types.spoken(kind_b)}", span)
    elif operator not in _EQUALITIES and not (types.ordered(kind_a) and types.ordered(kind_b)):
        what = kind_b if types.ordered(kind_a) else kind_a
        context.error("E301", f"`{operator}` does not go with {types.spoken(what)}", span)


def _only_constants(context: Context, a: Expression, b: Expression) -> bool:
    """Whether a constant of CTP's is compared with what never changes either: its name was meant for a field's.

    CTP has constants called `Txt` or `Volume`, so that a field that a record does not have may be one by accident.
    """
    found = next((each for each in (a, b) if isinstance(each, Constant)), None)
    if found is None or not (_never_changes(a) and _never_changes(b)):
        return False
    word = context.diagnostics.source.slice(found.span)
    if context.report is None:
        return context.only_constant(found, "what it is compared with never changes either")
    fields = [spelled(field.name) for field in types.ctp_fields(context.report)]
    suggestion = did_you_mean(word, [*fields, *types.words_of(context.report)])
    note = f"CTP's constant of that name is {found.value!r}, and what it is compared with never changes either"
    context.error("E203", f"the report has no field `{word}`{suggestion}", found.span, notes=[note])
    return True


def _never_changes(expression: Expression) -> bool:
    if isinstance(expression, ListOf):
        return all(_never_changes(item) for item in expression.items)
    return isinstance(expression, Constant | LiteralValue)


def _check_match(context: Context, left: Resolved, right: Resolved) -> None:
    """Sees to it that texts are on both sides, and that the pattern is a regular expression."""
    for side, kind in (left, right):
        if kind.base not in ("text", "instrument", "any"):
            context.error("E301", f"`matches` wants texts on both sides, not {types.spoken(kind)}", side.span)
            return
    pattern, _ = right
    if isinstance(pattern, LiteralValue) and pattern.kind == "text":
        try:
            re.compile(str(pattern.value))
        except re.error as reason:
            context.error("E301", f"this is no regular expression: {reason}", pattern.span)


def compare_texts(context: Context, field: Field | None, written: Expression) -> None:
    """Sees to it that a field of fixed values is compared with a text that is one of them, or with the empty one."""
    if isinstance(written, ListOf):
        for item in written.items:
            compare_texts(context, field, item)
    elif field is not None and isinstance(written, LiteralValue) and written.kind == "text":
        known, text = constants.of_type(field.type), str(written.value)
        values = set(known.values())
        if not known or not text or text in values or (field.type in _FLAGS and values.issuperset(text)):
            return
        if constants.value_of(field.type, words.constants().get(text, text)) is not None:
            suggestion = f"; CTP's constant stands without quotation marks: `{text}`"
        else:
            suggestion = did_you_mean(text, constant_words(field, text))
        context.error("E204", f'{field.name} is never "{text}"{suggestion}', written.span, notes=[may_be(field, text)])
