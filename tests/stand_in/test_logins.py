"""A program with several logins has books for each: what names none means the first, `in` a UserID another."""

from pathlib import Path

from support import run

SCENARIO = """
scenario "two logins":
    robot:
        start
        expect order in "60010087" where volume_total_original == 3 and order_status == NoTradeQueueing within 30s
        expect login in "60010087"
        expect ReqOrderInsert in "60010087" as other
        expect ReqOrderInsert in "60010086" as entry
        wait until entry is no_trade_queueing within 10s
        venue: fill other 3
        expect trade of other in "60010087" within 5s
        wait 1s
        check len(trades()) == 0
        expect no trade for 1s
        expect no trade in cu2612 for 1s
        venue: fill entry 1
        expect trade of entry in "60010086" within 5s
        check book(cu2612).long == 1
        check book(cu2612, "60010087").long == 3
        check book(cu2612, "60010088").long == 0
        check len(orders()) == 1
        check len(orders("60010087")) == 1
        check len(trades()) == 1
        check len(trades(other)) == 1
        check other is all_traded
        expect reconciled
        terminate
        start
        expect trade in "60010087" where replayed within 30s
        expect order in "60010087" where order_ref == other.order_ref and order_status == AllTraded
        check book(cu2612, "60010087").long == 3
"""


def test_each_login_has_books_of_its_own() -> None:
    result = run(
        f'program robot "{{python}} two_logins.py" in "{Path(__file__).parent / "programs"}" using "python"\n{SCENARIO}'
    )
    assert result.verdict == "passed", (result.reason, [each.diagnostic.notes for each in result.diagnostics])
