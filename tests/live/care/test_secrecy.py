"""No output of a live run shows a password, an authentication code, or whose account it is."""

import subprocess
import sys
from pathlib import Path

import pytest
from support import command
from support.counter import CODE, NAMED, PASSWORD, SECOND, USER, Counter, counter

from ctpscen.ctp.messages import Callback, Request
from ctpscen.environments.live_run import LiveRun
from ctpscen.live.care.guard import Credentials
from ctpscen.live.profile.profiles import LiveOptions, load_profile
from ctpscen.live.profile.secret import Secret

SECRETS = (PASSWORD, CODE, NAMED)
HIDDEN = (*SECRETS, USER, SECOND)

TELLING = """
session alice
session bob account second

scenario "tells all that it knows":
    alice: buy open 1 rb2705 at ask as entry
    alice: expect trade of entry as fill
    let word = secret("NAMED")
    log "whose: {entry.investor_id} {fill.user_id}, secret: {word}"
    alice: query account as money
    log "{money.account_id}"
    alice: query settlement
    bob: connect
    bob: request ReqQryInvestor() as who
    bob: expect OnRspQryInvestor of who
    alice: soft check entry.investor_id == "nobody", "it is {entry.investor_id}"
    alice: expect order where investor_id == "nobody" within 1s

scenario "is refused":
    alice: connect front
    alice: authenticate
    alice: login password secret("NAMED")
    alice: expect login where code == 0

scenario "is blocked":
    let word = secret("NAMED")
    block "not with {word}"

scenario "has its password in the text":
    alice: connect front
    alice: login password "guess-me"

scenario "asks for what is not there":
    log secret("NOBODY")
"""

WRITTEN = ("--journal", "journals", "--json", "all.json", "--junit", "all.xml", "--html", "all.html")


def all_that_was_written(*streams: str) -> dict[str, str]:
    """Every file below the working folder but the user's own, and the streams."""
    own = {"ctpscen.toml", "test.scn"}
    files = [path for path in Path().rglob("*") if path.is_file() and path.name not in own]
    texts = {str(path): path.read_text(encoding="utf-8", errors="replace") for path in files}
    return {**texts, **{f"stream {number}": text for number, text in enumerate(streams)}}


def leaks(texts: dict[str, str], hidden: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(where, each) for where, text in texts.items() for each in hidden if each in text]


@pytest.mark.parametrize("verbosity", ["-q", "-v", "-vv"])
def test_no_output_of_a_run_shows_a_secret_or_whose_account_it_is(counter: Counter, verbosity: str) -> None:
    code, out, err = counter.run(TELLING, "--allow-orders", verbosity, *WRITTEN)
    texts = all_that_was_written(out, err)
    assert {"all.json", "all.xml", "all.html"} <= texts.keys()
    assert len([name for name in texts if name.startswith("journals")]) == 5
    assert code == 3, out
    assert "whose: ••• •••, secret: •••" in texts["all.json"]
    assert leaks(texts, HIDDEN) == []


