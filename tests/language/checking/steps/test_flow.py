"""What is known of a name where paths part and meet: whether it has a value, and of which type it may be."""

import pytest
from support import codes, said

ASKED = "position(rb2705).net > 0"

# Where a name may be a number or a text, neither use is an error; of a number the second is, of a text the first.
AS_NUMBER, AS_TEXT = "check x + 1 == 2\n", 'check x + "a" == "aa"\n'
EITHER = AS_NUMBER + AS_TEXT


@pytest.mark.parametrize(
    "text",
    [
        f'if {ASKED}:\n    let x = 1\nelse:\n    let x = "a"\n',
        f'if {ASKED}:\n    let x = "a"\nelse:\n    let x = 1\n',
        f'if {ASKED}:\n    let x = 1\nelif {ASKED}:\n    let x = 1\nelse:\n    let x = "a"\n',
        f'if {ASKED}:\n    let x = 1\nelif {ASKED}:\n    let x = "a"\nelse:\n    let x = 1\n',
        f'if {ASKED}:\n    let x = 1\nif {ASKED}:\n    let x = "a"\nif not defined(x): stop\n',
        f'let x = 1\nif {ASKED}:\n    let x = "a"\n',
        f'let x = "a"\nif {ASKED}:\n    let x = 1\n',
        f'let x = 1\nlog x\nif {ASKED}:\n    let x = 2\nelse:\n    let x = "a"\n',
        f'let x = 1\nif {ASKED}:\n    log 1\nelif {ASKED}:\n    let x = "a"\n',
        f'let x = 1\nif {ASKED}:\n    if {ASKED}:\n        let x = "a"\n',
        f'let x = 1\nif {ASKED}: let x = "a"\n',
    ],
)
def test_a_name_is_of_the_type_that_any_path_may_have_given_it(text: str) -> None:
    assert [code for code in codes(text + EITHER) if code != "W502"] == []


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ('let x = 1\nlog x\nlet x = "a"\n', AS_NUMBER),
        ('let x = "a"\nlog x\nlet x = 1\n', AS_TEXT),
        (f"let x = 1\nif {ASKED}:\n    let x = 2\n", AS_TEXT),
        (f'let x = 1\nlog x\nif {ASKED}:\n    let x = "a"\nelse:\n    let x = "b"\n', AS_NUMBER),
        (f"let x = 1\nrepeat 2 times:\n    let x = 2\nif {ASKED}: log 1\n", AS_TEXT),
    ],
)
def test_a_name_is_of_one_type_where_every_path_gives_it_that(text: str, use: str) -> None:
    assert codes(text + use) == ["E301"]


@pytest.mark.parametrize("end", ["stop", 'fail "x"', 'skip "x"', 'block "x"'])
def test_a_path_that_has_ended_gives_no_name_a_type(end: str) -> None:
    text = f'let x = 1\nif {ASKED}:\n    let x = "a"\n    log x\n    {end}\n'
    assert codes(text + AS_NUMBER) == []
    assert codes(text + AS_TEXT) == ["E301"]
    assert codes(text.replace(f"    {end}\n", "") + AS_TEXT) == []


def test_where_all_paths_have_ended_a_name_is_what_it_was_before() -> None:
    text = f'let x = 1\nif {ASKED}:\n    let x = "a"\n    log x\n    stop\nelse:\n    stop\n'
    assert codes(text + AS_NUMBER) == []
    assert codes(text + AS_TEXT) == ["E301"]


@pytest.mark.parametrize("clause", ["else", f"elif {ASKED}"])
def test_a_path_begins_with_what_was_known_before_the_branch(clause: str) -> None:
    text = f'let x = 1\nif {ASKED}:\n    let x = "a"\n    log x\n{clause}:\n    '
    assert codes(text + AS_NUMBER) == []
    assert codes(text + AS_TEXT) == ["E301"]


