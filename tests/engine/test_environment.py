"""What an environment decides for the engine: how far steps reach, what is waited for, what the journal says of it."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from attrs import define, field
from support import checked, events

from ctpscen.client.books.orders import Order
from ctpscen.client.books.positions import Position
from ctpscen.ctp.times import SECOND
from ctpscen.engine.environment import Environment
from ctpscen.engine.run import run_one
from ctpscen.engine.state.actors import Actor
from ctpscen.engine.state.journal import Journal
from ctpscen.engine.state.waits import Wait, Waiting
from ctpscen.engine.unit import Result, Unit
from ctpscen.environments.simulated import SimulatedEnvironment
from ctpscen.language.meaning.program import Program, Scenario


@define(eq=False, repr=False)
class Elsewhere(SimulatedEnvironment):
    """An environment with other manners: it notes the moments of the run, and lets steps touch only the run's own."""

    moments: list[str] = field(factory=list)

    header: ClassVar[Mapping[str, Any]] = {"elsewhere": True}
    patience: ClassVar[int | None] = 20 * SECOND

    def unsupported(self, _: Program, scenario: Scenario, /) -> str:
        return "it is not for here" if "elsewhere" in scenario.tags else ""

    def touchable_orders(self, actor: Actor, /) -> Collection[Order]:
        return actor.sent

    def touchable_positions(self, actor: Actor, /) -> Mapping[str, Position] | None:
        return {instrument: actor.opened(instrument) for instrument in actor.books.positions}

    def after_login(self, actor: Actor, /) -> Waiting:
        yield from self._pause(f"login of {actor.name}")

    def after_cut(self) -> None:
        """There are no paths."""

    def after_reconnect(self, actor: Actor, /) -> Waiting:
        yield from self._pause(f"reconnect of {actor.name}")

    def before_verdict(self) -> Waiting:
        yield from self._pause("verdict")

    def _pause(self, what: str) -> Waiting:
        self.moments.append(what)
        yield Wait(deadline=self.now + SECOND)


def run(text: str) -> tuple[Result, Elsewhere]:
    program = checked(text).program
    assert program is not None
    made: list[Elsewhere] = []

    def environment_of(program: Program, unit: Unit, journal: Journal) -> Environment:
        environment = Elsewhere.of(program, unit, journal)
        assert isinstance(environment, Elsewhere)
        made.append(environment)
        return environment

    return run_one(Unit("test.scn", text, program.scenarios[0].title), environment_of), made[0]


def sent(result: Result, name: str) -> list[dict[str, Any]]:
    return [event["fields"] for event in events(result, "call") if event["name"] == name]


def test_the_journal_s_head_says_of_it_what_it_wants_said() -> None:
    result, _ = run("log 1")
    assert result.journal[0]["elsewhere"] is True


def test_a_scenario_that_it_cannot_run_is_skipped() -> None:
    result, _ = run('scenario "a" @elsewhere:\n    fail "it ran"')
    assert (result.verdict, result.reason) == ("skipped", "it is not for here")


def test_a_scenario_takes_as_long_as_it_says_or_as_long_as_its_environment_has_patience() -> None:
    assert run("wait 19s")[0].verdict == "passed"
    result, _ = run("wait 21s")
    assert result.reason == "the scenario took longer than 20 s"
    assert run('scenario "a" timeout 30s:\n    wait 21s')[0].verdict == "passed"


def test_it_is_asked_at_its_moments_and_given_the_time_that_it_takes() -> None:
    result, environment = run("disconnect\nwait 1s\nreconnect\nconfirm settlement\nlog 1")
    assert environment.moments == ["login of trader", "reconnect of trader", "login of trader", "verdict"]
    assert result.verdict == "passed"
    last = next(event["time"] for event in events(result, "log"))
    assert result.journal[-1]["time"] == last + SECOND


POSITION = "venue: position trader long 2 rb2705 at 3150\n"


def test_flatten_and_target_touch_no_more_of_the_account_than_it_lets_them() -> None:
    result, _ = run(
        POSITION + "buy open 1 rb2705 at ask as a\nexpect trade of a\nflatten rb2705 as b\nexpect trades of b"
    )
    assert result.verdict == "passed", result.reason
    assert [fields["VolumeTotalOriginal"] for fields in sent(result, "ReqOrderInsert")] == [1, 1]
    assert sent(result, "ReqQryInvestorPosition") == []
    result, _ = run(POSITION + "target 1 rb2705 as b\nexpect trades of b")
    assert [fields["CombOffsetFlag"] for fields in sent(result, "ReqOrderInsert")] == ["0"]


OTHERS = """\
session alice
session bob
bob: buy open 1 rb2705 at bid - 5 ticks as other
alice: buy open 1 rb2705 at bid - 5 ticks as own
wait 1s
alice: cancel all
"""


def test_cancel_all_touches_no_more_orders_than_it_lets_it() -> None:
    result, _ = run(OTHERS + "wait 1s\ncheck own is canceled\ncheck other is no_trade_queueing")
    assert result.verdict == "passed", result.reason
