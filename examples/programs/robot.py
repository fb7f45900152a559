"""A small trading robot on openctp_ctp: it logs in, asks what is there, places one order, and stays until it is ended.

    python robot.py [--contract cu2612] [--volume 5] [--price 70000] [--private resume|restart|quick] [--flaw NAME …]

As it stands it does everything right. Each `--flaw` is a mistake that real programs make; `--help` tells them.
"""

import argparse
import os
import queue
import signal
import time
from collections.abc import Callable
from typing import Any

from openctp_ctp import mdapi, tdapi

FLAWS = {
    "gives-up": "does not log in again when a login is refused",
    "logs-in-once": "does not log in again after a disconnection",
    "login-storm": "tries a refused login again at once, and again",
    "no-confirmation": "does not confirm the settlement",
    "resends": "places its order again after each login",
    "forgets": "does not ask which orders it has when it starts",
    "order-while-down": "places its order when the connection breaks",
    "impatient": "places its order again when nothing is heard of it for 5 s",
    "insists": "places a refused order again, and again",
    "takes-refusal-for-cancel": "takes an order that the exchange refused for a cancelled one, and replaces it",
    "bursts": "places its lots one by one, all at once",
    "counts-repeats": "counts a trade as often as it is reported",
    "counts-orders": "adds up what its orders say they have traded, not its trades",
    "drops-early-trades": "ignores a trade whose order it has not heard of",
    "asks-nothing": "on QUICK, does not ask what it missed",
    "one-query": "does not repeat a query that is refused",
    "query-storm": "repeats a refused query at once, and again",
    "knows-every-row": "looks positions up among the contracts that it knows, and crashes on another's",
    "takes-rows-for-answers": "takes every row of an answer for all of it, and crashes where there are many",
    "decodes-pieces": "reads each piece of a settlement statement by itself, and crashes where it ends in a character",
    "trusts-old-quotes": "places its order on the first quote, however old it is",
    "takes-every-price": "counts with prices that have no value, and crashes",
    "believes-quote-days": "takes the day in a quote for today's, and begins anew when it changes",
    "leaves-orders": "leaves its orders working when it ends",
    "cancel-storm": "repeats a refused cancel at once, and again",
    "hangs": "does not end while it has no connection",
    "crashes-early": "crashes when it is ended before it has logged in",
    "old-reference": "starts its OrderRefs at 1 after every login of a day",
    "subscribes-once": "does not subscribe again after its market connection broke",
    "calls-after-release": "asks for its account after it has released the API",
    "pays-twice": "asks the bank for money again when nothing is heard of it for 5 s",
    "waits-for-order": "does not end before its order is heard of",
}

# Settings of its own. Nothing serves this address: wherever the robot runs, it reaches only what is put before it.
FRONT, MARKET_FRONT = "tcp://127.0.0.1:41205", "tcp://127.0.0.1:41213"
MONEY_PASSWORD = "a-password-for-money"
BROKER, USER, PASSWORD, APP, CODE = "8080", "60010086", "a-password-of-mine", "client_robot_1.0", "CODE0123456789AB"

NOT_YET = {7, 8, 21, 90, 154}
RETRY, RETRY_WHILE_CLOSED, QUERY_PAUSE, PATIENCE, FRESH = 10.0, 45.0, 1.1, 5.0, 60
WORKING = set("13a")

Handler = Callable[..., None]


def say(*words: object) -> None:
    print(time.strftime("%H:%M:%S"), *words, flush=True)


def plain(field: Any) -> dict[str, Any]:
    """A record's values: the library takes the record itself back when the callback returns."""
    if field is None:
        return {}
    return {name: getattr(field, name) for name in dir(field) if name[0].isupper()}


