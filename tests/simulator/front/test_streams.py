"""The private and the public stream: what RESTART, RESUME and QUICK bring after a reconnect, and what is lost."""

import pytest
from support import callbacks, passes
from support.desk import Desk, opened

from ctpscen.ctp.commands.market import OutsideOrder, SetPhase
from ctpscen.ctp.messages import Callback
from ctpscen.ctp.times import MILLISECOND, SECOND

REPORTS = ("OnRtnOrder", "OnRtnTrade", "OnErrRtnOrderInsert", "OnErrRtnOrderAction")


def marks(callbacks: list[Callback]) -> list[str]:
    """What identifies each report of the stream."""
    found = []
    for callback in callbacks:
        fields = callback.fields or {}
        word = "T" if callback.name == "OnRtnTrade" else fields.get("OrderStatus", callback.name)
        found.append(f"{fields['OrderRef'].strip()}{word}")
    return found


def reports(desk: Desk, since: int = 0) -> list[str]:
    return marks([callback for callback in desk.seen[since:] if callback.name in REPORTS])


def reconnect(desk: Desk) -> int:
    """Heals the path and logs in again; gives the number of callbacks before the login."""
    desk.path.heal()
    desk.rest(2 * SECOND)
    before = len(desk.seen)
    desk.log_in_again()
    desk.rest()
    return before


def traded_before_and_during_the_gap(mode: str) -> tuple[Desk, int]:
    """One order filled while connected; one working, which is filled while the path is cut; then a new login."""
    desk = Desk(opened("rb2705")).connect(mode)
    contract = desk.simulation.contract("rb2705")
    ask, low = contract.pre_settlement + 1, contract.pre_settlement - 10
    desk.insert("rb2705", "0", "0", 1, ask, OrderRef="1")
    desk.rest()
    desk.insert("rb2705", "0", "0", 1, low, OrderRef="2")
    desk.rest()
    assert reports(desk) == ["1a", "1a", "10", "1T", "2a", "23"]
    desk.path.cut()
    desk.command(OutsideOrder("sell", 1, "rb2705", low))
    desk.rest(5 * SECOND)
    return desk, reconnect(desk)


@pytest.mark.parametrize(
    ("mode", "brings"),
    [
        ("resume", ["23", "20", "2T"]),
        ("restart", ["1a", "1a", "10", "1T", "2a", "23", "23", "20", "2T"]),
        ("quick", []),
    ],
)
def test_a_login_brings_what_its_mode_promises(mode: str, brings: list[str]) -> None:
    desk, before = traded_before_and_during_the_gap(mode)
    assert reports(desk, before) == brings


@pytest.mark.parametrize("mode", ["resume", "restart", "quick"])
def test_what_happens_after_the_login_comes_in_every_mode(mode: str) -> None:
    desk, _ = traded_before_and_during_the_gap(mode)
    before = len(desk.seen)
    desk.insert("rb2705", "0", "0", 1, desk.simulation.contract("rb2705").pre_settlement - 10, OrderRef="3")
    desk.rest()
    assert reports(desk, before) == ["3a", "33"]


def test_resume_brings_everything_once_and_restart_everything_each_time() -> None:
    for mode, times in (("resume", 1), ("restart", 3)):
        desk, _ = traded_before_and_during_the_gap(mode)
        desk.path.cut()
        desk.rest()
        reconnect(desk)
        assert reports(desk).count("1T") == times, mode
        assert reports(desk).count("2T") == min(times, 2), mode


def test_a_replay_comes_in_the_order_in_which_it_was_first_sent() -> None:
    desk, before = traded_before_and_during_the_gap("restart")
    replayed = [callback for callback in desk.seen[before:] if callback.name in REPORTS]
    first = [callback for callback in desk.seen[:before] if callback.name in REPORTS]
    assert [callback.fields for callback in replayed[: len(first)]] == [callback.fields for callback in first]
    login = next(i for i, callback in enumerate(desk.seen) if i >= before and callback.name == "OnRspUserLogin")
    assert desk.seen.index(replayed[0]) > login, "a replay begins after the login's answer"


def test_what_was_on_its_way_when_the_path_was_cut_comes_again_with_resume_and_never_with_quick() -> None:
    for mode, brings in (("resume", ["1a", "10", "1T"]), ("quick", [])):
        desk = Desk(opened("rb2705")).connect(mode)
        desk.insert("rb2705", "0", "0", 1, desk.simulation.contract("rb2705").pre_settlement + 1, OrderRef="1")
        # The exchange answers after 6 ms; a millisecond later its answer is at the client.
        desk.rest(6 * MILLISECOND + 500)
        assert reports(desk) == ["1a"]
        desk.path.cut()
        desk.rest()
        assert reports(desk, reconnect(desk)) == brings, mode


def test_what_was_sent_before_the_cut_reaches_the_front() -> None:
    desk = Desk(opened("rb2705")).connect("resume")
    desk.insert("rb2705", "0", "0", 1, desk.simulation.contract("rb2705").pre_settlement + 1, OrderRef="1")
    desk.path.cut()
    desk.rest()
    assert reports(desk) == []
    assert reports(desk, reconnect(desk)) == ["1a", "1a", "10", "1T"]


