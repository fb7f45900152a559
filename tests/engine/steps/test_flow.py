"""The flow of a scenario: names, branches, loops, waits, and the ways to end it."""

import pytest
from support import codes, events, passes, run

from ctpscen.ctp.times import MINUTE, SECOND
from ctpscen.engine import limits
from ctpscen.engine.unit import Result


def logged(text: str, **options: object) -> list[str]:
    """What a text that passes logs."""
    return [event["text"] for event in events(passes(text, **options), "log")]


def ends(text: str, verdict: str, reason: str = "") -> Result:
    result = run(text)
    assert (result.verdict, reason in result.reason) == (verdict, True), (result.verdict, result.reason)
    return result


def line(result: Result) -> int:
    """The line that the failure points at."""
    (located,) = result.diagnostics
    return located.source.place(located.diagnostic.span[0]).line


# -------------------------------------------------------------------------------------------------------- names


def test_let_may_bind_a_name_anew() -> None:
    assert logged("log 0\nlet x = 1\nlet x = x + 1\nlog x") == ["0", "2"]


def test_blocks_make_no_scope() -> None:
    assert logged("log 0\nif 1 == 1:\n    let x = 1\nrepeat 2 times:\n    let x = x + 1\nlog x") == ["0", "3"]


def test_statements_may_share_a_line() -> None:
    assert logged("log 1; let x = 2; log x; wait 1s; log 3") == ["1", "2", "3"]


# ------------------------------------------------------------------------------------------------ branches and loops


@pytest.mark.parametrize(("n", "branch"), [(1, "one"), (2, "two"), (3, "three"), (4, "other")])
def test_the_first_branch_that_is_true_is_taken(n: int, branch: str) -> None:
    text = f"""
log 0
let n = {n}
if n == 1:
    log "one"
elif n == 2:
    log "two"
elif n <= 3:
    log "three"
else:
    log "other"
log "end"
"""
    assert logged(text) == ["0", branch, "end"]


def test_an_if_without_an_else_may_do_nothing() -> None:
    assert logged('if 1 == 2: log "no"\nif 1 == 1: log "yes"') == ["yes"]


def test_a_condition_of_an_if_may_ask_the_front() -> None:
    assert logged('if position(rb2705).net == 0:\n    log "flat"') == ["flat"]


def test_repeat_does_it_so_many_times() -> None:
    assert logged("repeat 3 times: log 1") == ["1", "1", "1"]
    assert logged("let n = 0\nlog 9\nrepeat n times: log 1") == ["9"]


def test_for_goes_through_a_list() -> None:
    assert logged("for x in [1, 2, rb2705]:\n    log x\nlog x") == ["1", "2", "rb2705", "rb2705"]
    assert logged('let none_at_all = []\nlog "start"\nfor x in none_at_all: log x') == ["start"]


def test_for_goes_through_the_list_as_it_was() -> None:
    assert logged("log 0\nlet xs = [1, 2]\nfor x in xs:\n    let xs = xs + [3]\nlog xs") == ["0", "[1, 2, 3, 3]"]


def test_while_ends_when_its_condition_does() -> None:
    assert logged("log 0\nlet n = 0\nwhile n < 3 at most 10 times:\n    let n = n + 1\nlog n") == ["0", "3"]


def test_while_may_end_with_its_last_round() -> None:
    assert logged("log 0\nlet n = 0\nwhile n < 3 at most 3 times:\n    let n = n + 1\nlog n") == ["0", "3"]


def test_while_fails_when_its_condition_is_still_true() -> None:
    result = ends("log 0\nlet n = 0\nwhile n < 30 at most 3 times:\n    let n = n + 1", "failed", "after 3 rounds")
    assert line(result) == 3


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("for x in late(3): log x", "`for` goes through a list, not a number"),
        ("repeat (late(1.5)) times: log 1", "a whole number is wanted here, not 1.5"),
        ("if late(1): log 1", "a condition is true or false; this is a number"),
        ("wait late(5)", "a duration is wanted here, not a number"),
        ("wait 1s - 5s", "a duration is not negative"),
        ("wait until late(5)", "a condition is true or false; this is a number"),
        ("wait until 2020-01-01", "2020-01-01 has passed"),
    ],
)
def test_a_value_that_does_not_fit_a_step_is_an_error_at_its_place(step: str, reason: str) -> None:
    assert line(ends(f"define late(x):\n    return x\nlog 0\n{step}", "error", reason)) == 4


