"""What a live run must not show, shown as dots wherever it would stand: in fields, logs, reasons and diagnostics.

Fields with the names of secrets are masked in every journal (`ctp.messages.mask`); this is for the rest: a password
that a scenario writes to the log, and whose account it is, which stays hidden unless the user asks for it.
"""

import re
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
class Veil:
    """Values to hide. `personal` says that fields which tell who somebody is are hidden, too."""

    personal: bool = True
    _texts: set[str] = field(factory=set, repr=False)
    _pattern: re.Pattern[str] | None = field(default=None, repr=False)

    def hide(self, *texts: str) -> None:
        """Takes further texts that are not to be shown."""
        new = {text for text in texts if text.strip()} - self._texts
        if new:
            self._texts |= new
            longest_first = sorted(self._texts, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(_pattern_of, longest_first)))

    def text(self, text: str) -> str:
        """A text as it may be shown."""
        return text if self._pattern is None else self._pattern.sub(DOTS, text)

    def over(self, value: Any) -> Any:
        """A value of the journal as it may be shown; one with nothing to hide is given back as it is."""
        if type(value) is str:
            return self.text(value)
        if type(value) is dict:
            return {key: self._field(key, each) for key, each in value.items()}
        if type(value) is list:
            return [self.over(each) for each in value]
        return value

    def _field(self, name: str, value: Any) -> Any:
        if self.personal and name in PERSONAL and value:
            return DOTS
        return self.over(value)


def _pattern_of(text: str) -> str:
    found = re.escape(text)
    return found if len(text) >= _LONG and not text.isdigit() else rf"(?<![0-9A-Za-z]){found}(?![0-9A-Za-z])"
