"""The layout of a file: which of the statements at its top is what."""

from collections.abc import Iterator, Sequence

from attrs import define, field

from ctpscen.language.checking.symbols import File
from ctpscen.language.meaning.verbs import VERBS
from ctpscen.language.syntax.tree import Step, Word
from ctpscen.language.text.diagnostics import Label

# What a file may be for besides scenarios: other files use it.
_DEFINING_VERBS = frozenset({"param", "let", "session", "define"})


@define
class Layout:
    """The statements that are run: `bare` steps are one scenario, and stand where there are no `scenarios`.

    `invariants` come with the actor that they are written for, None for the default one.
    """

    venue: list[Step] = field(factory=list)
    before: Step | None = None
    after: Step | None = None
    scenarios: list[Step] = field(factory=list)
    invariants: list[tuple[Word | None, Step]] = field(factory=list)
    bare: list[Step] = field(factory=list)


def lay_out(file: File) -> Layout:
    """Says what each statement at the top of a file is, and what is wrong with where it stands."""
    layout = Layout()
    has_scenarios = _has_scenarios(file.steps)
    for step in file.steps:
        if step.verb in ("before", "after"):
            _around(file, layout, step)
        elif step.verb == "scenario":
            layout.scenarios.append(step)
        elif step.verb == "table":
            file.error("E401", "`where:` with its table is the first thing in a scenario", step.head)
        elif step.verb == "invariant":
            layout.invariants.append((None, step))
        elif _has_invariants(step):
            _invariants(file, layout, step)
        elif VERBS[step.verb].is_item:
            continue
        elif _is_of_venue(step) and not layout.bare:
            layout.venue.append(step)
        elif step.verb == "let" and (has_scenarios or not layout.bare):
            continue
        elif not has_scenarios:
            layout.bare.append(step)
        elif step.verb not in ("unread", "unread_block"):
            file.error("E404", "a step outside of every scenario", step.head)
    is_for_others = any(step.verb in _DEFINING_VERBS for step in file.steps)
    if not layout.scenarios and not layout.bare and not is_for_others and not file.diagnostics.found:
        end = len(file.source.text)
        file.error("E405", "there is no scenario and no step in this file", (min(end, max(0, end - 1)), end))
    return layout


def _around(file: File, layout: Layout, step: Step) -> None:
    """`before` or `after`."""
    earlier = getattr(layout, step.verb)
    if earlier is not None:
        message = f"a file has one `{step.verb}`"
        file.error("E210", message, step.head, others=[Label(earlier.head, "the first")])
    setattr(layout, step.verb, step)


def file_lets(steps: Sequence[Step]) -> Iterator[Step]:
    """The lets that are the file's: all at its top, or those before the first bare step."""
    has_scenarios = _has_scenarios(steps)
    for step in steps:
        if step.verb == "let":
            yield step
        elif not (has_scenarios or VERBS[step.verb].is_item or _is_of_venue(step) or _has_invariants(step)):
            return


def _has_scenarios(steps: Sequence[Step]) -> bool:
    return any(step.verb == "scenario" for step in steps)


def _has_invariants(step: Step) -> bool:
    """Whether a step of an actor's is no step: `alice: invariant …`."""
    return step.verb == "actor" and any(each.verb == "invariant" for each in step.body or ())


def _invariants(file: File, layout: Layout, step: Step) -> None:
    """The invariants of an actor, which have a block to themselves."""
    for each in step.body or ():
        if each.verb == "invariant":
            layout.invariants.append((step.parts["name"], each))
        elif each.verb not in ("unread", "unread_block"):
            file.error("E401", "a step among invariants, which stand by themselves at the top of a file", each.head)


def _is_of_venue(step: Step) -> bool:
    return step.verb == "actor" and bool(step.parts["name"].text == "venue")
