"""`ctpscen run --live PROFILE --dry-run`: what would be sent, and to whom, without a connection.

It is read off the text: which branch is taken and how often a loop goes round is for the run to see.
"""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from ctpscen.ctp.messages import Request
from ctpscen.engine.state.outcomes import Blocked
from ctpscen.language.meaning.program import Program
from ctpscen.language.meaning.scope import walk
from ctpscen.language.syntax.tree import DefineCall, Step
from ctpscen.language.text.source import Source
from ctpscen.live.care.permit import Permit
from ctpscen.live.profile.profiles import BadProfile, LiveOptions
from ctpscen.report.terminal.lines import Line, plain
from ctpscen.report.terminal.writer import Writer
from ctpscen.runner.selection import Item

# Steps of a session that send something, with the request that a live run needs leave for; '' where it needs none.
_SENDING: Mapping[str, str] = {
    **dict.fromkeys(("order", "place_order", "target", "flatten"), "ReqOrderInsert"),
    **dict.fromkeys(("cancel", "cancel_all"), "ReqOrderAction"),
    "change_password": "ReqUserPasswordUpdate",
    "request": "",
    **dict.fromkeys(("connect", "connect_front", "authenticate", "login", "confirm", "logout", "reconnect"), ""),
    **dict.fromkeys(("reconnect_front", "query", "subscribe", "unsubscribe"), ""),
}


def show_dry_run(items: Sequence[Item], options: LiveOptions, account: str, out: Writer) -> None:
    """Lists the steps that send, scenario by scenario, after the profile that they would go out under."""
    profile = options.profile
    out.write(plain(f"profile {profile.name} ({profile.path}): broker {profile.broker}", "heading"))
    out.write(plain(f"  trading fronts  {', '.join(profile.trading_fronts)}"))
    out.write(plain(f"  market fronts   {', '.join(profile.market_fronts)}"))
    caps = f"up to {profile.max_order_volume} lots each, {profile.max_run_volume} in all"
    out.write(plain(f"  orders          {caps if options.allow_orders else 'none: --allow-orders is not given'}"))
    for item in items:
        out.write(plain(f"{item.place}  {item.scenario.title}", "heading"))
        for line in _DryRun(item.program, options, account).lines(item):
            out.write(line)
    out.write(plain("nothing was sent: this was a dry run", "dim"))


@frozen
class _DryRun:
    program: Program
    options: LiveOptions
    account: str

    def lines(self, item: Item) -> Iterator[Line]:
        scenario, program = item.scenario, self.program
        if scenario.uses_venue or program.venue:
            yield plain("  would be skipped: it uses the simulated venue", "warn")
            return
        for session in program.sessions:
            yield self._login(session.name, session.account or self.account, manual=session.name in scenario.manual)
        for tested in program.programs:
            yield self._program(tested.name, tested.account or self.account)
        steps = (*program.before, *scenario.body, *program.after)
        for text, source, step in self._sending(steps, program.source, frozenset()):
            why = self._refusal(step)
            yield plain(f"  {_place(text, source, step, item)}{f'   ({why})' if why else ''}", "warn" if why else "")

    def _login(self, session: str, account: str, *, manual: bool) -> Line:
        try:
            login = self.options.profile.account_of(account)
        except BadProfile as reason:
            return plain(f"  {session} would be blocked: {reason}", "warn")
        who = f"account `{login.name}`" if login.name else "the profile's own account"
        how = "its own steps connect it" if manual else "authenticates, logs in, confirms the settlement"
        return plain(f"  {session}: {who}; {how}", "dim")

    def _program(self, name: str, account: str) -> Line:
        try:
            self.options.profile.account_of(account)
        except BadProfile as reason:
            return plain(f"  {name} would be blocked: {reason}", "warn")
        return plain(f"  {name}: your program; calls that are not allowed or over the caps would be held back", "dim")

    def _sending(
        self, steps: Sequence[Step], source: Source, inside: frozenset[str]
    ) -> Iterator[tuple[str, Source, Step]]:
        """The steps that send, those of defines where they are called."""
        for step in walk(steps):
            if step.verb in _SENDING:
                yield " ".join(source.slice(step.span).split()), source, step
                continue
            values = step.parts.get("value", ())
            for value in values if isinstance(values, tuple) else (values,):
                if isinstance(value, DefineCall) and value.name not in inside:
                    define = self.program.defines[value.name]
                    yield from self._sending(define.body, define.source, inside | {value.name})

    def _refusal(self, step: Step) -> str:
        """Why a live run would not send this; '' where it would."""
        name = _SENDING[step.verb]
        if step.verb == "request" and (word := step.word("name")) is not None:
            name = word.text
        if not name:
            return ""
        try:
            Permit(self.options).check(Request(1, "trader", 0, 0, name, {}))
        except Blocked as reason:
            return f"would be blocked: {reason.reason.partition('was not sent: ')[2] or reason.reason}"
        return ""


def _place(text: str, source: Source, step: Step, item: Item) -> str:
    """A step's text, with its file where that is another one."""
    return (
        text if source.shown_name == item.file else f"{text}   [{source.shown_name}:{source.place(step.span[0]).line}]"
    )
