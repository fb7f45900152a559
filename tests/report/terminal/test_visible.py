"""Nothing that a terminal would obey reaches it from a scenario, a front or a file's name."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import command

from ctpscen.library import DoesNotCheck, run, show
from ctpscen.report.terminal.visible import visible, visible_json

# ESC, NUL, backspace, DEL, CSI in one character, two that turn words round, two without a width.
EVIL = "\x1b[31m \0 \b \x7f \x9b31m \u202e \u2066 \u200b \u2028"
OBEYED = {"Cc", "Cf", "Zl", "Zp", "Cs"}

SUITE = f"""\
scenario "title {EVIL}" @tag:
    let word = "{EVIL} \\u{{d}}"
    log "log {{word}}"
    soft check word == "other {{word}}", "message {{word}}"
    venue: reject next order by counter 31, "the front says {{word}}"
    place order as entry
    expect trade of entry where trade_id == "{EVIL}" within 1s
"""


def obeyed(text: str) -> set[str]:
    return {each for each in text if each not in "\n\t" and category(each) in OBEYED}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", r"\u{1b}[31m"),
        ("a\0b\rc\x7f\x9b", r"a\u{0}b\u{d}c\u{7f}\u{9b}"),
        ("\u202eabc\u2066\ufeff\u2028", r"\u{202e}abc\u{2066}\u{feff}\u{2028}"),
        ("\udcff.scn", r"\u{dcff}.scn"),
        ("两行\n\t and　a wide blank, é, 😀", "两行\n\t and　a wide blank, é, 😀"),
    ],
)
def test_what_would_be_obeyed_is_shown_as_the_language_writes_it(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_that_would_be_obeyed_is_left_and_all_else_is(text: str) -> None:
    shown = visible(text)
    assert obeyed(shown) == set()
    back = re.sub(r"\\u\{([0-9a-f]+)\}", lambda found: chr(int(found[1], 16)), shown)
    assert back == re.sub(r"\\u\{([0-9a-f]+)\}", lambda found: chr(int(found[1], 16)), text)


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_for_a_terminal_says_the_same(value: object) -> None:
    text = visible_json(value)
    assert obeyed(text) == set()
    assert json.loads(text) == value


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a scenario lies in a file with a name as evil as its text; gives the name."""
    monkeypatch.chdir(tmp_path)
    name = "file \x1b[31m\u202e.scn"
    Path(name).write_text(SUITE, encoding="utf-8")
    return name


@pytest.mark.parametrize("options", [[], ["-v"], ["-vv"], ["-q"], ["-j", "2", "--repeat", "2"], ["--list"]])
def test_no_run_shows_any(folder: str, options: list[str]) -> None:
    code, out, err = command("run", folder, *options)
    assert code == (0 if "--list" in options else 1)
    assert obeyed(out + err) == set()
    assert r"title \u{1b}[31m \u{0} \u{8} \u{7f} \u{9b}31m \u{202e}" in out
    if "--list" not in options:
        assert r"the front says \u{1b}[31m" in out


def test_no_other_command_does(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    command("run", folder, "--journal", "journals")
    (journal,) = map(str, Path("journals").iterdir())
    Path("wrong \x1b.scn").write_text(f'expct trade "{EVIL}"\n')
    Path("not \x1b.toml").write_text("user = 1\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for arguments in (
        *(
            ["run", folder],
            ["run", "no \x1b.scn"],
            ["run", folder, "--tag", "\x1b"],
            ["run", folder, "--set", "\x1b=1"],
        ),
        *(["check", folder], ["check", "wrong \x1b.scn"], ["check", "wrong \x1b.scn", "--json"], ["check", "--\x1b"]),
        *(["fmt", "--check", folder], ["fmt", "--diff", folder], ["explain", "\x1b"], ["new", "new \x1b"], ["\x1b"]),
        *(["show", journal], ["show", journal, "--timeline"], ["show", "\x1b"], ["show", journal, "--session", "\x1b"]),
        *(["diff", journal, journal], ["diff", journal, "\x1b"], ["profile", "import", "not \x1b.toml"]),
        *(["relay", "\x1b", "tcp://127.0.0.1:1"], ["doctor", "--live", "\x1b"], ["doctor", "--live", "\x1b", "--json"]),
    ):
        _, out, err = command(*arguments)
        assert obeyed(out + err) == set(), arguments
        assert out + err


def test_on_a_terminal_the_colours_are_all_that_is_obeyed(folder: str) -> None:
    """With -q, for a bar, which a slow run gets else, moves the cursor."""
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    with subprocess.Popen(
        [sys.executable, "-m", "ctpscen", "run", folder, "-q"], stdout=slave, stderr=slave, env=environment
    ) as running:
        os.close(slave)
        written = b""
        while piece := _read(master):
            written += piece
        assert running.wait(timeout=60) == 1
    os.close(master)
    text = re.sub(r"\x1b\[[0-9;]*m", "", written.decode()).replace("\r\n", "\n")
    assert obeyed(text) == set()
    assert r"title \u{1b}[31m" in text


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # whoever wrote to it has gone
        return b""


def test_python_gets_texts_that_can_be_printed() -> None:
    result = run(SUITE)
    assert obeyed(show(result)) == set()
    with pytest.raises(DoesNotCheck) as raised:
        run(f'expct trade "{EVIL}"\n')
    assert obeyed(str(raised.value)) == set()


def test_pytest_does_too(pytester: pytest.Pytester) -> None:
    (pytester.path / "evil.scn").write_text(SUITE, encoding="utf-8")
    ran = pytester.runpytest("-v")
    assert obeyed("\n".join(ran.outlines + ran.errlines)) == set()
    ran.assert_outcomes(failed=1)
