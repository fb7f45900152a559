"""The parts of a step to its command, for steps of the venue and the network of which their rows say all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from ctpscen.ctp import commands
from ctpscen.ctp.commands.record import Command
from ctpscen.engine.expressions.values import is_number, kind_of, show


def lots(value: Any) -> int:
    """A number of lots. Raises ValueError."""
    if not is_number(value) or value != int(value) or value < 0:
        raise ValueError(f"{show(value)} is no number of lots")
    return int(value)


def _count(value: Any) -> int | None:
    """How many reports; None where a step does not say."""
    if value is not None and (not is_number(value) or value != int(value) or value < 1):
        raise ValueError(f"so many reports are a whole number from 1, not {show(value)}")
    return value if value is None else int(value)


def _reversed(value: Any) -> int:
    count = _count(value)
    if count is None:
        raise ValueError("how many reports are reversed must be said: `reverse next 3 reports`")
    return count


def _code(value: Any) -> int:
    if not is_number(value) or value != int(value) or value == 0:
        raise ValueError(f"{show(value)} is no code of a refusal: 0 means that all is well")
    return int(value)


def _number(value: Any) -> float:
    if not is_number(value):
        raise ValueError(f"a number is wanted here, not {kind_of(value)}")
    number: float = value  # an int stays one, so that messages show it as it was written
    return number


def _level(value: Sequence[Any] | None) -> tuple[float, int] | None:
    """`PRICE x VOLUME`, which a quote may not have."""
    return None if value is None else (_number(value[0]), lots(value[1]))


def optional_number(value: Any) -> float | None:
    """A number; None where a step does not say."""
    return None if value is None else _number(value)


def _optional_lots(value: Any) -> int | None:
    return None if value is None else lots(value)


def _date(value: Any) -> str | None:
    """A date as CTP writes it; None where a step does not say."""
    if value is not None and not isinstance(value, date):
        raise ValueError(f"a date is wanted here, not {kind_of(value)}")
    return None if value is None else value.strftime("%Y%m%d")


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError(f"a text is wanted here, not {kind_of(value)}")
    return value if value is None else str(value)


_DIALOGS: Mapping[str, str] = {"login": "ReqUserLogin", "authentication": "ReqAuthenticate"}


def _request(dialog: str) -> str:
    return _DIALOGS.get(dialog, dialog)


Parts = Mapping[str, Any]
"""The parts of a step by the grammar's names, `values` and `amounts` among them; what was not written is not there."""


def _any_instrument(parts: Parts) -> str | None:
    """The instrument that a step names; None where it means every one."""
    return str(parts["amounts"][0]) if parts["amounts"] else None


def _where(parts: Parts) -> str | None:
    """The exchange or contract that a step is about; None where it says none."""
    return str(parts["in"]) if "in" in parts else None


