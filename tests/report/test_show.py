"""`ctpscen show` and `ctpscen diff`: journals on the terminal, filtered, drawn, and compared."""

import json
import re
import shutil
from pathlib import Path

import pytest
from support import ROOT, command, compare
from support.every_verdict import SUITE, write_suite

from ctpscen.pairing import paired

GOLDEN = ROOT / "tests" / "report" / "golden"
CUT, DROPPED, TABLE, BLOCKED, SKIPPED, ERROR = (f"journals/suite.scn-{line}.jsonl" for line in (6, 14, 27, 33, 36, 39))


@pytest.fixture(autouse=True)
def _in_a_folder_with_journals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_suite(tmp_path)
    assert command("run", "suite.scn", "-q", "--journal", "journals")[0] == 3


def show(*arguments: str) -> list[str]:
    code, out, err = command("show", *arguments)
    assert (code, err) == (0, "")
    return out.splitlines()


def middle(lines: list[str]) -> list[str]:
    """The lines of events, without their times."""
    return [line[16:].strip() for line in lines[1:] if line.startswith("  09:")]


# ------------------------------------------------------------------------------------------------------------ show


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("show", (DROPPED,)),
        ("timeline_cut", (CUT, "--timeline")),
        ("timeline_dropped", (DROPPED, "--timeline")),
    ],
)
def test_a_journal_is_shown(name: str, arguments: tuple[str, ...], request: pytest.FixtureRequest) -> None:
    text = "".join(f"{line}\n" for line in show(*arguments))
    chanceless = re.sub(r"\b(sys|SessionID) -?\d+", r"\1 N", text)
    compare(GOLDEN / f"{name}.txt", chanceless, request)


@pytest.mark.parametrize(
    ("journal", "verdict"),
    [(CUT, "passed"), (DROPPED, "failed"), (BLOCKED, "blocked"), (SKIPPED, "skipped"), (ERROR, "error")],
)
def test_a_journal_is_shown_as_its_run_was(journal: str, verdict: str) -> None:
    """Down to the verdict, `show` says what `run` said; what went wrong has no text of the file around it."""
    line = journal.removesuffix(".jsonl").rpartition("-")[2]
    _, out, _ = command("run", f"suite.scn:{line}", "-v")
    shown, ran = show(journal), out.splitlines()
    end = next(index for index, each in enumerate(ran) if each.startswith(f"  {verdict}  "))
    assert shown[: end + 1] == ran[: end + 1]
    wrong = [each for each in ran[end:] if each.startswith(("error[", "  --> "))]
    assert [each for each in shown[end:] if each.startswith(("error[", "  --> "))] == wrong


def test_one_session_is_shown_with_its_steps() -> None:
    lines = middle(show(DROPPED, "--session", "bob"))
    assert "bob: expect trade of other" in lines
    assert any(line.startswith("bob 1 ← OnRtnTrade") for line in lines)
    assert not [line for line in lines if "alice" in line and not line.startswith("⚡")]


def test_one_order_is_shown_with_its_requests_and_reports_alone() -> None:
    lines = middle(show(TABLE, "--order", "2"))
    sent = [name for line in lines for name in re.findall(r"\b(?:Req|On)\w+", line)]
    # an order that rests and is cancelled: accepted by the front, at the exchange; then twice (BEHAVIOUR 3.3, case 5)
    assert sent == ["ReqOrderInsert", "OnRtnOrder", "OnRtnOrder", "ReqOrderAction", "OnRtnOrder", "OnRtnOrder"]
    assert show(TABLE, "--order", "77")[1] == "  nothing in this journal fits"


def test_one_callback_is_shown_even_where_reports_leave_it_out() -> None:
    lines = middle(show(CUT, "--callback", "OnRtnInstrumentStatus"))
    assert lines
    assert all("OnRtnInstrumentStatus rb" in line for line in lines)
    both = middle(show(CUT, "--callback", "OnRtnTrade", "--session", "bob"))
    assert both == []


