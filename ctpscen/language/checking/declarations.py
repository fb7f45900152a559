"""The items of a file that others may name: what it uses, its params, lets, sessions and steps of its own."""

from collections.abc import Mapping
from functools import reduce

from attrs import define, evolve

from ctpscen.ctp.reports import KINDS
from ctpscen.language.checking.layout import file_lets
from ctpscen.language.checking.steps.flow import always_returns
from ctpscen.language.checking.symbols import DEFAULT_SESSION, Defined, File, Symbols
from ctpscen.language.meaning import types
from ctpscen.language.meaning.functions import is_function, is_price
from ctpscen.language.meaning.program import STAND_INS, Define, Let, Param, Session, TestedProgram
from ctpscen.language.meaning.scope import Scope, names_given
from ctpscen.language.meaning.types import ANY, TEXT
from ctpscen.language.meaning.verbs import ACTORS
from ctpscen.language.syntax.parser import openers, tables
from ctpscen.language.syntax.tree import Call, Expression, ListOf, LiteralValue, Prefix, Step, Template, Word
from ctpscen.language.syntax.walk import expressions_in
from ctpscen.language.text.diagnostics import Label
from ctpscen.language.text.source import Read, Source, Span
from ctpscen.language.words.table import english

# What a program's texts may name besides the params of its file (LANGUAGE 11).
PROGRAM_WORDS = "python front market_front broker user password app_id auth_code".split()

# Words that qualify an order, by their terminals.
_MODIFIERS = ("FAK", "FOK", "HEDGE", "ARBITRAGE", "REF", "MEMO")


def declare(file: File, read: Read | None) -> None:
    """Enters what a file defines, in the order of the text; `read` reads the files that it uses."""
    _Declarations(file, read, (file.source.name,)).enter()


