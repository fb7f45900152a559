"""One spelling turned into the other: the words of a text that parses, its units and, for English, its signs.

A name keeps its spelling where it may be the author's own: where the file gives it a value, or takes over others.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from attrs import frozen

from ctpscen.language.syntax.lexer import Token
from ctpscen.language.words.table import Row, Spelling, lots, phrases, rows, units, words

# The words behind which a name is given to something.
_NAMING = frozenset("LET PARAM SESSION PROGRAM ACCOUNT DEFINE AS FOR_EACH".split())
# The words that end the condition of a `where`.
_AFTER_CONDITION = frozenset("WITHIN FOR AS SEMICOLON".split())
_OPENING = frozenset("NEWLINE INDENT DEDENT COLON SEMICOLON".split())
# The words whose object is a kind of things.
_OF_ALL = frozenset("QUERY LIMIT HOLD RELEASE DROP DELAY".split())

_TWINS = str.maketrans("：；，（）【】｜＝！＋－＊／％＜＞\u3000", ":;,()[]|=!+-*/%<> ")
_UNIT = re.compile(r"(?<=\d)\s*([^\W\d]+)")


def respelled(lines: Sequence[list[Token]], called: frozenset[int], spelling: Spelling) -> list[list[Token]]:
    """The lines of a text in one spelling; every token keeps its place. `called` is where names of calls begin."""
    own = _own_names(lines)
    imports = any(token.type == "USE" for line in lines for token in line)
    return [list(_line(line, _Names(called, own, imports), spelling)) for line in lines]


@frozen
class _Names:
    """What is known of a file's names: those that are called by place, its own, and whether it takes over others."""

    called: frozenset[int]
    own: frozenset[str]
    imports: bool

    def row(self, tokens: Sequence[Token], index: int) -> Row | None:
        """The word of the language that a name certainly is."""
        token = tokens[index]
        previous = tokens[index - 1].type if index else "NEWLINE"
        following = tokens[index + 1].type if index + 1 < len(tokens) else "NEWLINE"
        if previous in _OPENING and following == "COLON":
            found = _actors()
        elif token.span[0] in self.called:
            found = _functions()
        elif previous == "DOT":
            return _fields().get(str(token))
        elif self.imports or previous in _NAMING or following == "ASSIGN":
            return None
        elif _in_condition_of_report(tokens, index) and str(token) in _fields():
            found = _fields()
        else:
            found = _values()
        row = found.get(str(token))
        return row if row and self.own.isdisjoint((*row.english, *row.chinese)) else None


def _in_condition_of_report(tokens: Sequence[Token], index: int) -> bool:
    """Whether a `where` stands before a token, whose condition it may be part of."""
    before = [token.type for token in tokens[:index]]
    return "WHERE" in before and _AFTER_CONDITION.isdisjoint(before[before.index("WHERE") :])


def _own_names(lines: Sequence[list[Token]]) -> frozenset[str]:
    """The names that a file gives something, and those of its tables and of what its defines take."""
    found = set[str]()
    for before, line in zip([[], *lines], lines, strict=False):
        of_table = _opens_with(line, "BAR") and not _opens_with(before, "BAR")
        of_define = _opens_with(line, "DEFINE")
        for previous, token in zip([None, *line], line, strict=False):
            named = previous is not None and previous.type in _NAMING
            if token.type == "NAME" and (named or of_table or of_define):
                found.add(str(token))
    return frozenset(found)


def _opens_with(line: Sequence[Token], kind: str) -> bool:
    return any(token.type == kind for token in line[:2] if token.type not in ("INDENT", "DEDENT"))


def _line(tokens: Sequence[Token], names: _Names, spelling: Spelling) -> Iterator[Token]:
    index = 0
    while index < len(tokens):
        token = tokens[index]
        phrase = _phrase_at(tokens, index) if spelling == "zh" else None
        if phrase is not None:
            row, last = phrase
            yield Token(row.name, row.first(spelling), token.span[0], last.span[1])
            index += len(row.english[0].split())
            continue
        row_of_name = names.row(tokens, index) if token.type == "NAME" else None
        yield Token(token.type, _respelled(tokens, index, row_of_name, spelling), *token.span)
        index += 1


def _phrase_at(tokens: Sequence[Token], index: int) -> tuple[Row, Token] | None:
    """A phrase of several English words that begins there, with the last of them."""
    for terminals, row in phrases().items():
        found = tokens[index : index + len(terminals)]
        if tuple(token.type for token in found) == terminals:
            return row, found[-1]
    return None


def _respelled(tokens: Sequence[Token], index: int, name: Row | None, spelling: Spelling) -> str:
    token = tokens[index]
    row = name or words().get(token.type) or _phrases_by_name().get(token.type)
    text = " ".join(token.split()) if token.type in ("IS_NOT", "NOT_IN") else str(token)
    if row is not None:
        is_spelled_so = text in (row.english if spelling == "en" else row.chinese)
        return text if is_spelled_so else _written(row, tokens[index - 1] if index else token, spelling)
    if token.type == "DURATION":
        return _UNIT.sub(lambda unit: _units(spelling)[unit[1]], text)
    if spelling == "zh" or token.type == "DOCSTRING":
        return text
    if token.type == "TEXT":
        return f'"{text[1:-1]}"' if text[0] == "“" and '"' not in text else text
    if token.type == "NUMBER":
        text = text.rstrip("".join(lots())).rstrip()
    return text.translate(_TWINS)


def _written(row: Row, previous: Token, spelling: Spelling) -> str:
    """A word as it is written; an English noun is a plural behind a number and where it means all of a kind."""
    if spelling == "en" and (previous.type == "NUMBER" or previous.type in _OF_ALL):
        return (min if previous == "1" else max)(row.english, key=len)
    return row.first(spelling)


def _units(spelling: Spelling) -> Mapping[str, str]:
    """Every unit of time in one spelling, by each of its spellings."""
    if spelling == "en":
        return units()
    chinese = {row.english[0]: row.chinese[0] for row in rows() if row.kind == "unit" and row.english}
    return {written: chinese[unit] for written, unit in units().items()}


@cache
def _phrases_by_name() -> Mapping[str, Row]:
    return {row.name: row for row in phrases().values()}


@cache
def _actors() -> Mapping[str, Row]:
    return _by_spelling(row for row in rows() if row.name in ("VENUE", "NETWORK"))


@cache
def _functions() -> Mapping[str, Row]:
    return _by_spelling(row for row in rows() if row.kind == "function")


@cache
def _fields() -> Mapping[str, Row]:
    return _by_spelling(row for row in rows() if row.kind == "field")


@cache
def _values() -> Mapping[str, Row]:
    return _by_spelling(row for row in rows() if row.kind in ("price", "constant"))


def _by_spelling(found: Iterable[Row]) -> Mapping[str, Row]:
    return {spelling: row for row in found for spelling in (*row.english, *row.chinese)}
