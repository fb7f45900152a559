"""The one layout of a file: the same words, texts and comments, with blanks, line ends and indentation made regular.

The formatter works on the tokens of a text that parses, as the parser has settled what each word is. What stands
between two tokens can only be blanks and comments, so nothing can be lost: every token is written as it was, and every
comment where it was. Lines are broken only where they were broken before, inside brackets.
"""

from collections.abc import Iterator, Sequence
from itertools import takewhile, zip_longest

from attrs import define, field, frozen
from lark import Token

from ctpscen.language.diagnostics import Located, display_width
from ctpscen.language.parser import read_tokens
from ctpscen.language.source import Source

INDENT = 4

_LAYOUT = frozenset({"INDENT", "DEDENT", "NEWLINE"})
_OPENING = frozenset({"LPAR", "LBRACKET"})
_CLOSING = frozenset({"RPAR", "RBRACKET"})
_NO_BLANK_BEFORE = frozenset({"COMMA", "SEMICOLON", "COLON", "DOT", *_CLOSING})
_NO_BLANK_AFTER = frozenset({"DOT", *_OPENING})

# What a value ends with: behind it a minus subtracts, and a square bracket is an index.
_VALUE_ENDS = frozenset(
    "NAME NUMBER DURATION TIME DATE DATETIME TEXT INSTRUMENT TRUE FALSE NONE TICK RPAR RBRACKET".split()
)
_INDEXED = frozenset({"NAME", "RPAR", "RBRACKET"})

# Blocks that stand apart from what is around them at the top of a file.
_APART = frozenset({"SCENARIO", "DEFINE", "BEFORE", "AFTER"})


@frozen
class Formatted:
    """`text` is None where the text does not parse; the diagnostics then say why."""

    text: str | None
    diagnostics: Sequence[Located]


def format_source(source: Source) -> Formatted:
    """Lays a file out anew. Doing it twice is doing it once, and the tree stays the same."""
    plain = Source(source.name, source.text.replace("\r\n", "\n").removeprefix("\ufeff"))
    lines, comments, diagnostics = read_tokens(plain)
    if diagnostics:
        return Formatted(None, diagnostics)
    return Formatted(_Layout(plain.text, list(comments)).write(lines), ())


@define
class _Written:
    """One line of the result. `opens` says that a block follows it, `apart` that it opens one that stands apart."""

    text: str
    blank_before: bool = False
    opens: bool = False
    apart: bool = False
    depth: int = 0
    is_comment: bool = False


