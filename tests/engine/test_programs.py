"""Programs under test in scenarios: an openctp_ctp robot as it is, its flaws, and programs that never trade."""

import platform
import sys
from pathlib import Path

import pytest
from support import ROOT, command, events, run, simulate

import ctpscen
from ctpscen.ctp.commands.plan import read_plan
from ctpscen.ctp.times import SECOND
from ctpscen.engine.unit import Result, Unit

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="programs run on Linux x86-64"
)

FOLDER = ROOT / "examples" / "programs"


def robot(steps: str, options: str = "", before: str = "") -> Result:
    """Runs steps of the example robot; what is there is indented as in a block of its own."""
    lines = "".join(f"        {line}\n" for line in steps.strip().splitlines())
    head = f'program robot "{{python}} robot.py {options}" in "{FOLDER}"\n{before}'
    return run(f'{head}scenario "x":\n    robot:\n{lines}')


def shell(steps: str, script: str) -> Result:
    """Runs steps of a program that is a line of the shell."""
    lines = "".join(f"        {line}\n" for line in steps.strip().splitlines())
    return run(f'program robot "sh -c \'{script}\'"\nscenario "x":\n    robot:\n{lines}')


def assert_passes(result: Result) -> None:
    assert result.verdict == "passed", (result.reason, [each.diagnostic.notes for each in result.diagnostics])


BREAK = """
start
expect ReqOrderInsert where volume_total_original == 5 within 30s as entry
venue: fill entry 2
expect trades of entry total 2
expect line "position 2"
disconnect
venue: fill entry 3
wait 10s
reconnect
expect ReqUserLogin where connection == 2 within 10s
"""


def test_a_break_is_survived_with_the_books_of_a_session() -> None:
    assert_passes(
        robot(
            BREAK
            + """
expect trades of entry total 3 within 30s
expect line "position 5" within 5s
expect no ReqOrderInsert for 30s
check entry is all_traded
check book(cu2612).long == 5
check len(requests(ReqOrderInsert)) == 1
check requests(ReqUserLogin)[0].user_id == "60010086"
expect position(cu2612).long == 5
expect reconciled
never hazard
terminate
expect line "ended"
expect exit where code == 0
"""
        )
    )


def test_a_program_that_counts_a_repeated_trade_is_found_out() -> None:
    result = robot(
        'never line "position 7"' + BREAK + "wait 10s", "--private restart --flaw counts-repeats --flaw asks-nothing"
    )
    assert result.verdict == "failed"
    assert "position 7" in result.diagnostics[0].diagnostic.notes[0]


def test_a_program_on_quick_that_asks_for_nothing_never_hears_of_it() -> None:
    result = robot(BREAK + "expect trades of entry total 3 within 30s", "--private quick --flaw asks-nothing")
    assert (result.verdict, result.reason) == ("failed", "the volumes add up to 0, not 3: trades of entry total 3")


def test_a_program_that_sends_its_order_again_is_found_out() -> None:
    result = robot(BREAK.replace("disconnect\n", "disconnect\nnever ReqOrderInsert\n") + "wait 10s", "--flaw resends")
    assert result.verdict == "failed"
    assert result.reason == "there was ReqOrderInsert, which must never be"


@pytest.mark.parametrize(("flaw", "verdict"), [("", "passed"), ("--flaw gives-up", "failed")])
def test_a_refused_login_is_tried_again_or_not(flaw: str, verdict: str) -> None:
    steps = """
venue: refuse login by 8 for 7s
start
expect login where code == 8 within 30s
expect login where code == 0 within 60s
"""
    assert robot(steps, flaw).verdict == verdict


def test_it_lives_in_the_evening_of_the_venue() -> None:
    steps = """
start
expect line "20:57:" within 20s
expect login where trading_day == "20261124" within 20s
wait until 2026-11-23 22:00
kill
expect exit where signal == "SIGKILL"
start
expect line "22:00:" within 30s
"""
    assert_passes(robot(steps, before="venue:\n    clock 2026-11-23 20:57:30\n"))


