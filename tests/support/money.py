"""Scenarios whose accounts and positions are asked for, and what the answers show."""

from typing import Any

import pytest

from ctpscen.engine.unit import Result
from support import callbacks, passes

KEY = 'BrokerID="9999", InvestorID="100001"'
ACCOUNT = f"    wait 2s\n    request ReqQryTradingAccount({KEY})\n    wait 2s\n"
POSITIONS = f"    wait 2s\n    request ReqQryInvestorPosition({KEY})\n    wait 2s\n"
DETAILS = f"    wait 2s\n    request ReqQryInvestorPositionDetail({KEY})\n    wait 2s\n"


def played(venue: str, steps: str) -> Result:
    return passes(f'venue:\n{venue}scenario "seen":\n{steps}')


def rows(result: Result, query: str, **wanted: Any) -> list[dict[str, Any]]:
    found = [event["fields"] for event in callbacks(result, f"OnRspQry{query}") if event["fields"]]
    return [row for row in found if all(row.get(name) == value for name, value in wanted.items())]


def account(result: Result) -> dict[str, Any]:
    """The newest answer."""
    return rows(result, "TradingAccount")[-1]


def shows(fields: dict[str, Any], **wanted: Any) -> None:
    """Money to a thousandth of a cent, everything else exactly; what a record leaves out is '' or 0."""
    for name, value in wanted.items():
        seen = fields.get(name, "" if isinstance(value, str) else 0)
        assert seen == (pytest.approx(value, abs=1e-5) if isinstance(value, float) else value), name
