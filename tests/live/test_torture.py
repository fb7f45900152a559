"""Whatever dies, no order works afterwards that nobody has named. `tools/torture_live.py` tries many more."""

from pathlib import Path

import pytest
from support.torture import Torture


@pytest.mark.parametrize("seed", range(20))
def test_no_order_is_left_that_nobody_named(seed: int, tmp_path: Path) -> None:
    assert Torture(seed, tmp_path).run() == []
