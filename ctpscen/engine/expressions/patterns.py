"""Patterns: which reports an expectation takes, and in what a report that it does not take differs.

A pattern is compiled once. When its step begins, the values in it (the order of `of`, the code of `by`) are worked
out, which gives a Matcher; `where` is worked out for every report.
"""

from __future__ import annotations  # closures are made for every step, and theirs need not be evaluated

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from attrs import define, field, frozen

from ctpscen.client.books.orders import Order
from ctpscen.client.books.reports import Report, Sent
from ctpscen.ctp.reports import KINDS, find_field, find_kind
from ctpscen.ctp.schema import constants
from ctpscen.ctp.schema.records import Field, record
from ctpscen.ctp.terms.instruments import product_id
from ctpscen.ctp.terms.products import product_of
from ctpscen.engine.expressions.compile import Code, ExpressionCompiler, truth
from ctpscen.engine.expressions.values import is_number, kind_of, show
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import NeedsQuote, Place
from ctpscen.engine.state.waits import Waiting
from ctpscen.language.syntax.tree import Chain, Expression, Pattern, ReportField
from ctpscen.language.syntax.walk import readings_in

_DERIVED = frozenset({"rejection", "cancel_rejection"})
_PHASE = "OnRtnInstrumentStatus"


@frozen(eq=False, repr=False)
class Conjunct:
    """One of the conditions that `and` joins in a `where`: the whole, and its parts where it compares a field.

    `fields` are those that are in it.
    """

    code: Code
    field: ReportField | None = None
    operator: str = ""
    wanted: Code | None = None
    fields: tuple[ReportField, ...] = ()


@frozen(eq=False, repr=False)
class PatternCode:
    """A compiled pattern."""

    place: Place
    kind: str
    of: Code | None
    instrument: Code | None
    total: Code | None
    source: str | None
    code: Code | None
    where: tuple[Conjunct, ...]
    containing: Code | None = None

    def matcher(self, context: Context) -> Waiting:
        """The matcher for one use of the pattern; works out what the pattern names."""
        subjects = None
        if self.of is not None:
            subjects = _subjects((yield from self.of.evaluate(context)), self.of.place)
        instrument = None if self.instrument is None else (yield from self.instrument.evaluate(context))
        code = None if self.code is None else (yield from self.code.evaluate(context))
        if code is not None and not is_number(code):
            assert self.code is not None
            raise self.code.place.error(f"a code is a number, not {kind_of(code)}")
        containing = None if self.containing is None else show((yield from self.containing.evaluate(context)))
        return Matcher(self, context, subjects, instrument, code, containing)


def compile_pattern(pattern: Pattern, compiler: ExpressionCompiler) -> PatternCode:
    def optional(name: str) -> Code | None:
        expression = pattern.expression(name)
        return None if expression is None else compiler.code(expression)

    source, code = pattern.parts.get("by", (None, None))
    where = pattern.expression("where")
    return PatternCode(
        place=Place(compiler.source, pattern.span),
        kind=pattern.kind.text,
        of=optional("of"),
        instrument=optional("in"),
        total=optional("total"),
        source=source.text if source is not None else None,
        code=None if code is None else compiler.code(code),
        where=tuple(_conjuncts(where, compiler)) if where is not None else (),
        containing=optional("containing"),
    )


def _conjuncts(where: Expression, compiler: ExpressionCompiler) -> Iterator[Conjunct]:
    if isinstance(where, Chain) and where.level == "and":
        for operand in where.operands:
            yield from _conjuncts(operand, compiler)
        return
    code = compiler.code(where)
    if isinstance(where, Chain) and where.level == "comparison" and len(where.operands) == 2:
        left, right = where.operands
        if isinstance(left, ReportField):
            yield Conjunct(code, left, where.operators[0], compiler.code(right))
            return
    yield Conjunct(code, fields=tuple(each for each in readings_in(where) if isinstance(each, ReportField)))


def _subjects(value: Any, place: Place) -> list[Order | Sent]:
    found = value if isinstance(value, list) else [value]
    for each in found:
        if not isinstance(each, Order | Sent):
            raise place.error(f"`of` takes an order, a request, or a list of them, not {kind_of(each)}")
    return found


