"""Random streams of orders in options on an index: what the answers say then, beside a second statement of it."""

from fractions import Fraction
from random import Random
from typing import Any

from simulator.ledger.test_accounting import BALANCE, CHECKPOINT, NEXT_DAY, Follower
from support import passes
from support.accounting import LONG, SHORT
from support.option_accounting import INDEX, OptionBooks

# Options, and a price of each in ticks of a fifth of a point; the future on the index is at 4,500.
OPTIONS = {"IO2612-C-4400": 750, "IO2612-C-4900": 60, "IO2612-P-4500": 400, "IO2612-P-4000": 30}
STREAMS = 4


def scenario(seed: int) -> str:
    """Options and the future on the index, lots of yesterday, and two days of orders."""
    chance = Random(seed)
    index = 4500 + chance.randint(-40, 40)
    lines = [
        f"    balance trader {BALANCE}\n",
        f"    quote {INDEX} bid 4499.8 x 30 ask 4500.2 x 30 last 4500 pre_settlement {index}\n",
    ]
    for name, ticks in OPTIONS.items():
        low, price, high = (written(ticks + away) for away in (-1, 0, 1))
        before = written(ticks + chance.randint(-9, 9))
        lines.append(f"    quote {name} bid {low} x 30 ask {high} x 30 last {price} pre_settlement {before}\n")
        for side in ("long", "short"):
            if lots := chance.randint(0, 3):
                at = written(ticks + chance.randint(-9, 9))
                lines.append(f"    position trader {side} {lots} {name} yesterday at {at}\n")
    steps: list[str] = []
    for day in (24, None):
        number = 0
        for _ in range(3):
            for _ in range(chance.randint(8, 16)):
                steps.append(step(chance, number))
                number += steps[-1].count(" as o")
            steps.append(CHECKPOINT)
        if day is not None:
            steps.append(NEXT_DAY.format(day=day) + CHECKPOINT)
    return f'venue:\n{"".join(lines)}\nscenario "stream {seed}":\n{"".join(steps)}'


def written(ticks: int) -> str:
    return f"{ticks / 5:g}"


def step(chance: Random, number: int) -> str:
    """What somebody does next; `number` orders have been sent this day. Before the next step all of it is reported."""
    name = chance.choice(sorted(OPTIONS))
    side, away, lots = chance.choice(["buy", "sell"]), chance.randint(-6, 6), chance.randint(1, 3)
    match chance.choices(["order", "future", "cancel", "elsewhere", "quote"], [14, 2, 2, 3, 3])[0]:
        case "order":
            if chance.random() < 0.6:
                away = 6 if side == "buy" else -6
            offset, kind = chance.choice(["open", "close", "close"]), chance.choice(["", "", "", " fak", " fok"])
            order = f"{side} {offset} {lots} {name} at {written(OPTIONS[name] + away)}{kind} as o{number}"
            return f"    {order}\n    wait 50ms\n"
        case "future":
            return f"    {side} open 1 {INDEX} at {4490 if side == 'sell' else 4510} as o{number}\n    wait 50ms\n"
        case "cancel" if number:
            return f"    cancel o{chance.randrange(number)}\n    wait 50ms\n"
        case "elsewhere":
            return f"    venue: {side} {lots} {name} at {written(OPTIONS[name] + away)}\n    wait 50ms\n"
        case "quote":
            low, high = written(OPTIONS[name] + away), written(OPTIONS[name] + away + chance.randint(1, 3))
            return (
                f"    venue: quote {name} bid {low} x {4 * lots} ask {high} x {chance.randint(1, 20)}\n    wait 50ms\n"
            )
        case _:
            return ""


class OptionFollower(Follower):
    """Begins with the lots and the prices that the venue begins with."""

    def __init__(self, text: str) -> None:
        super().__init__("")
        books = self.books = OptionBooks(Fraction(BALANCE))
        last_prices = {}
        for line in text.splitlines():
            match line.split():
                case ["quote", name, *_, "last", last, "pre_settlement", before]:
                    books.last[name] = books.pre_settlement[name] = Fraction(before)
                    last_prices[name] = Fraction(last)
                case ["position", _, side, lots, name, "yesterday", "at", at]:
                    books.hold(name, LONG if side == "long" else SHORT, int(lots), Fraction(at))
        books.pre_margin = books.margin(books.rows())
        books.last |= last_prices
        self.has_begun = True

    def _quoted(self) -> None:
        """An option that has not traded has no last price in its quote: yesterday's settlement price stands for it."""
        for row in self.quotes:
            if row["LastPrice"] > 1e300:
                row["LastPrice"] = row["PreSettlementPrice"]
        super()._quoted()


def pytest_generate_tests(metafunc: Any) -> None:
    metafunc.parametrize("stream", range(metafunc.config.getoption("--streams") or STREAMS))


def test_a_stream_of_orders_in_options_leaves_what_the_rules_say(stream: int) -> None:
    text = scenario(stream)
    follower = OptionFollower(text)
    for event in passes(text).journal:
        follower.follow(dict(event))
        assert not follower.wrong, f"checkpoint {follower.compared}: " + "\n".join(follower.wrong)
    assert follower.compared == 7
