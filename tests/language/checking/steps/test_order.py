"""Orders: volume and instrument, and what belongs to whose."""

from support import codes, sound

from ctpscen.language.syntax.tree import Variable


def test_volume_and_instrument_of_an_order_are_told_apart_by_type() -> None:
    text = "param p = 2\nparam i = rb2705\nbuy open p i as a\nbuy open i p as b\nbuy open p as c\nbuy open i as d\n"
    text += "log [a, b, c, d]\n"
    steps = sound(text).scenarios[0].body[:4]
    assert [(step.parts.get("volume"), step.parts.get("instrument")) for step in steps] == [
        (Variable("p", (0, 0)), Variable("i", (0, 0))),
        (Variable("p", (0, 0)), Variable("i", (0, 0))),
        (Variable("p", (0, 0)), None),
        (None, Variable("i", (0, 0))),
    ]


def test_an_order_has_an_offset_unless_it_comes_from_elsewhere() -> None:
    assert codes("buy 1 rb2705 at ask\n") == ["E408"]
    assert codes("log 1\nvenue: buy 1 rb2705 at 3000\n") == []
    assert codes("log 1\nvenue: buy open 1 rb2705 at 3000\n") == ["E408"]
    assert codes("log 1\nvenue: buy 1 rb2705\n") == ["E408"]
