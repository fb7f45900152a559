"""The market-data link beside a session: it subscribes to what is wanted, after every connection anew."""

from support.feed import Feed, logged_in

from ctpscen.ctp.messages import Fields, Request


def market(feed: Feed) -> list[tuple[str, Fields | None]]:
    """What was asked of the market API since the last call."""
    return [(request.name, request.fields) for request in feed.sent() if request.kind == "market"]


def subscriptions(requests: list[tuple[str, Fields | None]]) -> list[Fields | None]:
    return [fields for name, fields in requests if name == "SubscribeMarketData"]


def market_up(feed: Feed) -> None:
    feed.callback("OnFrontConnected", kind="market")
    feed.callback("OnRspUserLogin", kind="market")


def quote(feed: Feed, instrument: str = "rb2705") -> list[str]:
    """Delivers a quote; gives the names of the reports that it makes."""
    fields = {"InstrumentID": instrument, "LastPrice": 3150.0}
    return [report.name for report in feed.callback("OnRtnDepthMarketData", fields, kind="market")]


def test_without_a_wish_there_is_no_market_api() -> None:
    assert market(logged_in()) == []


def test_what_is_wanted_before_the_connect_is_subscribed_after_the_login() -> None:
    feed = Feed()
    feed.session.market.want(["rb2705"], feed.now)
    assert market(feed) == []
    feed.session.create(feed.now)
    assert [name for name, _ in market(feed)] == ["CreateFtdcMdApi", "RegisterSpi", "RegisterFront", "Init"]
    feed.callback("OnFrontConnected", kind="market")
    assert [name for name, _ in market(feed)] == ["ReqUserLogin"]
    feed.callback("OnRspUserLogin", kind="market")
    assert subscriptions(market(feed)) == [{"ppInstrumentID": ["rb2705"]}]


def test_a_wish_in_the_middle_makes_the_market_api() -> None:
    feed = logged_in()
    feed.session.market.want(["rb2705"], feed.now)
    assert market(feed)[0][0] == "CreateFtdcMdApi"


def test_a_wish_is_subscribed_once() -> None:
    feed = logged_in()
    feed.session.market.want(["rb2705"], feed.now)
    market_up(feed)
    market(feed)
    feed.session.market.want(["rb2705", "m2705"], feed.now)
    assert subscriptions(market(feed)) == [{"ppInstrumentID": ["m2705"]}]


def test_after_a_break_everything_is_subscribed_again() -> None:
    feed = logged_in()
    feed.session.market.want(["rb2705", "m2705"], feed.now)
    market_up(feed)
    market(feed)
    feed.callback("OnFrontDisconnected", {"nReason": 0x1001}, kind="market")
    market_up(feed)
    assert subscriptions(market(feed)) == [{"ppInstrumentID": ["rb2705", "m2705"]}]


def test_quotes_feed_the_prices_and_are_reports_only_after_a_subscribe() -> None:
    feed = logged_in()
    feed.session.market.want(["rb2705"], feed.now)
    market_up(feed)
    assert quote(feed) == []
    assert feed.session.books.quotes["rb2705"]["LastPrice"] == 3150.0
    feed.session.market.report(["rb2705"], feed.now)
    assert quote(feed) == ["OnRtnDepthMarketData"]
    assert quote(feed, "m2705") == []


def test_a_subscribe_to_what_is_known_asks_for_a_new_snapshot() -> None:
    feed = logged_in()
    feed.session.market.want(["rb2705"], feed.now)
    market_up(feed)
    market(feed)
    feed.session.market.report(["rb2705"], feed.now)
    assert subscriptions(market(feed)) == [{"ppInstrumentID": ["rb2705"]}]


def test_what_is_unsubscribed_is_no_report_and_does_not_come_back() -> None:
    feed = logged_in()
    feed.session.market.report(["rb2705", "m2705"], feed.now)
    market_up(feed)
    feed.session.market.unwant(["rb2705"], feed.now)
    assert market(feed)[-1] == ("UnSubscribeMarketData", {"ppInstrumentID": ["rb2705"]})
    assert quote(feed) == []
    feed.callback("OnFrontDisconnected", {"nReason": 0x1001}, kind="market")
    market_up(feed)
    assert subscriptions(market(feed)) == [{"ppInstrumentID": ["m2705"]}]


def test_the_market_link_is_no_part_of_the_trading_connection() -> None:
    feed = logged_in()
    feed.session.market.want(["rb2705"], feed.now)
    market_up(feed)
    assert feed.callback("OnFrontDisconnected", {"nReason": 0x1001}, kind="market") == []
    assert feed.session.connection.state == "ready"


def test_release_ends_both_objects() -> None:
    feed = logged_in()
    feed.session.market.want(["rb2705"], feed.now)
    market_up(feed)
    feed.sent()
    feed.session.release(feed.now)
    released: list[Request] = feed.sent()
    assert [(request.kind, request.name) for request in released] == [("trader", "Release"), ("market", "Release")]


def test_inquiries_are_listened_to_after_every_connection_and_are_reports() -> None:
    feed = logged_in()
    feed.session.market.listen("m2705-C-3100", feed.now)
    assert [name for name, _ in market(feed)] == ["CreateFtdcMdApi", "RegisterSpi", "RegisterFront", "Init"]
    for _ in range(2):
        market_up(feed)
        wanted = {"ppInstrumentID": ["m2705-C-3100"]}
        assert market(feed) == [("ReqUserLogin", market_login(feed)), ("SubscribeForQuoteRsp", wanted)]
        told = feed.callback("OnRtnForQuoteRsp", {"InstrumentID": "m2705-C-3100"}, kind="market")
        assert [report.name for report in told] == ["OnRtnForQuoteRsp"]
        feed.callback("OnFrontDisconnected", {"nReason": 0x1001}, kind="market")
    market_up(feed)
    market(feed)
    feed.session.market.listen("m2705-C-3100", feed.now, ends=True)
    assert [name for name, _ in market(feed)] == ["UnSubscribeForQuoteRsp"]


def market_login(feed: Feed) -> Fields:
    return feed.session.market.identity.as_user()
