"""What the venue's own books hold of each account, noted in the journal before a step where it has changed.

A session knows its money only when it asks; a reader wants to see it at every step. Live nobody looks into the books of
the venue, and nothing is noted.
"""

from collections.abc import Mapping

from ctpscen.client.books.positions import by_instrument
from ctpscen.engine.state.context import Run

MONEY = (
    "PreBalance",
    "Balance",
    "Available",
    "CurrMargin",
    "FrozenMargin",
    "Commission",
    "CloseProfit",
    "PositionProfit",
)
"""The fields of TradingAccount that are noted."""


def note_accounts(run: Run) -> None:
    """Notes the accounts of the sessions, those that have become different since they were noted last."""
    run.journal.accounts_moved = False
    sessions: dict[str, list[str]] = {}
    for name, actor in run.actors.items():
        sessions.setdefault(actor.session.identity.user, []).append(name)
    for account, names in sessions.items():
        rows = run.environment.ask_venue(account, "ReqQryTradingAccount", {})
        if not rows:
            continue
        money = {name: rows[0].get(name, 0.0) for name in MONEY}
        positions = by_instrument(run.environment.ask_venue(account, "ReqQryInvestorPosition", {}) or ())
        held: Mapping[str, list[int]] = {
            name: [each.long_today, each.long_yesterday, each.short_today, each.short_yesterday]
            for name, each in positions.items()
            if each.long or each.short
        }
        if run.noted_accounts.get(account) != (money, held):
            run.noted_accounts[account] = money, held
            run.journal.add("account", run.now, sessions=names, money=money, held=held)