@define
class _Layout:
    """One text on its way. `comments` are those not yet written, the next one first."""

    text: str
    comments: list[tuple[int, int]]
    written: list[_Written] = field(factory=list)
    _columns: list[int] = field(factory=lambda: [0])
    _widths: Sequence[int] = ()
    _end: int = 0

    def write(self, lines: Sequence[list[Token]]) -> str:
        contents = [[token for token in line if token.type not in _LAYOUT] for line in lines]
        is_row = [bool(tokens) and tokens[0].type == "BAR" and not self._is_broken(tokens) for tokens in contents]
        for index, (line, tokens) in enumerate(zip(lines, contents, strict=True)):
            if not tokens:
                continue
            self._enter(line, tokens)
            if is_row[index]:
                if not is_row[index - 1]:
                    table = takewhile(lambda each: is_row[each], range(index, len(lines)))
                    self._widths = _widths([contents[each] for each in table])
                self._row(tokens)
            else:
                following = lines[index + 1] if index + 1 < len(lines) else []
                self._statement(tokens, opens=bool(following) and following[0].type == "INDENT")
        self._own_comments(len(self.text), 0, [0])
        return self._joined()

    # ------------------------------------------------------------------------------------------------- the layout

    def _enter(self, line: list[Token], tokens: list[Token]) -> None:
        """Writes the comments before a line, and takes its indentation."""
        columns = list(self._columns)
        for token in line:
            if token.type == "INDENT":
                columns.append(self._column(tokens[0].start_pos or 0))
            elif token.type == "DEDENT":
                columns.pop()
        deeper = len(columns) > len(self._columns)
        self._own_comments(tokens[0].start_pos or 0, len(columns) - 1, columns if deeper else self._columns)
        self._columns = columns

    def _column(self, position: int) -> int:
        return position - (self.text.rfind("\n", 0, position) + 1)

    @property
    def _depth(self) -> int:
        return len(self._columns) - 1

    def _own_comments(self, before: int, depth: int, columns: Sequence[int]) -> None:
        """Writes the comments that have lines of their own up to a place, each in the block that it stands in."""
        while self.comments and self.comments[0][0] < before:
            start, end = self.comments.pop(0)
            column, own = self._column(start), depth
            while own + 1 < len(columns) and columns[own + 1] <= column:
                own += 1
            blank = self._is_blank_between(self._end, start)
            self.written.append(
                _Written(" " * (INDENT * own) + self.text[start:end], blank, depth=own, is_comment=True)
            )
            self._end = end

    def _is_blank_between(self, start: int, end: int) -> bool:
        return self.text.count("\n", start, end) > 1

    def _is_broken(self, tokens: Sequence[Token]) -> bool:
        """Whether a logical line is on several."""
        return "\n" in self.text[tokens[0].start_pos or 0 : tokens[-1].start_pos or 0]

    def _is_own_line(self, position: int) -> bool:
        return not self.text[self.text.rfind("\n", 0, position) + 1 : position].strip()

    def _joined(self) -> str:
        """The lines with the blank ones between them."""
        self._set_apart()
        found: list[str] = []
        before: _Written | None = None
        for line in self.written:
            if line.blank_before and before is not None and not before.opens:
                found.append("")
            found.append(line.text)
            before = line
        return "\n".join(found) + "\n" if found else ""

    def _set_apart(self) -> None:
        """A blank line before and after each scenario and its like; comments right above them belong to them."""
        lines = self.written
        in_block = False
        for index, line in enumerate(lines):
            if line.depth or line.is_comment:
                continue
            if line.apart or in_block:
                first = index
                while (
                    first
                    and lines[first - 1].is_comment
                    and lines[first - 1].depth == 0
                    and not lines[first].blank_before
                ):
                    first -= 1
                lines[first].blank_before = True
            in_block = line.apart

    # ------------------------------------------------------------------------------------------------ statements

    def _statement(self, tokens: list[Token], *, opens: bool) -> None:
        """A logical line, broken where it was."""
        blank = self._is_blank_between(self._end, tokens[0].start_pos or 0)
        margin, brackets = " " * (INDENT * self._depth), 0
        lines = [margin]
        for index, token in enumerate(tokens):
            if index:
                previous, before = tokens[index - 1], tokens[index - 2] if index > 1 else None
                inner = self._inner_comments(previous, token)
                closing = token.type in _CLOSING
                if inner or "\n" in self.text[previous.end_pos or 0 : token.start_pos or 0]:
                    deeper = margin + " " * (INDENT * max(0, brackets - closing))
                    self._break(lines, inner, margin + " " * (INDENT * brackets))
                    lines.append(deeper)
                elif _has_blank(before, previous, token):
                    lines[-1] += " "
            brackets += (token.type in _OPENING) - (token.type in _CLOSING)
            lines[-1] += _spelled(token)
        self._end = tokens[-1].end_pos or 0
        lines[-1] += self._trailing_comment()
        apart = opens and tokens[0].type in _APART and self._depth == 0
        for number, text in enumerate(lines):
            self.written.append(
                _Written(text.rstrip(), blank and not number, opens and number == len(lines) - 1, apart, self._depth)
            )
            if number:
                self.written[-1].depth = max(1, self._depth)  # a continuation is never a line of the top level

    def _inner_comments(self, previous: Token, token: Token) -> list[tuple[int, int]]:
        """The comments between two tokens of a line."""
        found = []
        while self.comments and self.comments[0][0] < (token.start_pos or 0):
            found.append(self.comments.pop(0))
        assert all(start >= (previous.end_pos or 0) for start, _ in found)
        return found

    def _break(self, lines: list[str], comments: Sequence[tuple[int, int]], margin: str) -> None:
        """Ends a line inside brackets, with the comments that stand there."""
        for start, end in comments:
            if self._is_own_line(start):
                lines.append(margin + self.text[start:end])
            else:
                lines[-1] += f"  {self.text[start:end]}"

    def _trailing_comment(self) -> str:
        """The comment behind a statement, on its line."""
        if not self.comments or "\n" in self.text[self._end : self.comments[0][0]]:
            return ""
        start, end = self.comments.pop(0)
        self._end = end
        return f"  {self.text[start:end]}"

    def _row(self, row: Sequence[Token]) -> None:
        """A row of a table, its columns in line with the others."""
        blank = self._is_blank_between(self._end, row[0].start_pos or 0)
        texts = [_inline(cell) for cell in _cells(row)]
        padded = [text + " " * (width - display_width(text)) for text, width in zip(texts, self._widths, strict=False)]
        self._end = row[-1].end_pos or 0
        line = " " * (INDENT * self._depth) + "| " + " | ".join(padded) + " |" + self._trailing_comment()
        self.written.append(_Written(line, blank, depth=self._depth))


def _widths(rows: Sequence[Sequence[Token]]) -> list[int]:
    """How wide each column of a table is."""
    cells = [[display_width(_inline(cell)) for cell in _cells(row)] for row in rows]
    return [max(widths) for widths in zip_longest(*cells, fillvalue=0)]


def _cells(row: Sequence[Token]) -> Iterator[list[Token]]:
    cell: list[Token] = []
    for token in row[1:]:
        if token.type == "BAR":
            yield cell
            cell = []
        else:
            cell.append(token)


def _inline(tokens: Sequence[Token]) -> str:
    """Tokens on one line."""
    text = ""
    for index, token in enumerate(tokens):
        if index and _has_blank(tokens[index - 2] if index > 1 else None, tokens[index - 1], token):
            text += " "
        text += _spelled(token)
    return text


def _spelled(token: Token) -> str:
    """A token as it is written; of two words that are one token, a single blank between them."""
    return " ".join(token.split()) if token.type in ("IS_NOT", "NOT_IN", "DATETIME") else str(token)


def _has_blank(before: Token | None, previous: Token, token: Token) -> bool:
    """Whether a blank stands between two tokens; `before` is the one before them."""
    if token.type in _NO_BLANK_BEFORE or previous.type in _NO_BLANK_AFTER:
        return False
    if token.type == "LPAR":
        return previous.type != "NAME"
    if token.type == "LBRACKET":
        return previous.type not in _INDEXED
    return not (previous.type == "MINUS" and (before is None or before.type not in _VALUE_ENDS))
