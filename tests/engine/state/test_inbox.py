"""The inbox: what an expectation takes, what it leaves, how long it waits, and what it says when nothing came."""

import pytest
from support import callbacks, passes, run

from ctpscen.ctp.times import SECOND
from ctpscen.engine.unit import Result

# Two working orders of rb2705, each with the reports `Unknown` and `NoTradeQueueing`.
TWO_WORKING = """
buy open 2 rb2705 at bid as first
buy open 3 rb2705 at bid - 1 tick as second
wait 1s
"""


def fails(text: str, reason: str) -> Result:
    """Runs a text that must fail for a reason that holds these words."""
    result = run(text)
    assert (result.verdict, reason in result.reason) == ("failed", True), (result.verdict, result.reason)
    return result


def notes(result: Result) -> str:
    """What a failure says beside its message."""
    return "\n".join(note for located in result.diagnostics for note in located.diagnostic.notes)


# ------------------------------------------------------------------------------------------------------- taking


def test_the_oldest_report_that_matches_is_taken() -> None:
    passes(f"""{TWO_WORKING}
expect order as one
expect order as two
check one.order_ref == first.order_ref and one.order_status == unknown
check two.order_ref == second.order_ref and two.order_status == unknown
expect order of second as three
check three.order_status == no_trade_queueing
""")


def test_what_is_taken_is_not_there_for_another() -> None:
    result = fails(
        f"{TWO_WORKING}\nexpect 2 orders of first\nexpect no order of first\nexpect order of first within 1s", ""
    )
    assert "there was no order of first" in result.reason
    assert notes(result).count("taken by an expectation before") == 2


def test_what_has_come_before_is_there_without_a_wait() -> None:
    result = passes(f"{TWO_WORKING}\nlet before = now()\nexpect order of second\ncheck now() == before")
    assert result.elapsed < 2 * SECOND


def test_each_session_has_an_inbox_of_its_own() -> None:
    passes("""
session alice
session bob
alice: buy open 1 rb2705 at ask as a
alice: expect trade of a
bob: expect trade where volume == 1
alice: expect no trade
""")


def test_forget_empties_the_inbox() -> None:
    passes(
        f"{TWO_WORKING}\nforget\nexpect no order\ncancel first\nexpect order of first where order_status == canceled"
    )


def test_forget_does_not_empty_the_books() -> None:
    passes(f"{TWO_WORKING}\nforget\ncheck first is no_trade_queueing\ncheck len(orders()) == 2")


def test_what_connect_waits_for_is_taken_by_it() -> None:
    passes("""
connect
expect no connection
expect no authentication
expect no login
expect no confirmation
expect phase
""")


def test_what_the_single_steps_wait_for_is_left_to_be_expected() -> None:
    passes("""
connect front
expect connection where connection == 1
authenticate
expect authentication where code == 0
login
expect login as answer
check answer.front_id == 1
confirm settlement
expect confirmation
logout
expect logout
""")


# -------------------------------------------------------------------------------------------- counts and totals


def test_a_count_takes_the_oldest_so_many_and_leaves_a_further_one() -> None:
    passes(f"""{TWO_WORKING}
expect 3 orders as three
check len(three) == 3
check three[0].order_status == unknown
expect order as left
expect no order
""")


def test_a_count_waits_for_the_last_of_them() -> None:
    passes("""
buy open 2 rb2705 at bid as a
expect 2 orders of a
cancel a
expect 2 orders of a as end
check end[1].order_status == canceled
""")


def test_a_count_that_is_not_reached_says_how_many_came() -> None:
    result = fails(f"{TWO_WORKING}\nexpect 5 orders within 2s", "4 of 5 came: orders")
    assert "waited 2 s" in notes(result)
    assert notes(result).count("OnRtnOrder") == 4


def test_at_least_takes_all_that_are_there() -> None:
    passes(f"{TWO_WORKING}\nexpect at least 2 orders as found\ncheck len(found) == 4\nexpect no order")


def test_at_least_so_many_fails_where_fewer_come() -> None:
    fails(f"{TWO_WORKING}\nexpect at least 5 orders within 1s", "4 of at least 5 came")


def test_at_most_holds_while_no_more_come() -> None:
    result = passes(f"{TWO_WORKING}\nexpect at most 4 orders for 3s as found\ncheck len(found) == 4\nexpect no order")
    assert result.elapsed > 4 * SECOND


def test_at_most_fails_with_the_first_too_many() -> None:
    result = fails(f"{TWO_WORKING}\ncancel first\nexpect at most 4 orders for 60s", "there were more than 4 orders")
    assert result.elapsed < 2 * SECOND


