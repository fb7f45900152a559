"""A syntax tree to a checked program: the items of the file, its names, then every statement.

Everything that is wrong is found in one pass. The program is fit to run only if there is no error among the
diagnostics.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import define, evolve, field, frozen

from ctpscen.language.checking.expressions import ExpressionChecker
from ctpscen.language.checking.steps import StepChecker
from ctpscen.language.meaning import types
from ctpscen.language.meaning.functions import FUNCTIONS, PRICE_WORDS
from ctpscen.language.meaning.needs import needs_session, reads_market
from ctpscen.language.meaning.program import Checked, Define, Let, Param, Program, Scenario, Session, Table
from ctpscen.language.meaning.scope import Scope, names_given, walk
from ctpscen.language.meaning.types import ANY, DURATION, Type
from ctpscen.language.meaning.verbs import ACTORS, VERBS
from ctpscen.language.syntax.parser import Parsed, parse, tables
from ctpscen.language.syntax.tree import (
    Call,
    DefineCall,
    Expression,
    ListOf,
    LiteralValue,
    Prefix,
    Step,
    Word,
)
from ctpscen.language.syntax.walk import expressions_in, own_expressions
from ctpscen.language.text.diagnostics import Diagnostic, Diagnostics, Label, Located
from ctpscen.language.text.source import Read, Source, Span

# What a file may be for besides scenarios: other files use it.
_DEFINING_VERBS = frozenset({"param", "let", "session", "define"})

# Names that nothing defines, or nothing uses.
_MISSING_NAMES = frozenset({"E201", "E202", "E208", "E209", "W501"})

DEFAULT_SESSION = Session("trader")


@frozen
class Defined:
    """A name of the file: where it stands, so that a clash can show both places."""

    value: Any
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
    defines: dict[str, Define] = field(factory=dict)
    types: dict[str, Type] = field(factory=dict)
    instruments: list[str] = field(factory=list)
    places: dict[str, Defined] = field(factory=dict)


def check(source: Source, read: Read | None = None) -> Checked:
    """Parses and checks a file with all that it uses."""
    checker = FileChecker(source, read, (source.name,))
    program = checker.run()
    found = checker.located
    return Checked(program if all(each.diagnostic.severity != "error" for each in found) else None, found)


@define
class FileChecker:
    """Checks one file. `chain` are the names of the files that led here, this one first."""

    source: Source
    read: Read | None
    chain: tuple[str, ...]
    symbols: Symbols = field(factory=Symbols)
    located: list[Located] = field(factory=list)
    parsed: Parsed = field(init=False)
    _used_params: set[str] = field(factory=set)
    _unread: list[tuple[int, str]] | None = None

    def __attrs_post_init__(self) -> None:
        self.parsed = parse(self.source)

    @property
    def diagnostics(self) -> Diagnostics:
        return self.parsed.diagnostics

    def error(self, code: str, message: str, span: Span, **more: Any) -> None:
        self.diagnostics.add(Diagnostic(code, message, span, **more))

    def warn(self, code: str, message: str, span: Span, **more: Any) -> None:
        self.diagnostics.add(Diagnostic(code, message, span, "warning", **more))

    def run(self) -> Program:
        """The program; its diagnostics are in `located`, in the order of the text."""
        self._items()
        layout = self._layout()
        program = self._program(layout)
        self._contested()
        own = [each for each in self.diagnostics.located if not self._follows_from_unread(each.diagnostic)]
        self.located.extend(sorted(own, key=lambda each: (each.diagnostic.span, each.diagnostic.code)))
        return program

    def _follows_from_unread(self, diagnostic: Diagnostic) -> bool:
        """Whether a name only seems missing or unused because a statement that has it could not be read.

        Only an earlier statement can have given a value its name, and what it has behind `of` it reads.
        """
        if diagnostic.code not in _MISSING_NAMES:
            return False
        if self._unread is None:
            steps = [step for step in walk(self.parsed.tree.steps) if step.verb in ("unread", "unread_block")]
            self._unread = [(step.head[0], self.source.slice(step.head)) for step in steps]
        name, gives_values = self.source.slice(diagnostic.span), diagnostic.code in ("E201", "E202")
        word = re.compile(rf"{r'(?<!of )' if gives_values else ''}\b{re.escape(name)}\b")
        return any(word.search(text) for start, text in self._unread if not gives_values or start < diagnostic.span[0])

    # ----------------------------------------------------------------------------------------------------- items

    def _items(self) -> None:
        """The file's params, lets, sessions and defines, in the order of the text."""
        steps = self.parsed.tree.steps
        for index, step in enumerate(steps):
            if step.verb == "docstring" and index > 0:
                self.error("E401", "a docstring is the first thing in a file", step.head)
        handlers = {"use": self._use, "param": self._param, "session": self._session}
        for step in steps:
            if handler := handlers.get(step.verb):
                handler(step)
        lets = list(self._file_lets())
        for step in lets:
            self._let(step, names_given(lets))
        if not self.symbols.sessions:
            self.symbols.sessions[DEFAULT_SESSION.name] = DEFAULT_SESSION
        for step in steps:
            if step.verb == "define":
                self._declare_define(step)
        for step in steps:
            if step.verb == "define":
                self._define(step)

    def _file_lets(self) -> Iterator[Step]:
        """The lets that are the file's: all at its top, or those before the first bare step."""
        has_scenarios = any(step.verb == "scenario" for step in self.parsed.tree.steps)
        for step in self.parsed.tree.steps:
            if step.verb == "let":
                yield step
            elif not has_scenarios and not _is_item(step):
                return

    def _use(self, step: Step) -> None:
        """Takes over what another file defines."""
        word: Word = step.parts["text"]
        path = word.text[1:-1]
        if self.read is None:
            self.error("E406", "a text that is no file cannot `use` another", step.span)
            return
        try:
            name, text = self.read(self.source.name, path)
        except OSError as reason:
            self.error("E406", f"`{path}` cannot be read: {reason.strerror or reason}", word.span)
            return
        except UnicodeDecodeError:
            self.error("E406", f"`{path}` is not UTF-8 text", word.span)
            return
        if name in self.chain:
            cycle = " uses ".join(f"`{each}`" for each in (*reversed(self.chain[: self.chain.index(name) + 1]), name))
            self.error("E406", f"files that use each other in a circle: {cycle}", word.span)
            return
        used = FileChecker(Source(name, text), self.read, (name, *self.chain))
        used._items()
        self.located.extend(used.located)
        self.located.extend(each for each in used.diagnostics.located if each.diagnostic.severity == "error")
        self._take_over(used.symbols, word)

    def _take_over(self, other: Symbols, word: Word) -> None:
        for kind in ("params", "lets", "sessions", "defines"):
            theirs, mine = getattr(other, kind), getattr(self.symbols, kind)
            for name, value in theirs.items():
                if value is DEFAULT_SESSION:
                    continue
                if self._is_free(name, word.span, other.places.get(name)):
                    mine[name] = value
                    self.symbols.places[name] = other.places[name]
        self.symbols.types |= {name: kind for name, kind in other.types.items() if name in self.symbols.places}
        self.symbols.instruments += other.instruments

    def _is_free(self, name: str, span: Span, theirs: Defined | None = None) -> bool:
        """Whether a name is not yet taken in this file; says where if it is."""
        taken = self.symbols.places.get(name)
        if taken is None:
            return True
        if theirs is not None and (taken.source.name, taken.span) == (theirs.source.name, theirs.span):
            return False  # the same definition by two ways
        same = taken.source.name == self.source.name
        others = [Label(taken.span, "first here")] if same else []
        notes = [] if same else [f"first defined at {taken.shown}"]
        notes += [f"and again at {theirs.shown}"] if theirs is not None else []
        self.error("E210", f"`{name}` is already defined", span, others=others, notes=notes)
        return False

    def _claim(self, word: Word, value: Any) -> bool:
        if not self._is_free(word.text, word.span):
            return False
        self.symbols.places[word.text] = Defined(value, self.source, word.span)
        return True

    def _param(self, step: Step) -> None:
        name: Word = step.parts["name"]
        value: Expression = step.parts["value"][0]
        resolved, kind = value, ANY
        if _is_literal(value):
            resolved, kind = self._expressions(Scope({}, set()), constant=True).check(value)
        else:
            self.error("E304", "a param's value is a literal, so that its type is plain", value.span)
        if self._claim(name, resolved):
            self.symbols.params[name.text] = Param(name.text, kind, resolved, self.source, step.span)
            self.symbols.types[name.text] = kind

    def _let(self, step: Step, given: Mapping[str, Span]) -> None:
        """A constant of the file; `given` are the names of all of them."""
        name: Word = step.parts["name"]
        scope = self._file_scope()
        scope.later = given
        called = self._called_step(step.parts["value"][0])
        if called is not None:
            message = f"`{called.text}` is a step, and a file's `let` is a constant; name its value in a scenario"
            self.error("E304", message, called.span)
            resolved: Expression = LiteralValue("none", None, name.span)
            kind = ANY
        else:
            resolved, kind = self._expressions(scope, constant=True).check(step.parts["value"][0])
        self._used_params |= scope.used
        if self._claim(name, resolved):
            self.symbols.lets[name.text] = Let(name.text, resolved, self.source)
            self.symbols.types[name.text] = kind

    def _called_step(self, value: Expression) -> Word | None:
        """The `define` of this file that an expression calls, if it does."""
        own = {step.parts["name"].text for step in self.parsed.tree.steps if step.verb == "define"}
        return next(
            (each.name for each in expressions_in(value) if isinstance(each, Call) and each.name.text in own), None
        )

    def _session(self, step: Step) -> None:
        name: Word = step.parts["name"]
        self._check_call_name(name, "session")
        account, private, public = step.word("account"), step.word("private"), step.word("public")
        session = Session(
            name.text,
            account.text if account else "",
            private.text if private else "resume",  # type: ignore[arg-type]
            public.text if public else "resume",  # type: ignore[arg-type]
        )
        if self._claim(name, session):
            self.symbols.sessions[name.text] = session

    def _check_call_name(self, name: Word, what: str) -> None:
        """A session or a define is told from a step by its name alone."""
        grammar, _ = tables()
        taken = _step_words(grammar.spellings)
        if name.text in taken:
            message = f"a {what} cannot be called `{name.text}`, which is a word of the language"
            self.error("E211", message, name.span)
        elif name.text in ACTORS or name.text in FUNCTIONS or name.text in PRICE_WORDS:
            self.error("E211", f"a {what} cannot be called `{name.text}`, which the language defines", name.span)

    def _declare_define(self, step: Step) -> None:
        """The name and the parameters, so that defines may call each other in any order."""
        name: Word = step.parts["name"]
        self._check_call_name(name, "define")
        parameters: list[tuple[str, Expression | None]] = []
        seen: set[str] = set()
        for word, default in step.many("parameter"):
            if word.text in seen:
                self.error("E210", f"`{word.text}` is a parameter twice", word.span)
            if default is None and parameters and parameters[-1][1] is not None:
                self.error("E303", "a parameter without a default stands before those that have one", word.span)
            seen.add(word.text)
            if default is not None:
                constant = self._expressions(self._file_scope(), constant=True)
                default = constant.check(default)[0]
                self._used_params |= constant.scope.used
            parameters.append((word.text, default))
        define = Define(name.text, tuple(parameters), (), self.source, needs_session=True)
        if self._claim(name, define):
            self.symbols.defines[name.text] = define

    def _define(self, step: Step) -> None:
        name: Word = step.parts["name"]
        declared = self.symbols.defines.get(name.text)
        if declared is None:
            return
        scope = self._file_scope()
        for word, _ in step.many("parameter"):
            scope.types[word.text] = ANY
            scope.sure.add(word.text)
        scope.later = names_given(step.body or ())
        checker = self._steps(scope, may_return=True)
        body = checker.block(step.body or ())
        for word, _ in step.many("parameter"):
            if word.text not in scope.used and not word.text.startswith("_"):
                self.warn("W501", f"the parameter `{word.text}` is never used", word.span)
        self._unused(scope)
        self.symbols.defines[name.text] = evolve(declared, body=body)

    # ------------------------------------------------------------------------------------------------ the layout

    def _layout(self) -> "_Layout":
        """Which top-level statements are what."""
        layout = _Layout()
        steps = self.parsed.tree.steps
        has_scenarios = any(step.verb == "scenario" for step in steps)
        for step in steps:
            if step.verb in ("before", "after"):
                earlier = getattr(layout, step.verb)
                if earlier is not None:
                    message = f"a file has one `{step.verb}`"
                    self.error("E210", message, step.head, others=[Label(earlier.head, "the first")])
                setattr(layout, step.verb, step)
            elif step.verb == "scenario":
                layout.scenarios.append(step)
            elif step.verb == "table":
                self.error("E401", "`where:` with its table is the first thing in a scenario", step.head)
            elif VERBS[step.verb].is_item:
                continue
            elif step.verb == "actor" and step.parts["name"].text == "venue" and not layout.bare:
                layout.venue.append(step)
            elif step.verb == "let" and (has_scenarios or not layout.bare):
                continue
            elif has_scenarios:
                if step.verb not in ("unread", "unread_block"):
                    self.error("E404", "a step outside of every scenario", step.head)
            else:
                layout.bare.append(step)
        defines = any(step.verb in _DEFINING_VERBS for step in steps)  # such a file is there for others to use
        if not layout.scenarios and not layout.bare and not defines and not self.diagnostics.found:
            end = len(self.source.text)
            self.error("E405", "there is no scenario and no step in this file", (min(end, max(0, end - 1)), end))
        return layout

    # --------------------------------------------------------------------------------------------------- checking

    def _program(self, layout: "_Layout") -> Program:
        named_before = len(self.symbols.instruments)
        setting = self._steps(self._file_scope(), scene_only=True)
        venue = tuple(setting.step(step) for step in layout.venue)
        venue_instruments = self.symbols.instruments[named_before:]
        self._used_params |= setting.scope.used
        before_scope = self._scenario_scope((layout.before.body or ()) if layout.before else ())
        before = self._around(layout.before, before_scope)
        scenarios, endings = self._scenarios(layout, before_scope, before)
        after = self._after(layout, endings)
        if scenarios:
            self._unused_params()
        return Program(
            source=self.source,
            params=self.symbols.params,
            lets=tuple(self.symbols.lets.values()),
            sessions=tuple(self.symbols.sessions.values()),
            defines=self.symbols.defines,
            venue=venue,
            before=before,
            after=after,
            scenarios=scenarios,
            instruments=tuple(dict.fromkeys(self.symbols.instruments)),
            venue_instrument=venue_instruments[0] if venue_instruments else "",
        )

    def _around(self, step: Step | None, scope: Scope) -> tuple[Step, ...]:
        return self._steps(scope).block(step.body or ()) if step else ()

    def _after(self, layout: "_Layout", endings: Sequence[Scope]) -> tuple[Step, ...]:
        """The steps after every scenario: whatever the scenarios may have named."""
        if layout.after is None:
            for scope in endings:
                self._unused(scope)
            return ()
        merged = self._scenario_scope(layout.after.body or ())
        for scope in endings:
            for name, kind in scope.types.items():
                merged.types[name] = types.joined(merged.types.get(name), kind)
        checked = self._around(layout.after, merged)
        for scope in endings:
            scope.used |= merged.used
            self._unused(scope)
        self._used_params |= merged.used
        return checked

    def _scenarios(
        self, layout: "_Layout", before_scope: Scope, before: tuple[Step, ...]
    ) -> tuple[tuple[Scenario, ...], list[Scope]]:
        """Every scenario, and the scope that each ends with."""
        scenarios: list[Scenario] = []
        endings: list[Scope] = []
        titles: dict[str, Span] = {}
        if layout.bare:
            whole = Step("scenario", {}, tuple(layout.bare), layout.bare[0].span, layout.bare[0].head)
            scenarios.append(self._scenario(whole, self._file_title(), before_scope, before, endings))
        for step in layout.scenarios:
            word: Word = step.parts["text"]
            title = self._title(word)
            if title in titles:
                message = f"there are two scenarios called {word.text}"
                self.error("E403", message, word.span, others=[Label(titles[title], "the first")])
            titles.setdefault(title, word.span)
            scenarios.append(self._scenario(step, title, before_scope, before, endings))
        return tuple(scenarios), endings

    def _title(self, word: Word) -> str:
        text = word.text[1:-1]
        if not text.strip():
            self.error("E408", "a scenario needs a title", word.span)
        return text.replace('\\"', '"').replace("\\\\", "\\")

    def _file_title(self) -> str:
        name = self.source.name.replace("\\", "/").rsplit("/", 1)[-1]
        return name.removesuffix(".scn")

    def _scenario(
        self, step: Step, title: str, before_scope: Scope, before: tuple[Step, ...], endings: list[Scope]
    ) -> Scenario:
        body = list(step.body or ())
        table_step = body.pop(0) if body and body[0].verb == "table" else None
        scope = Scope(dict(before_scope.types), set(before_scope.sure), names_given(body), list(before_scope.bindings))
        scope.used |= before_scope.used
        table = self._table(table_step, scope) if table_step else None
        timeout = step.expression("timeout")
        if timeout is not None:
            constant = self._expressions(self._file_scope(), constant=True)
            timeout = constant.wanted(timeout, DURATION)
            self._used_params |= constant.scope.used
        if not body:
            self.error("E405", "there is no step in this scenario", step.head)
        checked = self._steps(scope).block(body)
        self._used_params |= scope.used
        endings.append(scope)
        place = self.source.place(step.span[0])
        own = list(_acting(checked, self._default_actor, self.symbols.defines))
        verbs = list(_acting((*before, *checked), self._default_actor, self.symbols.defines)) if before else own
        return Scenario(
            title=title,
            tags=tuple(word.text[1:] for word in step.many("tag")),
            timeout=timeout,
            table=table,
            body=checked,
            manual=_manual(verbs),
            line=1 if "text" not in step.parts else place.line,
            last_line=self.source.place(max(step.span[0], step.span[1] - 1)).line,
            uses_venue=any(actor == "venue" for actor, _ in own),
            priced=frozenset(actor for actor, each in verbs if reads_market(each)),
            reconciles=any(each.verb == "expect_reconciled" for _, each in verbs),
        )

    def _table(self, step: Step, scope: Scope) -> Table:
        rows: Sequence[tuple[Expression, ...]] = step.many("row")
        unread = step.body or ()
        if not rows or (unread and unread[0].span < rows[0][0].span):  # the names of its columns could not be read
            return Table((), (), ())
        columns: list[Word] = []
        for cell in rows[0]:
            name = getattr(cell, "name", None)
            if not isinstance(name, str):
                self.error("E407", "the first row of a table names its columns", cell.span)
                name = f"_{len(columns)}"
            if any(name == each.text for each in columns):
                self.error("E407", f"two columns are called `{name}`", cell.span)
            columns.append(Word(name, cell.span))
        if len(rows) == 1 and not unread:
            self.error("E407", "this table has no row below its column names", step.head)
        checked: list[tuple[Expression, ...]] = []
        kinds: list[Type | None] = [None] * len(columns)
        constant = self._expressions(self._file_scope(), constant=True)
        for row in rows[1:]:
            if len(row) != len(columns):
                span = (row[0].span[0], row[-1].span[1])
                cells_found, wanted = _counted(len(row), "cell"), _counted(len(columns), "column")
                self.error("E407", f"this row has {cells_found}, and the table {wanted}", span)
                continue
            cells = [constant.check(cell) for cell in row]
            kinds = [types.joined(kind, cell[1]) for kind, cell in zip(kinds, cells, strict=True)]
            checked.append(tuple(cell for cell, _ in cells))
        self._used_params |= constant.scope.used
        for column, kind in zip(columns, kinds, strict=True):
            scope.types[column.text] = kind or ANY
            scope.sure.add(column.text)
        spans = tuple((row[0].span[0], row[-1].span[1]) for row in rows[1:] if len(row) == len(columns))
        return Table(tuple(column.text for column in columns), tuple(checked), spans)

    # --------------------------------------------------------------------------------------------------- helpers

    @property
    def _default_actor(self) -> str:
        return next(iter(self.symbols.sessions))

    def _file_scope(self) -> Scope:
        return Scope(dict(self.symbols.types), set(self.symbols.types))

    def _scenario_scope(self, steps: Sequence[Step]) -> Scope:
        scope = self._file_scope()
        scope.later = names_given(steps)
        return scope

    def _expressions(self, scope: Scope, *, constant: bool = False) -> ExpressionChecker:
        return ExpressionChecker(
            self.diagnostics, scope, self.symbols.defines, self.symbols.instruments, constant=constant
        )

    def _steps(self, scope: Scope, *, may_return: bool = False, scene_only: bool = False) -> StepChecker:
        return StepChecker(
            self._expressions(scope), list(self.symbols.sessions), self._default_actor, may_return, scene_only
        )

    def _unused(self, scope: Scope) -> None:
        for binding in scope.unused():
            self.warn("W501", f"`{binding.name.text}` is never used", binding.name.span)
        self._used_params |= scope.used

    def _unused_params(self) -> None:
        for name, param in self.symbols.params.items():
            used = name in self._used_params or name == "instrument" or param.source.name != self.source.name
            if not used:
                place = self.symbols.places[name]
                self.warn("W501", f"the param `{name}` is never used", place.span)

    def _contested(self) -> None:
        """Words that were read as the language's own although a value of that name exists."""
        known = set(self.symbols.types)
        for step in walk(self.parsed.tree.steps):
            known |= names_given([step]).keys()
        for word in self.parsed.tree.contested:
            if word.text in known:
                message = f"`{word.text}` is the language's own word here, not the value of that name"
                self.warn("W505", message, word.span, notes=[f"in brackets it is the value: `({word.text})`"])


