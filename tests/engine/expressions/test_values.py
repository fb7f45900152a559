"""Values: what an expression comes to, what it is compared with, how it is shown."""

import pytest
from support import codes, events, passes, run


def shown(*expressions: str, before: str = "") -> list[str]:
    """What `log` makes of expressions."""
    text = "\n".join(["log 0", before, *[f"log {each}" for each in expressions]])
    return [event["text"] for event in events(passes(text), "log")][1:]


LATE = "define late(value):\n    return value\n"
"""A value of which the checker does not know the type."""


def error(expression: str, before: str = "") -> str:
    """Why an expression is an error while running; it stands alone on the last line."""
    text = f"{LATE}log 0\n{before}\nlog {expression}"
    result = run(text)
    assert result.verdict == "error", (result.verdict, result.reason)
    (located,) = result.diagnostics
    assert located.source.place(located.diagnostic.span[0]).line == text.count("\n") + 1
    return result.reason


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("7 / 2", "3.5"),
        ("6 / 2", "3"),
        ("7 % 3", "1"),
        ("-3 + 1", "-2"),
        ("2 - -1", "3"),
        ("5% * 200", "10"),
        ("1_000_000 + 0x1001", "1004097"),
        ("1.5 + 1.5", "3"),
        ("[1] + [2, 3]", "[1, 2, 3]"),
        ('"a" + "b"', "ab"),
        ("10s + 500ms", "10.5 s"),
        ("1h30m", "1 h 30 m"),
        ("2h / 30m", "4"),
        ("3 * 10s", "30 s"),
        ("1m / 4", "15 s"),
        ("2026-11-23 21:00 + 90s", "2026-11-23 21:01:30"),
        ("2026-11-23 21:00 - 2026-11-23 20:00", "1 h"),
        ("21:00", "21:00:00"),
        ("2026-11-23", "2026-11-23"),
        ("none", "none"),
        ("[true, false, none]", "[true, false, none]"),
        ("cu2612", "cu2612"),
        ('"SPD MA701&MA705"', "SPD MA701&MA705"),
        ("[5, 6, 7][0]", "5"),
        ("[5, 6, 7][-1]", "7"),
        ('"\\u{4e2d}\\t|"', "中\t|"),
    ],
)
def test_an_expression_comes_to_its_value(expression: str, value: str) -> None:
    assert shown(expression) == [value]


@pytest.mark.parametrize(
    "condition",
    [
        "1 < 2 < 3",
        "not 1 < 3 < 2",
        "0 < 0.5 <= 0.5",
        "0.1 + 0.2 == 0.3",
        "1.0 == 1.0000009",
        "not 1.0 == 1.000002",
        "1.0 <= 0.9999995",
        "not 1.0 < 1.0000005",
        "2 in [1, 2] and 3 not in [1, 2]",
        "0.3 in [0.1 + 0.2]",
        '"a" in "cat" and "x" not in "cat"',
        '"09:30:05 up" matches "\\\\d{{2}}:\\\\d{{2}} up$" and not ("up" matches "^p")',
        "none is none and 1 is not none",
        "true or 1 / 0 == 1",
        "not (false and 1 / 0 == 1)",
        "not false and not not true",
        "1 == 2 or 2 == 2 and 3 == 3",
        "[1, 2] == [1, 2.0000001]",
        "[1] != [1, 2]",
        "10s > 9999ms",
        "1000ms == 1s",
        '"a" < "b"',
        "21:00 > 09:30",
        "2026-11-23 21:00 > 2026-11-23 20:59:59",
        "now() >= 2026-11-23",
        "now() == 09:30",
        "now() < 09:30:01 < 21:00",
        'rb2705 == "rb2705"',
        "SHFE.rb2705 == rb2705",
    ],
)
def test_a_condition_holds(condition: str) -> None:
    assert shown(condition) == ["true"]


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("len([1, 2, 3])", "3"),
        ('len("abc")', "3"),
        ("sum([1, 2.5])", "3.5"),
        ("sum([])", "0"),
        ("min(3, 1, 2)", "1"),
        ("max([3, 5, 4])", "5"),
        ("max(1s, 500ms)", "1 s"),
        ("abs(-3)", "3"),
        ("abs(0s - 3s)", "3 s"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(1.235, 2)", "1.24"),
        ("round(1234, -2)", "1200"),
        ("dominant(rb)", "rb2701"),
        ("dominant(SR)", "SR701"),
        ("month(rb, 1)", "rb2612"),
        ("month(m, 2)", "m2701"),
        ("month(SR, 1 + 1)", "SR703"),
        ("now()", "2026-11-23 09:30:00"),
    ],
)
def test_a_function_gives_its_value(call: str, value: str) -> None:
    assert shown(call) == [value]


