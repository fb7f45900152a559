"""A trading program on openctp_ctp with what a broker's functional test asks for: counts, thresholds, alerts, checks of
its own, pauses and logs. It takes commands, a line each, on its standard input:

    open|close buy|sell CONTRACT VOLUME PRICE     PRICE is a number, or low, high: the day's limits; low+0.5
    raw open|close buy|sell CONTRACT …            the same, past its own checks
    cancel ID · cancel-all                        ID is the exchange's number of an order
    threshold 报单|报撤|重复 N
    strategy CONTRACT                             buys one lot at the lower limit every few seconds
    pause|resume account|strategy · force-out · end

As it stands it passes all 33 points. Each `--flaw` takes something away; `--help` tells what.
"""

import argparse
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from monitor import Key, Monitor
from openctp_ctp import tdapi

FLAWS = {
    "C01": "authenticates with another AppID than the one that was declared",
    "T01": "sends a sale that opens as one that closes",
    "T02": "closes by opening the other side",
    "T03": "cancels its newest order, whichever was named",
    "M01": "does not show that it is connected",
    "M02": "does not show that its connection broke",
    "M03": "does not show that it is connected again",
    "M04": "shows a count of orders that is one behind",
    "M05": "shows a count of cancels that is one behind",
    "O01": "shows a count of repeated opens that is one behind",
    "O02": "shows a count of repeated closes that is one behind",
    "O03": "shows a count of repeated cancels that is one behind",
    "TH01": "does not show the threshold of orders",
    "TH02": "alerts one order too early",
    "TH03": "leaves the cancels out of the total of orders and cancels",
    "TH04": "alerts one order or cancel too late",
    "TH05": "does not show the threshold of repeats",
    "TH06": "alerts one repeat too early",
    "V01": "does not check the contract",
    "V02": "does not check the price tick",
    "V03": "does not check the volume",
    "E01": "shows a refusal for want of money without its code",
    "E02": "shows a refusal for want of a position without its code",
    "E03": "shows a refusal for the state of the market without its code",
    "EM01": "says that the account is paused, and goes on",
    "EM02": "says that the strategy is paused, and goes on",
    "EM03": "says that it was forced out, and stays logged in",
    "B01": "leaves out partly filled orders when it cancels a batch",
    "B02": "cancels only the first of those that nothing was filled of",
    "L01": "does not log cancels",
    "L02": "does not log its end",
    "L03": "does not log alerts",
    "L04": "does not log errors",
    "R1": "shows the disconnection when it logs out, and not when the network breaks",
    "R2": "makes its connection anew instead of letting it reconnect",
    "R3": "shows alerts in the place of counts",
    "R4": "shows alerts in the place of the counts of repeats",
    "R5": "counts repeated cancels alone for the alert of orders and cancels",
    "R6": "shows an error of its own as the counter's, and sends nothing",
    "R7": "logs trading in thin lines",
    "R8": "logs another error than the one that came",
}

FRONT = os.environ.get("CTPSCEN_FRONT", "tcp://127.0.0.1:41205")
BROKER, USER, PASSWORD, APP, CODE = "8080", "60010086", "a-password-of-mine", "client_trader_1.0", "CODE0123456789AB"
CONTRACTS = {"rb2705": "SHFE", "m2705": "DCE"}
RETRY, QUERY_PAUSE, STRATEGY_PAUSE, LEAVING = 10.0, 1.1, 5.0, 5.0
SIDES, OFFSETS = {"buy": ("0", "买"), "sell": ("1", "卖")}, {"open": ("0", "开"), "close": ("1", "平")}
STATUSES = {"0": "全部成交", "1": "部分成交", "3": "未成交", "5": "已撤单", "a": "未知"}
WORKING = "13"


def plain(field: Any) -> dict[str, Any]:
    """A record's values: the library takes the record itself back when the callback returns."""
    return {} if field is None else {name: getattr(field, name) for name in dir(field) if name[0].isupper()}


