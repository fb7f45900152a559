"""What the parser's rules become: lark calls a method of Builder for each rule that it has read.

A rule without a method of its own becomes a Step if the grammar lists it among the statements, else a part: a
qualifying phrase of a step or a pattern, under the rule's name.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Protocol

from attrs import define, field, frozen

from ctpscen.ctp.terms.instruments import Instrument
from ctpscen.language.syntax.lexer import NESTING_LIMIT, Token
from ctpscen.language.syntax.tree import (
    Call,
    Chain,
    Expression,
    FieldOf,
    IndexOf,
    ListOf,
    LiteralValue,
    Name,
    Pattern,
    Prefix,
    Step,
    Template,
    Ticks,
    Word,
)
from ctpscen.language.text.source import Span

# Parts that a step may have several of; they are always a tuple.
_REPEATED = frozenset("amount setting parameter elif row listed tag value".split())

# Levels of precedence, loosest first, with the operators of each.
_LEVELS: Sequence[tuple[Any, frozenset[str]]] = (
    ("or", frozenset({"OR"})),
    ("and", frozenset({"AND"})),
    ("comparison", frozenset("EQ NE LT LE GT GE IS IS_NOT IN NOT_IN".split())),
    ("sum", frozenset({"PLUS", "MINUS"})),
    ("product", frozenset({"STAR", "SLASH", "PERCENT"})),
)
_LEVEL_OF = {operator: index for index, (_, operators) in enumerate(_LEVELS) for operator in operators}
_COMPARISON = 2
_OPERATOR_TEXT = {
    "OR": "or",
    "AND": "and",
    "EQ": "==",
    "NE": "!=",
    "LT": "<",
    "LE": "<=",
    "GT": ">",
    "GE": ">=",
    "IS": "is",
    "IS_NOT": "is not",
    "IN": "in",
    "NOT_IN": "not in",
    "PLUS": "+",
    "MINUS": "-",
    "STAR": "*",
    "SLASH": "/",
    "PERCENT": "%",
}

_UNITS = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
_AMOUNT = re.compile(r"(\d[\d_]*(?:\.\d+)?)(us|ms|s|m|h)")
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
_TEXT_PIECE = re.compile(r"\\u\{([0-9A-Fa-f]{1,6})\}|\\(.)|\{\{|\}\}|(\{)|(\})|[^\\{}]+", re.DOTALL)


class Reading(Protocol):
    """The reading of a text that the builder works for."""

    def problem(self, code: str, message: str, span: Span) -> None: ...
    def expression(self, start: int, end: int) -> Expression: ...


@frozen
class Part:
    """A qualifying phrase on its way into a step."""

    name: str
    value: Any
    span: Span


@define
class Builder:
    """Makes nodes. `statements` are the rules that make a step."""

    statements: frozenset[str] = frozenset()
    _reading: Reading | None = field(default=None)

    def begin(self, reading: Reading | None) -> Reading | None:
        """Works for another reading from now on; gives the one before."""
        before, self._reading = self._reading, reading
        return before

    def _problem(self, code: str, message: str, span: Span) -> None:
        assert self._reading is not None
        self._reading.problem(code, message, span)

    # ------------------------------------------------------------------------------- statements and their parts

    def file(self, children: list[Any]) -> tuple[Step, ...]:
        return tuple(child for child in children if isinstance(child, Step))

    def __getattr__(self, rule: str) -> Callable[[list[Any]], Any]:
        if not rule.islower() or rule.startswith("_"):  # lark also asks for terminals, which stay as they are
            raise AttributeError(rule)
        return partial(self._make_node, str(rule))  # lark asks by a token, which is not to stay in the tree

    def _make_node(self, rule: str, children: list[Any]) -> Any:
        """Every rule without a method of its own."""
        if rule in self.statements:
            return self._step(rule, children)
        content = [child.value if isinstance(child, Part) else child for child in children if not _is_keyword(child)]
        if rule == "amount" or len(content) == 1:
            value = _plain(content[0])
        elif content:
            value = tuple(_plain(child) for child in content)
        else:  # a choice of words: the terminal's name is the word's first spelling
            value = Word(children[-1].type.lower(), children[-1].span)
        return Part(rule, value, _extent(children))

    def _step(self, verb: str, children: list[Any]) -> Step:
        parts: dict[str, Any] = {}
        body: list[Step] | None = None
        for child in children:
            if isinstance(child, Token):
                if child.type in ("COLON", "ERROR_HEADER"):
                    body = []
                elif child.type in _KEPT:
                    _put(parts, _KEPT[child.type], _word(child))
                elif child.type not in _SILENT:
                    parts[child.type.lower()] = _word(child)
            elif isinstance(child, Step):
                assert body is not None
                body.append(child)
            elif isinstance(child, Pattern):
                parts["pattern"] = child
            elif not isinstance(child, Part):
                _put(parts, "value", child)
            elif child.name == "body":
                body = child.value
            else:
                _put(parts, child.name, child.value)
        steps = None if body is None or "listed" in parts else tuple(body)
        return Step(_VERBS.get(verb, verb), parts, steps, _extent(children), children[0].span)

    def pattern(self, children: list[Any]) -> Pattern:
        kind, *parts = children
        assert isinstance(kind, Part)
        return Pattern(kind.value, {part.name: part.value for part in parts}, _extent(children))

    def kind(self, children: list[Token]) -> Part:
        token = children[0]
        name = str(token) if token.type == "CALLBACK" else token.type.lower()
        return Part("kind", Word(name, token.span), token.span)

    def stream(self, children: list[Token]) -> Part:
        return Part("stream", self.kind(children).value, children[0].span)

    def by(self, children: list[Any]) -> Part:
        _, source, *code = children
        return Part("by", (source.value, code[0].value if code else None), _extent(children))

    def next_reports(self, children: list[Any]) -> Part:
        span = _extent(children)
        return Part("next", children[1] if len(children) > 1 else LiteralValue("number", 1, span), span)

    def with_fields(self, children: list[Any]) -> Part:
        settings = tuple(child.value for child in children if isinstance(child, Part))
        return Part("with", settings, _extent(children))

    def listed(self, children: list[Any]) -> Part:
        pattern, *name = children
        return Part("listed", (pattern, name[0].value if name else None), _extent(children))

    def name_of(self, children: list[Token]) -> Name:
        return Name(str(children[0]), children[0].span)

    def simple_body(self, children: list[Any]) -> Part:
        return self.body(children)

    def body(self, children: list[Any]) -> Part:
        steps = [child for child in children if isinstance(child, Step)]
        return Part("body", steps, _extent(children))

    def setting(self, children: list[Any]) -> Part:
        name, _, value = children
        return Part("setting", (_word(name), value), _extent(children))

    def parameter(self, children: list[Any]) -> Part:
        value = children[2] if len(children) > 2 else None
        return Part("parameter", (_word(children[0]), value), _extent(children))

    def row(self, children: list[Any]) -> Part:
        cells = tuple(child for child in children if not isinstance(child, Token))
        return Part("row", cells, _extent(children))

    # ------------------------------------------------------------------------------------------- expressions

    def expression(self, children: list[Expression]) -> Expression:
        return children[0]

    def expr(self, children: list[Any]) -> Expression:
        if len(children) == 1:
            alone: Expression = children[0]
            return alone
        items = [_plain(child) if not _is_operator(child) else child for child in children]
        return _Precedence(items, self._problem).read()

    def operand(self, children: list[Any]) -> Expression:
        first = children[0]
        if not isinstance(first, Token):
            nested: Expression = first
            return nested
        if first.type == "LPAR":
            inner = children[1]
            return _spread(inner, (first.span[0], children[2].span[1]))
        return self._literal(first)

    def signed(self, children: list[Any]) -> Part:
        operand = children[-1]
        if len(children) == 2:
            span = (children[0].span[0], operand.span[1])
            return Part("signed", Prefix("-", operand, span), span)
        return Part("signed", operand, operand.span)

    def amount(self, children: list[Any]) -> Part:
        return Part("amount", children[0], children[0].span)

    def field_of(self, children: list[Any]) -> Expression:
        base: Expression
        base, _, name = children
        if self._is_too_long(base, name.span):
            return base
        return FieldOf(base, _word(name), (base.span[0], name.span[1]))

    def index_of(self, children: list[Any]) -> Expression:
        base: Expression
        base, _, index, closing = children
        if self._is_too_long(base, closing.span):
            return base
        return IndexOf(base, index, (base.span[0], closing.span[1]))

    def _is_too_long(self, base: Expression, span: Span) -> bool:
        """Whether a value has its fill of fields and indices, which is said once."""
        for _ in range(NESTING_LIMIT):
            if not isinstance(base, FieldOf | IndexOf):
                return False
            base = base.base
        self._problem("E107", f"more than {NESTING_LIMIT} fields and indices of one value", span)
        return True

    def call(self, children: list[Any]) -> Call:
        name, _, *arguments, closing = children
        values = tuple(child for child in arguments if not isinstance(child, Token))
        return Call(_word(name), values, (name.span[0], closing.span[1]))

    def list_of(self, children: list[Any]) -> ListOf:
        opening, *items, closing = children
        values = tuple(child for child in items if not isinstance(child, Token))
        return ListOf(values, (opening.span[0], closing.span[1]))

    # --------------------------------------------------------------------------------------------- literals

    def _literal(self, token: Token) -> Expression:
        span = token.span
        if token.type == "NAME":
            return Name(str(token), span)
        if token.type == "TEXT":
            return self._text(token)
        kind, read = _LITERALS[token.type]
        try:
            return LiteralValue(kind, read(str(token)), span)
        except (ValueError, OverflowError):
            self._problem("E111", f"`{token}` is no {kind}", span)
            return LiteralValue(kind, None, span)

    def _text(self, token: Token) -> Expression:
        """A text; a Template where there are expressions in it."""
        assert self._reading is not None
        raw, offset = str(token)[1:-1], token.span[0] + 1
        if "\\" not in raw and "{" not in raw and "}" not in raw:
            return LiteralValue("text", raw, token.span)
        parts: list[str | Expression] = []
        position = 0
        while position < len(raw):
            piece = _TEXT_PIECE.match(raw, position)
            assert piece is not None
            start, position = offset + position, piece.end()
            if piece[1]:
                parts.append(self._character(piece[1], (start, offset + position)))
            elif piece[2]:
                if piece[2] not in _ESCAPES:
                    message = f'`\\{piece[2]}` is no escape; there are `\\n`, `\\t`, `\\"`, `\\\\` and `\\u{{…}}`'
                    self._problem("E112", message, (start, offset + position))
                parts.append(_ESCAPES.get(piece[2], piece[2]))
            elif piece[3]:
                end = raw.find("}", position)
                if end < 0:
                    message = "this `{` is never closed; a brace that is meant as itself is written `{{`"
                    self._problem("E112", message, (start, start + 1))
                    break
                parts.append(self._reading.expression(offset + position, offset + end))
                position = end + 1
            elif piece[4]:
                message = "this `}` closes nothing; a brace that is meant as itself is written `}}`"
                self._problem("E112", message, (start, start + 1))
            else:
                parts.append(piece[0][0] if piece[0] in ("{{", "}}") else piece[0])
        if all(isinstance(part, str) for part in parts):
            return LiteralValue("text", "".join(str(part) for part in parts), token.span)
        return Template(_joined(parts), token.span)

    def _character(self, digits: str, span: Span) -> str:
        try:
            character = chr(int(digits, 16))
            character.encode("utf-8")
        except (ValueError, OverflowError):
            self._problem("E112", f"there is no character U+{digits.upper()}", span)
            return ""
        return character


# Tokens that go into a step as a part, by the name of the part; and keywords that need leave no trace there,
# because the rule's name says as much.
_KEPT = {"NAME": "name", "TEXT": "text", "DOCSTRING": "text", "TAG": "tag"}
_SILENT = frozenset(
    "COLON NEWLINE INDENT DEDENT SEMICOLON COMMA ASSIGN LPAR RPAR IN AT MOST NEXT TIMES UNTIL SECOND BY X BAR".split()
)
_LAYOUT = frozenset({"NEWLINE", "INDENT", "DEDENT", "SEMICOLON"})

# Rules that are two ways of writing one statement.
_VERBS = {"if_inline": "if"}


def _put(parts: dict[str, Any], name: str, value: Any) -> None:
    if name in _REPEATED:
        parts[name] = (*parts.get(name, ()), value)
    else:
        parts[name] = value


def _plain(child: Any) -> Any:
    """A child as it goes into the tree."""
    if isinstance(child, Part):
        return child.value
    return _word(child) if isinstance(child, Token) else child


def _is_keyword(child: Any) -> bool:
    """Whether a child of a phrase is a word or a sign that says nothing beyond the phrase's name."""
    return isinstance(child, Token) and child.type not in _KEPT


