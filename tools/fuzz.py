"""Give ctpscen what no sane person writes, and say when it takes the blame, raises, or hangs.

python tools/fuzz.py                        every kind, 300 inputs each
python tools/fuzz.py values journals -n 5000 --seed 7

texts      scenarios with lines dropped, doubled and swapped, words replaced, and signs of any kind put in: checked,
           formatted, and run where they check
values     values of every type and size, none of which the checker can see, in every kind of step
files      bytes of any kind under any name, to each command that reads files
journals   journals with keys dropped and values replaced, shown, drawn and compared
profiles   ctpscen.toml and settings of other programs, altered likewise, listed and imported
control    lines of any bytes on the relay's control connection

An input that ends in exit code 3, in an exception or after more than --longest seconds is a finding: it is shown, and
kept in the folder that --keep names. The same seed gives the same inputs. Exit code 1 where anything was found.
"""

import argparse
import asyncio
import contextlib
import io
import json
import os
import random
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from attrs import define, field

import ctpscen
from ctpscen.cli import main

ROOT = Path(__file__).resolve().parent.parent
BLAME = "this is a mistake in ctpscen"

Input = tuple[str, Callable[[], str]]
"""What an input is called, and what it does: gives what was said."""


class TooLong(BaseException):
    """An input took too long. Not an Exception, which a run makes a verdict of."""


@define
class Finding:
    kind: str
    name: str
    what: str


@define
class Fuzzer:
    """`chance` makes every input; `keep` is a folder for those that were found."""

    chance: random.Random
    keep: Path | None
    longest: int
    findings: list[Finding] = field(factory=list)

    def run(self, kind: str, inputs: Iterator[Input], count: int) -> int:
        done = 0
        for name, do in inputs:
            if done == count:
                break
            done += 1
            if (what := _trouble(do, self.longest)) is not None:
                self.findings.append(Finding(kind, name, what))
                print(f"{kind}: {what.splitlines()[0][:200]}\n    {name!r:.300}", flush=True)
                if self.keep is not None:
                    self.keep.mkdir(parents=True, exist_ok=True)
                    (self.keep / f"{kind}-{len(self.findings)}").write_text(f"{what}\n\n{name}\n", encoding="utf-8")
        return done


def _trouble(do: Callable[[], str], longest: int) -> str | None:
    """What is wrong with how an input ended; None if nothing is."""

    def too_long(_: int, __: FrameType | None) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(longest)
    try:
        said = do()
    except TooLong:
        return f"it takes more than {longest} s"
    except Exception:
        return traceback.format_exc().splitlines()[-1] + "\n" + traceback.format_exc()
    finally:
        signal.alarm(0)
    return said[said.index("internal error") if "internal error" in said else 0 :] if BLAME in said else None


