"""What to say of a token that does not fit.

The rules are tried in order; the first that recognises the slip says what it knows, and the last one always does:
what was found and what would fit.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from attrs import frozen

from ctpscen.language.syntax.grammar import LITERALS, RESERVED
from ctpscen.language.syntax.idioms import meant
from ctpscen.language.syntax.lexer import Token
from ctpscen.language.text.diagnostics import Diagnostic, Label
from ctpscen.language.text.source import Span
from ctpscen.language.text.suggestions import did_you_mean, nearest
from ctpscen.language.words.table import numbered_words

# How people call the terminals that are not words.
_NAMES: Mapping[str, str] = {
    "NAME": "a name",
    "NUMBER": "a number",
    "DURATION": "a duration",
    "TIME": "a time",
    "DATE": "a date",
    "DATETIME": "a date and time",
    "TEXT": "a text",
    "DOCSTRING": "a docstring",
    "INSTRUMENT": "an instrument",
    "CALLBACK": "the name of a callback",
    "FUNCTION": "the name of a request",
    "TAG": "a tag",
    "NEWLINE": "the end of the line",
    "INDENT": "an indented block",
    "DEDENT": "the end of the block",
    "$END": "the end of the file",
    "EQ": "`==`",
    "NE": "`!=`",
    "LE": "`<=`",
    "GE": "`>=`",
    "LT": "`<`",
    "GT": "`>`",
    "ASSIGN": "`=`",
    "PLUS": "`+`",
    "MINUS": "`-`",
    "STAR": "`*`",
    "SLASH": "`/`",
    "PERCENT": "`%`",
    "DOT": "`.`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "SEMICOLON": "`;`",
    "BAR": "`|`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LBRACKET": "`[`",
    "RBRACKET": "`]`",
}

# What must stand behind a word, where it alone decides.
_FOLLOWS: Mapping[str, str] = {
    "AT": "a price",
    "AS": "a name",
    "WITHIN": "a duration",
    "WHERE": "a condition",
    "OF": "an order or a request",
    "IN": "a value",
    "TOTAL": "a number",
    "BY": "`api`, `counter` or `exchange`",
    "FOR": "a duration",
    "WHEN": "a condition such as `last >= 71000`",
    "WITH": "`(Field = value, …)`",
    "LET": "a name",
    "PARAM": "a name",
    "SESSION": "a name",
    "SCENARIO": "a title in quotation marks",
    "USE": "the name of a file in quotation marks",
    "REQUEST": "the name of a request such as `ReqQryInstrument(…)`",
}

_VALUES = frozenset(
    "NUMBER DURATION TIME DATE DATETIME TEXT INSTRUMENT TRUE FALSE NONE LPAR LBRACKET NOT MINUS".split()
)
_OPERATORS = frozenset(
    "OR AND EQ NE LT LE GT GE IS IS_NOT IN NOT_IN MATCHES PLUS MINUS STAR SLASH PERCENT TICK DOT LBRACKET".split()
)


# What goes on with an `if`.
CLAUSES = frozenset(["ELIF", "ELSE"])


@frozen
class Slip:
    """A token that does not fit, with what led to it.

    `statement` are the tokens of the statement up to and with the one that does not fit; `fitting` the terminals
    that would have fitted; `openers` those that may open a statement; `names` the words before it that were read as
    names, with the terminals that could have stood there; `spellings` and `terminals` the words of the language by
    terminal and by word.
    """

    statement: Sequence[Token]
    fitting: frozenset[str]
    openers: frozenset[str]
    names: Sequence[tuple[Token, frozenset[str]]]
    spellings: Mapping[str, tuple[str, ...]]
    terminals: Mapping[str, tuple[str, ...]]

    @property
    def is_chinese(self) -> bool:
        """Whether the statement is written in Chinese words."""
        return any(not token.isascii() for token in self.statement if token.type not in ("TEXT", "DOCSTRING"))

    def terminals_of(self, token: Token) -> frozenset[str]:
        """The words of the language that a token may be."""
        return frozenset(self.terminals.get(token, ()))

    @property
    def token(self) -> Token:
        return self.statement[-1]

    @property
    def previous(self) -> Token | None:
        return self.statement[-2] if len(self.statement) > 1 else None

    def words(self, terminals: frozenset[str]) -> list[str]:
        return [word for terminal in terminals for word in self.spellings.get(terminal, ())]


def explain(slip: Slip) -> Diagnostic:
    for rule in _RULES:
        if found := rule(slip):
            return found
    return _does_not_fit(slip)


def span(token: Token) -> Span:
    start, end = token.span
    return start, max(end, start + 1)


def _unreadable(slip: Slip) -> Diagnostic | None:
    if slip.token.type != "UNREADABLE":
        return None
    return Diagnostic("E100", str(slip.token), span(slip.token))


def _unknown_unit(slip: Slip) -> Diagnostic | None:
    """A number runs into a Chinese word that is no unit: `10天`, `1个`."""
    for number, word in pairwise(slip.statement):
        if number.type == "NUMBER" and word.type == "NAME" and number.span[1] == word.span[0]:
            known = ", ".join(f"`{unit}`" for unit in numbered_words())
            message = f"`{word}` is no unit; behind a number may stand {known}"
            return Diagnostic("E100", message, span(word))
    return None


def _idiom(slip: Slip) -> Diagnostic | None:
    message = meant(slip.statement)
    return Diagnostic("E101", message, (slip.statement[0].span[0], slip.token.span[1])) if message else None


def _unknown_step(slip: Slip) -> Diagnostic | None:
    first = slip.statement[0]
    if len(slip.statement) != 2 or first.type != "NAME" or "NAME" not in slip.openers or slip.token.type == "ASSIGN":
        return None
    if slip.terminals_of(first) & {"VENUE", "NETWORK"}:
        return Diagnostic("E101", f"`:` must follow `{first}`", span(first))
    words = slip.words(slip.openers - RESERVED)
    return Diagnostic("E102", f"unknown step `{first}`{did_you_mean(str(first), words)}", span(first))


def _assignment(slip: Slip) -> Diagnostic | None:
    if slip.token.type != "ASSIGN":
        return None
    if len(slip.statement) == 2 and slip.statement[0].type == "NAME":
        first = slip.statement[0]
        return Diagnostic("E101", f"a value is named with `let`: `let {first} = …`", span(first))
    if "EQ" in slip.fitting:
        return Diagnostic("E108", "compare with `==`", span(slip.token))
    return None


def _unknown_kind(slip: Slip) -> Diagnostic | None:
    token, previous = slip.token, slip.previous
    if previous is not None and previous.type == "NAME" and slip.terminals_of(token) & _AFTER_KIND:
        before = slip.statement[-3] if len(slip.statement) > 2 else None
        if before is not None and before.type == "EXPECT":
            return _no_such_kind(previous, slip.words(_KINDS - {"REPORT"}))
    wanted = slip.fitting & _KINDS
    if token.type in ("NAME", "REPORT") and wanted & {"REJECTION", "REPORT"} and "NAME" not in slip.fitting:
        return _no_such_kind(token, slip.words(wanted))
    return None


_AFTER_KIND = frozenset("OF WHERE TOTAL BY FOR AS WITHIN".split())
_KINDS = frozenset(
    (
        "ORDER TRADE REJECTION CANCEL_REJECTION QUOTE CONNECTION DISCONNECTION HEARTBEAT_WARNING LOGIN LOGOUT "
        "AUTHENTICATION CONFIRMATION PHASE ERROR REPORT"
    ).split()
)


def _no_such_kind(token: Token, kinds: Sequence[str]) -> Diagnostic:
    return Diagnostic("E104", f"unknown report kind `{token}`{did_you_mean(str(token), kinds)}", span(token))


def _missing_after(slip: Slip) -> Diagnostic | None:
    previous, token = slip.previous, slip.token
    if previous is None or (wanted := _FOLLOWS.get(previous.type)) is None or token.type == "NAME":
        return None
    if token.type in ("NEWLINE", "SEMICOLON", "COLON"):
        return Diagnostic("E110", f"{wanted} must follow `{previous}`", span(previous))
    if wanted == "a name" and (found := _not_a_name(slip)):
        return found
    return _does_not_fit(slip, f"{wanted} must follow `{previous}`, not {_shown(token)}")


def _more_than_plain(slip: Slip) -> Diagnostic | None:
    """`rb2705 list[0]`: the second of some instruments, without a comma before it, has more to it than its name."""
    if slip.token.type not in ("LBRACKET", "LPAR", "DOT") or not {"INSTRUMENT", "COMMA"} <= slip.fitting:
        return None
    previous, token = slip.previous, slip.token
    if previous is None or previous.span[1] < token.span[0]:
        return Diagnostic("E101", f"`,` must stand before `{token}`", span(token))
    return Diagnostic("E101", f"`,` must stand before `{previous}{token}`", span(previous))


def _stray_else(slip: Slip) -> Diagnostic | None:
    if slip.token.type not in CLAUSES or len(slip.statement) > 1:
        return None
    message = f"this `{slip.token}` belongs to no `if`"
    return Diagnostic("E101", message, span(slip.token), notes=["an `if` on one line has no `else`"])


def _after_as(slip: Slip) -> Diagnostic | None:
    """What qualifies a step stands before the name that it gives."""
    as_word = slip.statement[-3] if len(slip.statement) > 3 else None
    if as_word is None or as_word.type != "AS" or not slip.terminals_of(slip.token) & _QUALIFIERS:
        return None
    message = f"`{slip.token}` stands before `{as_word} {slip.previous}`, which comes last"
    return Diagnostic("E101", message, span(slip.token))


_QUALIFIERS = frozenset("AT FAK FOK HEDGE ARBITRAGE REF MEMO WHEN WITH OF IN TOTAL BY WHERE FOR WITHIN".split())


def _missing_colon(slip: Slip) -> Diagnostic | None:
    if slip.token.type != "NEWLINE" or "COLON" not in slip.fitting or slip.previous is None:
        return None
    return Diagnostic("E101", "`:` must end this line and open a block", span(slip.previous))


def _not_a_name(slip: Slip) -> Diagnostic | None:
    token = slip.token
    if "NAME" not in slip.fitting or token.type in slip.fitting:
        return None
    if token.type in RESERVED:
        return Diagnostic("E101", f"`{token}` is a reserved word and cannot be a name", span(token))
    if token.type == "INSTRUMENT":
        return Diagnostic("E101", f"`{token}` has the shape of an instrument and cannot be a name", span(token))
    return None


_RULES: Sequence[Callable[[Slip], Diagnostic | None]] = (
    _unreadable,
    _unknown_unit,
    _idiom,
    _more_than_plain,
    _stray_else,
    _assignment,
    _unknown_step,
    _unknown_kind,
    _missing_after,
    _after_as,
    _missing_colon,
    _not_a_name,
)


def _does_not_fit(slip: Slip, message: str = "") -> Diagnostic:
    token = slip.token
    place = span(slip.previous if token.type in ("NEWLINE", "DEDENT") and slip.previous else token)
    if not message:
        message = f"{_shown(token)} does not fit here"
        if token.type in ("NAME", "CALLBACK", "FUNCTION"):
            message += did_you_mean(str(token), slip.words(slip.fitting))
    others = []
    if "did you mean" not in message:
        for name, terminals in reversed(slip.names):
            if found := nearest(str(name), slip.words(terminals)):
                others.append(Label(span(name), f"did you mean `{found}`?"))
                break
    if (bracket := _open_bracket(slip)) and str(token) in slip.words(slip.openers):  # it has run on for too long
        others = [Label(span(bracket), f"this `{bracket}` is still open")]
    return Diagnostic("E101", message, place, others=others, notes=[f"would fit: {fitting_words(slip)}"])


def _open_bracket(slip: Slip) -> Token | None:
    """The innermost bracket that is open where the token stands."""
    opened: list[Token] = []
    for token in slip.statement[:-1]:
        if token.type in ("LPAR", "LBRACKET"):
            opened.append(token)
        elif token.type in ("RPAR", "RBRACKET") and opened:
            opened.pop()
    return opened[-1] if opened else None


def _shown(token: Token) -> str:
    if token.type in ("NEWLINE", "INDENT", "DEDENT", "$END"):
        return _NAMES[token.type]
    text = str(token)
    return f"`{text if len(text) <= 30 else text[:29] + '…'}`"


# Words by how often the scenarios of the library have them: what is likely is named first.
_LIKELY = {
    name: rank
    for rank, name in enumerate(
        "EXPECT OF AS WHERE CHECK ORDER AT OPEN BUY VENUE TRADE BY WITHIN LOGIN CANCEL CONNECT RECONNECT "
        "WAIT NO REJECTION FILL COUNTER QUOTE SESSION LET IN TIMES EXCHANGE DISCONNECT SELL CLOSE "
        "CLOSE_TODAY CONNECTION QUERY RECONCILED FRONT NEXT UNTIL FOR CANCEL_REJECTION AUTHENTICATION "
        "NEVER TOTAL DISCONNECTION TO REQUIRE EXIT".split()
    )
}


def _spellings(slip: Slip, terminals: set[str]) -> list[str]:
    """The words of some terminals as the statement's author writes: in Chinese or not."""
    found: dict[str, None] = {}
    for name in sorted(terminals, key=lambda name: (_LIKELY.get(name, len(_LIKELY)), name)):
        if words := [word for word in slip.spellings.get(name, ()) if word.isascii() != slip.is_chinese]:
            found[_named_after(name, words)] = None
    return list(found)


