"""The life of a connection: the table of its transitions, and a session that is led through it by hand."""

import pytest
from support.feed import Feed, buy_two, logged_in

from ctpscen.client.connection import ORDER, PAUSE, STEPS, TRANSITIONS, Connection, Event, State
from ctpscen.ctp.errors import NOT_READY
from ctpscen.ctp.times import MILLISECOND, SECOND

EVENTS: tuple[Event, ...] = (
    "create",
    "init",
    "up",
    "authenticated",
    "logged in",
    "confirmed",
    "logged out",
    "down",
    "release",
)


def wanted(state: State, event: Event) -> State | None:
    """Where an event leads by the rules of the API (BEHAVIOUR 1.2, 1.4, 1.7); None where it means nothing."""
    alive, linked = state != "absent", state not in ("absent", "created")
    in_session = state in ("logged_in", "ready")
    rules: dict[Event, tuple[bool, State]] = {
        "create": (not alive, "created"),
        "init": (state == "created", "connecting"),
        "up": (state == "connecting", "connected"),
        "authenticated": (state in ("connected", "authenticated"), "authenticated"),
        "logged in": (state in ("connected", "authenticated"), "logged_in"),
        "confirmed": (in_session, "ready"),
        "logged out": (in_session, "connected"),
        "down": (linked, "connecting"),
        "release": (alive, "absent"),
    }
    possible, following = rules[event]
    return following if possible else None


@pytest.mark.parametrize("state", ORDER)
@pytest.mark.parametrize("event", EVENTS)
def test_an_event_leads_where_the_api_goes_or_changes_nothing(state: State, event: Event) -> None:
    connection = Connection(state)
    following = wanted(state, event)
    assert connection.happen(event) is (following is not None)
    assert connection.state == (following or state)


def test_the_table_has_no_row_beside_the_states_and_events() -> None:
    assert {state for state, _ in TRANSITIONS} == set(ORDER)
    assert {event for _, event in TRANSITIONS} == set(EVENTS)


def test_a_connection_is_counted_when_it_is_made_and_not_when_it_breaks() -> None:
    connection = Connection("connecting")
    counted = []
    events: tuple[Event, ...] = ("down", "up", "down", "down", "up")
    for event in events:
        connection.happen(event)
        counted.append(connection.number)
    assert counted == [0, 1, 1, 1, 2]


def test_each_step_towards_ready_begins_where_the_one_before_ends() -> None:
    state: State = "connected"
    while state != "ready":
        following = TRANSITIONS[state, STEPS[state][2]]
        assert ORDER.index(following) == ORDER.index(state) + 1
        state = following


# ------------------------------------------------------------------------------------------------ a session's way


def test_create_subscribes_both_streams_before_init() -> None:
    feed = Feed(private="restart", public="none")
    feed.session.create(feed.now)
    requests = feed.sent()
    assert [request.name for request in requests] == [
        "CreateFtdcTraderApi",
        "RegisterSpi",
        "SubscribePrivateTopic",
        "SubscribePublicTopic",
        "RegisterFront",
        "Init",
    ]
    assert [requests[2].fields, requests[3].fields] == [{"nResumeType": 0}, {"nResumeType": 3}]
    assert {request.request_id for request in requests} == {0}
    assert feed.session.connection.state == "connecting"


def test_nothing_is_sent_after_the_connection_unless_a_step_wants_it() -> None:
    feed = Feed()
    feed.up()
    feed.sent()
    feed.rest(60 * SECOND)
    assert feed.sent() == []
    assert feed.session.connection.state == "connected"


def test_a_goal_sends_one_request_after_the_answer_to_the_one_before() -> None:
    feed = Feed()
    feed.session.create(feed.now)
    feed.sent()
    feed.session.aim("ready", feed.now)
    assert feed.names() == []
    for callback, following in (
        ("OnFrontConnected", ["ReqAuthenticate"]),
        ("OnRspAuthenticate", ["ReqUserLogin"]),
        ("OnRspUserLogin", ["ReqSettlementInfoConfirm"]),
        ("OnRspSettlementInfoConfirm", []),
    ):
        feed.callback(callback)
        assert feed.names() == following
    assert feed.session.connection.state == "ready"


def test_requests_bear_the_identity_of_the_session() -> None:
    feed = Feed()
    feed.session.aim("ready", feed.now)
    feed.up()
    feed.callback("OnRspAuthenticate")
    feed.callback("OnRspUserLogin")
    fields = {request.name: request.fields for request in feed.sent()}
    assert fields["ReqAuthenticate"] == {
        "BrokerID": "9999",
        "UserID": "100001",
        "AppID": "client_test",
        "AuthCode": "0000000000000000",
    }
    assert fields["ReqUserLogin"] == {"BrokerID": "9999", "UserID": "100001", "Password": "123456"}
    assert fields["ReqSettlementInfoConfirm"] == {"BrokerID": "9999", "InvestorID": "100001"}


