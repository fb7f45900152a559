"""Patterns of reports, and the parts of an expectation that go together."""

import pytest
from support import codes


def test_requests_and_callbacks_are_written_exactly_as_ctp_does() -> None:
    assert codes("request reqQryNotice()\n") == ["E206"]
    assert codes("expect OnRtnorder\n") == ["E207"]


@pytest.mark.parametrize("place", ["always {}", "never trade where {}", "expect trade where {}"])
@pytest.mark.parametrize("asked", ["position(rb2705).net == 0", "account().balance > 0", "f() == 1"])
def test_nothing_asks_the_front_where_every_report_is_looked_at(place: str, asked: str) -> None:
    text = f'define f(): return 1\nscenario "x":\n    {place.format(asked)}\n'
    assert codes(text) == ["E306"]


def test_the_words_of_a_report_depend_on_its_kind() -> None:
    assert codes('expect login where code == 3 and message == "x" and connection == 1 and not replayed\n') == []
    assert codes("expect trade as t\nlog [t.time, t.connection, t.replayed, t.price]\n") == []
    assert codes("expect trade as t\nlog t.code\n") == ["E203"]
    assert codes("expect 2 trades as t\nlog sum(t.volume) + len(t) + t[0].volume\n") == []


def test_parts_that_do_not_go_together_are_told() -> None:
    assert codes("expect no trade within 3s\n") == ["E408"]
    assert codes("expect trade for 3s\n") == ["E408"]
    assert codes("expect 2 trades total 3\n") == ["E408"]
    assert codes("expect orders total 3\n") == ["E408"]
    assert codes("expect trade by counter\n") == ["E408"]
    assert codes("expect login in rb2705\n") == ["E408"]
    assert codes("buy open 1 rb2705 fak fok\n") == ["E408"]
    assert codes("expect no trade as x\n") == ["E408"]
