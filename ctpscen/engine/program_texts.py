"""What the item of a program says, worked out: its command split as a shell would, its folder, its environment."""

from __future__ import annotations  # closures are made for every text, and theirs need not be evaluated

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from ctpscen.engine.expressions.compile import Code, ExpressionCompiler
from ctpscen.engine.expressions.values import show
from ctpscen.engine.state.context import Context
from ctpscen.engine.state.outcomes import Place
from ctpscen.engine.state.program_actor import ProgramTexts
from ctpscen.language.meaning.program import STAND_INS, TestedProgram
from ctpscen.language.syntax.tree import Expression, Template

# A character that no command has, around the number of what is to be put in once the command is split.
_MARK = "\ue000"
_NAMED = re.compile(r"\{(\w+)\}")


def work_out(
    program: TestedProgram, compiler: ExpressionCompiler, context: Context, words: Mapping[str, str]
) -> ProgramTexts:
    """The texts of a program's item; `words` are what they may name besides the file's params.

    Raises ScenarioError.
    """
    inner = Context(context.run, {**context.run.file_scope, **words}, context.actor)

    def text(expression: Expression | None) -> str:
        return "" if expression is None else _text(compiler.code(expression), inner)

    folder = text(program.folder)
    place = compiler.place(program.command)
    home = os.path.dirname(program.source.name)
    if folder and not os.path.isdir(os.path.join(home, folder)):
        assert program.folder is not None
        raise compiler.place(program.folder).error(f"there is no folder `{os.path.join(home, folder)}`")
    command = _split(program.command, compiler, inner, place)
    if not command:
        raise place.error(f"the command of {program.name} is empty")
    using = text(program.using)
    if program.using is not None and using not in ("", *STAND_INS):
        raise compiler.place(program.using).error(f"what stands for the CTP library is `python`, and not `{using}`")
    return ProgramTexts(
        command,
        Path(home, folder) if folder else None,
        (log,) if (log := text(program.log)) else (),
        {
            **{f"CTPSCEN_{word.upper()}": value for word, value in words.items() if word != "python"},
            **{name: text(value) for name, value in program.variables},
        },
        using,
    )


def _text(code: Code, context: Context) -> str:
    assert code.plain is not None, "the checker lets nothing that takes time stand here"
    return show(code.plain(context))


def _split(expression: Expression, compiler: ExpressionCompiler, context: Context, place: Place) -> tuple[str, ...]:
    """The words of a command: split first, so that what is put in stays one word, unless it is all there is."""
    parts = expression.parts if isinstance(expression, Template) else ()
    if len(parts) <= 1:
        whole = _text(compiler.code(expression), context)
        return tuple(_filled(word, context) for word in _words(whole, place))
    values = [part if isinstance(part, str) else _text(compiler.code(part), context) for part in parts]
    written = [part if isinstance(part, str) else f"{_MARK}{index}{_MARK}" for index, part in enumerate(parts)]
    words = []
    for word in _words("".join(written), place):
        pieces = word.split(_MARK)
        words.append("".join(values[int(piece)] if index % 2 else piece for index, piece in enumerate(pieces)))
    return tuple(words)


def _filled(word: str, context: Context) -> str:
    """A word of a command that a param gave, as `--set` does: what it names in braces is put in, once."""
    return _NAMED.sub(lambda found: show(context.scope[found[1]]) if found[1] in context.scope else found[0], word)


def _words(command: str, place: Place) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as reason:
        raise place.error(f"the command cannot be split into words: {str(reason).lower()}") from None