def _word(token: Token) -> Word:
    return Word(str(token), token.span)


def _extent(children: Sequence[Any]) -> Span:
    """From the first child to the last that is more than layout."""
    last = next(
        (c for c in reversed(children) if c is not None and not (isinstance(c, Token) and c.type in _LAYOUT)),
        children[0],
    )
    return children[0].span[0], max(last.span[1], children[0].span[1])


def _is_operator(child: Any) -> bool:
    return isinstance(child, Token) and (child.type in _LEVEL_OF or child.type in ("NOT", "TICK"))


def _spread(expression: Expression, span: Span) -> Expression:
    """The same expression with the brackets around it counted in."""
    from attrs import evolve

    return evolve(expression, span=span)


def _joined(parts: list[str | Expression]) -> tuple[str | Expression, ...]:
    """Neighbouring texts as one."""
    joined: list[str | Expression] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)


class _Precedence:
    """Gives a flat run of operands and operators its shape. One level of operators makes one Chain."""

    def __init__(self, items: list[Any], problem: Callable[[str, str, Span], None]) -> None:
        self.items = items
        self.problem = problem
        self.position = 0

    def read(self) -> Expression:
        return self.level(0)

    def peek(self) -> Any:
        return self.items[self.position] if self.position < len(self.items) else None

    def operator_level(self) -> int:
        """The level of the operator that comes next; −1 where none does."""
        following = self.peek()
        return _LEVEL_OF.get(following.type, -1) if isinstance(following, Token) else -1

    def level(self, loosest: int) -> Expression:
        """What operators of this level and of tighter ones hold together."""
        is_denied = loosest <= _COMPARISON and _is_token(self.peek(), "NOT")
        found = self.negation() if is_denied else self.unit()
        while (level := self.operator_level()) >= loosest:
            found = self.chain(level, found)
        return found

    def chain(self, level: int, first: Expression) -> Chain:
        operators: list[str] = []
        operands = [first]
        while self.operator_level() == level:
            operators.append(_OPERATOR_TEXT[self.items[self.position].type])
            self.position += 1
            operands.append(self.level(level + 1))
        return Chain(_LEVELS[level][0], tuple(operators), tuple(operands), (first.span[0], operands[-1].span[1]))

    def negation(self) -> Expression:
        """`not` binds looser than a comparison: `not a == b` denies the comparison."""
        signs = self.signs("NOT")
        operand = self.level(_COMPARISON)
        return self.prefixed("not", signs, operand)

    def unit(self) -> Expression:
        if _is_token(self.peek(), "NOT"):
            token = self.peek()
            self.problem("E101", "`not` needs brackets here: `(not …)`", token.span)
            return LiteralValue("boolean", None, self.negation().span)
        signs = self.signs("MINUS")
        operand: Expression = self.items[self.position]
        self.position += 1
        result = self.prefixed("-", signs, operand)
        if _is_token(self.peek(), "TICK"):
            end = self.peek().span[1]
            self.position += 1
            return Ticks(result, (result.span[0], end))
        return result

    def signs(self, kind: str) -> list[Token]:
        signs: list[Token] = []
        while _is_token(self.peek(), kind):
            signs.append(self.peek())
            self.position += 1
        if len(signs) > NESTING_LIMIT:
            self.problem("E107", f"more than {NESTING_LIMIT} signs before one value", signs[0].span)
            del signs[NESTING_LIMIT:]
        return signs

    def prefixed(self, operator: str, signs: list[Token], operand: Expression) -> Expression:
        for sign in reversed(signs):
            operand = Prefix(operator, operand, (sign.span[0], operand.span[1]))
        return operand


