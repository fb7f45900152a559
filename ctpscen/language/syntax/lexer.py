"""Text to tokens: literals, words, punctuation, and the layout.

The patterns are those of the grammar file. The lexer gives one logical line at a time (a line runs on inside
brackets), with INDENT and DEDENT where the indentation changes; comments are put aside. It never fails: what it
cannot read becomes a token of type UNREADABLE whose value is the message, and the parser reports it in its place.
"""

import re
from collections.abc import Iterator

from attrs import define, field

from ctpscen.language.text.source import Span

NESTING_LIMIT = 100

# A statement with an open bracket that is longer than this, in characters, is one whose bracket was forgotten.
_RUN_ON_LIMIT = 30_000

# What people type on a Chinese keyboard and the grammar does not read as its ASCII twin, and what was meant.
_FULL_WIDTH = dict(zip("．＠＃“”‘’", ".@#\"\"''", strict=True))

_WHITE = " \t\r\f\v\u3000\ufeff#\n"
_BRACKETS = frozenset(("LPAR", "RPAR", "LBRACKET", "RBRACKET"))
_CLOSES = {"RPAR": "LPAR", "RBRACKET": "LBRACKET"}
_COMMON_UNITS = "sec secs second seconds min mins minute minutes hour hours d day days".split()

_BLANK = re.compile(r"[ \t\r\f\v\u3000\ufeff]*(?:#[^\n]*)?")
_BLANK_IN_BRACKETS = re.compile(r"(?:[ \t\r\f\v\u3000\n]+|#[^\n]*)*")
_COMMENT = re.compile(r"#[^\n]*")
_NUMBER_LIKE = re.compile(r"[\w.]+")
_MOMENT_TAIL = re.compile(r"\d{1,2}T\d{1,2}")
_STEPLESS = re.compile(r"[^\x00-\x7f]+")


class Token(str):
    """A piece of the text, with the name of its terminal and its place."""

    __slots__ = ("span", "type")
    type: str
    span: Span

    def __new__(cls, kind: str, value: str, start: int, end: int) -> "Token":
        token = str.__new__(cls, value)
        token.type = kind
        token.span = (start, end)
        return token


