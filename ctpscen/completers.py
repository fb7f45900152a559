"""What a shell may complete on ctpscen's command line besides options: tags, titles, params, codes, words of CTP.

The files that the line names are read for it; one that cannot be read, or does not check, completes nothing.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator

from ctpscen.language.meaning.program import Program

Completer = Callable[..., Iterable[str]]
"""As argcomplete calls it: with `prefix` and `parsed_args`, among others."""


def completed_by(action: argparse.Action, completer: Completer) -> None:
    """Has a shell ask `completer` for the values of an argument."""
    action.completer = completer  # type: ignore[attr-defined]  # argcomplete's own name for it


def tags(prefix: str, parsed_args: argparse.Namespace, **_: object) -> Iterator[str]:
    """The tags of the files, the last word of an expression being completed."""
    before, space, _last = prefix.rpartition(" ")
    for tag in sorted({tag for program in _programs(parsed_args) for each in program.scenarios for tag in each.tags}):
        yield f"{before}{space}{tag}"


def titles(parsed_args: argparse.Namespace, **_: object) -> Iterator[str]:
    yield from dict.fromkeys(each.title for program in _programs(parsed_args) for each in program.scenarios)


def params(parsed_args: argparse.Namespace, **_: object) -> Iterator[str]:
    """The params of the files, as `--set` takes them."""
    yield from dict.fromkeys(f"{name}=" for program in _programs(parsed_args) for name in program.params)


def kept_products(**_: object) -> Iterator[str]:
    """The terms of brokers that are kept, as `--products` takes them."""
    from ctpscen.broker.kept import kept_names

    yield from kept_names()


def words(**_: object) -> Iterator[str]:
    """What `explain` knows."""
    from ctpscen.ctp import vocabulary
    from ctpscen.language.text.explanations import explanations

    yield from (*explanations(), *vocabulary.LISTS, *vocabulary.words())


def _programs(parsed_args: argparse.Namespace) -> Iterator[Program]:
    from ctpscen.loading import STANDARD_INPUT, Unreadable, load, select

    for argument in getattr(parsed_args, "files", None) or ():
        try:
            for selected in select(argument) if argument != STANDARD_INPUT else ():
                _, checked = load(selected.path)
                if checked.program is not None:
                    yield checked.program
        except Unreadable:
            continue
