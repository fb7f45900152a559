"""Precedence: a flat run of operands and operators gets its shape."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ctpscen.language.syntax.lexer import NESTING_LIMIT, Token
from ctpscen.language.syntax.tree import Chain, Expression, LiteralValue, Prefix, Ticks
from ctpscen.language.text.source import Span

# Levels of precedence, loosest first, with the operators of each.
_LEVELS: Sequence[tuple[Any, frozenset[str]]] = (
    ("or", frozenset({"OR"})),
    ("and", frozenset({"AND"})),
    ("comparison", frozenset("EQ NE LT LE GT GE IS IS_NOT IN NOT_IN MATCHES".split())),
    ("sum", frozenset({"PLUS", "MINUS"})),
    ("product", frozenset({"STAR", "SLASH", "PERCENT"})),
)
_LEVEL_OF = {operator: index for index, (_, operators) in enumerate(_LEVELS) for operator in operators}
_COMPARISON = 2
_OPERATOR_TEXT: Mapping[str, str] = {
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
    "MATCHES": "matches",
    "PLUS": "+",
    "MINUS": "-",
    "STAR": "*",
    "SLASH": "/",
    "PERCENT": "%",
}


def is_operator(child: Any) -> bool:
    """Whether a child of an expression is a sign or a word between its operands, or beside one."""
    return isinstance(child, Token) and (child.type in _LEVEL_OF or child.type in ("NOT", "TICK"))


def shaped(items: Sequence[Any], problem: Callable[[str, str, Span], None]) -> Expression:
    """The expression that operands and the tokens of operators make."""
    return _Shaping(items, problem).level(0)


class _Shaping:
    """One run on its way. One level of operators makes one Chain."""

    def __init__(self, items: Sequence[Any], problem: Callable[[str, str, Span], None]) -> None:
        self.items = items
        self.problem = problem
        self.position = 0

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
        signs = self.signs("MINUS")
        if _is_token(self.peek(), "NOT"):
            token = self.peek()
            self.problem("E101", "`not` needs brackets here: `(not …)`", token.span)
            return LiteralValue("boolean", None, self.negation().span)
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
