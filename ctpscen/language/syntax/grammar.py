"""The compiled grammar: lark's tables, the scanner for literals, and the words with their terminals.

Compiling takes half a second, so the tables are kept between runs.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen
from lark import Lark, Token
from lark.lexer import Lexer as LarkLexer

from ctpscen import __version__
from ctpscen.cache_folder import cache_folder
from ctpscen.hashing import blake2b
from ctpscen.language import grammar_path
from ctpscen.language.syntax.automaton import Table
from ctpscen.language.words import table as words

# The terminals that the lexer finds by pattern, in the order in which it tries them; of the punctuation the longest
# come first.
LITERALS = (
    "DATETIME DATE TIME DURATION NUMBER INSTRUMENT IS_NOT NOT_IN DOCSTRING TEXT CALLBACK FUNCTION NAME TAG EQ NE LE GE "
    "LT GT ASSIGN PLUS MINUS STAR SLASH PERCENT DOT COMMA COLON SEMICOLON BAR LPAR RPAR LBRACKET RBRACKET"
).split()

_STARTS = ("file", "expression")

RESERVED = frozenset(row.name for row in words.rows() if row.kind == "reserved")


class _FedByHand(LarkLexer):
    """Stands where lark wants a lexer: the parser is fed token by token (see `parser`)."""

    def __init__(self, lexer_conf: object) -> None:
        pass

    def lex(self, lexer_state: object, parser_state: object) -> Iterator[Token]:
        raise NotImplementedError


@frozen
class Grammar:
    """`words` gives the terminals that a word may be, `spellings` the words of a terminal, English ones first.

    `rules` are the names of the rules that make a statement, `tables` what drives the reading, by start rule.
    """

    tables: Mapping[str, Table]
    scanner: re.Pattern[str]
    words: Mapping[str, tuple[str, ...]]
    spellings: Mapping[str, tuple[str, ...]]
    rules: frozenset[str]


def text() -> str:
    """The whole grammar: the file, with the terminals of the words."""
    return grammar_path().read_text(encoding="utf-8") + words.as_grammar()


def build(transformer: object, *, cached: bool = True) -> Grammar:
    """Compiles the grammar, or takes it from the cache; the transformer's methods are called for the rules."""
    whole = text()
    options: dict[str, Any] = {
        "parser": "lalr",
        "lexer": _FedByHand,
        "start": list(_STARTS),
        "transformer": transformer,
    }
    where = cache_folder() if cached else None
    if where is not None:
        key = blake2b("\n".join((whole, __version__, sys.version)).encode(), digest_size=8).hexdigest()
        options["cache"] = str(where / f"grammar-{key}.pickle")  # lark compiles anew what it cannot read there
    lark = Lark(whole, **options)
    patterns = {terminal.name: terminal.pattern for terminal in lark.terminals}
    scanner = re.compile("|".join(f"(?P<{name}>{patterns[name].to_regexp()})" for name in LITERALS))
    spellings = {terminal: (*row.english, *row.chinese) for terminal, row in words.words().items()}
    spellings |= {row.name: row.chinese for row in words.phrases().values()}
    terminals: dict[str, tuple[str, ...]] = {}
    for terminal, forms in spellings.items():
        for form in forms:
            terminals[form] = (*terminals.get(form, ()), terminal)
    rules = {rule.expansion[0].name for rule in lark.rules if rule.origin.name in ("_simple", "_compound")}
    tables = {start: Table.of(lark.parse_interactive(start=start).parser_state.parse_conf) for start in _STARTS}
    return Grammar(tables, scanner, terminals, spellings, frozenset(rules))