def test_a_goal_keeps_the_numbers_of_the_reports_that_it_took() -> None:
    feed = Feed()
    goal = feed.session.aim("ready", feed.now)
    feed.up()
    authentication = feed.callback("OnRspAuthenticate")[0]
    feed.callback("OnRtnInstrumentStatus", {"ExchangeID": "SHFE", "InstrumentID": "rb"})
    login = feed.callback("OnRspUserLogin")[0]
    confirmation = feed.callback("OnRspSettlementInfoConfirm")[0]
    assert goal.taken == [1, authentication.number, login.number, confirmation.number]
    assert login.number == authentication.number + 2


def test_a_refusal_for_good_ends_the_goal() -> None:
    feed = Feed()
    goal = feed.session.aim("ready", feed.now)
    feed.up()
    feed.sent()
    feed.callback("OnRspAuthenticate", code=63, message="CTP:客户端认证失败")
    assert goal.refusal is not None
    assert (goal.refusal.request, goal.refusal.code) == ("ReqAuthenticate", 63)
    feed.rest(60 * SECOND)
    assert feed.sent() == []
    assert feed.session.connection.state == "connected"


@pytest.mark.parametrize("code", sorted(NOT_READY))
def test_a_refusal_for_now_is_tried_again_after_ten_seconds(code: int) -> None:
    feed = Feed()
    goal = feed.session.aim("ready", feed.now)
    feed.up()
    feed.callback("OnRspAuthenticate")
    feed.sent()
    feed.callback("OnRspUserLogin", code=code)
    assert goal.refusal is None
    assert goal.last_refusal is not None
    feed.rest(PAUSE - MILLISECOND)
    assert feed.names() == []
    feed.rest(MILLISECOND)
    assert feed.names() == ["ReqUserLogin"]
    assert PAUSE == 10 * SECOND


def test_a_break_does_not_shorten_the_pause_after_a_refusal() -> None:
    feed = Feed()
    feed.session.aim("ready", feed.now)
    feed.up()
    feed.callback("OnRspAuthenticate")
    feed.callback("OnRspUserLogin", code=7)
    feed.sent()
    feed.callback("OnFrontDisconnected", {"nReason": 0x1001})
    feed.rest(1 * SECOND)
    feed.callback("OnFrontConnected")
    assert feed.names() == []
    feed.rest(PAUSE)
    assert feed.names() == ["ReqAuthenticate"]


def test_a_refusal_that_no_goal_waits_for_changes_nothing() -> None:
    feed = Feed()
    feed.up()
    feed.session.login(feed.now)
    request = feed.sent()[-1]
    (report,) = feed.callback("OnRspUserLogin", code=64, message="CTP:客户端认证失败", request=request.request_id)
    assert (report.code, feed.session.connection.state) == (64, "connected")


def test_a_break_in_the_middle_begins_the_way_anew() -> None:
    feed = Feed()
    goal = feed.session.aim("ready", feed.now)
    feed.up()
    feed.callback("OnRspAuthenticate")
    feed.sent()
    feed.callback("OnFrontDisconnected", {"nReason": 0x1001})
    assert feed.session.connection.state == "connecting"
    assert feed.names() == []
    feed.callback("OnFrontConnected")
    assert feed.names() == ["ReqAuthenticate"]
    assert goal.awaiting == "OnRspAuthenticate"


def test_after_a_break_nothing_logs_in_by_itself() -> None:
    feed = logged_in()
    feed.callback("OnFrontDisconnected", {"nReason": 0x2001})
    feed.callback("OnFrontConnected")
    feed.rest(60 * SECOND)
    assert feed.sent() == []
    assert feed.session.connection.state == "connected"


@pytest.mark.parametrize("reason", [0x1001, 0x1002, 0x2001, 0x2002, 0x2003])
def test_a_disconnection_tells_its_reason_and_the_connection_that_broke(reason: int) -> None:
    feed = logged_in()
    (report,) = feed.callback("OnFrontDisconnected", {"nReason": reason})
    assert (report.read("reason"), report.connection) == (reason, 1)
    assert feed.session.connection.state == "connecting"


def test_a_new_connection_bears_its_own_number() -> None:
    feed = logged_in()
    feed.callback("OnFrontDisconnected", {"nReason": 0x1001})
    (report,) = feed.callback("OnFrontConnected")
    assert (report.connection, feed.session.connection.number) == (2, 2)


