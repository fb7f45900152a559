"""docs/live.md at work: its profiles load, its commands say what the page says, its tables name what there is."""

import asyncio
import re
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT, command
from support.counter import CODE, NAMED, PASSWORD, Counter, counter
from support.doc_blocks import Block, blocks
from support.parity import EXCEPTIONS

from ctpscen.commands.doctor import Finding
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.live.care.refusals import BLOCKING
from ctpscen.live.profile import profiles
from ctpscen.live.profile.profiles import load_profile
from ctpscen.live.relay.server import COMMANDS, FOR_THE_RUN, Relay

PAGE = ROOT / "docs" / "live.md"
TEXT = PAGE.read_text(encoding="utf-8")


def of_kind(kind: str) -> list[Block]:
    return [block for block in blocks(PAGE) if block.kind.split()[0:1] == [kind]]


@pytest.fixture
def desk(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """The page's profile in the page's folder, with a front behind it that takes its user."""
    for block in blocks(PAGE):
        if block.file_name:
            Path(block.file_name).write_text(block.text, encoding="utf-8")
    counter.simulation.list_instruments(["rb2701"])
    for user in ("100001", "100002"):
        counter.simulation.core.account(user).password = PASSWORD
    for name in ("DESK_PASSWORD", "SECOND_PASSWORD", "SIMNOW_PASSWORD"):
        monkeypatch.setenv(name, PASSWORD)
    monkeypatch.setenv("DESK_NEW_PASSWORD", NAMED)
    Path("desk.code").write_text(CODE)
    Path("desk.code").chmod(0o600)
    monkeypatch.setattr("ctpscen.commands.doctor._dial", lambda what, _: Finding(what, True, "takes connections"))
    return counter


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("block", of_kind("console"), ids=lambda block: block.place)
def test_a_command_says_what_the_page_says(block: Block) -> None:
    first, *wanted = block.text.splitlines()
    assert first.startswith("$ ctpscen ")
    code, out, err = command(*shlex.split(first.removeprefix("$ ctpscen ")))
    assert code == 0, out + err
    assert re.search(pattern(wanted), f"\n{out}{err}"), out + err


def pattern(lines: list[str]) -> str:
    """A page's lines as an expression: `…` alone stands for any lines, within a line for any text."""
    parts = [r"(?:\n.*)*?" if line == "…" else r"\n" + re.escape(line).replace("…", ".*?") for line in lines]
    return "".join(parts) + r"(?=\n|$)"


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("block", of_kind("toml"), ids=lambda block: block.place)
def test_a_profile_of_the_page_loads(block: Block) -> None:
    Path("ctpscen.toml").write_text(block.text, encoding="utf-8")
    for name in re.findall(r"(?m)^\[profile\.(\w+)\]", block.text):
        profile = load_profile(name, did_you_mean)
        profile.check_secrets()
        assert profile.trading_fronts
        for account in ("", *profile.accounts):
            assert profile.account_of(account).password.fetch("it").reveal() == PASSWORD


def test_the_relay_of_the_page_starts_and_takes_each_of_its_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (line,) = (block.text.strip() for block in of_kind("sh"))
    words = [re.sub(r"^127\.0\.0\.1:\d+$", "127.0.0.1:0", word) for word in shlex.split(line)]
    started = [sys.executable, "-m", *words]
    with subprocess.Popen(started, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().endswith("leads to tcp://180.168.146.187:10201\n")
            assert "at relay.sock" in process.stdout.readline()
            how = process.stdout.readline().removeprefix("such as: ").strip()
            assert f"`{how}`" in TEXT
            with socket.socket(socket.AF_UNIX) as control:
                control.connect("relay.sock")
                with control.makefile("rw", encoding="utf-8") as talk:
                    for command_ in first_cells("command"):
                        talk.write(f"{command_}\n")
                        talk.flush()
                        assert talk.readline().startswith("ok")
        finally:
            process.terminate()


README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", re.findall(r"(?m)^ctpscen (.*--live .*)$", README))
def test_the_first_page_s_commands_work(desk: Counter, line: str) -> None:
    shutil.copytree(ROOT / "scenarios", "scenarios")
    desk.simulation.list_instruments(["cu2612"])
    code, out, err = command(*shlex.split(line))
    assert code == 0, out + err


def first_cells(heading: str) -> list[str]:
    """The code in the first column of the table that begins with this heading."""
    table = TEXT[TEXT.index(f"| {heading} |") :].partition("\n\n")[0]
    return [code for row in table.splitlines()[2:] for code in re.findall(r"`([^`]+)`", row.split("|")[1])]


def test_the_page_has_every_key_of_a_profile() -> None:
    named = {re.sub(r"\.NAME$", "", key) for key in first_cells("key")}
    assert named == set(profiles._KEYS)


def test_the_page_has_every_command_of_the_relay_and_each_works() -> None:
    lines = first_cells("command")
    assert {line.split()[0] for line in lines} == set(COMMANDS) - set(FOR_THE_RUN)

    async def tell() -> list[str]:
        relay = Relay()
        await relay.open("front", "tcp://127.0.0.1:1")
        answers = [await relay.command(line) for line in lines]
        await relay.close()
        return answers

    assert [answer.split()[0] for answer in asyncio.run(tell())] == ["ok"] * len(lines)


def test_the_page_names_every_exception_of_parity() -> None:
    for path, reason in EXCEPTIONS.items():
        assert f"`{path}`" in TEXT
        assert reason in " ".join(TEXT.split())


def test_the_page_names_every_code_that_blocks() -> None:
    (line,) = re.findall(r"the front or the exchange is not ready \(([^)]*)\)", TEXT)
    assert [int(code) for code in re.findall(r"\d+", line)] == sorted(BLOCKING)


def test_the_page_has_every_option_of_a_live_run() -> None:
    from ctpscen.commands.run import _LIVE_ONLY

    assert [option for option in ("--live", *_LIVE_ONLY) if f"`{option}" not in TEXT] == []


def test_the_caps_are_those_of_the_page() -> None:
    assert f"{profiles.ORDER_CAP} and {profiles.RUN_CAP} if they are left out" in TEXT


# ---------------------------------------------------------------------------------------------------------- hazards

HAZARDS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "hazards.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| \d+ \|", line)
]


def test_the_table_of_hazards_is_whole() -> None:
    assert [int(number) for number, *_ in HAZARDS] == list(range(1, 33))


@pytest.mark.parametrize("row", HAZARDS, ids=lambda row: row[0])
def test_a_hazard_has_a_way_and_tests_that_are_there(row: list[str]) -> None:
    _, hazard, handled, tests = row
    assert hazard
    assert handled
    named = re.findall(r"`(test_\w+)`", tests)
    assert named
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name in named if f"def {name}(" not in written] == []


__all__ = ["counter"]
