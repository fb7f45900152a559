"""An app of ctpbee: it buys once the contract is known, and says what it holds after each trade.

    pip install ctpbee ctpbee_api
    python strategy.py [--contract cu2612] [--exchange SHFE] [--volume 5] [--price 70000]

Everything between the CTP library and `on_trade` is ctpbee's own.
"""

import argparse
import os
import signal
import threading
import time
from typing import Any

from ctpbee import CtpBee, CtpbeeApi
from ctpbee.constant import Direction, Exchange, Offset, OrderRequest, OrderType

# Nothing serves these addresses: wherever this runs, it reaches only what is put before it.
SETTINGS = {
    "CONNECT_INFO": {
        "userid": "60010086",
        "password": "a-password-of-mine",
        "brokerid": "8080",
        "md_address": "tcp://127.0.0.1:41213",
        "td_address": "tcp://127.0.0.1:41205",
        "appid": "client_bee_1.0",
        "auth_code": "CODE0123456789AB",
        "product_info": "",
    },
    "INTERFACE": "ctp",
    "TD_FUNC": True,
    "MD_FUNC": True,
}


class Strategy(CtpbeeApi):
    def __init__(self, name: str, options: argparse.Namespace) -> None:
        super().__init__(name)
        self.options = options
        self.position = 0
        self.placed = False

    def on_contract(self, contract: Any) -> None:
        """The contract is known: the gateway is ready for an order of it."""
        if contract.symbol != self.options.contract or self.placed:
            return
        self.placed = True
        self.app.subscribe(contract.local_symbol)
        request = OrderRequest(
            symbol=self.options.contract,
            exchange=Exchange(self.options.exchange),
            direction=Direction.LONG,
            type=OrderType.LIMIT,
            volume=self.options.volume,
            price=self.options.price,
            offset=Offset.OPEN,
        )
        print("order", self.app.send_order(request), flush=True)

    def on_tick(self, tick: Any) -> None:
        """Prices move it to nothing."""

    def on_order(self, order: Any) -> None:
        print("order", order.order_id, order.status.name, f"{order.traded}/{order.volume}", flush=True)

    def on_trade(self, trade: Any) -> None:
        self.position += int(trade.volume) if trade.direction == Direction.LONG else -int(trade.volume)
        print("position", self.position, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--contract", default="cu2612")
    parser.add_argument("--exchange", default="SHFE")
    parser.add_argument("--volume", type=int, default=5)
    parser.add_argument("--price", type=float, default=70000)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    app = CtpBee("example", __name__, refresh=True)
    app.config.from_mapping(SETTINGS)
    strategy = Strategy("strategy", parser.parse_args())
    app.add_extension(strategy)
    app.start(log_output=True)
    while not ended.wait(0.5):
        pass
    time.sleep(1)  # what was reported is still on its way through the app's threads
    strategy.action.cancel_all()
    time.sleep(1)
    os._exit(0)  # its threads do not end by themselves


if __name__ == "__main__":
    main()