def test_a_template_shows_values_in_a_text() -> None:
    before = "let n = 3\nlet name = rb2705"
    assert shown('"{n} of {name}: {n + 0.5} {{as is}} {[n, none]}"', before=before) == [
        "3 of rb2705: 3.5 {as is} [3, none]"
    ]


def test_a_template_shows_what_a_record_says_and_not_whose_it_is() -> None:
    (position,) = shown(
        "held", before="buy open 2 rb2705 at ask\nexpect trades total 2\nquery position of rb2705 as held\n"
    )
    assert position.startswith(
        "[InvestorPosition(PosiDirection Long, HedgeFlag Speculation, PositionDate Today, Position 2,"
    )
    assert position.endswith("ExchangeID SHFE, InstrumentID rb2705)]")
    assert "100001" not in position
    assert "9999" not in position


def test_a_template_shows_a_report_in_a_few_words() -> None:
    (trade,) = shown("done", before="buy open 2 rb2705 at ask as entry\nexpect trade of entry as done\n")
    assert trade == "OnRtnTrade #2 rb2705 buy 2 at 3151"


def test_a_template_shows_constants_by_their_names() -> None:
    passes("""
buy open 1 rb2705 at lower_limit as resting
expect order of resting where order_status == NoTradeQueueing as report
check "{resting.status} {resting.direction}" == "NoTradeQueueing Buy"
check "{report.OrderStatus} {report.order_ref}" == "NoTradeQueueing 2"
query orders as all_orders
check "{all_orders.order_status}" == "[NoTradeQueueing]"
check resting.order_status == "3"
""")


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("[1, 2][5]", "there is no element 5: there are 2"),
        ("late([])[0]", "there is no element 0: there are none"),
        ("late([1])[0.5]", "an index is a whole number, not 0.5"),
        ("late(3)[0]", "a number has no elements"),
        ("1 / 0", "a division by zero"),
        ("5 % 0", "a division by zero"),
        ('late("a") < 1', "a text and a number have no order"),
        ("late([1]) < late([2])", "a list and a list have no order"),
        ('late("a") + 1', "`+` does not go with a text and a number"),
        ("late(10s) * 10s", "`*` does not go with a duration and a duration"),
        ('-late("a")', "a text has no sign"),
        ("not late(1)", "a condition is true or false; this is a number"),
        ("late(1) and true", "a condition is true or false; this is a number"),
        ("late(3).volume", "a number has no fields"),
        ("late(book(rb2705)).volume", "a position has no field `volume`"),
        ("late(orders()[0]).no_such", "an order has no field `no_such`"),
        ("1 in late(2)", "a number cannot be in a number"),
        ('late(1) matches "1"', "`matches` wants two texts, not a number and a text"),
        ('"a" matches late("(")', "`(` is no regular expression: missing )"),
        ("len(late(3))", "a number has no length"),
        ('sum(late(["a"]))', "only numbers add up; there is a text among them"),
        ("max(late([]))", "there is nothing to choose from"),
        ('max(late([1, "a"]))', "have no order"),
        ("position(late(3))", "an instrument is wanted here, not a number"),
        ("trades(late(3))", "an order is wanted here, not a number"),
    ],
)
def test_what_cannot_be_worked_out_is_an_error_at_its_place(expression: str, reason: str) -> None:
    assert reason in error(expression, "buy open 1 rb2705 at bid")


def test_a_name_that_got_no_value_on_the_way_is_an_error() -> None:
    result = run("log 0\nif 1 == 2:\n    let x = 3\nlog x")
    assert (result.verdict, "`x` has no value" in result.reason) == ("error", True)
    assert "`defined(x)` tells" in str(result.diagnostics[0].diagnostic.notes)


def test_defined_tells_whether_a_name_has_a_value() -> None:
    assert shown("defined(x)", before="if 1 == 2:\n    let x = 3") == ["false"]
    assert shown("defined(x)", before="if 1 == 1:\n    let x = 3") == ["true"]


# ---------------------------------------------------------------------------------------------- orders and records


def test_an_order_is_its_status_and_its_newest_report() -> None:
    passes("""
buy open 3 rb2705 at 3150 as a
check a.status is none and a is none
check a.sent and not a.is_final and a.is_working
check a.limit_price == 3150 and a.VolumeTotalOriginal == 3 and a.order_sys_id == ""
expect a is no_trade_queueing
check a is not all_traded and a.status == no_trade_queueing and a.order_status is NoTradeQueueing
check a.order_sys_id != ""
venue: fill a 1
expect a is part_traded_queueing
check a.volume_traded == 1 and a.volume_total == 2
venue: fill a 2 at 3150
expect a is all_traded
expect a.is_final
check a.is_final and not a.is_working and a.average_price == 3150
""")