def test_a_million_steps_without_time_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.STEPS_AT_ONE_TIME == 1_000_000
    monkeypatch.setattr(limits, "STEPS_AT_ONE_TIME", 100)
    result = ends("connect\nrepeat 200 times:\n    let x = 1", "error", "100 steps in which the clock did not move")
    assert line(result) == 3


def test_steps_that_take_time_may_be_as_many_as_they_like(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STEPS_AT_ONE_TIME", 100)
    passes("repeat 200 times:\n    wait 1ms")


# -------------------------------------------------------------------------------------------------------- waits


@pytest.mark.parametrize(
    ("step", "seconds"),
    [
        ("wait 10s", 10),
        ("wait 1m30s", 90),
        ("wait 0s", 0),
        ("wait 2 * 5s", 10),
        ("wait until 09:31", 60),
        ("wait until 09:30", 0),
        ("wait until 09:29:59", 24 * 3600 - 1),
        ("wait until 2026-11-23 10:00", 1800),
        ("wait until now() + 7s", 7),
    ],
)
def test_a_wait_takes_its_time_to_the_microsecond(step: str, seconds: int) -> None:
    assert passes(f"log 0\n{step}").elapsed == seconds * SECOND


def test_a_wait_until_a_condition_ends_when_it_is_true() -> None:
    result = passes("buy open 1 rb2705 at ask as a\nwait until a is all_traded\ncheck a is all_traded")
    assert result.elapsed < SECOND


def test_a_wait_until_a_condition_fails_after_thirty_seconds() -> None:
    result = ends(
        "buy open 1 rb2705 at bid as a\nwait until a is all_traded", "failed", "did not become true within 30 s"
    )
    assert 30 * SECOND < result.elapsed < 31 * SECOND


def test_a_wait_until_a_condition_has_its_own_time() -> None:
    result = ends("buy open 1 rb2705 at bid as a\nwait until a is all_traded within 2m", "failed", "within 2 m")
    assert result.elapsed > 2 * MINUTE


def test_quiet_is_when_nothing_has_come_for_so_long() -> None:
    result = passes("venue: latency 3s\nbuy open 1 rb2705 at ask as a\nwait until quiet for 5s\ncheck a is all_traded")
    assert 8 * SECOND < result.elapsed < 9 * SECOND


def test_where_it_is_never_quiet_the_wait_fails() -> None:
    result = ends("buy open 1 rb2705 at ask\nwait until quiet for 5s within 4s", "failed", "it was never quiet for 5 s")
    assert result.elapsed < 5 * SECOND


# ------------------------------------------------------------------------------------------------------- endings


def test_stop_ends_here_as_passed() -> None:
    assert logged('log "a"\nif 1 == 1:\n    stop\nlog "b"') == ["a"]


@pytest.mark.parametrize(("step", "verdict"), [("fail", "failed"), ("skip", "skipped"), ("block", "blocked")])
def test_an_ending_has_its_verdict_and_its_words(step: str, verdict: str) -> None:
    result = ends(f'log "a"\nlet n = 2\nif n == 2:\n    {step} "since n is {{n}}"\nlog "b"', verdict, "since n is 2")
    assert result.reason == "since n is 2"
    assert [event["text"] for event in events(result, "log")] == ["a"]
    if step != "skip":  # which is no mistake that could be pointed at
        assert line(result) == 4
    else:
        assert not result.diagnostics


def test_stop_after_a_soft_failure_does_not_hide_it() -> None:
    ends("log 0\nsoft check 1 == 2\nstop", "failed", "1 == 2")
    ends('log 0\nsoft check 1 == 2\nskip "no"', "failed", "1 == 2")


def test_log_writes_any_value() -> None:
    assert logged('log 1\nlog "a"\nlog [1, 2.5]\nlog none') == ["1", "a", "[1, 2.5]", "none"]


# ------------------------------------------------------------------------------------------------------- defines


def test_a_define_is_a_step_of_one_s_own() -> None:
    text = """
define greet(name, times = 2):
    repeat times times: log name
greet("a")
greet("b", 1)
"""
    assert logged(text) == ["a", "a", "b"]


def test_a_define_may_give_a_value() -> None:
    text = """
define twice(x):
    return 2 * x
define sign(x):
    if x < 0: return "minus"
    return "plus"
define nothing():
    log "in"
log twice(3) + twice(twice(1))
log sign(-1)
let v = nothing()
log v
"""
    assert logged(text) == ["10", "minus", "in", "none"]


def test_a_define_has_a_scope_of_its_own_and_sees_params_and_lets() -> None:
    text = """
param p = 1
let q = 2
define inner(x):
    let p = 10
    let own = x + p + q
    log own
log 0
let p = 5
inner(100)
log p
log defined(own)
"""
    assert logged(text) == ["0", "112", "5", "false"]
    assert codes("define f():\n    log hidden\nlog 0\nlet hidden = 3\nf()"), "the scenario's names are not seen"


def test_a_define_acts_for_whoever_calls_it() -> None:
    result = passes("""
session alice
session bob account second
define trade_one():
    buy open 1 rb2705 at ask as a
    expect trade of a
alice: trade_one()
bob: trade_one()
""")
    sent = [event["session"] for event in events(result, "call") if event["name"] == "ReqOrderInsert"]
    assert sent == ["alice", "bob"]


def test_a_define_may_wait_and_return_an_order() -> None:
    passes("""
define filled(volume):
    buy open volume rb2705 at ask as entry
    expect trades of entry total volume
    return entry
connect
let one = filled(2)
check one is all_traded and one.volume_traded == 2
""")


def test_a_return_inside_blocks_leaves_the_define() -> None:
    text = """
define find(xs, wanted):
    for x in xs:
        if x == wanted: return "found {x}"
    return "nothing"
log find([1, 2, 3], 2)
log find([1], 7)
"""
    assert logged(text) == ["found 2", "nothing"]


def test_calls_may_be_a_hundred_deep_and_no_deeper() -> None:
    text = """
define deeper(n):
    if n > 1: deeper(n - 1)
    return n
log 0
deeper({depth})
"""
    passes(text.format(depth=100))
    result = ends(text.format(depth=101), "error", "`deeper` is called more than 100 deep")
    assert line(result) == 3


def test_deep_calls_may_wait_and_give_values_through_blocks() -> None:
    text = """
define add_up(n):
    if n == 0:
        wait 1s
        return 0
    repeat 1 times:
        for each in [n]:
            return each + add_up(each - 1)
log add_up(99)
"""
    assert logged(text) == ["4950"]


def test_a_failure_deep_inside_ends_the_scenario_at_its_place() -> None:
    text = """
define deeper(n):
    if n == 0:
        check n == 1
    deeper(n - 1)
deeper(50)
log "no"
"""
    assert line(ends(text, "failed", "n == 1")) == 4


def test_a_failure_inside_a_define_points_into_it() -> None:
    result = ends("define wrong(x):\n    log x\n    check x == 3\nwrong(2)", "failed", "it does not hold: x == 3")
    assert line(result) == 3


# -------------------------------------------------------------------------------------------- params and tables


def test_a_param_has_its_value_unless_another_is_given() -> None:
    assert logged("param n = 3\nlet m = n * 2\nlog n\nlog m") == ["3", "6"]
    assert logged("param n = 3\nlet m = n * 2\nlog n\nlog m", values={"n": 5}) == ["5", "10"]


TABLE = """
param volume = 9
scenario "rows":
    where:
        | instrument | volume | what        |
        | rb2705     | 1      | "one"       |
        | m2705      | 1 + 1  | "two {volume}" |
    buy open volume as a
    expect trade of a as t
    log "{t.instrument_id} {t.volume} {what}"
"""


def test_each_row_of_a_table_is_a_run_of_its_own() -> None:
    assert logged(TABLE, row=0) == ["rb2705 1 one"]


def test_cells_are_constant_expressions_over_params() -> None:
    assert logged(TABLE, row=1) == ["m2705 2 two 9"]


def test_a_row_has_a_fresh_venue() -> None:
    asked = TABLE + "    check position(instrument).long == volume\n"
    for row in (0, 1):
        passes(asked, row=row)
