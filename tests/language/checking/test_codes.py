"""Every code that a diagnostic can have is shown by a golden file, and each golden file shows what it is called."""

import re

import pytest
from support import GOLDEN, ROOT

LANGUAGE = ROOT / "ctpscen" / "language"

# The one code that a step has only as long as the venue cannot do it.
PASSING = {"E409"}


def _codes() -> set[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in LANGUAGE.rglob("*.py"))
    return set(re.findall(r'"([EW]\d{3})"', text))


def _golden() -> dict[str, set[str]]:
    """The codes that each golden file of these two folders shows."""
    found = {}
    for folder in ("check_error", "pass"):
        for path in (GOLDEN / folder).glob("*.out"):
            found[path.stem] = set(re.findall(r"(?m)^(?:error|warning)\[(\w+)\]", path.read_text(encoding="utf-8")))
    return found


def test_every_code_of_the_source_is_in_a_golden_file() -> None:
    codes = _codes()
    assert {"E100", "E201", "E301", "E401", "W501"} <= codes
    shown = set().union(*_golden().values())
    assert codes - shown - PASSING == set()


def test_no_golden_file_shows_a_code_that_is_gone() -> None:
    assert set().union(*_golden().values()) <= _codes()


def test_errors_and_warnings_have_codes_of_their_own() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in LANGUAGE.rglob("*.py"))
    assert not re.findall(r'(?:\.error|problem)\("W', text)
    assert not re.findall(r'\.warn\(\s*"E', text)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ambiguous_constant", "E205"),
        ("asking_in_a_check", "E306"),
        ("assignment_in_condition", "E108"),
        ("constant_of_another_field", "E204"),
        ("defined_twice", "E210"),
        ("does_not_fit", "E101"),
        ("duration_without_unit", "E302"),
        ("empty", "E405"),
        ("field_compared_with_itself", "E305"),
        ("layout", "E100"),
        ("misplaced", "E401"),
        ("missing_block", "E105"),
        ("missing_value", "E110"),
        ("name_of_the_language", "E211"),
        ("nested_too_deep", "E107"),
        ("never_holds", "E307"),
        ("no_expression_in_text", "E103"),
        ("no_such_moment", "E111"),
        ("not_a_constant", "E304"),
        ("parts_that_clash", "E408"),
        ("ragged_table", "E407"),
        ("same_title", "E403"),
        ("step_outside_scenarios", "E404"),
        ("text_escapes", "E112"),
        ("too_many_errors", "E109"),
        ("undefined_name", "E201"),
        ("unexpected_indent", "E106"),
        ("unknown_callback", "E207"),
        ("unknown_field", "E203"),
        ("unknown_function", "E208"),
        ("unknown_report_kind", "E104"),
        ("unknown_request", "E206"),
        ("unknown_session", "E209"),
        ("unknown_step", "E102"),
        ("unreadable", "E100"),
        ("use_cycle", "E406"),
        ("used_too_early", "E202"),
        ("warning_contested", "W505"),
        ("warning_hidden_variable", "W504"),
        ("warning_some_paths_only", "W502"),
        ("warning_unused", "W501"),
        ("warning_wait_before_expect", "W503"),
        ("wrong_actor", "E402"),
        ("wrong_arguments", "E303"),
        ("wrong_type", "E301"),
    ],
)
def test_a_golden_file_shows_the_code_that_it_is_there_for(name: str, code: str) -> None:
    assert code in _golden()[name]
