"""The points of the functional test: each of the example's flaws fails the points that it is about.

That no flaw fails any other point is seen by `tools/certify_matrix.py`, which takes a quarter of an hour.
"""

import platform
import sys

import pytest
from certify_matrix import REJECTIONS, flaws, run, scenarios

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="programs run on Linux x86-64"
)


def test_there_is_a_flaw_for_every_point_and_every_kind_of_rejection() -> None:
    points = scenarios().keys()
    assert len(points) == 33
    assert set(flaws()) == points | REJECTIONS.keys()
    assert {each for rejected in REJECTIONS.values() for each in rejected} <= points


def test_every_scenario_is_called_by_its_point() -> None:
    assert all(title.split()[0] == point for point, (_, title) in scenarios().items())


@pytest.mark.parametrize("flaw", flaws())
def test_a_flaw_fails_its_point(flaw: str) -> None:
    result = run(REJECTIONS.get(flaw, [flaw])[0], flaw)
    assert result.verdict == "failed", (result.verdict, result.reason)
