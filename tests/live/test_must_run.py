"""On Linux x86-64 a skip of a live test fails the run."""

from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")
LAZY = """
import pytest

@pytest.mark.skip(reason="no library")
def test_marked(): ...

def test_inside():
    pytest.skip("no library")

def test_that_runs(): ...
"""


@pytest.mark.parametrize(
    ("must_run", "outcomes"), [(True, {"passed": 1, "errors": 1, "failed": 1}), (False, {"passed": 1, "skipped": 2})]
)
def test_a_skip_is_a_failure_where_the_library_must_run(
    pytester: pytest.Pytester, must_run: bool, outcomes: dict[str, int]
) -> None:
    start = CONFTEST.index("MUST_RUN =")
    rest = CONFTEST[start:].partition("\n")[2]
    pytester.makeconftest(f"{CONFTEST[:start]}MUST_RUN = {must_run}\n{rest}")
    pytester.makepyfile(LAZY)
    pytester.runpytest_inprocess("-p", "no:ctpscen").assert_outcomes(**outcomes)
