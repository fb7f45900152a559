"""The values that a user gives params: `NAME=VALUE`, each read as the type of its param."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ctpscen.language.meaning.program import Param
from ctpscen.language.text.suggestions import did_you_mean
from ctpscen.loading import read_text


class BadValue(ValueError):
    """What no param can be given; the text says why."""


def read_pairs(pairs: Iterable[tuple[str, str]], params: Mapping[str, Param]) -> Mapping[str, Any]:
    """The values of some `NAME=VALUE`, each behind what to call it in a message. Raises BadValue."""
    values: dict[str, Any] = {}
    for where, pair in pairs:
        from ctpscen.language.meaning.values import read_value  # the parser, which a run of cached files does not need

        name, equals, text = (part.strip() for part in pair.partition("="))
        if not equals:
            raise BadValue(f"{where}: write NAME=VALUE")
        try:
            values[name] = read_value(text, param_of(name, params).kind)
        except ValueError as reason:
            raise BadValue(f"{where}: {reason}") from None
    return values


def param_of(name: str, params: Mapping[str, Param]) -> Param:
    """The param of a name. Raises BadValue."""
    if name not in params:
        there = ", ".join(params) or "none"
        raise BadValue(f"there is no param `{name}`{did_you_mean(name, params)} (params: {there})")
    return params[name]


def pairs_in(files: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The `NAME=VALUE` lines of files, each behind its place; comments and empty lines are passed over.

    Raises Unreadable.
    """
    for file in files:
        for number, line in enumerate(read_text(file).splitlines(), 1):
            if line.strip() and not line.lstrip().startswith("#"):
                yield f"{file}:{number}", line
