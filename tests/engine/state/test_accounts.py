"""What the venue holds of an account is in the journal before the first step at which it is so."""

from support import events, passes

TEXT = """session alice
session again
session bob account second
alice: check true
venue: deposit alice 5_000
alice: buy open 2 rb2705 at ask as entry
wait 1s
wait 1s
again: check true
"""


def test_accounts_are_noted_where_they_have_changed_and_only_there() -> None:
    noted = events(passes(TEXT), "account")
    assert [each["sessions"] for each in noted] == [["alice", "again"], ["bob"], ["alice", "again"], ["alice", "again"]]
    first, _, paid_in, traded = noted
    assert paid_in["money"]["Balance"] == first["money"]["Balance"] + 5_000
    assert [each["held"] for each in noted] == [{}, {}, {}, {"rb2705": [2, 0, 0, 0]}]
    assert traded["money"]["CurrMargin"] > 0
    assert traded["money"]["Balance"] < paid_in["money"]["Balance"], "fees were taken"


def test_what_a_session_was_not_told_is_noted_all_the_same() -> None:
    noted = events(passes("venue: drop trades\nplace order\nwait 1s\nwait 1s"), "account")
    assert list(noted[-1]["held"].values()) == [[1, 0, 0, 0]]