def test_a_heartbeat_warning_does_not_end_the_connection() -> None:
    feed = logged_in()
    (report,) = feed.callback("OnHeartBeatWarning", {"nTimeLapse": 61})
    assert (report.read("time_lapse"), feed.session.connection.state) == (61, "ready")


def test_a_peer_that_closes_before_the_handshake_breaks_what_was_never_connected() -> None:
    feed = Feed()
    feed.session.create(feed.now)
    (report,) = feed.callback("OnFrontDisconnected", {"nReason": 0x1001})
    assert (report.connection, feed.session.connection.state) == (0, "connecting")


def test_logging_out_leads_back_before_the_login() -> None:
    feed = logged_in()
    feed.session.logout(feed.now)
    feed.callback("OnRspUserLogout", request=feed.sent()[0].request_id)
    assert feed.session.connection.state == "connected"


def test_release_ends_the_object_and_a_new_one_takes_up_the_same_flow_files() -> None:
    feed = Feed()
    feed.session.create(feed.now)
    first = feed.sent()[0]
    feed.session.release(feed.now)
    assert feed.names() == ["Release"]
    assert (feed.session.connection.state, feed.session.connection.was_released) == ("absent", True)
    feed.session.release(feed.now)
    assert feed.names() == [], "a second Release would crash the library"
    feed.session.create(feed.now)
    assert feed.sent()[0].fields == first.fields
    assert not feed.session.connection.was_released


def test_references_go_on_from_the_number_that_the_login_brought() -> None:
    feed = Feed()
    feed.log_in(max_order_ref="41")
    refs = [feed.session.insert(buy_two(), feed.now).key for _ in range(2)]
    assert refs == [(1, 100, "42"), (1, 100, "43")]
    feed.callback("OnFrontDisconnected", {"nReason": 0x1001})
    feed.log_in(session_id=200, max_order_ref="1")
    assert feed.session.insert(buy_two(), feed.now).key == (1, 200, "2")


def test_a_reference_of_ones_own_is_sent_as_it_is_and_counted_on_from() -> None:
    feed = logged_in()
    assert feed.session.insert(buy_two(), feed.now, "17").key[2] == "17"
    assert feed.session.insert(buy_two(), feed.now).key[2] == "18"
    assert feed.session.insert(buy_two(), feed.now, "abc").key[2] == "abc"
    assert feed.session.insert(buy_two(), feed.now).key[2] == "19"


# ------------------------------------------------------------------------------------------- a change of password


def asked_to_change(feed: Feed, *, answered: int | None = None) -> None:
    """A change of password that the front accepts or refuses, or whose answer a break takes."""
    request = feed.session.change_password("123456", "654321", feed.now)
    feed.sent()
    if answered is not None:
        feed.callback("OnRspUserPasswordUpdate", code=answered, request=request.request_id)
    feed.callback("OnFrontDisconnected", {"nReason": 0x1001})


def passwords_tried(feed: Feed, *codes: int) -> list[str]:
    """With which passwords it logs in, where the front answers so."""
    feed.session.aim("ready", feed.now)
    feed.up()
    feed.callback("OnRspAuthenticate")
    tried = []
    for code in codes:
        logins = [request for request in feed.sent() if request.name == "ReqUserLogin"]
        tried += [(request.fields or {})["Password"] for request in logins]
        feed.callback("OnRspUserLogin", {"FrontID": 1, "SessionID": 200}, code=code)
    return tried


def test_a_change_of_password_whose_answer_was_lost_is_tried_after_the_old_one() -> None:
    feed = logged_in()
    asked_to_change(feed)
    assert passwords_tried(feed, 3, 0) == ["123456", "654321"]
    assert feed.session.connection.state == "logged_in"


def test_a_password_that_was_tried_in_vain_is_not_tried_again() -> None:
    feed = logged_in()
    asked_to_change(feed)
    assert passwords_tried(feed, 3, 3, 3) == ["123456", "654321"]
    assert feed.session.goal is not None
    assert feed.session.goal.refusal is not None


@pytest.mark.parametrize(("answered", "first"), [(0, "654321"), (140, "123456")])
def test_an_answered_change_leaves_one_password_to_try(answered: int, first: str) -> None:
    feed = logged_in()
    asked_to_change(feed, answered=answered)
    assert passwords_tried(feed, 3, 3) == [first]


def test_a_login_with_the_old_password_settles_that_the_change_was_lost() -> None:
    feed = logged_in()
    asked_to_change(feed)
    assert passwords_tried(feed, 0) == ["123456"]
    feed.callback("OnFrontDisconnected", {"nReason": 0x1001})
    assert passwords_tried(feed, 3, 3) == ["123456"]
