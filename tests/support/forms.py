"""Every form of every statement, with the verb that it is read as, and whole files of them."""

# Every example line and every row of the step tables of the language's definition, with the verb it is read as.
CONNECTION = """
connect | connect
connect within 5s | connect
connect front | connect_front
connect front within 5s | connect_front
authenticate | authenticate
authenticate app "a" code "b" | authenticate
authenticate code "b" within 3s | authenticate
login | login
login user "u" password "p" | login
login password secret("NAME") within 3s | login
confirm settlement | confirm
confirm settlement within 3s | confirm
logout | logout
change password from "a" to "b" | change_password
change password from secret("A") to secret("B") within 3s | change_password
disconnect | disconnect
disconnect silently | disconnect
disconnect market | disconnect
disconnect market silently | disconnect
reconnect | reconnect
reconnect within 1m | reconnect
reconnect front | reconnect_front
reconnect front within 1m | reconnect_front
release | release
subscribe rb2705 | subscribe
subscribe rb2705 cu2612 | subscribe
subscribe rb2705, "SPD MA701&MA705" | subscribe
unsubscribe rb2705 | unsubscribe
"""

TRADING = """
buy open 1 rb2705 at last as x | order
buy open | order
buy open volume instrument at ask as x | order
buy open 2 | order
buy open rb2705 | order
buy open (volume * 2) (instrument) at (ask) | order
buy open rb2705 2 at ask | order
sell close 1 instrument at bid as x | order
sell close_today 1 rb2705 | order
sell close_yesterday 1 SHFE.rb2705 at upper_limit | order
buy open 1 "SPD MA701&MA705" at 3000 | order
buy open 1 rb2705 at ask + 2 ticks | order
buy open 1 rb2705 at bid - 1 tick | order
buy open 1 rb2705 at (lower_limit + pre_settlement) / 2 | order
buy open 1 rb2705 at market | order
buy open 1 rb2705 at best | order
buy open 1 rb2705 at five_levels | order
buy open 1 rb2705 at ask fak | order
buy open 5 rb2705 at ask fak min 2 | order
buy open 1 rb2705 at ask fok hedge | order
buy open 1 rb2705 at ask arbitrage ref "17" memo "text" as x | order
buy open 1 rb2705 at 71000 when last >= 71000 as x | order
buy open 1 rb2705 at ask with (LimitPrice = 3000, user_force_close = 1,) as x | order
place order | place_order
place order buy open volume instrument at ask as x | place_order
place order sell close_today | place_order
place order 2 rb2705 fok as x | place_order
cancel entry | cancel
cancel both | cancel
cancel both[0] | cancel
cancel all | cancel_all
cancel all rb2705 | cancel_all
cancel all instrument within 5s | cancel_all
target 2 | target
target -2 rb2705 at bid - 1 tick as x | target
target volume instrument at ask as x within 1m | target
target (2 - volume) rb2705 at market as x | target
flatten | flatten
flatten rb2705 at market as x within 10s | flatten
query orders | query
query trades as x | query
query positions of rb2705 as x | query
query position_details as x | query
query account as x within 3s | query
query instruments of rb2705 as x | query
query quote of rb2705 as x | query
query margin_rate of rb2705 as x | query
query commission_rate of instrument as x | query
query settlement as x | query
query order_volume_limit of rb2705 as x | query
request ReqQryNotice(BrokerID = "9999") as x | request
request ReqQryInstrument() | request
request ReqUserLogout(UserID = "a", BrokerID = "b",) as x | request
"""

EXPECTATIONS = """
expect trade | expect
expect trades of entry | expect
expect trade of entry within 30s as x | expect
expect trade of both in rb2705 | expect
expect order in "rb2705" where order_status == all_traded | expect
expect 3 trades of a | expect
expect (volume + 1) trades of a | expect
expect volume trades of a | expect
expect at least 2 orders of a within 5s as x | expect
expect at most 2 trades of a for 3s | expect
expect trades of a total 5 within 30s | expect
expect trades of entry total volume within 30s as x | expect
expect no trade of a for 3s | expect
expect no rejection | expect
expect rejection of a by counter refusal | expect
expect rejection of a by counter 31 as x | expect
expect rejection of a by api -3 | expect
expect rejection of a by exchange 50 where message == "x" | expect
expect cancel_rejection of a by counter 26 | expect
expect cancel_rejections of a | expect
expect rejection of a in rb2705 by api where code == -3 within 3s as x | expect
expect quote in rb2705 where LastPrice > 3000 | expect
expect connection | expect
expect disconnection where reason == 0x1001 within 2m | expect
expect heartbeat_warning within 2m | expect
expect login where code == 3 as x | expect
expect logout | expect
expect authentication where code == 63 | expect
expect confirmation | expect
expect phase in rb2705 where InstrumentStatus == Continous | expect
expect error where code == 90 | expect
expect OnRspQryNotice of r | expect
expect OnRtnOrder where OrderStatus == AllTraded | expect
expect no OnFrontDisconnected for 1s | expect
soft expect trade of a | expect
soft expect entry is all_traded | expect_condition
expect entry is all_traded | expect_condition
expect position(rb2705).long == volume within 3s | expect_condition
expect all_traded == entry.status | expect_condition
expect both is all_traded | expect_condition
expect at_hand == 1 | expect_condition
expect reconciled | expect_reconciled
expect reconciled within 1m | expect_reconciled
soft expect reconciled | expect_reconciled
never rejection of entry | never
never OnRtnOrder where OrderStatus == Canceled | never
never more than 3 ReqOrderInsert within 1s | never_more
never more than volume orders of entry within D | never_more
always entry.volume_traded <= 2 | always
check 1 == 1 | check
check entry.status is none, "a report came through a cut connection" | check
soft check entry.sent | check
require 1 == 1 | require
require book(rb2705).net == 0, "not flat" | require
forget | forget
expect in order: trade of a; order of a | expect_in_order
expect in any order within 3s: trade of a as x; order of a where order_status == canceled | expect_in_any_order
"""

