"""The library's scenarios for programs: each passes with the robot, fails on a mistake of it, and finds the question.

A scenario that needs an order is blocked by a program that places none.
"""

import platform
import sys

import pytest
from support import ROOT

import ctpscen
from ctpscen.loading import load

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="programs run on Linux x86-64"
)

FLAWS = {
    ("breaks", "no second order after a break"): "--flaw resends",
    ("breaks", "no second order for one whose answer a break took"): "--flaw resends",
    ("breaks", "no order while there is no connection"): "--flaw order-while-down",
    ("breaks", "it logs in again after a break"): "--flaw logs-in-once",
    ("breaks", "it logs in again when the front has ended its connection"): "--flaw logs-in-once",
    ("breaks", "a line that has gone silent is a break as well"): "--flaw logs-in-once",
    ("breaks", "it subscribes again after its market data broke off"): "--market --flaw subscribes-once",
    ("replays", "what traded in a break is known after it"): "--private quick --flaw asks-nothing",
    ("replays", "what traded in a break is counted once"): "--private restart --flaw counts-repeats",
    ("replays", "a trade that is reported twice is counted once"): "--flaw counts-repeats",
    ("replays", "a trade that comes before its order is counted"): "--flaw drops-early-trades",
    ("replays", "an order reports more than once what it has traded"): "--flaw counts-orders",
    ("replays", "after a crash it finds its order"): "--flaw forgets",
    ("replays", "after a crash it finds what has traded"): "--flaw forgets",
    ("logins", "refused at noon by 8, it tries again"): "--flaw gives-up",
    ("logins", "refused by 7 while the core starts, it tries again"): "--flaw gives-up",
    ("logins", "a refused login is not tried in a storm"): "--flaw login-storm",
    ("logins", "it is back at 20:55, before the night begins"): "--flaw logs-in-once",
    ("logins", "a first login is answered by 140: no order, and no storm"): "--flaw login-storm",
    ("logins", "the settlement is confirmed before the first order"): "--flaw no-confirmation",
    ("refusals", "an order that the exchange refused is no cancelled one"): "--flaw takes-refusal-for-cancel",
    ("refusals", "an order that the counter refused is not placed again and again"): "--flaw insists",
    ("refusals", "an order of which nothing is heard is not placed again"): "--flaw impatient",
    ("refusals", "no more orders in a second than allowed"): "--flaw bursts",
    ("refusals", "a query that is refused is asked again"): "--flaw one-query",
    ("refusals", "refused queries are not asked in a storm"): "--flaw query-storm",
    ("rows", "a spread row at login"): "--flaw knows-every-row",
    ("rows", "thousands of contracts are told before it asks for more"): "--contracts --flaw takes-rows-for-answers",
    ("rows", "a statement is cut inside a Chinese character"): "--statement --flaw decodes-pieces",
    ("quotes", "no order on a first quote that is hours old"): "--market --flaw trusts-old-quotes",
    ("quotes", "prices without a value"): "--market --flaw takes-every-price",
    ("quotes", "on a Friday night quotes have other days than the clock"): (
        "--market --contract m2705 --exchange DCE --price 3300 --flaw believes-quote-days"
    ),
    ("money", "money of which nothing is heard is not asked for twice"): "--deposit 50000 --flaw pays-twice",
    ("ending", "it cancels what it has left"): "--flaw leaves-orders",
    ("ending", "a cancel that is refused is not sent in a storm"): "--flaw cancel-storm",
    ("ending", "it ends before it is connected"): "--flaw hangs",
    ("ending", "it ends while its login is not answered"): "--flaw crashes-early",
    ("ending", "it ends while its connection is broken"): "--flaw hangs",
    ("ending", "it ends while an order is under way"): "--flaw waits-for-order",
    ("ending", "it does nothing that the CTP library punishes"): "--flaw calls-after-release",
}

NEEDS_NO_ORDER = {
    ("breaks", "it subscribes again after its market data broke off"),
    *(each for each in FLAWS if each[0] == "logins" and "settlement" not in each[1] and "noon" not in each[1]),
    *(each for each in FLAWS if each[0] == "rows" or (each[0] == "quotes" and "night" not in each[1])),
    ("money", "money of which nothing is heard is not asked for twice"),
    ("refusals", "a query that is refused is asked again"),
    ("refusals", "refused queries are not asked in a storm"),
    ("ending", "it ends before it is connected"),
    ("ending", "it ends while its login is not answered"),
}

FOLDER = ROOT / "scenarios" / "program"


def ran(question: tuple[str, str], options: str) -> ctpscen.Result:
    """One scenario, with the robot as its options say."""
    file, title = question
    return ctpscen.run(FOLDER / f"{file}.scn", title=title, values={"command": f"{{python}} robot.py {options}"})


def test_every_scenario_has_a_mistake_that_it_finds() -> None:
    found = {
        (path.stem, scenario.title)
        for path in FOLDER.glob("*.scn")
        if (program := load(str(path))[1].program) is not None
        for scenario in program.scenarios
    }
    assert found == FLAWS.keys()


@pytest.mark.parametrize("question", FLAWS, ids=" ".join)
def test_a_scenario_passes_without_a_mistake_and_fails_on_it(question: tuple[str, str]) -> None:
    flawed = FLAWS[question]
    sound = ran(question, flawed.partition("--flaw")[0])
    assert (sound.verdict, sound.reason) == ("passed", "")
    assert ran(question, flawed).verdict == "failed"


@pytest.mark.parametrize("question", sorted(FLAWS.keys() - NEEDS_NO_ORDER), ids=" ".join)
def test_a_program_that_places_no_order_is_blocked_where_one_is_needed(question: tuple[str, str]) -> None:
    result = ran(question, "--watch")
    assert result.verdict == "blocked"
    assert "placed no order" in result.reason


MISTAKES = {
    ("logins", "refused at noon by 8, it tries again"),
    ("breaks", "no second order after a break"),
    ("refusals", "an order that the exchange refused is no cancelled one"),
    ("replays", "what traded in a break is counted once"),
    ("ending", "it cancels what it has left"),
}


@pytest.mark.parametrize("question", sorted(MISTAKES), ids=" ".join)
def test_each_mistake_of_the_example_with_five_is_found(question: tuple[str, str]) -> None:
    file, title = question
    result = ctpscen.run(FOLDER / f"{file}.scn", title=title, values={"command": "{python} five_mistakes.py"})
    assert result.verdict == "failed"
