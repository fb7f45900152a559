"""Expressions: their names resolved, and the type of every part of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from attrs import define, evolve, field

from ctpscen.ctp.reports import KINDS, calls, find_kind
from ctpscen.ctp.schema import constants
from ctpscen.ctp.schema.records import Field, record
from ctpscen.ctp.schema.tables import normalise
from ctpscen.ctp.terms.instruments import looks_like_instrument, name_of, spread_of
from ctpscen.ctp.terms.products import options, products, spreads
from ctpscen.language.checking.expressions.context import Context, Resolved
from ctpscen.language.checking.expressions.names import resolve_name
from ctpscen.language.checking.expressions.operators import arithmetic, compare, compare_texts
from ctpscen.language.meaning import types
from ctpscen.language.meaning.functions import FUNCTIONS, WORD_FUNCTIONS, Function, is_price
from ctpscen.language.meaning.scope import spelled
from ctpscen.language.meaning.types import ANY, BOOLEAN, NUMBER, TEXT, Type
from ctpscen.language.syntax.tree import (
    Call,
    Chain,
    DefineCall,
    Expression,
    FieldOf,
    FunctionCall,
    IndexOf,
    ListOf,
    LiteralValue,
    Name,
    Prefix,
    ReportField,
    Template,
    Ticks,
)
from ctpscen.language.text.source import Span
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.language.words.table import constants as constant_spellings
from ctpscen.language.words.table import english, fields, spellings_of


@define
class ExpressionChecker(Context):
    """Resolves expressions: every name in them, and the type of the whole."""

    _handlers: Mapping[type, Callable[..., Resolved]] = field(init=False)
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

    def wanted_each(self, expression: Expression, kind: Type) -> Expression:
        """As `wanted`, where a list of such values will do as well."""
        resolved, found = self.check(expression)
        self.expect_type(resolved, (found.detail or ANY) if found.base == "list" else found, kind)
        return resolved

    # -------------------------------------------------------------------------------------------- plain values

    def _literal(self, node: LiteralValue, _: Field | None) -> Resolved:
        if node.value is None:
            return node, types.NONE if node.kind == "none" else ANY
        if node.kind == "instrument" or (node.kind == "text" and looks_like_instrument(str(node.value))):
            if str(node.value) not in self.instruments:
                self._warn_of_product(node)
            self.instruments.append(str(node.value))
        return node, Type(node.kind)

    def _warn_of_product(self, node: LiteralValue) -> None:
        """Tells of a contract of no product; a live front may have newer ones, so that it is no error."""
        if (spread := spread_of(str(node.value))) is not None:
            if spread.product not in spreads():
                meant = did_you_mean(spread.product, spreads())
                self.warn("W507", f"no exchange has spreads of `{spread.product}`{meant}", node.span)
            return
        name = name_of(str(node.value))
        if node.kind == "text" or name is None or name.product in products() or (name.product, "C") in options():
            return
        like = [each for each in products() if each.lower() == name.product.lower()]
        written_alike = [each for each in products() if each.islower() == name.product.islower()]
        meant = f": `{like[0]}`?" if like else did_you_mean(name.product, written_alike)
        self.warn("W507", f"no exchange has a product `{name.product}`{meant}", node.span)

    def _template(self, node: Template, _: Field | None) -> Resolved:
        found = [(part, TEXT) if isinstance(part, str) else self.check(part) for part in node.parts]
        shown = tuple("" if isinstance(part, str) else self.constants_of(part, kind) for part, kind in found)
        return Template(tuple(part for part, _ in found), node.span, shown), TEXT

    def constants_of(self, expression: Expression, kind: Type) -> str:
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

    def _name(self, node: Name, hint: Field | None) -> Resolved:
        return resolve_name(self, node, hint)

    # ----------------------------------------------------------------------------------- fields, indices, calls

    def _field(self, node: FieldOf, _: Field | None) -> Resolved:
        base, kind = self.check(node.base)
        element = kind.detail if kind.base == "list" else kind
        if self.only_constant(base, "it has no fields"):
            return FieldOf(base, node.name, node.span), ANY
        result = self._field_type(element or ANY, node)
        found = types.find_ctp_field(element or ANY, node.name.text)
        own = found.name if found else types.own_word(element or ANY, node.name.text)
        name = evolve(node.name, text=own or fields().get(node.name.text, node.name.text))
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
        named = types.words_of(kind)
        chinese = [spelling for spelling, meant in fields().items() if meant in named]
        words = [*named, *chinese, *(spelled(found.name) for found in types.ctp_fields(kind))]
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
        if node.name.text in self.defines:
            return self._define_call(node)
        name = english(node.name.text, FUNCTIONS)
        function = FUNCTIONS.get(name)
        if function is None:
            suggestion = did_you_mean(name, [*spellings_of(FUNCTIONS), *self.defines])
            self.error("E208", f"there is no function or step `{name}`{suggestion}", node.name.span)
            for argument in node.arguments:
                self.check(argument)
            return DefineCall(name, (), node.span), ANY
        if name in WORD_FUNCTIONS:
            return self._word_call(node, name, function)
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
        return DefineCall(name, arguments, node.span), define.result

    def _word_call(self, node: Call, name: str, function: Function) -> Resolved:
        """`defined(NAME)`, `dominant(rb)`, `month(rb, 2)`: the first argument is a word, not a value."""
        self._count(node, len(function.arguments), len(function.arguments))
        argument = node.arguments[0] if node.arguments else None
        rest = [self.wanted(each, kind) for each, kind in zip(node.arguments[1:], function.arguments[1:], strict=False)]
        if not isinstance(argument, Name):
            if argument is not None:
                self.error("E303", f"`{name}` takes a bare name", argument.span)
            return FunctionCall(name, (), node.span), function.result
        result = function.result
        if name == "defined":
            self.scope.used.add(argument.name)
        elif name == "requests":
            result = types.list_of(types.report_of(argument.name))
            if (kind := find_kind(argument.name)) is None or not kind.is_call:
                suggestion = did_you_mean(argument.name, calls())
                self.error("E207", f"the API has no function `{argument.name}`{suggestion}", argument.span)
                result = ANY
        elif argument.name not in products():
            suggestion = did_you_mean(argument.name, products())
            self.error("E303", f"there is no product `{argument.name}`{suggestion}", argument.span)
        word = LiteralValue("text", argument.name, argument.span)
        return FunctionCall(name, (word, *rest), node.span), result

    def _takes_time(self, what: str, span: Span) -> None:
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
            kind = arithmetic(self, operator, kind, other, (first.span[0], resolved.span[1]))
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

    def _comparison(self, node: Chain) -> Resolved:
        """Operands that may be constants wait until the field that they are compared with is known."""
        found: list[Resolved | None] = [
            None if self._may_be_constant(operand) else self.check(operand) for operand in node.operands
        ]
        for index, operand in enumerate(node.operands):
            if found[index] is None:
                beside = [found[i] for i in (index - 1, index + 1) if 0 <= i < len(found)]
                hint = next((hint for other in beside if other and (hint := self._hint(*other))), None)
                if hint is None:
                    hint = self._status_of_any(node, index, [other for other in beside if other])
                found[index] = self.check(operand, hint)
        operands = [pair for pair in found if pair is not None]
        for operator, left, right in zip(node.operators, operands, operands[1:], strict=False):
            compare(self, operator, left, right)
            if operator not in ("matches", "<", "<=", ">", ">="):
                compare_texts(self, self._hint(*left), right[0])
                compare_texts(self, self._hint(*right), left[0])
        return evolve(node, operands=tuple(expression for expression, _ in operands)), BOOLEAN

    def _status_of_any(self, node: Chain, index: int, beside: Sequence[Resolved]) -> Field | None:
        """`order is canceled`, where what `order` is cannot be known: only an order is compared like that."""
        operand, field = node.operands[index], record("Order").find("OrderStatus")
        operators = node.operators[max(0, index - 1) : index + 1]
        unknown = any(ANY in (kind, kind.detail) and not isinstance(each, FieldOf) for each, kind in beside)
        if field is None or not isinstance(operand, Name) or not unknown or not {"is", "is not"} & set(operators):
            return None
        word = constant_spellings().get(operand.name, operand.name)
        return field if constants.value_of(field.type, word) is not None else None

    def _may_be_constant(self, operand: Expression) -> bool:
        if isinstance(operand, ListOf):
            return any(self._may_be_constant(item) for item in operand.items)
        return (
            isinstance(operand, Name)
            and operand.name not in self.scope.types
            and not is_price(operand.name)
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
