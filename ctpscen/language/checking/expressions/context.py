"""What an expression's place decides, and what every part of the checker says of types."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import define

from ctpscen.ctp.schema import constants
from ctpscen.ctp.schema.records import Field
from ctpscen.language.meaning import types
from ctpscen.language.meaning.program import Define
from ctpscen.language.meaning.scope import Scope, spelled
from ctpscen.language.meaning.types import DURATION, INSTRUMENT, NUMBER, Type
from ctpscen.language.syntax.tree import Constant, Expression
from ctpscen.language.text.diagnostics import Diagnostic, Diagnostics, Label
from ctpscen.language.text.source import Span
from ctpscen.language.words import table as words

Resolved = tuple[Expression, Type]
"""An expression whose names are known, and its type."""

_PLAIN_NUMBER = re.compile(r"[\d_]+(\.\d+)?")


@define
class Context:
    """Where an expression stands.

    `instruments` collects the contracts that the text names. `report` is the type of the report that `where` looks
    at; `no_asking` says why nothing that takes time may stand here ('' where it may); `constant` holds where nothing
    may be read that a run makes known; `prices_first` inside `at`, where a price word wins over a variable.
    """

    diagnostics: Diagnostics
    scope: Scope
    defines: Mapping[str, Define]
    instruments: list[str]
    report: Type | None = None
    no_asking: str = ""
    constant: bool = False
    prices_first: bool = False

    @contextmanager
    def within(self, **changes: Any) -> Iterator[None]:
        """Other circumstances for a while: `report`, `no_asking`, `constant`, `prices_first`."""
        before = {name: getattr(self, name) for name in changes}
        for name, value in changes.items():
            setattr(self, name, value)
        try:
            yield
        finally:
            for name, value in before.items():
                setattr(self, name, value)

    def error(
        self, code: str, message: str, span: Span, others: Sequence[Label] = (), notes: Sequence[str] = ()
    ) -> None:
        self.diagnostics.add(Diagnostic(code, message, span, others=others, notes=notes))

    def warn(self, code: str, message: str, span: Span, notes: Sequence[str] = ()) -> None:
        self.diagnostics.add(Diagnostic(code, message, span, "warning", notes=notes))

    def expect_type(self, expression: Expression, found: Type, wanted: Type) -> None:
        if types.fits(found, wanted):
            return
        if wanted == DURATION and found == NUMBER:
            written = self.diagnostics.source.slice(expression.span)
            number = written if _PLAIN_NUMBER.fullmatch(written) else "5"
            self.error("E302", f"a duration needs a unit: `{number}s`, `500ms`", expression.span)
            return
        if wanted == INSTRUMENT and found == DURATION:
            written = self.diagnostics.source.slice(expression.span)
            self.error("E301", f"an instrument is wanted here; how long to wait is `within {written}`", expression.span)
            return
        if self.only_constant(expression, f"{types.spoken(wanted)} is wanted here"):
            return
        message = f"this is {types.spoken(found)}; {types.spoken(wanted)} is wanted here"
        self.error("E301", message, expression.span)

    def only_constant(self, expression: Expression, wanted: str) -> bool:
        """Whether a name that is wanted for something else means nothing but a constant of CTP's; says so.

        CTP has constants called `Entry` or `Open`: a name that nothing gives a value may be one by accident.
        """
        if not isinstance(expression, Constant):
            return False
        message = f"nothing gives `{expression.name}` a value; CTP's constant of that name is a text, and {wanted}"
        self.error("E201", message, expression.span)
        return True


def constant_words(field: Field, like: str) -> list[str]:
    """The words of the constants that a field has; in Chinese, where there are such, for a word that is."""
    known = [spelled(word) for word in constants.of_type(field.type)]
    if like.isascii():
        return known
    spellings = words.constants()
    return [word for word in spellings if constants.value_of(field.type, spellings[word]) is not None] or known


def may_be(field: Field, like: str) -> str:
    """What to add to a message about a field of fixed values: those that it has."""
    known = constant_words(field, like)
    listed = ", ".join(f"`{word}`" for word in known[:8])
    return f"it may be {listed}" + (f" and {len(known) - 8} more" if len(known) > 8 else "")
