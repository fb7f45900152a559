"""The manners of a venue: what SimNow does, and what a broker's production system does, as rows (BEHAVIOUR, B).

SimNow is a real core before a simulated exchange, so the two differ in what the exchange answers, not in what the core
checks.
"""

from collections.abc import Mapping

from attrs import define, frozen

from ctpscen.ctp.errors import EXCHANGE_REFUSALS, OWN_REFUSALS
from ctpscen.ctp.times import MILLISECOND

EVERYBODY, SINGLE = "1", "3"
"""InvestorRange of a rate: all investors', or one's own."""


@frozen(eq=False, repr=False)
class Profile:
    """`texts` are an exchange's own code and words for a refusal, by SHFE's code, which is used where it has none.

    `keeps_source` says that OrderSource and OrderType stay '0' once the exchange has accepted; `dates_by_exchange` that
    DCE and CZCE write the trading day where others write the calendar's; `cuts_to_tick` that an exchange whose row says
    so cuts a limit to a whole tick; `long_ids` that CZCE's OrderSysID has sixteen digits; `takes_market_orders` that
    CFFEX takes orders at the best price and at five levels; `tells_roles` that trades have what their exchange's
    row says of production; `rate_range` is the InvestorRange of rates. `latency` and
    `jitter` are those between front and exchange, in microseconds.
    """

    name: str
    texts: Mapping[str, Mapping[int, tuple[int, str]]]
    keeps_source: bool
    dates_by_exchange: bool
    cuts_to_tick: bool
    long_ids: bool
    takes_market_orders: bool
    tells_roles: bool
    rate_range: str
    latency: int
    jitter: int

    def refusal(self, exchange: str, code: int) -> tuple[int, str]:
        """The code and the words of an exchange that refuses for what SHFE calls by this code."""
        return self.texts.get(exchange, {}).get(code) or (code, EXCHANGE_REFUSALS.get(code, "报单被拒绝"))


SIMNOW = Profile(
    name="simnow",
    texts={},
    keeps_source=False,
    dates_by_exchange=False,
    cuts_to_tick=False,
    long_ids=False,
    takes_market_orders=False,
    tells_roles=False,
    rate_range=SINGLE,
    latency=5 * MILLISECOND,
    jitter=0,
)

PRODUCTION = Profile(
    name="production",
    texts=OWN_REFUSALS,
    keeps_source=True,
    dates_by_exchange=True,
    cuts_to_tick=True,
    long_ids=True,
    takes_market_orders=True,
    tells_roles=True,
    rate_range=EVERYBODY,
    latency=13 * MILLISECOND,
    jitter=27 * MILLISECOND,
)

PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (SIMNOW, PRODUCTION)}


@define(eq=False, repr=False)
class Manners:
    """The profile that a venue has now; one object, which all parts of the venue share."""

    profile: Profile = SIMNOW