def test_a_timeline_keeps_to_the_filters_too() -> None:
    lines = show(CUT, "--timeline", "--callback", "OnRtnTrade")
    drawn = [line for line in lines if line.startswith("  09:")]
    assert len(drawn) == 1
    assert "◀╌" in drawn[0]
    assert drawn[0].endswith("OnRtnTrade #2 rb2705 buy 2 at 3151  replayed")


def test_the_lifelines_of_a_timeline_stand_below_their_names() -> None:
    heading, *lines = show(CUT, "--timeline")[1:]
    columns = [heading.index(name) + len(name) // 2 for name in ("alice", "bob", "front", "exchange")]
    before = next(line for line in lines if "alice: connect" in line)
    assert [before[column] for column in columns] == ["│"] * 4
    later = next(line for line in lines if "alice: reconnect" in line)
    assert [later[column] for column in columns] == ["╎", "┃", "│", "│"]


def test_a_journal_that_was_cut_off_is_shown_as_far_as_it_goes() -> None:
    whole = Path(CUT).read_text(encoding="utf-8").splitlines(keepends=True)
    Path("cut.jsonl").write_text("".join(whole[:40]) + whole[40][:20], encoding="utf-8")
    for arguments in ((), ("--timeline",)):
        assert show("cut.jsonl", *arguments)[-1] == "  the journal ends here: the run was cut off"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((CUT, "--session", "alic"), "there is no session `alic`; did you mean `alice`? (sessions: alice, bob)"),
        ((CUT, "--callback", "OnRtnOrde"), "there is no callback `OnRtnOrde`; did you mean `OnRtnOrder`?"),
        (("missing.jsonl",), "missing.jsonl: cannot be read: No such file or directory"),
        (("journals",), "journals: cannot be read: Is a directory"),
        (("suite.scn",), "suite.scn:1: this is not JSON"),
        (("empty.jsonl",), "empty.jsonl: there is no scenario in this journal"),
    ],
)
def test_what_cannot_be_shown_is_said(arguments: tuple[str, ...], said: str) -> None:
    Path("empty.jsonl").write_text("")
    assert command("show", *arguments) == (2, "", f"{said}\n")


# ------------------------------------------------------------------------------------------------------------ diff


def test_journals_of_the_same_run_are_the_same_wherever_it_was_made() -> None:
    lines = Path(CUT).read_text(encoding="utf-8").splitlines(keepends=True)
    elsewhere = json.loads(lines[0]) | {"python": "3.99.0", "platform": "elsewhere"}
    Path("elsewhere.jsonl").write_text(json.dumps(elsewhere) + "\n" + "".join(lines[1:]), encoding="utf-8")
    code, out, err = command("diff", CUT, "elsewhere.jsonl")
    assert (code, out, err) == (0, f"the same: {len(lines) - 1} events\n", "")


def test_the_first_difference_is_told_field_by_field_and_the_rest_counted() -> None:
    lines = Path(CUT).read_text(encoding="utf-8").splitlines()
    trade = next(index for index, line in enumerate(lines) if '"OnRtnTrade"' in line)
    changed = json.loads(lines[trade])
    changed["fields"]["Volume"] = 1
    changed["time"] += 5
    later = json.loads(lines[-1])
    later["time"] += 5
    there = [*lines[:trade], json.dumps(changed), *lines[trade + 1 : -2], json.dumps(later)]
    Path("b.jsonl").write_text("\n".join(there) + "\n", encoding="utf-8")
    code, out, _ = command("diff", CUT, "b.jsonl")
    assert code == 1
    said = out.splitlines()
    at = changed["time"]
    assert said[:5] == [
        f"line {trade + 1} is the first that differs:",
        f"  {CUT}: 09:30:10.022 callback alice OnRtnTrade",
        "  b.jsonl: 09:30:10.022 callback alice OnRtnTrade",
        f"    time: {at - 5} → {at}",
        "    fields.Volume: 2 → 1",
    ]
    events = len(lines) - 1
    gone = json.loads(lines[-2])["event"]
    assert said[6:] == [
        f"{CUT} has {events} events, b.jsonl has {events - 1}; {events - 3} of them are the same",
        "1 more differs in nothing but the time",
        f"only in {CUT}:",
        "       1 callback alice OnRtnTrade",
        f"       1 {gone}",
        "only in b.jsonl:",
        "       1 callback alice OnRtnTrade",
    ]


