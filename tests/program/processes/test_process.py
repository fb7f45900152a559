"""A program as processes: how it starts and ends, what it reads and writes, and that nothing is left of it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support import ROOT
from support.stage import Stage

from ctpscen.program.spec import CannotStart


def python(stage: Stage, script: str, *arguments: str, **spec: Any) -> None:
    stage.programs.patience = 0
    stage.start(sys.executable, "-c", script, *arguments, **spec)


# ----------------------------------------------------------------------------------------------------------- starting


def test_what_cannot_be_started_is_told_apart(stage: Stage, tmp_path: Path) -> None:
    plain = tmp_path / "plain.txt"
    plain.write_text("nothing")
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    for command, message in (
        ("no-such-command", "there is no command `no-such-command`"),
        ("./robot", "there is no `./robot` in the program's folder"),
        (str(tmp_path), f"`{tmp_path}` is a folder"),
        (str(plain), f"`{plain}` is not executable; `chmod +x` makes it so"),
        (str(broken), f"`{broken}` cannot be started: No such file or directory"),
    ):
        with pytest.raises(CannotStart) as failed:
            stage.start(command, name=command.replace("/", "-"))
        assert str(failed.value) == message


def test_a_folder_that_is_not_there_is_named(stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=f"the folder `{tmp_path}/none` is not there"):
        stage.start("true", folder=tmp_path / "none")


def test_it_runs_in_a_fresh_copy_of_its_folder_which_is_its_home(stage: Stage, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "data").mkdir(parents=True)
    (source / "data" / "settings.txt").write_text("as it was")
    os.mkfifo(source / "data" / "pipe")
    program = stage.start("sh", "-c", "cat data/settings.txt; echo; pwd; echo $HOME; echo new > data/settings.txt",
                          folder=source)  # fmt: skip
    stage.to_end()
    assert stage.lines == ["as it was", str(program.folder), str(program.folder)]
    assert (source / "data" / "settings.txt").read_text() == "as it was"
    stage.events.clear()
    stage.exits.clear()
    program.start()
    stage.to_end()
    assert stage.lines[0] == "new", "a second start goes on in the same folder"


def test_variables_of_its_own_win(stage: Stage) -> None:
    stage.start("sh", "-c", "echo $HOME $ANSWER $PYTHONUNBUFFERED", variables={"HOME": "/elsewhere", "ANSWER": "42"})
    stage.to_end()
    assert stage.lines == ["/elsewhere 42 1"]


def test_it_dumps_no_core(stage: Stage) -> None:
    stage.start("sh", "-c", "ulimit -c")
    stage.to_end()
    assert stage.lines == ["0"]


# --------------------------------------------------------------------------------------------------------------- ends


@pytest.mark.parametrize(
    ("script", "code", "by"),
    [("exit 0", 0, None), ("exit 3", 3, None), ("kill -SEGV $$", None, "SIGSEGV"), ("kill -35 $$", None, "SIG35")],
)
def test_how_it_ended_is_told(stage: Stage, script: str, code: int | None, by: str | None) -> None:
    stage.start("sh", "-c", script)
    ended = stage.to_end()
    assert (ended.code, ended.signal) == (code, by)


def test_it_is_asked_to_end_and_may_say_something_first(stage: Stage) -> None:
    program = stage.start("sh", "-c", "trap 'echo ending; exit 5' TERM; echo ready; while :; do sleep 1; done")
    assert stage.until(lambda: stage.lines)
    program.terminate()
    assert stage.to_end().code == 5
    assert (stage.lines[0], stage.lines[-1]) == ("ready", "ending")


def test_it_is_killed(stage: Stage) -> None:
    program = stage.start("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done")
    assert stage.until(lambda: stage.lines)
    program.kill()
    assert stage.to_end().signal == "SIGKILL"
    assert not program.is_running
    program.terminate()
    assert not program.type("anything")


def alive(*processes: int) -> list[int]:
    """Those that have not ended."""

    def state(process: int) -> str:
        try:
            return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return "gone"

    return [process for process in processes if state(process) not in ("gone", "Z", "X")]


FAMILY = "sleep 1000 & echo $!; setsid sleep 1000 & sleep 0.1; echo $!; (setsid sh -c 'sleep 1000 & echo $!') ; wait"


def test_nothing_is_left_of_it_whatever_its_children_did(stage: Stage) -> None:
    stage.programs.patience = 0
    stage.start("sh", "-c", FAMILY)
    assert stage.until(lambda: len(stage.lines) == 3)
    children = [int(line) for line in stage.lines]
    assert alive(*children) == children
    stage.programs.close()
    assert alive(*children) == []
    assert not stage.programs.folder.exists()


ALONE = f"""
import sys
sys.path.insert(0, {str(ROOT / "tests")!r})
from pathlib import Path
from support.stage import stage
with stage(Path(sys.argv[1])) as made:
    made.programs.patience = 0
    made.start("sh", "-c", {FAMILY!r})
    made.until(lambda: len(made.lines) == 3)
    print(*made.lines, flush=True)
    sys.stdin.read()