class Spi(tdapi.CThostFtdcTraderSpi):
    """Callbacks come on the library's thread, and are handed to the trader's own."""

    def __init__(self, put: Callable[..., None]) -> None:
        super().__init__()
        self.put = put

    def OnFrontConnected(self) -> None:
        self.put("connected")

    def OnFrontDisconnected(self, reason: int) -> None:
        self.put("disconnected", reason)

    def OnRspAuthenticate(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("authenticated", plain(error))

    def OnRspUserLogin(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("logged_in", plain(field), plain(error))

    def OnRspSettlementInfoConfirm(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("confirmed")

    def OnRspQryInstrument(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("row", "PriceTick", plain(field), last)

    def OnRspQryDepthMarketData(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("row", "UpperLimitPrice", plain(field), last)

    def OnRspOrderInsert(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("refused", plain(error))

    def OnRspOrderAction(self, field: Any, error: Any, number: int, last: bool) -> None:
        self.put("refused", plain(error))

    def OnRtnOrder(self, field: Any) -> None:
        self.put("order", plain(field))


class Trader:
    """Everything happens on one thread, which takes events and commands from one queue."""

    def __init__(self, flaws: list[str]) -> None:
        self.flaws = flaws
        self.events: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        os.makedirs("logs", exist_ok=True)
        self.log_file = open("logs/trader.log", "a", encoding="utf-8")  # noqa: SIM115 - open as long as it runs
        self.monitor = Monitor(self.show, self.log, self.has)
        self.number = self.reference = self.connections = 0
        self.ready = self.is_out = False
        self.terms: dict[str, dict[str, Any]] = {name: {} for name in CONTRACTS}
        self.queries: list[tuple[str, str]] = []
        self.orders: dict[tuple[int, int, str], dict[str, Any]] = {}
        self.paused: set[str] = set()
        self.strategy: str | None = None
        self.due: list[tuple[float, Callable[[], None]]] = []
        self.ending_since: float | None = None

    def has(self, *flaws: str) -> bool:
        return any(flaw in self.flaws for flaw in flaws)

    def next(self) -> int:
        self.number += 1
        return self.number

    def show(self, text: str) -> None:
        print(time.strftime("%Y-%m-%d %H:%M:%S"), text, flush=True)

    def log(self, kind: str, text: str) -> None:
        self.log_file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {kind} {text}\n")
        self.log_file.flush()

    def tell(self, text: str) -> None:
        """What concerns the running of the program, on the screen and in the log."""
        self.show(text)
        self.log("运行", text)

    # ------------------------------------------------------------------------------------------------- the life

    def run(self) -> int:
        self.tell("启动")
        threading.Thread(target=self.read_commands, daemon=True).start()
        self.connect()
        while self.ending_since is None or (self.working() and time.monotonic() - self.ending_since < LEAVING):
            wait = min((at for at, _ in self.due), default=time.monotonic() + 1) - time.monotonic()
            try:
                name, *arguments = self.events.get(timeout=min(max(wait, 0.0), 1.0))
            except queue.Empty:
                pass
            else:
                getattr(self, f"on_{name}")(*arguments)
            for each in [each for each in self.due if each[0] <= time.monotonic()]:
                self.due.remove(each)
                each[1]()
        self.api.Release()
        self.show("退出")
        if not self.has("L02"):
            self.log("运行", "退出")
        return 0

    def read_commands(self) -> None:
        for line in sys.stdin:
            self.events.put(("command", line.split()))

    def connect(self) -> None:
        os.makedirs("flow", exist_ok=True)
        self.spi = Spi(lambda *event: self.events.put(event))
        self.api = tdapi.CThostFtdcTraderApi.CreateFtdcTraderApi(f"flow/{self.connections}_")
        self.api.RegisterSpi(self.spi)
        self.api.SubscribePrivateTopic(tdapi.THOST_TERT_QUICK)
        self.api.SubscribePublicTopic(tdapi.THOST_TERT_QUICK)
        self.api.RegisterFront(FRONT)
        self.api.Init()

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        self.due.append((time.monotonic() + seconds, act))

    def on_end(self) -> None:
        self.ending_since = time.monotonic()
        if self.ready:
            for order in self.working():
                self.cancel(order)

    # ------------------------------------------------------------------------------------------------ connecting

    def on_connected(self) -> None:
        self.connections += 1
        if self.is_out:
            return
        if self.connections == 1:
            self.log("运行", "连接成功")
            if not self.has("M01"):
                self.show("连接成功")
        elif not self.has("M03"):
            self.tell("重新连接成功")
        field = tdapi.CThostFtdcReqAuthenticateField()
        field.BrokerID, field.UserID, field.AuthCode = BROKER, USER, CODE
        field.AppID = "client_other_1.0" if self.has("C01") else APP
        self.api.ReqAuthenticate(field, self.next())

    def on_disconnected(self, reason: int) -> None:
        self.ready = False
        self.log("运行", f"连接断开 0x{reason:x}")
        if not self.has("M02", "R1"):
            self.show(f"连接断开 0x{reason:x}")
        if self.has("R2"):
            self.api.Release()
            self.connect()

    def on_authenticated(self, error: dict[str, Any]) -> None:
        if error.get("ErrorID"):
            self.on_refused(error)
            return
        field = tdapi.CThostFtdcReqUserLoginField()
        field.BrokerID, field.UserID, field.Password = BROKER, USER, PASSWORD
        self.api.ReqUserLogin(field, self.next())

    def on_logged_in(self, field: dict[str, Any], error: dict[str, Any]) -> None:
        if error.get("ErrorID"):
            self.on_refused(error)
            self.after(RETRY, lambda: self.on_authenticated({}))
            return
        self.tell(f"登录成功 {field['TradingDay']}")
        self.reference = max(self.reference, int(field["MaxOrderRef"].strip() or 0))
        confirm = tdapi.CThostFtdcSettlementInfoConfirmField()
        confirm.BrokerID, confirm.InvestorID = BROKER, USER
        self.api.ReqSettlementInfoConfirm(confirm, self.next())

    def on_confirmed(self) -> None:
        self.queries = [(what, name) for name in CONTRACTS for what in ("Instrument", "DepthMarketData")]
        self.ask()

    def ask(self) -> None:
        """Sends the next query, one a second; where there is none, it is ready."""
        if not self.queries:
            self.ready = True
            self.show("就绪")
            return
        what, name = self.queries[0]
        field = getattr(tdapi, f"CThostFtdcQry{what}Field")()
        field.InstrumentID = name
        if getattr(self.api, f"ReqQry{what}")(field, self.next()):
            self.after(QUERY_PAUSE, self.ask)

    def on_row(self, mark: str, field: dict[str, Any], last: bool) -> None:
        if field and field["InstrumentID"] in self.terms and mark in field:
            self.terms[field["InstrumentID"]].update(field)
        if last and self.queries:
            self.queries.pop(0)
            self.after(QUERY_PAUSE, self.ask)

    # -------------------------------------------------------------------------------------------------- commands

    def on_command(self, words: list[str]) -> None:
        match words:
            case ["open" | "close" as offset, side, name, volume, price]:
                self.order(offset, side, name, int(volume), price, is_checked=True)
            case ["raw", "open" | "close" as offset, side, name, volume, price]:
                self.order(offset, side, name, int(volume), price, is_checked=False)
            case ["cancel", number]:
                found = [order for order in self.orders.values() if order["OrderSysID"].strip() == number]
                for order in self.working()[-1:] if self.has("T03") else found:
                    self.cancel(order)
            case ["cancel-all"]:
                self.cancel_all()
            case ["threshold", what, value]:
                self.monitor.set_threshold(what, int(value))
            case ["strategy", name]:
                self.strategy = name
                self.trade()
            case ["pause", "account" | "strategy" as what]:
                self.paused.add(what)
                self.tell({"account": "账号已暂停交易", "strategy": "策略已暂停"}[what])
            case ["resume", "account" | "strategy" as what]:
                self.paused.discard(what)
                self.tell({"account": "账号已恢复交易", "strategy": "策略已恢复"}[what])
            case ["force-out"]:
                self.force_out()
            case ["end"]:
                self.on_end()
            case _:
                self.show(f"不明命令 {' '.join(words)}")

    def trade(self) -> None:
        """The strategy: it wants one more lot every few seconds."""
        self.after(STRATEGY_PAUSE, self.trade)
        is_paused = bool(self.paused) and not (self.paused == {"strategy"} and self.has("EM02"))
        if self.paused == {"account"} and self.has("EM01"):
            is_paused = False
        if self.strategy is not None and self.ready and not self.is_out and not is_paused:
            self.order("open", "buy", self.strategy, 1, "low", is_checked=True)

    def force_out(self) -> None:
        self.tell("账号已强制退出")
        if self.has("EM03"):
            return
        self.is_out, self.ready = True, False
        if self.has("R1"):
            self.show("连接断开")
        field = tdapi.CThostFtdcUserLogoutField()
        field.BrokerID, field.UserID = BROKER, USER
        self.api.ReqUserLogout(field, self.next())

    # ---------------------------------------------------------------------------------------------------- orders

    def price(self, name: str, words: str) -> float:
        word, _, more = words.partition("+")
        if word in ("low", "high"):
            limit = "LowerLimitPrice" if word == "low" else "UpperLimitPrice"
            return float(self.terms.get(name, {}).get(limit, 1.0)) + float(more or 0)
        return float(words)

    def objection(self, name: str, volume: int, price: float) -> str:
        """What is wrong with an order; '' where nothing is."""
        terms = self.terms.get(name)
        if not terms:
            return "" if self.has("V01") else f"合约代码不存在 {name}"
        steps = price / terms["PriceTick"]
        if abs(steps - round(steps)) > 1e-6 and not self.has("V02"):
            return f"价格 {price:g} 不是最小变动价位 {terms['PriceTick']:g} 的整数倍"
        if volume > terms["MaxLimitOrderVolume"] and not self.has("V03"):
            return f"手数 {volume} 超过单笔最大手数 {terms['MaxLimitOrderVolume']}"
        return ""

    def order(self, offset: str, side: str, name: str, volume: int, words: str, *, is_checked: bool) -> None:
        price = self.price(name, words)
        if "account" in self.paused and not self.has("EM01"):
            self.show("账号已暂停交易，指令未发出")
            return
        if is_checked and (objection := self.objection(name, volume, price)):
            self.show(f"拒绝 {objection}")
            self.log("错误", f"拒绝 {objection}")
            return
        if not is_checked and self.has("R6"):
            self.show("柜台错误 31 51 26 CTP:资金不足 CTP:平今仓位不足 当前状态禁止此项操作")
            return
        if self.has("T01") and (offset, side) == ("open", "sell"):
            offset = "close"
        if self.has("T02") and offset == "close" and is_checked and words == "low":
            offset = "open"
        self.reference += 1
        order = tdapi.CThostFtdcInputOrderField()
        order.BrokerID, order.InvestorID, order.UserID = BROKER, USER, USER
        order.InstrumentID, order.ExchangeID, order.OrderRef = name, CONTRACTS.get(name, "SHFE"), str(self.reference)
        closing = "3" if order.ExchangeID == "SHFE" else "1"  # there, what was opened today is closed as such
        order.Direction, order.CombHedgeFlag = SIDES[side][0], "1"
        order.CombOffsetFlag = closing if offset == "close" else "0"
        order.OrderPriceType, order.LimitPrice, order.VolumeTotalOriginal = "2", price, volume
        order.TimeCondition, order.VolumeCondition, order.MinVolume = "3", "1", 1
        order.ContingentCondition, order.ForceCloseReason = "1", "0"
        self.api.ReqOrderInsert(order, self.next())
        self.monitor.ordered((name, SIDES[side][1], OFFSETS[offset][1], price, volume))

    def working(self) -> list[dict[str, Any]]:
        return [order for order in self.orders.values() if order["OrderStatus"] in WORKING]

    def on_order(self, field: dict[str, Any]) -> None:
        key = field["FrontID"], field["SessionID"], field["OrderRef"].strip()
        self.orders[key] = field
        if field["OrderStatus"] == "5" and field["OrderSubmitStatus"] == "4":
            code, _, text = field["StatusMsg"].partition(":")
            self.on_refused({"ErrorID": code, "ErrorMsg": text})
        status = STATUSES.get(field["OrderStatus"], field["StatusMsg"])
        name, side, offset, price, volume = self.key(field)
        filled, number = field["VolumeTraded"], field["OrderSysID"].strip()
        if self.has("R7"):
            self.log("交易", f"{name} {status} 报单编号 {number}")
        elif not (self.has("L01") and field["OrderStatus"] == "5"):
            what = "撤单" if field["OrderStatus"] == "5" else "报单"
            words = f"价格 {price:g} 数量 {volume} 成交 {filled} 状态 {status} 报单编号 {number}"
            self.log("交易", f"{what} {name} {side} {offset}仓 {words}")

    def key(self, order: dict[str, Any]) -> Key:
        side = "买" if order["Direction"] == "0" else "卖"
        offset = "开" if order["CombOffsetFlag"][0] == "0" else "平"
        return order["InstrumentID"], side, offset, order["LimitPrice"], order["VolumeTotalOriginal"]

    def cancel_all(self) -> None:
        resting = [order for order in self.working() if order["VolumeTraded"] == 0]
        partly = [order for order in self.working() if order["VolumeTraded"] > 0]
        for order in [*(resting[:1] if self.has("B02") else resting), *([] if self.has("B01") else partly)]:
            self.cancel(order)

    def cancel(self, order: dict[str, Any]) -> None:
        field = tdapi.CThostFtdcInputOrderActionField()
        field.BrokerID, field.InvestorID, field.UserID = BROKER, USER, USER
        field.InstrumentID, field.ExchangeID = order["InstrumentID"], order["ExchangeID"]
        field.OrderSysID, field.ActionFlag = order["OrderSysID"], "0"
        self.api.ReqOrderAction(field, self.next())
        self.monitor.cancelled(self.key(order))

    def on_refused(self, error: dict[str, Any]) -> None:
        """An error of the counter or the exchange, on the screen and in the log, with its code and its text."""
        code, text = int(error["ErrorID"]), error["ErrorMsg"]
        flaw = {31: "E01", 30: "E02", 50: "E02", 51: "E02", 26: "E03"}.get(code, "")
        self.show("下单失败" if self.has(flaw) else f"柜台错误 {code} {text}")
        if self.has("R8"):
            self.log("错误", "0 行情接收超时")
        elif not self.has("L04"):
            self.log("错误", f"{code} {text}")


def read_flaws() -> list[str]:
    parser = argparse.ArgumentParser(
        description="A trading program that passes a broker's functional test.",
        epilog="flaws:\n" + "\n".join(f"  {name:6}{what}" for name, what in FLAWS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--flaw", action="append", default=[], choices=FLAWS, metavar="NAME")
    flaws: list[str] = parser.parse_args().flaw
    return flaws


if __name__ == "__main__":
    trader = Trader(read_flaws())
    signal.signal(signal.SIGTERM, lambda *_: trader.events.put(("end",)))
    raise SystemExit(trader.run())