@define(eq=False, repr=False)
class Matcher:
    """A pattern with its values, for the reports of one session."""

    pattern: PatternCode
    context: Context
    subjects: Sequence[Order | Sent] | None
    instrument: Any
    code: Any
    containing: str | None = None
    actor: Actor = field(init=False)
    _test: Callable[[Report], bool] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.actor = self.context.acting
        kind = self.pattern.kind
        if kind in _DERIVED:
            self._test = lambda report: report.refusal == kind
        else:
            names = KINDS[kind].callbacks if kind in KINDS else (kind,)
            if kind in KINDS and kind != "quote":  # of a program's two APIs the trader's is meant
                self._test = lambda report: report.name in names and not report.market
            else:
                self._test = lambda report: report.name in names

    def is_kind(self, report: Report) -> bool:
        return self._test(report) and not self._is_beside(report)

    def _is_beside(self, report: Report) -> bool:
        """Whether it is of a login of the program that is not meant: a kind means the first, if no other is named."""
        if report.login is None or self.pattern.kind not in KINDS:
            return False
        return self.instrument is None or report.login.user != str(self.instrument)

    def matches(self, report: Report) -> bool:
        """Whether an expectation of this pattern takes the report."""
        return (
            self.is_kind(report)
            and (self.subjects is None or self._is_of(report))
            and (self.instrument is None or self._is_in(report))
            and (self.pattern.source is None or report.source == self.pattern.source)
            and (self.code is None or report.code == self.code)
            and (self.containing is None or self.containing in _text_of(report))
            and self._holds(report)
        )

    def _holds(self, report: Report) -> bool:
        if not self.pattern.where:
            return True
        context, before = self.context, self.context.subject
        context.subject = report
        try:
            return all(truth(_value(each.code, context), each.code.place) for each in self.pattern.where)
        finally:
            context.subject = before

    def _is_of(self, report: Report) -> bool:
        owner = self.owner(report)
        for subject in self.subjects or ():
            if isinstance(subject, Sent):
                if report.request_id and report.request_id == subject.request_id:
                    return True
            elif owner is not None and _is_same(owner, subject):
                return True
        return False

    def owner(self, report: Report) -> Order | None:
        """The order that a report is of, if it can be told by now."""
        if report.order is None and report.name == "OnRtnTrade":
            orders = self.actor.books.orders if report.login is None else report.login.orders
            report.order = orders.order_of(report.fields or {})
        return report.order

    def _is_in(self, report: Report) -> bool:
        """Whether a report is of the instrument, or of the login of a program.

        A phase is reported for a whole product (BEHAVIOUR 3.10).
        """
        named, wanted = self._instrument(report), str(self.instrument)
        if self.actor.is_of_login(report, wanted):
            return True
        if named == wanted or report.name != _PHASE:
            return named == wanted
        product = product_of(wanted)
        return named == (product.id if product is not None else product_id(wanted))

    def _instrument(self, report: Report) -> str:
        return str((report.fields or {}).get("InstrumentID", ""))

    # ---------------------------------------------------------------------------------- what a report differs in

    def differences(self, report: Report) -> list[str]:
        """In what a report of the kind is not what was wanted, one short text each."""
        found = []
        if self.subjects is not None and not self._is_of(report):
            found.append(self._other_subject(report))
        if self.instrument is not None and not self._is_in(report):
            found.append(f"of {self._instrument(report) or 'no instrument'}, wanted {self.instrument}")
        if self.pattern.source is not None and report.source != self.pattern.source:
            found.append(f"by {report.source}, wanted {self.pattern.source}")
        if self.code is not None and report.code != self.code:
            found.append(f"code {report.code}, wanted {show(self.code)}")
        if self.containing is not None and self.containing not in _text_of(report):
            found.append(f'"{_text_of(report)}" does not contain "{self.containing}"')
        before, self.context.subject = self.context.subject, report
        try:
            found += [text for each in self.pattern.where if (text := self._difference(each, report))]
        finally:
            self.context.subject = before
        return found

    def _other_subject(self, report: Report) -> str:
        owner = self.owner(report)
        assert self.pattern.of is not None
        wanted = self.pattern.of.place.text
        if owner is None:
            return f"not of {wanted}"
        return f"of the order {owner.key[2].strip()} in {owner.value('InstrumentID')}, wanted of {wanted}"

    def _difference(self, conjunct: Conjunct, report: Report) -> str:
        if truth(_value(conjunct.code, self.context), conjunct.code.place):
            return ""
        if conjunct.field is None or conjunct.wanted is None:
            read = ", ".join(self._read(conjunct, each, report) for each in conjunct.fields)
            return f"not so: {conjunct.code.place.text}" + (f" ({read})" if read else "")
        known = _field(report, self.pattern.kind, conjunct.field.name)
        wanted = show_field(known, _plain(conjunct.wanted)(self.context))
        sign = "" if conjunct.operator in ("==", "is") else f"{conjunct.operator} "
        return f"{self._read(conjunct, conjunct.field, report)}, wanted {sign}{wanted}"

    def _read(self, conjunct: Conjunct, field: ReportField, report: Report) -> str:
        """A field as it is written, and what the report has in it."""
        known = _field(report, self.pattern.kind, field.name)
        return f"{conjunct.code.place.source.slice(field.span)} {show_field(known, report.read(field.name))}"


def _text_of(report: Report) -> str:
    return str((report.words or {}).get("text", ""))


def _is_same(one: Order, other: Order) -> bool:
    """Whether two are one order, perhaps as two sessions know it. A session may send the same OrderRef twice (22)."""
    return one is other or (one.key == other.key and (one.input is None or other.input is None))


def _value(code: Code, context: Context) -> Any:
    """A value in a `where`; market data that it needs must be there already."""
    try:
        return _plain(code)(context)
    except NeedsQuote as missing:
        raise code.place.error(f"there is no market data of {missing.instrument} yet") from None


def _plain(code: Code) -> Callable[[Context], Any]:
    assert code.plain is not None, "nothing in a `where` takes time"
    return code.plain


def _field(report: Report, kind: str, name: str) -> Field | None:
    found = find_kind(kind)
    if found is not None and (field := find_field(found, name)):
        return field
    return next((field for each in report.records if (field := record(each).find(name))), None)


def show_field(known: Field | None, value: Any) -> str:
    """A field's value for people: a constant by its name."""
    if isinstance(value, list):
        return "[" + ", ".join(show_field(known, item) for item in value) + "]"
    if isinstance(value, str):
        if known is not None and (name := constants.name_of(known.type, value)):
            return name
        return f'"{value}"'
    return show(value)
