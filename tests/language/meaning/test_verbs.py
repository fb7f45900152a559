"""The rows of the verbs beside the grammar, the executors and the page: all say the same of every statement."""

import re
from collections.abc import Mapping
from functools import cache

import pytest
from lark import Lark
from support import ROOT, codes

from ctpscen.engine.interpreter import EXECUTORS
from ctpscen.language.meaning.types import Type
from ctpscen.language.meaning.verbs import ACTORS, ANYBODY, VERBS, spoken_verb
from ctpscen.language.syntax import grammar
from ctpscen.language.syntax.parser import parse, tables
from ctpscen.language.text.source import Source
from ctpscen.language.words import table as words

UNREAD = {"unread", "unread_block"}
STEPS = sorted(name for name, verb in VERBS.items() if not verb.is_item and name not in UNREAD)

# What a statement is made of besides its parts: its block, and expressions without a word before them.
BLOCKS = {"_statement", "_block", "_line", "body", "unread"}
VALUES = {"expr", "postfix", "path", "operand", "call"}
INSTRUMENTS = {"instrument", "plain_instrument"}
AMOUNTS = {"amount"} | INSTRUMENTS

# Rules whose part has another name, and keywords that come with others.
PART_OF_RULE = {"next_reports": "next", "with_fields": "with", "NAME": "name"}
SIGNS = {"COMMA", "SEMICOLON", "NEWLINE", "INDENT", "DEDENT", "SECOND"}


@cache
def alternatives() -> Mapping[str, list[list[str]]]:
    """The grammar's rules as lark compiles them: the symbols of every way to write one."""
    text = grammar.text()
    lark = Lark(text, parser="lalr", lexer=grammar._FedByHand, start=["file", "expression"])
    phrases = {row.name for row in words.phrases().values()}  # one word for several, and the same to a step
    found: dict[str, list[list[str]]] = {}
    for rule in lark.rules:
        if not {symbol.name for symbol in rule.expansion} & phrases:
            found.setdefault(rule.origin.name, []).append([symbol.name for symbol in rule.expansion])
    return found


def possible(rule: str, above: frozenset[str] = frozenset()) -> set[str]:
    """The symbols that what a rule reads may have; rules that leave no trace are looked into."""
    found = set[str]()
    for symbol in {symbol for way in alternatives()[rule] for symbol in way} - BLOCKS - above:
        found |= possible(symbol, above | {rule, symbol}) if symbol.startswith("_") else {symbol}
    return found


def always(rule: str, above: frozenset[str] = frozenset()) -> set[str]:
    """The symbols that what a rule reads is never without."""
    ways = []
    for way in alternatives()[rule]:
        deeper = [always(s, above | {rule, s}) if s.startswith("_") else {s} for s in way if s not in BLOCKS | above]
        ways.append(set().union(*deeper))
    return set.intersection(*ways)


def parts(verb: str) -> set[str]:
    """The parts that the grammar can give a step; a keyword that always stands there is none."""
    symbols = possible(verb)
    flags = {symbol for symbol in symbols if symbol.isupper() and symbol != "NAME"} & (always(verb) | SIGNS)
    return {PART_OF_RULE.get(symbol, symbol.lower()) for symbol in symbols - flags - VALUES - AMOUNTS}


def test_every_statement_of_the_grammar_has_a_row() -> None:
    compiled, _ = tables()
    assert set(VERBS) == compiled.rules - {"if_inline"}, "which is an `if`"


def test_a_row_names_the_parts_that_the_grammar_gives_its_verb() -> None:
    for verb in STEPS:
        assert set(VERBS[verb].parts) == parts(verb), verb


def test_a_row_has_types_for_values_and_amounts_where_the_grammar_has_them() -> None:
    for verb in STEPS:
        symbols, row = possible(verb), VERBS[verb]
        assert bool(row.values) == bool(symbols & VALUES), verb
        assert bool(row.amounts) == bool(symbols & AMOUNTS), verb


def test_lists_are_taken_wherever_a_step_takes_several_things() -> None:
    several = {verb for verb in STEPS if possible(verb) & INSTRUMENTS} | {"cancel"}
    assert {verb for verb in STEPS if VERBS[verb].takes_lists} == several


def test_every_step_has_an_executor() -> None:
    assert set(EXECUTORS) == set(STEPS)


def test_a_part_is_the_same_in_every_step_that_has_it() -> None:
    kinds: dict[str, set[Type | str]] = {}
    for verb in VERBS.values():
        for part, kind in verb.parts.items():
            kinds.setdefault(part, set()).add(kind)
    assert {part: found for part, found in kinds.items() if len(found) > 1}.keys() == {"name"}


def test_what_names_its_result_says_what_that_is_or_its_handler_does() -> None:
    naming = {name for name, verb in VERBS.items() if "as_name" in verb.parts}
    assert {name for name in naming if VERBS[name].gives is None} == {"query", "expect"}
    assert {name for name, verb in VERBS.items() if verb.gives is not None} <= naming


def test_only_steps_of_sessions_have_what_only_sessions_have() -> None:
    for name, verb in VERBS.items():
        if verb.calls_api or verb.connects or verb.connects_first or verb.defaults_to_market:
            assert "session" in verb.actors, name
        assert verb.connects or not verb.connects_first, name
        if verb.needs_session == "never":
            assert not verb.actors & {"session"}, name


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("verb", STEPS)
def test_a_step_is_refused_by_whom_its_row_does_not_name(verb: str, actor: str) -> None:
    text = f'scenario "x":\n    {actor}:\n        {EXAMPLES[verb]}\n'
    assert ("E402" not in codes(text)) == (ACTORS[actor] in VERBS[verb].actors)