@define
class _Layout:
    venue: list[Step] = field(factory=list)
    before: Step | None = None
    after: Step | None = None
    scenarios: list[Step] = field(factory=list)
    bare: list[Step] = field(factory=list)


def _is_item(step: Step) -> bool:
    is_setting = step.verb == "actor" and step.parts["name"].text == "venue"
    return VERBS[step.verb].is_item or step.verb == "let" or is_setting


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _is_literal(value: Expression) -> bool:
    if isinstance(value, ListOf):
        return all(_is_literal(item) for item in value.items)
    if isinstance(value, Prefix):
        return value.operator == "-" and _is_literal(value.operand)
    return isinstance(value, LiteralValue)


def _step_words(spellings: Mapping[str, tuple[str, ...]]) -> set[str]:
    """The words that open a step, name a kind of report, or modify an order."""
    from ctpscen.ctp.reports import KINDS

    opening = {word for terminal in _opening_terminals() for word in spellings.get(terminal, ())}
    kinds = {word for kind in KINDS for word in spellings.get(kind.upper(), (kind,))}
    modifiers = {
        word for terminal in ("FAK", "FOK", "HEDGE", "ARBITRAGE", "REF", "MEMO") for word in spellings[terminal]
    }
    return opening | kinds | modifiers


def _opening_terminals() -> frozenset[str]:
    from ctpscen.language.syntax.parser import openers

    return openers()


