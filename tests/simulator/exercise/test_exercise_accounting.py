"""Random days of options: what is held and owned after the settlement, beside a second statement of the rules.

The second one is written from the documentation, lot by lot and in fractions, without a look at the ledger.
"""

from collections import Counter
from datetime import datetime
from fractions import Fraction
from random import Random
from typing import Literal

import pytest
from attrs import define, field
from support.desk import Desk, opened

from ctpscen.ctp.commands.accounts import SetPosition
from ctpscen.ctp.times import from_moment

# An exchange's future, the step of its strikes, its last day, its multiplier, its tick, and what a lot of the option
# costs: the exchanges' contract specifications.
MARKETS = {
    "m2701": ("m2701-{}-{}", 50, datetime(2026, 12, 16), 10, 1, Fraction("0.5")),
    "cu2701": ("cu2701{}{}", 1000, datetime(2026, 12, 25), 5, 10, Fraction(5)),
    "SR701": ("SR701{}{}", 100, datetime(2026, 12, 11), 10, 1, Fraction("1.5")),
}
MIDDLE = {"m2701": 3000, "cu2701": 71000, "SR701": 5600}
BALANCE = 20_000_000
DAYS = 24


@define
class Side:
    """Lots of one option on one side, with what is declared of them."""

    right: str
    strike: int
    is_long: bool
    lots: int
    exercised: int = 0
    abandoned: int = 0
    self_closed: int = 0
    sets_off: bool = False


@define
class Day:
    """A day of an account at one exchange, made by chance."""

    future: str
    is_last: bool
    settled: int
    before: int
    sides: dict[str, dict[bool, Side]] = field(factory=dict)
    held: dict[bool, int] = field(factory=dict)


def a_day(seed: int) -> Day:
    chance = Random(seed)
    future = chance.choice(sorted(MARKETS))
    form, step, _, _, tick, _ = MARKETS[future]
    middle = MIDDLE[future]
    day = Day(future, chance.random() < 0.7, middle + tick * chance.randint(-40, 40), middle)
    dates = day.is_last
    for right in "CP":
        for strike in (middle - step, middle, middle + step):
            sides = day.sides.setdefault(form.format(right, strike), {})
            for is_long in (True, False):
                side = Side(right, strike, is_long, chance.choice([0, 0, 1, 3, 6]))
                if is_long and side.lots:
                    side.exercised = chance.randint(0, side.lots) if chance.random() < 0.4 else 0
                    left = side.lots - side.exercised
                    side.abandoned = chance.randint(0, left) if dates and chance.random() < 0.4 else 0
                if future.startswith(("cu", "m")) and not is_long and chance.random() < 0.3:
                    side.self_closed = chance.randint(1, 4)
                if future.startswith("cu"):
                    side.sets_off = chance.random() < 0.4
                sides[is_long] = side
    day.held = {is_long: chance.choice([0, 2, 5]) for is_long in (True, False)}
    return day


# -------------------------------------------------------------------------------------------------------- the rules


def by_the_rules(day: Day) -> tuple[Counter[tuple[str, bool]], Fraction]:
    """Lots after the settlement, by instrument and side, and the balance."""
    _, _, _, multiplier, _, paid = MARKETS[day.future]
    lots: Counter[tuple[str, bool]] = Counter()
    futures = Counter(day.held)
    balance = Fraction(BALANCE)
    for is_long, held in day.held.items():
        balance += (1 if is_long else -1) * held * (day.settled - day.before) * multiplier
    for option, sides in day.sides.items():
        left = {is_long: side.lots for is_long, side in sides.items()}
        netted = min(sides[False].self_closed, *left.values())
        left = {is_long: count - netted for is_long, count in left.items()}
        for is_long, side in sides.items():
            worth = (day.settled - side.strike) * (1 if side.right == "C" else -1)
            kept_back = min(side.exercised, left[is_long])
            became = kept_back
            if day.is_last and worth > 0:
                became += max(0, left[is_long] - kept_back - side.abandoned)
            turned = [(kept_back, side.sets_off and is_long), (became - kept_back, side.sets_off and not is_long)]
            for number, sets_off in turned:
                goes_long = (side.right == "C") == is_long
                futures[goes_long] += number
                balance += number * worth * multiplier * (1 if is_long else -1) - number * paid
                if sets_off:
                    off = min(number, futures[True], futures[False])
                    futures[True] -= off
                    futures[False] -= off
            if not day.is_last:
                lots[option, is_long] = left[is_long] - became
    for is_long, held in futures.items():
        lots[day.future, is_long] = held
    return +lots, balance


# ---------------------------------------------------------------------------------------------------- the simulator


def played(day: Day) -> Desk:
    """The day at the simulated front, up to its settlement."""
    last = MARKETS[day.future][2]
    moment = (last if day.is_last else datetime(2026, 12, 4)).replace(hour=14)
    desk = Desk(opened(*day.sides, at=from_moment(moment))).connect()
    contract = desk.simulation.contract(day.future)
    contract.settle_at(float(day.before))
    for is_long, lots in day.held.items():
        seed(desk, day.future, lots, float(day.before), is_long=is_long)
    for option, sides in day.sides.items():
        for is_long, side in sides.items():
            seed(desk, option, side.lots, desk.simulation.contract(option).pre_settlement, is_long=is_long)
    for option, sides in day.sides.items():
        declare(desk, option, sides)
    assert desk.of("OnErrRtnExecOrderInsert", "OnErrRtnOptionSelfCloseInsert") == []
    contract.last = contract.ticks(float(day.settled))
    desk.simulation._settle()
    return desk


def seed(desk: Desk, instrument: str, lots: int, price: float, *, is_long: bool) -> None:
    if lots:
        holding: Literal["long", "short"] = "long" if is_long else "short"
        desk.command(
            SetPosition(
                session="alice", holding=holding, volume=lots, instrument=instrument, yesterday=True, price=price
            )
        )


def declare(desk: Desk, option: str, sides: dict[bool, Side]) -> None:
    bought, sold = sides[True], sides[False]
    names = {**desk.ids, "InstrumentID": option, "ExchangeID": desk.simulation.contract(option).exchange}
    for action, lots in (("1", bought.exercised), ("2", bought.abandoned)):
        if lots:
            closes = "0" if bought.sets_off and action == "1" else "1"
            desk.call(
                "ReqExecOrderInsert",
                **{**names, "Volume": lots, "OffsetFlag": "1", "HedgeFlag": "1", "ActionType": action},
                PosiDirection="2",
                ReservePositionFlag="0",
                CloseFlag=closes,
            )
    for flag, lots in (("1", sold.self_closed), ("3", int(sold.sets_off))):
        if lots:
            desk.call("ReqOptionSelfCloseInsert", **names, Volume=lots, HedgeFlag="1", OptSelfCloseFlag=flag)
    desk.rest(20_000)


@pytest.mark.parametrize("seed", range(DAYS))
def test_a_day_of_options_leaves_what_the_rules_say(seed: int) -> None:
    day = a_day(seed)
    lots, balance = by_the_rules(day)
    ledger = played(day).simulation.core.accounts["100001"].ledger
    assert {
        (holding.contract.id, holding.is_long): holding.volume()
        for holding in ledger.holdings.values()
        if holding.volume()
    } == dict(lots)
    assert ledger.pre_balance == pytest.approx(float(balance), abs=0.005)
