"""The words of the language in all their spellings, as `grammar/words.csv` lists them."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Literal

from attrs import frozen

from ctpscen.language import words_path

Spelling = Literal["en", "zh"]


@frozen
class Row:
    """A word. `kind` and `name` are explained at the head of the table; the first of its spellings is written."""

    kind: str
    name: str
    english: tuple[str, ...]
    chinese: tuple[str, ...]

    @property
    def terminal(self) -> str:
        """The terminal that is this word; '' where none is."""
        return self.name if self.kind in ("reserved", "word") or self.name in _OPERATORS else ""

    def first(self, spelling: Spelling) -> str:
        """How it is written; a word without a spelling of its own is written in the other one."""
        ways = (self.english, self.chinese) if spelling == "en" else (self.chinese, self.english)
        return (ways[0] or ways[1])[0]


# Phrases that the scanner finds as one terminal.
_OPERATORS = ("IS_NOT", "NOT_IN")


@cache
def rows() -> tuple[Row, ...]:
    text = words_path().read_text(encoding="utf-8")
    lines = [line.split(",") for line in text.splitlines() if not line.startswith("#")]
    return tuple(Row(kind, name, _parted(english), _parted(chinese)) for kind, name, english, chinese in lines[1:])


def _parted(spellings: str) -> tuple[str, ...]:
    return tuple(spellings.split("|")) if spellings else ()


@cache
def words() -> Mapping[str, Row]:
    """The words that are terminals, by the terminal."""
    return {row.terminal: row for row in rows() if row.terminal}


@cache
def phrases() -> Mapping[tuple[str, ...], Row]:
    """The words that English writes as several, by the terminals of those."""
    found = [row for row in rows() if row.kind == "phrase" and not row.terminal]
    return {tuple(row.english[0].upper().split()): row for row in found}


@cache
def units() -> Mapping[str, str]:
    """The English spelling of every unit of time, by each of its spellings."""
    found = [row for row in rows() if row.kind == "unit" and row.english]
    return {spelling: row.english[0] for row in found for spelling in (*row.english, *row.chinese)}


@cache
def lots() -> tuple[str, ...]:
    """What may stand behind a number of lots, and adds nothing to it."""
    return next(row.chinese for row in rows() if row.name == "LOT")


def numbered_words() -> Iterator[str]:
    """The Chinese words that may stand right behind a number, as they are written."""
    for row in rows():
        if row.kind == "unit" or row.name in ("TIMES", "TICK"):
            yield row.chinese[0]


@cache
def _meanings() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in rows():
        for spelling in row.chinese:
            found[spelling] = (*found.get(spelling, ()), *row.english)
    return found


def english(word: str, known: Container[str]) -> str:
    """The word that a Chinese spelling stands for among those `known`; any other word as it is."""
    if word.isascii() or word in known:
        return word
    return next((each for each in _meanings().get(word, ()) if each in known), word)


def spellings_of(known: Iterable[str]) -> Iterator[str]:
    """Every spelling of the words that are known in English."""
    wanted = set(known)
    for row in rows():
        if row.kind not in ("constant", "field") and not wanted.isdisjoint(row.english):
            yield from row.chinese
    yield from wanted


@cache
def fields() -> Mapping[str, str]:
    """The language's own fields that have a Chinese spelling, by that."""
    return {word: row.english[0] for row in rows() if row.kind == "field" for word in row.chinese}


@cache
def constants() -> Mapping[str, str]:
    """CTP's constants that have a Chinese spelling, by that."""
    return {word: row.english[0] for row in rows() if row.kind == "constant" for word in row.chinese}


def as_grammar() -> str:
    """The terminals of the words, and the rules of the phrases, in the notation of the grammar file."""
    lines: list[str] = []
    for row in rows():
        if row.kind in ("reserved", "word"):
            lines.append(_terminal(row.name, (*row.english, *row.chinese)))
        elif row.name in _OPERATORS:
            lines.append(_terminal(f"CHINESE_{row.name}", row.chinese))
        elif row.kind == "phrase":
            lines.append(_terminal(row.name, row.chinese))
            lines.append(f"_{row.name.lower()}: {row.english[0].upper()} | {row.name}")
    found = [row for row in rows() if row.kind == "unit" and row.english]
    lines.append(_terminal("UNIT", [spelling for row in found for spelling in row.english]))
    lines.append(_terminal("CHINESE_UNIT", [spelling for row in found for spelling in row.chinese]))
    lines.append(_terminal("LOT", lots()))
    return "\n".join(lines) + "\n"


def _terminal(name: str, spellings: Sequence[str]) -> str:
    quoted = (f'"{spelling}"' for spelling in spellings)
    return f"{name}: {' | '.join(quoted)}"
