"""A syntax tree to a checked program: the items of the file, its names, then every statement.

Everything that is wrong is found in one pass. The program is fit to run only if there is no error among the
diagnostics.
"""

import re

from attrs import define, field

from ctpscen.language.checking.declarations import declare
from ctpscen.language.checking.invariants import check_invariants
from ctpscen.language.checking.layout import Layout, lay_out
from ctpscen.language.checking.scenarios import ScenarioChecker
from ctpscen.language.checking.symbols import File
from ctpscen.language.checking.unlisted import warn_of_unlisted
from ctpscen.language.meaning.program import Checked, Program
from ctpscen.language.meaning.scope import names_given, walk
from ctpscen.language.text.diagnostics import Diagnostic
from ctpscen.language.text.source import Read, Source

# Names that nothing defines, or nothing uses.
_MISSING_NAMES = frozenset({"E201", "E202", "E208", "E209", "W501"})


def check(source: Source, read: Read | None = None) -> Checked:
    """Parses and checks a file with all that it uses; its diagnostics come in the order of the text."""
    file = File(source)
    declare(file, read)
    program = _program(file, lay_out(file))
    _warn_of_contested(file)
    follows_from_unread = _Unread(file)
    own = [each for each in file.diagnostics.located if not follows_from_unread(each.diagnostic)]
    found = [*file.elsewhere, *sorted(own, key=lambda each: (each.diagnostic.span, each.diagnostic.code))]
    is_fit = all(each.diagnostic.severity != "error" for each in found)
    return Checked(program if is_fit else None, found)


def _program(file: File, layout: Layout) -> Program:
    symbols = file.symbols
    named_before = len(symbols.instruments)
    setting = file.step_checker(file.scope(), scene_only=True)
    venue = tuple(setting.step(step) for step in layout.venue)
    venue_instruments = symbols.instruments[named_before:]
    file.used_params |= setting.scope.used
    checker = ScenarioChecker(file, layout)
    checker.run()
    invariants = check_invariants(file, layout.invariants)
    if checker.scenarios:
        _warn_of_unused_params(file)
    warn_of_unlisted(file)
    return Program(
        source=file.source,
        params=symbols.params,
        lets=tuple(symbols.lets.values()),
        sessions=tuple(symbols.sessions.values()),
        programs=tuple(symbols.programs.values()),
        defines=symbols.defines,
        venue=venue,
        before=checker.before,
        after=checker.after,
        scenarios=tuple(checker.scenarios),
        invariants=invariants,
        instruments=tuple(dict.fromkeys(symbols.instruments)),
        venue_instrument=venue_instruments[0] if venue_instruments else "",
    )


def _warn_of_unused_params(file: File) -> None:
    for name, param in file.symbols.params.items():
        used = name in file.used_params or name == "instrument" or param.source.name != file.source.name
        if not used:
            file.warn("W501", f"the param `{name}` is never used", file.symbols.places[name].span)


def _warn_of_contested(file: File) -> None:
    """Words that were read as the language's own although a value of that name exists."""
    known = set(file.symbols.types) | names_given(file.steps).keys()
    for word in file.parsed.tree.contested:
        if word.text in known:
            message = f"`{word.text}` is the language's own word here, not the value of that name"
            file.warn("W505", message, word.span, notes=[f"in brackets it is the value: `({word.text})`"])


@define
class _Unread:
    """Says whether a name only seems missing or unused because a statement that has it could not be read."""

    file: File
    _statements: list[tuple[int, str]] | None = field(default=None)

    def __call__(self, diagnostic: Diagnostic) -> bool:
        """Only an earlier statement can have given a value its name, and what it has behind `of` it reads."""
        if diagnostic.code not in _MISSING_NAMES:
            return False
        source = self.file.source
        if self._statements is None:
            steps = [step for step in walk(self.file.steps) if step.verb in ("unread", "unread_block")]
            self._statements = [(step.head[0], source.slice(step.head)) for step in steps]
        name, gives_values = source.slice(diagnostic.span), diagnostic.code in ("E201", "E202")
        word = re.compile(rf"{r'(?<!of )' if gives_values else ''}\b{re.escape(name)}\b")
        return any(
            word.search(text) for start, text in self._statements if not gives_values or start < diagnostic.span[0]
        )
