"""The unit of work: what goes in, what comes out, and that nothing else matters."""

import json
import pickle
from typing import Any

import pytest
from support import callbacks, checked, events, fault_texts, passes, run, simulate

from ctpscen.ctp.commands.plan import read_plan
from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.settings import Settings
from ctpscen.engine.state.journal import SCHEMA
from ctpscen.engine.unit import Result, Unit

TEXT = """
param volume = 2
before: network: latency 20ms jitter 15ms
scenario "one" @tag:
    buy open volume rb2705 at ask as a
    expect trade of a
    disconnect
    wait 5s
    reconnect
scenario "two":
    check 1 == 2
"""


def unit(title: str = "one", **options: Any) -> Unit:
    return Unit("test.scn", TEXT, title, **options)


def test_a_unit_and_its_result_can_be_pickled() -> None:
    each = unit(plan=read_plan("trader/OnRtnTrade/1:cut"), settings=Settings(values={"volume": 3}))
    again = pickle.loads(pickle.dumps(each))
    assert again == each
    result = simulate(again)
    copied: Result = pickle.loads(pickle.dumps(result))
    assert copied == result
    assert list(copied.journal) == list(result.journal)


def test_a_failed_result_can_be_pickled_with_its_diagnostics() -> None:
    result = simulate(unit("two"))
    copied: Result = pickle.loads(pickle.dumps(result))
    assert copied.diagnostics == result.diagnostics
    assert copied.diagnostics[0].diagnostic.message == "it does not hold: 1 == 2"


def test_a_result_says_which_scenario_it_was_and_how_it_ended() -> None:
    result = simulate(unit("two"))
    assert (result.name, result.title, result.row, result.verdict) == ("test.scn", "two", None, "failed")
    assert (result.reason, TEXT.split("\n")[result.line - 1]) == ("it does not hold: 1 == 2", 'scenario "two":')


def test_an_unknown_title_and_a_text_that_does_not_check_are_the_caller_s_mistakes() -> None:
    with pytest.raises(KeyError):
        simulate(unit("three"))
    with pytest.raises(ValueError, match="unknown step"):
        simulate(Unit("test.scn", "expct trade", "test"))


def test_used_files_come_with_the_unit() -> None:
    text = 'use "other.scn"\ntwice(n)'
    other = "param n = 3\ndefine twice(x):\n    log 2 * x"
    result = simulate(Unit("test.scn", text, "test", used={"other.scn": other}))
    assert [event["text"] for event in events(result, "log")] == ["6"]
    with pytest.raises(ValueError, match=r"other\.scn"):
        simulate(Unit("test.scn", text, "test"))


def test_the_same_seed_gives_the_same_journal_to_the_byte() -> None:
    first, second = simulate(unit(seed=7)), simulate(unit(seed=7))
    assert json.dumps(first.journal) == json.dumps(second.journal)


def test_another_seed_gives_other_times() -> None:
    first, second = simulate(unit(seed=7)), simulate(unit(seed=8))
    assert json.dumps(first.journal) != json.dumps(second.journal)
    assert first.verdict == second.verdict == "passed"


def test_a_compiled_program_holds_nothing_of_a_run() -> None:
    program = checked(TEXT).program
    assert program is not None
    compiled = CompiledProgram(program)
    alone = simulate(unit(seed=7))
    for title in ("one", "two", "one"):
        simulate(unit(title, seed=7), compiled)
    assert json.dumps(simulate(unit(seed=7), compiled).journal) == json.dumps(alone.journal)


def test_settings_replace_params() -> None:
    result = simulate(unit(settings=Settings(values={"volume": 5})))
    (order,) = [event["fields"] for event in events(result, "call") if event["name"] == "ReqOrderInsert"]
    assert order["VolumeTotalOriginal"] == 5


def test_the_time_that_a_run_takes_is_virtual_and_whole() -> None:
    assert passes("wait 36h").elapsed == 36 * 3600 * 1_000_000


# ---------------------------------------------------------------------------------------------------- the fault plan


def planned(text: str) -> Unit:
    return unit(plan=read_plan(text))