def test_the_flow_files_outlive_the_api_and_belong_to_their_path() -> None:
    desk = Desk(opened("rb2705")).connect("resume", flow="one/")
    desk.insert("rb2705", "0", "0", 1, desk.simulation.contract("rb2705").pre_settlement + 1, OrderRef="1")
    desk.rest()
    desk.call("Release")
    before = len(desk.seen)
    desk.connect("resume", flow="one/")
    assert reports(desk, before) == []
    desk.call("Release")
    before = len(desk.seen)
    desk.connect("resume", flow="another/")
    assert reports(desk, before) == ["1a", "1a", "10", "1T"]


def test_both_sessions_of_an_account_get_the_whole_private_stream() -> None:
    simulation = opened("rb2705")
    alice, bob = Desk(simulation, "alice").connect(), Desk(simulation, "bob").connect()
    other = Desk(simulation, "carol", "200002").connect()
    price = simulation.contract("rb2705").pre_settlement
    alice.insert("rb2705", "0", "0", 1, price + 1, OrderRef="1")
    alice.rest()
    alice.insert("rb2705", "1", "4", 9, price, OrderRef="2")
    alice.rest()
    assert reports(alice) == reports(bob) == ["1a", "1a", "10", "1T", "2OnErrRtnOrderInsert"]
    assert reports(other) == []
    assert (len(alice.of("OnRspOrderInsert")), len(bob.of("OnRspOrderInsert"))) == (1, 0), "an answer is the asker's"


def test_another_session_s_order_can_be_cancelled_and_its_key_stays_the_sender_s() -> None:
    simulation = opened("rb2705")
    alice, bob = Desk(simulation, "alice").connect(), Desk(simulation, "bob").connect()
    alice.insert("rb2705", "0", "0", 1, simulation.contract("rb2705").pre_settlement - 10, OrderRef="7")
    alice.rest()
    (order,) = bob.orders().values()
    bob.cancel(order)
    bob.rest()
    assert reports(alice) == ["7a", "73", "73", "75"]
    (ended,) = alice.orders().values()
    for name in ("FrontID", "SessionID", "OrderRef"):
        assert ended[name] == order[name]
    logins = {desk.name: desk.of("OnRspUserLogin")[0].fields or {} for desk in (alice, bob)}
    assert order["SessionID"] == logins["alice"]["SessionID"] != logins["bob"]["SessionID"]


def test_the_front_forgets_nothing_of_an_order_whose_session_is_gone() -> None:
    """No order is cancelled because its sender has gone."""
    desk = Desk(opened("rb2705")).connect("resume")
    desk.insert("rb2705", "0", "0", 1, desk.simulation.contract("rb2705").pre_settlement - 10, OrderRef="1")
    desk.rest()
    desk.path.cut()
    desk.rest(600 * SECOND)
    reconnect(desk)
    assert reports(desk) == ["1a", "13"]
    (order,) = desk.orders().values()
    desk.cancel(order)  # by the key of a session that is no more
    desk.rest()
    assert reports(desk)[-1] == "15"


@pytest.mark.parametrize(
    ("mode", "first", "again"), [("restart", 2, 2), ("resume", 2, 0), ("quick", 0, 0), ("none", 0, 0)]
)
def test_the_public_stream_tells_the_phases_as_its_mode_says(mode: str, first: int, again: int) -> None:
    desk = Desk(opened("rb2705", "m2705")).connect("resume", mode)
    phases = desk.of("OnRtnInstrumentStatus")
    assert len(phases) == first
    assert {(phase.fields or {})["InstrumentID"] for phase in phases} == ({"rb", "m"} if first else set())
    desk.path.cut()
    desk.rest()
    before = len(desk.seen)
    reconnect(desk)
    told = [callback for callback in desk.seen[before:] if callback.name == "OnRtnInstrumentStatus"]
    assert len(told) == again
    before = len(desk.seen)
    desk.command(SetPhase("SHFE", "break"))
    desk.rest()
    told = [callback for callback in desk.seen[before:] if callback.name == "OnRtnInstrumentStatus"]
    assert len(told) == (0 if mode == "none" else 1)


def test_the_modes_can_no_longer_be_chosen_after_init() -> None:
    desk = Desk(opened("rb2705"))
    desk.create("quick")
    desk.call("SubscribePrivateTopic", nResumeType=0)
    desk.log_in_again()
    desk.insert("rb2705", "0", "0", 1, desk.simulation.contract("rb2705").pre_settlement + 1, OrderRef="1")
    desk.rest()
    desk.path.cut()
    desk.rest()
    assert reports(desk, reconnect(desk)) == []


def test_a_scenario_chooses_the_mode_with_its_session() -> None:
    def replayed(mode: str) -> list[str]:
        result = passes(
            f"session trader private {mode}\n"
            'scenario "gap":\n'
            "    buy open 1 rb2705 at bid - 5 ticks as entry\n"
            "    wait 1s\n"
            "    disconnect\n"
            "    venue: fill entry 1\n"
            "    wait 1s\n"
            "    reconnect\n"
            "    wait 1s\n"
        )
        late = [event for event in callbacks(result, "OnRtnOrder", "OnRtnTrade") if event["connection"] == 2]
        return ["T" if event["name"] == "OnRtnTrade" else event["fields"]["OrderStatus"] for event in late]

    assert replayed("resume") == ["3", "0", "T"]
    assert replayed("restart") == ["a", "3", "3", "0", "T"]
    assert replayed("quick") == []
