"""What a run is given beside its text."""

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from ctpscen.ctp.terms.broker_terms import BrokerTerms

Pace = float | Literal["jump"]

DEFAULT_ACCOUNT = "100001"


@frozen
class Settings:
    """Values from the command line or the caller. Everything here is plain and can be pickled.

    `values` replace params, by name. `account` is the account of all sessions that name none. `instrument` is the
    default one where the file has no param of that name. `secrets` are what `secret("NAME")` gives.
    `pace` is how time passes while a program under test runs: "jump", or so many times as fast as the wall's clock;
    `unattended` says that nobody sits before it whom a `prompt` could ask. `terms` are those of one's own broker.
    """

    values: Mapping[str, Any] = field(factory=dict)
    account: str = DEFAULT_ACCOUNT
    instrument: str = ""
    secrets: Mapping[str, str] = field(factory=dict, repr=False)
    pace: Pace = "jump"
    unattended: bool = False
    terms: BrokerTerms = field(factory=BrokerTerms)