COMMANDS: Mapping[str, Callable[[Parts], Command]] = {
    "cut": lambda _: commands.network.Cut(),
    "heal": lambda _: commands.network.Heal(),
    "stall": lambda _: commands.network.Stall(),
    "flap": lambda p: commands.network.Flap(every=p["values"][0], lasting=p.get("for_span")),
    "latency": lambda p: (
        commands.network.PathLatency(latency=p["values"][0], jitter=p.get("jitter", 0))
        if p["actor"] == "network"
        else commands.front.ExchangeLatency(p["values"][0], p.get("jitter", 0))
    ),
    "drop": lambda p: commands.reports.Drop(
        reports=p["stream"], to=p.get("to"), count=_count(p.get("next")), lasting=p.get("for_span")
    ),
    "delay": lambda p: commands.reports.Delay(
        reports=p["stream"], to=p.get("to"), by=p["span"], count=_count(p.get("next")), lasting=p.get("for_span")
    ),
    "duplicate": lambda p: commands.reports.Duplicate(
        reports=p["stream"], to=p.get("to"), count=_count(p.get("next")), lasting=p.get("for_span")
    ),
    "reverse": lambda p: commands.reports.Reverse(reports=p["stream"], to=p.get("to"), count=_reversed(p.get("next"))),
    "hold": lambda p: commands.reports.Hold(reports=p["stream"], to=p.get("to")),
    "release_reports": lambda p: commands.reports.ReleaseReports(reports=p["stream"], to=p.get("to")),
    "fronts": lambda p: commands.front.Fronts(lots(p["values"][0])),
    "down": lambda p: commands.front.FrontDown(_optional_lots(p.get("front"))),
    "up": lambda p: commands.front.FrontUp(_optional_lots(p.get("front"))),
    "kick": lambda p: commands.front.Kick(p["name"]),
    "lose": lambda _: commands.front.LoseRequest(),
    "reject_next": lambda p: commands.refusals.RejectNext(
        p["refused"], p["by"][0], _code(p["by"][1]), _text(p.get("message"))
    ),
    "refuse": lambda p: commands.refusals.Refuse(
        _request(p["dialog"]),
        _code(p["signed"]),
        _text(p.get("message")),
        p.get("for_span"),
        _where(p),
        "after_login" in p,
    ),
    "limit": lambda p: commands.refusals.Limit(p["limited"], lots(p["values"][0])),
    "profile": lambda p: commands.refusals.BehaveAs(p["profile_name"]),
    "quote": lambda p: commands.market.Quote(
        str(p["amounts"][0]),
        bid=_level(p.get("bid")),
        ask=_level(p.get("ask")),
        last=optional_number(p.get("last")),
        pre_settlement=optional_number(p.get("pre_settlement")),
    ),
    "phase": lambda p: commands.market.SetPhase(str(p["amounts"][0]), p["phase_name"]),
    "halt": lambda p: commands.market.Halt(str(p["amounts"][0])),
    "resume": lambda p: commands.market.Resume(str(p["amounts"][0])),
    "list": lambda p: commands.listings.ListInstrument(
        str(p["amounts"][0]),
        least=_optional_lots(p.get("least")),
        most=_optional_lots(p.get("most")),
        margin=optional_number(p.get("margin")),
        expires=_date(p.get("expires")),
    ),
    "list_all": lambda _: commands.listings.ListAll(),
    "unlist": lambda p: commands.listings.Unlist(str(p["amounts"][0])),
    "still": lambda p: commands.market.Still(_any_instrument(p)),
    "walk": lambda p: commands.market.Walk(
        str(p["amounts"][0]), _number(p["volatility"]), p.get("seed"), p.get("for_span")
    ),
    "balance": lambda p: commands.accounts.SetBalance(session=p["name"], amount=float(_number(p["values"][0]))),
    "deposit": lambda p: commands.accounts.Deposit(session=p["name"], amount=float(_number(p["values"][0]))),
    "withdraw": lambda p: commands.accounts.Withdraw(session=p["name"], amount=float(_number(p["values"][0]))),
    "position": lambda p: commands.accounts.SetPosition(
        session=p["name"],
        holding=p["holding"],
        volume=lots(p["amounts"][0]),
        instrument=str(p["amounts"][1]),
        price=_number(p["at"]),
        yesterday="yesterday" in p,
    ),
    "password": lambda p: commands.accounts.SetPasswordState(session=p["name"], state=p["password_state"]),
    "forbid": lambda p: commands.accounts.Forbid(session=p["name"], right=p["right"], instrument=_any_instrument(p)),
    "allow": lambda p: commands.accounts.Allow(session=p["name"], right=p["right"], instrument=_any_instrument(p)),
    "position_limit": lambda p: commands.accounts.LimitPositions(
        instrument=str(p["amounts"][0]), most=lots(p["amounts"][1])
    ),
    "surcharge": lambda p: commands.accounts.Surcharge(amount=float(_number(p["values"][0]))),
    "ban": lambda p: commands.front.Ban(p["name"], *([_code(p["banned_by"])] if "banned_by" in p else [])),
    "unconfirmed": lambda p: commands.accounts.ForgetConfirmation(session=p["name"]),
    "admit": lambda p: commands.accounts.Admit(
        session=p["name"],
        **{
            name: text
            for name in ("user", "password", "broker", "app", "code")
            if (text := _text(p.get(f"admitted_{name}"))) is not None
        },
    ),
}
