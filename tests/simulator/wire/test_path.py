"""The network path: latency and order, and what a cut, a silence and a stall do to what is on its way."""

from collections.abc import Callable
from typing import Any

from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from ctpscen.ctp.times import MILLISECOND
from ctpscen.simulator.wire.path import Connection, Path
from ctpscen.simulator.world import World


@define(eq=False)
class End:
    """Both ends at once: what each was told, with the time."""

    world: World
    told: list[tuple[int, Any]] = field(factory=list)

    def lost(self, reason: int) -> None:
        self.told.append((self.world.now, f"lost 0x{reason:04X}"))

    def path_changed(self) -> None:
        self.told.append((self.world.now, "path changed"))

    def closed(self, _: Connection) -> None:
        self.told.append((self.world.now, "closed"))

    def hear(self, word: Any) -> None:
        self.told.append((self.world.now, word))

    @property
    def words(self) -> list[Any]:
        return [word for _, word in self.told]


@define(eq=False)
class Wire:
    """A path with one connection, and the ends of it."""

    world: World
    path: Path
    client: End
    front: End
    connection: Connection

    @classmethod
    def laid(cls, *, latency: int = 10 * MILLISECOND, jitter: int = 0, seed: int = 0) -> "Wire":
        world = World(0, seed)
        path = Path(world, "alice", latency=latency, jitter=jitter)
        client, front = End(world), End(world)
        path.clients.append(client)
        return cls(world, path, client, front, path.connect(client, front))

    def up(self, word: Any) -> None:
        self.path.up(self.connection, self.front.hear, word)

    def down(self, word: Any) -> None:
        self.path.down(self.connection, self.client.hear, word)

    def at(self, milliseconds: int, action: Callable[..., object], *arguments: Any) -> None:
        self.world.at(milliseconds * MILLISECOND, action, *arguments)

    def run(self) -> None:
        while self.world.next_time() is not None:
            self.world.step()


def test_a_message_takes_the_latency_each_way() -> None:
    wire = Wire.laid(latency=7 * MILLISECOND)
    wire.up("request")
    wire.down("report")
    wire.run()
    assert wire.front.told == [(7 * MILLISECOND, "request")]
    assert wire.client.told == [(7 * MILLISECOND, "report")]


def test_a_message_is_not_there_before_time_has_passed() -> None:
    wire = Wire.laid()
    wire.up("request")
    assert not wire.front.told
    assert wire.world.next_time() == 10 * MILLISECOND


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=40), st.integers(0, 50), st.integers(0, 99))
def test_each_direction_keeps_its_order_whatever_the_jitter(
    sendings: list[tuple[int, bool]], jitter: int, seed: int
) -> None:
    wire = Wire.laid(jitter=jitter * MILLISECOND, seed=seed)
    sendings.sort()
    for number, (time, is_up) in enumerate(sendings):
        wire.at(time, wire.up if is_up else wire.down, number)
    wire.run()
    for end, direction in ((wire.front, True), (wire.client, False)):
        assert end.words == [number for number, (_, is_up) in enumerate(sendings) if is_up is direction]
        for time, number in end.told:
            sent = sendings[number][0] * MILLISECOND
            assert time >= sent + 10 * MILLISECOND
    if not jitter:
        for time, number in (*wire.front.told, *wire.client.told):
            assert time == sendings[number][0] * MILLISECOND + 10 * MILLISECOND


def test_a_latency_that_shrinks_lets_nothing_overtake() -> None:
    wire = Wire.laid(latency=100 * MILLISECOND)
    wire.down("slow")
    wire.path.latency = MILLISECOND
    wire.down("fast")
    wire.run()
    assert wire.client.told == [(100 * MILLISECOND, "slow"), (100 * MILLISECOND, "fast")]


def test_a_cut_loses_what_the_front_sent_and_lets_through_what_the_client_sent() -> None:
    wire = Wire.laid()
    wire.at(0, wire.down, "arrives")
    wire.at(5, wire.down, "lost")
    wire.at(5, wire.up, "first")
    wire.at(11, wire.up, "second")
    wire.at(12, wire.path.cut)
    wire.run()
    assert wire.client.told == [(10 * MILLISECOND, "arrives"), (12 * MILLISECOND, "lost 0x1001")]
    assert wire.front.words == ["first", "second", "closed"]
    assert wire.front.told[-1] == (22 * MILLISECOND, "closed")


def test_the_front_learns_of_the_end_after_what_was_on_its_way() -> None:
    wire = Wire.laid(latency=100 * MILLISECOND)
    wire.up("slow request")
    wire.path.latency = MILLISECOND
    wire.path.cut()
    wire.run()
    assert wire.front.told == [(100 * MILLISECOND, "slow request"), (100 * MILLISECOND, "closed")]


def test_what_the_front_sends_on_a_broken_connection_arrives_nowhere() -> None:
    wire = Wire.laid()
    wire.path.cut()
    wire.down("too late")
    wire.path.heal()
    wire.down("on the old connection")
    wire.run()
    assert "too late" not in wire.client.words
    assert "on the old connection" not in wire.client.words


def test_a_connection_breaks_once() -> None:
    wire = Wire.laid()
    wire.path.cut()
    wire.path.cut()
    wire.path.drop(wire.connection, 0x2001)
    wire.run()
    assert wire.client.words == ["lost 0x1001"]
    assert wire.front.words == ["closed"]


def test_a_cut_path_carries_nothing_until_it_is_healed() -> None:
    wire = Wire.laid()
    assert wire.path.carries
    wire.path.cut()
    assert not wire.path.carries
    wire.path.heal()
    assert wire.path.carries
    assert wire.client.words == ["lost 0x1001", "path changed"]


def test_a_silent_path_swallows_everything_and_breaks_nothing() -> None:
    wire = Wire.laid()
    wire.at(0, wire.down, "on its way")
    wire.at(0, wire.up, "sent before")
    wire.at(5, wire.path.silence)
    wire.at(6, wire.down, "swallowed")
    wire.at(6, wire.up, "swallowed too")
    wire.at(50, wire.path.heal)
    wire.at(60, wire.down, "heard again")
    wire.run()
    assert wire.client.words == ["path changed", "path changed", "heard again"]
    assert wire.front.words == ["sent before"]
    assert wire.connection.open


def test_a_stalled_path_delivers_all_of_it_in_order_when_it_is_healed() -> None:
    wire = Wire.laid()
    wire.at(0, wire.down, "on its way")
    wire.at(5, wire.path.stall)
    for number in range(3):
        wire.at(6 + number, wire.down, number)
        wire.at(6 + number, wire.up, number)
    wire.at(50, wire.path.heal)
    wire.run()
    assert wire.client.words == ["path changed", "on its way", "path changed", 0, 1, 2]
    assert wire.front.words == [0, 1, 2]
    assert min(time for time, word in wire.front.told if word == 0) == 60 * MILLISECOND


def test_jitter_is_the_seed_s_and_each_path_has_its_own() -> None:
    def delays(seed: int, name: str) -> list[int]:
        path = Path(World(0, seed), name, latency=10, jitter=1000)
        return [path.delay() for _ in range(20)]

    assert delays(1, "alice") == delays(1, "alice")
    assert delays(1, "alice") != delays(1, "bob")
    assert delays(1, "alice") != delays(2, "alice")
    assert all(10 <= delay <= 1010 for delay in delays(3, "alice"))
