"""`ctpscen new`: a first scenario, with comments that say what may be changed."""

import argparse
import sys
from pathlib import Path

from ctpscen.commands import PASSED, USAGE
from ctpscen.report.files import Unwritable
from ctpscen.report.terminal.lines import plain
from ctpscen.report.terminal.writer import writer_for

_FIRST = '''\
"""What this file proves, in a sentence."""

# A param may be given another value on the command line: --set instrument=cu2612
param instrument = rb2705
param volume = 2

scenario "{title}" @reconnect:
    # `ask` and `bid` are the newest prices; `as` names the order for what follows.
    buy open volume instrument at ask as entry

    # The connection is lost before the first report. CTP brings it back; the order is not lost with it.
    disconnect
    wait 10s
    reconnect

    # An expectation takes the oldest report that fits, or waits for one.
    expect trades of entry total volume within 30s
    expect entry is all_traded

    # Orders, trades, positions and money as reported are those that the front answers when asked.
    expect reconciled
'''


DESCRIPTION = "Writes a scenario with comments that say what may be changed; a file that is there is left alone."

EPILOG = """\
examples:
  ctpscen new order_in_flight && ctpscen run order_in_flight.scn
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the scenario's name; it is written to NAME.scn")


def execute(options: argparse.Namespace) -> int:
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    path = Path(options.name if options.name.endswith(".scn") else f"{options.name}.scn")
    title = path.stem.replace("_", " ").replace("-", " ").replace('"', "'")
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(_FIRST.replace("{title}", title))
    except FileExistsError:
        err.write(plain(f"{path}: there is such a file already; it was left as it is", "bad"))
        return USAGE
    except OSError as reason:
        err.write(plain(str(Unwritable.because(str(path), reason)), "bad"))
        return USAGE
    out.write(plain(f"wrote {path}; run it: ctpscen run {path}", "good"))
    return PASSED
