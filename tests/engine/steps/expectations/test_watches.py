"""`never` and `always`: what breaks them, when, and for how long they hold."""

from support import events, passes, run

CALLS = "never more than 1 ReqQryOrder within 5s\n"


def reason(text: str) -> str:
    """Why a text fails, which it must."""
    result = run(text)
    assert result.verdict == "failed", (result.verdict, result.reason)
    return result.reason


def test_calls_exactly_so_far_apart_are_not_in_one_stretch() -> None:
    passes(f"{CALLS}request ReqQryOrder()\nwait 5s\nrequest ReqQryOrder()\nwait 5s\nrequest ReqQryOrder()")
    told = reason(f"{CALLS}request ReqQryOrder()\nwait 4999ms\nrequest ReqQryOrder()\nwait 1s")
    assert told == "there were 2 within 5 s, more than 1: ReqQryOrder"


def test_reports_are_counted_as_calls_are() -> None:
    quick = "buy open 1 rb2705 at ask\nbuy open 1 rb2705 at ask\nwait 1s"
    passes(f"never more than 2 trades within 1s\n{quick}")
    assert reason(f"never more than 1 trade within 1s\n{quick}") == "there were 2 within 1 s, more than 1: trade"


def test_of_several_that_a_report_breaks_the_first_is_told() -> None:
    both = "never order\nnever order of a\n"
    assert reason(f"buy open 1 rb2705 at ask as a\n{both}wait 1s") == "there was order, which must never be"


def test_what_must_never_be_may_be_in_after() -> None:
    passes("never order\nafter: place order; wait 1s")
    passes(f'after: request ReqQryOrder(); request ReqQryOrder()\nscenario "a":\n    {CALLS}    log 1')
    passes('after: place order; wait 1s\nscenario "a":\n    always len(trades()) == 0')


def test_after_runs_whatever_was_broken_before() -> None:
    result = run('after: log "after"\nscenario "a":\n    never order\n    place order\n    wait 1s')
    assert (result.verdict, result.reason) == ("failed", "there was order, which must never be")
    assert [event["text"] for event in events(result, "log")] == ["after"]
