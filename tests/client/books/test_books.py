"""The books of a login, fed with its traffic alone: they are the same, whoever drives the API."""

from typing import Any

from attrs import asdict
from support.feed import Feed, buy_two, logged_in, order_report, trade_report

from ctpscen.client.books.books import Books
from ctpscen.client.books.orders import key_of
from ctpscen.client.books.reports import Report
from ctpscen.ctp.messages import Callback, Request
from ctpscen.ctp.times import SECOND


class Watched(Feed):
    """A session whose traffic somebody watches: `seen` are the reports that the watcher makes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.books = Books()
        self.seen: list[Report] = []
        self.made: list[Report] = []

    def sent(self) -> list[Request]:
        requests = super().sent()
        for request in requests:
            if not request.name.startswith("Req"):
                self.books.called(request)
            elif request.name == "ReqOrderInsert":
                self.books.inserted(request)
            elif request.name == "ReqOrderAction":
                self.books.canceled(request, self.books.orders.by_key[key_of(request.fields or {})])
            self.seen += self.books.returned(request, self.returns.get(request.name, 0), self.now)
        return requests

    def receive(self, callback: Callback) -> list[Report]:
        self.sent()
        self.seen += self.books.receive(callback)
        reports = super().receive(callback)
        self.made += reports
        return reports


def plain(report: Report) -> dict[str, Any]:
    """A report with its order by that one's key."""
    values = asdict(report, recurse=False)
    return {**values, "order": report.order.key if report.order else None}


def known(books: Books) -> list[Any]:
    """What a scenario can ask of books."""
    orders = [(key, order.status, order.traded, order.refused) for key, order in books.orders.by_key.items()]
    where = [books.connection.state, books.connection.number, books.front_id, books.session_id, books.trading_day]
    return [*where, orders, books.positions]


def test_who_watches_an_api_knows_what_its_driver_knows() -> None:
    feed = Watched()
    feed.session.create(feed.now)
    feed.log_in()
    first = feed.session.insert(buy_two(), feed.now)
    feed.callback("OnRtnOrder", order_report("3"))
    feed.callback("OnRtnTrade", trade_report(1))
    feed.session.cancel(first, feed.now)
    feed.callback("OnRspOrderAction", {"OrderRef": "2", "SessionID": 100}, code=26, request=5)
    feed.session.insert(buy_two(), feed.now, "77")
    feed.callback("OnErrRtnOrderInsert", {**buy_two(), "OrderRef": "77"}, code=31)
    feed.callback("OnFrontDisconnected", {"nReason": 0x1001})
    feed.now += 10 * SECOND
    feed.log_in(200)
    feed.callback("OnRtnOrder", order_report("0", 2))
    feed.callback("OnRtnTrade", trade_report(1, "2"))
    feed.returns["ReqOrderInsert"] = -1
    feed.session.insert(buy_two(), feed.now)
    feed.sent()

    assert [plain(report) for report in feed.seen] == [plain(report) for report in [*feed.made, *feed.refused]]
    assert known(feed.books) == known(feed.session.books)
    assert {report.refusal for report in feed.seen} == {None, "rejection", "cancel_rejection"}


def test_a_position_of_today_is_yesterday_s_from_the_next_trading_day_on() -> None:
    feed = logged_in()
    feed.callback("OnRtnTrade", trade_report(2))
    held = feed.session.books.positions["rb2705"]
    feed.log_in(200)
    assert (held.long_today, held.long_yesterday) == (2, 0)
    answer = {"FrontID": 1, "SessionID": 300, "TradingDay": "20261124"}
    feed.callback("OnFrontDisconnected", {"nReason": 0x1001})
    feed.up()
    feed.callback("OnRspAuthenticate")
    feed.callback("OnRspUserLogin", answer)
    assert (held.long_today, held.long_yesterday) == (0, 2)
