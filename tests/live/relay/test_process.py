"""The run's end of a relay."""

from collections.abc import Iterator
from typing import Any

import pytest

from ctpscen.live.relay.process import RelayProcess


@pytest.fixture
def relay() -> Iterator[RelayProcess]:
    made = RelayProcess()
    made.start()
    yield made
    made.close()


def test_an_answer_that_nobody_waited_for_is_not_that_of_the_next_command(relay: RelayProcess) -> None:
    assert relay._process is not None
    stream: Any = relay._process.stdout

    class Interrupted:
        def readline(self) -> str:
            raise KeyboardInterrupt

    relay._process.stdout = Interrupted()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        relay.command("open trader/trader tcp://127.0.0.1:1")
    relay._process.stdout = stream
    assert list(relay.status()) == ["trader/trader"]
