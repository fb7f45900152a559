"""Random streams of orders in spreads and in their legs: what the answers say then, beside a second statement of it."""

from fractions import Fraction
from random import Random
from typing import Any

from simulator.ledger.test_accounting import BALANCE, CHECKPOINT, NEXT_DAY, Follower
from support import passes
from support.accounting import LONG, SHORT
from support.spread_accounting import Spread, SpreadBooks, is_spread

# Contracts, and a price of each; the spreads of which they are legs.
MARKETS = {
    "DCE": ({"m2701": 3380, "m2705": 3360, "m2709": 3400}, ("SP m2701&m2705", "SP m2705&m2709")),
    "CZCE": ({"MA701": 2970, "MA705": 3010, "MA709": 2950}, ("SPD MA701&MA705", "SPD MA701&MA709")),
}
STREAMS = 4


def scenario(seed: int) -> str:
    """Contracts and spreads of one exchange, lots of yesterday, and two days of orders."""
    chance = Random(seed)
    prices, spreads = chance.choice(list(MARKETS.values()))
    lines = [f"    balance trader {BALANCE}\n"]
    for name, price in prices.items():
        before = price + chance.randint(-9, 9)
        lines.append(
            f"    quote {name} bid {price - 1} x 30 ask {price + 1} x 30 last {price} pre_settlement {before}\n"
        )
    for name in (*prices, *spreads):
        for side in ("long", "short"):
            if lots := chance.randint(0, 2):
                at = chance.randint(-30, 30) + prices.get(name, 0)
                lines.append(f"    position trader {side} {lots} {written(name)} yesterday at {at}\n")
    steps: list[str] = []
    for day in (24, None):
        number = 0
        for _ in range(3):
            for _ in range(chance.randint(8, 16)):
                steps.append(step(chance, prices, spreads, number))
                number += steps[-1].count(" as o")
            steps.append(CHECKPOINT)
        if day is not None:
            steps.append(NEXT_DAY.format(day=day) + CHECKPOINT)
    return f'venue:\n{"".join(lines)}\nscenario "stream {seed}":\n{"".join(steps)}'


def written(name: str) -> str:
    return f'"{name}"' if is_spread(name) else name


def step(chance: Random, prices: dict[str, int], spreads: tuple[str, ...], number: int) -> str:
    """What somebody does next; `number` orders have been sent this day."""
    name = chance.choice([*prices, *spreads, *spreads])
    first, _, second = name.partition(" ")[2].partition("&") if is_spread(name) else (name, "", "")
    usual = prices[first] - (prices[second] if second else 0)
    side, away, lots = chance.choice(["buy", "sell"]), chance.randint(-6, 6), chance.randint(1, 3)
    match chance.choices(["order", "cancel", "elsewhere", "quote"], [14, 2, 3, 3])[0]:
        case "order":
            if chance.random() < 0.6:
                away = 6 if side == "buy" else -6
            offset, kind = chance.choice(["open", "close", "close"]), chance.choice(["", "", "", " fak"])
            order = f"    {side} {offset} {lots} {written(name)} at {usual + away}{kind} as o{number}\n"
            return order + (f"    wait {chance.randint(1, 50)}ms\n" if chance.random() < 0.8 else "")
        case "cancel" if number:
            return f"    cancel o{chance.randrange(number)}\n"
        case "elsewhere":
            return f"    venue: {side} {lots} {written(name)} at {usual + away}\n"
        case "quote" if not second:
            low, wide = usual + away, chance.randint(1, 3)
            return f"    venue: quote {name} bid {low} x {4 * lots} ask {low + wide} x {chance.randint(1, 20)}\n"
        case _:
            return ""


class SpreadFollower(Follower):
    """Begins with the lots that the venue gives to the account."""

    def __init__(self, text: str) -> None:
        super().__init__("")
        books = self.books = SpreadBooks(Fraction(BALANCE))
        before: dict[str, Fraction] = {}
        for line in text.splitlines():
            match line.replace('"', "").split():
                case ["quote", name, *_, "pre_settlement", price]:
                    before[name] = Fraction(price)
                case ["position", _, side, lots, kind, legs, "yesterday", "at", at]:
                    spread = Spread(f"{kind} {legs}", LONG if side == "long" else SHORT)
                    first = before[spread.legs[0][0]]
                    books.hold_spread(spread, int(lots), (first, first - Fraction(at)))
                case ["position", _, side, lots, name, "yesterday", "at", at]:
                    books.hold(name, LONG if side == "long" else SHORT, int(lots), Fraction(at))

    def _quoted(self) -> None:
        self.quotes = [row for row in self.quotes if not is_spread(row["InstrumentID"])]
        super()._quoted()


def pytest_generate_tests(metafunc: Any) -> None:
    metafunc.parametrize("stream", range(metafunc.config.getoption("--streams") or STREAMS))


def test_a_stream_of_orders_in_spreads_leaves_what_the_rules_say(stream: int) -> None:
    text = scenario(stream)
    follower = SpreadFollower(text)
    for event in passes(text).journal:
        follower.follow(dict(event))
        assert not follower.wrong, f"checkpoint {follower.compared}: " + "\n".join(follower.wrong)
    assert follower.compared == 7
