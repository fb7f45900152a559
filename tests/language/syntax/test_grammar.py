"""The grammar file: one LALR(1) grammar without a conflict, whose every terminal has a name and a spelling in reach."""

import re
from collections.abc import Iterator

import pytest
from lark import Lark, Token
from lark.exceptions import GrammarError

from ctpscen.language import grammar_path
from ctpscen.language.syntax import grammar
from ctpscen.language.syntax.automaton import Row
from ctpscen.language.syntax.parser import openers, parse, tables
from ctpscen.language.syntax.walk import expressions_in
from ctpscen.language.text.source import Source

OPTIONS = {"parser": "lalr", "lexer": grammar._FedByHand, "start": ["file", "expression"], "strict": True}

# Section 1 of the language's definition.
RESERVED = "and or not in is true false none as at within where with when".split()
CHINESE_RESERVED = "且 并且 或 或者 非 不 于 在 是 真 假 空 记为 价 限时 其中 附带 当 不是 不在".split()


@pytest.fixture(scope="module")
def strict() -> Lark:
    """The grammar, read so that any conflict is an error."""
    return Lark(grammar.text(), **OPTIONS)


def test_the_grammar_is_lalr_without_a_conflict(strict: Lark) -> None:
    assert {rule.origin.name for rule in strict.rules} >= {"file", "expression", "order", "expect"}


def test_strict_reading_would_find_a_conflict() -> None:
    dangling = 'file: _s\nexpression: "a"\n_s: "i" _s | "i" _s "e" _s | "a"\n'
    with pytest.raises(GrammarError, match="conflict"):
        Lark(dangling, **OPTIONS)


def test_every_terminal_has_a_name(strict: Lark) -> None:
    assert [terminal.name for terminal in strict.terminals if terminal.name.startswith("_")] == []


def test_every_declared_literal_is_a_terminal(strict: Lark) -> None:
    assert set(grammar.LITERALS) <= {terminal.name for terminal in strict.terminals}


def test_every_terminal_is_used_by_a_rule(strict: Lark) -> None:
    used = {symbol.name for rule in strict.rules for symbol in rule.expansion if symbol.is_term}
    assert {terminal.name for terminal in strict.terminals} - used == set()


def test_the_reserved_words_are_those_of_the_definition() -> None:
    compiled, _ = tables()
    reserved = {word for name in [*grammar.RESERVED, "IS_NOT", "NOT_IN"] for word in compiled.spellings[name]}
    assert reserved == {*RESERVED, *CHINESE_RESERVED, "is not", "not in"}


def test_a_reserved_word_is_never_a_name() -> None:
    for word in [*RESERVED, *CHINESE_RESERVED]:
        assert parse(Source("x", f"let {word} = 1\n")).diagnostics.found, word


def _words() -> list[str]:
    compiled, _ = tables()
    return sorted(word for word in compiled.words if " " not in word)


def test_every_other_word_may_name_a_value() -> None:
    for word in [word for word in _words() if word not in (*RESERVED, *CHINESE_RESERVED)]:
        parsed = parse(Source("x", f"let {word} = 1\nlog ({word})\nlet _y = [{word}]\n"))
        assert parsed.diagnostics.found == [], word
        assert [type(each).__name__ for each in expressions_in(parsed.tree.steps[1].many("value"))] == ["Name"], word


def test_no_place_of_the_grammar_takes_two_words_that_are_spelled_alike() -> None:
    compiled, _ = tables()
    for word, terminals in compiled.words.items():
        alike = [row for row in _reached() if len(set(terminals) & row.choices.keys()) > 1]
        assert alike == [], word


def _reached() -> Iterator[Row]:
    """The rows that a reading can come to."""
    compiled, _ = tables()
    rows = compiled.tables["file"].rows
    reached, ahead = set[int](), [compiled.tables["file"].first]
    while ahead:
        if (state := ahead.pop()) not in reached:
            reached.add(state)
            behind = [*rows[state].choices.values(), *rows[state].behind.values()]
            ahead += [after for after in behind if isinstance(after, int)]
            yield rows[state]


def test_every_word_of_the_grammar_is_the_keyword_somewhere() -> None:
    """A state of the parser's tables takes each word's terminal, so no spelling is dead."""
    compiled, _ = tables()
    taken = {terminal for row in _reached() for terminal in row.choices}
    assert {terminal for terminals in compiled.words.values() for terminal in terminals} - taken == set()


def test_every_word_is_read_by_the_scanner_as_one_token() -> None:
    compiled, _ = tables()
    for word in compiled.words:
        found = compiled.scanner.match(word)
        assert found is not None
        assert found[0] == word
        (terminal, *_) = compiled.words[word]
        assert found.lastgroup == (terminal if terminal in ("IS_NOT", "NOT_IN") else "NAME")


def test_a_statement_opens_with_its_verb_or_a_name() -> None:
    assert {"NAME", "EXPECT", "SOFT", "BUY", "DOCSTRING"} <= openers()
    assert not openers() & {"WITHIN", "NUMBER", "COLON"}


def test_every_statement_rule_is_reachable_from_the_file() -> None:
    compiled, _ = tables()
    text = grammar_path().read_text(encoding="utf-8")
    simple = re.search(r"_simple: (.*?)\n\n", text, re.DOTALL)
    compound = re.search(r"_compound: (.*?)\n\n", text, re.DOTALL)
    assert simple is not None
    assert compound is not None
    assert compiled.rules == set(re.findall(r"\w+", simple[1] + " " + compound[1]))


def test_the_cached_tables_read_as_the_fresh_ones() -> None:
    """Whether the tables come from the cache or are compiled anew, a text has one reading."""

    class Plain:
        def __getattr__(self, name: str) -> object:
            raise AttributeError(name)

    fresh, cached = grammar.build(Plain(), cached=False), tables()[0]
    assert (fresh.words, fresh.spellings, fresh.rules) == (cached.words, cached.spellings, cached.rules)
    assert fresh.scanner.pattern == cached.scanner.pattern


def test_the_lexer_that_lark_wants_is_never_asked() -> None:
    with pytest.raises(NotImplementedError):
        next(iter(grammar._FedByHand(None).lex(None, Token("NAME", "x"))))
