"""Types that go together, and those that do not."""

import pytest
from support import codes


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("1 + 2s", "E301"),
        ("2 * 3s", None),
        ("3s / 2s + 1", None),
        ("now() - now() + 1s", None),
        ("now() + 1", "E301"),
        ("1s * 1s", "E301"),
        ('"a" + rb2705', None),
        ("[1] + [2]", None),
        ("-true", "E301"),
        ("not 1", "E301"),
        ("1 == none", None),
        ("1 == true", "E301"),
        ("1s < 2", "E301"),
        ("1 < 2 < 3s", "E301"),
        ("1 in [1]", None),
        ("1 in 1", "E301"),
        ('"a" matches "^a"', None),
        ('"a" matches 1', "E301"),
        ('"a" matches "("', "E301"),
        ("21:00 < now()", None),
        ("1[0]", "E301"),
        ("[1][true]", "E301"),
        ("1.5.x", "E203"),
        ("len(1, 2)", "E303"),
        ("sum(3)", "E301"),
        ("position(3).net", "E301"),
        ("ask + 1 tick", None),
        ("3 ticks", None),
        ("1s ticks", "E301"),
        ("true or 1", "E301"),
    ],
)
def test_types_go_together_or_are_told(expression: str, code: str | None) -> None:
    assert codes(f"log {expression}\n") == ([code] if code else [])
