"""`ctpscen explain`: what a code means."""

import argparse
import sys

from ctpscen.commands import PASSED, USAGE
from ctpscen.language.text.explanations import explanations, find
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.report.terminal.lines import plain
from ctpscen.report.terminal.writer import writer_for

DESCRIPTION = "Explains what a code such as E104 means, with an example."

EPILOG = """\
examples:
  ctpscen explain E104
  ctpscen explain
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", nargs="?", metavar="CODE", help="such as E104; without it, all codes are listed")


def execute(options: argparse.Namespace) -> int:
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    if options.code is None:
        for each in explanations().values():
            out.write(plain(f"{each.code}  {each.title}"))
        return PASSED
    found = find(options.code)
    if found is None:
        code = options.code.upper()
        message = f"there is no code {code}{did_you_mean(code, explanations())} (`ctpscen explain` lists them all)"
        err.write(plain(message, "bad"))
        return USAGE
    out.write(plain(f"{found.code}  {found.title}", "heading"))
    out.write(plain(""))
    for line in found.text.splitlines():
        out.write(plain(line, "dim" if line.startswith("```") else ""))
    return PASSED
