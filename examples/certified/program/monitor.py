"""What the trader counts, the thresholds of it, and its alerts.

Orders and cancels are counted as they are sent. A repeat is an order that is alike in contract, side, offset, price and
volume to an earlier one, or the cancel of such an order.
"""

from collections import Counter
from collections.abc import Callable

Key = tuple[str, str, str, float, int]
"""Contract, side, offset, price, volume."""

NONE = 10**9


class Monitor:
    """`show` writes to the screen, `log` to the log file; `has` says which flaws were asked for."""

    def __init__(self, show: Callable[[str], None], log: Callable[[str, str], None], has: Callable[..., bool]) -> None:
        self.show, self.log, self.has = show, log, has
        self.orders = self.cancels = 0
        self.seen: dict[str, Counter[Key]] = {"开仓": Counter(), "平仓": Counter(), "撤单": Counter()}
        self.repeats: Counter[str] = Counter()
        self.thresholds = {"报单": NONE, "报撤": NONE, "重复": NONE}

    # ------------------------------------------------------------------------------------------------ thresholds

    def set_threshold(self, what: str, value: int) -> None:
        self.thresholds[what] = value
        self.log("监测", f"阈值 {what} {value}")
        if not self.has({"报单": "TH01", "报撤": "", "重复": "TH05"}[what]):
            self.show(f"阈值 {what} {value}")

    def alert(self, what: str, count: int, words: str) -> None:
        if count != self.thresholds[what]:
            return
        if not self.has("L03"):
            self.log("监测", f"警示 {words} {count}")
        self.show(f"警示 {words} {count}")

    # ---------------------------------------------------------------------------------------------------- counts

    def ordered(self, key: Key) -> None:
        self.orders += 1
        self.repeated(key, "开仓" if key[2] == "开" else "平仓")
        self.tell()

    def cancelled(self, key: Key) -> None:
        self.cancels += 1
        self.repeated(key, "撤单")
        self.tell()

    def repeated(self, key: Key, what: str) -> None:
        if self.seen[what][key]:
            self.repeats[what] += 1
        self.seen[what][key] += 1

    def tell(self) -> None:
        """Shows and logs all counts, then what has reached its threshold."""
        total, repeats = self.orders + self.cancels, sum(self.repeats.values())
        behind = {flaw: 1 if self.has(flaw) else 0 for flaw in ("M04", "M05", "O01", "O02", "O03")}
        mark = "警示 " if self.has("R3") else ""
        self.log("监测", f"报单笔数 {self.orders} 撤单笔数 {self.cancels} 报撤合计 {total} 重复报单 {repeats}")
        self.show(f"{mark}报单笔数 {self.orders - behind['M04']}")
        self.show(f"{mark}撤单笔数 {self.cancels - behind['M05']}")
        self.show(f"报撤合计 {self.orders if self.has('TH03') else total}")
        mark = "警示 " if self.has("R4") else ""
        for what, flaw in (("开仓", "O01"), ("平仓", "O02"), ("撤单", "O03")):
            self.show(f"{mark}重复{what} {self.repeats[what] - behind[flaw]}")
        self.show(f"重复报单 {repeats}")
        self.alert("报单", self.orders + self.has("TH02"), "报单笔数达到阈值")
        counted = self.repeats["撤单"] if self.has("R5") else total - self.has("TH04")
        self.alert("报撤", counted, "报撤笔数达到阈值")
        self.alert("重复", repeats + self.has("TH06"), "重复报单达到阈值")