@define
class _Declarations:
    """Enters one file's items. `chain` are the names of the files that led here, this one first."""

    file: File
    read: Read | None
    chain: tuple[str, ...]

    def enter(self) -> None:
        steps = self.file.steps
        for index, step in enumerate(steps):
            if step.verb == "docstring" and index > 0:
                self.file.error("E401", "a docstring is the first thing in a file", step.head)
        handlers = {"use": self._use, "param": self._param, "session": self._session, "program": self._program}
        for step in steps:
            if handler := handlers.get(step.verb):
                handler(step)
        lets = list(file_lets(steps))
        for step in lets:
            self._let(step, names_given(lets))
        sessions = self.file.symbols.sessions
        if not sessions and not self.file.symbols.programs:
            sessions[DEFAULT_SESSION.name] = DEFAULT_SESSION
        defines = [step for step in steps if step.verb == "define"]
        for step in defines:
            self._declare_define(step)
        for step in defines:
            self._define(step)

    # ------------------------------------------------------------------------------------------------ other files

    def _use(self, step: Step) -> None:
        """Takes over what another file defines."""
        word: Word = step.parts["text"]
        path = word.text[1:-1]
        if self.read is None:
            self.file.error("E406", "a text that is no file cannot `use` another", step.span)
            return
        try:
            name, text = self.read(self.file.source.name, path)
        except OSError as reason:
            self.file.error("E406", f"`{path}` cannot be read: {reason.strerror or reason}", word.span)
            return
        except UnicodeDecodeError:
            self.file.error("E406", f"`{path}` is not UTF-8 text", word.span)
            return
        if name in self.chain:
            cycle = " uses ".join(f"`{each}`" for each in (*reversed(self.chain[: self.chain.index(name) + 1]), name))
            self.file.error("E406", f"files that use each other in a circle: {cycle}", word.span)
            return
        used = File(Source(name, text))
        _Declarations(used, self.read, (name, *self.chain)).enter()
        self.file.elsewhere += used.elsewhere
        self.file.elsewhere += [each for each in used.diagnostics.located if each.diagnostic.severity == "error"]
        self._take_over(used.symbols, word)

    def _take_over(self, other: Symbols, word: Word) -> None:
        own = self.file.symbols
        for kind in ("params", "lets", "sessions", "programs", "defines"):
            theirs, mine = getattr(other, kind), getattr(own, kind)
            for name, value in theirs.items():
                if value is DEFAULT_SESSION:
                    continue
                if self._is_free(name, word.span, other.places.get(name)):
                    mine[name] = value
                    own.places[name] = other.places[name]
        own.types |= {name: kind for name, kind in other.types.items() if name in own.places}
        own.instruments += other.instruments

    # ------------------------------------------------------------------------------------------------------ names

    def _is_free(self, name: str, span: Span, theirs: Defined | None = None) -> bool:
        """Whether a name is not yet taken in this file; says where if it is."""
        taken = self.file.symbols.places.get(name)
        if taken is None:
            return True
        if theirs is not None and (taken.source.name, taken.span) == (theirs.source.name, theirs.span):
            return False  # the same definition by two ways
        same = taken.source.name == self.file.source.name
        others = [Label(taken.span, "first here")] if same else []
        notes = [] if same else [f"first defined at {taken.shown}"]
        notes += [f"and again at {theirs.shown}"] if theirs is not None else []
        self.file.error("E210", f"`{name}` is already defined", span, others=others, notes=notes)
        return False

    def _claim(self, word: Word) -> bool:
        if not self._is_free(word.text, word.span):
            return False
        self.file.symbols.places[word.text] = Defined(self.file.source, word.span)
        return True

    def _check_call_name(self, name: Word, what: str) -> None:
        """A session or a define is told from a step by its name alone."""
        if name.text in _step_words():
            message = f"a {what} cannot be called `{name.text}`, which is a word of the language"
            self.file.error("E211", message, name.span)
        elif english(name.text, ACTORS) in ACTORS or is_function(name.text) or is_price(name.text):
            self.file.error("E211", f"a {what} cannot be called `{name.text}`, which the language defines", name.span)

    # ------------------------------------------------------------------------------------- params, lets, sessions

    def _param(self, step: Step) -> None:
        name: Word = step.parts["name"]
        value: Expression = step.parts["value"][0]
        resolved, kind = value, ANY
        if _is_literal(value):
            resolved, kind = self.file.expression_checker(Scope({}, set()), constant=True).check(value)
        else:
            notes = ["`{` begins an expression in a text; `{{` is a brace"] if isinstance(value, Template) else []
            message = "a param's value is a literal, so that its type is plain"
            self.file.error("E304", message, value.span, notes=notes)
        if self._claim(name):
            self.file.symbols.params[name.text] = Param(name.text, kind, resolved, self.file.source, step.span)
            self.file.symbols.types[name.text] = kind

    def _let(self, step: Step, given: Mapping[str, Span]) -> None:
        """A constant of the file; `given` are the names of all of them."""
        name: Word = step.parts["name"]
        value: Expression = step.parts["value"][0]
        scope = self.file.scope()
        scope.later = given
        called = self._called_step(value)
        if called is not None:
            message = f"`{called.text}` is a step, and a file's `let` is a constant; name its value in a scenario"
            self.file.error("E304", message, called.span)
            resolved: Expression = LiteralValue("none", None, name.span)
            kind = ANY
        else:
            resolved, kind = self.file.expression_checker(scope, constant=True).check(value)
        self.file.used_params |= scope.used
        if self._claim(name):
            self.file.symbols.lets[name.text] = Let(name.text, resolved, self.file.source)
            self.file.symbols.types[name.text] = kind

    def _called_step(self, value: Expression) -> Word | None:
        """The `define` of this file that an expression calls, if it does."""
        own = {step.parts["name"].text for step in self.file.steps if step.verb == "define"}
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
        if self._claim(name):
            self.file.symbols.sessions[name.text] = session
        if account is not None and account.text in self.file.symbols.sessions and account.text != name.text:
            message = f"`{account.text}` is an account of that name, and not the one of the session `{account.text}`"
            note = "sessions that name no account share one; where two are to share another, both name it"
            self.file.warn("W508", message, account.span, notes=[note])

    def _program(self, step: Step) -> None:
        """A program under test. Its texts may name any param of the file, and what a login of its account needs."""
        name: Word = step.parts["name"]
        self._check_call_name(name, "program")
        scope = Scope({}, set())
        for word in PROGRAM_WORDS:
            scope.types[word] = TEXT
        params = [each for each in self.file.steps if each.verb == "param"]
        scope.types |= {each.parts["name"].text: ANY for each in params}
        scope.types |= {param: found.kind for param, found in self.file.symbols.params.items()}
        scope.sure |= scope.types.keys()
        expressions = self.file.expression_checker(scope)

        def text(part: str) -> Expression | None:
            value = step.expression(part)
            return None if value is None else expressions.wanted(value, TEXT)

        command = expressions.wanted(step.parts["value"][0], TEXT)
        account, network, clock = step.word("account"), step.word("program_network"), step.word("program_clock")
        variables = tuple((word.text, expressions.wanted(value, TEXT)) for word, value in step.parts.get("with", ()))
        folder, log, using = text("program_folder"), text("program_log"), text("using")
        if isinstance(using, LiteralValue) and using.value not in STAND_INS:
            message = f"a program runs on its own library, or `using` {' or '.join(map(repr, STAND_INS))}"
            self.file.error("E408", message.replace("'", '"'), using.span)
        self.file.used_params |= scope.used
        if self._claim(name):
            self.file.symbols.programs[name.text] = TestedProgram(
                name.text,
                command,
                account.text if account else "",
                folder,
                log,
                variables,
                network.text if network else "none",  # type: ignore[arg-type]
                clock.text if clock else "venue",  # type: ignore[arg-type]
                using,
                self.file.source,
                step.span,
            )

    # ---------------------------------------------------------------------------------------- steps of one's own

    def _declare_define(self, step: Step) -> None:
        """The name and the parameters, so that defines may call each other in any order."""
        name: Word = step.parts["name"]
        self._check_call_name(name, "define")
        parameters: list[tuple[str, Expression | None]] = []
        seen: set[str] = set()
        for word, default in step.many("parameter"):
            if word.text in seen:
                self.file.error("E210", f"`{word.text}` is a parameter twice", word.span)
            if default is None and parameters and parameters[-1][1] is not None:
                self.file.error("E303", "a parameter without a default stands before those that have one", word.span)
            seen.add(word.text)
            if default is not None:
                constant = self.file.expression_checker(self.file.scope(), constant=True)
                default = constant.check(default)[0]
                self.file.used_params |= constant.scope.used
            parameters.append((word.text, default))
        if self._claim(name):
            self.file.symbols.defines[name.text] = Define(name.text, tuple(parameters), (), self.file.source)

    def _define(self, step: Step) -> None:
        name: Word = step.parts["name"]
        declared = self.file.symbols.defines.get(name.text)
        if declared is None:
            return
        scope = self.file.scope()
        for word, _ in step.many("parameter"):
            scope.types[word.text] = ANY
            scope.sure.add(word.text)
        scope.later = names_given(step.body or ())
        checker = self.file.step_checker(scope, may_return=True)
        body = checker.block(step.body or ())
        for word, _ in step.many("parameter"):
            if word.text not in scope.used and not word.text.startswith("_"):
                self.file.warn("W501", f"the parameter `{word.text}` is never used", word.span)
        self.file.close(scope)
        result = reduce(types.joined, checker.returned) if checker.returned and always_returns(body) else ANY
        self.file.symbols.defines[name.text] = evolve(declared, body=body, result=result)


def _is_literal(value: Expression) -> bool:
    if isinstance(value, ListOf):
        return all(_is_literal(item) for item in value.items)
    if isinstance(value, Prefix):
        return value.operator == "-" and _is_literal(value.operand)
    return isinstance(value, LiteralValue)


def _step_words() -> set[str]:
    """The words that open a step, name a kind of report, or modify an order."""
    grammar, _ = tables()
    spellings = grammar.spellings
    opening = {word for terminal in openers() for word in spellings.get(terminal, ())}
    kinds = {word for kind in KINDS for word in spellings.get(kind.upper(), (kind,))}
    modifiers = {word for terminal in _MODIFIERS for word in spellings[terminal]}
    return opening | kinds | modifiers
