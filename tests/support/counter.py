"""`ctpscen run --live` from the command line to the verdict, with a simulated front behind it: a broker's counter."""

from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import define, field

from ctpscen.ctp.times import SECOND as SECONDS
from ctpscen.environments.simulated import OPENING
from ctpscen.live.profile.profiles import FILE
from ctpscen.simulator.simulation import Simulation
from ctpscen.simulator.world import World
from support import command
from support.standin import StandinWire

USER, SECOND = "880017", "990042"
PASSWORD, CODE, NAMED = "geheim-17", "code-4711-abcd", "frisch-und-neu"

PROFILE = f"""
[profile.desk]
broker = "9999"
user = "{USER}"
password = {{ env = "PW" }}
app_id = "simnow_client_test"
auth_code = {{ env = "CODE" }}
trading_fronts = ["tcp://127.0.0.1:1"]
market_fronts = ["tcp://127.0.0.1:2"]

[profile.desk.accounts.second]
user = "{SECOND}"
password = {{ env = "PW" }}

[profile.desk.secrets]
NAMED = {{ env = "NAMED" }}
"""


@define
class Counter:
    """A front that lives as long as the test, with a still market, and the wires of all scenarios that ran on it.

    `meanwhile` is what happens beside each scenario, by seconds after its start.
    """

    folder: Path
    simulation: Simulation = field(factory=lambda: Simulation(World(OPENING, 0)))
    wires: list[StandinWire] = field(factory=list)
    meanwhile: dict[int, Callable[[StandinWire], None]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.simulation.list_instruments(["rb2705"])
        self.simulation.market.is_still = True
        for user in (USER, SECOND):
            self.simulation.core.account(user).password = PASSWORD

    def wire(self, name: str) -> StandinWire:
        made = StandinWire(self.simulation, str(self.folder / "flow" / name))
        self.wires.append(made)
        for second, action in self.meanwhile.items():
            self.simulation.world.at(self.simulation.world.now + second * SECONDS, action, made)
        return made

    def run(self, text: str, *arguments: str) -> tuple[int, str, str]:
        Path("test.scn").write_text(text, encoding="utf-8")
        return command("run", "test.scn", "--live", "desk", *arguments)

    @property
    def sent(self) -> list[str]:
        """The requests that reached the library, over all scenarios."""
        workers = [worker for wire in self.wires for worker in wire.workers.values()]
        return [call.name for worker in workers for call in worker.calls]


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """The counter, a profile that leads to it, and a user of its own."""
    made = Counter(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_dir", lambda _: str(tmp_path / "config"))
    monkeypatch.setattr("platformdirs.user_state_dir", lambda _: str(tmp_path / "state"))
    monkeypatch.setattr("ctpscen.environments.live_run.LiveRun._wire", lambda _, name: made.wire(name))
    monkeypatch.setattr("ctpscen.simulator.front.trading.AUTH_CODE", CODE)
    for name, value in {"PW": PASSWORD, "CODE": CODE, "NAMED": NAMED}.items():
        monkeypatch.setenv(name, value)
    Path(FILE).write_text(PROFILE, encoding="utf-8")
    return made


__all__ = ["CODE", "NAMED", "PASSWORD", "SECOND", "USER", "Counter", "counter"]
