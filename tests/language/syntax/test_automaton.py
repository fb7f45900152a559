"""The automaton beside lark's own parser: on every scenario of the repository, and on what mutation makes of them."""

import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from lark import Lark
from lark.exceptions import UnexpectedToken
from support import ROOT

from ctpscen.language.syntax import grammar
from ctpscen.language.syntax.automaton import END, Automaton, Table
from ctpscen.language.syntax.grammar import _FedByHand
from ctpscen.language.syntax.lexer import Token
from ctpscen.language.syntax.parser import parse, parse_tokens
from ctpscen.language.text.source import Source

FILES = sorted(path for folder in ("scenarios", "examples", "tests") for path in (ROOT / folder).rglob("*.scn"))
MUTANTS = 4
"""Mutated texts a file."""


class Plain:
    """A tree of tuples: a rule and what it is made of, each token with its kind and its place."""

    def __getattr__(self, rule: str) -> Callable[[Sequence[Any]], Any]:
        if not rule.islower() or rule.startswith("_"):
            raise AttributeError(rule)
        return partial(self.node, rule)

    @staticmethod
    def node(rule: str, children: Sequence[Any]) -> Any:
        return rule, *((each.type, str(each), each.span) if isinstance(each, Token) else each for each in children)


@cache
def lark() -> Lark:
    text = grammar.text()
    return Lark(text, parser="lalr", lexer=_FedByHand, start=["file"], transformer=Plain())


@cache
def table() -> Table:
    return Table.of(lark().parse_interactive(start="file").parser_state.parse_conf)


@cache
def tokens(path: Path) -> Sequence[Token]:
    """A file's tokens as the parser has settled them, to its end; also where the parser found something wrong."""
    _, lines = parse_tokens(Source(path.name, path.read_text(encoding="utf-8")))
    found = [token for line in lines for token in line]
    end = found[-1].span[1] if found else 0
    return [*found, Token(END, "", end, end)]


def mutated(path: Path, number: int) -> list[Token]:
    """A file's tokens with one to three of them taken out, doubled, swapped with another, or made another kind's."""
    chance = random.Random(f"{path.relative_to(ROOT).as_posix()} {number}")
    *found, end = tokens(path)
    for _ in range(chance.randint(1, 3) if found else 0):
        place, other = chance.randrange(len(found)), chance.randrange(len(found))
        match chance.choice(["taken out", "doubled", "swapped", "replaced"]):
            case "taken out" if len(found) > 1:
                del found[place]
            case "doubled":
                found.insert(place, found[place])
            case "swapped":
                found[place], found[other] = found[other], found[place]
            case _:
                found[place] = found[other]
    return [*found, end]


def fitting(ours: Automaton) -> set[str]:
    return {terminal for terminal in ours.choices() if ours.shifted(terminal) is not None}


def read_by_both(sequence: Sequence[Token]) -> Any:
    """Feeds tokens to both, which must agree at each; gives the tree, or None where a token was refused."""
    ours, theirs = Automaton.at_start(table()), lark().parse_interactive(start="file")
    tree = None
    for token in sequence:
        try:
            tree, expected = theirs.feed_token(token), None  # type: ignore[arg-type]  # it has all that is read of one
        except UnexpectedToken as refused:
            expected = refused.expected
        assert ours.feed(token) == (expected is None)
        if expected is not None:
            assert ours.choices().keys() == expected
            assert fitting(ours) == accepted(theirs)
            return None
        assert token.type == END or ours.states == theirs.parser_state.state_stack
    assert ours.values == [tree]
    return tree


def accepted(theirs: Any) -> set[str]:
    found: set[str] = theirs.accepts()
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_is_read_as_lark_reads_it(path: Path) -> None:
    tree = read_by_both(tokens(path))
    if not parse(Source(path.name, path.read_text(encoding="utf-8"))).diagnostics.found:
        assert tree is not None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_mutated_file_is_read_or_refused_as_lark_does_it(path: Path) -> None:
    for number in range(MUTANTS):
        read_by_both(mutated(path, number))


def test_mutation_makes_texts_that_are_refused_and_some_that_are_not() -> None:
    fates = [read_by_both(mutated(path, number)) is None for path in FILES[:20] for number in range(MUTANTS)]
    assert 0 < fates.count(False) < fates.count(True)


def test_in_every_state_the_same_may_come_as_in_larks_table() -> None:
    states = lark().parse_interactive(start="file").parser_state.parse_conf.states
    assert len(states) > 500
    for state, row in states.items():
        assert table().rows[state].choices.keys() == {symbol for symbol in row if symbol.isupper()}
        assert table().rows[state].behind.keys() == {symbol for symbol in row if not symbol.isupper()}


def test_there_are_files_to_compare_on() -> None:
    assert len(FILES) > 100


def prefixes(sequence: Sequence[Token]) -> Iterator[tuple[Automaton, Any]]:
    ours, theirs = Automaton.at_start(table()), lark().parse_interactive(start="file")
    for token in sequence:
        yield ours, theirs
        assert ours.feed(token)
        theirs.feed_token(token)  # type: ignore[arg-type]


def test_what_may_come_next_is_what_lark_accepts_at_every_token_of_a_file() -> None:
    for ours, theirs in prefixes(tokens(ROOT / "scenarios" / "reconnect.scn")):
        assert fitting(ours) == accepted(theirs)


def test_looking_ahead_changes_nothing() -> None:
    for ours, _ in prefixes(tokens(ROOT / "scenarios" / "reconnect.scn")):
        states, values = list(ours.states), list(ours.values)
        for terminal in ours.choices():
            ours.shifted(terminal)
        assert (ours.states, ours.values) == (states, values)


def test_a_statement_that_is_put_back_is_read_again_as_if_nothing_had_been() -> None:
    """What recovery does: the stacks are noted where a statement begins, and put back when it does not fit."""
    sequence = tokens(ROOT / "scenarios" / "reconnect.scn")
    whole, ours = read_by_both(sequence), Automaton.at_start(table())
    put_back = 0
    for place, token in enumerate(sequence):
        begins = "ERROR_STEP" in ours.choices()
        assert ours.feed(token)
        if begins and token.type not in ("INDENT", "DEDENT", END):
            states, values = ours.states[:-1], ours.values[:-1]
            for later in takewhile(lambda each: each.type not in ("NEWLINE", "COLON"), sequence[place + 1 :]):
                assert ours.feed(later)
            assert not ours.feed(Token("ELIF", "", *token.span))
            ours.states[:], ours.values[:] = states, values
            assert ours.feed(token)
            put_back += 1
    assert ours.values == [whole]
    assert put_back > 5
