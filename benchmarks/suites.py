"""Suites of equal trivial steps in the language of each runner."""

from pathlib import Path
from typing import NamedTuple


class Shape(NamedTuple):
    """So many scenarios of so many steps, spread over so many files."""

    scenarios: int
    steps: int
    files: int


SUITES = {
    "1 × 1 step": Shape(1, 1, 1),
    "1,000 × 1 step, 10 files": Shape(1_000, 1, 10),
    "1,000 × 10 steps, 10 files": Shape(1_000, 10, 10),
    "1,000 × 10 steps, 1,000 files": Shape(1_000, 10, 1_000),
}


def write_suite(folder: Path, runner: str, shape: Shape) -> None:
    """Writes the suite for a runner."""
    write = {
        "ctpscen": _ctpscen,
        "pytest": _pytest,
        "pytest-bdd": _pytest_bdd,
        "behave": _behave,
        "robot": _robot,
    }[runner]
    each = shape.scenarios // shape.files
    for number in range(shape.files):
        write(folder, number, range(number * each, (number + 1) * each), shape.steps)


def _ctpscen(folder: Path, file: int, scenarios: range, steps: int) -> None:
    body = "    check 1 == 1\n" * steps
    text = "\n".join(f'scenario "scenario {number}":\n{body}' for number in scenarios)
    (folder / f"suite_{file}.scn").write_text(text)


def _pytest(folder: Path, file: int, scenarios: range, steps: int) -> None:
    body = "    assert 1 == 1\n" * steps
    (folder / f"test_{file}.py").write_text("\n\n".join(f"def test_{number}():\n{body}" for number in scenarios))


def _feature(scenarios: range, steps: int) -> str:
    body = "    Given one is one\n" + "    And one is one\n" * (steps - 1)
    blocks = "\n".join(f"  Scenario: scenario {number}\n{body}" for number in scenarios)
    return f"Feature: suite\n\n{blocks}"


def _pytest_bdd(folder: Path, file: int, scenarios: range, steps: int) -> None:
    (folder / f"suite_{file}.feature").write_text(_feature(scenarios, steps))
    (folder / f"test_{file}.py").write_text(f'from pytest_bdd import scenarios\n\nscenarios("suite_{file}.feature")\n')
    (folder / "conftest.py").write_text(
        'from pytest_bdd import given\n\n\n@given("one is one")\ndef one_is_one():\n    assert 1 == 1\n'
    )


def _behave(folder: Path, file: int, scenarios: range, steps: int) -> None:
    (folder / "features" / "steps").mkdir(parents=True, exist_ok=True)
    (folder / "features" / f"suite_{file}.feature").write_text(_feature(scenarios, steps))
    (folder / "features" / "steps" / "steps.py").write_text(
        'from behave import given\n\n\n@given("one is one")\ndef step(context):\n    assert 1 == 1\n'
    )


def _robot(folder: Path, file: int, scenarios: range, steps: int) -> None:
    body = "    Should Be Equal    1    1\n" * steps
    blocks = "\n".join(f"scenario {number}\n{body}" for number in scenarios)
    (folder / f"suite_{file}.robot").write_text(f"*** Test Cases ***\n{blocks}")