class Spi(tdapi.CThostFtdcTraderSpi):
    """Callbacks come on the library's thread, and are handed to the robot's own."""

    def __init__(self, put: Callable[..., None]) -> None:
        super().__init__()
        self.put = put

    def OnFrontConnected(self) -> None:
        self.put("connected")

    def OnFrontDisconnected(self, reason: int) -> None:
        self.put("disconnected", reason)

    def OnRspError(self, error: Any, number: int, last: bool) -> None:
        self.put("query_refused", plain(error), number)

    def OnRspAuthenticate(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("authenticated", plain(error))

    def OnRspUserLogin(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("login_answered", plain(field), plain(error))

    def OnRspSettlementInfoConfirm(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("confirmed")

    def OnRspQryOrder(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("row", "order", plain(field), last)

    def OnRspQryTrade(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("row", "trade", plain(field), last)

    def OnRspQryInvestorPosition(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("row", "position", plain(field), last)

    def OnRspQryInstrument(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("row", "instrument", {} if field is None else {"InstrumentID": field.InstrumentID}, last)

    def OnRspQrySettlementInfo(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("statement", b"" if field is None else field.Content, last)

    def OnRspOrderInsert(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("order_refused", plain(field), plain(error))

    def OnRspOrderAction(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("cancel_refused", plain(field), plain(error))

    def OnErrRtnOrderAction(self, field: Any, error: Any) -> None:
        self.put("cancel_refused", plain(field), plain(error))

    def OnRtnOrder(self, field: Any) -> None:
        self.put("order", plain(field))

    def OnRtnTrade(self, field: Any) -> None:
        self.put("trade", plain(field))

    def OnRtnFromBankToFutureByFuture(self, field: Any) -> None:
        self.put("transferred", plain(field))


class MarketSpi(mdapi.CThostFtdcMdSpi):
    def __init__(self, put: Callable[..., None]) -> None:
        super().__init__()
        self.put = put

    def OnFrontConnected(self) -> None:
        self.put("market_connected")

    def OnRspUserLogin(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("market_logged_in")

    def OnRtnDepthMarketData(self, field: Any) -> None:
        self.put("quote", plain(field))


class Robot:
    """What is known, and what is to be done about it. All of it runs on one thread."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        # The handler of SIGTERM puts into it as well, and may do so while `get` holds the lock of an ordinary queue.
        self.events: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self.timers: list[tuple[float, Handler]] = []
        self.number = self.reference = self.front = self.session = 0
        self.ready = self.subscribed = self.placed = self.fresh = self.due = self.paid = False
        self.heard_of_money = False
        self.statement = b""
        self.ending_since: float | None = None
        self.orders: dict[tuple[int, int, str], dict[str, Any]] = {}
        self.trades: dict[object, dict[str, Any]] = {}
        self.counted: dict[tuple[int, int, str], int] = {}
        self.sent: tuple[int, int, str] | None = None
        self.queries: list[str] = []

    def has(self, flaw: str) -> bool:
        return flaw in self.options.flaw

    def next(self) -> int:
        self.number += 1
        return self.number

    def after(self, seconds: float, handler: Handler) -> None:
        self.timers.append((time.monotonic() + seconds, handler))

    # ------------------------------------------------------------------------------------------------- the life

    def run(self) -> int:
        self.start()
        while True:
            self.timers.sort(key=lambda timer: timer[0])
            due = [self.timers[0][0] - time.monotonic()] if self.timers else []
            due += [1.0] if self.ending_since is not None else []  # whether it may end is asked every second
            try:
                name, *arguments = self.events.get(timeout=max(0.0, min(due)) if due else None)
            except queue.Empty:
                pass
            else:
                getattr(self, f"on_{name}")(*arguments)
            while self.timers and self.timers[0][0] <= time.monotonic():
                self.timers.pop(0)[1]()
            if self.ending_since is not None and self.may_end():
                break
        self.api.Release()
        if self.has("calls-after-release"):
            self.api.ReqQryTradingAccount(tdapi.CThostFtdcQryTradingAccountField(), self.next())
        if self.market is not None:
            self.market.Release()
        say("ended")
        return 0

    def start(self) -> None:
        os.makedirs("flow", exist_ok=True)
        self.spi = Spi(lambda *event: self.events.put(event))
        self.api = tdapi.CThostFtdcTraderApi.CreateFtdcTraderApi("flow/trader_")
        self.api.RegisterSpi(self.spi)
        modes = {
            "restart": tdapi.THOST_TERT_RESTART,
            "resume": tdapi.THOST_TERT_RESUME,
            "quick": tdapi.THOST_TERT_QUICK,
        }
        self.api.SubscribePrivateTopic(modes[self.options.private])
        self.api.SubscribePublicTopic(tdapi.THOST_TERT_QUICK)
        self.api.RegisterFront(FRONT)
        self.api.Init()
        self.market = None
        if self.options.market:
            self.market_spi = MarketSpi(lambda *event: self.events.put(event))
            self.market = mdapi.CThostFtdcMdApi.CreateFtdcMdApi("flow/market_")
            self.market.RegisterSpi(self.market_spi)
            self.market.RegisterFront(MARKET_FRONT)
            self.market.Init()

    def on_end(self) -> None:
        if self.ending_since is None:
            say("ending")
            self.ending_since = time.monotonic()
            if self.has("crashes-early") and not self.ready:
                os.abort()
            if self.ready and not self.has("leaves-orders"):
                self.cancel_all()

    def may_end(self) -> bool:
        """Whether nothing is left to wait for: with a connection, its orders end first."""
        assert self.ending_since is not None
        if self.has("hangs") and not self.ready:
            return False
        if self.has("waits-for-order") and self.sent is not None and self.sent not in self.orders:
            return False
        if not self.ready or self.has("leaves-orders"):
            return True
        return not self.working() or time.monotonic() - self.ending_since > PATIENCE

    # ------------------------------------------------------------------------------------------------ connecting

    def on_connected(self) -> None:
        say("connected")
        if self.has("logs-in-once") and self.front:
            return
        field = tdapi.CThostFtdcReqAuthenticateField()
        field.BrokerID, field.UserID, field.AppID, field.AuthCode = BROKER, USER, APP, CODE
        self.api.ReqAuthenticate(field, self.next())

    def on_disconnected(self, reason: int) -> None:
        say(f"disconnected 0x{reason:x}")
        self.ready = False
        self.timers.clear()
        if self.has("order-while-down"):
            self.place(self.options.volume)

    def on_authenticated(self, error: dict[str, Any]) -> None:
        if error.get("ErrorID"):
            say("authentication refused", error["ErrorID"], error["ErrorMsg"])
            if not self.has("gives-up"):
                self.after(RETRY_WHILE_CLOSED, self.on_connected)
        else:
            self.login()

    def login(self) -> None:
        field = tdapi.CThostFtdcReqUserLoginField()
        field.BrokerID, field.UserID, field.Password = BROKER, USER, PASSWORD
        say("login sent", self.api.ReqUserLogin(field, self.next()))

    def on_login_answered(self, field: dict[str, Any], error: dict[str, Any]) -> None:
        code = error.get("ErrorID", 0)
        if code:
            say("login refused", code, error["ErrorMsg"])
            if self.has("login-storm"):
                self.after(0.1, self.login)
            elif code in NOT_YET and not self.has("gives-up"):
                self.after(RETRY, self.login)
            return
        say("logged in", field["TradingDay"])
        self.front, self.session = field["FrontID"], field["SessionID"]
        self.reference = 0 if self.has("old-reference") else max(self.reference, int(field["MaxOrderRef"].strip() or 0))
        if self.has("no-confirmation"):
            self.on_confirmed()
            return
        confirm = tdapi.CThostFtdcSettlementInfoConfirmField()
        confirm.BrokerID, confirm.InvestorID = BROKER, USER
        self.api.ReqSettlementInfoConfirm(confirm, self.next())

    def on_confirmed(self) -> None:
        self.queries = [] if self.has("forgets") else ["Order", "Trade", "InvestorPosition"]
        self.queries += ["SettlementInfo"] if self.options.statement else []
        self.queries += ["Instrument"] if self.options.contracts else []
        if self.options.private == "quick" and self.has("asks-nothing"):
            self.queries = []
        self.ask()

    # --------------------------------------------------------------------------------------------------- queries

    def ask(self) -> None:
        """Sends the next query, or goes on where there is none; one at a time, and one a second."""
        if not self.queries:
            self.when_ready()
            return
        what = self.queries[0]
        field = getattr(tdapi, f"CThostFtdcQry{what}Field")()
        if what != "Instrument":
            field.BrokerID, field.InvestorID = BROKER, USER
        if getattr(self.api, f"ReqQry{what}")(field, self.next()):
            self.after(QUERY_PAUSE, self.ask)

    def on_row(self, what: str, field: dict[str, Any], last: bool) -> None:
        handlers = {"order": self.on_order, "trade": self.on_trade, "position": self.on_position}
        if self.has("knows-every-row") and field:
            assert {self.options.contract: True}[field["InstrumentID"]]
        if field and field["InstrumentID"] == self.options.contract and what in handlers:
            handlers[what](field)
        if last or self.has("takes-rows-for-answers"):
            self.queries.pop(0)
            self.after(QUERY_PAUSE, self.ask)

    def on_position(self, field: dict[str, Any]) -> None:
        """A row of its own contract. Of others, and of spreads that others have made, it makes nothing."""
        say("held", "long" if field["PosiDirection"] == "2" else "short", field["Position"])

    def on_statement(self, content: bytes, last: bool) -> None:
        """A piece of yesterday's statement: it ends wherever its field does, inside a Chinese character too."""
        self.statement += content
        if self.has("decodes-pieces"):
            content.decode("gb18030")
        if last:
            say("statement", len(self.statement.decode("gb18030")), "characters")
            self.queries.pop(0)
            self.after(QUERY_PAUSE, self.ask)

    def on_query_refused(self, error: dict[str, Any], number: int) -> None:
        say("query refused", error.get("ErrorID"), error.get("ErrorMsg"))
        if not self.has("one-query"):
            self.after(0.01 if self.has("query-storm") else QUERY_PAUSE, self.ask)

    # -------------------------------------------------------------------------------------------------- the order

    def when_ready(self) -> None:
        """All that the front knows is known: places what is missing."""
        self.ready = True
        say("ready")
        if self.options.deposit and not self.paid:
            self.deposit()
        if self.ending_since is not None:
            self.cancel_all()
        elif self.has("resends"):
            self.place(self.options.volume)
        elif not self.placed or self.has("forgets"):
            self.due = True
            self.place_what_is_due()

    def place_what_is_due(self) -> None:
        """Places what is missing; where it follows the market, not before a quote has told that there is one."""
        if self.market is not None and not self.fresh:
            return
        missing = self.options.volume - self.position - sum(order["VolumeTotal"] for order in self.working())
        self.due, self.placed = False, True
        if missing > 0:
            self.place(missing)

    @property
    def position(self) -> int:
        if self.has("counts-orders"):
            return sum(self.counted.values())
        return sum(trade["Volume"] for trade in self.trades.values())

    def working(self) -> list[dict[str, Any]]:
        return [order for order in self.orders.values() if order["OrderStatus"] in WORKING]

    def place(self, volume: int) -> None:
        if self.options.watch:
            return
        if self.has("bursts") and volume > 1:
            for _ in range(volume):
                self.place(1)
            return
        self.reference += 1
        order = tdapi.CThostFtdcInputOrderField()
        order.BrokerID, order.InvestorID, order.UserID = BROKER, USER, USER
        order.InstrumentID, order.ExchangeID = self.options.contract, self.options.exchange
        order.OrderRef = str(self.reference)
        order.Direction, order.CombOffsetFlag, order.CombHedgeFlag = "0", "0", "1"
        order.OrderPriceType, order.LimitPrice, order.VolumeTotalOriginal = "2", self.options.price, volume
        order.TimeCondition, order.VolumeCondition, order.MinVolume = "3", "1", 1
        order.ContingentCondition, order.ForceCloseReason = "1", "0"
        self.sent = key = (self.front, self.session, order.OrderRef)
        say("order sent", order.OrderRef, volume, self.api.ReqOrderInsert(order, self.next()))
        if self.has("impatient"):
            self.after(PATIENCE, lambda: self.place(volume) if key not in self.orders else None)

    def deposit(self) -> None:
        """Has the bank send money."""
        self.paid = True
        field = tdapi.CThostFtdcReqTransferField()
        field.TradeCode, field.BankID, field.BankBranchID, field.BrokerID = "202001", "1", "0000", BROKER
        field.AccountID, field.Password, field.SecuPwdFlag = USER, MONEY_PASSWORD, "1"
        field.CurrencyID, field.TradeAmount = "CNY", self.options.deposit
        say("transfer sent", self.api.ReqFromBankToFutureByFuture(field, self.next()))
        if self.has("pays-twice"):
            self.after(PATIENCE, lambda: None if self.heard_of_money else self.deposit())

    def on_transferred(self, field: dict[str, Any]) -> None:
        self.heard_of_money = True
        say("transferred", field["TradeAmount"], field["ErrorID"], field["ErrorMsg"])

    def on_order_refused(self, field: dict[str, Any], error: dict[str, Any]) -> None:
        say("order refused", error["ErrorID"], error["ErrorMsg"])
        if self.has("insists"):
            self.after(0.2, lambda: self.place(field["VolumeTotalOriginal"]))

    def on_order(self, field: dict[str, Any]) -> None:
        key = field["FrontID"], field["SessionID"], field["OrderRef"].strip()
        known = self.orders.get(key)
        if known is not None and known["OrderStatus"] in "05":
            field = {**field, "OrderStatus": known["OrderStatus"]}
        self.orders[key] = field
        say(
            "order",
            key[2],
            field["OrderStatus"],
            f"{field['VolumeTraded']}/{field['VolumeTotalOriginal']}",
            field["StatusMsg"],
        )
        if self.has("counts-orders"):
            self.counted[key] = self.counted.get(key, 0) + field["VolumeTraded"]
            say("position", self.position)
        refused = field["OrderStatus"] == "5" and field["OrderSubmitStatus"] == "4"
        if refused and self.has("takes-refusal-for-cancel") and self.ready:
            self.after(0.2, lambda: self.place(field["VolumeTotalOriginal"]))

    def on_trade(self, field: dict[str, Any]) -> None:
        key: object = (field["ExchangeID"], field["TradeID"], field["Direction"])
        if self.has("counts-repeats"):
            key = object()
        if self.has("drops-early-trades") and not any(
            order["OrderSysID"] == field["OrderSysID"] for order in self.orders.values()
        ):
            return
        if key not in self.trades:
            self.trades[key] = field
            if not self.has("counts-orders"):
                say("position", self.position)

    def cancel_all(self) -> None:
        for order in self.working():
            self.cancel(order)

    def cancel(self, order: dict[str, Any]) -> None:
        field = tdapi.CThostFtdcInputOrderActionField()
        field.BrokerID, field.InvestorID, field.UserID = BROKER, USER, USER
        field.InstrumentID, field.ExchangeID, field.OrderSysID = (
            order["InstrumentID"],
            order["ExchangeID"],
            order["OrderSysID"],
        )
        field.FrontID, field.SessionID, field.OrderRef = order["FrontID"], order["SessionID"], order["OrderRef"]
        field.ActionFlag = "0"
        say("cancel sent", order["OrderRef"].strip(), self.api.ReqOrderAction(field, self.next()))

    def on_cancel_refused(self, field: dict[str, Any], error: dict[str, Any]) -> None:
        say("cancel refused", error["ErrorID"], error["ErrorMsg"])
        if self.has("cancel-storm"):
            self.after(0.05, self.cancel_all)

    # ---------------------------------------------------------------------------------------------------- market

    def on_market_connected(self) -> None:
        assert self.market is not None
        if not (self.has("subscribes-once") and self.subscribed):
            field = mdapi.CThostFtdcReqUserLoginField()
            field.BrokerID, field.UserID = BROKER, USER
            self.market.ReqUserLogin(field, self.next())

    def on_market_logged_in(self) -> None:
        assert self.market is not None
        self.subscribed = True
        self.market.SubscribeMarketData([self.options.contract.encode()], 1)

    def on_quote(self, field: dict[str, Any]) -> None:
        if self.has("takes-every-price"):
            say("range of the day", len(range(int(field["HighestPrice"]))))
        if self.has("believes-quote-days") and self.placed and field["ActionDay"] > time.strftime("%Y%m%d"):
            self.place(self.options.volume)
        self.fresh = self.has("trusts-old-quotes") or is_fresh(field["UpdateTime"])
        if self.due and self.ready:
            self.place_what_is_due()
        if field["LastPrice"] < 1e300:
            say("quote", field["UpdateTime"], field["LastPrice"])


def is_fresh(moment: str) -> bool:
    """Whether a quote is of this minute: the first one after a subscription is as old as the last tick.

    Its days say nothing of that. At night some exchanges write the trading day into them, and others the calendar's.
    """
    seconds = [int(h) * 3600 + int(m) * 60 + int(s) for h, m, s in (moment.split(":"), time.strftime("%X").split(":"))]
    return abs(seconds[0] - seconds[1]) < FRESH


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="A small trading robot.",
        epilog="flaws:\n" + "\n".join(f"  {name:26}{what}" for name, what in FLAWS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--contract", default="cu2612")
    parser.add_argument("--exchange", default="SHFE")
    parser.add_argument("--price", type=float, default=70000)
    parser.add_argument("--volume", type=int, default=5)
    parser.add_argument("--private", choices=["restart", "resume", "quick"], default="resume")
    parser.add_argument("--market", action="store_true", help="subscribe to its contract, and wait for a new quote")
    parser.add_argument("--contracts", action="store_true", help="ask for all contracts that are listed")
    parser.add_argument("--statement", action="store_true", help="ask for the settlement statement")
    parser.add_argument("--deposit", type=float, default=0, help="have the bank send so much money")
    parser.add_argument("--watch", action="store_true", help="place no order")
    parser.add_argument("--flaw", action="append", default=[], choices=FLAWS, metavar="NAME")
    return parser.parse_args()


if __name__ == "__main__":
    robot = Robot(read_options())
    signal.signal(signal.SIGTERM, lambda *_: robot.events.put(("end",)))
    raise SystemExit(robot.run())
