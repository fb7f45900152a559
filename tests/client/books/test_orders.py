"""How a session keeps the books of its orders: by their keys, forwards only, each report and trade once."""

import itertools

import pytest
from support.feed import Feed, buy_two, logged_in, order_report, trade_report

from ctpscen.client.books.orders import Order, Orders
from ctpscen.ctp.messages import Fields
from ctpscen.ctp.times import SECOND


def sent_order(feed: Feed) -> Order:
    """The order of reference 2 that the reports speak of."""
    order = feed.session.insert(buy_two(), feed.now)
    feed.sent()
    assert order.key == (1, 100, "2")
    return order


def test_an_order_is_sent_once_the_api_has_taken_it() -> None:
    feed = logged_in()
    order = feed.session.insert(buy_two(), feed.now)
    assert not order.sent
    feed.sent()
    assert (order.sent, order.status, order.is_final, order.is_working) == (True, None, False, True)


@pytest.mark.parametrize("code", [-1, -2, -3])
def test_an_order_that_the_api_does_not_take_is_refused_by_the_api(code: int) -> None:
    feed = logged_in()
    feed.returns["ReqOrderInsert"] = code
    order = sent_order(feed)
    (report,) = feed.refused
    assert (report.refusal, report.source, report.code, report.order) == ("rejection", "api", code, order)
    assert (order.sent, order.is_final, order.is_working) == (False, True, False)


def test_reports_find_their_order_by_front_session_and_reference() -> None:
    feed = logged_in()
    order = sent_order(feed)
    (own,) = feed.callback("OnRtnOrder", order_report("a"))
    (foreign,) = feed.callback("OnRtnOrder", order_report("a", SessionID=-7))
    assert own.order is order
    assert foreign.order is not None
    assert foreign.order is not order
    assert (foreign.order.key, foreign.order.input, foreign.order.sent) == ((1, -7, "2"), None, True)


def test_an_order_of_somebody_else_works_and_ends_like_ones_own() -> None:
    feed = logged_in()
    (report,) = feed.callback("OnRtnOrder", order_report("3", SessionID=9))
    assert report.order is not None
    assert report.order.is_working
    feed.callback("OnRtnOrder", order_report("5", SessionID=9))
    assert report.order.is_final


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("3", "a"),  # the previous status is pushed once more before the new one
        ("1", "3"),
        ("0", "1"),
        ("0", "a"),
        ("5", "3"),
        ("5", "0"),
        ("0", "5"),
        ("c", "b"),
    ],
)
def test_a_status_never_goes_back(first: str, second: str) -> None:
    order = Order((1, 100, "2"))
    order.update(order_report(first))
    order.update(order_report(second))
    assert order.status == first


def test_between_two_reports_of_one_status_the_larger_volume_counts() -> None:
    order = Order((1, 100, "2"))
    assert order.update(order_report("1", 1, VolumeTotalOriginal=3))
    assert order.update(order_report("1", 2, VolumeTotalOriginal=3))
    assert not order.update(order_report("1", 1, VolumeTotalOriginal=3))
    assert order.value("VolumeTraded") == 2


def test_a_repeated_status_brings_what_is_new_in_it() -> None:
    order = Order((1, 100, "2"))
    order.update(order_report("a"))
    order.update(order_report("a", OrderSysID="          55"))
    assert order.value("OrderSysID") == "          55"


def test_any_replay_of_a_day_leaves_the_books_as_they_were() -> None:
    day: list[tuple[str, Fields]] = [
        ("OnRtnOrder", order_report("a")),
        ("OnRtnOrder", order_report("3")),
        ("OnRtnOrder", order_report("1", 1)),
        ("OnRtnTrade", trade_report(1, "1")),
        ("OnRtnOrder", order_report("0", 2)),
        ("OnRtnTrade", trade_report(1, "2", Price=3152.0)),
    ]
    feed = logged_in()
    order = sent_order(feed)
    for name, fields in day * 3:
        feed.callback(name, fields)
    assert (order.status, order.traded, order.is_final) == ("0", 2, True)
    assert order.average_price == pytest.approx(3151.0)
    assert len(feed.session.books.orders.trades) == 2
    assert feed.session.books.positions["rb2705"].long == 2


