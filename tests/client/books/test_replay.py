"""What a session takes for a replayed report, and what for a new one."""

from typing import Any

import pytest
from support.feed import Feed, buy_two, logged_in, order_report, trade_report

from ctpscen.client.books.replay import ReplayWatch
from ctpscen.ctp.times import HOUR, MILLISECOND, SECOND

NINE = 9 * HOUR


def watching() -> ReplayWatch:
    watch = ReplayWatch()
    watch.logged_in(NINE)
    return watch


def test_nothing_is_replayed_before_a_login() -> None:
    assert not ReplayWatch().is_replayed({"InsertTime": "08:59:00"}, NINE, present=False, earlier=True)


def test_what_happened_before_the_login_is_replayed() -> None:
    watch = watching()
    for _ in range(3):
        assert watch.is_replayed({"InsertTime": "08:59:59"}, NINE + MILLISECOND, present=False, earlier=False)


def test_the_first_new_report_ends_the_replay() -> None:
    watch = watching()
    assert watch.is_replayed({"TradeTime": "08:59:59"}, NINE, present=False, earlier=True)
    assert not watch.is_replayed({"TradeTime": "09:00:01"}, NINE, present=False, earlier=True)
    assert not watch.is_replayed({"TradeTime": "08:59:59"}, NINE, present=False, earlier=True)


def test_a_report_of_the_present_login_is_never_replayed() -> None:
    assert not watching().is_replayed({"InsertTime": "08:00:00"}, NINE, present=True, earlier=False)


def test_a_second_of_silence_ends_the_replay() -> None:
    watch = watching()
    before = {"InsertTime": "08:00:00"}
    assert watch.is_replayed(before, NINE + SECOND, present=False, earlier=False)
    assert watch.is_replayed(before, NINE + 2 * SECOND, present=False, earlier=False)
    assert not watch.is_replayed(before, NINE + 3 * SECOND + 1, present=False, earlier=False)


def test_in_the_second_of_the_login_only_an_order_of_an_earlier_one_is_repeated() -> None:
    same = {"InsertTime": "09:00:00"}
    assert watching().is_replayed(same, NINE, present=False, earlier=True)
    assert not watching().is_replayed(same, NINE, present=False, earlier=False)


def test_a_trade_is_dated_by_its_own_time_not_its_order_s() -> None:
    fields = {"InsertTime": "08:00:00", "TradeTime": "09:00:01"}
    assert not watching().is_replayed(fields, NINE, present=False, earlier=True)


# ---------------------------------------------------------------------------------------- on a session's reports


def reconnected(feed: Feed) -> None:
    """Breaks the connection, and logs in again ten seconds later."""
    feed.callback("OnFrontDisconnected", {"nReason": 0x1001})
    feed.now += 10 * SECOND
    feed.log_in(200)


def replayed(feed: Feed) -> list[bool]:
    """Delivers an order's day; tells of each report whether it counts as replayed."""
    order = feed.callback("OnRtnOrder", order_report("0", 2))[0]
    trade = feed.callback("OnRtnTrade", trade_report(2))[0]
    return [order.replayed, trade.replayed]


def test_what_a_reconnect_brings_of_an_earlier_order_is_replayed() -> None:
    feed = logged_in()
    feed.session.insert(buy_two(), feed.now)
    feed.sent()
    reconnected(feed)
    assert replayed(feed) == [True, True]


def test_on_the_connection_that_sent_an_order_nothing_of_it_is_replayed() -> None:
    feed = logged_in()
    feed.session.insert(buy_two(), feed.now)
    feed.sent()
    assert replayed(feed) == [False, False]


def test_a_stream_that_brings_nothing_again_has_nothing_replayed() -> None:
    feed = logged_in(private="quick")
    feed.session.insert(buy_two(), feed.now)
    reconnected(feed)
    assert replayed(feed) == [False, False]


def test_an_answer_is_never_replayed() -> None:
    feed = logged_in()
    reconnected(feed)
    (report,) = feed.callback("OnRspOrderAction", {"OrderRef": "2"}, code=0)
    assert not report.replayed


def test_what_was_canceled_on_this_connection_is_reported_anew() -> None:
    feed = logged_in()
    order = feed.session.insert(buy_two(), feed.now)
    reconnected(feed)
    feed.session.cancel(order, feed.now)
    (report,) = feed.callback("OnRtnOrder", order_report("5"))
    assert not report.replayed


def test_what_was_canceled_on_an_earlier_connection_is_repeated_like_the_rest() -> None:
    feed = logged_in()
    order = feed.session.insert(buy_two(), feed.now)
    feed.session.cancel(order, feed.now)
    feed.sent()
    reconnected(feed)
    assert replayed(feed) == [True, True]


def test_a_refusal_is_replayed_where_its_order_is_of_an_earlier_login() -> None:
    feed = logged_in()
    order = feed.session.insert(buy_two(), feed.now)
    assert order.input is not None
    before = feed.callback("OnErrRtnOrderInsert", dict(order.input), code=31)[0]
    reconnected(feed)
    after = feed.callback("OnErrRtnOrderInsert", dict(order.input), code=31)[0]
    assert (before.replayed, after.replayed) == (False, True)


def test_the_refusal_of_a_cancel_sent_after_the_login_is_new_whoever_s_order_it_was() -> None:
    feed = logged_in()
    order = feed.session.insert(buy_two(), feed.now)
    reconnected(feed)
    feed.session.cancel(order, feed.now)
    request = feed.sent()[-1]
    fields = {"OrderRef": order.key[2], "FrontID": 1, "SessionID": 100}
    answer = feed.callback("OnRspOrderAction", fields, code=25, request=request.request_id)
    told = feed.callback("OnErrRtnOrderAction", fields, code=25)
    assert [report.replayed for report in [*answer, *told]] == [False, False, False]


def test_the_refusal_of_a_cancel_sent_before_the_login_is_replayed_after_it() -> None:
    feed = logged_in()
    order = feed.session.insert(buy_two(), feed.now)
    feed.session.cancel(order, feed.now)
    reconnected(feed)
    told = feed.callback("OnErrRtnOrderAction", {"OrderRef": order.key[2], "FrontID": 1, "SessionID": 100}, code=25)
    assert told[0].replayed


@pytest.mark.parametrize("session", [100, 7])
def test_an_exercise_or_a_transfer_of_an_earlier_login_is_replayed(session: int) -> None:
    feed = logged_in()
    reconnected(feed)
    told: list[tuple[str, dict[str, Any]]] = [
        ("OnRtnExecOrder", {"SessionID": session, "InsertTime": "00:00:00"}),
        ("OnRtnFromBankToFutureByFuture", {"SessionID": session, "TradeTime": "00:00:00"}),
        ("OnErrRtnForQuoteInsert", {"InstrumentID": "m2705-C-3100"}),
    ]
    assert [feed.callback(name, fields)[0].replayed for name, fields in told] == [True] * 3


def test_what_was_asked_for_on_this_connection_is_told_anew() -> None:
    news: list[tuple[str, dict[str, Any]]] = [
        ("OnRtnExecOrder", {"SessionID": 200, "InsertTime": "00:00:00"}),
        ("OnRtnExecOrder", {"SessionID": 100, "InsertTime": "00:00:00", "CancelTime": "23:00:00"}),
        ("OnErrRtnForQuoteInsert", {"InstrumentID": "m2705-C-3100"}),
    ]
    for name, fields in news:
        feed = logged_in()
        reconnected(feed)
        feed.session.send("ReqForQuoteInsert", {}, feed.now)
        (report,) = feed.callback(name, fields)
        assert not report.replayed, name
