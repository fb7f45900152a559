"""Steps of the connection: what they wait for, what they leave to be expected, how they fail."""

import pytest
from support import callbacks, events, passes, run

from ctpscen.ctp.times import SECOND
from ctpscen.engine.unit import Result


def ends(text: str, verdict: str, reason: str = "") -> Result:
    result = run(text)
    assert (result.verdict, reason in result.reason) == (verdict, True), (result.verdict, result.reason)
    return result


def notes(result: Result) -> str:
    return "\n".join(note for located in result.diagnostics for note in located.diagnostic.notes)


def requests(result: Result) -> list[str]:
    """The requests that were sent to the trading front, in order."""
    return [
        event["name"]
        for event in events(result, "call")
        if event["name"].startswith("Req") and event["api"] == "trader"
    ]


def broken(result: Result) -> list[int]:
    """The reasons of the trading connection's breaks."""
    found = [event for event in callbacks(result, "OnFrontDisconnected") if event["api"] == "trader"]
    return [event["fields"]["nReason"] for event in found]


# --------------------------------------------------------------------------------------------------------- connect


def test_connect_does_all_that_trading_needs() -> None:
    result = passes("connect\nbuy open 1 rb2705 at ask as a\nexpect trade of a")
    assert requests(result) == ["ReqAuthenticate", "ReqUserLogin", "ReqSettlementInfoConfirm", "ReqOrderInsert"]


def test_connect_on_a_session_that_is_ready_does_nothing() -> None:
    assert requests(passes("connect\nconnect")) == ["ReqAuthenticate", "ReqUserLogin", "ReqSettlementInfoConfirm"]


def test_connect_front_only_connects() -> None:
    assert requests(passes("connect front\nexpect connection\nwait 5s")) == []


def test_connect_goes_on_from_where_single_steps_have_come() -> None:
    result = passes("connect front; authenticate; connect")
    assert requests(result) == ["ReqAuthenticate", "ReqUserLogin", "ReqSettlementInfoConfirm"]


@pytest.mark.parametrize(
    ("step", "callback", "code"),
    [
        ('authenticate app "wrong"', "authentication", 63),
        ('authenticate code "wrong"', "authentication", 63),
        ("login", "login", 64),
        ('authenticate; login password "wrong"', "login", 3),
        ('authenticate; login; change password from "wrong" to "new"', "OnRspUserPasswordUpdate", 14),
    ],
)
def test_a_refusal_does_not_fail_the_step_and_is_a_report(step: str, callback: str, code: int) -> None:
    field = "" if callback.startswith("On") else f" where code == {code}"
    passes(f"connect front\n{step}\nexpect {callback}{field} as answer\ncheck answer.code == {code}")


def test_a_password_may_be_changed() -> None:
    passes("""
connect
change password from "123456" to "654321"
expect OnRspUserPasswordUpdate as answer
check answer.code == 0
release
connect front; authenticate
login password "123456"
expect login where code == 3
login password "654321"
expect login where code == 0
""")


@pytest.mark.parametrize(
    "step", ["authenticate", "login", "confirm settlement", "logout", 'change password from "a" to "b"', "reconnect"]
)
def test_a_step_that_needs_a_connection_fails_without_an_api_object(step: str) -> None:
    text = f"connect\nrelease\n{step}"
    ends(text, "failed", "`connect" if step != "reconnect" else "`connect` makes one")


def test_a_request_that_cannot_be_sent_fails_the_step() -> None:
    ends("connect\ndisconnect\nwait 1s\nlogout", "failed", "ReqUserLogout could not be sent: the API returned -1")


def test_a_request_that_is_not_answered_fails_the_step() -> None:
    result = ends(
        "connect\ndisconnect silently\nlogout within 5s", "failed", "ReqUserLogout was not answered within 5 s"
    )
    assert "trader: ready" in notes(result)
    assert result.elapsed > 5 * SECOND


def test_the_answers_of_single_steps_stay_and_connect_s_are_taken() -> None:
    passes("connect front; authenticate; login; connect; expect authentication; expect login; expect no confirmation")


# ------------------------------------------------------------------------------------- no connection, and refusals


def test_a_first_connection_that_cannot_be_made_blocks() -> None:
    result = ends("venue: down\nconnect within 20s", "blocked", "trader could not be connected within 20 s")
    assert result.elapsed == 20 * SECOND
    assert "it got as far as: no connection to the front" in notes(result)


def test_a_connection_that_a_step_needs_blocks_in_thirty_seconds() -> None:
    result = ends("log 0\nvenue: refuse login by 7\nbuy open 1 rb2705", "blocked", "could not be connected within 30 s")
    assert "it got as far as: authenticated, not logged in" in notes(result)
    assert "the last refusal: ReqUserLogin 7" in notes(result)


def test_a_refusal_for_good_blocks_the_first_connection_at_once() -> None:
    result = ends("venue: password trader expired\nconnect", "blocked", "trader was refused: ReqUserLogin 141")
    assert result.elapsed < SECOND


def test_a_refusal_for_a_while_is_waited_for() -> None:
    result = passes("venue: refuse login by 7 for 15s\nconnect")
    assert requests(result).count("ReqUserLogin") == 3
    assert 20 * SECOND < result.elapsed < 21 * SECOND