@pytest.mark.parametrize("fault", ["lose", "duplicate", "cut"])
def test_a_fault_of_the_plan_is_in_the_journal(fault: str) -> None:
    result = simulate(planned(f"trader/OnRtnTrade/1:{fault}"))
    assert result.journal[0]["plan"] == f"trader/OnRtnTrade/1:{fault}"
    struck = next(event for event in events(result, "fault") if event["fault"] == "Planned")
    assert (struck["does"], struck["boundary"]) == (fault, "trader/OnRtnTrade/1")


def test_without_a_plan_no_fault_is_noted_but_the_scenario_s() -> None:
    assert fault_texts(simulate(unit())) == ["latency 20 ms, jitter 15 ms", "the path of trader is cut"]


def test_a_cut_can_be_tried_at_every_boundary_and_never_breaks_the_program() -> None:
    whole = simulate(planned(""))
    assert whole.explored is not None
    assert len(whole.explored.reached) > 15
    for reached in whole.explored.reached:
        result = simulate(planned(f"{reached.boundary}:cut"))
        assert result.verdict == "passed", (reached, result.reason)
        assert result.explored is not None
        assert result.explored.struck == (reached.boundary,)


def test_a_fault_that_is_not_reached_is_an_error() -> None:
    result = simulate(planned("trader/OnRtnTrade/99:cut"))
    assert (result.verdict, result.reason) == ("error", "the plan's trader/OnRtnTrade/99:cut was not reached")


# --------------------------------------------------------------------------------------------------------- journal


def test_the_journal_opens_with_what_the_run_was() -> None:
    head = simulate(unit(seed=3)).journal[0]
    assert (head["event"], head["schema"], head["title"], head["file"]) == ("scenario", SCHEMA, "one", "test.scn")
    assert (head["tags"], head["seed"], head["row"], head["sessions"]) == (["tag"], 3, None, ["trader"])


def test_the_journal_ends_with_the_verdict_and_its_diagnostics() -> None:
    last = simulate(unit("two")).journal[-1]
    assert (last["event"], last["verdict"], last["reason"]) == ("verdict", "failed", "it does not hold: 1 == 2")
    (diagnostic,) = last["diagnostics"]
    assert (diagnostic["file"], diagnostic["message"]) == ("test.scn", "it does not hold: 1 == 2")
    assert TEXT.split("\n")[diagnostic["line"] - 1].strip() == "check 1 == 2"


def test_the_journal_is_plain_data_in_the_order_of_time() -> None:
    journal = json.loads(json.dumps(simulate(unit()).journal))
    times = [event["time"] for event in journal]
    assert times == sorted(times)


def test_every_callback_and_every_call_stands_in_the_journal() -> None:
    result = passes("sell close 1 rb2705 at bid as a\nexpect rejection of a\nwait 1s")
    refused = callbacks(result, "OnRspOrderInsert", "OnErrRtnOrderInsert")
    assert [event["error"]["ErrorID"] for event in refused] == [51, 51]
    assert [event["request"] > 0 for event in refused] == [True, False]
    (call,) = [event for event in events(result, "call") if event["name"] == "ReqOrderInsert"]
    assert (call["returned"], call["request"]) == (0, refused[0]["request"])


def test_steps_stand_in_the_journal_with_where_they_are_written() -> None:
    steps = [event for event in events(run("log 1\nif 1 == 1:\n    wait 2s"), "step") if not event.get("implicit")]
    assert [(event["text"], event["line"]) for event in steps] == [("log 1", 1), ("if 1 == 1:", 2), ("wait 2s", 3)]
    assert steps[2]["depth"] == 1


@pytest.mark.parametrize("name", ["Password", "AuthCode", "NewPassword", "OldPassword"])
def test_secrets_are_masked_as_they_are_written_down(name: str) -> None:
    result = passes('connect\nchange password from "123456" to "abcdef"')
    values = [event["fields"][name] for event in events(result, "call") if event["fields"] and name in event["fields"]]
    assert set(values) == {"•••"}
