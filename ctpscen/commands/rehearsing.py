"""`ctpscen run --live PROFILE --dry-run`: what would be sent, and to whom, without a connection."""

from collections.abc import Sequence

from ctpscen.language.scope import walk
from ctpscen.live.addresses import shown
from ctpscen.live.profiles import LiveOptions
from ctpscen.report.terminal import plain
from ctpscen.report.writer import Writer
from ctpscen.runner.selection import Item

# Steps of a session that send something, and those of them that a live run needs leave for.
_ORDERS = frozenset({"order", "place_order", "cancel", "cancel_all", "target", "flatten", "request", "change_password"})
_OTHERS = frozenset(
    {"connect", "connect_front", "authenticate", "login", "confirm", "logout", "reconnect", "query", "subscribe"}
)


def rehearse(items: Sequence[Item], options: LiveOptions, out: Writer) -> None:
    """Lists the steps that send, scenario by scenario, after the profile that they would go out under."""
    profile = options.profile
    out.write(plain(f"profile {profile.name} ({profile.path}): broker {profile.broker}", "heading"))
    out.write(plain(f"  trading fronts  {', '.join(map(shown, profile.trading_fronts))}"))
    out.write(plain(f"  market fronts   {', '.join(map(shown, profile.market_fronts))}"))
    caps = f"up to {profile.max_order_volume} lots each, {profile.max_run_volume} in all"
    out.write(plain(f"  orders          {caps if options.allow_orders else 'none: --allow-orders is not given'}"))
    for item in items:
        out.write(plain(f"{item.place}  {item.scenario.title}", "heading"))
        if item.scenario.uses_venue or item.program.venue:
            out.write(plain("  would be skipped: it uses the simulated venue", "warn"))
            continue
        steps = (*item.program.before, *item.scenario.body, *item.program.after)
        sending = [step for step in walk(steps) if step.verb in _ORDERS | _OTHERS]
        for step in sending:
            text = " ".join(item.program.source.slice(step.span).split())
            refused = step.verb in _ORDERS and not options.allow_orders
            out.write(plain(f"  {text}{'   (would be blocked)' if refused else ''}", "warn" if refused else ""))
        if not sending:
            out.write(plain("  connects, and sends nothing else"))
