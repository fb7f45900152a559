"""Prices that move by themselves, and the market path apart from the trading path."""

import pytest
from support import callbacks, passes, run

WALK = "venue: still\nvenue: walk rb2705 volatility 5% seed 7 for 10m\nsubscribe rb2705\nwait 20m\n"


def prices(text: str, seed: int = 0) -> list[tuple[int, float]]:
    quotes = callbacks(passes(text, seed=seed), "OnRtnDepthMarketData")
    return [(event["time"], event["fields"]["LastPrice"]) for event in quotes]


def test_a_walk_is_decided_by_its_own_seed() -> None:
    first = prices(WALK)
    assert first == prices(WALK, seed=99)
    assert first != prices(WALK.replace("seed 7", "seed 8"))


def test_a_walk_without_a_seed_is_decided_by_the_run_s() -> None:
    text = WALK.replace(" seed 7", "")
    assert prices(text, seed=1) == prices(text, seed=1)
    assert prices(text, seed=1) != prices(text, seed=2)


def test_a_walk_moves_by_ticks_within_the_limits_and_ends() -> None:
    found = prices(WALK)
    assert len(found) > 300
    assert all(price == int(price) and 2900 < price < 3400 for _, price in found)
    assert found[-1][0] - found[0][0] <= 601_000_000
    assert len({price for _, price in found}) > 10


def test_a_walk_rests_while_there_is_no_trading() -> None:
    found = prices("venue:\n    clock 2026-11-23 11:29\n    walk rb2705 volatility 5%\nsubscribe rb2705\nwait 30m\n")
    assert found[-1][0] - found[0][0] <= 61_000_000


@pytest.mark.parametrize("volatility", ["0%", "100%", "-1"])
def test_a_volatility_that_is_none_is_refused(volatility: str) -> None:
    result = run(f'venue: walk rb2705 volatility ({volatility})\nlog "x"\n')
    assert result.verdict == "error"
    assert result.reason.startswith("a volatility is more than 0% and less than 100%")


def test_the_market_path_may_be_cut_alone() -> None:
    passes(
        "subscribe rb2705\n"
        "expect quote in rb2705\n"
        "disconnect market\n"
        "venue: quote rb2705 bid 3200 x 5 ask 3201 x 5 last 3200\n"
        "expect no quote for 3s\n"
        "buy open 1 rb2705 at 3201 as entry\n"
        "expect trade of entry where price == 3201\n"
        "reconnect\n"
        "expect quote in rb2705 where last_price == 3201 within 2s\n"
        "expect no disconnection\n"
    )


def test_disconnect_cuts_both_paths() -> None:
    passes(
        "subscribe rb2705\n"
        "expect quote in rb2705\n"
        "disconnect\n"
        "venue: quote rb2705 bid 3200 x 5 ask 3201 x 5 last 3200\n"
        "expect no quote for 3s\n"
        "reconnect\n"
        "expect quote in rb2705 where last_price == 3200 within 2s\n"
    )
