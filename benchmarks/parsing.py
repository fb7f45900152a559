"""Megabytes of scenario text that are parsed (and, by ctpscen, checked) a second."""

import sys
import tempfile
import time
from pathlib import Path

from ctpscen.startup import collect_garbage_rarely

BLOCK = """\
scenario "an order survives a disconnect {number}":
    buy open 2 cu2612 at ask + 2 ticks as entry
    disconnect
    wait 10s
    reconnect
    expect trades of entry total 2 within 30s
    expect order of entry where order_status == AllTraded and volume_traded == 2
    check entry.volume_traded == 2 and not entry.is_working, "it works still"

"""
FEATURE = """\
  Scenario: an order survives a disconnect {number}
    Given an order to buy 2 lots of cu2612 at the ask price plus 2 ticks
    When the connection is lost
    And 10 seconds pass
    And the connection is back
    Then 2 lots are traded within 30 seconds
    And the order of entry is all traded with a volume of 2
    And the order does not work any more

"""
CASE = """\
an order survives a disconnect {number}
    Buy Open    2    cu2612    ask + 2 ticks
    Disconnect
    Sleep    10s
    Reconnect
    Expect Trades    entry    2    30s
    Expect Order    entry    AllTraded    2
    Should Be Equal    entry.volume_traded    2

"""


def text(block: str) -> str:
    blocks, size = [], 0
    while size < 1_000_000:
        blocks.append(block.replace("{number}", str(len(blocks))))
        size += len(blocks[-1])
    return "".join(blocks)


def ctpscen(content: str, *, checking: bool) -> None:
    from ctpscen.language.checking.file import check
    from ctpscen.language.syntax.parser import parse
    from ctpscen.language.text.source import Source

    source = Source("big.scn", content)
    if checking:
        assert check(source).program is not None
    else:
        assert not parse(source).diagnostics.found


def gherkin(content: str) -> None:
    from gherkin.parser import Parser

    Parser().parse("Feature: big\n\n" + content)


def robot(content: str) -> None:
    from robot.api import get_model

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.robot"
        path.write_text("*** Test Cases ***\n" + content)
        get_model(str(path))


CASES = {
    "ctpscen": (BLOCK, lambda content: ctpscen(content, checking=True)),
    "ctpscen-parse": (BLOCK, lambda content: ctpscen(content, checking=False)),
    "gherkin": (FEATURE, gherkin),
    "robot": (CASE, robot),
}
collect_garbage_rarely()  # as the command does; the others gain by it too
block, parse_text = CASES[sys.argv[1]]
parse_text(block.replace("{number}", "0"))  # what is loaded once is not what is measured
content = text(block)
began = time.perf_counter()
parse_text(content)
print(len(content) / 1e6 / (time.perf_counter() - began))