def test_an_order_without_trades_has_no_average_price() -> None:
    passes("buy open 1 rb2705 at bid as a\nwait 1s\ncheck a.average_price is none")


def test_a_status_never_goes_back_in_a_replay() -> None:
    passes("""
session trader private restart
buy open 1 rb2705 at ask as a
expect trade of a
disconnect
wait 3s
never order where order_ref == "no such"
always a is all_traded
reconnect
expect order of a where replayed and order_status == unknown
check a is all_traded
""")


def test_an_order_knows_what_its_sender_has_seen() -> None:
    passes("""
buy open 1 rb2705 at ask as a
disconnect
wait 5s
check a.status is none or a is unknown
check a.volume_traded == 0
reconnect
expect a is all_traded
""")


def test_a_list_s_field_is_the_list_of_that_field() -> None:
    passes("""
buy open 1 rb2705 at bid as a
buy open 2 rb2705 at bid as b
let both = [a, b]
log 1
check both.volume_total_original == [1, 2] and sum(both.volume_total_original) == 3
expect both is no_trade_queueing
cancel both
expect both is canceled
check both.status == [a.status, b.status]
check orders().order_ref == both.order_ref
""")


def test_a_price_that_has_no_value_is_none() -> None:
    passes("""
venue: quote rb2705 bid 3149 x 5 ask 3151 x 1 last 3150
buy open 1 rb2705 at ask as a
expect trade of a
wait 1s
check quote(rb2705).ask is none
check quote(rb2705).bid == 3149
""")


def test_positions_by_the_front_and_by_the_reports() -> None:
    passes("""
venue:
    position trader long 3 rb2705 yesterday at 3100
    position trader short 1 rb2705 at 3160
buy open 2 rb2705 at ask as a
expect trade of a
let held = position(rb2705)
log 1
check held.long == 5 and held.long_today == 2 and held.long_yesterday == 3
check held.short == 1 and held.short_today == 1 and held.short_yesterday == 0 and held.net == 4
check book(rb2705).long == 2 and book(rb2705).net == 2
check position(m2705).net == 0 and book(m2705).long == 0
""")


def test_account_is_the_front_s_record() -> None:
    passes("check account().available == 20_000_000 and account().balance == 20_000_000")
    passes("venue: balance trader 1_000_000\ncheck account().pre_balance == 1_000_000")


def test_trades_and_orders_are_those_that_the_session_saw() -> None:
    passes("""
session alice
session bob account second
alice: buy open 2 rb2705 at ask as a
bob: buy open 1 rb2705 at ask as b
wait 1s
alice: check len(trades()) == 1 and trades(a).volume == [2] and len(orders()) == 1
bob: check len(trades()) == 1 and trades(b).volume == [1] and len(trades(a)) == 0
""")


def test_price_words_are_the_newest_market_data_of_the_default_instrument() -> None:
    before = "venue: quote rb2705 bid 3140 x 5 ask 3160 x 5 last 3155"
    assert shown("ask", "bid", "last", "last + 2 ticks", "bid - 1 tick", before=before) == [
        "3160",
        "3140",
        "3155",
        "3157",
        "3139",
    ]
    assert shown("quote(m2705).ask - quote(m2705).bid") == ["2"]


def test_limits_and_yesterday_s_settlement_are_prices() -> None:
    text = "venue:\n    quote rb2705 bid 3999 x 5 ask 4001 x 5 pre_settlement 4000\n"
    result = passes(f"{text}log pre_settlement\ncheck lower_limit < 3999 < 4001 < upper_limit")
    assert [event["text"] for event in events(result, "log")] == ["4000"]


def test_the_default_instrument_is_the_param_s_then_the_command_s_then_the_venue_s() -> None:
    def traded(text: str, **settings: str) -> str:
        result = passes(f"{text}\nbuy open as a\nexpect trade of a as t\nlog t.instrument_id", **settings)
        return str(events(result, "log")[0]["text"])

    assert traded("") == "rb2705"
    assert traded("venue: quote m2705 bid 3399 x 5 ask 3401 x 5") == "m2705"
    assert traded("venue: quote m2705 bid 3399 x 5 ask 3401 x 5", instrument="cu2701") == "cu2701"
    assert traded("param instrument = ag2702", instrument="cu2701") == "ag2702"


@pytest.mark.parametrize("text", ['log "a" < 1', 'log 1 == "a"', "buy open 1 rb2705 at bid as a\nlog a.no_such"])
def test_what_can_be_found_before_is_found_before(text: str) -> None:
    assert codes(text)