def test_in_whatever_order_the_reports_come_the_end_is_the_same() -> None:
    reports = [
        ("o", order_report("3")),
        ("o", order_report("0", 2)),
        ("t", trade_report(1, "1")),
        ("t", trade_report(1, "2")),
    ]
    for order_of_arrival in itertools.permutations(reports):
        orders = Orders()
        order = Order((1, 100, "2"), buy_two(), 1, 0)
        orders.sent(order)
        for kind, fields in order_of_arrival:
            if kind == "o":
                orders.reported(fields)
            else:
                orders.traded(fields)
        assert (order.status, order.traded, order.is_final) == ("0", 2, True)


def test_an_order_is_final_only_when_its_trades_add_up() -> None:
    feed = logged_in()
    order = sent_order(feed)
    feed.callback("OnRtnOrder", order_report("0", 2))
    assert (order.status, order.is_final, order.is_working) == ("0", False, True)
    feed.callback("OnRtnTrade", trade_report(1, "1"))
    assert not order.is_final
    feed.callback("OnRtnTrade", trade_report(1, "2"))
    assert (order.is_final, order.is_working) == (True, False)


def test_a_cancel_after_a_part_is_final_with_the_trade_of_that_part() -> None:
    feed = logged_in()
    order = sent_order(feed)
    feed.callback("OnRtnOrder", order_report("5", 1))
    assert (order.is_final, order.remaining) == (False, 2)
    feed.callback("OnRtnTrade", trade_report(1))
    assert (order.is_final, order.remaining) == (True, 0)


def test_the_trades_of_both_sides_share_a_number_and_are_two() -> None:
    orders = Orders()
    assert orders.traded(trade_report(1, "7", Direction="0"))
    assert orders.traded(trade_report(1, "7", Direction="1"))
    assert not orders.traded(trade_report(1, "7", Direction="1"))
    assert len(orders.trades) == 2


def test_a_trade_that_comes_before_its_order_is_kept_and_attributed_later() -> None:
    feed = logged_in()
    order = sent_order(feed)
    (early,) = feed.callback("OnRtnTrade", trade_report(2))
    assert (early.order, order.traded) == (None, 0)
    assert feed.session.books.positions["rb2705"].long == 2
    (report,) = feed.callback("OnRtnOrder", order_report("0", 2))
    assert report.order is order
    assert (order.traded, order.is_final) == (2, True)


def test_a_trade_is_attributed_by_the_number_of_the_seat_where_the_exchange_s_has_not_come() -> None:
    feed = logged_in()
    order = sent_order(feed)
    feed.callback("OnRtnOrder", order_report("a"))
    (report,) = feed.callback("OnRtnTrade", trade_report(2))
    assert (report.order, order.traded) == (order, 2)


@pytest.mark.parametrize("other", [{"ExchangeID": "DCE"}, {"OrderSysID": "          56", "OrderLocalID": "8"}])
def test_a_trade_of_another_order_is_not_taken_for_this_one(other: Fields) -> None:
    feed = logged_in()
    order = sent_order(feed)
    feed.callback("OnRtnOrder", order_report("3"))
    (report,) = feed.callback("OnRtnTrade", trade_report(2, **other))
    assert (report.order, order.traded) == (None, 0)


def test_a_rejection_by_the_exchange_is_told_from_a_cancel() -> None:
    feed = logged_in()
    order = sent_order(feed)
    text = "49:已撤单报单被拒绝SHFE:价格超出涨停板"
    (refused,) = feed.callback("OnRtnOrder", order_report("5", OrderSubmitStatus="4", OrderSysID="", StatusMsg=text))
    (cancelled,) = feed.callback("OnRtnOrder", order_report("5", OrderRef="3", StatusMsg="已撤单"))
    assert (refused.refusal, refused.source, refused.code) == ("rejection", "exchange", 49)
    assert refused.message == "已撤单报单被拒绝SHFE:价格超出涨停板"
    assert order.is_final
    assert (cancelled.refusal, cancelled.source, cancelled.code) == (None, None, 0)


def test_an_older_core_s_rejection_has_no_number() -> None:
    feed = logged_in()
    text = "已撤单报单被拒绝CFFEX:不被支持的报单类型"
    (report,) = feed.callback("OnRtnOrder", order_report("5", OrderSubmitStatus="4", StatusMsg=text))
    assert (report.refusal, report.code, report.message) == ("rejection", 0, text)


