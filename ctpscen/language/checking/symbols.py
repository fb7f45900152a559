"""What a file defines, and the file while it is checked: its tree, its names, and what is wrong with it."""

from collections.abc import Mapping, Sequence

from attrs import define, field, frozen

from ctpscen.language.checking.expressions.checker import ExpressionChecker
from ctpscen.language.checking.steps import expect, flow, order, venue
from ctpscen.language.checking.steps.checker import Handler, StepChecker
from ctpscen.language.meaning.program import Define, Let, Param, Session, TestedProgram
from ctpscen.language.meaning.scope import Scope
from ctpscen.language.meaning.types import Type
from ctpscen.language.meaning.verbs import ActorKind
from ctpscen.language.syntax.parser import Parsed, parse
from ctpscen.language.syntax.tree import Step
from ctpscen.language.text.diagnostics import Diagnostic, Diagnostics, Label, Located
from ctpscen.language.text.source import Source, Span

DEFAULT_SESSION = Session("trader")

_HANDLERS: Mapping[str, Handler] = {**flow.HANDLERS, **order.HANDLERS, **expect.HANDLERS, **venue.HANDLERS}


@frozen
class Defined:
    """Where a name of the file stands, so that a clash can show both places."""

    source: Source
    span: Span

    @property
    def shown(self) -> str:
        place = self.source.place(self.span[0])
        return f"{self.source.name}:{place.line}:{place.column}"


@define
class Symbols:
    """What a file defines, together with what it takes over from the files that it uses."""

    params: dict[str, Param] = field(factory=dict)
    lets: dict[str, Let] = field(factory=dict)
    sessions: dict[str, Session] = field(factory=dict)
    programs: dict[str, TestedProgram] = field(factory=dict)
    defines: dict[str, Define] = field(factory=dict)
    types: dict[str, Type] = field(factory=dict)
    instruments: list[str] = field(factory=list)
    places: dict[str, Defined] = field(factory=dict)


@define
class File:
    """A file while it is checked.

    `used_params` are the params of which something makes use, `elsewhere` what is wrong in the files that it uses.
    """

    source: Source
    parsed: Parsed = field(init=False)
    symbols: Symbols = field(factory=Symbols)
    used_params: set[str] = field(factory=set)
    elsewhere: list[Located] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.parsed = parse(self.source)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The statements at the top of the file."""
        return self.parsed.tree.steps

    @property
    def diagnostics(self) -> Diagnostics:
        return self.parsed.diagnostics

    @property
    def default_actor(self) -> str:
        return next(iter(self.symbols.sessions), "") or next(iter(self.symbols.programs))

    def error(
        self, code: str, message: str, span: Span, others: Sequence[Label] = (), notes: Sequence[str] = ()
    ) -> None:
        self.diagnostics.add(Diagnostic(code, message, span, others=others, notes=notes))

    def warn(self, code: str, message: str, span: Span, notes: Sequence[str] = ()) -> None:
        self.diagnostics.add(Diagnostic(code, message, span, "warning", notes=notes))

    def scope(self) -> Scope:
        """A new scope with the names that the file gives a value."""
        return Scope(dict(self.symbols.types), set(self.symbols.types))

    def expression_checker(self, scope: Scope, *, constant: bool = False) -> ExpressionChecker:
        return ExpressionChecker(
            self.diagnostics, scope, self.symbols.defines, self.symbols.instruments, constant=constant
        )

    def step_checker(self, scope: Scope, *, may_return: bool = False, scene_only: bool = False) -> StepChecker:
        symbols = self.symbols
        actors: dict[str, ActorKind] = {
            **dict.fromkeys(symbols.sessions, "session"),
            **dict.fromkeys(symbols.programs, "program"),
        }
        expressions = self.expression_checker(scope)
        return StepChecker(expressions, _HANDLERS, actors, self.default_actor, may_return, scene_only)

    def close(self, scope: Scope) -> None:
        """Warns of what a scope names in vain, and notes the params that it uses."""
        for binding in scope.unused():
            self.warn("W501", f"`{binding.name.text}` is never used", binding.name.span)
        self.used_params |= scope.used
