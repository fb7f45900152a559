"""Random streams of orders on all exchanges: what the answers say then, beside a second statement of the rules.

`pytest tests/simulator/ledger/test_accounting.py --streams 400` tries more of them.
"""

from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from support import passes
from support.accounting import LONG, SHORT, Books, RowKey, exact, terms_of

BALANCE = 20_000_000
STREAMS = 24

# Contracts, and a price of each.
MARKETS = {
    "rb2701": 3150,
    "rb2705": 3100,
    "cu2701": 71000,
    "al2701": 21000,
    "sc2701": 570,
    "m2705": 3380,
    "j2701": 1980,
    "lh2703": 14000,
    "SR705": 5600,
    "MA705": 2970,
    "si2701": 9000,
    "IF2612": 4500,
}

WHO = 'BrokerID="9999", InvestorID="100001"'
CHECKPOINT = f"""    wait 2s
    request ReqQryDepthMarketData()
    wait 2s
    request ReqQryTradingAccount({WHO})
    wait 2s
    request ReqQryInvestorPosition({WHO})
    wait 2s
"""
TRANSFER = (
    'request Req{way}ByFuture(BrokerID="9999", AccountID="100001", BankID="1", Password="123456", TradeAmount={}); '
    "wait 300ms"
)
NEXT_DAY = "    venue: settle\n    venue: clock 2026-11-{day} 09:30\n    reconnect within 1h\n"


def price(instrument: str, away: int) -> str:
    """A price so many ticks from the usual one, as a scenario writes it."""
    return f"{float(MARKETS[instrument] + away * terms_of(instrument).tick):g}"


def scenario(seed: int) -> str:
    """A few contracts, lots of yesterday, and three days of orders that trade, rest, are refused, and are cancelled."""
    chance = Random(seed)
    traded = chance.sample(sorted(MARKETS), 4)
    lines = [f"    balance trader {BALANCE}\n"]
    for instrument in traded:
        lines.append(
            f"    quote {instrument} bid {price(instrument, -1)} x 30 ask {price(instrument, 1)} x 30 "
            f"last {price(instrument, 0)} pre_settlement {price(instrument, chance.randint(-9, 9))}\n"
        )
        for side in ("long", "short"):
            lots, at = chance.randint(0, 3), price(instrument, chance.randint(-30, 30))
            lines.append(f"    position trader {side} {lots} {instrument} yesterday at {at}\n" if lots else "")
    steps: list[str] = []
    for day in (24, 25, None):
        number = 0
        for _ in range(3):
            for _ in range(chance.randint(6, 14)):
                steps.append(step(chance, traded, number))
                number += steps[-1].count(" as o")
            steps.append(CHECKPOINT)
        if day is not None:
            steps.append(NEXT_DAY.format(day=day) + CHECKPOINT)
    return f'venue:\n{"".join(lines)}\nscenario "stream {seed}":\n{"".join(steps)}'


def step(chance: Random, traded: list[str], number: int) -> str:
    """What somebody does next; `number` orders have been sent this day."""
    instrument, lots, away = chance.choice(traded), chance.randint(1, 5), chance.randint(-6, 6)
    side = chance.choice(["buy", "sell"])
    match chance.choices(["order", "cancel", "elsewhere", "quote", "money"], [14, 2, 3, 3, 1])[0]:
        case "order":
            weights = [5, 2, 4, 2] if terms_of(instrument).is_dated else [5, 5, 1, 1]
            offset = chance.choices(["open", "close", "close_today", "close_yesterday"], weights)[0]
            kinds = ["", " fak"] if instrument.startswith(("SR", "MA")) else ["", " fak", " fok"]
            kind = chance.choices(kinds, [8, 1, 1][: len(kinds)])[0]
            if chance.random() < 0.6:
                away = 6 if side == "buy" else -6  # a price that trades at once, while there is one to trade with
            elif chance.random() < 0.1:
                away = 5000  # beyond every limit: refused by the exchange
            size = lots if offset == "open" else min(lots, chance.randint(1, 3))
            order = f"    {side} {offset} {size} {instrument} at {price(instrument, away)}{kind} as o{number}\n"
            return order + (f"    wait {chance.randint(1, 50)}ms\n" if chance.random() < 0.8 else "")
        case "cancel" if number:
            return f"    cancel o{chance.randrange(number)}\n"
        case "elsewhere":
            return f"    venue: {side} {lots} {instrument} at {price(instrument, away)}\n"
        case "quote":
            low, high = price(instrument, away), price(instrument, away + chance.randint(1, 3))
            last = chance.choice([f" last {low}", f" last {high}", ""])
            return f"    venue: quote {instrument} bid {low} x {4 * lots} ask {high} x {chance.randint(1, 20)}{last}\n"
        case "money":
            how = chance.choice(["venue: deposit trader {}", "venue: withdraw trader {}", TRANSFER, TRANSFER])
            way = chance.choice(["FromBankToFuture", "FromFutureToBank"])
            return f"    {how.format(chance.randint(1, 100_000), way=way)}\n"
        case _:
            return ""


