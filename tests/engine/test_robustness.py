"""What passes the check never ends in an internal error, whatever nonsense it asks for."""

import random

import pytest
from support import checked, library, passes, run, simulate

from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.unit import Unit

FILES = library()
WORDS = (
    'rb2705 cu2612 0 1 2 -1 10s 1ms none true 5% "x" all_traded ask bid last trade order quote account() '
    "position(rb2705) trades() orders() [1] 21:00 2026-11-24"
).split()


def mutated(text: str, chance: random.Random) -> str:
    """A scenario with lines dropped, doubled and swapped, and words put in the place of others."""
    lines = text.split("\n")
    for _ in range(chance.randint(1, 3)):
        index, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(4):
            case 0 if len(lines) > 1:
                lines.pop(index)
            case 1:
                lines.insert(index, lines[other])
            case 2:
                words = lines[index].split(" ")
                place = chance.randrange(len(words))
                words[place] = chance.choice(WORDS) if words[place] else ""
                lines[index] = " ".join(words)
            case _:
                lines[index], lines[other] = lines[other], lines[index]
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(4))
def test_scenarios_that_were_tampered_with_end_in_a_verdict(seed: int) -> None:
    chance, ran = random.Random(seed), 0
    for _ in range(120):
        path = chance.choice(FILES)
        text = mutated(path.read_text(encoding="utf-8"), chance)
        found = checked(text, str(path)).program
        if found is None:
            continue
        compiled = CompiledProgram(found)
        for scenario in found.scenarios[:2]:
            result = simulate(Unit(str(path), text, scenario.title, None if scenario.table is None else 0), compiled)
            assert "internal error" not in result.reason, f"{result.reason}\n\n{text}"
            ran += 1
    assert ran > 20


def test_what_the_venue_asks_is_asked_of_the_default_session() -> None:
    passes(
        "buy open 1 rb2705 at bid - 5 ticks\n"
        "expect order where order_status == NoTradeQueueing\n"
        "venue: cancel orders()[0]\n"
        "expect order where order_status == Canceled\n"
    )


@pytest.mark.parametrize("code", ["9999", "-1"])
def test_a_refusal_may_have_a_code_that_ctp_does_not_know(code: str) -> None:
    passes(
        f"venue: reject next order by counter {code}\n"
        "buy open 1 rb2705 at bid as entry\n"
        f"expect rejection of entry by counter {code} as refused\n"
        'check refused.message == ""\n'
    )


def test_a_refusal_with_0_is_none() -> None:
    result = run("venue: refuse login by 0\nconnect\n")
    assert (result.verdict, result.reason) == ("error", "0 is no code of a refusal: 0 means that all is well")


@pytest.mark.parametrize("step", ["buy open 1 rb2705 at 3000", "query orders", "cancel all", "subscribe rb2705"])
def test_a_step_without_an_api_object_fails(step: str) -> None:
    result = run(f"release\n{step}\n")
    assert (result.verdict, result.reason) == ("failed", "trader has no API object; `connect` makes one")


def test_a_price_in_where_needs_market_data() -> None:
    result = run("connect front\nauthenticate\nexpect authentication where code == bid\n")
    assert result.verdict == "error"
    assert result.reason == "there is no market data of rb2705 yet"
