"""How much a scenario may take of the machine: what has lost its way ends with the reason."""

import pytest
from support import run

from ctpscen.engine import limits

DIGITS = "9" * 300


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('let x = "a"; repeat 60 times: let x = x + x', "the text would be 1,048,576 characters long"),
        ("let x = [1]; repeat 60 times: let x = x + x", "the list would have 1,048,576 elements"),
        ("let x = 10; repeat 60 times: let x = x * x", "more than 1024 binary digits"),
        ("wait 1s; let x = 1e308 * 10", "the result is too large"),
        ("let x = 1e308; log round(x, 5)", "the result of `round` is too large"),
        (f"buy open {DIGITS} rb2705 at 3000", "a volume is a whole number, and less than 2 ** 31"),
        (f"request ReqOrderInsert(VolumeTotalOriginal = {DIGITS})", "a whole number of 32 bits"),
        ('buy open 1 rb2705 at 3000 memo "longer than it may be"', "OrderMemo holds 12 bytes"),
        (f"buy open 1 rb2705 at 3000 fak min {DIGITS}", "MinVolume is a whole number of 32 bits"),
        ("wait 99999999h", "no step takes longer than 3,650 days"),
        ("expect no trade for 99999999h", "no step takes longer than 3,650 days"),
        ("expect trade within 99999999h", "no step takes longer than 3,650 days"),
        ("wait until 9999-12-31 23:59", "no step takes longer than 3,650 days"),
    ],
)
def test_what_is_too_large_is_an_error_that_says_so(text: str, reason: str) -> None:
    result = run(text)
    assert result.verdict == "error"
    assert reason in result.reason


def test_a_run_that_grows_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "EVENTS", 500)
    result = run('after: log "over"\nscenario "x": repeat 100000 times: wait 1s')
    assert result.verdict == "error"
    assert "the scenario has more than" in result.reason
    assert result.journal[-2]["text"] == "over"