def _is_token(item: Any, kind: str) -> bool:
    return isinstance(item, Token) and item.type == kind


def _number(text: str) -> int | float:
    text = text.replace("_", "")
    if text[:2] in ("0x", "0X"):
        return int(text, 16)
    percent = text.endswith("%")
    text = text.removesuffix("%")
    value = float(text) if set(text) & set(".eE") else int(text)
    if value == float("inf") or (isinstance(value, int) and value.bit_length() > 1023):  # no double is as large
        raise ValueError
    return round(value / 100, 12) if percent else value


def _duration(text: str) -> timedelta:
    total = 0.0
    for amount, unit in _AMOUNT.findall(text):
        total += float(amount.replace("_", "")) * _UNITS[unit]
    return timedelta(microseconds=round(total))


def _moment(text: str) -> datetime:
    day, clock = text.split()
    return datetime.combine(date.fromisoformat(day), _time(clock))


def _time(text: str) -> time:
    hour, _, rest = text.partition(":")
    return time.fromisoformat(f"{int(hour):02}:{_padded(rest)}")


def _padded(rest: str) -> str:
    """`58.5` seconds as `58.500000`, which every Python reads."""
    head, dot, fraction = rest.partition(".")
    return f"{head}.{fraction:0<6}" if dot else head


_LITERALS: dict[str, tuple[Any, Callable[[str], Any]]] = {
    "NUMBER": ("number", _number),
    "DURATION": ("duration", _duration),
    "TIME": ("time", _time),
    "DATE": ("date", date.fromisoformat),
    "DATETIME": ("moment", _moment),
    "INSTRUMENT": ("instrument", Instrument.parse),
    "TRUE": ("boolean", lambda _: True),
    "FALSE": ("boolean", lambda _: False),
    "NONE": ("none", lambda _: None),
}
