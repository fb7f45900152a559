"""`ctpscen explain`: what a code of ctpscen, or a word of CTP, means."""

import argparse
import sys
from collections.abc import Iterator

from ctpscen.commands import PASSED, USAGE
from ctpscen.completers import completed_by, words
from ctpscen.ctp import vocabulary
from ctpscen.ctp.errors import errors
from ctpscen.language.text.explanations import Explanation, explanations, find
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.language.words.table import rows
from ctpscen.report.terminal.lines import plain
from ctpscen.report.terminal.writer import Writer, writer_for

DESCRIPTION = (
    "Explains a code such as E104, or a word of CTP: an error's number, a callback, request, record, field or constant."
)

EPILOG = """\
examples:
  ctpscen explain E104
  ctpscen explain 51
  ctpscen explain OnRtnOrder
  ctpscen explain all_traded
  ctpscen explain 资金不足
  ctpscen explain callbacks
  ctpscen explain
"""


def declare(parser: argparse.ArgumentParser) -> None:
    what = "such as E104, 51, OnRtnOrder, InputOrder, OrderStatus or all_traded; without it, what there is is listed"
    word = parser.add_argument("word", nargs="?", metavar="WORD", help=what)
    completed_by(word, words)


def execute(options: argparse.Namespace) -> int:
    out, err = writer_for(sys.stdout), writer_for(sys.stderr)
    if options.word is None:
        _list_all(out)
        return PASSED
    if (listed := vocabulary.LISTS.get(options.word.lower())) is not None:
        _write_list(listed(), out)
        return PASSED
    if (found := find(options.word)) is not None:
        _write_explanation(found, out)
        return PASSED
    pages = vocabulary.pages(options.word)
    for index, page in enumerate(pages):
        if index:
            out.write(plain(""))
        out.write(plain(page.title, "heading"))
        for line in page.lines:
            out.write(plain(line))
    if pages:
        return PASSED
    if found_lines := [*_of_language(options.word), *_errors_that_say(options.word)]:
        for line in found_lines:
            out.write(plain(line))
        return PASSED
    known = [*explanations(), *vocabulary.words(), *vocabulary.LISTS]
    message = f"neither ctpscen nor CTP has `{options.word}`{did_you_mean(options.word, known)}"
    err.write(plain(f"{message} (`ctpscen explain` lists what there is)", "bad"))
    return USAGE


def _of_language(word: str) -> Iterator[str]:
    """What a word of the language is in either spelling, and what CTP has under its English one."""
    spelled = [row for row in rows() if word in (*row.english, *row.chinese)]
    for row in spelled:
        both = ", ".join(f"`{each}`" for each in (*row.english, *row.chinese) if each != word)
        yield f"`{word}` is a {_KINDS.get(row.kind, 'word')} of the language" + (
            f", also written {both}" if both else ""
        )
    for english in dict.fromkeys(row.english[0] for row in spelled if row.english[:1]):
        if english != word:
            yield from (f"{page.title}: `ctpscen explain {english}`" for page in vocabulary.pages(english))
    if spelled:
        yield "`ctpscen docs` is the page of the language, `ctpscen docs zh/language` the same in Chinese"


_KINDS = {"field": "field", "constant": "constant", "function": "function", "unit": "unit"}


def _errors_that_say(text: str) -> Iterator[str]:
    """The errors of CTP in whose texts something stands."""
    if text.isascii():
        return
    for error in errors().values():
        if text in error.message:
            yield f"ErrorID {error.code}  {error.message}: `ctpscen explain {error.code}`"


def _list_all(out: Writer) -> None:
    """The codes of ctpscen, and how much there is of CTP's."""
    out.write(plain("codes of ctpscen", "heading"))
    _write_list([(each.code, each.title) for each in explanations().values()], out)
    out.write(plain(""))
    out.write(plain("words of CTP", "heading"))
    counts = {name: len(listed()) for name, listed in vocabulary.LISTS.items()}
    _write_list([(f"ctpscen explain {name}", f"lists {count:,}") for name, count in counts.items()], out)


def _write_list(rows: vocabulary.Rows, out: Writer) -> None:
    width = max(len(word) for word, _ in rows)
    for word, text in rows:
        out.write(plain(f"{word:<{width}}  {text}"))


def _write_explanation(found: Explanation, out: Writer) -> None:
    out.write(plain(f"{found.code}  {found.title}", "heading"))
    out.write(plain(""))
    for line in found.text.splitlines():
        out.write(plain(line, "dim" if line.startswith("```") else ""))
