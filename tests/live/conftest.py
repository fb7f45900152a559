"""Where the native library must run, a test of it that does not run is a test that fails."""

import platform
import sys
from collections.abc import Generator

import pytest

MUST_RUN = sys.platform == "linux" and platform.machine() == "x86_64"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if MUST_RUN and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped ({report.longrepr}); on Linux x86-64 the live tests must run"
    return report
