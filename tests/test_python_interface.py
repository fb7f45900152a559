"""`ctpscen.run`, `ctpscen.check` and `ctpscen.show`, as Python programs use them."""

from datetime import timedelta
from pathlib import Path

import pytest
from support import ROOT, command

import ctpscen

TEXT = """\
param volume = 1
param pause = 1s

scenario "passes":
    buy open volume rb2705 at ask as entry
    wait pause
    expect trades of entry total volume

scenario "fails":
    where:
        | wanted |
        | 7      |
        | 8      |
    check volume == wanted, "the volume is {volume}"
"""


def test_a_text_is_run() -> None:
    result = ctpscen.run("place order as entry; expect trade of entry")
    assert result.passed
    assert result.verdict == "passed"
    assert "expect trade of entry" in ctpscen.show(result)


@pytest.mark.parametrize("as_text", [True, False])
def test_a_file_is_run(as_text: bool) -> None:
    path = ROOT / "scenarios" / "reconnect.scn"
    assert ctpscen.run(str(path) if as_text else path).passed


def test_one_of_several_is_named() -> None:
    assert ctpscen.run(TEXT, title="passes", values={"volume": 3, "pause": timedelta(seconds=2)}).passed
    result = ctpscen.run(TEXT, title="fails", row=1, values={"volume": "3"})
    assert (result.verdict, result.reason) == ("failed", "the volume is 3")
    assert "wanted 8" in ctpscen.show(result)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "which scenario? there are 'passes', 'fails'"),
        ({"title": "pases"}, "there is no scenario 'pases'; did you mean `passes`?"),
        ({"title": "fails"}, "which row of the table? there are 2, counted from 0"),
        ({"title": "fails", "row": 2}, "there is no row 2; the scenario has 2"),
        ({"title": "passes", "row": 0}, "there is no row 0; the scenario has no table"),
        ({"title": "passes", "values": {"volum": 1}}, "there is no param `volum`; did you mean `volume`?"),
        ({"title": "passes", "values": {"volume": "many"}}, "`many` is not a number"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        ctpscen.run(TEXT, **arguments)  # type: ignore[arg-type]
    assert said in str(raised.value)


def test_a_text_that_does_not_check_is_told_whole() -> None:
    with pytest.raises(ctpscen.DoesNotCheck) as raised:
        ctpscen.run("expct trade; waite 1s")
    assert str(raised.value).count("error[E102]") == 2


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(ctpscen.Unreadable, match=r"none\.scn: there is no such file"):
        ctpscen.check("none.scn")


def test_check_gives_the_diagnostics() -> None:
    (warning,) = ctpscen.check("param volume = 1\nplace order\n")
    assert (warning.diagnostic.code, warning.diagnostic.severity) == ("W501", "warning")


def test_the_seed_is_that_of_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.scn").write_text("place order as entry\nexpect trade of entry\n")
    _, out, _ = command("run", "a.scn", "--seed", "5")
    assert ctpscen.show(ctpscen.run("a.scn", seed=5)) in out
    assert ctpscen.show(ctpscen.run("a.scn", seed=6)) not in out


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'runn'"):
        ctpscen.runn  # noqa: B018
