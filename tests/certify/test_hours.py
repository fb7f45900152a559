"""Whether a contract is traded at a moment."""

from datetime import datetime

import pytest

from ctpscen.certify.hours import why_closed


@pytest.mark.parametrize(
    ("contract", "moment", "is_open"),
    [
        ("rb2705", "2026-11-23 09:30", True),
        ("rb2705", "2026-11-23 08:59", False),
        ("rb2705", "2026-11-23 10:20", False),
        ("rb2705", "2026-11-23 12:00", False),
        ("rb2705", "2026-11-23 22:59", True),
        ("rb2705", "2026-11-23 23:00", False),
        ("ag2612", "2026-11-24 02:29", True),
        ("ag2612", "2026-11-24 02:30", False),
        ("ag2612", "2026-11-28 01:00", True),  # Saturday, in Friday's night
        ("ag2612", "2026-11-23 01:00", False),  # Monday, and Sunday has no night
        ("ag2612", "2026-09-24 22:00", False),  # before a holiday
        ("rb2705", "2026-10-01 10:00", False),
        ("rb2705", "2026-11-28 10:00", False),
        ("IF2612", "2026-11-23 21:30", False),
        ("IF2612", "2026-11-23 14:30", True),
        ("unknown", "2026-11-28 03:00", True),
    ],
)
def test_a_contract_is_traded_in_its_hours(contract: str, moment: str, is_open: bool) -> None:
    reason = why_closed(contract, datetime.fromisoformat(moment))
    assert (reason == "") == is_open
    if reason and "trading day" not in reason:
        assert reason.startswith(f"{contract} is not traded at {moment[-5:]} (")
