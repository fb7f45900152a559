"""Which contracts the venue lists, and with which terms (BEHAVIOUR 14.1)."""

import pytest
from support import callbacks, events, passes, run
from support.desk import Desk, opened

from ctpscen.environments.simulated import OPENING
from ctpscen.simulator.front.listings import instruments
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.world import World

PLACED = "buy open 1 {} at 3000 with (ExchangeID = {}) as entry\n"


@pytest.mark.parametrize(
    ("name", "exchange"),
    [
        ("rb2713", "SHFE"),
        ("cu2601", "SHFE"),
        ("IF2611", "CFFEX"),
        ("m2702", "DCE"),
        ("SR2705", "CZCE"),
        ("m2705-C-3110", "DCE"),
        ("RB2705", "SHFE"),
        ("rb2713", ""),
    ],
)
def test_a_name_that_no_exchange_lists_is_16(name: str, exchange: str) -> None:
    passes(PLACED.format(f'"{name}"', f'"{exchange}"') + "expect rejection of entry by counter 16\n")


def test_the_last_day_of_a_contract_is_its_end() -> None:
    passes("""
venue:
    clock 2026-11-20 14:50
    position trader long 2 IF2611 yesterday at 4400
scenario "the third Friday":
    connect
    query account as before
    check before.curr_margin > 0
    venue: settle
    reconnect
    query positions as held
    check len(held) == 0
    query instruments of IF2611 as gone
    check len(gone) == 0
    query instruments of IF2701 as begun
    check len(begun) == 1
    query account as later
    check later.curr_margin == 0 and later.balance == before.balance
    subscribe "IF2611"
    expect no quote for 5s
    sell close 1 "IF2611" at 4500 with (ExchangeID = "CFFEX") as late
    expect rejection of late by counter 16
""")


def test_a_contract_is_listed_on_the_day_after_another_has_ended() -> None:
    passes("""
venue: clock 2026-11-20 14:50
scenario "the next one":
    buy open 1 IF2701 at 4500 with (ExchangeID = "CFFEX") as early
    expect rejection of early by counter 16
    venue: settle
    venue: clock 2026-11-23 09:30
    reconnect
    buy open 1 IF2701 at ask as entry
    expect trade of entry
""")


def test_a_scenario_lists_what_would_not_exist() -> None:
    passes("""
venue: list rb2713
scenario "listed":
    query instruments of rb2713 as found
    check found[0].instrument_id == "rb2713"
    buy open 1 rb2713 at ask as entry
    expect trade of entry
    venue: settle
    reconnect
    query positions of rb2713 as held
    check held[0].position == 1
""")


def test_a_listed_contract_has_the_terms_that_it_is_given() -> None:
    passes("""
venue:
    list rb2705 least 4 most 20 margin 50% expires 2026-11-23
    position trader long 1 rb2705 at 3150
scenario "terms":
    query instruments of rb2705 as found
    check found[0].min_limit_order_volume == 4 and found[0].max_limit_order_volume == 20
    check found[0].expire_date == "20261123" and found[0].long_margin_ratio == 0.5
    query account as money
    check money.curr_margin == 15750
    buy open 3 rb2705 at ask as few
    expect rejection of few by exchange 164
    buy open 21 rb2705 at ask as many
    expect rejection of many by exchange 164
    sell close_today 1 rb2705 at bid as less
    expect trade of less
    venue: settle
    reconnect
    query instruments of rb2705 as gone
    check len(gone) == 0
""")


def test_what_is_unlisted_is_no_instrument_any_more() -> None:
    passes("""
venue: unlist rb2705
scenario "gone":
    query instruments of rb2705 as found
    check len(found) == 0
    buy open 1 rb2705 at 3000 as entry
    expect rejection of entry by counter 16
    venue: list rb2705
    buy open 1 rb2705 at ask as again
    expect trade of again
""")


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("list zz2705", "no exchange has a product of `zz2705`"),
        ("list rb2705 margin 0%", "a margin is more than 0% and at most 100%, not 0%"),
        ("list rb2705 margin 150%", "a margin is more than 0% and at most 100%, not 150%"),
        ("list rb2705 least 0", "an order has at least 1 lot, not 0"),
        ("list rb2705 most 1.5", "1.5 is no number of lots"),
        ("unlist rb2713", "`rb2713` is not listed"),
        ("quote rb2713 last 3000", "no contract `rb2713`: rb lists 2612 … 2711"),
    ],
)
def test_what_cannot_be_listed_is_said(step: str, reason: str) -> None:
    result = run(f"venue: {step}\nconnect\n")
    assert (result.verdict, result.reason) == ("error", reason)


def test_all_is_every_contract_and_comes_at_ctp_s_pace() -> None:
    result = passes("""
venue: list all
scenario "all":
    connect
    query instruments as every within 1m
    check len(every) > 9000
    check "IF2612" in every.instrument_id and "m2705-C-3000" in every.instrument_id
    check "rb2713" not in every.instrument_id
""")
    rows = callbacks(result, "OnRspQryInstrument")
    assert 900_000 < rows[-1]["time"] - rows[0]["time"] < 2_000_000
    assert [row["last"] for row in rows] == [False] * (len(rows) - 1) + [True]


def test_all_contracts_trade_and_are_quoted_without_being_named() -> None:
    desk = Desk(opened()).connect()
    desk.simulation.list_all()
    assert len(desk.simulation.core.contracts) < 120, "contracts are made when they are asked for"
    desk.insert("SR705", "0", "0", 1, 5601)
    desk.rest()
    assert desk.of("OnRtnTrade")


def test_everything_but_what_is_unlisted() -> None:
    passes("""
venue:
    list all
    unlist rb2705
scenario "all but one":
    connect
    query instruments of rb2705 as none_
    check len(none_) == 0
    query instruments as every within 1m
    check "rb2705" not in every.instrument_id and "rb2706" in every.instrument_id
""")


def test_a_step_that_lists_is_in_the_journal() -> None:
    result = passes("venue: list rb2713\nconnect\n")
    assert [event["instrument"] for event in events(result, "fault")] == ["rb2713"]


@pytest.mark.parametrize("name", ["m2705-C-0", "cu2701C72003"])
def test_an_option_whose_strike_the_future_cannot_have_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="no option has that strike"):
        opened().core.contracts.add(name)


def test_a_contract_is_told_alike_among_all_and_by_itself() -> None:
    simulation = Simulation(World(OPENING, 0))
    simulation.list_all()
    core, account = simulation.core, simulation.core.account("1")
    rows = list(instruments(core, account, {}))
    assert len({row["InstrumentID"] for row in rows}) == len(rows)
    for row in rows[::97]:
        assert [row] == list(instruments(core, account, {"InstrumentID": row["InstrumentID"]}))
