"""Every command has one function, in the module of its family."""

from collections.abc import Callable
from importlib import import_module
from typing import get_type_hints

import pytest
from support.desk import Desk, opened
from support.faults import COMMANDS

from ctpscen.ctp.commands import FAMILIES
from ctpscen.ctp.commands.record import Command
from ctpscen.ctp.commands.refusals import Limit

TABLES: dict[str, dict[type[Command], Callable[..., object]]] = {
    family: import_module(f"ctpscen.simulator.commands.{family}").PERFORM for family in FAMILIES
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_table_has_the_commands_of_its_family_and_functions_that_take_them(family: str) -> None:
    assert set(TABLES[family]) == {kind for kind in COMMANDS if kind.__module__ == f"ctpscen.ctp.commands.{family}"}
    for kind, function in TABLES[family].items():
        taken = list(get_type_hints(function).values())[1]
        assert taken is kind, f"{function.__name__} takes {taken.__name__}"


@pytest.mark.parametrize("limited", ["query", "request"])
def test_a_front_that_takes_nothing_at_all_is_no_limit(limited: str) -> None:
    desk = Desk(opened("rb2705")).connect()
    with pytest.raises(ValueError, match=f"at least 1 {limited} each second, not 0"):
        desk.command(Limit(limited, 0))  # type: ignore[arg-type]
    desk.command(Limit("order", 0))
    desk.insert("rb2705", "0", "0", 1, 3000)
    desk.rest()
    (refused,) = desk.of("OnRspOrderInsert")
    assert refused.error is not None
    assert refused.error["ErrorID"] == 116