def call(*words: str) -> str:
    """A command of ctpscen; gives what it says on both streams."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), contextlib.suppress(SystemExit):
        main(words)
    return out.getvalue()


# ---------------------------------------------------------------------------------------------------------- texts

WORDS = (
    'rb2705 cu2612 0 1 2 -1 10s 1ms none true 5% "x" all_traded ask bid last trade order quote account() '
    "( ) [ ] , : ; | position(rb2705) trades() orders() [1] 21:00 2026-11-24 not and or - + * / % == != < in is "
    "matches where within for expect never always check require let if else repeat while venue: network: "
    "scenario param session define use"
).split()
SIGNS = "\x00\x1b\u202e\ufeff\r\t\"'{}\\中：，（\ud7ff𝔘#@ "


def library() -> list[str]:
    """The texts of the scenarios that start no program."""
    files = sorted((ROOT / "scenarios").rglob("*.scn"))
    return [path.read_text(encoding="utf-8") for path in files if path.parent.name != "program"]


def altered(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    for _ in range(chance.randint(1, 4)):
        index, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(5):
            case 0 if len(lines) > 1:
                lines.pop(index)
                lines = lines or [""]
            case 1:
                lines.insert(index, lines[other])
            case 2:
                words = lines[index].split(" ")
                words[chance.randrange(len(words))] = chance.choice(WORDS)
                lines[index] = " ".join(words)
            case 3:
                at = chance.randint(0, len(lines[index]))
                lines[index] = (
                    lines[index][:at] + chance.choice(SIGNS) * chance.choice((1, 1, 1, 50)) + lines[index][at:]
                )
            case _:
                lines[index], lines[other] = lines[other], lines[index]
    return "\n".join(lines)


def checked_and_run(text: str) -> str:
    from ctpscen.language.syntax.format import format_source
    from ctpscen.language.text.source import Source

    format_source(Source("fuzz.scn", text))
    found = ctpscen.check(text) if "\n" in text else []
    if any(each.diagnostic.severity == "error" for each in found) or "\n" not in text or "program" in text:
        return ""
    scenarios = ctpscen.compile(text)
    return "\n".join(scenarios.run(title=title).reason for title in scenarios.titles)


def texts(chance: random.Random) -> Iterator[Input]:
    originals = library()
    while True:
        text = altered(chance.choice(originals), chance)
        yield text, partial(checked_and_run, text)


# --------------------------------------------------------------------------------------------------------- values

VALUES = (
    f"1{'0' * 400}", f"{'9' * 400} * 1.5", "1e308 * 10", "-1", "0", "0.5", "0.1 * 3", "1 / 3", "none", "true",
    '""', '"x"', '"\\u0000"', "[]", "[[1]]", "[none, 1]", "10s", "99999999h", "rb2705", "XX9999", "21:00",
    "2026-11-23", "account()", "position(rb2705)", "orders()", "trades()", "now()", "5%", "-10s",
    "1000000000000", '"rb2705"', "[1, 2, 3]",
)  # fmt: skip
STEPS = (
    "buy open v rb2705 at ask", "buy open 1 rb2705 at v", "buy open 1 v at 3150", "expect v trades within 1s",
    "expect at most v trades for 1s", "expect trades total v within 1s", "expect trade within v",
    "log round(v)", "log round(1.5, v)", "wait v", "wait until v", "repeat v times: log 1", "for x in v: log x",
    "log [1, 2][v]", "log v[0]", "log v.a", 'log "{v}"', "log v + v", "log v * v", "log v - v", "log v / v",
    "log v % v", "log -v", "check v", "check v == v", "check v < v", "check v in v", "check v matches v",
    "log min(v, 1)", "log max([v])", "log sum(v)", "log abs(v)", "log len(v)", "venue: balance trader v",
    "venue: deposit trader v", "venue: position trader long v rb2705 at 3150",
    "venue: position trader long 1 rb2705 at v", "venue: quote rb2705 bid v x 1 ask 3200 x 1",
    "venue: quote rb2705 bid 3100 x v", "venue: quote rb2705 last v", "venue: latency v", "network: latency v",
    "venue: limit orders v per second", "venue: limit queries v per second",
    "venue: reject next order by counter v", "venue: reject next order by counter 31, v", "venue: fill v 1",
    "venue: buy v rb2705 at 3150", "venue: drop next v trades", "venue: delay trades v",
    "venue: walk rb2705 volatility v", "venue: clock v", "venue: replay v", "venue: phase v closed",
    "venue: halt v", "venue: refuse login by v", "network: flap every v for 2s",
    "request ReqOrderInsert(VolumeTotalOriginal = v)", "request ReqOrderInsert(LimitPrice = v)",
    "request ReqQryOrder(InstrumentID = v)", "buy open 1 rb2705 at ask with (OrderRef = v)",
    "buy open 1 rb2705 at v ticks", "target v", "target v rb2705", "subscribe v", "cancel v",
    "query positions with (InstrumentID = v)", "login user v", "never more than v trades within 1s",
    "never more than 1 trade within v", "while v at most v times: log 1", "skip v", "fail v", "block v",
    "change password from v to v", "expect trade where price == v within 1s", "expect trade of v within 1s",
    "expect trade in v within 1s", "expect order where v within 1s", "always v", "soft check v",
    "expect v within 1s",
)  # fmt: skip


def values(chance: random.Random) -> Iterator[Input]:
    every = [(step, value) for step in STEPS for value in VALUES]
    chance.shuffle(every)
    for step, value in every:
        text = f"connect\ndefine f(v):\n    {step}\nf({value})\nwait 1s\n"
        yield text, partial(checked_and_run, text)


# ---------------------------------------------------------------------------------------------------------- files


def _bytes(chance: random.Random) -> bytes:
    original = chance.choice(library()).encode()
    match chance.randrange(6):
        case 0:
            return chance.randbytes(chance.randint(0, 400))
        case 1:
            return original[: chance.randint(0, len(original))] + chance.randbytes(3)
        case 2:
            return original.decode().encode(chance.choice(("utf-16", "gb18030", "utf-8-sig", "utf-32")))
        case 3:
            return b"[" * 4000
        case 4:
            return b'{"a":' * 3000
        case _:
            at = chance.randint(0, len(original))
            return original[:at] + bytes([chance.randrange(256)]) + original[at:]


NAMES = (b"a.scn", b"\xff.scn", b"a b.scn", "名.scn".encode(), b"a\nb.scn", b"a.jsonl", b"a.toml", b"a.json", b"-a.scn")
COMMANDS = (
    ("run",), ("run", "-q"), ("check",), ("check", "--json"), ("fmt", "--check"), ("fmt", "--diff"), ("show",),
    ("show", "--timeline"), ("profile", "import"), ("run", "--tag", "not (a and"), ("run", "--set-file"),
    ("explain",),
)  # fmt: skip


def files(chance: random.Random) -> Iterator[Input]:
    while True:
        content, name, words = _bytes(chance), chance.choice(NAMES), chance.choice(COMMANDS)

        def do(content: bytes = content, name: bytes = name, words: tuple[str, ...] = words) -> str:
            Path(os.fsdecode(name)).write_bytes(content)
            if words == ("profile", "import"):
                return call(*words, f"./{os.fsdecode(name)}", "--into", "profiles.toml")
            return call(*words, f"./{os.fsdecode(name)}")

        yield f"{' '.join(words)} {name!r} {content!r}", do


# ----------------------------------------------------------------------------------------------- journals, profiles

JUNK: tuple[Any, ...] = (
    None,
    -1,
    0,
    10**30,
    1.5,
    "",
    "x",
    "\x1b[2J",
    [],
    [1],
    {},
    {"a": 1},
    True,
    "OnRtnTrade",
    "step",
)


def _replaced(value: Any, chance: random.Random) -> Any:
    """A value with something in it dropped or replaced."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(list(value))
        changed = dict(value)
        match chance.randrange(3):
            case 0:
                del changed[key]
            case 1:
                changed[key] = chance.choice(JUNK)
            case _:
                changed[key] = _replaced(changed[key], chance)
        return changed
    if isinstance(value, list) and value and chance.random() < 0.8:
        index = chance.randrange(len(value))
        return [*value[:index], _replaced(value[index], chance), *value[index + 1 :]]
    return chance.choice(JUNK)


