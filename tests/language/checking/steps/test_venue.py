"""Steps of the venue of which their types do not say all."""

from support import sound

from ctpscen.language.syntax.tree import LiteralValue


def test_a_bare_exchange_is_one_in_phase_only() -> None:
    (scenario,) = sound("log 1\nvenue: phase shfe auction\n").scenarios
    (step,) = scenario.body[1].body or ()
    assert step.parts["amount"] == (LiteralValue("text", "SHFE", (0, 0)),)
