"""What a live run must not show, shown as dots wherever it would stand: in fields, logs, reasons and diagnostics.

Fields with the names of secrets are masked in every journal (`ctp.messages.mask`); this is for the rest: a password
that a scenario writes to the log, and whose account it is, which stays hidden unless the user asks for it.
"""

import re
import sys
from typing import Any

from attrs import define, field

DOTS = "•••"

# Fields that tell who somebody is, by CTP's names.
PERSONAL = frozenset(
    {
        *("AccountName", "Address", "BankAccount", "ClientID", "ClientIPAddress", "ClientName", "CustomerName"),
        *("EMail", "IDCardNo", "IdentifiedCardNo", "InvestorFullName", "InvestorName", "IPAddress", "MacAddress"),
        *("Mobile", "OpenName", "Telephone", "UserName"),
    }
)

# A text that is shorter is hidden only where it stands as a word: every text has such a one in it somewhere.
_LONG = 6


@define(eq=False)
class Masker:
    """The texts that are not to be shown. `personal` says that fields which tell who somebody is are hidden, too."""

    personal: bool = True
    _texts: set[str] = field(factory=set, repr=False)
    _shortest: int = sys.maxsize
    _pattern: re.Pattern[str] | None = field(default=None, repr=False)

    def add(self, *texts: str) -> None:
        """Takes further texts that are not to be shown."""
        new = {text for text in texts if text.strip()} - self._texts
        if new:
            self._texts |= new
            self._shortest = min(map(len, self._texts))
            longest_first = sorted(self._texts, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(_pattern_of, longest_first)))

    def text(self, text: str) -> str:
        """A text as it may be shown."""
        if len(text) >= self._shortest:
            for each in self._texts:  # mostly none is there, and looking for each is faster than the pattern
                if each in text:
                    assert self._pattern is not None
                    return self._pattern.sub(DOTS, text)
        return text

    def mask(self, value: Any) -> Any:
        """A value of the journal as it may be shown; one with nothing to hide is given back as it is."""
        if type(value) is str:
            return self.text(value)
        if type(value) is dict:
            return self._fields(value)
        if type(value) is list:
            return [self.mask(each) for each in value]
        return value

    def _fields(self, fields: dict[str, Any]) -> dict[str, Any]:
        changed: dict[str, Any] = {}
        for name, value in fields.items():
            if type(value) is str:
                if self.personal and value and name in PERSONAL:
                    changed[name] = DOTS
                elif len(value) >= self._shortest and (shown := self.text(value)) is not value:
                    changed[name] = shown
            elif type(value) in (dict, list) and (other := self.mask(value)) is not value:
                changed[name] = other
        return {**fields, **changed} if changed else fields


def _pattern_of(text: str) -> str:
    found = re.escape(text)
    return found if len(text) >= _LONG and not text.isdigit() else rf"(?<![0-9A-Za-z]){found}(?![0-9A-Za-z])"
