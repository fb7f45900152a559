"""Which names have a value at a point of a scenario: surely, on some paths, or only later."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

from attrs import define, field, frozen

from ctpscen.language.meaning.types import Type, joined
from ctpscen.language.meaning.verbs import VERBS
from ctpscen.language.syntax.tree import Step, Word
from ctpscen.language.text.source import Span


def spelled(name: str) -> str:
    """A CTP word as scenarios spell it: `VolumeTraded` is `volume_traded`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


@frozen
class Binding:
    """A place that gives a name its value. `quiet` names are not missed when nobody reads them."""

    name: Word
    quiet: bool = False


@frozen
class Known:
    """What is known of the names at a point of a scenario, as `Scope` says it."""

    types: Mapping[str, Type]
    sure: frozenset[str]


@define
class Scope:
    """The names of one scenario, or of one `define`.

    `types` are those of every name that has a value on some path, `sure` those that have one on every path, `later`
    the places of names that get theirs further down.
    """

    types: dict[str, Type]
    sure: set[str]
    later: Mapping[str, Span] = field(factory=dict)
    bindings: list[Binding] = field(factory=list)
    used: set[str] = field(factory=set)

    def bind(self, name: Word, kind: Type, *, quiet: bool = False) -> None:
        """Gives a name its value here; what it may still be from another path counts for its type."""
        self.types[name.text] = kind if name.text in self.sure else joined(self.types.get(name.text), kind)
        self.sure.add(name.text)
        self.bindings.append(Binding(name, quiet or name.text.startswith("_")))

    def known(self) -> Known:
        """What is known here, to go back to or to meet with."""
        return Known(dict(self.types), frozenset(self.sure))

    def go_back(self, point: Known) -> None:
        """Begins another path at an earlier point. Names that only other paths give a value are still known of."""
        self.types |= point.types
        self.sure = set(point.sure)

    def meet(self, before: Known, ends: Sequence[Known]) -> None:
        """Several paths that began at one point come together here; sure is what all of them leave."""
        for name, kind in before.types.items():
            found = [end.types[name] for end in ends]
            self.types[name] = reduce(joined, found) if found else kind
        self.sure = set(frozenset.intersection(*(end.sure for end in ends)) if ends else before.sure)

    def unused(self) -> Iterable[Binding]:
        seen = set(self.used)
        for binding in self.bindings:
            if binding.name.text not in seen and not binding.quiet:
                seen.add(binding.name.text)
                yield binding


def names_given(steps: Iterable[Step]) -> dict[str, Span]:
    """Every name that these steps, and the blocks in them, give a value, with the first place of each."""
    found: dict[str, Span] = {}
    for step in walk(steps):
        for word in words_bound(step):
            found.setdefault(word.text, word.span)
    return found


def words_bound(step: Step) -> list[Word]:
    """The names that a step itself gives a value."""
    words = [step.word(part) for part, kind in VERBS[step.verb].parts.items() if kind == "binding"]
    words += [name for _, name in step.many("listed")]
    return [word for word in words if word is not None]


def walk(steps: Iterable[Step]) -> Iterable[Step]:
    """Every step in the order of the text, blocks included."""
    for step in steps:
        yield step
        if step.body is not None:
            yield from walk(step.body)
            for _, body in step.many("elif"):
                yield from walk(body)
            yield from walk(step.parts.get("else", ()))
