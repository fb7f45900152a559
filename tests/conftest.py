"""What all tests share."""

import pytest
from hypothesis import HealthCheck, settings

# How fast inputs are made is no matter of right or wrong, and a busy machine is slow.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# The golden scenarios are run by test_golden.py; the plugin would take those that are meant to fail for failures.
collect_ignore_glob = ["golden/*", "golden/*/*"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files from what comes out now")
    parser.addoption("--streams", type=int, help="how many random streams the accounting is tried with")


@pytest.fixture(autouse=True)
def _plain_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """Output must not depend on who runs the tests."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