def _acting(
    steps: Iterable[Step], actor: str, defines: Mapping[str, Define], seen: set[tuple[str, str]] | None = None
) -> Iterator[tuple[str, Step]]:
    """Every step with who acts, in the order of the text; the steps of a define where each actor first calls it."""
    seen = set() if seen is None else seen
    for step in steps:
        if step.verb == "actor":
            yield from _acting(step.body or (), step.parts["name"].text, defines, seen)
            continue
        yield actor, step
        for expression in own_expressions(step) if defines else ():
            if (
                isinstance(expression, DefineCall)
                and expression.name in defines
                and (expression.name, actor) not in seen
            ):
                seen.add((expression.name, actor))
                yield from _acting(defines[expression.name].body, actor, defines, seen)
        yield from _acting(step.body or (), actor, defines, seen)
        for _, body in step.many("elif"):
            yield from _acting(body, actor, defines, seen)
        yield from _acting(step.parts.get("else", ()), actor, defines, seen)


def _manual(steps: Iterable[tuple[str, Step]]) -> frozenset[str]:
    """The sessions whose own first step connects them."""
    first: dict[str, str] = {}
    for actor, step in steps:
        if actor not in ACTORS and actor not in first and needs_session(step):
            first[actor] = step.verb
    return frozenset(actor for actor, verb in first.items() if VERBS[verb].connects_first)