@define
class Lexer:
    """Reads one text. `comments` is complete once `lines` is exhausted."""

    text: str
    scanner: re.Pattern[str]
    comments: list[Span] = field(factory=list)
    _position: int = 0
    _indents: list[int] = field(factory=lambda: [0])

    def lines(self) -> Iterator[list[Token]]:
        """Every logical line: INDENT or DEDENTs, its tokens, NEWLINE. The last one holds the DEDENTs that are left."""
        while (start := self._next_line()) is not None:
            tokens: list[Token] = []
            self._indentation(start, tokens)
            self._position = self._line(tokens, self._position)
            yield tokens
        end = len(self.text)
        yield [Token("DEDENT", "", end, end) for _ in self._indents[1:]]

    def single(self, start: int, end: int) -> list[Token]:
        """The tokens of a stretch of the text, without layout."""
        tokens: list[Token] = []
        self._line(tokens, start, end)
        return tokens[:-1]

    def _next_line(self) -> int | None:
        """The start of the next line that holds more than blanks and comment; None at the end of the text."""
        while self._position < len(self.text):
            start = self._position
            self._position = self._skip(_BLANK, start)
            if self._position >= len(self.text):
                return None
            if self.text[self._position] != "\n":
                return start
            self._position += 1
        return None

    def _skip(self, blank: re.Pattern[str], start: int) -> int:
        """The end of the blanks at `start`; the comments in them are put aside."""
        found = blank.match(self.text, start)
        assert found is not None
        end = found.end()
        if end > start and "#" in (white := found[0]):
            for comment in _COMMENT.finditer(white):
                self.comments.append((start + comment.start(), start + comment.start() + len(comment[0].rstrip())))
        return end

    def _indentation(self, start: int, tokens: list[Token]) -> None:
        """Compares a line's indentation with the blocks that are open. `start` is where the line begins."""
        position = self._position
        white = self.text[start:position].lstrip("\ufeff")
        depth = len(white.expandtabs(4))
        if depth > self._indents[-1]:
            self._indents.append(depth)
            tokens.append(Token("INDENT", "", start, position))
        while len(self._indents) > 1 and depth <= self._indents[-2]:
            self._indents.pop()
            tokens.append(Token("DEDENT", "", position, position))
        if white.strip(" "):
            found = "a tab" if "\t" in white else "a character that is not a space"
            tokens.append(
                Token("UNREADABLE", f"{found} in the indentation; blocks are indented with spaces", start, position)
            )
        elif depth != self._indents[-1]:
            tokens.append(Token("UNREADABLE", "this line is indented like no block above it", start, position))

    def _line(self, tokens: list[Token], start: int, end: int | None = None, *, run_on: bool = True) -> int:
        """Reads a logical line from `start`; gives where the next one begins."""
        text, match, first = self.text, self.scanner.match, len(tokens)
        end = len(text) if end is None else end
        comments = len(self.comments)
        position, open_brackets = start, list[int]()
        while True:
            if text[position : position + 1] == " ":
                position += 1
            if text[position : position + 1] in _WHITE:
                position = self._skip(_BLANK_IN_BRACKETS if open_brackets and run_on else _BLANK, position)
            if position >= end or text[position] == "\n":
                break
            found = match(text, position)
            if found is None:
                tokens.append(self._unreadable(position))
                position = tokens[-1].span[1]
                continue
            kind = found.lastgroup
            assert kind is not None
            tokens.append(Token(kind, found[0], position, found.end()))
            position = found.end()
            if kind in _BRACKETS:
                _balance(tokens, open_brackets)
                if position - start > _RUN_ON_LIMIT and open_brackets:
                    break
        if open_brackets and run_on and text.find("\n", start, position) >= 0:
            # A forgotten bracket must not swallow what follows: read again, each line for itself.
            del tokens[first:], self.comments[comments:]
            return self._line(tokens, start, end, run_on=False)
        for index in open_brackets:
            token = tokens[index]
            tokens[index] = Token("UNREADABLE", f"this `{token}` is never closed", *token.span)
        tokens.append(Token("NEWLINE", "", position, position))
        return position + 1

    def _unreadable(self, position: int) -> Token:
        text = self.text
        character = text[position]
        if character in '"“':
            stop = -1 if text.startswith('"""', position) else text.find("\n", position)
            stop = len(text) if stop < 0 else stop
            return Token("UNREADABLE", "this text is never closed", position, stop)
        if (word := _NUMBER_LIKE.match(text, position)) and character.isascii():
            return Token("UNREADABLE", _about_number(word[0]), position, word.end())
        if meant := _FULL_WIDTH.get(character):
            message = f"`{character}` is a full-width character; write `{meant}`"
            return Token("UNREADABLE", message, position, position + 1)
        if other := _STEPLESS.match(text, position):
            shown = other[0] if len(other[0]) <= 20 and other[0].isprintable() else f"U+{ord(character):04X}"
            message = f"`{shown}` can stand in a text only, between quotation marks"
            return Token("UNREADABLE", message, position, other.end())
        shown = f"`{character}`" if character.isprintable() else f"the character U+{ord(character):04X}"
        return Token("UNREADABLE", f"{shown} means nothing here", position, position + 1)


def _balance(tokens: list[Token], open_brackets: list[int]) -> None:
    """Keeps the indices of the open brackets; replaces the last token where it closes nothing or nests too deep."""
    token = tokens[-1]
    start, end = token.span
    if token.type in ("LPAR", "LBRACKET"):
        open_brackets.append(len(tokens) - 1)
        if len(open_brackets) == NESTING_LIMIT + 1:
            tokens[-1] = Token("UNREADABLE", f"brackets nested deeper than {NESTING_LIMIT}", start, end)
        return
    opened = tokens[open_brackets[-1]] if open_brackets else None
    if opened is not None and (opened.type == "UNREADABLE" or opened.type == _CLOSES[token.type]):
        open_brackets.pop()
        return
    tokens[-1] = Token("UNREADABLE", f"this `{token}` closes nothing", start, end)


def _about_number(word: str) -> str:
    if _MOMENT_TAIL.fullmatch(word):
        return "a date and its time stand apart: `2026-11-23 21:00`"
    digits = re.match(r"[\d._]*", word)
    unit = word[digits.end() :] if digits else ""
    if unit in _COMMON_UNITS:
        return f"`{word}` is no duration; the units are `us`, `ms`, `s`, `m`, `h`"
    return f"`{word}` is neither a number nor a name"
