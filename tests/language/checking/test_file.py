"""A tree to a checked program: what is bare, what is a scenario, what a file needs."""

from support import codes, sound

from ctpscen.language.checking.file import check
from ctpscen.language.text.source import Source


def test_bare_steps_are_one_scenario_named_after_the_file() -> None:
    found = check(Source("some/folder/many words.scn", "log 1\nlog 2\n"))
    assert found.program is not None
    assert [scenario.title for scenario in found.program.scenarios] == ["many words"]


def test_in_bare_steps_what_stands_before_the_first_step_is_the_files() -> None:
    text = "let a = 1\nvenue: halt rb2705\nlog a\nlet b = 2\nvenue: resume rb2705\nlog b\n"
    found = sound(text)
    assert [let.name for let in found.lets] == ["a"]
    assert len(found.venue) == 1
    assert [step.verb for step in found.scenarios[0].body] == ["log", "let", "actor", "log"]


def test_definitions_between_scenarios_hold_for_the_whole_file() -> None:
    text = 'scenario "a": log k + f()\nlet k = 3\ndefine f(): return 1\nvenue: halt rb2705\nscenario "b": log k\n'
    found = sound(text)
    assert [scenario.title for scenario in found.scenarios] == ["a", "b"]
    assert (list(found.defines), [let.name for let in found.lets], len(found.venue)) == (["f"], ["k"], 1)


def test_a_file_needs_something_to_run() -> None:
    assert codes("") == codes("# nothing\n") == codes("venue: halt rb2705\n") == ["E405"]
    assert codes('scenario "x":\n    where:\n        | a |\n        | 1 |\n') == ["E405"]


def test_a_file_of_definitions_is_there_to_be_used() -> None:
    assert codes("param volume = 2\nsession alice\ndefine f(x): return x\n") == []
    assert codes("venue: clock 09:30\n") == ["E405"]
    assert codes("") == ["E405"]