def differences(seen: dict[str, Any], wanted: dict[str, Fraction], what: object) -> Iterator[str]:
    for name, value in wanted.items():
        if abs(exact(seen.get(name, 0)) - value) > Fraction(1, 100_000):
            yield f"{what} {name}: {seen.get(name, 0)}, by the rules {float(value)}"


class Follower:
    """Reads a run's journal, keeps the books beside it, and compares at every checkpoint."""

    def __init__(self, text: str) -> None:
        self.books = Books(Fraction(BALANCE))
        self.quotes: list[dict[str, Any]] = []
        self.account: dict[str, Any] = {}
        self.rows: dict[RowKey, dict[str, Any]] = {}
        self.wrong: list[str] = []
        self.compared = 0
        self.day_is_over = self.has_begun = False
        for line in text.splitlines():
            match line.split():
                case ["position", _, side, lots, instrument, "yesterday", "at", at]:
                    self.books.hold(instrument, LONG if side == "long" else SHORT, int(lots), Fraction(at))

    def follow(self, event: dict[str, Any]) -> None:
        if event["event"] == "step":
            self._step(event["text"])
        elif event["event"] == "callback":
            self._callback(event["name"], event["fields"], event["error"], last=event["last"])

    def _step(self, text: str) -> None:
        match text.split():
            case ["deposit", _, amount]:
                self.books.deposit += int(amount)
            case ["withdraw", _, amount]:
                self.books.withdrawn += int(amount)
            case ["settle"]:
                self.day_is_over = True

    def _callback(self, name: str, fields: Any, error: Any, *, last: bool) -> None:
        match name:
            case "OnRtnOrder":
                if not self.books.knows(fields) and (code := self.books.refusal(fields)):
                    self.wrong.append(f"taken, by the rules refused with {code}: {fields}")
                self.books.order(fields)
            case "OnRtnTrade":
                self.books.trade(fields)
            case "OnRtnFromBankToFutureByFuture":
                self.books.deposit += exact(fields["TradeAmount"])
            case "OnRtnFromFutureToBankByFuture":
                self.books.withdrawn += exact(fields["TradeAmount"])
            case "OnRspOrderInsert":
                if error["ErrorID"] != self.books.refusal(fields):
                    self.wrong.append(f"refused with {error}, by the rules {self.books.refusal(fields)}: {fields}")
            case "OnRspQryDepthMarketData":
                self.quotes.append(fields)
                if last:
                    self._quoted()
            case "OnRspQryTradingAccount":
                self.account = fields
            case "OnRspQryInvestorPosition":
                if fields:
                    self.rows[RowKey(fields["InstrumentID"], fields["PosiDirection"], fields["PositionDate"])] = fields
                if last:
                    self._compare()

    def _quoted(self) -> None:
        if self.day_is_over:  # what it was settled at is what the new day begins with
            self.books.settle({row["InstrumentID"]: exact(row["PreSettlementPrice"]) for row in self.quotes})
            self.day_is_over = False
        for row in self.quotes:
            self.books.quoted(row)
        if not self.has_begun:
            self.books.begin()
            self.has_begun = True
        self.quotes.clear()

    def _compare(self) -> None:
        wanted = self.books.rows()
        if self.rows.keys() != wanted.keys():
            self.wrong.append(f"rows {sorted(self.rows)}, by the rules {sorted(wanted)}")
        for key, row in self.rows.items():
            self.wrong += differences(row, wanted.get(key, {}), tuple(key))
        self.wrong += differences(self.account, self.books.account(), "account")
        self.rows.clear()
        self.compared += 1


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "stream" in metafunc.fixturenames:
        metafunc.parametrize("stream", range(metafunc.config.getoption("--streams") or STREAMS))


def test_a_stream_of_orders_leaves_what_the_rules_say(stream: int) -> None:
    text = scenario(stream)
    follower = Follower(text)
    for event in passes(text).journal:
        follower.follow(dict(event))
        assert not follower.wrong, f"checkpoint {follower.compared}: " + "\n".join(follower.wrong)
    assert follower.compared == 11
