"""How instruments are written, and times and durations as CTP and people write them."""

import pickle
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctpscen.ctp import times
from ctpscen.ctp.schema.tables import normalise
from ctpscen.ctp.terms.instruments import Instrument, looks_like_instrument, product_id


@pytest.mark.parametrize(
    ("text", "name", "exchange"),
    [
        ("cu2612", "cu2612", ""),
        ("SHFE.cu2612", "cu2612", "SHFE"),
        ("cu2612.SHFE", "cu2612", "SHFE"),
        ("shfe.cu2612", "cu2612", "SHFE"),
        ("CZCE.SR701", "SR701", "CZCE"),
        ("DCE.m2701-C-3000", "m2701-C-3000", "DCE"),
        ("cu2612C80000.SHFE", "cu2612C80000", "SHFE"),
        ("SPD MA701&MA705", "SPD MA701&MA705", ""),
        ("NYSE.cu2612", "NYSE.cu2612", ""),
    ],
)
def test_a_qualifying_exchange_is_split_off(text: str, name: str, exchange: str) -> None:
    parsed = Instrument.parse(text)
    assert (str(parsed), parsed.exchange) == (name, exchange)


@pytest.mark.parametrize(
    "text", ["cu2612", "IF2612", "SR701", "m2701-C-3000", "m2701-P-3000", "cu2612C80000", "SR701C6000", "IO2612-C-3300"]
)
def test_contracts_and_options_have_the_shape_of_an_instrument(text: str) -> None:
    assert looks_like_instrument(text)


@pytest.mark.parametrize(
    "text",
    ["", "cu", "cu12", "cu26123", "abc2612", "2612", "cu2612X80000", "cu2612C", "entry", "SHFE.cu2612", "cu2612 "],
)
def test_other_words_have_not(text: str) -> None:
    assert not looks_like_instrument(text)
    assert product_id(text) == ""


@pytest.mark.parametrize(
    ("text", "product"), [("cu2612", "cu"), ("m2701-C-3000", "m"), ("cu2612C80000", "cu"), ("SR701", "SR")]
)
def test_a_product_is_the_letters_in_front(text: str, product: str) -> None:
    assert product_id(text) == product


def test_an_instrument_is_a_text_that_travels_with_its_exchange() -> None:
    parsed = Instrument.parse("SHFE.cu2612")
    copy = pickle.loads(pickle.dumps(parsed))
    assert parsed == "cu2612"
    assert (copy, copy.exchange) == ("cu2612", "SHFE")


@given(st.from_regex(r"[A-Za-z]{1,12}(_[A-Za-z0-9]{1,8}){0,3}", fullmatch=True))
def test_normalising_forgets_case_and_underscores_only(word: str) -> None:
    assert normalise(word) == normalise(word.upper()) == normalise(word.replace("_", "")) == normalise(normalise(word))
    assert len(normalise(word)) == len(word) - word.count("_")


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)))
def test_a_moment_and_its_microseconds_are_the_same(moment: datetime) -> None:
    time = times.from_moment(moment)
    assert times.to_moment(time) == moment
    assert times.date_of(time) == moment.date()
    assert times.day_start(moment.date()) + (time % times.DAY) == time
    assert times.date_text(time) == moment.strftime("%Y%m%d")
    assert times.clock_text(time) == moment.strftime("%H:%M:%S")
    assert times.time_of_day(times.clock_text(time)) == time % times.DAY // times.SECOND * times.SECOND


@given(st.timedeltas(timedelta(0), timedelta(days=1000)))
def test_a_duration_and_its_microseconds_are_the_same(duration: timedelta) -> None:
    assert times.to_duration(times.from_duration(duration)) == duration


def test_the_clock_begins_in_1970_and_knows_no_zone() -> None:
    assert times.from_moment(datetime(1970, 1, 1)) == 0
    assert times.from_moment(datetime(1970, 1, 2)) == 86_400_000_000
    assert times.day_start(date(1970, 1, 3)) == 2 * times.DAY


def test_a_time_of_day_may_leave_its_seconds_out() -> None:
    assert times.time_of_day("09:30") == 9 * times.HOUR + 30 * times.MINUTE
    assert times.time_of_day("14:59:58") == 15 * times.HOUR - 2 * times.SECOND


def test_a_precise_time_has_milliseconds() -> None:
    assert times.precise_text(times.from_moment(datetime(2026, 11, 23, 9, 30, 0, 12_900))) == "09:30:00.012"


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [
        (0, "0 s"),
        (350, "350 µs"),
        (1_000, "1 ms"),
        (12_500, "12.5 ms"),
        (1_500_000, "1.5 s"),
        (30_000_000, "30 s"),
        (125_000_000, "2 m 5 s"),
        (3 * 3_600_000_000, "3 h"),
        (5_430_000_000, "1 h 30 m 30 s"),
    ],
)
def test_a_duration_is_spoken_in_its_own_units(microseconds: int, text: str) -> None:
    assert times.spoken_duration(microseconds) == text
