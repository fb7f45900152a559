"""The page that says what the simulator does: every test that it names exists."""

import ast
import re
from functools import cache

from support import ROOT

PAGE = (ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| behaviour ")]
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


@cache
def functions_in(file: str) -> frozenset[str]:
    """The functions of a test module."""
    module = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in module.body if isinstance(node, ast.FunctionDef))


def test_a_test_that_the_page_names_exists() -> None:
    for file, name in NAMED:
        assert name.startswith("test_"), (file, name)
        assert name in functions_in(file), (file, name)


def test_every_behaviour_is_held_by_a_test() -> None:
    for row in ROWS:
        behaviour, does, held = (cell.strip() for cell in row.strip("| ").split(" | "))
        assert behaviour, row
        assert does, row
        assert re.fullmatch(r"`tests/[\w/]+\.py::\w+`(<br>`tests/[\w/]+\.py::\w+`)*", held), row


def test_the_page_has_rows() -> None:
    assert len(ROWS) > 50