FLOW = """
let x = 3 | let
wait 10s | wait
wait 2 * D | wait
wait until 21:00 | wait_until
wait until 2026-11-24 | wait_until
wait until 2026-11-23 21:00 | wait_until
wait until entry is all_traded | wait_until
wait until true not in both.is_working within 60s | wait_until
wait until quiet for 1s | wait_quiet
wait until quiet for 1s within 1m | wait_quiet
if volume == 2: log "two" | if
repeat 3 times: log "x" | repeat
repeat 1 time: log "x" | repeat
for x in [1, 2]: log x | for
for x in trades(entry): log x.price | for
while volume > 2 at most 10 times: log "x" | while
log "now {now()}" | log
log volume | log
fail "so" | fail
skip "so" | skip
block "so" | block
stop | stop
mine(1) | call_step
mine(1, 2) | call_step
"""

VENUE = """
clock 2026-11-23 20:55 | clock
clock 20:55 | clock
clock 2026-11-24 | clock
quote rb2705 bid 70990 x 5 ask 71000 x 3 | quote
quote rb2705 bid 70990 x 5 ask 71000 x 3 last 71000 pre_settlement 70000 | quote
quote rb2705 bid 70990 x volume | quote
quote rb2705 ask 71000 x 3 | quote
quote rb2705 pre_settlement 70000 | quote
buy 2 rb2705 at 71000 | order
sell 2 rb2705 at 71000 | order
fill entry 1 | fill
fill entry 1 at 3000 | fill
fill both[0] 1 | fill
cancel entry | cancel
reject next order by counter 31 | reject_next
reject next order by counter 31, "no money" | reject_next
reject next order by exchange 50 | reject_next
reject next cancel by counter 26 | reject_next
refuse login by 7 for 60s | refuse
refuse login by 7, "not now" | refuse
refuse ReqQryOrder by 90 for 5s | refuse
refuse authentication by 63 for 60s | refuse
refuse queries by 90 for 3s after login | refuse
refuse ReqOrderInsert in CZCE by 21, "away" | refuse
drop next 2 trades | drop
drop next trade to bob | drop
drop orders for 30s | drop
delay trades 2s | delay
delay trades 2s for 30s | delay
delay next 2 OnRtnOrder 500ms to bob | delay
duplicate next order | duplicate
duplicate next OnRtnTrade to bob | duplicate
reverse next 3 reports | reverse
hold reports | hold
hold OnRtnTrade to bob | hold
release reports | release_reports
release trades to bob | release_reports
lose next request | lose
phase rb2705 continuous | phase
phase SHFE auction | phase
phase rb2705 break | phase
phase rb2705 closed | phase
halt rb2705 | halt
resume rb2705 | resume
fronts 2 | fronts
down front 2 | down
up front 2 | up
down | down
up | up
kick bob | kick
settle | settle
balance bob 1_000_000 | balance
deposit bob 1_000 | deposit
withdraw bob volume * 1000 | withdraw
position bob long 2 rb2705 at 3000 | position
position bob short 2 rb2705 yesterday at 3000 | position
password bob expired | password
password bob first_login | password
unconfirmed bob | unconfirmed
admit robot user "1" password "2" | admit
admit robot user "1" password "2" broker "3" app "4" code "5" | admit
latency 5ms | latency
latency 5ms jitter 2ms | latency
limit orders 5 per second | limit
limit queries 1 per second | limit
limit sessions 2 | limit
limit cancels 3 per second | limit
profile simnow | profile
profile production | profile
replay "ticks.csv" | replay
replay "ticks.csv" from 09:30 speed 10 | replay
walk rb2705 volatility 2% | walk
walk rb2705 volatility 2% seed 7 for 10m | walk
list rb2713 | list
list rb2705 least 4 most 20 margin 12% expires 2026-12-01 | list
list all | list_all
unlist rb2705 | unlist
forbid bob open | forbid
forbid bob all rb2705 | forbid
allow bob close rb2705 | allow
most rb2705 20 | position_limit
surcharge 0.005 | surcharge
ban bob | ban
ban bob by 144 | ban
limit failures 3 | limit
still | still
still rb2705 | still
"""