def test_annotations_show_none_either(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    _, out, _ = counter.run(TELLING, "--allow-orders", "-q")
    assert "::error" in out
    assert leaks({"out": out}, HIDDEN) == []


def test_users_and_investors_are_shown_to_whoever_asks_and_secrets_to_nobody(counter: Counter) -> None:
    _, out, err = counter.run(TELLING, "--allow-orders", "-vv", "--show-ids", *WRITTEN)
    texts = all_that_was_written(out, err)
    assert f"whose: {USER} {USER}, secret: •••" in out
    assert leaks(texts, SECRETS) == []


def test_a_dry_run_and_the_usage_errors_show_none(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [*counter.run(TELLING, "--dry-run")[1:]]
    texts += counter.run(TELLING, "--live", "dexk")[1:]
    monkeypatch.delenv("NAMED")
    texts += counter.run(TELLING)[1:]
    assert "$NAMED, which is not set" in texts[-1]
    assert leaks(dict(enumerate(texts)), HIDDEN) == []  # type: ignore[arg-type]


def test_a_dry_run_shows_no_password_of_a_proxy(counter: Counter) -> None:
    path = Path("ctpscen.toml")
    path.write_text(
        path.read_text().replace("tcp://127.0.0.1:1", "tcp://127.0.0.1:1 socks5://me:geheim-17@10.0.0.1:80")
    )
    _, out, err = counter.run("connect\n", "--dry-run")
    assert "write socks5://me@10.0.0.1:80" in err
    assert leaks({"out": out, "err": err}, SECRETS) == []
    path.write_text(path.read_text().replace(":geheim-17@", "@"))
    assert "socks5://me@10.0.0.1:80" in counter.run("connect\n", "--dry-run")[1]


@pytest.mark.usefixtures("counter")
@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_doctor_shows_none(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctpscen.commands.doctor._dial", lambda what, _: dial(what))
    _, out, err = command("doctor", "--live", "desk", *arguments)
    assert "trading day" in out
    assert leaks({"out": out, "err": err}, HIDDEN) == []


def dial(front: str) -> object:
    from ctpscen.commands.doctor import Finding

    return Finding(front, True, "takes connections")


@pytest.mark.usefixtures("counter")
def test_nothing_shows_a_secret_by_its_repr() -> None:
    options = LiveOptions(load_profile("desk"), named={"NAMED": Secret(NAMED)})
    venue = LiveRun(options)
    who = venue.credentials("")
    fields = {"UserID": "u", "Password": PASSWORD, "AuthCode": CODE, "NewPassword": NAMED}
    things = [
        *(options, options.profile, venue, who, venue.masker),
        Request(1, "trader", 0, 0, "ReqUserLogin", fields),
        Callback(1, "trader", 0, 0, "OnRspUserPasswordUpdate", fields),
        [Credentials("", "", "", "", Secret(PASSWORD), "", Secret(CODE), True)],
    ]
    shown = {type(each).__name__: f"{each!r} {each!s} {each}" for each in things}
    venue.close()
    assert leaks(shown, SECRETS) == []


SHORT = """
param x = "nothing"

scenario "in the middle of words: q55310077":
    let word = secret("NAMED")
    log "a{word}b"
    soft expect order where order_ref == "q{word}7" within 1s
    soft check word == "", "q{word}7"
    soft check x == "", "it is {x}"
    log "in the text: q55310077"
    fail "no {word}"
"""


@pytest.mark.parametrize("secret", ["55310077", "q5", "geheim"])
@pytest.mark.parametrize("verbosity", ["-q", "-vv"])
def test_a_secret_is_hidden_in_the_middle_of_words(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, secret: str, verbosity: str
) -> None:
    monkeypatch.setenv("NAMED", secret)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    more = ("--set", f"x=x{secret}x")
    text = SHORT.replace("q55310077", f"q{secret}")
    code, out, err = counter.run(text, "--allow-orders", verbosity, *WRITTEN, *more)
    assert code == 1, out
    assert "--set 'x=x•••x'" in out
    assert leaks(all_that_was_written(out, err), (secret,)) == []


CRASH = """
import sys
sys.argv = ["ctpscen"]
from ctpscen.ctp.messages import Request
from ctpscen.internal_error import describe
password = "geheim-17"
def send(request): raise RuntimeError(f"cannot send {request}")
try:
    send(Request(1, "trader", 0, 0, "ReqUserLogin", {"Password": password}))
except RuntimeError as error:
    print(describe(error))
"""


def test_an_internal_error_shows_none() -> None:
    ran = subprocess.run([sys.executable, "-c", CRASH], capture_output=True, encoding="utf-8", check=True)
    assert "internal error: RuntimeError: cannot send Request(" in ran.stdout
    assert PASSWORD not in ran.stdout


__all__ = ["counter"]
