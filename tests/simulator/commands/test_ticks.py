"""Recorded market data: what a file must be, and how it moves the market."""

from pathlib import Path

import pytest
from support import passes, run

from ctpscen.simulator.commands.ticks import read_ticks

HEAD = "InstrumentID,UpdateTime,UpdateMillisec,LastPrice,BidPrice1,BidVolume1,AskPrice1,AskVolume1\n"
TICKS = (
    HEAD
    + "rb2705,09:30:00,0,3100,3099,5,3101,7\n"
    + "rb2705,09:30:00,500,3102,3101,5,3103,7\n"
    + "rb2705,09:30:10,0,3110,3109,5,3111,1.7976931348623157e308\n"
)


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ticks.csv").write_text(TICKS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "t.csv:1: there is no column InstrumentID"),
        ("InstrumentID,UpdateTime,Lst\n", "t.csv:1: OnRtnDepthMarketData has no field `Lst`"),
        ("InstrumentID,UpdateTime\n", "t.csv: there is no row below the header"),
        ("InstrumentID,UpdateTime\nrb2705,9:30\n", "t.csv:2: UpdateTime `9:30` is not written like 09:30:00"),
        ("InstrumentID,UpdateTime\nrb2705,24:30:00\n", "t.csv:2: UpdateTime `24:30:00` is no time of a day"),
        ("InstrumentID,UpdateTime\nrb2705\n", "t.csv:2: 1 cells, and the header has 2"),
        (
            "InstrumentID,UpdateTime,LastPrice\nrb2705,09:30:00,1\nrb2705,09:30:00,x\n",
            "t.csv:3: LastPrice `x` is no number",
        ),
        ("InstrumentID,UpdateTime,LastPrice\nrb2705,09:30:00,nan\n", "t.csv:2: LastPrice `nan` is no number"),
        ('InstrumentID,UpdateTime\n"rb', "t.csv:2: unexpected end of data"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"t\.csv") as raised:
        read_ticks(text, "t.csv")
    assert str(raised.value) == said


def test_a_value_that_is_none_is_left_out() -> None:
    assert "AskVolume1" not in read_ticks(TICKS, "t.csv")[2].values


def test_quotes_come_at_their_times_and_orders_meet_them() -> None:
    passes(
        'venue: replay "ticks.csv"\n'
        "subscribe rb2705\n"
        "expect quote in rb2705 where last_price == 3102 within 1s\n"
        "buy open 2 rb2705 at 3103 as entry\n"
        "expect trade of entry where price == 3103\n"
        "wait until quote(rb2705).last_price == 3110 within 11s\n"
        "check now() >= 09:30:10 and now() < 09:30:11\n"
    )


def test_a_replay_may_be_faster_and_begin_later() -> None:
    passes(
        'venue: replay "ticks.csv" from 09:30:05 speed 10\n'
        "subscribe rb2705\n"
        "wait until quote(rb2705).last_price == 3110 within 2s\n"
    )


def test_a_conditional_order_meets_the_recorded_price() -> None:
    passes(
        'venue: replay "ticks.csv"\n'
        "buy open 1 rb2705 at 3120 when last >= 3110 as stop_order\n"
        "expect trade of stop_order within 15s as done\n"
        "check done.time >= 2026-11-23 09:30:10\n"
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.csv", None, "`none.csv` cannot be read: No such file or directory"),
        (
            "bad.csv",
            HEAD + "rb2705,09:30:00,0,3100.5,,,,\n",
            "bad.csv:2: 3100.5 is no price of rb2705, whose tick is 1",
        ),
        ("odd.csv", HEAD + "zz2705,09:30:00,0,3100,,,,\n", "odd.csv:2: no exchange has a product of `zz2705`"),
    ],
)
def test_a_file_that_cannot_be_played_is_an_error_of_the_scenario(
    tmp_path: Path, name: str, content: str | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    result = run(f'venue: replay "{name}"\nlog "x"\n')
    assert (result.verdict, result.reason) == ("error", said)