NETWORK = """
cut | cut
heal | heal
stall | stall
latency 200ms | latency
latency 200ms jitter 50ms | latency
flap every 5s for 60s | flap
flap every 5s | flap
"""


PROGRAM = """
start | start
terminate | terminate
terminate within 5s | terminate
kill | kill
type "stop" | type
type "volume {volume}" | type
prompt "pull the cable" | prompt
disconnect market silently | disconnect
reconnect within 5s | reconnect
expect ReqOrderInsert where volume_total_original == 5 within 3s as sent | expect
expect no SubscribeMarketData for 3s | expect
expect line "position 5" within 5s | expect
expect line where "5" in text as written | expect
expect exit where code == 0 or signal == "SIGABRT" | expect
expect 2 hazards | expect
never hazard | never
check len(requests(ReqOrderInsert)) == 1 | check
"""


# What stands before a form: whatever it names is there.
PRELUDE = """\
param instrument = rb2705
param volume = 2
session alice
session bob account second
program robot "sh"
define mine(a, b = 1): log "{a} {b}"
scenario "x":
    let D = 3s; let refusal = 31; let at_hand = 1
    buy open 1 rb2705 at ask as entry
    buy open 1 rb2705 at ask as a
    let both = [entry, a]
    request ReqQryNotice(BrokerID = "9999") as r
"""


def _table(text: str, actor: str = "") -> list[tuple[str, str]]:
    rows = [line.rpartition(" | ") for line in text.strip().splitlines()]
    return [(actor + statement, verb) for statement, _, verb in rows]


FORMS = [
    *_table(CONNECTION),
    *_table(TRADING),
    *_table(EXPECTATIONS),
    *_table(FLOW),
    *_table(VENUE, "venue: "),
    *_table(NETWORK, "network: "),
    *_table(PROGRAM, "robot: "),
]


FILES = {
    "a docstring and bare steps": '"""Text."""\nplace order; disconnect; wait 10s; reconnect; expect trades\n',
    "params of every type": (
        'param a = 2\nparam b = -2.5\nparam c = 10s\nparam d = "x"\nparam e = cu2612\nparam f = true\nparam g = none\n'
        "param h = 21:00\nparam i = 2026-11-23\nparam j = [1, -2]\nlet z = [a, b, c, d, e, f, g, h, i, j]\nlog z\n"
    ),
    "sessions": (
        "session alice\nsession bob account second\nsession carol private restart public none\n"
        "session dave account x private quick public quick\nsession erin public resume private resume\n"
        "alice: buy open 1 rb2705 at last as a\nbob:   sell open 1 rb2705 at last as b\nalice: expect trade of a\n"
        "bob: expect trade of b\nvenue: halt rb2705\nnetwork:\n    latency 200ms jitter 50ms\n"
    ),
    "tags and a timeout": 'scenario "a title" @smoke @a.b-c @1 timeout 2 * 5m:\n    log "x"\n',
    "around": 'before:\n    log "a"\nafter: log "b"\nvenue:\n    halt rb2705\nscenario "x": log "x"\n',
    "definitions between scenarios": (
        'scenario "a": twice(1)\ndefine twice(x):\n    log x\n    return x * 2\n'
        'let k = 3\nvenue: latency 5ms\nscenario "b": log twice(k)\nafter: log "end"\n'
    ),
    "a define without parameters": 'define go():\n    stop\nscenario "x": go()\n',
    "a table": (
        'scenario "a close needs a position" @position:\n    where:\n        | instrument | code |\n'
        "        | rb2705     | 51   |\n        | m2705      | 30   |\n"
        "    sell close 1 instrument at bid as exit\n    expect rejection of exit by counter code\n"
    ),
    "if, elif and else": (
        "let x = 1\nif x == 1:\n    log 1\nelif x == 2: log 2; log 2\nelif x == 3:\n    log 3\nelse: log 4\n"
        "if x == 1: log 5\nif x == 1:\n    if x == 2: log 6\nelse:\n    log 7\n"
    ),
    "lists of patterns": (
        "buy open 1 rb2705 at ask as a\nexpect in order within 3s:\n    order of a as first\n"
        "    trade of a where volume == 1\nexpect in any order:\n    order of a\n    OnRtnTrade of a as last_one\n"
        "log [first, last_one]\n"
    ),
    "a block after an actor": 'session alice\nsession bob\nalice:\n    connect\n    bob: connect\n    log "x"\n',
    "one line is all of one actor": "session alice\nsession bob\nbob: buy open 1; wait 1s\n",
    "programs": (
        'param c = "x"\nprogram a "{c}"\nprogram b "{python} b.py {c} {front}" account other in "robots" log "*.log" '
        'with (HOME = "/", USER = "{user}") network open clock own using "python"\n'
        'scenario "x":\n    a:\n        start\n        expect exit\n    b: start\n'
    ),
    "invariants": (
        'invariant "one order": len(orders()) <= 1\ninvariant "books agree": eventually reconciled within 60s\n'
        "place order\n"
    ),
    "let and venue before the first step": "let x = 3\nvenue:\n    quote rb2705 bid 1 x 1\nlog x\n",
}
