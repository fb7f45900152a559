"""Queries: one at a time, paced, asked again when the front says later or says nothing."""

import pytest
from support.feed import Feed, logged_in

from ctpscen.client.queries import Query
from ctpscen.ctp.messages import Request
from ctpscen.ctp.times import MILLISECOND, SECOND

PACE = 1_100 * MILLISECOND
SILENCE = 5 * SECOND


def ask(feed: Feed, name: str = "ReqQryOrder") -> Query:
    return feed.session.ask(name, {}, feed.now)


def only(requests: list[Request]) -> Request:
    (request,) = requests
    return request


def answer(feed: Feed, request: Request, *rows: str) -> None:
    """Answers a query with rows, or with the empty answer."""
    callback = request.name.replace("Req", "OnRsp")
    for index, row in enumerate(rows):
        feed.callback(callback, {"OrderRef": row}, request=request.request_id, last=index == len(rows) - 1)
    if not rows:
        feed.callback(callback, None, request=request.request_id)


def test_a_query_bears_who_asks() -> None:
    feed = logged_in()
    feed.session.ask("ReqQryOrder", {"InstrumentID": "rb2705"}, feed.now)
    assert only(feed.sent()).fields == {"BrokerID": "9999", "InvestorID": "100001", "InstrumentID": "rb2705"}


def test_an_answer_is_whole_with_its_last_row() -> None:
    feed = logged_in()
    query = ask(feed)
    number = only(feed.sent()).request_id
    assert feed.callback("OnRspQryOrder", {"OrderRef": "1"}, request=number, last=False) == []
    assert not query.done
    assert feed.callback("OnRspQryOrder", {"OrderRef": "2"}, request=number) == []
    assert query.done
    assert [row["OrderRef"] for row in query.rows] == ["1", "2"]


def test_an_empty_answer_is_an_answer() -> None:
    feed = logged_in()
    query = ask(feed)
    answer(feed, only(feed.sent()))
    assert (query.done, query.rows, query.code) == (True, [], 0)


def test_the_next_query_waits_for_the_answer_and_for_its_pace() -> None:
    feed = logged_in()
    ask(feed)
    ask(feed, "ReqQryTrade")
    first = only(feed.sent())
    feed.rest(2 * SECOND)
    assert feed.sent() == []
    answer(feed, first)
    assert feed.names() == ["ReqQryTrade"]


def test_a_quick_answer_does_not_hurry_the_next_query() -> None:
    feed = logged_in()
    ask(feed)
    answer(feed, only(feed.sent()))
    ask(feed, "ReqQryTrade")
    feed.rest(PACE - MILLISECOND)
    assert feed.sent() == []
    feed.rest(MILLISECOND)
    assert feed.names() == ["ReqQryTrade"]


@pytest.mark.parametrize("code", [90, 154])
def test_a_front_that_says_later_is_asked_again(code: int) -> None:
    feed = logged_in()
    query = ask(feed)
    first = only(feed.sent())
    feed.callback("OnRspError", code=code, message="CTP：查询未就绪，请稍后重试", request=first.request_id)
    feed.rest(PACE - MILLISECOND)
    assert feed.sent() == []
    feed.rest(MILLISECOND)
    second = only(feed.sent())
    assert (second.name, second.fields) == (first.name, first.fields)
    answer(feed, second, "1")
    assert (query.done, query.code, query.attempts) == (True, 0, 2)


@pytest.mark.parametrize("code", [-2, -3])
def test_an_api_that_says_later_is_asked_again(code: int) -> None:
    feed = logged_in()
    feed.returns["ReqQryOrder"] = code
    query = ask(feed)
    feed.sent()
    feed.returns.clear()
    feed.rest(PACE - MILLISECOND)
    assert feed.sent() == []
    feed.rest(MILLISECOND)
    answer(feed, only(feed.sent()))
    assert (query.done, query.code) == (True, 0)


def test_an_api_without_a_connection_is_not_asked_again() -> None:
    feed = logged_in()
    feed.returns["ReqQryOrder"] = -1
    query = ask(feed)
    feed.sent()
    assert (query.done, query.code) == (True, -1)


def test_a_refusal_for_good_ends_the_query() -> None:
    feed = logged_in()
    query = ask(feed)
    feed.callback("OnRspQryOrder", None, code=9, message="CTP:用户没有权限", request=only(feed.sent()).request_id)
    assert (query.done, query.code, query.message) == (True, 9, "CTP:用户没有权限")


def test_after_five_seconds_of_silence_it_is_asked_again_under_a_new_number() -> None:
    feed = logged_in()
    query = ask(feed)
    first = only(feed.sent())
    feed.rest(SILENCE - MILLISECOND)
    assert feed.sent() == []
    feed.rest(MILLISECOND + PACE)
    second = only(feed.sent())
    assert second.request_id != first.request_id
    answer(feed, second, "7")
    assert (query.done, query.attempts) == (True, 2)
    assert [row["OrderRef"] for row in query.rows] == ["7"]


def test_rows_of_an_answer_that_broke_off_are_dropped() -> None:
    feed = logged_in()
    query = ask(feed)
    feed.callback("OnRspQryOrder", {"OrderRef": "1"}, request=only(feed.sent()).request_id, last=False)
    feed.callback("OnFrontDisconnected", {"nReason": 0x1001})
    feed.rest(3 * SECOND)
    feed.log_in(200)
    feed.rest(PACE)
    feed.session.wake(feed.now)
    assert query.attempts == 2
    answer(feed, Request(1, "trader", feed.now, 0, "ReqQryOrder", {}, query.request_id), "1", "2")
    assert [row["OrderRef"] for row in query.rows] == ["1", "2"]


def test_nothing_is_asked_before_the_login() -> None:
    feed = Feed()
    feed.up()
    feed.sent()
    ask(feed)
    feed.rest(60 * SECOND)
    assert feed.sent() == []
    assert feed.session.deadline() is None
    feed.callback("OnRspUserLogin", {"FrontID": 1, "SessionID": 100})
    assert feed.names() == ["ReqQryOrder"]


def test_a_query_that_nobody_waits_for_any_more_is_not_sent() -> None:
    feed = logged_in()
    ask(feed)
    second = ask(feed, "ReqQryTrade")
    first = only(feed.sent())
    feed.session.queries.withdraw(second)
    answer(feed, first)
    feed.rest(10 * SECOND)
    assert feed.sent() == []


def test_an_answer_to_nobody_is_an_ordinary_report() -> None:
    feed = logged_in()
    (report,) = feed.callback("OnRspQryOrder", {"OrderRef": "1"}, request=77)
    assert (report.name, report.request_id) == ("OnRspQryOrder", 77)