def test_a_total_adds_the_volumes_up() -> None:
    passes("""
venue: quote rb2705 bid 3149 x 5 ask 3151 x 1
buy open 3 rb2705 at 3151 as a
venue: fill a 1
venue: fill a 1
expect trades of a total 3 as all
check len(all) == 3
check all.volume == [1, 1, 1]
expect no trade
""")


def test_a_total_takes_no_more_than_it_needs() -> None:
    passes("""
venue: quote rb2705 bid 3149 x 5 ask 3151 x 1
buy open 3 rb2705 at 3151 as a
venue: fill a 1
venue: fill a 1
wait 1s
expect trades of a total 2 as some
check len(some) == 2
expect trade of a
expect no trade
""")


def test_a_total_that_is_passed_fails_at_once() -> None:
    result = fails("buy open 5 rb2705 at ask as a\nexpect trades of a total 3 within 60s", "more than 3")
    assert result.elapsed < SECOND


def test_a_total_that_is_not_reached_says_how_far_it_came() -> None:
    fails("buy open 2 rb2705 at ask as a\nexpect trades of a total 3 within 60s", "the volumes add up to 2, not 3")


# ------------------------------------------------------------------------------------------------------ nothing


def test_no_without_a_time_looks_at_what_is_there() -> None:
    result = passes("buy open 1 rb2705 at ask as a\nexpect no trade\nexpect trade of a")
    assert result.elapsed < SECOND
    fails("buy open 1 rb2705 at ask as a\nwait 1s\nexpect no trade", "and none was wanted")


def test_no_for_a_time_waits_all_of_it() -> None:
    result = passes("buy open 1 rb2705 at bid as a\nexpect no trade for 5s")
    assert result.elapsed > 5 * SECOND


def test_no_for_a_time_fails_with_the_first_that_comes() -> None:
    result = fails("buy open 1 rb2705 at ask as a\nexpect no trade for 60s", "there was trade, and none was wanted")
    assert result.elapsed < SECOND
    assert "it came at 09:30:00" in notes(result)


def test_no_for_a_time_does_not_end_early_when_the_order_does() -> None:
    result = passes("buy open 1 rb2705 at ask as a\nexpect trade of a\nexpect no trade of a for 30s")
    assert result.elapsed > 30 * SECOND


def test_no_with_a_condition_lets_other_reports_be() -> None:
    passes("buy open 2 rb2705 at ask as a\nexpect no trade where volume > 2 for 2s\nexpect trade of a")


# ------------------------------------------------------------------------------------------------ what a pattern says


def test_of_takes_an_order_a_list_of_orders_or_a_request() -> None:
    passes(f"""{TWO_WORKING}
expect 4 orders of [first, second]
request ReqQryNotice(BrokerID = "9999") as asked
expect OnRspQryNotice of asked
buy open 1 m2705 at ask as third
expect trade of third
expect no trade of [first, second]
""")


def test_of_a_request_is_not_of_another() -> None:
    fails(
        'request ReqQryNotice(BrokerID = "9999") as asked\nwait 2s\nrequest ReqQryNotice(BrokerID = "9999") as again\n'
        "expect OnRspQryNotice of again\nexpect OnRspQryNotice of again within 1s",
        "there was no OnRspQryNotice of again",
    )


def test_in_names_the_instrument() -> None:
    passes("""
buy open 1 rb2705 at ask
buy open 1 m2705 at ask
expect trade in m2705 as t
check t.instrument_id == m2705
expect trade in rb2705
expect no trade
""")


@pytest.mark.parametrize(
    ("orders", "expectation"),
    [
        ("sell close 1 rb2705 at bid as a", "expect rejection of a by counter 51"),
        ("sell close_today 1 rb2705 at bid as a", "expect rejection of a by counter 50"),
        ("sell close 1 m2705 at bid as a", "expect rejection of a by counter 30"),
        ("buy open 1 rb2705 at upper_limit + 1 tick as a", "expect rejection of a by exchange 49"),
        ("buy open 1 rb2705 at lower_limit - 1 tick as a", "expect rejection of a by exchange 50"),
        ("disconnect; wait 1s; buy open 1 rb2705 at 3150 as a", "expect rejection of a by api -1"),
        ("buy open 1 rb2705 at ask as a; wait 1s; cancel a", "expect cancel_rejection of a by counter 26"),
        (
            "buy open 1 rb2705 at bid as a; wait 1s; disconnect; wait 1s; cancel a",
            "expect cancel_rejection of a by api -1",
        ),
    ],
)
def test_a_rejection_tells_by_whom_and_with_what_code(orders: str, expectation: str) -> None:
    passes(f"{orders}\n{expectation}\nexpect no rejection\nexpect no cancel_rejection")


