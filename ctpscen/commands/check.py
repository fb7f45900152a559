"""`ctpscen check`: what is wrong with files, without running them."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ctpscen.commands import PASSED, USAGE
from ctpscen.language.text.diagnostics import Label, Located
from ctpscen.language.text.source import Source, Span
from ctpscen.loading import Unreadable, load, whole_files
from ctpscen.report.terminal.lines import counted, plain
from ctpscen.report.terminal.visible import visible_json
from ctpscen.report.terminal.writer import write_diagnostics, writer_for

SCHEMA = 1


DESCRIPTION = "Parses and checks scenario files and shows every error and warning in them."

EPILOG = """\
examples:
  ctpscen check scenarios
  ctpscen check order.scn --json

exit codes:
  0    no file has an error (there may be warnings)
  2    bad usage, or a file has an error
"""


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="a .scn file, a folder, or - for standard input")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def execute(options: argparse.Namespace) -> int:
    files = 0
    unreadable: list[str] = []
    found: list[Located] = []
    for path in _paths(options.files, unreadable):
        try:
            _, checked = load(path)
        except Unreadable as reason:
            unreadable.append(str(reason))
        else:
            files += 1
            found += checked.diagnostics
    found = list({_key(each): each for each in found}.values())  # a file that two others use is not reported twice
    if options.json:
        sys.stdout.write(visible_json(_as_json(found, unreadable)) + "\n")
    else:
        _write(found, unreadable, files)
    errors = any(each.diagnostic.severity == "error" for each in found)
    return USAGE if errors or unreadable else PASSED


def _paths(arguments: Sequence[str], unreadable: list[str]) -> Iterator[str]:
    """The files that the arguments name; what of them cannot be read is told in `unreadable`."""
    for argument in arguments:
        try:
            yield from whole_files(argument)
        except Unreadable as reason:
            unreadable.append(str(reason))


def _key(located: Located) -> tuple[str, str, Span, str]:
    diagnostic = located.diagnostic
    return located.source.name, diagnostic.code, diagnostic.span, diagnostic.message


def _write(found: Sequence[Located], unreadable: Sequence[str], files: int) -> None:
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    write_diagnostics(found, out)
    for reason in unreadable:
        err.write(plain(reason, "bad"))
    errors = sum(each.diagnostic.severity == "error" for each in found)
    warnings = len(found) - errors
    style = "bad" if errors or unreadable else "warn" if warnings else "good"
    out.write(plain(f"{counted(files, 'file')}: {counted(errors, 'error')}, {counted(warnings, 'warning')}", style))


def _as_json(found: Sequence[Located], unreadable: Sequence[str]) -> Mapping[str, Any]:
    return {
        "schema": SCHEMA,
        "diagnostics": [_diagnostic(each) for each in found],
        "unreadable": list(unreadable),
    }


def _diagnostic(located: Located) -> Mapping[str, Any]:
    """A diagnostic; lines and columns count from 1, columns in characters, ends are exclusive."""
    diagnostic, source = located.diagnostic, located.source
    return {
        "file": source.shown_name,
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        **_place(source, diagnostic.span),
        "label": diagnostic.label,
        "others": [_other(source, label) for label in diagnostic.others],
        "notes": list(diagnostic.notes),
    }


def _other(source: Source, label: Label) -> Mapping[str, Any]:
    return {**_place(source, label.span), "text": label.text}


def _place(source: Source, span: Span) -> Mapping[str, int]:
    start, end = source.place(span[0]), source.place(span[1])
    return {"line": start.line, "column": start.column, "end_line": end.line, "end_column": end.column}
