"""The invariants of a file: what must hold whatever happens to the messages of a run."""

from ctpscen.language.checking.symbols import File
from ctpscen.language.meaning.program import Invariant
from ctpscen.language.meaning.types import BOOLEAN, DURATION
from ctpscen.language.meaning.verbs import ACTORS
from ctpscen.language.syntax.tree import DefineCall, Expression, FunctionCall, PriceWord, Step, Word
from ctpscen.language.syntax.walk import expressions_in
from ctpscen.language.text.diagnostics import Label
from ctpscen.language.text.source import Span
from ctpscen.language.text.suggestions import did_you_mean

Written = tuple[Word | None, Step]
"""An invariant's statement, behind the actor that it is written for; None is the default one."""


def check_invariants(file: File, written: list[Written]) -> tuple[Invariant, ...]:
    """The invariants in the order of the text."""
    titles: dict[str, Span] = {}
    found = []
    for actor, step in written:
        word: Word = step.parts["text"]
        title = word.text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        if not title.strip():
            file.error("E408", "an invariant needs a title", word.span)
        if title in titles:
            others = [Label(titles[title], "the first")]
            file.error("E403", f"there are two invariants called {word.text}", word.span, others=others)
        titles.setdefault(title, word.span)
        found.append(_invariant(file, title, _actor(file, actor), step))
    return tuple(found)


def _actor(file: File, word: Word | None) -> str:
    """Whose reports and books an invariant is about."""
    known = [*file.symbols.sessions, *file.symbols.programs]
    if word is None:
        return file.default_actor
    if word.text in ACTORS:
        file.error("E402", f"an invariant is about a session or a program; the {word.text} has none", word.span)
    elif word.text not in known:
        note = f"there are {', '.join(f'`{each}`' for each in known)}"
        message = f"there is no session `{word.text}`{did_you_mean(word.text, known)}"
        file.error("E209", message, word.span, notes=[note])
    return word.text


def _invariant(file: File, title: str, actor: str, step: Step) -> Invariant:
    checker = file.expression_checker(file.scope())
    condition: Expression | None = None
    if not step.has("reconciled"):
        condition = checker.wanted(step.parts["value"][0], BOOLEAN)
        _reads_at_once(file, condition)
    within = step.expression("within")
    if within is not None:
        constant = file.expression_checker(file.scope(), constant=True)
        within = constant.wanted(within, DURATION)
        file.used_params |= constant.scope.used
        if not step.has("eventually"):
            note = "what may take time is written with `eventually`"
            file.error("E408", "what holds at every report has no `within`", within.span, notes=[note])
    file.used_params |= checker.scope.used
    return Invariant(title, actor, condition, step.has("eventually"), within, file.source, step.span)


def _reads_at_once(file: File, condition: Expression) -> None:
    """It is judged between two messages, without a step, and without prices that would have to be asked for."""
    for each in expressions_in(condition):
        if isinstance(each, DefineCall):
            message = f"`{each.name}` runs steps, which take time; an invariant is judged in no time"
            file.error("E306", message, each.span)
        elif isinstance(each, PriceWord) or (isinstance(each, FunctionCall) and each.name == "quote"):
            file.error("E306", "a price has to be subscribed to; an invariant is judged in no time", each.span)