@pytest.mark.parametrize(
    ("expectation", "difference"),
    [
        ("expect rejection of a by counter 31", "code 51, wanted 31"),
        ("expect rejection of a by exchange", "by counter, wanted exchange"),
        ("expect rejection of a in m2705", "of rb2705, wanted m2705"),
        ('expect rejection of a where message == "x"', 'message "CTP:平昨仓位不足", wanted "x"'),
    ],
)
def test_a_rejection_that_differs_is_told_field_by_field(expectation: str, difference: str) -> None:
    assert difference in notes(fails(f"sell close 1 rb2705 at bid as a\n{expectation}", "there was no rejection of a"))


def test_a_refusal_by_the_counter_is_one_rejection_and_two_callbacks() -> None:
    passes("""
sell close 1 rb2705 at bid as a
expect rejection of a by counter 51 as refused
check refused.code == 51 and refused.message == "CTP:平昨仓位不足"
check refused.limit_price == 3149 and refused.volume_total_original == 1
expect OnRspOrderInsert of a where code == 51
expect OnErrRtnOrderInsert of a where code == 51
expect no rejection for 1s
""")


def test_a_refusal_by_the_exchange_is_an_order_report_too() -> None:
    passes("""
buy open 1 rb2705 at upper_limit + 1 tick as a
expect rejection of a by exchange 49 where message == "已撤单报单被拒绝SHFE:价格超出涨停板" as refused
check refused.order_submit_status == insert_rejected
expect OnRtnOrder of a where order_status == unknown
""")


def test_where_sees_fields_constants_names_and_price_words() -> None:
    passes("""
let wanted = 2
buy open wanted rb2705 at ask as a
expect trade where Volume == wanted and direction == buy and offset_flag is open and price == ask
expect OnRtnOrder of a where OrderStatus == AllTraded and 0 < volume_traded <= 2
""")


def test_a_price_word_in_where_is_of_the_report_s_instrument() -> None:
    passes("""
buy open 1 m2705 at ask
buy open 1 rb2705 at ask
expect trade in m2705 where price == ask
expect trade in rb2705 where price == ask
""")


def test_where_on_a_field_names_what_it_was_and_what_was_wanted() -> None:
    result = fails(
        "buy open 2 rb2705 at ask as a\nexpect trade of a where volume == 3 and price > 1 and direction == sell", ""
    )
    assert "volume 2, wanted 3; direction Buy, wanted Sell" in notes(result)


def test_a_callback_s_name_is_a_pattern() -> None:
    passes("buy open 1 rb2705 at ask as a\nexpect OnRtnTrade of a\nexpect OnRtnOrder where OrderStatus == AllTraded")


def test_a_quote_is_a_report_only_after_a_subscribe() -> None:
    passes("""
buy open 1 rb2705 at ask as a
expect trade of a
expect no quote
subscribe rb2705
expect quote in rb2705 where ask == 3151 and bid == 3149
unsubscribe rb2705
""")


def test_the_words_of_a_report() -> None:
    passes("""
buy open 1 rb2705 at ask as a
let sent_at = now()
expect trade of a as t
check t.time > sent_at and t.time == now()
check t.connection == 1 and not t.replayed
disconnect
wait 5s
reconnect
buy open 1 rb2705 at ask as b
expect trade of b where connection == 2 and not replayed
""")


def test_what_a_restart_brings_again_is_replayed() -> None:
    passes("""
session trader private restart
buy open 1 rb2705 at ask as a
expect trade of a where not replayed
disconnect
wait 5s
reconnect
expect trade of a where replayed and connection == 2
check a.volume_traded == 1 and len(trades(a)) == 1
check book(rb2705).long == 1
""")


def test_the_end_of_what_was_canceled_before_the_break_is_replayed_too() -> None:
    """Reports of an order that the session has just canceled are new, but only on the connection that canceled it."""
    passes("""
session trader private restart
buy open 1 rb2705 at bid as a
expect order of a where order_status == no_trade_queueing
cancel a
expect order of a where order_status == canceled and not replayed
disconnect
wait 5s
reconnect
expect order of a where order_status == canceled and connection == 2 as again
check again.replayed
expect no order of a where connection == 2 and not replayed
""")


def test_what_a_resume_brings_of_the_gap_is_replayed_and_comes_once() -> None:
    passes("""
buy open 1 rb2705 at ask as a
disconnect
wait 5s
reconnect
expect trade of a where replayed and connection == 2
expect no trade for 2s
""")


def test_quick_brings_nothing_of_the_gap() -> None:
    result = fails(
        """
session trader private quick
buy open 1 rb2705 at ask as a
disconnect
wait 5s
reconnect
expect trade of a within 3s
""",
        "there was no trade of a",
    )
    assert callbacks(result, "OnRtnTrade") == []
    assert "no report of the kind `trade` came at all" in notes(result)


