"""The manual page tells of every command and every option."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from ctpscen.cli import COMMANDS, parser_of

PAGE = Path(__file__).resolve().parent.parent / "docs" / "ctpscen.1"


def words_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The names of a parser's commands and options, and of those below it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield name
                yield from words_of(below)
        elif action.dest != "help" and action.help != argparse.SUPPRESS:
            yield from action.option_strings


def test_all_commands_and_options_are_on_the_manual_page() -> None:
    page = re.sub(r"\\f[BIR]|\\,|\\/", "", PAGE.read_text(encoding="utf-8")).replace("\\-", "-")
    missing = [
        word for word in words_of(parser_of(COMMANDS)) if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", page)
    ]
    assert missing == [], "run `python tools/make_man.py`"
