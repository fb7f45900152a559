"""Expectations that no run can meet are refused, and none that one could."""

import pytest
from support import checked, codes


@pytest.mark.parametrize(
    "expectation",
    [
        "expect trades total 0",
        "expect trades total -1",
        "expect trades total 1.5",
        "expect 0 trades",
        "expect 1.5 trades",
        "expect at least 0 trades",
        "expect at most (-1) trades for 1s",
    ],
)
def test_numbers_that_no_reports_have_are_refused(expectation: str) -> None:
    assert codes(expectation + "\n") == ["E307"]


@pytest.mark.parametrize(
    "expectation", ["expect trades total 1", "expect 1 trades", "expect at most 0 trades for 1s", "expect no trade"]
)
def test_numbers_that_reports_may_have_are_not(expectation: str) -> None:
    assert codes(expectation + "\n") == []


SENT = "buy open 1 rb2705 at 3200 as entry\n"


@pytest.mark.parametrize(
    "steps",
    [
        "release\nexpect trade of entry\n",
        "release\nexpect order of entry within 1h\n",
        "release\nwait 1h\nlog 1\nexpect OnRtnTrade of entry\n",
        "log 1\nlet x = 2\nrelease\nlog x\nexpect 2 trades of entry\n",
        "trader: release\ntrader: expect trade of entry\n",
        "release\nexpect no order of entry\nsoft expect trade of entry\n",
    ],
)
def test_a_released_session_never_hears_of_an_order_that_it_had_just_sent(steps: str) -> None:
    found = checked(SENT + steps).diagnostics
    assert [each.diagnostic.code for each in found] == ["E307"]
    (where,) = found[0].diagnostic.others
    assert found[0].source.slice(where.span) == "release"


@pytest.mark.parametrize(
    "steps",
    [
        "wait 1s\nrelease\nexpect trade of entry\n",  # it may have come before
        "release\nconnect\nexpect trade of entry\n",  # the private stream brings it again
        "release\nexpect no trade of entry for 1s\n",
        "release\nexpect rejection of entry\n",  # by the API itself, at once
        "release\nif true:\n    connect\nexpect trade of entry\n",
        "release\nagain()\nexpect trade of entry\n",
        "expect order of entry\nrelease\nexpect trade of entry\n",
        "release\nbuy open 1 rb2705 at 3200 as entry\nexpect trade of entry\n",
        "log ask\nrelease\nexpect trade of entry\n",  # which may have waited for market data
        "release\nother: expect trade of entry\n",
        "other: release\nexpect trade of entry\n",
    ],
)
def test_whatever_may_still_come_is_not_refused(steps: str) -> None:
    text = "session trader\nsession other\ndefine again(): connect\n" + 'scenario "x":\n'
    text += "".join(f"    {line}\n" for line in (SENT + steps).splitlines())
    assert [code for code in codes(text) if code.startswith("E")] == []
