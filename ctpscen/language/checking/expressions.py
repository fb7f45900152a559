"""Expressions: what each name means, and whether the types go together."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from attrs import define, evolve, field

from ctpscen.ctp.reports import KINDS
from ctpscen.ctp.schema import constants
from ctpscen.ctp.schema.records import Field, record
from ctpscen.ctp.schema.tables import normalise
from ctpscen.ctp.terms.instruments import looks_like_instrument
from ctpscen.ctp.terms.products import products
from ctpscen.language.meaning import types
from ctpscen.language.meaning.functions import FUNCTIONS, PRICE_WORDS, WORD_FUNCTIONS, Function
from ctpscen.language.meaning.scope import Scope, spelled
from ctpscen.language.meaning.types import ANY, BOOLEAN, DURATION, MOMENT, NUMBER, TEXT, Type
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
    Prefix,
    PriceWord,
    ReportField,
    Template,
    Ticks,
    Variable,
)
from ctpscen.language.text.diagnostics import Diagnostic, Diagnostics, Label
from ctpscen.language.text.source import Span
from ctpscen.language.text.suggestions import did_you_mean, nearest

Resolved = tuple[Expression, Type]

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

_EQUALITIES = ("==", "!=", "is", "is not")
_PLAIN_NUMBER = re.compile(r"[\d_]+(\.\d+)?")


@define
class ExpressionChecker:
    """Resolves expressions within a scope.

    `report` is the type of the report that `where` looks at; `no_asking` says why nothing that takes time may stand
    here ('' where it may); `prices_first` holds inside `at`, where a price word wins over a variable.
    """

    diagnostics: Diagnostics
    scope: Scope
    defines: Mapping[str, Any]
    instruments: list[str]
    report: Type | None = None
    no_asking: str = ""
    constant: bool = False
    prices_first: bool = False
    asked: bool = False
    priced: bool = False
    _handlers: dict[type, Callable[..., Resolved]] = field(init=False)
    _fields_read: dict[int, Field] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._handlers = {
            LiteralValue: self._literal,
            Template: self._template,
            Name: self._name,
            ListOf: self._list,
            FieldOf: self._field,
            IndexOf: self._index,
            Call: self._call,
            Prefix: self._prefix,
            Ticks: self._ticks,
            Chain: self._chain,
        }

    # ------------------------------------------------------------------------------------------- from outside

    def check(self, expression: Expression, hint: Field | None = None) -> Resolved:
        """The resolved expression and its type. `hint` is the field that the value is compared with or given to."""
        return self._handlers[type(expression)](expression, hint)

    def wanted(self, expression: Expression, kind: Type, hint: Field | None = None) -> Expression:
        """The resolved expression, after seeing to it that it has the type that is wanted."""
        resolved, found = self.check(expression, hint)
        self.expect_type(resolved, found, kind)
        return resolved

    def expect_type(self, expression: Expression, found: Type, wanted: Type) -> None:
        if types.fits(found, wanted):
            return
        if wanted == DURATION and found == NUMBER:
            written = self.diagnostics.source.slice(expression.span)
            number = written if _PLAIN_NUMBER.fullmatch(written) else "5"
            self.error("E302", f"a duration needs a unit: `{number}s`, `500ms`", expression.span)
            return
        if self.only_constant(expression, f"{types.spoken(wanted)} is wanted here"):
            return
        message = f"this is {types.spoken(found)}; {types.spoken(wanted)} is wanted here"
        self.error("E301", message, expression.span)

    def only_constant(self, expression: Expression, wanted: str) -> bool:
        """Whether a name that is wanted for something else means nothing but a constant of CTP's; says so.

        CTP has constants called `Entry` or `Open`: a name that nothing gives a value may be one by accident.
        """
        if not isinstance(expression, Constant):
            return False
        message = f"nothing gives `{expression.name}` a value; CTP's constant of that name is a text, and {wanted}"
        self.error("E201", message, expression.span)
        return True

    @contextmanager
    def within(self, **changes: Any) -> Iterator[None]:
        """Other circumstances for a while: `report`, `no_asking`, `constant`, `prices_first`."""
        before = {name: getattr(self, name) for name in changes}
        for name, value in changes.items():
            setattr(self, name, value)
        try:
            yield
        finally:
            for name, value in before.items():
                setattr(self, name, value)

    def error(self, code: str, message: str, span: Span, **more: Any) -> None:
        self.diagnostics.add(Diagnostic(code, message, span, **more))

    def warn(self, code: str, message: str, span: Span, **more: Any) -> None:
        self.diagnostics.add(Diagnostic(code, message, span, "warning", **more))

    # -------------------------------------------------------------------------------------------- plain values

    def _literal(self, node: LiteralValue, _: Field | None) -> Resolved:
        if node.value is None:
            return node, types.NONE if node.kind == "none" else ANY
        if node.kind == "instrument" or (node.kind == "text" and looks_like_instrument(str(node.value))):
            self.instruments.append(str(node.value))
        return node, Type(node.kind)

    def _template(self, node: Template, _: Field | None) -> Resolved:
        found = [(part, TEXT) if isinstance(part, str) else self.check(part) for part in node.parts]
        shown = tuple("" if isinstance(part, str) else self._constants_of(part, kind) for part, kind in found)
        return Template(tuple(part for part, _ in found), node.span, shown), TEXT

    def _constants_of(self, expression: Expression, kind: Type) -> str:
        """The CTP type whose constants an expression's value is one of; '' where it is none's."""
        hint = None if types.ORDER in (kind, kind.detail) else self._hint(expression, kind)
        return hint.type if hint is not None and constants.of_type(hint.type) else ""

    def _list(self, node: ListOf, hint: Field | None) -> Resolved:
        element: Type | None = None
        items = []
        for item in node.items:
            resolved, kind = self.check(item, hint)
            items.append(resolved)
            element = types.joined(element, kind)
        return ListOf(tuple(items), node.span), types.list_of(element or ANY)

    # ---------------------------------------------------------------------------------------------------- names

    def _name(self, node: Name, hint: Field | None) -> Resolved:
        name, span = node.name, node.span
        hinted = hint is not None and bool(constants.of_type(hint.type))
        found = (
            self._report_field(name, span)
            or (self._price(name, span) if self.prices_first else None)
            or self._variable(name, span)
            or self._price(name, span)
            or (self._constant(name, span, hint) if hinted else None)
            or self._later(name, span)
            or self._constant(name, span, hint)
        )
        if found:
            return found
        self._undefined(name, span, hint)
        return Variable(name, span), ANY

    def _report_field(self, name: str, span: Span) -> Resolved | None:
        if self.report is None:
            return None
        found = types.find_ctp_field(self.report, name)
        word = None if found else types.find_word(self.report, name)
        if found is None and word is None:
            return None
        if name in self.scope.types:
            self.scope.used.add(name)
            self.warn("W504", f"`{name}` is the report's field here, and hides the variable of that name", span)
        if found:
            return ReportField(found.name, span), types.of_field(found)
        return ReportField(_own_word(self.report, name), span), word or ANY

    def _variable(self, name: str, span: Span) -> Resolved | None:
        if name not in self.scope.types:
            return None
        self.scope.used.add(name)
        if self.constant and name not in self.scope.sure:
            return None
        if name not in self.scope.sure:
            self.warn("W502", f"`{name}` has a value on some paths only", span)
            self.scope.sure.add(name)  # say it once
        return Variable(name, span), self.scope.types[name]

    def _price(self, name: str, span: Span) -> Resolved | None:
        if name not in PRICE_WORDS:
            return None
        if self.constant:
            self.error("E304", f"`{name}` is a price of the market; a constant is wanted here", span)
        self.priced = True
        return PriceWord(name, span), NUMBER

    def _later(self, name: str, span: Span) -> Resolved | None:
        place = self.scope.later.get(name)
        if place is None:
            return None
        message = f"`{name}` is used before anything gives it a value"
        self.error("E202", message, span, others=[Label(place, "here it gets one")])
        self.scope.used.add(name)
        return Variable(name, span), ANY

    def _constant(self, name: str, span: Span, hint: Field | None) -> Resolved | None:
        if hint is not None and constants.of_type(hint.type):
            value = constants.value_of(hint.type, name)
            if value is not None:
                return Constant(name, value, span), TEXT
            return None
        meanings = constants.meanings().get(normalise(name))
        if meanings is None:
            return None
        values = set(meanings.values())
        if len(values) > 1:
            listed = ", ".join(f"{kind} {value!r}" for kind, value in sorted(meanings.items())[:4])
            more = "" if len(meanings) <= 4 else f" and {len(meanings) - 4} more"
            message = f"`{name}` means different things to CTP: {listed}{more}; compare it with a field"
            self.error("E205", message, span)
            return Variable(name, span), ANY
        return Constant(name, values.pop(), span), TEXT

    def _undefined(self, name: str, span: Span, hint: Field | None) -> None:
        if hint is not None and (known := constants.of_type(hint.type)):
            words = [spelled(word) for word in known]
            suggestion = did_you_mean(name, [*words, *self.scope.types])
            listed = ", ".join(f"`{word}`" for word in words[:8])
            listed += f" and {len(words) - 8} more" if len(words) > 8 else ""
            self.error("E204", f"{hint.name} is never `{name}`{suggestion}", span, notes=[f"it may be {listed}"])
            return
        names = [*self.scope.types, *PRICE_WORDS]
        if self.report is not None:
            names += [spelled(found.name) for found in types.ctp_fields(self.report)]
            names += types.words_of(self.report)
        meant = nearest(name, names)
        if meant is not None:
            self.scope.used.add(meant)  # which is not to be called unused as well
        self.error("E201", f"`{name}` is not defined" + (f"; did you mean `{meant}`?" if meant else ""), span)

    # ----------------------------------------------------------------------------------- fields, indices, calls

    def _field(self, node: FieldOf, _: Field | None) -> Resolved:
        base, kind = self.check(node.base)
        element = kind.detail if kind.base == "list" else kind
        if self.only_constant(base, "it has no fields"):
            return FieldOf(base, node.name, node.span), ANY
        result = self._field_type(element or ANY, node)
        found = types.find_ctp_field(element or ANY, node.name.text)
        name = evolve(node.name, text=found.name) if found else node.name
        resolved = FieldOf(base, name, node.span)
        if hint := found or (field_by_word(node.name.text) if element in (ANY, None) else None):
            self._fields_read[id(resolved)] = hint
        return resolved, types.list_of(result) if kind.base == "list" else result

    def _field_type(self, kind: Type, node: FieldOf) -> Type:
        word = node.name.text
        if kind == ANY:
            return ANY
        if own := types.find_word(kind, word):
            return own
        if found := types.find_ctp_field(kind, word):
            return types.of_field(found)
        if not types.has_fields(kind):
            self.error("E203", f"{types.spoken(kind)} has no fields", node.name.span)
            return ANY
        words = [*types.words_of(kind), *(spelled(found.name) for found in types.ctp_fields(kind))]
        what = kind.detail if kind.base == "record" else types.spoken(kind)
        self.error("E203", f"{what} has no field `{word}`{did_you_mean(word, words)}", node.name.span)
        return ANY

    def _index(self, node: IndexOf, _: Field | None) -> Resolved:
        base, kind = self.check(node.base)
        index = self.wanted(node.index, NUMBER)
        if kind.base not in ("list", "any", "text"):
            self.error("E301", f"{types.spoken(kind)} has no elements", node.span)
            return IndexOf(base, index, node.span), ANY
        return IndexOf(base, index, node.span), (kind.detail or ANY) if kind.base == "list" else kind

    def _call(self, node: Call, _: Field | None) -> Resolved:
        name = node.name.text
        if name in self.defines:
            return self._define_call(node)
        function = FUNCTIONS.get(name)
        if function is None:
            suggestion = did_you_mean(name, [*FUNCTIONS, *self.defines])
            self.error("E208", f"there is no function or step `{name}`{suggestion}", node.name.span)
            for argument in node.arguments:
                self.check(argument)
            return DefineCall(name, (), node.span), ANY
        if name in WORD_FUNCTIONS:
            return self._word_call(node, function)
        if function.asks:
            self._takes_time(f"`{name}` asks the front", node.span)
        if function.session and self.constant:
            self.error("E304", f"`{name}` is known only while a scenario runs; a constant is wanted here", node.span)
        least = len(function.arguments) - function.optional
        most = None if function.many else len(function.arguments)
        self._count(node, least, most)
        arguments = []
        for index, argument in enumerate(node.arguments):
            kind = function.arguments[min(index, len(function.arguments) - 1)] if function.arguments else ANY
            arguments.append(self.wanted(argument, kind))
        return FunctionCall(name, tuple(arguments), node.span), function.result

    def _define_call(self, node: Call) -> Resolved:
        name = node.name.text
        define = self.defines[name]
        self._takes_time(f"`{name}` runs steps", node.span)
        if self.constant:
            self.error("E304", f"`{name}` runs steps; a constant is wanted here", node.span)
        required = sum(default is None for _, default in define.parameters)
        self._count(node, required, len(define.parameters))
        arguments = tuple(self.check(argument)[0] for argument in node.arguments)
        return DefineCall(name, arguments, node.span), ANY

    def _word_call(self, node: Call, function: Function) -> Resolved:
        """`defined(NAME)`, `dominant(rb)`, `month(rb, 2)`: the first argument is a word, not a value."""
        name = node.name.text
        self._count(node, len(function.arguments), len(function.arguments))
        argument = node.arguments[0] if node.arguments else None
        rest = [self.wanted(each, kind) for each, kind in zip(node.arguments[1:], function.arguments[1:], strict=False)]
        if not isinstance(argument, Name):
            if argument is not None:
                self.error("E303", f"`{name}` takes a bare name", argument.span)
            return FunctionCall(name, (), node.span), function.result
        if name == "defined":
            self.scope.used.add(argument.name)
        elif argument.name not in products():
            suggestion = did_you_mean(argument.name, products())
            self.error("E303", f"there is no product `{argument.name}`{suggestion}", argument.span)
        word = LiteralValue("text", argument.name, argument.span)
        return FunctionCall(name, (word, *rest), node.span), function.result

    def _takes_time(self, what: str, span: Span) -> None:
        self.asked = True
        if self.no_asking:
            self.error("E306", f"{what}, which takes time; {self.no_asking}", span)

    def _count(self, node: Call, least: int, most: int | None) -> None:
        count = len(node.arguments)
        if count >= least and (most is None or count <= most):
            return
        wanted = f"at least {least}" if most is None else str(most or "no")
        if most is not None and most > least:
            wanted = f"{least} {'or' if most == least + 1 else 'to'} {most}"
        plural = "" if (least if most is None else most) == 1 else "s"
        self.error("E303", f"`{node.name.text}` takes {wanted} argument{plural}, not {count}", node.span)

    # ------------------------------------------------------------------------------------------------ operators

    def _prefix(self, node: Prefix, _: Field | None) -> Resolved:
        operand, kind = self.check(node.operand)
        if node.operator == "not":
            self.expect_type(operand, kind, BOOLEAN)
            return Prefix("not", operand, node.span), BOOLEAN
        if kind.base not in ("number", "duration", "any"):
            self.expect_type(operand, kind, NUMBER)
        return Prefix("-", operand, node.span), kind

    def _ticks(self, node: Ticks, _: Field | None) -> Resolved:
        return Ticks(self.wanted(node.count, NUMBER), node.span), NUMBER

    def _chain(self, node: Chain, _: Field | None) -> Resolved:
        if node.level in ("or", "and"):
            operands = tuple(self._guarded(node))
            return evolve(node, operands=operands), BOOLEAN
        if node.level == "comparison":
            return self._comparison(node)
        first, kind = self.check(node.operands[0])
        operands_found = [first]
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            resolved, other = self.check(operand)
            operands_found.append(resolved)
            kind = self._arithmetic(operator, kind, other, (first.span[0], resolved.span[1]))
        return evolve(node, operands=tuple(operands_found)), kind

    def _guarded(self, node: Chain) -> Iterator[Expression]:
        """The operands of `and` and `or`; behind `defined(x) and`, x has a value."""
        sure = set(self.scope.sure)
        for operand in node.operands:
            resolved = self.wanted(operand, BOOLEAN)
            yield resolved
            if node.level == "and":
                self.scope.sure |= names_defined(resolved)
        self.scope.sure = sure

    def _arithmetic(self, operator: str, a: Type, b: Type, span: Span) -> Type:
        if a == ANY or b == ANY:
            return ANY
        if operator == "+" and a.base == b.base == "list":
            return types.joined(a, b)
        result = _ARITHMETIC.get((operator, a.base, b.base))
        if result is None:
            self.error("E301", f"`{operator}` does not go with {types.spoken(a)} and {types.spoken(b)}", span)
            return ANY
        return result

    def _comparison(self, node: Chain) -> Resolved:
        """Operands that may be constants wait until the field that they are compared with is known."""
        found: list[Resolved | None] = [
            None if self._may_be_constant(operand) else self.check(operand) for operand in node.operands
        ]
        for index, operand in enumerate(node.operands):
            if found[index] is None:
                beside = [found[i] for i in (index - 1, index + 1) if 0 <= i < len(found)]
                hint = next((hint for other in beside if other and (hint := self._hint(*other))), None)
                found[index] = self.check(operand, hint)
        operands = [pair for pair in found if pair is not None]
        for operator, left, right in zip(node.operators, operands, operands[1:], strict=False):
            self._comparable(operator, left, right)
        return evolve(node, operands=tuple(expression for expression, _ in operands)), BOOLEAN

    def _may_be_constant(self, operand: Expression) -> bool:
        if isinstance(operand, ListOf):
            return any(self._may_be_constant(item) for item in operand.items)
        return (
            isinstance(operand, Name)
            and operand.name not in self.scope.types
            and operand.name not in PRICE_WORDS
            and not (self.report and types.find_ctp_field(self.report, operand.name))
            and not (self.report and types.find_word(self.report, operand.name))
        )

    def _hint(self, expression: Expression, kind: Type) -> Field | None:
        """The CTP field that an expression reads, as far as it can be told."""
        if kind.base == "order" or (kind.base == "list" and kind.detail == types.ORDER):
            return record("Order").find("OrderStatus")
        if isinstance(expression, ReportField) and self.report:
            return types.find_ctp_field(self.report, expression.name)
        if isinstance(expression, FieldOf):
            if normalise(expression.name.text) == "status":
                return record("Order").find("OrderStatus")
            return self._fields_read.get(id(expression))
        return None

    def _comparable(self, operator: str, left: Resolved, right: Resolved) -> None:
        (a, kind_a), (b, kind_b) = left, right
        span = (a.span[0], b.span[1])
        if isinstance(a, ReportField) and isinstance(b, ReportField) and a.name == b.name:
            written = self.diagnostics.source.slice(a.span)
            message = f"`{written}` is compared with itself: in `where` a name is the report's field first"
            self.error("E305", message, span)
        if operator in ("in", "not in"):
            if kind_b.base not in ("list", "text", "instrument", "any"):
                self.error("E301", f"`{operator}` wants a list or a text behind it, not {types.spoken(kind_b)}", b.span)
            return
        orders = (types.ORDER, types.list_of(types.ORDER))  # both are compared by status
        if operator in ("is", "is not") and (kind_a in orders or kind_b in orders):
            return
        if not types.comparable(kind_a, kind_b):
            for one, other in ((a, kind_b), (b, kind_a)):
                if self.only_constant(one, f"{types.spoken(other)} stands beside it"):
                    return
            what_is_wrong = "is never equal to" if operator in _EQUALITIES else "cannot be compared with"
            self.error("E301", f"{types.spoken(kind_a)} {what_is_wrong} {types.spoken(kind_b)}", span)
        elif operator not in _EQUALITIES and not (types.ordered(kind_a) and types.ordered(kind_b)):
            what = kind_b if types.ordered(kind_a) else kind_a
            self.error("E301", f"`{operator}` does not go with {types.spoken(what)}", span)


def _own_word(kind: Type, word: str) -> str:
    return next(name for name in types.words_of(kind) if normalise(name) == normalise(word))


@cache
def field_by_word(word: str) -> Field | None:
    """The field of that name, where the records that scenarios see agree on its constants."""
    found = [field for name in _SEEN_RECORDS if (field := record(name).find(word))]
    kinds = {tuple(sorted(constants.of_type(field.type).items())) for field in found}
    return found[0] if len(kinds) == 1 else None


_SEEN_RECORDS = sorted(
    {name for kind in KINDS.values() for name in kind.records}
    | {"Instrument", "InvestorPosition", "InvestorPositionDetail", "TradingAccount"}
)


def names_defined(expression: Expression) -> set[str]:
    """The names that have a value where this condition is true."""
    if isinstance(expression, FunctionCall) and expression.name == "defined":
        return {str(argument.value) for argument in expression.arguments if isinstance(argument, LiteralValue)}
    if isinstance(expression, Chain) and expression.level == "and":
        return set().union(*(names_defined(operand) for operand in expression.operands))
    return set()
