"""Names: what each means where it stands, or what is said of one that means nothing."""

from ctpscen.ctp.schema import constants
from ctpscen.ctp.schema.records import Field
from ctpscen.ctp.schema.tables import normalise
from ctpscen.language.checking.expressions.context import Context, Resolved, constant_words, may_be
from ctpscen.language.meaning import types
from ctpscen.language.meaning.functions import PRICE_WORDS
from ctpscen.language.meaning.scope import spelled
from ctpscen.language.meaning.types import ANY, NUMBER, TEXT
from ctpscen.language.syntax import idioms
from ctpscen.language.syntax.tree import Constant, Name, PriceWord, ReportField, Variable
from ctpscen.language.text.diagnostics import Label
from ctpscen.language.text.source import Span
from ctpscen.language.text.suggestions import did_you_mean, nearest
from ctpscen.language.words import table as words
from ctpscen.language.words.table import english


def resolve_name(context: Context, node: Name, hint: Field | None) -> Resolved:
    name, span = node.name, node.span
    hinted = hint is not None and bool(constants.of_type(hint.type))
    found = (
        _report_field(context, name, span)
        or (_price(context, name, span) if context.prices_first else None)
        or _variable(context, name, span)
        or _price(context, name, span)
        or (_constant(context, name, span, hint) if hinted else None)
        or _later(context, name, span)
        or _constant(context, name, span, hint)
    )
    if found:
        return found
    _undefined(context, name, span, hint)
    return Variable(name, span), ANY


def _report_field(context: Context, name: str, span: Span) -> Resolved | None:
    if context.report is None:
        return None
    found = types.find_ctp_field(context.report, name)
    word = None if found else types.own_word(context.report, name)
    if found is None and word is None:
        return None
    if name in context.scope.types:
        context.scope.used.add(name)
        context.warn("W504", f"`{name}` is the report's field here, and hides the variable of that name", span)
    if found:
        return ReportField(found.name, span), types.of_field(found)
    assert word is not None
    return ReportField(word, span), types.words_of(context.report)[word]


def _variable(context: Context, name: str, span: Span) -> Resolved | None:
    if name not in context.scope.types:
        return None
    context.scope.used.add(name)
    if context.constant and name not in context.scope.sure:
        return None
    if name not in context.scope.sure:
        context.warn("W502", f"`{name}` has a value on some paths only", span)
        context.scope.sure.add(name)  # say it once
    return Variable(name, span), context.scope.types[name]


def _price(context: Context, name: str, span: Span) -> Resolved | None:
    word = english(name, PRICE_WORDS)
    if word not in PRICE_WORDS:
        return None
    if context.constant:
        context.error("E304", f"`{name}` is a price of the market; a constant is wanted here", span)
    return PriceWord(word, span), NUMBER


def _later(context: Context, name: str, span: Span) -> Resolved | None:
    place = context.scope.later.get(name)
    if place is None:
        return None
    message = f"`{name}` is used before anything gives it a value"
    context.error("E202", message, span, others=[Label(place, "here it gets one")])
    context.scope.used.add(name)
    return Variable(name, span), ANY


def _constant(context: Context, name: str, span: Span, hint: Field | None) -> Resolved | None:
    word = words.constants().get(name, name)
    if hint is not None and constants.of_type(hint.type):
        value = constants.value_of(hint.type, word)
        if value is not None:
            return Constant(word, value, span), TEXT
        return None
    meanings = constants.meanings().get(normalise(word))
    if meanings is None:
        return None
    values = set(meanings.values())
    if len(values) > 1:
        listed = ", ".join(f"{kind} {value!r}" for kind, value in sorted(meanings.items())[:4])
        more = "" if len(meanings) <= 4 else f" and {len(meanings) - 4} more"
        message = f"`{name}` means different things to CTP: {listed}{more}; compare it with a field"
        context.error("E205", message, span)
        return Variable(name, span), ANY
    return Constant(word, values.pop(), span), TEXT


def _undefined(context: Context, name: str, span: Span, hint: Field | None) -> None:
    if hint is not None and constants.of_type(hint.type):
        suggestion = did_you_mean(name, [*constant_words(hint, name), *context.scope.types])
        context.error("E204", f"{hint.name} is never `{name}`{suggestion}", span, notes=[may_be(hint, name)])
        return
    names = [*context.scope.types, *words.spellings_of(PRICE_WORDS)]
    if context.report is not None:
        names += [spelled(found.name) for found in types.ctp_fields(context.report)]
        names += types.words_of(context.report)
    if said := idioms.meant_by_name(name):
        context.error("E201", f"`{name}` is not defined; {said}", span)
        return
    meant = nearest(name, names)
    if meant is not None:
        context.scope.used.add(meant)  # which is not to be called unused as well
    context.error("E201", f"`{name}` is not defined" + (f"; did you mean `{meant}`?" if meant else ""), span)