def test_whatever_it_logs_in_with_first_is_right_and_something_else_is_not() -> None:
    steps = """
start
expect login where code == 0 and broker_id == "8080" and user_id == "60010086" within 30s
expect OnRspAuthenticate where app_id == "client_robot_1.0"
expect order where investor_id == "60010086" within 30s
"""
    assert_passes(robot(steps))


# ------------------------------------------------------------------------------------- programs that never trade


def test_lines_go_in_and_out_and_the_end_is_told() -> None:
    steps = """
start
type "hello"
expect line "got hello" as first
check first.stream == "out"
expect line where stream == "err" and text == "bad"
expect exit where code == 4
"""
    assert_passes(shell(steps, "read x; echo got $x; echo bad >&2; exit 4"))


@pytest.mark.parametrize(
    ("script", "reason"), [("exit 3", "robot ended with exit code 3"), ("kill -6 $$", "robot was ended by SIGABRT")]
)
def test_an_end_that_nobody_expects_is_a_failure(script: str, reason: str) -> None:
    result = shell("start\nwait 1s", f"echo last words; {script}")
    assert (result.verdict, result.reason) == ("failed", reason)
    assert "it wrote last: last words" in result.diagnostics[0].diagnostic.notes


def test_what_it_wrote_last_stands_beside_what_it_never_did() -> None:
    result = shell("start\nexpect ReqUserLogin within 30s", "echo no settings")
    notes = result.diagnostics[0].diagnostic.notes
    assert "robot has ended: nothing can come any more" in notes[0]
    assert any("no CTP library" in note for note in notes)


def test_a_program_that_does_not_end_is_killed_and_the_step_fails() -> None:
    script = "trap : TERM; echo ready; read a; read b; read c"
    result = shell('start\nexpect line "ready"\nterminate within 200ms', script)
    assert result.verdict == "failed"
    assert "robot did not end within 200 ms of SIGTERM, and was killed" in result.reason


def test_a_second_start_while_it_runs_is_an_error() -> None:
    result = shell("start\nstart", "read x")
    assert (result.verdict, result.reason) == ("error", "robot is running already")


def test_a_program_that_is_not_there_blocks() -> None:
    result = run('program robot "no-such-program-at-all"\nstart')
    assert result.verdict == "blocked"
    assert "no-such-program-at-all" in result.reason


def test_its_texts_are_filled_and_its_command_is_split_as_a_shell_would(tmp_path: Path) -> None:
    script = 'for x in "$@"; do echo "<$x>"; done; echo $CTPSCEN_USER $MINE; pwd; echo $HOME\n'
    (tmp_path / "show.sh").write_text(script)
    item = f'program robot "sh show.sh {{two}} \'c d\' {{user}}" in "{tmp_path}" with (MINE = "mine")\n'
    text = (
        f'param two = "a b"\n{item}'
        'start\nexpect line "<a b>"\nexpect line "<c d>"\nexpect line "<100001>"\nexpect line "100001 mine"\n'
        "expect line as place_of_it\nexpect line as home\ncheck place_of_it.text == home.text\nexpect exit\n"
    )
    assert_passes(run(text))


def test_the_folder_of_a_run_that_fails_is_left_and_named(tmp_path: Path) -> None:
    (tmp_path / "some.txt").write_text("x")
    for step, left in (("wait 1s", False), ('fail "no"', True)):
        result = run(
            f'program robot "sh -c \'ls; pwd\'" in "{tmp_path}"\nstart\nexpect line "some.txt"\nexpect exit\n{step}\n'
        )
        lines = [event["text"] for event in result.journal if event["event"] == "line"]
        notes = [event["text"] for event in result.journal if event["event"] == "note"]
        assert Path(lines[1]).exists() is left
        assert (f"the folder in which robot ran is left at {lines[1]}" in notes) is left


