"""Writes the manual page, docs/ctpscen.1, from the parser of the command line: `python tools/make_man.py`."""

import os
from pathlib import Path

from argparse_manpage.manpage import Manpage

from ctpscen import __version__
from ctpscen.cli import COMMANDS, parser_of

PAGE = Path(__file__).resolve().parent.parent / "docs" / "ctpscen.1"

_BEYOND_THE_PARSER = r"""
.SH EXIT STATUS
.TP
.B 0
every scenario passed, or was skipped
.TP
.B 1
a scenario failed
.TP
.B 2
bad usage, or a file that does not check; nothing ran
.TP
.B 3
an error while running
.TP
.B 4
a scenario was blocked
.TP
.B 5
no scenario was selected
.TP
.B 130
interrupted
.PP
Of several, the first of 2, 3, 1, 4 counts.
.SH FILES
.TP
.I ctpscen.toml
profiles of live runs, in this folder or in the user's configuration folder
.TP
.I ~/.cache/ctpscen
the compiled grammar, and files that were checked before; it may be deleted at any time
.TP
.I ~/.local/state/ctpscen
flow files, logs and keys of orders of live runs
.SH SEE ALSO
.B ctpscen explain
for the codes of messages
"""


def text() -> str:
    """The page. It bears no date, so that it changes with the options alone."""
    os.environ["COLUMNS"] = "80"
    parser = parser_of(COMMANDS)
    parser.man_short_description = "scenario tests for programs that trade through CTP"  # type: ignore[attr-defined]
    page = str(Manpage(parser, format="pretty"))
    heading, _, rest = page.partition("\n")
    assert heading.startswith(".TH CTPSCEN")
    return f'.TH CTPSCEN 1 "" "ctpscen {__version__}" "User Commands"\n{rest.rstrip()}\n{_BEYOND_THE_PARSER.lstrip()}'


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