def test_runs_with_other_seeds_differ_in_nothing_but_numbers() -> None:
    command("run", "suite.scn:6", "--seed", "9", "--journal", "other")
    code, out, _ = command("diff", CUT, "other/suite.scn-6.jsonl")
    events = len(Path(CUT).read_text(encoding="utf-8").splitlines()) - 1
    numbers = "but for the seed and the numbers of sessions, orders and trades"
    assert (code, out) == (0, f"the same: {events} events, {numbers}\n")


def test_other_runs_say_so_before_their_events() -> None:
    code, out, _ = command("diff", CUT, DROPPED)
    said = out.splitlines()
    assert (code, said[0]) == (1, "other runs:")
    assert any(line.startswith("    title: ") for line in said)
    assert any(line.endswith("is the first that differs:") for line in said)


def test_numbers_are_paired_in_the_order_in_which_they_come() -> None:
    def journal(*sessions: int) -> list[dict[str, object]]:
        return [{"event": "callback", "fields": {"SessionID": each, "Volume": 1}} for each in sessions]

    assert paired(journal(7, 8, 7), journal(5, 6, 5)) == journal(7, 8, 7)
    assert paired(journal(7, 7), journal(5, 6)) != journal(7, 7)
    assert paired([], journal(5)) == journal(5)
    assert paired(journal(7), [{"event": "log", "text": "5"}]) == [{"event": "log", "text": "5"}]


def test_folders_are_compared_by_the_names_of_their_journals() -> None:
    shutil.copytree("journals", "there")
    assert command("diff", "journals", "there")[0] == 0
    changed = Path("there", Path(CUT).name)
    changed.write_text(changed.read_text(encoding="utf-8").replace('"Volume":2', '"Volume":1'), encoding="utf-8")
    Path("there", Path(SKIPPED).name).unlink()
    code, out, err = command("diff", "journals", "there")
    assert (code, err) == (1, "")
    said = out.splitlines()
    assert f"only in journals: {Path(SKIPPED).name}" in said
    assert [line for line in said if line.startswith(f"differs   {Path(CUT).name}: from line ")]
    assert sum(line.startswith("the same  ") for line in said) == 4
    shutil.rmtree("there")


def test_a_folder_is_not_compared_with_a_journal() -> None:
    Path("nothing").mkdir(exist_ok=True)
    assert "one is a folder" in command("diff", "journals", CUT)[2]
    assert command("diff", "nothing", "journals") == (2, "", "nothing: there is no journal in this folder\n")


def test_a_journal_that_ends_early_differs_there() -> None:
    lines = Path(CUT).read_text(encoding="utf-8").splitlines(keepends=True)
    Path("short.jsonl").write_text("".join(lines[:-1]), encoding="utf-8")
    code, out, _ = command("diff", CUT, "short.jsonl")
    assert code == 1
    assert f"line {len(lines)} is the first that differs:" in out
    assert "  short.jsonl: the journal has ended\n" in out


def test_what_cannot_be_compared_is_said() -> None:
    code, out, err = command("diff", CUT, "missing.jsonl")
    assert (code, out) == (2, "")
    assert err == "missing.jsonl: cannot be read: No such file or directory\n"


def test_the_suite_has_the_lines_that_its_journals_are_named_by() -> None:
    assert sorted(path.name for path in Path("journals").iterdir()) == sorted(
        Path(name).name for name in (CUT, DROPPED, TABLE, BLOCKED, SKIPPED, ERROR)
    )
    assert SUITE.splitlines()[5].startswith('scenario "an order survives a cut"')


@pytest.mark.parametrize("day", ["1950-01-04", "2150-01-05"])
def test_a_journal_of_any_year_is_shown(day: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("far.scn").write_text(f'venue: clock {day} 09:30\nwait 1s\nlog "{{now()}}"\n')
    assert command("run", "far.scn", "--journal", "j")[0] == 0
    code, out, err = command("show", "j/far.scn-1.jsonl")
    assert (code, err) == (0, "")
    assert f"{day} 09:30:01" in out