@pytest.mark.parametrize("loop", ["repeat 2 times", "while true at most 2 times", "for y in [1]"])
class TestLoops:
    def test_a_name_may_be_of_the_type_from_before_or_from_the_last_round(self, loop: str) -> None:
        body = "    let _y = 2\n" if "for" not in loop else "    log y\n"
        assert codes(f'let x = 1\n{loop}:\n{body}    let x = "a"\n{EITHER}') == []
        assert codes(f"let x = 1\n{loop}:\n{body}    let x = 2\n{AS_TEXT}") == ["E301"]

    def test_in_a_round_it_may_be_of_the_type_that_the_round_before_gave_it(self, loop: str) -> None:
        body = "".join(f"    {line}\n" for line in EITHER.splitlines())
        assert codes(f'let x = 1\n{loop}:\n{body}    let x = "a"\nlog x\n') == []
        assert codes(f"let x = 1\n{loop}:\n{body}log x\n") == ["E301"]

    def test_a_loop_inside_a_loop_does_the_same(self, loop: str) -> None:
        text = f'let x = 1\n{loop}:\n    {loop}:\n        let x = "a"\n{EITHER}'
        assert codes(text) == []


def test_the_name_of_a_loop_that_is_there_before_may_be_of_either_type() -> None:
    assert codes(f'let x = 1\nfor x in ["a"]:\n    log x + "b"\n{EITHER}') == []


def test_the_condition_of_a_loop_is_looked_at_again_after_every_round() -> None:
    assert codes('let x = 1\nwhile x + 1 < 3 at most 5 times:\n    let x = "a"\n') == []
    assert codes('let x = "b"\nwhile x + 1 < 3 at most 5 times:\n    let x = "a"\n') == []
    assert codes("let x = true\nwhile x + 1 < 3 at most 5 times:\n    log 1\n") == ["E301"]


@pytest.mark.parametrize(
    ("first", "second", "use", "found"),
    [
        ("[1]", '["a"]', EITHER.replace("x", "x[0]"), []),
        ("[1]", "[2]", AS_TEXT.replace("x", "x[0]"), ["E301"]),
        ("[1]", "[]", AS_NUMBER.replace("x", "x[0]"), []),
        ("[1]", "1", EITHER + EITHER.replace("x", "x[0]"), []),
        ("rb2705", '"a"', "query quote of x\n", []),
        ("1s", "1", "wait x\n", []),
        ("1s", "2s", "check x == 1\n", ["E301"]),
        ("none", "1", AS_NUMBER, []),
    ],
)
def test_types_that_meet_are_joined_as_far_as_they_have_something_in_common(
    first: str, second: str, use: str, found: list[str]
) -> None:
    for one, other in ((first, second), (second, first)):
        assert codes(f"if {ASKED}:\n    let x = {one}\nelse:\n    let x = {other}\n{use}") == found
        assert codes(f"let x = {one}\nif {ASKED}:\n    let x = {other}\n{use}") == found


def test_an_order_that_some_path_replaces_is_still_an_order_for_all_that_is_known() -> None:
    text = f"buy open 1 rb2705 as x\nif {ASKED}:\n    let x = 1\n    log x\n"
    assert codes(text + "cancel x\n") == []
    assert codes(text.replace("let x = 1", "buy open 2 rb2705 as x") + "wait x\n") == ["E301"]


def test_what_a_report_named_on_one_path_and_another_on_the_other_may_have_the_fields_of_either() -> None:
    text = f"if {ASKED}:\n    expect trade as x\nelse:\n    expect login as x\n"
    assert codes(text + "log [x.price, x.code]\n") == []
    assert codes("expect trade as x\nlog [x.price, x.code]\n") == ["E203"]


def test_after_sees_a_name_as_any_of_the_scenarios_may_have_left_it() -> None:
    after = "after:\n    if defined(x):\n" + "".join(f"        {line}\n" for line in EITHER.splitlines())
    one, two = 'scenario "a": let x = 1\n', 'scenario "b": let x = "a"\n'
    assert codes(after + one + two) == codes(after + two + one) == []
    assert codes(after + one) == codes(after + one + one.replace('"a"', '"c"')) == ["E301"]