def _named_after(terminal: str, words: Sequence[str]) -> str:
    """The word that a terminal is named after, where it has that one, else the first."""
    return terminal.lower() if terminal.lower() in words else words[0]


def fitting_words(slip: Slip) -> str:
    """What would fit, for people: groups first, then words, not too many."""
    fitting = set(slip.fitting)
    parts: list[str] = []
    if fitting >= slip.openers - {"$END"}:
        parts.append("a step")
        fitting -= slip.openers
    if fitting >= _VALUES - {"NOT", "MINUS", "LBRACKET"} and "NAME" in fitting:
        parts.append("a value")
        fitting -= _VALUES | {"NAME"}
    if fitting >= _OPERATORS - {"TICK", "DOT", "LBRACKET", "MINUS"}:
        parts.append("an operator")
        fitting -= _OPERATORS
    literals = [name for name in LITERALS if name in fitting and name in _NAMES]
    parts += [_NAMES[name] for name in literals]
    parts += [f"`{word}`" for word in _spellings(slip, fitting)]
    parts += [_NAMES[name] for name in ("NEWLINE", "INDENT", "$END") if name in fitting]
    if len(parts) > 9:
        parts = [*parts[:8], f"{len(parts) - 8} more"]
    return ", ".join(parts[:-1]) + (" or " if len(parts) > 1 else "") + parts[-1] if parts else "nothing"
