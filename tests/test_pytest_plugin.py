"""The pytest plugin: scenarios are tests, tags are marks, failures show what the terminal shows."""

import pytest
from support.exploring import RETRY

SUITE = """\
scenario "passes" @smoke:
    place order as entry
    expect trade of entry

scenario "fails" @slow.one:
    check 1 == 2, "it is not"

scenario "skipped":
    skip "not here"

scenario "blocked":
    block "no market"

scenario "table":
    where:
        | n |
        | 1 |
        | 2 |
    check n < 3
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makefile(".scn", suite=SUITE)
    return pytester


def test_each_scenario_and_row_is_a_test(suite: pytest.Pytester) -> None:
    result = suite.runpytest("-v", "--strict-markers")
    result.assert_outcomes(passed=3, failed=2, skipped=1)
    result.stdout.fnmatch_lines(["*suite.scn::passes PASSED*", "*suite.scn::table?2? PASSED*"])


def test_a_failure_shows_the_scenario_and_its_diagnostic(suite: pytest.Pytester) -> None:
    result = suite.runpytest("-k", "fails")
    result.stdout.fnmatch_lines(["error?R615?: it is not", "*--> suite.scn:6:5", "*check 1 == 2*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*ScenarioFailed(*")


def test_tags_select(suite: pytest.Pytester) -> None:
    suite.runpytest("-m", "smoke").assert_outcomes(passed=1, deselected=5)
    suite.runpytest("-m", "not smoke and not slow.one").assert_outcomes(passed=2, failed=1, skipped=1, deselected=2)


def test_what_failed_last_is_run_again(suite: pytest.Pytester) -> None:
    suite.runpytest()
    suite.runpytest("--lf").assert_outcomes(failed=2)
    suite.runpytest("-x").assert_outcomes(passed=1, failed=1)


def test_it_works_spread_over_processes(suite: pytest.Pytester) -> None:
    suite.runpytest("-n", "2").assert_outcomes(passed=3, failed=2, skipped=1)


def test_a_file_that_does_not_check_is_an_error_with_its_diagnostics(pytester: pytest.Pytester) -> None:
    pytester.makefile(".scn", bad="expct trade\n")
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*error?E102?: unknown step `expct`; did you mean `expect`?*"])


def test_values_come_from_the_command_line(pytester: pytest.Pytester) -> None:
    pytester.makefile(".scn", a='param volume = 1\n\ncheck volume == 3, "it is {volume}"\n')
    pytester.runpytest("--ctpscen-set", "volume=3").assert_outcomes(passed=1)
    pytester.runpytest().assert_outcomes(failed=1)


def test_the_fixture_runs_a_text(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_order(ctpscen):
            result = ctpscen("place order as entry; expect trade of entry")
            assert result.passed
            assert result.journal[0]["seed"] == 0
        """
    )
    pytester.runpytest().assert_outcomes(passed=1)


def test_scenarios_are_explored_where_that_is_asked_for(pytester: pytest.Pytester) -> None:
    pytester.makefile(".scn", retry=RETRY)
    pytester.runpytest_subprocess("-q", "retry.scn").assert_outcomes(passed=1)
    explored = pytester.runpytest_subprocess("-q", "retry.scn", "--ctpscen-explore")
    explored.assert_outcomes(failed=1)
    explored.stdout.fnmatch_lines(["*at most one lot", "*ctpscen run retry.scn:3 --seed 0 --plan trader/*:stall"])


def test_the_fixture_fails_the_test_where_the_scenario_does_not_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        def test_fails(ctpscen):
            ctpscen("buy open 1 rb2705 as e; expect trade of e where volume == 2")

        def test_skipped(ctpscen):
            ctpscen('skip "not here"')

        def test_result(ctpscen):
            with pytest.raises(AssertionError) as failed:
                ctpscen('block "no market"')
            assert failed.value.result.verdict == "blocked"
        """
    )
    result = pytester.runpytest()
    result.assert_outcomes(failed=1, skipped=1, passed=1)
    result.stdout.fnmatch_lines(["*error?R6*", "*expect trade of e where volume == 2*", "*volume 1, wanted 2*"])


def test_the_products_of_a_broker_are_for_files_and_the_fixture(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(pytester.path))
    folder = pytester.mkdir("ctpscen") / "products"
    folder.mkdir()
    (folder / "desk.csv").write_text("instrument,max_limit_volume\nrb,7\n")
    text = "query instruments of rb2705 as found; check found[0].max_limit_order_volume == 7\n"
    pytester.makefile(".scn", of=text)
    pytester.makepyfile(f"def test_it(ctpscen): ctpscen({text!r})")
    pytester.runpytest("--ctpscen-products", "desk").assert_outcomes(passed=2)
    pytester.runpytest().assert_outcomes(failed=2)
    none = pytester.runpytest("--ctpscen-products", "dusk")
    none.stdout.fnmatch_lines(["*--ctpscen-products: no products are kept as `dusk`; did you mean `desk`?*"])
