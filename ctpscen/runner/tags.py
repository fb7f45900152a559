"""Tag expressions such as `reconnect and not slow`: which scenarios a run is for."""

import re
from collections.abc import Callable, Collection

Test = Callable[[Collection[str]], bool]

_TOKEN = re.compile(r"\s*(?:(?P<sign>[()])|@?(?P<word>[\w.-]+))")


class BadExpression(ValueError):
    """An expression that cannot be read; the text says why."""


def read_tags(text: str) -> Test:
    """A test for the tags of a scenario; `not` binds tightest, then `and`, then `or`. Raises BadExpression."""
    tokens = _tokens(text)
    test = _either(tokens, text)
    if tokens:
        raise BadExpression(f"`{tokens[0]}` does not fit in `{text}`; write for example `reconnect and not slow`")
    return test


def tags_in(text: str) -> list[str]:
    """The tags that an expression names. Raises BadExpression."""
    return [token for token in _tokens(text) if token not in ("(", ")", "and", "or", "not")]


def _tokens(text: str) -> list[str]:
    found, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise BadExpression(f"`{text[position:].strip()[0]}` does not fit in `{text}`: tags are words")
        found.append(match["sign"] or match["word"])
        position = match.end()
    return found


def _either(tokens: list[str], text: str) -> Test:
    tests = [_both(tokens, text)]
    while tokens and tokens[0] == "or":
        del tokens[0]
        tests.append(_both(tokens, text))
    return lambda tags: any(test(tags) for test in tests)


def _both(tokens: list[str], text: str) -> Test:
    tests = [_one(tokens, text)]
    while tokens and tokens[0] == "and":
        del tokens[0]
        tests.append(_one(tokens, text))
    return lambda tags: all(test(tags) for test in tests)


def _one(tokens: list[str], text: str) -> Test:
    if not tokens:
        raise BadExpression(f"`{text}` is not complete" if text.strip() else "there is no tag to look for")
    token = tokens.pop(0)
    if token == "not":
        denied = _one(tokens, text)
        return lambda tags: not denied(tags)
    if token == "(":
        inner = _either(tokens, text)
        if not tokens or tokens.pop(0) != ")":
            raise BadExpression(f"a bracket of `{text}` is never closed")
        return inner
    if token in (")", "and", "or"):
        raise BadExpression(f"`{token}` does not fit in `{text}`; write for example `reconnect and not slow`")
    return lambda tags: token in tags