def _journal() -> list[dict[str, Any]]:
    text = (ROOT / "scenarios" / "reconnect.scn").read_text(encoding="utf-8")
    Path("original.scn").write_text(text, encoding="utf-8")
    call("run", "original.scn", "--journal", "journals")
    (path,) = Path("journals").iterdir()
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def journals(chance: random.Random) -> Iterator[Input]:
    original = _journal()
    Path("whole.jsonl").write_text("".join(json.dumps(event) + "\n" for event in original), encoding="utf-8")
    assert "OnRspUserLogin" in call("show", "whole.jsonl"), "where none is shown, altered ones prove nothing"
    while True:
        events: list[Any] = list(original)
        for _ in range(chance.randint(1, 3)):
            index = chance.randrange(len(events))
            match chance.randrange(4):
                case 0:
                    events[index] = _replaced(events[index], chance)
                case 1:
                    events.pop(index)
                case 2:
                    events.insert(chance.randrange(len(events)), events[index])
                case _:
                    events[index] = _replaced(_replaced(events[index], chance), chance)
        text = "".join(json.dumps(event) + "\n" for event in events)

        def do(text: str = text) -> str:
            Path("altered.jsonl").write_text(text, encoding="utf-8")
            shown = [call("show", "altered.jsonl"), call("show", "altered.jsonl", "--timeline", "--session", "trader")]
            return "\n".join([*shown, call("diff", "whole.jsonl", "altered.jsonl")])

        yield text, do