def test_a_refusal_by_the_counter_comes_twice_and_is_one_rejection() -> None:
    feed = logged_in()
    order = feed.session.insert(buy_two(), feed.now)
    request = feed.sent()[0]
    answer = feed.callback("OnRspOrderInsert", order.input, code=31, message="CTP:资金不足", request=request.request_id)
    return_ = feed.callback("OnErrRtnOrderInsert", order.input, code=31, message="CTP:资金不足")
    assert [report.name for report in answer] == ["OnRspOrderInsert", ""]
    assert [report.name for report in return_] == ["OnErrRtnOrderInsert"]
    rejection = answer[1]
    assert (rejection.refusal, rejection.source, rejection.code) == ("rejection", "counter", 31)
    assert (rejection.order, rejection.message) == (order, "CTP:资金不足")
    assert order.is_final
    assert order.status is None


def test_a_refusal_whose_answer_was_lost_is_still_a_rejection() -> None:
    feed = logged_in()
    order = feed.session.insert(buy_two(), feed.now)
    feed.sent()
    reports = feed.callback("OnErrRtnOrderInsert", order.input, code=31)
    assert [report.refusal for report in reports] == [None, "rejection"]
    assert reports[1].order is order


def test_an_order_that_has_a_report_is_not_refused_by_what_another_session_sent_alike() -> None:
    feed = logged_in()
    order = sent_order(feed)
    feed.callback("OnRtnOrder", order_report("3"))
    reports = feed.callback("OnErrRtnOrderInsert", order.input, code=116)
    assert [(report.refusal, report.order) for report in reports] == [(None, None), ("rejection", None)]
    assert order.is_working


def test_the_first_report_of_an_order_takes_back_what_seemed_to_refuse_it() -> None:
    feed = logged_in()
    order = sent_order(feed)
    feed.callback("OnErrRtnOrderInsert", order.input, code=116)
    assert order.is_final
    feed.callback("OnRtnOrder", order_report("a"))
    assert order.is_working


def test_a_late_refusal_of_a_conditional_order_is_not_taken_back_by_a_report_told_again() -> None:
    feed = logged_in()
    order = sent_order(feed)
    feed.callback("OnRtnOrder", order_report("b"))
    late = {"FrontID": 1, "SessionID": 100, "OrderRef": "2", "ErrorID": 31, "ErrorMsg": "CTP:资金不足"}
    feed.callback("OnRtnErrorConditionalOrder", late)
    feed.callback("OnRtnOrder", order_report("b"))
    assert order.is_final


# --------------------------------------------------------------------------------------- orders that never arrived


def cut_off(feed: Feed) -> Order:
    """An order that was sent just before a break, and of which no report has come after it."""
    order = sent_order(feed)
    feed.callback("OnFrontDisconnected", {"nReason": 0x1001})
    feed.log_in(200)
    return order


def answer_orders(feed: Feed, *rows: Fields, code: int = 0, **asked: str) -> None:
    """Has the session ask for its orders, and answers."""
    feed.session.ask("ReqQryOrder", asked, feed.now)
    feed.rest(2 * SECOND)
    number = next(request for request in feed.sent() if request.name == "ReqQryOrder").request_id
    for row in rows:
        feed.callback("OnRspQryOrder", row, request=number, last=False)
    feed.callback("OnRspQryOrder", None, code=code, request=number)


def test_an_order_that_a_whole_answer_of_a_later_login_does_not_have_never_arrived() -> None:
    feed = logged_in()
    order = cut_off(feed)
    assert order.is_working
    answer_orders(feed)
    assert (order.is_working, order.remaining, order.status) == (False, 0, None)


def test_one_that_the_answer_has_works_on() -> None:
    feed = logged_in()
    order = cut_off(feed)
    answer_orders(feed, order_report("3"))
    assert order.is_working


@pytest.mark.parametrize(
    ("code", "asked"), [(1, {}), (0, {"InstrumentID": "cu2612"}), (0, {"OrderSysID": "          55"})]
)
def test_an_answer_that_need_not_have_it_says_nothing(code: int, asked: dict[str, str]) -> None:
    feed = logged_in()
    order = cut_off(feed)
    answer_orders(feed, code=code, **asked)
    assert order.is_working


