"""Live runs from the command line, against fronts that are not there, and what `doctor` says of a machine."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support import command
from support.loopback import SECONDS, close_at_once, closed_port, front_that, native, proxy

from ctpscen.commands import doctor
from ctpscen.live.library import locale
from ctpscen.live.profile.profiles import FILE

CONNECT = "connect within 1s\n"


@pytest.fixture(autouse=True)
def _a_user_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of whoever runs the tests is read, and nothing is left with them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_dir", lambda _: str(tmp_path / "config"))
    monkeypatch.setattr("platformdirs.user_state_dir", lambda _: str(tmp_path / "state"))
    monkeypatch.setenv("PW", "geheim-17")


def project(front: str, text: str = CONNECT, more: str = "") -> None:
    Path(FILE).write_text(
        "[profile.simnow]\n"
        'user = "100001"\npassword = { env = "PW" }\n'
        f'trading_fronts = ["{front}"]\nmarket_fronts = ["{front}"]\n{more}'
    )
    Path("test.scn").write_text(text)


def nobody() -> str:
    return f"tcp://127.0.0.1:{closed_port()}"


def blocked_run(words: str) -> str:
    """What a run says that is blocked; on a busy machine it is given more time before it must have seen why."""
    for patience in ("1s", "5s", "25s"):
        Path("test.scn").write_text(f"connect within {patience}\n")
        code, out, _ = command("run", "test.scn", "--live", "simnow", "-vv")
        assert code == 4, out
        if words in out:
            break
    assert words in out
    return out


# ----------------------------------------------------------------------------------------------- the whole path


@native
def test_a_front_that_refuses_blocks_the_scenario_and_says_so() -> None:
    front = nobody()
    project(front)
    out = blocked_run(f" s: {front} cannot be reached: Connection refused")
    assert "trader could not be connected within " in out


@native
def test_of_several_fronts_that_cannot_be_reached_each_is_told_and_no_break_is_made_up() -> None:
    project(nobody())
    first, second = nobody(), nobody()
    both = f'["{first}", "{second}"]'
    Path(FILE).write_text(re.sub(r"trading_fronts = .*", f"trading_fronts = {both}", Path(FILE).read_text()))
    out = blocked_run(
        f" s: {first} cannot be reached: Connection refused; {second} cannot be reached: Connection refused"
    )
    assert "OnFrontDisconnected" not in out


@native
def test_a_front_that_closes_before_the_handshake_is_told_as_version_or_address() -> None:
    with front_that(close_at_once) as front:
        project(front)
        out = blocked_run("0x1001 = 4097")  # before the library has told of it, it is only no answer
    assert "wrong version or address" in out


@native
def test_a_proxy_s_password_comes_from_where_the_profile_says(monkeypatch: pytest.MonkeyPatch) -> None:
    word = "a'b:c@d/e %41"
    monkeypatch.setenv("PROXY_PW", word)
    with proxy(b"me", word.encode()) as (where, asked):
        project(f"tcp://front.example:10201 socks5://me@{where}", more='proxy_password = { env = "PROXY_PW" }\n')
        assert word not in "".join(map(str, command("run", "test.scn", "--live", "simnow", "-vv")))
        assert asked.get(timeout=SECONDS) == b"front.example:10201"
        monkeypatch.delenv("PROXY_PW")
        code, _, err = command("run", "test.scn", "--live", "simnow")
    assert (code, "$PROXY_PW, which is not set" in err) == (2, True)


@native
def test_no_output_of_a_live_run_has_a_secret_in_it() -> None:
    with front_that(close_at_once) as front:
        project(front)
        _, out, err = command(
            *("run", "test.scn", "--live", "simnow", "-vv"),
            *("--journal", "journals", "--json", "all.json", "--junit", "all.xml", "--html", "all.html"),
        )
    written = [path for path in Path().rglob("*") if path.is_file() and "locales" not in path.parts]
    assert {path.name for path in written} >= {"all.json", "all.xml", "all.html"}
    texts = [out, err, *(path.read_text(encoding="utf-8", errors="replace") for path in written)]
    assert not [text for text in texts if "geheim-17" in text]


@native
def test_nothing_of_a_run_stays_in_the_state_folder_but_the_locale_and_a_lock(tmp_path: Path) -> None:
    with front_that(close_at_once) as front:
        project(front)
        command("run", "test.scn", "--live", "simnow")
    left = [path for path in (tmp_path / "state").rglob("*") if path.is_file() and "locales" not in path.parts]
    assert [path.parent.name for path in left] == ["locks"]


KILLED = """
import os, resource, signal, sys
from ctpscen.live.library import process

hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

call = process.WorkerProcess.call

def call_and_die(self, request):
    value = call(self, request)
    if request.name == "Init":
        process.WorkerProcess.call = call
        os.kill(self.pid, signal.SIGSEGV)
    return value

process.WorkerProcess.call = call_and_die
from ctpscen.cli import main
sys.exit(main(["run", "test.scn", "--live", "simnow"]))
"""


@native
def test_a_library_that_dies_is_an_error_and_the_run_goes_on(tmp_path: Path) -> None:
    text = 'session first\nscenario "dies":\n    connect within 60s\nscenario "goes on":\n    log "here"\n'
    project(nobody(), text)
    variables = {**os.environ, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    ran = subprocess.run(
        [sys.executable, "-c", KILLED], env=variables, capture_output=True, encoding="utf-8", check=False, umask=0
    )
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert f"the CTP library of first died: {signal.SIGSEGV.name} after the call of Init" in ran.stdout
    assert "goes on" in ran.stdout
    assert "1 passed" in ran.stdout
    kept = [*(tmp_path / "state").rglob("*")]
    assert {"library.log", "DialogRsp.con", "locks", "LC_CTYPE"} <= {path.name for path in kept}
    assert [path for path in kept if path.stat().st_mode & 0o077] == [], "whatever the umask, nobody else can read it"
    assert [path for path in tmp_path.rglob("*") if "core" in path.name] == []


@native
def test_without_a_locale_and_without_a_compiler_the_scenario_is_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locale, "_installed", lambda: False)
    monkeypatch.setattr("ctpscen.live.library.locale.shutil.which", lambda *_, **__: None)
    project(nobody())
    code, out, _ = command("run", "test.scn", "--live", "simnow")
    assert code == 4
    assert "libc-bin" in out


# ------------------------------------------------------------------------------------------------------- bad usage


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--live", "simnov"], "no profile `simnov`; did you mean `simnow`?"),
        (["--allow-orders"], "--allow-orders: only with --live PROFILE"),
        (["--keep-orders", "--dry-run"], "--keep-orders, --dry-run: only with --live PROFILE"),
        (["--retry", "2"], "--retry: only with --live PROFILE"),
        (["--show-ids"], "--show-ids: only with --live PROFILE"),
        (["--live", "simnow", "-j", "2"], "one after another"),
    ],
)
def test_what_cannot_be_done_is_bad_usage(arguments: list[str], words: str) -> None:
    project("tcp://127.0.0.1:1")
    code, _, err = command("run", "test.scn", *arguments)
    assert code == 2
    assert words in err


def test_a_secret_that_is_missing_is_bad_usage_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PW")
    project("tcp://127.0.0.1:1")
    code, out, err = command("run", "test.scn", "--live", "simnow")
    assert (code, out) == (2, "")
    assert "$PW, which is not set" in err


def test_an_address_that_cannot_be_listened_at_is_bad_usage() -> None:
    assert command("relay", "127.0.0.1:x", "tcp://127.0.0.1:1")[0] == 2
    assert command("relay", "127.0.0.1:1", "127.0.0.1:1")[0] == 2


# --------------------------------------------------------------------------------------------------------- doctor


def findings(*arguments: str) -> dict[str, dict[str, object]]:
    _, out, _ = command("doctor", "--json", *arguments)
    return {each["what"]: each for each in json.loads(out)}


@native
def test_a_machine_that_has_all_is_well() -> None:
    code, out, _ = command("doctor")
    assert code == 0, out
    assert "v6.7.11" in out


@native
def test_doctor_says_what_a_front_does() -> None:
    with front_that(close_at_once) as front:
        project(front)
        found = findings("--live", "simnow")
    assert found[f"trading front {front}"]["well"]
    assert not found["handshake"]["well"]
    assert "4097" in str(found["handshake"]["found"])


def test_doctor_gives_a_remedy_for_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_is_supported", lambda: False)
    code, out, _ = command("doctor")
    assert code == 4
    assert "wheels for Linux x86-64 and Windows" in out


def test_doctor_stops_at_a_secret_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_is_supported", lambda: False)
    monkeypatch.delenv("PW")
    project("tcp://127.0.0.1:1")
    found = findings("--live", "simnow")
    assert "$PW" in str(found["secrets"]["remedy"])
    assert "trading front tcp://127.0.0.1:1" not in found


def test_doctor_tells_a_front_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_is_supported", lambda: False)
    front = nobody()
    project(front)
    found = findings("--live", "simnow")
    assert found[f"trading front {front}"]["found"] == "Connection refused"
    assert "handshake" not in found


@native
def test_doctor_tries_no_handshake_where_no_front_takes_connections() -> None:
    project(nobody())
    assert "not tried" in str(findings("--live", "simnow")["handshake"]["found"])


def test_doctor_tells_a_name_that_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(doctor, "_is_supported", lambda: False)
    monkeypatch.setattr("ctpscen.commands.doctor.socket.getaddrinfo", unknown)
    project("tcp://front.example:10201 socks5://proxy.example:1080")
    found = findings("--live", "simnow")["trading front tcp://front.example:10201"]
    assert found["found"] == "its proxy: the name proxy.example is not known: Name or service not known"


def test_doctor_folds_lines_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "40")
    lines = doctor._folded("--  ", "one two three four five six seven eight nine ten")
    assert lines == ["--  one two three four five six seven", "      eight nine ten"]


# ------------------------------------------------------------------------------------------------------- imports

CHILD = """
import sys
from ctpscen.cli import main
code = main(["run", sys.argv[1]])
heavy = ("openctp_ctp", "asyncio", "msgspec")
loaded = {name.partition(".")[0] for name in sys.modules} & set(heavy)
loaded |= {name for name in sys.modules if name.startswith("ctpscen.live")}
print(code, sorted(loaded), file=sys.stderr)
"""


def test_a_simulated_run_loads_nothing_of_the_live_side(tmp_path: Path) -> None:
    (tmp_path / "plain.scn").write_text("buy open 1 rb2705 at ask as entry\nexpect trade of entry\n")
    ran = subprocess.run(
        [sys.executable, "-c", CHILD, "plain.scn"], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )
    assert ran.stderr.splitlines()[-1] == "0 []", ran.stdout + ran.stderr


# -------------------------------------------------------------------------------------------------------- dry runs

TRADING = 'scenario "trades":\n    buy open 2 rb2705 at ask as entry\n    disconnect\n    reconnect\n    cancel entry\n'
VENUE = 'scenario "halts":\n    venue: halt rb2705\n    place order\n'


def test_a_dry_run_shows_what_would_be_sent_and_connects_to_nothing(tmp_path: Path) -> None:
    project("tcp://127.0.0.1:1", TRADING + VENUE)
    code, out, _ = command("run", "test.scn", "--live", "simnow", "--allow-orders", "--dry-run")
    assert code == 0
    assert "tcp://127.0.0.1:1" in out
    assert "up to 10 lots each" in out
    sent = [line.strip() for line in out.splitlines() if line.startswith("  ")][3:]
    assert sent == [
        "trader: the profile's own account; authenticates, logs in, confirms the settlement",
        "buy open 2 rb2705 at ask as entry",
        "reconnect",
        "cancel entry",
        "would be skipped: it uses the simulated venue",
    ]
    assert "geheim-17" not in out
    assert not (tmp_path / "state").exists()


def test_a_dry_run_shows_what_would_be_blocked() -> None:
    project("tcp://127.0.0.1:1", TRADING)
    _, out, _ = command("run", "test.scn", "--live", "simnow", "--dry-run")
    assert out.count("(would be blocked: ") == 2
    assert "(would be blocked: live, orders and changes need --allow-orders)" in out
    assert "--allow-orders is not given" in out


def test_a_dry_run_shows_who_logs_in_what_defines_send_and_what_is_never_sent() -> None:
    text = (
        'session alice\nsession bob account second\nprogram robot "true"\n'
        "define enter(volume):\n    buy open volume rb2705 at ask as entry\n    return entry\n"
        "alice: connect front\nlet first = enter(1)\nenter(2)\n"
        'request ReqQryNotice(BrokerID = "9999") as notice\nrequest ReqFromBankToFutureByFuture()\n'
    )
    project("tcp://127.0.0.1:1", text)
    _, out, _ = command("run", "test.scn", "--live", "simnow", "--dry-run", "--allow-orders")
    assert "alice: the profile's own account; its own steps connect it" in out
    assert "robot: your program; calls that are not allowed or over the caps would be held back" in out
    assert "bob would be blocked: profile `simnow` has no account `second` (accounts: none)" in out
    assert out.count("buy open volume rb2705 at ask as entry") == 2
    assert 'request ReqQryNotice(BrokerID = "9999") as notice\n' in out
    assert "ReqFromBankToFutureByFuture moves money; it is never sent to a live front" in out