PROFILE = """\
[desk]
fronts = ["tcp://127.0.0.1:41205"]
market_fronts = ["tcp://127.0.0.1:41213"]
broker = "9999"
app_id = "a"
auth_code = { env = "CODE" }
order_cap = 5

[desk.accounts.main]
user = "1"
password = { env = "PASSWORD" }
"""
SETTINGS = '{"用户名": "1", "密码": "p", "经纪商代码": "9999", "交易服务器": "tcp://127.0.0.1:1", "行情服务器": "tcp://127.0.0.1:2"}'


def profiles(chance: random.Random) -> Iterator[Input]:
    while True:
        profile, settings = (
            altered(PROFILE, chance),
            json.dumps(_replaced(json.loads(SETTINGS), chance), ensure_ascii=False),
        )

        def do(profile: str = profile, settings: str = settings) -> str:
            Path("ctpscen.toml").write_text(profile, encoding="utf-8", errors="surrogatepass")
            Path("settings.json").write_text(settings, encoding="utf-8")
            said = [call("run", "original.scn", "--live", "desk", "--dry-run"), call("profile", "list")]
            return "\n".join([*said, call("profile", "import", "settings.json")])

        yield f"{profile}\n{settings}", do


def _obeyed(line: str) -> str:
    """What a relay answers to a line."""
    from ctpscen.live.relay.server import Relay

    async def ask() -> str:
        relay = Relay()
        await relay.command("open one tcp://127.0.0.1:9 127.0.0.1:0")
        try:
            return await relay.command(line)
        finally:
            await relay.close()

    return asyncio.run(ask())


def control(chance: random.Random) -> Iterator[Input]:
    words = [
        b"cut",
        b"heal",
        b"stall",
        b"latency",
        b"flap",
        b"market",
        b"trader",
        b"200",
        b"-1",
        b"1e999",
        b"nan",
        b"status",
        b"GET /",
    ]
    while True:
        line = b" ".join(chance.choice(words) for _ in range(chance.randint(0, 6)))
        if chance.random() < 0.5:
            at = chance.randint(0, len(line))
            line = line[:at] + chance.randbytes(chance.choice((1, 3, 2000))) + line[at:]
        text = line.decode("utf-8", "replace")
        yield text, partial(_obeyed, text)


KINDS: dict[str, Callable[[random.Random], Iterator[Input]]] = {
    "texts": texts,
    "values": values,
    "files": files,
    "journals": journals,
    "profiles": profiles,
    "control": control,
}


def fuzz(kinds: list[str], count: int, seed: int, keep: Path | None, longest: int) -> list[Finding]:
    """Tries so many inputs of each kind, in a folder of its own; gives what was found."""
    before = os.getcwd()
    findings: list[Finding] = []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ |= {"XDG_CACHE_HOME": folder, "XDG_STATE_HOME": folder, "XDG_CONFIG_HOME": folder}
        try:
            for kind in kinds:
                fuzzer = Fuzzer(random.Random(f"{kind} {seed}"), keep, longest)
                done = fuzzer.run(kind, KINDS[kind](fuzzer.chance), count)
                print(f"{kind}: {done} inputs, {len(fuzzer.findings)} findings", flush=True)
                findings += fuzzer.findings
        finally:
            os.chdir(before)
    return findings


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], default=[], metavar="KIND")
    parser.add_argument("-n", "--count", type=int, default=300, help="inputs of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=lambda text: Path(text).resolve(), help="a folder for what was found")
    parser.add_argument(
        "--longest", type=int, default=10, metavar="S", help="seconds after which one has taken too long"
    )
    options = parser.parse_args()
    found = fuzz(options.kinds or list(KINDS), options.count, options.seed, options.keep, options.longest)
    sys.exit(1 if found else 0)