def test_a_scenario_begins_with_what_before_has_left_whatever_another_scenario_does() -> None:
    text = 'before: let x = 1\nscenario "a":\n    let x = "a"\n    log x\nscenario "b":\n    '
    assert codes(text + AS_NUMBER) == []
    assert codes(text + AS_TEXT) == ["E301"]


def test_a_row_of_a_table_gives_a_column_any_of_the_types_in_it() -> None:
    text = 'scenario "x":\n    where:\n        | x |\n        | 1 |\n        | "a" |\n'
    assert codes(text + "".join(f"    {line}\n" for line in EITHER.splitlines())) == []


def test_a_name_that_only_another_path_has_given_a_value_is_warned_of_on_this_one() -> None:
    text = f"repeat 2 times:\n    if {ASKED}:\n        let x = 1\n    else:\n        log x\n"
    assert codes(text) == ["W502"]


def test_a_name_is_warned_of_once_on_each_path() -> None:
    given = f"if {ASKED}:\n    let x = 1\n"
    assert codes(f"{given}log x\nlog x\n") == ["W502"]
    assert codes(f"{given}while x < 2 at most 2 times:\n    log x\nlog x\n") == ["W502"]
    assert codes(f"{given}if {ASKED}:\n    log x\nelse:\n    log x\n") == ["W502", "W502"]


def test_a_scenario_knows_nothing_of_what_another_has_named() -> None:
    text = 'before: log 1\nscenario "a":\n    let x = 1\n    log x\nscenario "b":\n    '
    assert codes(text + "log x\n") == ["E201"]
    assert codes(text + f"if {ASKED}: let x = 1\n    log x\n") == ["W502"]
    assert codes(text + "let y = 1\n") == ["W501"]


def test_a_name_on_some_paths_only_is_warned_of_once() -> None:
    text = "if true:\n    let a = 1\nlog a\nlog a\n"
    assert codes(text) == ["W502"]


@pytest.mark.parametrize(
    "text",
    [
        "if true:\n    let a = 1\nelse:\n    let a = 2\nlog a\n",
        "if true:\n    let a = 1\nelse:\n    stop\nlog a\n",
        'if true:\n    let a = 1\nelif false:\n    let a = 2\nelse:\n    fail "no"\nlog a\n',
        "if true:\n    let a = 1\nif defined(a):\n    log a\n",
        "if true:\n    let a = 1\ncheck defined(a) and a == 1\n",
        "for x in [1]:\n    log x\n",
        "let a = 1\nrepeat 2 times:\n    let a = a + 1\nlog a\n",
    ],
)
def test_a_name_that_is_sure_is_not_warned_of(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize("first", ["1", '"a text"'])
def test_a_name_that_only_some_paths_gave_does_not_keep_its_first_type(first: str) -> None:
    text = f"if true:\n    let patience = {first}\nlet patience = 5s\nexpect trade within patience\nwait patience\n"
    assert codes(text) == []


@pytest.mark.parametrize("loop", ["repeat 2 times:", "while true at most 2 times:", "for x in [1]:"])
def test_a_name_of_a_loop_is_on_some_paths_only(loop: str) -> None:
    assert codes(f"{loop}\n    let a = 1\nlog a\n") == ["W502"]


def test_names_that_nobody_reads_are_warned_of_unless_they_say_so() -> None:
    text = 'param p = 1\nsession s\nscenario "x":\n    let a = 1\n    let _b = 2\n    place order as c\n'
    text += "    for d in [1]: log 1\n"
    assert said(text) == ["the param `p` is never used", "`a` is never used", "`c` is never used"]


def test_the_param_instrument_is_used_by_every_order() -> None:
    assert codes("param instrument = rb2705\nplace order\n") == []
