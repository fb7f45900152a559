"""A Pygments lexer for `.scn` files, so that documentation, editors and terminals colour scenarios.

Its words are those of `grammar/words.csv`, English and Chinese. Pygments finds it by the name `scn`.
"""

from collections.abc import Iterator
from typing import ClassVar

from pygments.lexer import RegexLexer, words
from pygments.token import (
    Comment,
    Keyword,
    Literal,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Text,
    Whitespace,
    _TokenType,
)

from ctpscen.language.words.table import lots, numbered_words, rows, units

# A phrase goes before the words that it begins with.
_TOKENS = {
    "phrase": Keyword,
    "reserved": Keyword.Reserved,
    "word": Keyword,
    "price": Name.Builtin,
    "function": Name.Function,
    "constant": Name.Constant,
}
_INSTRUMENT = r"(?:[A-Z]+\.)?[A-Za-z]{1,2}\d{3,4}(?:-?[CP]-?\d+)?(?:\.[A-Z]+)?\b"
_SUFFIXES = "|".join(sorted({*units(), *lots(), *numbered_words()}, key=len, reverse=True))
_NUMBER = rf"0x[0-9A-Fa-f]+|\d[\d_]*(?:[.:：]\d+)*(?:%|{_SUFFIXES})?"


def _spellings(kind: str) -> list[str]:
    return [each for row in rows() if row.kind == kind for each in (*row.english, *row.chinese)]


def _vocabulary() -> Iterator[tuple[str | words, _TokenType]]:
    for kind, token in _TOKENS.items():
        yield words(_spellings(kind), prefix=r"(?<!\w)", suffix=r"(?!\w)"), token


class ScenarioLexer(RegexLexer):
    """Scenarios of ctpscen."""

    name = "ctpscen scenario"
    aliases: ClassVar[list[str]] = ["scn", "ctpscen"]
    filenames: ClassVar[list[str]] = ["*.scn"]

    tokens: ClassVar[dict[str, list[tuple[str | words, _TokenType]]]] = {
        "root": [
            (r"#.*", Comment.Single),
            (r'"""(?:.|\n)*?"""', String.Doc),
            (r'"(?:[^"\\\n]|\\.)*"', String),
            (r"“[^”\n]*”", String),
            (r"@[\w.-]+", Name.Decorator),
            (r"\d{4}-\d\d-\d\d", Literal.Date),
            (_INSTRUMENT, Name.Variable),
            (r"(?:Req|OnR|OnErr|OnFront|OnHeart)\w+", Name.Class),
            *_vocabulary(),
            (_NUMBER, Number),
            (r"[-+*/=<>!%＝＜＞＋－＊／]+", Operator),
            (r"[(){}\[\].,:;|（）【】，：；｜]", Punctuation),
            (r"\w+", Name),
            (r"\s+", Whitespace),
            (r".", Text),
        ]
    }
