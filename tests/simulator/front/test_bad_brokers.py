"""What a broker does on a bad day: not ready after the login, an exchange that is away, a front that fails, bans."""

import pytest
from support import passes


def test_queries_are_not_ready_for_a_while_after_each_login() -> None:
    passes("""
venue: refuse queries by 90 for 3s after login

connect
request ReqQryTradingAccount(BrokerID = "9999") as money
expect OnRspError of money where code == 90
wait 3s
request ReqQryTradingAccount(BrokerID = "9999") as again
expect OnRspQryTradingAccount of again
disconnect
wait 2s
reconnect
request ReqQryInvestorPosition(BrokerID = "9999") as held
expect OnRspError of held where code == 90
""")


@pytest.mark.parametrize("where", ["CZCE", "SR701"])
def test_one_exchange_is_not_connected(where: str) -> None:
    passes(f"""
venue: refuse ReqOrderInsert in {where} by 21 for 1m
buy open 1 SR701 at ask as away
expect rejection of away by counter 21 where message == "CTP:该交易席位未连接到交易所"
buy open 1 rb2705 at ask as entry
expect trade of entry
wait 1m
buy open 1 SR701 at ask as back
expect trade of back
""")


def test_refusals_of_one_request_stand_beside_each_other() -> None:
    passes("""
venue:
    refuse ReqOrderInsert in CZCE by 21
    refuse ReqOrderInsert in DCE by 78
buy open 1 SR701 at ask as one
expect rejection of one by counter 21
buy open 1 m2705 at ask as other
expect rejection of other by counter 78
""")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("ReqSettlementInfoConfirm", "OnRspSettlementInfoConfirm"),
        ("ReqUserLogout", "OnRspUserLogout"),
        ("ReqUserPasswordUpdate", "OnRspUserPasswordUpdate"),
        ("ReqOrderInsert", "OnRspOrderInsert"),
        ("ReqOrderAction", "OnRspOrderAction"),
        ("ReqQryMaxOrderVolume", "OnRspQryMaxOrderVolume"),
        ("ReqRemoveParkedOrder", "OnRspRemoveParkedOrder"),
        ("ReqForQuoteInsert", "OnRspForQuoteInsert"),
        ("ReqQryTradingAccount", "OnRspQryTradingAccount"),
    ],
)
def test_any_request_is_refused_with_any_code(name: str, answer: str) -> None:
    passes(f"""
connect
venue: refuse {name} by 5002
request {name}(BrokerID = "9999") as asked
expect {answer} of asked where code == 5002
""")


def test_one_of_several_fronts_fails_and_the_others_are_reached() -> None:
    passes("""
venue: fronts 2

connect front
authenticate
login
expect login as first
venue: down front (first.front_id)
expect disconnection
reconnect front
authenticate
login
expect login where front_id == 3 - first.front_id
venue: down front (3 - first.front_id)
expect disconnection
forget
expect no connection for 10s
venue: up front (first.front_id)
reconnect front
authenticate
login
expect login where front_id == first.front_id
""")


def test_a_machine_that_fails_too_often_is_banned_for_the_day() -> None:
    passes("""
session trader
session other account second

venue: limit failures 3

scenario "banned":
    trader:
        connect front
        authenticate
        repeat 3 times:
            login password "wrong"
            expect login where code == 3
        login
        expect login where code == 143
    other: connect
    venue: settle
    trader:
        connect front
        authenticate
        login
        expect login
""")


def test_failed_authentications_have_a_ban_of_their_own() -> None:
    passes("""
venue: limit failures 1
connect front
authenticate code "wrong"
expect authentication where code == 63
authenticate
expect authentication where code == 4060
""")


def test_a_black_list_is_read_at_the_authentication() -> None:
    passes("""
venue: ban trader by 144
connect front
authenticate
expect authentication where code == 144
""")
