"""Who does what in a scenario, and what follows from it for the sessions."""

from collections.abc import Iterable, Iterator, Mapping

from ctpscen.language.meaning.needs import needs_session
from ctpscen.language.meaning.program import Define
from ctpscen.language.meaning.verbs import ACTORS, VERBS
from ctpscen.language.syntax.tree import DefineCall, Step
from ctpscen.language.syntax.walk import own_expressions


def acting(
    steps: Iterable[Step], actor: str, defines: Mapping[str, Define], seen: set[tuple[str, str]] | None = None
) -> Iterator[tuple[str, Step]]:
    """Every step with who acts, in the order of the text; the steps of a define where each actor first calls it."""
    seen = set() if seen is None else seen
    for step in steps:
        if step.verb == "actor":
            yield from acting(step.body or (), step.parts["name"].text, defines, seen)
            continue
        yield actor, step
        for expression in own_expressions(step) if defines else ():
            if (
                isinstance(expression, DefineCall)
                and expression.name in defines
                and (expression.name, actor) not in seen
            ):
                seen.add((expression.name, actor))
                yield from acting(defines[expression.name].body, actor, defines, seen)
        yield from acting(step.body or (), actor, defines, seen)
        for _, body in step.many("elif"):
            yield from acting(body, actor, defines, seen)
        yield from acting(step.parts.get("else", ()), actor, defines, seen)


def manual_sessions(steps: Iterable[tuple[str, Step]]) -> frozenset[str]:
    """The sessions whose own first step connects them."""
    first: dict[str, str] = {}
    for actor, step in steps:
        if actor not in ACTORS and actor not in first and needs_session(step):
            first[actor] = step.verb
    return frozenset(actor for actor, verb in first.items() if VERBS[verb].connects_first)
