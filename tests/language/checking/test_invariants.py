"""Invariants: whose they are, what they may read, and where they stand."""

import pytest
from support import codes, said, sound

from ctpscen.language.syntax.format import format_source
from ctpscen.language.text.source import Source

TEXT = """\
param most = 1
session alice
session bob

invariant "no order twice": len(requests(ReqOrderInsert)) <= most
invariant "books agree": eventually reconciled within 60s
bob: invariant "ends flat": eventually position(rb2705).net == 0

scenario "a":
    buy open 1 rb2705
"""


def test_an_invariant_is_about_the_default_actor_or_the_one_it_names() -> None:
    found = sound(TEXT).invariants
    assert [(each.title, each.actor, each.eventually) for each in found] == [
        ("no order twice", "alice", False),
        ("books agree", "alice", True),
        ("ends flat", "bob", True),
    ]
    assert [each.condition is None for each in found] == [False, True, False]
    assert [each.within is None for each in found] == [True, False, True]


def test_an_actor_s_block_may_hold_several() -> None:
    text = 'bob:\n    invariant "a": 1 == 1\n    invariant "b": 1 == 1\nsession bob\nbob: log 1\n'
    assert [each.actor for each in sound(text).invariants] == ["bob", "bob"]


def test_bare_steps_are_still_one_scenario() -> None:
    program = sound('invariant "a": eventually reconciled\nlet x = 1\nplace order\nwait 1s * x\n')
    assert len(program.scenarios) == 1
    assert len(program.invariants) == 1


def test_reconciled_may_hold_at_every_report_and_be_a_name() -> None:
    assert sound('invariant "a": reconciled\nlog 1\n').invariants[0].condition is None
    assert codes('let eventually = 1\ninvariant "a": (eventually) == 1\nlog eventually\n') == []


@pytest.mark.parametrize(
    ("invariant", "code"),
    [
        ('invariant "a": 1', "E301"),
        ('invariant "a": eventualy reconciled', "E101"),
        ('invariant "": 1 == 1', "E408"),
        ('invariant "a": 1 == 1 within 5s', "E408"),
        ('invariant "a": eventually reconciled within 5', "E302"),
        ('invariant "a": bid > 0', "E306"),
        ('invariant "a": quote(rb2705).last_price > 0', "E306"),
        ('invariant "a": own() == 1', "E306"),
        ('invariant "a": entry.is_working', "E201"),
        ('carl: invariant "a": 1 == 1', "E209"),
        ('venue: invariant "a": 1 == 1', "E402"),
        ('invariant "a": 1 == 1\ninvariant "a": 2 == 2', "E403"),
        ('trader:\n    invariant "a": 1 == 1\n    log 1', "E401"),
    ],
)
def test_what_cannot_be_judged_is_told(invariant: str, code: str) -> None:
    text = (
        f'define own():\n    return 1\n\n{invariant}\n\nscenario "s":\n    place order as entry\n    check own() == 1\n'
    )
    assert code in codes(text)


def test_inside_a_scenario_there_is_none() -> None:
    assert said('scenario "s":\n    invariant "a": 1 == 1\n    log 1\n') == [
        "`invariant` stands at the top of a file, not inside a block"
    ]


def test_the_formatter_leaves_them_as_they_are() -> None:
    assert format_source(Source("a.scn", TEXT)).text == TEXT
    tight = 'invariant "a":eventually   reconciled within 5s\nlog 1\n'
    assert format_source(Source("a.scn", tight)).text == 'invariant "a": eventually reconciled within 5s\nlog 1\n'
