"""What a live run must not show, shown as dots wherever it would stand: in fields, logs, reasons and diagnostics.

Fields with the names of secrets are masked in every journal (`ctp.messages.mask`); this is for the rest: a password
that a scenario writes to the log, and whose account it is, which stays hidden unless the user asks for it.
"""

import re
import sys
from collections.abc import Callable, Iterable
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

# Fields that tell whose something is: theirs may be so short that it stands in every text.
_IDS = ("UserID", "InvestorID", "AccountID", "TradingAccount")
_LONG = 4
_BETWEEN = "(?<![0-9A-Za-z]){}(?![0-9A-Za-z])"

# What an event of the journal is, in words of ours and CTP's, which no secret can be in.
_WORDS = frozenset({"event", "verdict", "api", "name", "fault"})


@define(eq=False)
class Masker:
    """The texts that are not to be shown: secrets wherever they stand, ids as words and as fields.

    `personal` says that fields which tell who somebody is are hidden, too.
    """

    personal: bool = True
    _secrets: set[str] = field(factory=set, repr=False)
    _ids: set[str] = field(factory=set, repr=False)
    _shortest: int = sys.maxsize
    _pattern: re.Pattern[str] | None = field(default=None, repr=False)
    _texts: list[str] = field(factory=list, repr=False)

    def add(self, *secrets: str) -> None:
        """Takes further secrets."""
        self._add(self._secrets, secrets)

    def add_ids(self, *ids: str) -> None:
        """Takes further users and investors."""
        self._add(self._ids, ids)

    def _add(self, to: set[str], texts: Iterable[str]) -> None:
        new = {text for text in texts if text.strip()} - to
        if new:
            to |= new
            parts = {text: re.escape(text) for text in self._secrets}
            words = {text: _BETWEEN.format(re.escape(text)) for text in self._ids if len(text) >= _LONG}
            parts = {**words, **parts}
            self._texts = sorted(parts, key=len, reverse=True)
            self._shortest = min(map(len, self._texts), default=sys.maxsize)
            self._pattern = re.compile("|".join(parts[text] for text in self._texts))

    def text(self, text: str) -> str:
        """A text as it may be shown."""
        return self._replaced(text, lambda _: DOTS)

    def source(self, text: str) -> str:
        """A text as it may be shown in which everything keeps its place."""
        return self._replaced(text, lambda found: DOTS[0] * len(found[0]))

    def _replaced(self, text: str, by: Callable[[re.Match[str]], str]) -> str:
        if len(text) >= self._shortest:
            for each in self._texts:  # mostly none is there, and looking for each is faster than the pattern
                if each in text:
                    assert self._pattern is not None
                    return self._pattern.sub(by, text)
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
                if self.personal and value and (name in PERSONAL or (value in self._ids and name.endswith(_IDS))):
                    changed[name] = DOTS
                elif name in _WORDS:
                    continue
                elif len(value) >= self._shortest and (shown := self.text(value)) is not value:
                    changed[name] = shown
            elif type(value) in (dict, list) and (other := self.mask(value)) is not value:
                changed[name] = other
        return {**fields, **changed} if changed else fields
