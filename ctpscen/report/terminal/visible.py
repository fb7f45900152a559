"""Characters that a terminal would obey, or that hide what stands there, shown as escapes.

A text of a scenario, of a front or of a file's name may hold any: ESC moves the cursor and changes colours, a carriage
return overwrites, bidirectional controls turn words round. They are shown as the language writes them, `\\u{1b}`.
"""

import json
from collections.abc import Callable
from typing import Any

# Controls, formats (bidirectional and zero-width ones among them), line and paragraph separators, lone surrogates.
_OBEYED = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})


def visible(text: str) -> str:
    """A text that does no more on a terminal than to be read. New lines and tabs stay."""
    return text if text.isprintable() else _escaped(text, lambda character: f"\\u{{{ord(character):x}}}")


def visible_json(value: Any) -> str:
    """JSON for a terminal; a reader finds in it what is there."""
    return _escaped(json.dumps(value, ensure_ascii=False, indent=2), lambda character: json.dumps(character)[1:-1])


def _escaped(text: str, escape: Callable[[str], str]) -> str:
    from unicodedata import category

    odd = {each for each in set(text) if not each.isprintable() and each not in "\n\t" and category(each) in _OBEYED}
    return text.translate({ord(each): escape(each) for each in odd}) if odd else text