"""


def test_nothing_is_left_of_it_when_ctpscen_is_killed(tmp_path: Path) -> None:
    ours = subprocess.Popen(
        [sys.executable, "-c", ALONE, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert ours.stdout is not None
    children = [int(word) for word in ours.stdout.readline().split()]
    assert alive(*children) == children
    assert len(children) == 3
    ours.kill()
    ours.communicate()
    while alive(*children):  # the launcher sees the end of its socket
        time.sleep(0.01)


# ------------------------------------------------------------------------------------------------- input and output


def test_lines_are_typed_to_it(stage: Stage) -> None:
    program = stage.start("sh", "-c", "read one; read two; echo $two $one")
    assert program.type("first")
    assert program.type("二")
    stage.to_end()
    assert stage.lines == ["二 first"]


def test_lines_are_utf8_and_if_not_gb18030(stage: Stage) -> None:
    python(
        stage, "import os, sys; os.write(1, '成交\\r\\n'.encode() + '成交\\n'.encode('gb18030') + b'\\xff\\n' + b'end')"
    )
    stage.to_end()
    assert stage.lines == ["成交", "成交", "�", "end"]


def test_both_streams_are_told_apart(stage: Stage) -> None:
    stage.start("sh", "-c", "echo one; echo two >&2")
    stage.to_end()
    assert sorted(stage.written) == [("err", "two"), ("out", "one")]


def test_a_c_program_is_not_buffered(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "says.c").write_text('#include <stdio.h>\n#include <unistd.h>\nint main() { puts("said"); pause(); }')
    subprocess.run(["cc", "-o", tmp_path / "says", tmp_path / "says.c"], check=True)
    stage.start(str(tmp_path / "says"))
    assert stage.until(lambda: stage.lines == ["said"])


def test_what_is_written_without_end_or_measure_is_cut(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctpscen.program.programs.MOST_LINES", 100)
    python(stage, "print('x' * 1_000_000)\nfor number in range(10_000): print(number)")
    assert stage.to_end().code == 0
    assert max(map(len, stage.lines)) <= 1 << 16
    assert len(stage.lines) == 100
    assert stage.lines[-1] == "[no more than 100 lines are shown]"


def test_log_files_are_followed_from_where_they_stood(stage: Stage, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "logs").mkdir(parents=True)
    (source / "logs" / "old.log").write_text("before\n")
    script = (
        "import time\n"
        "def write(name, text):\n"
        "    with open(name, 'a') as stream: stream.write(text)\n"
        "write('logs/old.log', 'after\\n'); write('logs/new.log', 'half'); time.sleep(5)\n"
        "write('logs/new.log', ' and half\\n'); write('other.txt', 'unseen\\n'); time.sleep(5)\n"
        "open('logs/old.log', 'w').write('again\\n'); write('logs/new.log', 'last')"
    )
    python(stage, script, folder=source, logs=("logs/*.log",))
    stage.to_end()
    assert stage.written == [
        ("old.log", "after"),
        ("new.log", "half and half"),
        ("old.log", "again"),
        ("new.log", "last"),
    ]


# -------------------------------------------------------------------------------------------- what makes no API object


def test_a_program_that_makes_no_api_object_is_told_apart(stage: Stage, tmp_path: Path) -> None:
    def explained(*command: str) -> str:
        program = stage.start(*command, name=f"program{len(stage.exits)}")
        count = len(stage.exits)
        stage.until(lambda: len(stage.exits) > count)
        return program.explain()

    source = tmp_path / "static.c"
    source.write_text("int main() { return 0; }")
    subprocess.run(["cc", "-static", "-o", tmp_path / "static", source], check=True)
    assert explained("true") == "it has loaded no CTP library"
    assert explained(str(tmp_path / "static")) == "it is linked statically, so no library can be put in CTP's place"


def test_a_version_that_is_not_known_is_named(stage: Stage, tmp_path: Path) -> None:
    source = (
        "#include <stdio.h>\n"
        'extern "C" void *_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKcb(const char *, bool);\n'
        'int main() { _ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKcb("", true); puts("made"); }\n'
    )
    library = (
        'extern "C" void *_ZN19CThostFtdcTraderApi19CreateFtdcTraderApiEPKcb(const char *, bool) { return 0; }\n'
        'extern "C" const char *_ZN19CThostFtdcTraderApi13GetApiVersionEv() { return "v9.9.9_20300101"; }\n'
    )
    (tmp_path / "main.cpp").write_text(source)
    (tmp_path / "library.cpp").write_text(library)
    made = tmp_path / "libthosttraderapi_se.so"
    subprocess.run(["g++", "-shared", "-fPIC", "-o", made, tmp_path / "library.cpp"], check=True)
    subprocess.run(["g++", "-o", tmp_path / "main", tmp_path / "main.cpp", made, f"-Wl,-rpath,{tmp_path}"], check=True)
    program = stage.start(str(tmp_path / "main"))
    assert stage.to_end().code == 97
    assert program.explain() == "it uses CTP v9.9.9_20300101, a version of which there are no tables"
    (line,) = stage.lines
    assert line.startswith("ctpscen: there are no tables of CTP 'v9.9.9_20300101'; known are 6.3.15, ")


def test_signals_that_have_no_name() -> None:
    from ctpscen.program.processes.process import signal_name

    assert signal_name(signal.SIGTERM) == "SIGTERM"
    assert signal_name(50) == "SIG50"
