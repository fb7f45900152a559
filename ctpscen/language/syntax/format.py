"""The one layout of a file: the same words, texts and comments, with blanks, line ends and indentation made regular.

The formatter works on the tokens of a text that parses, as the parser has settled what each word is. What stands
between two tokens can only be blanks and comments, so nothing can be lost: every token is written as it was, and every
comment where it was. Lines are broken only where they were broken before, inside brackets.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile, zip_longest
from typing import Any

from attrs import astuple, define, field, frozen, has

from ctpscen.language.syntax.lexer import Token
from ctpscen.language.syntax.parser import parse_tokens
from ctpscen.language.syntax.tree import Call, Prefix, Step
from ctpscen.language.text.diagnostics import Located, display_width
from ctpscen.language.text.source import Source
from ctpscen.language.words.respell import respelled
from ctpscen.language.words.table import Spelling

INDENT = 4

_LAYOUT = frozenset({"INDENT", "DEDENT", "NEWLINE"})
_OPENING = frozenset({"LPAR", "LBRACKET"})
_CLOSING = frozenset({"RPAR", "RBRACKET"})
_NO_BLANK_BEFORE = frozenset({"COMMA", "SEMICOLON", "COLON", "DOT", *_CLOSING})
_NO_BLANK_AFTER = frozenset({"DOT", *_OPENING})

# Values behind which a square bracket is an index, and those that a dot right behind them would change.
_INDEXED = frozenset({"NAME", "TEXT", "INSTRUMENT", "RPAR", "RBRACKET"})
_CHANGED_BY_DOT = frozenset({"DURATION", "INSTRUMENT"})

# Blocks that stand apart from what is around them at the top of a file.
_APART = frozenset({"SCENARIO", "DEFINE", "BEFORE", "AFTER"})


@frozen
class Formatted:
    """`text` is None where the text does not parse; the diagnostics then say why."""

    text: str | None
    diagnostics: Sequence[Located]


def format_source(source: Source, spelling: Spelling | None = None) -> Formatted:
    """Lays a file out anew, its words in one spelling if one is asked for.

    Doing it twice is doing it once, and the tree stays the same.
    """
    plain = Source(source.name, source.text.replace("\r\n", "\n").removeprefix("\ufeff"))
    parsed, lines = parse_tokens(plain)
    if parsed.diagnostics.found:
        return Formatted(None, parsed.diagnostics.located)
    hugs = _hugs(parsed.tree.steps)
    if spelling is not None:
        lines = respelled(lines, hugs.called, spelling)
    return Formatted(_Layout(plain.text, list(parsed.tree.comments), hugs).write(lines), ())


@frozen
class _Hugs:
    """Where the names begin that a bracket hugs, and the operands that a minus hugs.

    The tokens alone do not say: `fill entry (2)` calls nothing, and `balance alice -1` subtracts nothing.
    """

    called: frozenset[int]
    negated: frozenset[int]


def _hugs(steps: Sequence[Step]) -> _Hugs:
    called, negated = set(), set()
    open_nodes: list[Any] = [steps]
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, Call):
            called.add(node.name.span[0])
        elif isinstance(node, Step) and node.verb in ("define", "request"):
            called.add(node.parts["name"].span[0])
        elif isinstance(node, Prefix) and node.operator == "-":
            negated.add(node.operand.span[0])
        if isinstance(node, list | tuple):
            open_nodes += node
        elif isinstance(node, Mapping):
            open_nodes += node.values()
        elif has(type(node)):
            open_nodes += astuple(node, recurse=False)
    return _Hugs(frozenset(called), frozenset(negated))


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
    hugs: _Hugs
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
                    self._widths = self._column_widths([contents[each] for each in table])
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
                columns.append(self._column(tokens[0].span[0]))
            elif token.type == "DEDENT":
                columns.pop()
        deeper = len(columns) > len(self._columns)
        self._own_comments(tokens[0].span[0], len(columns) - 1, columns if deeper else self._columns)
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
        return "\n" in self.text[tokens[0].span[0] : tokens[-1].span[0]]

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
            if line.depth:
                continue
            if in_block:
                line.blank_before = True
            if line.apart:
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
        blank = self._is_blank_between(self._end, tokens[0].span[0])
        depth, brackets = self._depth, list[int]()  # the depth of the line that each open bracket stands on
        lines = [" " * (INDENT * depth)]
        for index, token in enumerate(tokens):
            if index:
                previous = tokens[index - 1]
                inner = self._inner_comments(previous, token)
                if inner or "\n" in self.text[previous.span[1] : token.span[0]]:
                    self._break(lines, inner, " " * (INDENT * (brackets[-1] + 1)))
                    closed = self._closed_at(tokens[index:])
                    depth = brackets[-closed] if closed else brackets[-1] + 1
                    lines.append(" " * (INDENT * depth))
                elif self._has_blank(previous, token):
                    lines[-1] += " "
            if token.type in _OPENING:
                brackets.append(depth)
            elif token.type in _CLOSING:
                brackets.pop()
            lines[-1] += _spelled(token)
        self._end = tokens[-1].span[1]
        lines[-1] += self._trailing_comment()
        apart = opens and tokens[0].type in _APART and self._depth == 0
        for number, text in enumerate(lines):
            self.written.append(
                _Written(text.rstrip(), blank and not number, opens and number == len(lines) - 1, apart, self._depth)
            )
            if number:
                self.written[-1].depth = max(1, self._depth)  # a continuation is never a line of the top level

    def _closed_at(self, tokens: Sequence[Token]) -> int:
        """How many brackets a line closes before anything else stands on it."""
        closed, end = 0, tokens[0].span[0]
        for token in tokens:
            if token.type not in _CLOSING or "\n" in self.text[end : token.span[0]]:
                break
            closed, end = closed + 1, token.span[1]
        return closed

    def _inner_comments(self, previous: Token, token: Token) -> list[tuple[int, int]]:
        """The comments between two tokens of a line."""
        found = []
        while self.comments and self.comments[0][0] < (token.span[0]):
            found.append(self.comments.pop(0))
        assert all(start >= (previous.span[1]) for start, _ in found)
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
        blank = self._is_blank_between(self._end, row[0].span[0])
        texts = [self._inline(cell) for cell in _cells(row)]
        padded = [text + " " * (width - display_width(text)) for text, width in zip(texts, self._widths, strict=False)]
        self._end = row[-1].span[1]
        line = " " * (INDENT * self._depth) + "| " + " | ".join(padded) + " |" + self._trailing_comment()
        self.written.append(_Written(line, blank, depth=self._depth))

    def _column_widths(self, rows: Sequence[Sequence[Token]]) -> list[int]:
        """How wide each column of a table is."""
        cells = [[display_width(self._inline(cell)) for cell in _cells(row)] for row in rows]
        return [max(widths) for widths in zip_longest(*cells, fillvalue=0)]

    # ---------------------------------------------------------------------------------------------------- tokens

    def _inline(self, tokens: Sequence[Token]) -> str:
        """Tokens on one line."""
        text = ""
        for index, token in enumerate(tokens):
            if index and self._has_blank(tokens[index - 1], token):
                text += " "
            text += _spelled(token)
        return text

    def _has_blank(self, previous: Token, token: Token) -> bool:
        """Whether a blank stands between two tokens on a line."""
        if token.type == "DOT" and previous.type in _CHANGED_BY_DOT:
            return True
        if token.type in _NO_BLANK_BEFORE or previous.type in _NO_BLANK_AFTER:
            return False
        if token.type == "LPAR" and previous.type == "NAME":
            return previous.span[0] not in self.hugs.called
        if token.type == "LBRACKET" and previous.type in _INDEXED:
            return False
        return previous.type != "MINUS" or token.span[0] not in self.hugs.negated


def _cells(row: Sequence[Token]) -> Iterator[list[Token]]:
    cell: list[Token] = []
    for token in row[1:]:
        if token.type == "BAR":
            yield cell
            cell = []
        else:
            cell.append(token)


def _spelled(token: Token) -> str:
    """A token as it is written; of two words that are one token, a single blank between them."""
    if token.type in ("DURATION", "NUMBER"):
        return "".join(token.split())
    return " ".join(token.split()) if token.type in ("IS_NOT", "NOT_IN", "DATETIME") else str(token)