# --------------------------------------------------------------------------------------------------- early ends


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("buy open 1 rb2705 at ask as a\nexpect 2 trades of a within 1h", "AllTraded and its trades have come"),
        ("buy open 1 rb2705 at bid as a\nwait 1s\ncancel a\nexpect trade of a within 1h", "the order 2 is Canceled"),
        ("sell close 1 rb2705 at bid as a\nexpect order of a within 1h", "the order 2 was refused"),
        ("sell close 1 rb2705 at bid as a\nexpect rejection of a by exchange within 1h", "the order 2 was refused"),
        (
            "buy open 1 rb2705 at ask as a\nexpect in order within 1h:\n    order of a where order_status == canceled",
            "AllTraded and its trades have come",
        ),
    ],
)
def test_a_wait_ends_early_when_the_order_has_ended(text: str, why: str) -> None:
    result = fails(text, "")
    assert result.elapsed < 5 * SECOND
    assert why in notes(result)
    assert "of 1 h" in notes(result)


def test_a_wait_ends_at_once_when_the_session_is_released() -> None:
    result = fails(
        "buy open 1 rb2705 at bid as a\nif a.sent: release\nexpect trade of a within 1h", "there was no trade of a"
    )
    assert "trader is released" in notes(result)
    assert result.elapsed < SECOND


def test_a_refused_cancel_may_come_after_the_order_has_ended() -> None:
    passes("""
buy open 1 rb2705 at ask as a
expect trade of a
venue: latency 2s
wait 5s
cancel a
expect cancel_rejection of a by counter 26
""")


def test_a_wait_for_one_of_several_orders_goes_on_while_one_works() -> None:
    result = fails(
        """
buy open 1 rb2705 at ask as a
buy open 1 rb2705 at bid as b
expect 2 trades of [a, b] within 20s
""",
        "1 of 2 came",
    )
    assert result.elapsed > 20 * SECOND


def test_a_report_that_the_venue_holds_back_is_waited_for() -> None:
    passes("buy open 1 rb2705 at ask as a\nvenue: delay trades 20s\nexpect trade of a within 30s\ncheck a.is_final")
    passes(
        "buy open 1 rb2705 at ask as a\nvenue: duplicate next trade\nexpect 2 trades of a\ncheck book(rb2705).long == 1"
    )


def test_a_wait_that_no_order_limits_takes_its_time() -> None:
    result = fails("buy open 1 rb2705 at ask as a\nexpect 2 trades within 20s", "1 of 2 came")
    assert result.elapsed > 20 * SECOND


def test_the_default_wait_is_ten_seconds() -> None:
    result = fails("buy open 1 rb2705 at bid as a\nexpect trade of a", "there was no trade of a")
    assert 10 * SECOND < result.elapsed < 11 * SECOND
    assert "waited 10 s" in notes(result)


# -------------------------------------------------------------------------------------------------------- names


def test_as_names_the_report_or_the_list_of_reports() -> None:
    passes("""
buy open 2 rb2705 at ask as a
expect trade of a as one
check one.volume == 2
expect 2 orders of a as some
check len(some) == 2 and some.volume_total_original == [2, 2]
buy open 1 rb2705 at ask as b
expect trades of b total 1 as list
check list[0].volume == 1
""")


def test_the_reports_of_a_list_have_names_of_their_own() -> None:
    passes("""
buy open 1 rb2705 at ask as a
expect in order:
    order of a where order_status == unknown as first
    trade of a as last
check first.order_status == unknown and last.volume == 1
""")


@pytest.mark.parametrize(
    ("value", "step", "message"),
    [
        ("3", "expect trade of x", "`of` takes an order, a request, or a list of them, not a number"),
        ("1.5", "expect x trades", "so many reports are a whole number, not 1.5"),
        ("-1", "expect x trades", "so many reports are a whole number, not -1"),
        ('"a"', "expect trades total x", "a total is a number, not a"),
        ('"a"', "expect rejection by counter x", "a code is a number, not a text"),
        ("5", "expect trade within x", "a duration is wanted here, not a number"),
        ("0s - 5s", "expect trade within x", "a duration is not negative"),
    ],
)
def test_a_value_that_does_not_fit_a_pattern_is_an_error_at_its_place(value: str, step: str, message: str) -> None:
    result = run(f"define late(value):\n    return value\nlog 1\nlet x = late({value})\n{step}")
    assert (result.verdict, message in result.reason) == ("error", True), result.reason
    (located,) = result.diagnostics
    assert located.source.place(located.diagnostic.span[0]).line == 5


def test_two_orders_with_one_ref_have_reports_of_their_own() -> None:
    passes("""
buy open 1 rb2705 at lower_limit ref "17" as kept
buy open 1 rb2705 at lower_limit ref "17" as same
expect no rejection of kept for 1s
expect no order of same
expect rejection of same by counter 22
expect order of kept where order_status == NoTradeQueueing
""")