def test_an_answer_within_its_own_login_says_nothing_of_an_order() -> None:
    feed = logged_in()
    order = sent_order(feed)
    answer_orders(feed)
    assert order.is_working


def test_an_answer_to_a_request_that_a_step_sent_as_it_is_settles_it_too() -> None:
    feed = logged_in()
    order = cut_off(feed)
    request, _ = feed.session.send("ReqQryOrder", {}, feed.now)
    feed.callback("OnRspQryOrder", None, request=request.request_id)
    assert order.is_final


def test_a_cancel_that_finds_nothing_ends_an_order_without_a_report() -> None:
    feed = logged_in()
    order = cut_off(feed)
    feed.session.cancel(order, feed.now)
    request = feed.sent()[-1]
    feed.callback("OnRspOrderAction", {"OrderRef": "2", "SessionID": 100}, code=25, request=request.request_id)
    assert order.is_final


def test_the_first_report_shows_that_an_order_arrived_after_all() -> None:
    feed = logged_in()
    order = cut_off(feed)
    answer_orders(feed)
    feed.callback("OnRtnOrder", order_report("3"))
    assert order.is_working


def test_the_second_refused_cancel_of_an_order_is_a_second_rejection() -> None:
    feed = logged_in()
    order = sent_order(feed)
    rejections = 0
    for _ in range(2):
        feed.session.cancel(order, feed.now)
        request = feed.sent()[0]
        for name, number in (("OnRspOrderAction", request.request_id), ("OnErrRtnOrderAction", 0)):
            fields = {"OrderRef": "2", "FrontID": 1, "SessionID": 100}
            reports = feed.callback(name, fields, code=26, request=number)
            rejections += sum(report.refusal == "cancel_rejection" for report in reports)
    assert rejections == 2


def test_a_refused_cancel_says_nothing_of_the_order_s_end() -> None:
    feed = logged_in()
    order = sent_order(feed)
    feed.callback("OnRtnOrder", order_report("3"))
    feed.session.cancel(order, feed.now)
    request = feed.sent()[0]
    reports = feed.callback("OnRspOrderAction", {"OrderRef": "2"}, code=25, request=request.request_id)
    assert [(report.refusal, report.source) for report in reports] == [(None, None), ("cancel_rejection", "counter")]
    assert (order.status, order.is_working) == ("3", True)


def test_a_cancel_that_the_exchange_refuses_is_the_exchange_s() -> None:
    feed = logged_in()
    order = sent_order(feed)
    feed.session.cancel(order, feed.now)
    feed.sent()
    fields = {"OrderRef": "2", "FrontID": 1, "SessionID": 100}
    reports = feed.callback("OnErrRtnOrderAction", fields, code=91, message="SHFE:报单已经撤销")
    assert [(report.refusal, report.source) for report in reports] == [(None, None), ("cancel_rejection", "exchange")]
    assert reports[1].order is order


def test_a_cancel_names_the_exchange_s_number_once_it_is_known() -> None:
    feed = logged_in()
    order = sent_order(feed)
    early = feed.session.cancel(order, feed.now)
    feed.callback("OnRtnOrder", order_report("3"))
    late = feed.session.cancel(order, feed.now)
    key = {"FrontID": 1, "SessionID": 100, "OrderRef": "2", "ExchangeID": "SHFE", "InstrumentID": "rb2705"}
    assert early.fields is not None
    assert late.fields is not None
    assert "OrderSysID" not in early.fields
    assert late.fields["OrderSysID"] == "          55", "its blanks belong to it"
    assert early.fields.items() >= key.items()
    assert late.fields.items() >= key.items()


def test_a_field_is_read_from_the_newest_report_and_before_it_from_what_was_sent() -> None:
    feed = logged_in()
    order = sent_order(feed)
    assert (order.read("limit_price"), order.read("order_sys_id")) == (3150.0, "")
    feed.callback("OnRtnOrder", order_report("1", 1, LimitPrice=3150.0))
    assert (order.read("volume_traded"), order.read("VolumeTotal"), order.read("status")) == (1, 1, "1")
    with pytest.raises(KeyError):
        order.read("no_such_field")


def test_an_order_without_trades_has_no_average_price() -> None:
    assert Order((1, 100, "2")).average_price is None
