"""`ctpscen docs`: the pages of documentation that came with this version."""

import argparse
import sys

from ctpscen.bundled import pages
from ctpscen.commands import PASSED, USAGE
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.report.terminal.lines import plain
from ctpscen.report.terminal.writer import writer_for

LANGUAGE = "language"

DESCRIPTION = "Prints a page of the documentation: that of the language, unless another is named."

EPILOG = """\
examples:
  ctpscen docs | less
  ctpscen docs live
  ctpscen docs zh/first-steps
  ctpscen docs --list
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("page", nargs="?", default=LANGUAGE, metavar="PAGE", help="such as live or programs")
    parser.add_argument("--list", action="store_true", help="list the pages and where they are")


def execute(options: argparse.Namespace) -> int:
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    known = pages()
    if options.list:
        width = max(map(len, known))
        for name, path in known.items():
            out.write(plain(f"{name:<{width}}  {path}"))
        return PASSED
    page = known.get(options.page)
    if page is None:
        message = f"there is no page `{options.page}`{did_you_mean(options.page, known)}; there are {', '.join(known)}"
        err.write(plain(message, "bad"))
        return USAGE
    for line in page.read_text(encoding="utf-8").splitlines():
        out.write(plain(line, "heading" if line.startswith("#") else ""))
    return PASSED