def test_a_prompt_skips_where_nobody_sits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ask.scn").write_text('program robot "sh -c \'read x\'"\nstart\nprompt "pull the cable"\n')
    code, out, _ = command("run", "ask.scn", "--unattended")
    assert code == 0
    assert "1 skipped" in out
    assert "pull the cable" in out


def test_reports_of_a_session_are_counted_in_a_stretch_too() -> None:
    text = (
        "never more than 3 ReqOrderInsert within 1s\nrepeat 5 times:\n"
        "    buy open 1 rb2705 at lower_limit\n    wait {}\n"
    )
    assert run(text.format("200ms")).reason == "there were 4 within 1 s, more than 3: ReqOrderInsert"
    assert_passes(run(text.format("334ms")))


ADMIT = (
    'venue: admit robot user "60010086" password "a-password-of-mine" broker "8080" app "{}" code "CODE0123456789AB"\n'
)


def test_a_program_that_logs_in_as_it_was_admitted_is_let_in() -> None:
    before = ADMIT.format("client_robot_1.0")
    assert_passes(robot("start\nexpect login where code == 0 within 30s", before=before))


def test_a_program_that_says_something_else_is_refused() -> None:
    before = ADMIT.format("client_other_1.0")
    assert_passes(robot("start\nexpect authentication where code == 63 within 30s", before=before))


def test_a_user_that_was_not_admitted_is_refused() -> None:
    before = ADMIT.format("client_robot_1.0").replace("60010086", "60010087")
    result = robot("start\nexpect authentication within 30s as told\ncheck told.code != 0", before=before)
    assert_passes(result)


def test_what_a_param_says_of_a_command_is_filled_in_as_well(tmp_path: Path) -> None:
    (tmp_path / "head.scn").write_text(
        """param command = "sh -c 'echo =$1=' x {{user}}"\nprogram robot "{command}"\n"""
    )
    (tmp_path / "main.scn").write_text('use "head.scn"\nstart\nexpect line "=100001="\nexpect exit\n')
    assert ctpscen.run(tmp_path / "main.scn").verdict == "passed"


@pytest.mark.parametrize("step", ["expect line", "never line", "expect in order:\n            line"])
def test_a_failure_names_the_text_that_was_looked_for(step: str) -> None:
    word = "said" if step.startswith("never") else "meant"
    result = shell(f'let word = "{word}"\n{step} "{{word}}"\nstart\nwait 1s', "sleep 0.1; echo said")
    assert f'line "{word}"' in result.reason


# ------------------------------------------------------------------------------------------- under a plan of faults


def planned(plan: str) -> Result:
    """Twenty seconds of the robot."""
    steps = 'scenario "x":\n    robot:\n        start\n        wait 20s\n'
    text = f'program robot "{{python}} robot.py" in "{FOLDER}"\n{steps}'
    return simulate(Unit("a.scn", text, "x", plan=read_plan(plan)))


@pytest.mark.parametrize("boundary", ["robot/start/1", "robot/ReqAuthenticate/1", "robot/OnRspUserLogin/1"])
def test_a_program_that_a_plan_kills_is_started_again(boundary: str) -> None:
    result = planned(f"{boundary}:kill")
    assert result.verdict == "passed", result.reason
    killed, closed = events(result, "exit")  # by the plan, and when the run was over
    assert killed["signal"] == closed["signal"] == "SIGKILL"
    made = [event["time"] for event in events(result, "call") if event["name"] == "CreateFtdcTraderApi"]
    assert killed["time"] + 5 * SECOND <= made[-1] <= killed["time"] + 8 * SECOND


def test_what_a_plan_does_to_a_program_s_path_it_sees() -> None:
    result = planned("robot/OnRtnOrder/1:cut")
    assert result.explored is not None
    assert [str(each) for each in result.explored.struck] == ["robot/OnRtnOrder/1"]
    assert [event for event in events(result, "callback") if event["name"] == "OnFrontDisconnected"]
