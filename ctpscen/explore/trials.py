"""Trials: one run each, as plain data that any process or machine can carry out."""

import pickle
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from attrs import field, frozen

from ctpscen.ctp.commands.plan import Boundary, Plan, read_plan
from ctpscen.engine.interpreter import CompiledProgram
from ctpscen.engine.run import run_one
from ctpscen.engine.settings import Settings
from ctpscen.engine.unit import Explored, Reached, Result, Unit, Wanted
from ctpscen.environments.simulated import SimulatedEnvironment
from ctpscen.hashing import blake2b
from ctpscen.language.meaning.program import Program
from ctpscen.runner.selection import Item

MOST_NOTES = 6
"""So many lines tell how an invariant broke."""


@frozen(eq=False, repr=False)
class Target:
    """A scenario, or a row of its table, with one seed: what is explored.

    `place` is FILE:LINE, by which it is run again. `seed` is that of its run, `given_seed` that of the command line.
    `packed` is its program as bytes, `key` what tells that program from others.
    """

    place: str
    title: str
    row: int | None
    seed: int
    given_seed: int
    settings: Settings
    packed: bytes
    key: str
    text: str
    has_programs: bool

    @property
    def identity(self) -> str:
        """What tells it from every other target of a campaign."""
        return f"{self.place} {self.title!r} seed {self.given_seed}"

    def unit(self, plan: Plan | None, wanted: Wanted = "journal") -> Unit:
        name = self.place.rpartition(":")[0]
        return Unit(
            name,
            self.text,
            self.title,
            self.row,
            seed=self.seed,
            plan=plan,
            settings=self.settings,
            wanted=wanted,
            given_seed=self.given_seed,
        )


def pack(program: Program) -> tuple[bytes, str]:
    """A program as bytes, and what tells it from others."""
    packed = pickle.dumps(program, pickle.HIGHEST_PROTOCOL)
    return packed, blake2b(packed, digest_size=16).hexdigest()


def targets_of(items: Iterable[Item], settings: Settings, seed: int = 0, seeds: int = 1) -> Iterator[Target]:
    """What is explored, in the order of the items: each with so many seeds, from the given one on."""
    packed: tuple[object, bytes, str] = (None, b"", "")
    for item in items:
        if packed[0] is not item.program:
            packed = (item.program, *pack(item.program))
        for each in range(seed, seed + seeds):
            yield Target(
                place=item.place,
                title=item.scenario.title,
                row=item.row,
                seed=item.seed(each),
                given_seed=each,
                settings=settings,
                packed=packed[1],
                key=packed[2],
                text=item.program.source.text,
                has_programs=bool(item.program.programs),
            )


@frozen
class Tried:
    """What came of a trial.

    `broken` is the title of the invariant that did not hold, '' where all did, and `reason` says how. `trace` is the
    same for two trials that went alike, and '' where the boundaries that were `reached` are not told. `of_three` says
    how many of three runs broke it, where a program was run.
    """

    plan: str
    broken: str
    reason: str
    trace: str
    struck: Sequence[Boundary]
    reached: Sequence[Reached] = field(repr=False)
    of_three: int = 0

    @property
    def faults(self) -> Plan:
        return read_plan(self.plan)

    @property
    def was_done(self) -> bool:
        """Whether every fault of its plan was reached."""
        return len(self.struck) == len(self.faults)


@frozen(eq=False, repr=False)
class Piece:
    """Trials of one target that go to a worker together. `wanted` is how much each of them is to tell."""

    target: Target
    plans: Sequence[str]
    wanted: Wanted = "boundaries"

    def __str__(self) -> str:
        return f"{self.target.place}, between the plans {self.plans[0]} and {self.plans[-1]}"


@lru_cache(maxsize=8)
def _compiled(_: str, packed: bytes) -> CompiledProgram:
    program: Program = pickle.loads(packed)
    return CompiledProgram(program)


def program_of(target: Target) -> Program:
    """The program of a target."""
    return _compiled(target.key, target.packed).program


def run_target(target: Target, plan: Plan | None, wanted: Wanted = "journal") -> Result:
    """One run."""
    return run_one(target.unit(plan, wanted), SimulatedEnvironment.of, _compiled(target.key, target.packed))


def carry_out(piece: Piece) -> list[Tried]:
    """The trials of a piece, in its order."""
    return [try_plan(piece.target, plan, piece.wanted) for plan in piece.plans]


def try_plan(target: Target, plan: str, wanted: Wanted = "boundaries") -> Tried:
    """One trial; that of a program, which is not repeatable to the byte, is made three times where it fails."""
    tried = _told(plan, run_target(target, read_plan(plan), wanted))
    if not (tried.broken and target.has_programs):
        return tried
    again = [_told(plan, run_target(target, read_plan(plan), wanted)) for _ in range(2)]
    return Tried(
        plan,
        tried.broken,
        tried.reason,
        tried.trace,
        tried.struck,
        tried.reached,
        1 + sum(each.broken == tried.broken for each in again),
    )


def _why(result: Result) -> str:
    """How an invariant broke: what it says, and below that what it found."""
    notes = [note for each in result.diagnostics for note in each.diagnostic.notes]
    return "\n".join([result.reason, *(f"  {note}" for note in notes[:MOST_NOTES])])


def _told(plan: str, result: Result) -> Tried:
    explored = result.explored if result.explored is not None else Explored((), ())
    trace = ""
    if explored.reached:
        went = repr((explored.reached, explored.broken, explored.steps_ended))
        trace = blake2b(went.encode(), digest_size=8).hexdigest()
    return Tried(
        plan,
        explored.broken,
        _why(result) if explored.broken else "",
        trace,
        explored.struck,
        explored.reached,
    )
