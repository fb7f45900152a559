"""What a broker takes away from an account: rights to trade, lots that it may hold, and its way in."""

import pytest
from support import passes

HELD = "venue:\n    position trader long 2 rb2705 at 3150\n    position trader long 2 m2705 at 3380\n"


@pytest.mark.parametrize(
    ("right", "opening", "closing"),
    [("open", 29, 0), ("close", 0, 28), ("all", 28, 28)],
)
@pytest.mark.parametrize("where", ["", "rb2705"])
def test_a_right_that_is_taken_away_is_refused_by_the_counter(
    right: str, opening: int, closing: int, where: str
) -> None:
    def outcome(name: str, code: int) -> str:
        return f"expect rejection of {name} by counter {code}\n" if code else f"expect trade of {name}\n"

    passes(
        f"{HELD}    forbid trader {right} {where}\n"
        'scenario "rights":\n'
        f"    buy open 1 rb2705 at ask as opened\n    {outcome('opened', opening)}"
        f"    sell close_today 1 rb2705 at bid as closed\n    {outcome('closed', closing)}"
        f"    buy open 1 m2705 at ask as elsewhere\n    {outcome('elsewhere', 0 if where else opening)}"
        f"    venue: allow trader {right}\n"
        "    buy open 1 rb2705 at ask as again\n    expect trade of again\n"
    )


def test_what_is_allowed_in_one_instrument_stays_forbidden_in_another() -> None:
    passes("""
venue:
    forbid trader open rb2705
    forbid trader all m2705
    allow trader all rb2705
scenario "one of two":
    buy open 1 rb2705 at ask as first
    expect trade of first
    buy open 1 m2705 at ask as second
    expect rejection of second by counter 28
""")


def test_another_account_keeps_its_rights() -> None:
    passes("""
session alice
session bob account second
venue: forbid alice all
scenario "two accounts":
    alice: buy open 1 rb2705 at ask as hers
    alice: expect rejection of hers by counter 28
    bob: buy open 1 rb2705 at ask as his
    bob: expect trade of his
""")


def test_no_more_lots_can_be_held_than_the_limit() -> None:
    passes("""
venue:
    most rb2705 3
    position trader long 1 rb2705 at 3150
scenario "position limit":
    buy open 3 rb2705 at ask as many
    expect rejection of many by counter 106
    buy open 1 rb2705 at lower_limit as working
    expect order of working where order_status == NoTradeQueueing
    buy open 2 rb2705 at ask as still_many
    expect rejection of still_many by counter 106
    buy open 1 rb2705 at ask as fits
    expect trade of fits
    sell open 3 rb2705 at bid as other_side
    expect trade of other_side
    sell close_today 1 rb2705 at bid as closed
    expect trade of closed
    buy open 5 m2705 at ask as elsewhere
    expect trade of elsewhere
""")


def test_a_banned_machine_cannot_log_in_any_more() -> None:
    passes("""
session alice
session bob account second
scenario "banned":
    alice: connect
    venue: ban alice
    alice: disconnect
    alice:
        reconnect front
        authenticate
        login
        expect OnRspUserLogin where code == 143
    bob: connect
""")