def test_a_later_connection_that_cannot_be_made_fails() -> None:
    result = ends("connect\nvenue: down\nwait 1s\nreconnect within 20s", "failed", "could not be connected within 20 s")
    assert "no connection to the front" in notes(result)


def test_a_reconnect_that_is_refused_for_good_fails_at_once() -> None:
    result = ends(
        "connect\ndisconnect\nwait 1s\nvenue: refuse login by 60\nreconnect", "failed", "was refused: ReqUserLogin 60"
    )
    assert result.elapsed < 5 * SECOND


# ------------------------------------------------------------------------------------------ breaking and healing


def test_disconnect_cuts_the_path_and_it_stays_cut() -> None:
    result = passes("connect\ndisconnect\nexpect disconnection where reason == 0x1001\nwait 5m\nexpect no connection")
    assert broken(result) == [0x1001]


def test_a_silent_disconnect_warns_at_61_seconds_and_breaks_at_121() -> None:
    result = passes("""
connect
disconnect silently
let start = now()
expect heartbeat_warning where time_lapse == 61 within 70s as warning
expect disconnection where reason == 0x2001 within 70s as end
check 60s < warning.time - start <= 61s
check 120s < end.time - start <= 121s
reconnect
buy open 1 rb2705 at ask as a
expect trade of a
""")
    assert broken(result) == [0x2001]


def test_reconnect_takes_the_break_that_it_heals_and_its_own_reports() -> None:
    passes("""
connect
disconnect
wait 5s
reconnect
expect no disconnection
expect no connection
expect no authentication
expect no login
expect no confirmation
""")


def test_reconnect_front_leaves_its_reports() -> None:
    result = passes("""
connect
disconnect
wait 5s
reconnect front
expect disconnection
expect connection where connection == 2
expect no login
""")
    assert requests(result).count("ReqUserLogin") == 1


def test_reconnect_does_only_what_is_missing() -> None:
    result = passes("connect\ndisconnect\nwait 5s\nreconnect front\nauthenticate\nreconnect\nexpect authentication")
    assert requests(result).count("ReqAuthenticate") == 2
    assert requests(result).count("ReqUserLogin") == 2


def test_reconnect_on_a_session_that_is_logged_in_does_nothing() -> None:
    result = passes("connect\nlet before = now()\nreconnect\ncheck now() == before")
    assert requests(result) == ["ReqAuthenticate", "ReqUserLogin", "ReqSettlementInfoConfirm"]


def test_reconnect_right_after_the_cut_still_sees_the_break() -> None:
    result = passes(
        "connect\ndisconnect\nreconnect\nbuy open 1 rb2705 at ask as a\nexpect trade of a where connection == 2"
    )
    assert broken(result) == [0x1001]


def test_an_order_sent_before_the_cut_reaches_the_front_and_its_reports_come_after_the_reconnect() -> None:
    result = passes("""
buy open 1 rb2705 at ask as a
disconnect
wait 10s
expect no order
reconnect
expect trade of a where connection == 2
expect a is all_traded
""")
    assert [event["connection"] for event in callbacks(result, "OnRtnTrade")] == [2]


def test_a_logout_is_no_cut_and_the_api_connects_again() -> None:
    result = passes("""
connect
logout
expect logout where code == 0
expect disconnection
expect connection where connection == 2
reconnect
buy open 1 rb2705 at ask as a
expect trade of a
""")
    assert broken(result) == [0x1001]


def test_a_release_makes_no_report_and_orders_live_on() -> None:
    result = passes("""
buy open 1 rb2705 at bid as a
expect a is no_trade_queueing
release
wait 5s
expect no disconnection
connect
check a.is_working
cancel a
expect a is canceled
expect order of a where connection == 2
""")
    assert broken(result) == []


def test_a_session_kicked_off_the_front_comes_back() -> None:
    passes("""
connect
venue: kick trader
expect disconnection where reason == 0x1001
reconnect
buy open 1 rb2705 at ask as a
expect trade of a
""")


def test_a_front_that_goes_down_and_up_is_connected_to_again() -> None:
    passes("connect\nvenue: down\nexpect disconnection\nwait 20s\nvenue: up\nexpect connection\nreconnect")


# ----------------------------------------------------------------------------------------------------- market data


def test_subscribe_brings_quotes_and_unsubscribe_ends_them() -> None:
    passes("""
subscribe rb2705 m2705
expect quote in rb2705
expect quote in m2705
forget
unsubscribe rb2705
wait 1s
buy open 5 rb2705 at ask
buy open 5 m2705 at ask
expect quote in m2705
expect no quote in rb2705 for 2s
""")


def test_a_subscription_is_taken_up_again_after_a_reconnect() -> None:
    passes("""
subscribe rb2705
expect quote in rb2705
disconnect
wait 5s
forget
reconnect
expect quote in rb2705
""")


def test_secrets_are_masked_in_what_was_sent() -> None:
    result = passes('connect front; authenticate code "s3cr3t0"; login password "s3cr3t1"')
    assert "s3cr3t" not in str(events(result, "call") + callbacks(result))


def test_what_comes_of_a_cancel_after_a_reconnect_is_news() -> None:
    passes(
        "buy open 1 rb2705 at lower_limit as resting\n"
        "expect order of resting where order_status == NoTradeQueueing\n"
        "disconnect\n"
        "reconnect\n"
        "cancel resting\n"
        "expect order of resting where order_status == Canceled as gone\n"
        "check not gone.replayed\n"
    )
