"""What the parser's rules become: lark calls a method of Builder for each rule that it has read.

A rule without a method of its own becomes a Step if the grammar lists it among the statements, else a part: a
qualifying phrase of a step or a pattern, under the rule's name.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from attrs import define, evolve, field, frozen

from ctpscen.language.syntax.lexer import NESTING_LIMIT, Token
from ctpscen.language.syntax.literals import Reading, read_literal, read_text
from ctpscen.language.syntax.precedence import is_operator, shaped
from ctpscen.language.syntax.tree import (
    Call,
    Expression,
    FieldOf,
    IndexOf,
    ListOf,
    LiteralValue,
    Name,
    Pattern,
    Prefix,
    Step,
    Word,
)
from ctpscen.language.text.source import Span
from ctpscen.language.words.table import english, phrases, words

# Tokens that go into a step as a part, by the name of the part; and keywords that need leave no trace there,
# because the rule's name says as much.
_KEPT = {"NAME": "name", "TEXT": "text", "DOCSTRING": "text", "TAG": "tag"}
_SILENT = frozenset(
    (
        "COLON NEWLINE INDENT DEDENT SEMICOLON COMMA ASSIGN LPAR RPAR IN AT MOST NEXT TIMES UNTIL SECOND BY X BAR "
        "ORDER ANY THAN"
    ).split()
)
_LAYOUT = frozenset({"NEWLINE", "INDENT", "DEDENT", "SEMICOLON"})

# Rules that are two ways of writing one statement.
_VERBS = {"if_inline": "if"}

# Statements with a colon that opens no block.
_WITHOUT_BLOCK = frozenset({"invariant"})

# Parts that a step may have several of; they are always a tuple.
_REPEATED = frozenset("amount setting parameter elif row listed tag value".split())


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
        else:  # a choice of words
            value = _keyword(children[-1].type, children[-1].span)
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
                elif (terminal := _begun(child.type)) not in _SILENT:
                    parts[terminal.lower()] = _keyword(terminal, child.span)
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
        steps = None if body is None or "listed" in parts or verb in _WITHOUT_BLOCK else tuple(body)
        return Step(_VERBS.get(verb, verb), parts, steps, _extent(children), children[0].span)

    def pattern(self, children: list[Any]) -> Pattern:
        kind, *parts = children
        assert isinstance(kind, Part)
        return Pattern(kind.value, {part.name: part.value for part in parts}, _extent(children))

    def kind(self, children: list[Token]) -> Part:
        token = children[0]
        word = _word(token) if token.type in ("CALLBACK", "FUNCTION") else Word(token.type.lower(), token.span)
        return Part("kind", word, token.span)

    def containing(self, children: list[Token]) -> Part:
        assert self._reading is not None
        return Part("containing", read_text(children[0], self._reading), children[0].span)

    def stream(self, children: list[Token]) -> Part:
        return Part("stream", self.kind(children).value, children[0].span)

    def dialog(self, children: list[Token]) -> Part:
        return Part("dialog", self.kind(children).value, children[0].span)

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
        return shaped([child if is_operator(child) else _plain(child) for child in children], self._problem)

    def operand(self, children: list[Any]) -> Expression:
        first = children[0]
        assert self._reading is not None
        if not isinstance(first, Token):
            nested: Expression = first
            return nested
        if first.type == "LPAR":
            inner = children[1]
            return _spread(inner, (first.span[0], children[2].span[1]))
        if first.type == "NAME":
            return Name(str(first), first.span)
        if first.type == "TEXT":
            return read_text(first, self._reading)
        return read_literal(first, self._reading)

    def signed(self, children: list[Any]) -> Part:
        operand = children[-1]
        if len(children) == 2:
            span = (children[0].span[0], operand.span[1])
            return Part("signed", Prefix("-", operand, span), span)
        return Part("signed", operand, operand.span)

    def amount(self, children: list[Any]) -> Part:
        return Part("amount", children[0], children[0].span)

    def instrument(self, children: list[Any]) -> Part:
        return self.amount(children)

    def plain_instrument(self, children: list[Any]) -> Part:
        return self.amount([self.operand(children)])

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

    def actor(self, children: list[Any]) -> Step:
        """Who acts: an actor that every scenario has is known under either of its spellings."""
        name = children[0]
        children[0] = Token(name.type, english(name, ("venue", "network")), *name.span)
        return self._step("actor", children)

    def call(self, children: list[Any]) -> Call:
        name, _, *arguments, closing = children
        values = tuple(child for child in arguments if not isinstance(child, Token))
        return Call(_word(name), values, (name.span[0], closing.span[1]))

    def list_of(self, children: list[Any]) -> ListOf:
        opening, *items, closing = children
        values = tuple(child for child in items if not isinstance(child, Token))
        return ListOf(values, (opening.span[0], closing.span[1]))


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


def _keyword(terminal: str, span: Span) -> Word:
    """A word of the language, as its first English spelling, however it was spelled."""
    row = words().get(terminal)
    return Word(row.english[0] if row else terminal.lower(), span)


@cache
def _begun(terminal: str) -> str:
    """The terminal itself; of a phrase in one word, the first of those that it stands for."""
    return next((first for (first, *_), row in phrases().items() if row.name == terminal), terminal)


def _extent(children: Sequence[Any]) -> Span:
    """From the first child to the last that is more than layout."""
    last = next(
        (c for c in reversed(children) if c is not None and not (isinstance(c, Token) and c.type in _LAYOUT)),
        children[0],
    )
    return children[0].span[0], max(last.span[1], children[0].span[1])


def _spread(expression: Expression, span: Span) -> Expression:
    """The same expression with the brackets around it counted in."""
    return evolve(expression, span=span)
