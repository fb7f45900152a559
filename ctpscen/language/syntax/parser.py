"""Tokens to tree, with every error of a file in one pass.

The LALR parser is fed token by token. Where a statement may begin, its stacks are noted; when a token does not fit,
they are put back, an error node takes the statement's place, and reading goes on behind it. So parsing always gives
a tree, and one slip hides no other.

A word is a keyword where the parser can take that keyword, and a name elsewhere. Where both could stand, the token
after it decides if only one reading can go on; if both can, the language's own meaning wins, and the word is noted
as contested.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from attrs import define, field, frozen

from ctpscen.language.syntax import grammar, slips
from ctpscen.language.syntax.automaton import END, Automaton, Choices
from ctpscen.language.syntax.build import Builder
from ctpscen.language.syntax.lexer import NESTING_LIMIT, Lexer, Token
from ctpscen.language.syntax.tree import Expression, LiteralValue, SyntaxTree, Word
from ctpscen.language.text.diagnostics import Diagnostic, Diagnostics
from ctpscen.language.text.source import Source, Span

# Reading stops after so many slips: what follows them is noise.
ERROR_LIMIT = 100


@frozen
class Parsed:
    tree: SyntaxTree
    diagnostics: Diagnostics


def parse(source: Source) -> Parsed:
    """The tree of a text and what is wrong with it. Never raises for any text."""
    reader = _Reader(source, "file")
    return _parsed(reader, reader.lexer.lines())


def parse_tokens(source: Source) -> tuple[Parsed, list[list[Token]]]:
    """As `parse`; and the logical lines as tokens, every word settled."""
    reader = _Reader(source, "file")
    lines: list[list[Token]] = []

    def noting() -> Iterator[list[Token]]:
        for line in reader.lexer.lines():
            lines.append(line)
            yield line

    return _parsed(reader, noting()), lines


def _parsed(reader: "_Reader", lines: Iterator[list[Token]]) -> Parsed:
    tree = reader.read(lines, len(reader.source.text))
    steps = tree if isinstance(tree, tuple) else ()
    tree = SyntaxTree(steps, tuple(sorted(reader.lexer.comments)), tuple(reader.contested))
    return Parsed(tree, reader.diagnostics)


def parse_expression(source: Source) -> Expression | None:
    """The expression that a whole text is; None where it is none."""
    reader = _Reader(source, "expression")
    tokens = reader.lexer.single(0, len(source.text))
    found: Expression | None = reader.read(iter([tokens]), len(source.text)) if tokens else None
    return None if reader.diagnostics.found else found


@cache
def tables() -> tuple[grammar.Grammar, Builder]:
    """The grammar and the builder whose methods its tables call."""
    builder = Builder()
    compiled = grammar.build(builder)
    builder.statements = compiled.rules
    return compiled, builder


@cache
def openers() -> frozenset[str]:
    """The terminals that may open a statement."""
    return _Reader(Source("", ""), "file")._fitting()


@define
class _Reader:
    """One reading of one text, or of an expression inside a text."""

    source: Source
    start: str
    diagnostics: Diagnostics = field(init=False)
    lexer: Lexer = field(init=False)
    contested: list[Word] = field(factory=list)
    _automaton: Automaton = field(init=False)
    _words: Any = field(init=False)
    _names: list[tuple[Token, int]] = field(factory=list)
    _colon: Token | None = None
    _noted: tuple[list[int], list[Any], Token | None] = ([], [], None)
    _depth: int = 0
    _inline: int = 0
    _ignored: list[bool] = field(factory=list)
    _unread_ifs: set[int] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        compiled, _ = tables()
        self.diagnostics = Diagnostics(self.source)
        self.lexer = Lexer(self.source.text, compiled.scanner)
        self._automaton = Automaton.at_start(compiled.tables[self.start])
        self._words = compiled.words

    def read(self, lines: Iterator[list[Token]], end: int) -> Any:
        """Feeds every line of what ends at `end`; gives the tree, or None where reading had to be given up."""
        _, builder = tables()
        outer = builder.begin(self)
        try:
            ahead = next(lines)
            while ahead:
                line, ahead = ahead, next(lines, [])
                self._inline = 0
                if not self._feed_line(line, opens_block=bool(ahead) and ahead[0].type == "INDENT"):
                    return None
            return self._feed_end(Token(END, "", end, end))
        finally:
            builder.begin(outer)

    def problem(self, code: str, message: str, span: Span, **more: Any) -> None:
        """Notes what the builder finds wrong; of each kind of too deep nesting only the first."""
        if code == "E107" and any((found.code, found.message) == (code, message) for found in self.diagnostics.found):
            return
        self.diagnostics.add(Diagnostic(code, message, span, **more))

    def expression(self, start: int, end: int) -> Expression:
        """The expression that stands at these places inside a text."""
        inner = _Reader(self.source, "expression")
        tokens = inner.lexer.single(start, end)
        found = inner.read(iter([tokens]), end) if tokens else None
        self.contested += inner.contested
        self.diagnostics.found.extend(inner.diagnostics.found)
        if not tokens:
            self.problem("E103", "there is no expression between these braces", (start - 1, end + 1))
        if isinstance(found, tuple) or found is None:
            return LiteralValue("none", None, (start, end))
        expression: Expression = found
        return expression

    # ------------------------------------------------------------------------------------------- feeding

    def _feed_line(self, tokens: list[Token], *, opens_block: bool) -> bool:
        """Feeds one logical line; False where reading is given up."""
        index, seen = 0, -1
        while index < len(tokens):
            token = tokens[index]
            if index > seen and self._ignore_indentation(token):
                index += 1
                continue
            seen = index
            starts = self._prepare(token, tokens[index + 1] if index + 1 < len(tokens) else None)
            if self._depth + self._inline > NESTING_LIMIT:
                start, end = token.span
                place = (max(start, end - 1), end)
                self.problem("E107", f"blocks nested deeper than {NESTING_LIMIT}; the rest was not read", place)
                return False
            if self._automaton.feed(token):
                if starts:
                    self._note(token)
                    if token.type not in ("INDENT", "DEDENT"):
                        self._unread_ifs.discard(self._depth)
                index += 1
                continue
            if starts:  # nothing of this statement has been read
                self._noted = (self._automaton.states[:], self._automaton.values[:], token)
            index = self._recover(tokens, index, opens_block=opens_block)
            if index < 0:
                return False
        return True

    def _note(self, token: Token) -> None:
        """Notes the stacks as they were before the first token of a statement.

        They are taken after it was shifted: shifting it completes the statement before, and lark extends a list of
        statements in place, so that a copy from before would complete it twice.
        """
        self._noted = (self._automaton.states[:-1], self._automaton.values[:-1], token)

    def _prepare(self, token: Token, following: Token | None) -> bool:
        """Settles what a word is and counts the blocks on this line; gives whether a statement may begin here."""
        choices = self._automaton.choices()
        starts = "ERROR_STEP" in choices
        if starts:
            self._names.clear()
        if token.type in ("NAME", "CALLBACK", "FUNCTION"):
            self._decide(token, following, choices)
            if token.type == "NAME":
                self._names.append((token, self._automaton.states[-1]))
        elif token.type == "COLON":
            self._colon = token
            self._inline += following is not None and following.type != "NEWLINE"
        return starts

    def _feed_end(self, token: Token) -> Any:
        if not self._automaton.feed(token):
            if self.start == "expression":
                self.problem("E101", "this expression is not complete", token.span)
                return None
            self._missing_block(token)
            self._automaton.feed(token)
        return self._automaton.values[-1]

    def _ignore_indentation(self, token: Token) -> bool:
        """Passes over an indentation that opens no block, after saying so, and over its end."""
        if token.type == "INDENT":
            self._depth += 1
            fits = "INDENT" in self._automaton.choices()
            self._ignored.append(not fits)
            if not fits:
                self.problem("E106", "unexpected indent: no `:` above opens a block here", token.span)
            return not fits
        if token.type == "DEDENT":
            self._depth -= 1
            return self._ignored.pop()
        return False

    # -------------------------------------------------------------------------------------------- words

    def _decide(self, token: Token, following: Token | None, choices: Choices) -> None:
        """Settles what a word is: a keyword, a callback, a function of the API or a name."""
        if token.type in ("CALLBACK", "FUNCTION"):
            if token.type not in choices:
                token.type = "NAME"
            return
        terminals = self._words.get(token)
        if not terminals:
            return
        keyword = next((terminal for terminal in terminals if terminal in choices), None)
        behind_name = self._automaton.shifted("NAME")
        if keyword is not None and behind_name is None:
            token.type = keyword
        elif terminals[0] in grammar.RESERVED:
            token.type = terminals[0]
        elif keyword is None or (behind := self._automaton.shifted(keyword)) is None:
            if terminals[0] in slips.CLAUSES and "ERROR_STEP" in choices:
                token.type = terminals[0]
        else:
            as_name = behind_name is not None and self._goes_on(behind_name, following)
            if as_name and not self._goes_on(behind, following):
                return
            if as_name:
                self.contested.append(Word(str(token), token.span))
            token.type = keyword

    def _goes_on(self, state: int, following: Token | None) -> bool:
        """Whether the next token can come in a state, as far as one can see."""
        if following is None:
            return True
        choices = self._automaton.table.rows[state].choices
        return following.type in choices or any(kind in choices for kind in self._words.get(following, ()))

    def _fitting(self) -> frozenset[str]:
        """The terminals that the parser can take now; the end of an expression is not the file's."""
        fitting = frozenset(kind for kind in self._automaton.choices() if self._fits(kind))
        return fitting - {END} if self.start == "expression" else fitting

    def _fits(self, terminal: str) -> bool:
        return self._automaton.shifted(terminal) is not None

    # ------------------------------------------------------------------------------------------ recovery

    def _recover(self, tokens: list[Token], index: int, *, opens_block: bool) -> int:
        """Reports the token that does not fit, puts an error node in its statement's place.

        Gives the index to go on at; −1 where reading is given up.
        """
        token = tokens[index]
        if self.start == "file" and "INDENT" in self._automaton.choices():
            self._missing_block(token)
            return index
        begin = next((i for i, t in enumerate(tokens) if t is self._noted[2]), 0)
        if index == begin and token.type in slips.CLAUSES and self._depth in self._unread_ifs:
            return self._pass_over(tokens, begin, index, opens_block=opens_block)
        rows = self._automaton.table.rows
        names = [(name, frozenset(rows[state].choices)) for name, state in self._names if name is not token]
        compiled, _ = tables()
        slip = slips.Slip(
            tokens[begin : index + 1], self._fitting(), openers(), names, compiled.spellings, compiled.words
        )
        self.diagnostics.add(slips.explain(slip))
        if len(self.diagnostics.found) >= ERROR_LIMIT:
            self.problem("E109", f"{ERROR_LIMIT} errors; the rest of the file was not read", token.span)
        if self.start == "expression" or len(self.diagnostics.found) > ERROR_LIMIT:
            return -1
        return self._pass_over(tokens, begin, index, opens_block=opens_block)

    def _pass_over(self, tokens: list[Token], begin: int, index: int, *, opens_block: bool) -> int:
        """Puts an error node in a statement's place; the clauses of an `if` that was not read are none of their own."""
        stop = _statement_end(tokens, begin, index)
        header = opens_block and tokens[stop].type == "NEWLINE"
        if tokens[begin].type in ("IF", *slips.CLAUSES):
            self._unread_ifs.add(self._depth)
        else:
            self._unread_ifs.discard(self._depth)
        self._put_error("ERROR_HEADER" if header else "ERROR_STEP", tokens[begin], tokens[max(begin, stop - 1)])
        return stop

    def _missing_block(self, token: Token) -> None:
        """A line ended with `:`, and nothing is indented below it."""
        colon = self._colon or token
        self.problem("E105", "an indented block must follow this `:`", colon.span)
        self._put_error("ERROR_STEP", colon, colon)
        self._automaton.feed(Token("NEWLINE", "", colon.span[1], colon.span[1]))

    def _put_error(self, kind: str, first: Token, last: Token) -> None:
        states, values, _ = self._noted
        self._automaton.states[:] = states
        self._automaton.values[:] = values
        if not self._fits(kind):  # a row of a table, or of a list of patterns, opens no block
            kind = "ERROR_STEP"
        self._automaton.feed(Token(kind, "", first.span[0], last.span[1]))


def _statement_end(tokens: list[Token], start: int, index: int) -> int:
    """The index of the `;` or NEWLINE that ends the statement which starts at `start` and went wrong at `index`."""
    brackets = 0
    for position in range(start, len(tokens)):
        kind = tokens[position].type
        if kind in ("LPAR", "LBRACKET"):
            brackets += 1
        elif kind in ("RPAR", "RBRACKET"):
            brackets -= 1
        elif position >= index and (kind == "NEWLINE" or (kind == "SEMICOLON" and brackets <= 0)):
            return position
    return len(tokens) - 1