@pytest.mark.parametrize("verb", STEPS)
def test_a_step_of_a_session_is_refused_where_its_row_names_no_session(verb: str) -> None:
    assert ("E402" not in codes(f"{EXAMPLES[verb]}\n")) == ("session" in VERBS[verb].actors)


EXAMPLES: Mapping[str, str] = {
    "actor": "trader: log 1",
    "start": "start",
    "terminate": "terminate",
    "kill": "kill",
    "type": 'type "stop"',
    "prompt": 'prompt "pull the cable"',
    "never_more": "never more than 1 trade within 1s",
    "let": "let _x = 1",
    "log": "log 1",
    "call_step": "nothing()",
    "wait": "wait 1s",
    "wait_until": "wait until 21:00",
    "wait_quiet": "wait until quiet for 1s",
    "if": "if true: log 1",
    "repeat": "repeat 2 times: log 1",
    "for": "for x in [1]: log x",
    "while": "while true at most 2 times: log 1",
    "fail": 'fail "why"',
    "skip": 'skip "why"',
    "block": 'block "why"',
    "stop": "stop",
    "return": "return 1",
    "connect": "connect",
    "connect_front": "connect front",
    "authenticate": "authenticate",
    "login": "login",
    "confirm": "confirm settlement",
    "logout": "logout",
    "change_password": 'change password from "a" to "b"',
    "disconnect": "disconnect",
    "reconnect": "reconnect",
    "reconnect_front": "reconnect front",
    "release": "release",
    "subscribe": "subscribe rb2705",
    "unsubscribe": "unsubscribe rb2705",
    "order": "buy 1 rb2705 at 3000",
    "place_order": "place order",
    "cancel": "cancel x",
    "cancel_all": "cancel all",
    "target": "target 1",
    "flatten": "flatten",
    "query": "query account",
    "request": "request ReqQryNotice()",
    "expect": "expect trade",
    "expect_condition": "expect (true)",
    "expect_reconciled": "expect reconciled",
    "expect_in_order": "expect in order: trade; order",
    "expect_in_any_order": "expect in any order: trade; order",
    "never": "never rejection",
    "always": "always true",
    "check": "check true",
    "require": "require true",
    "forget": "forget",
    "clock": "clock 21:00",
    "quote": "quote rb2705 last 3000",
    "replay": 'replay "ticks.csv"',
    "walk": "walk rb2705 volatility 5%",
    "forbid": "forbid trader open",
    "allow": "allow trader all rb2705",
    "position_limit": "most rb2705 20",
    "surcharge": "surcharge 0.005",
    "ban": "ban trader by 144",
    "fronts": "fronts 2",
    "list": "list rb2705",
    "list_all": "list all",
    "unlist": "unlist rb2705",
    "still": "still",
    "phase": "phase rb2705 auction",
    "halt": "halt rb2705",
    "resume": "resume rb2705",
    "settle": "settle",
    "fill": "fill x 1",
    "reject_next": "reject next order by counter 31",
    "refuse": "refuse queries in CZCE by 90 for 3s after login",
    "limit": "limit orders 5 per second",
    "profile": "profile simnow",
    "balance": "balance trader 1",
    "deposit": "deposit trader 1",
    "withdraw": "withdraw trader 1",
    "position": "position trader long 1 rb2705 at 3000",
    "password": "password trader expired",
    "unconfirmed": "unconfirmed trader",
    "admit": 'admit trader user "1" password "2"',
    "down": "down front 2",
    "up": "up",
    "kick": "kick trader",
    "lose": "lose next request",
    "drop": "drop trades",
    "delay": "delay trades 1s",
    "duplicate": "duplicate trades",
    "reverse": "reverse next 2 trades",
    "hold": "hold trades",
    "release_reports": "release trades",
    "latency": "latency 1s",
    "cut": "cut",
    "heal": "heal",
    "stall": "stall",
    "flap": "flap every 1s",
}


def test_an_example_is_a_step_of_its_verb() -> None:
    for verb, text in EXAMPLES.items():
        parsed = parse(Source("x", text + "\n"))
        assert [step.verb for step in parsed.tree.steps] == [verb]


def test_the_page_lists_the_steps_that_set_the_scene() -> None:
    """And names the network's, and `let`, `log` and `wait`, beside them."""
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    found = re.search(r"scene-setting of the venue: ([^.]*)\.", page)
    assert found is not None
    listed = set(re.findall(r"\w+", found[1]))
    free = [verb for verb in STEPS if VERBS[verb].needs_session == "never" and "venue" in VERBS[verb].actors]
    assert listed == {spoken_verb(verb).partition(" ")[0] for verb in free}


def test_a_verb_is_called_as_it_is_written() -> None:
    assert (spoken_verb("cancel_all"), spoken_verb("wait"), spoken_verb("order")) == ("cancel all", "wait", "buy")
    assert [verb for verb in STEPS if "_" in spoken_verb(verb)] == []


def test_anybody_is_every_kind_of_actor() -> None:
    assert frozenset({"session", "program", *ACTORS.values()}) == ANYBODY
