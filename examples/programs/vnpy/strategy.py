"""A strategy on vnpy without its windows: it buys once the contract is known, and says what it holds after each trade.

    pip install vnpy vnpy_ctp
    python strategy.py [--contract cu2612] [--exchange SHFE] [--volume 5] [--price 70000]

Everything between the CTP library and `on_trade` is vnpy's own.
"""

import argparse
import queue
import signal
from typing import Any

from vnpy.event import Event, EventEngine
from vnpy.trader.constant import Direction, Exchange, Offset, OrderType
from vnpy.trader.engine import MainEngine
from vnpy.trader.event import EVENT_CONTRACT, EVENT_LOG, EVENT_ORDER, EVENT_TRADE
from vnpy.trader.object import OrderRequest, SubscribeRequest
from vnpy_ctp import CtpGateway

# Nothing serves these addresses: wherever this runs, it reaches only what is put before it.
SETTING = {
    "用户名": "60010086",
    "密码": "a-password-of-mine",
    "经纪商代码": "8080",
    "交易服务器": "127.0.0.1:41205",
    "行情服务器": "127.0.0.1:41213",
    "产品名称": "client_vnpy_4.0",
    "授权编码": "CODE0123456789AB",
    "柜台环境": "实盘",
}


class Strategy:
    """All events come on vnpy's event thread."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.position = 0
        self.placed = False
        self.events = EventEngine()
        self.main = MainEngine(self.events)
        self.main.add_gateway(CtpGateway)
        self.events.register(EVENT_LOG, self.on_log)
        self.events.register(EVENT_CONTRACT, self.on_contract)
        self.events.register(EVENT_ORDER, self.on_order)
        self.events.register(EVENT_TRADE, self.on_trade)
        self.main.connect(SETTING, "CTP")

    def on_log(self, event: Event) -> None:
        print("log", event.data.msg, flush=True)

    def on_contract(self, event: Event) -> None:
        """The contract is known: the gateway is ready for an order of it."""
        if event.data.symbol != self.options.contract or self.placed:
            return
        self.placed = True
        exchange = Exchange(self.options.exchange)
        self.main.subscribe(SubscribeRequest(self.options.contract, exchange), "CTP")
        request = OrderRequest(
            symbol=self.options.contract,
            exchange=exchange,
            direction=Direction.LONG,
            type=OrderType.LIMIT,
            volume=self.options.volume,
            price=self.options.price,
            offset=Offset.OPEN,
        )
        print("order", self.main.send_order(request, "CTP"), flush=True)

    def on_order(self, event: Event) -> None:
        order: Any = event.data
        print("order", order.orderid, order.status.name, f"{order.traded}/{order.volume}", flush=True)

    def on_trade(self, event: Event) -> None:
        trade: Any = event.data
        self.position += int(trade.volume) if trade.direction == Direction.LONG else -int(trade.volume)
        print("position", self.position, flush=True)

    def close(self) -> None:
        for order in self.main.get_all_active_orders():
            self.main.cancel_order(order.create_cancel_request(), order.gateway_name)
        self.main.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--contract", default="cu2612")
    parser.add_argument("--exchange", default="SHFE")
    parser.add_argument("--volume", type=int, default=5)
    parser.add_argument("--price", type=float, default=70000)
    ended: queue.SimpleQueue[int] = queue.SimpleQueue()
    signal.signal(signal.SIGTERM, lambda number, _: ended.put(number))
    strategy = Strategy(parser.parse_args())
    while ended.empty():
        try:
            ended.get(timeout=0.2)
            break
        except queue.Empty:
            continue
    strategy.close()


if __name__ == "__main__":
    main()
