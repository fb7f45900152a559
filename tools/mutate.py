"""Change one operator, constant or statement of a module at a time, and say which changes its tests let pass.

python tools/mutate.py ctpscen/simulator/ledger/*.py --tests tests/simulator/ledger tests/simulator/examples
python tools/mutate.py ctpscen/engine/steps/expect.py --tests tests/engine/steps --lines 60-120

Tests are collected once. Each change is then made in a fork of that process, by giving the functions their changed
code, and only the tests that run the changed lines are run, until one fails. A change outside of
functions (a table, a default) needs the module imported anew, so its fork collects the tests itself. "Not reached"
may also be a function that is called only while modules are imported.

It takes one processor for as long as it runs, which is most of an hour for a module of 500 lines on a busy machine.
"""

import argparse
import ast
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from attrs import define, field, frozen

ROOT = Path(__file__).resolve().parent.parent

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_RECKONED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@frozen
class Mutant:
    """One change of a module, in the node of that number. `span` are the lines of what is changed."""

    path: Path
    span: range
    what: str
    number: int
    change: Callable[[Any], ast.AST | None]

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.span[0]}: {self.what}"

    def tree(self) -> ast.Module:
        """The module, changed."""
        changed = ast.parse(self.path.read_text(encoding="utf-8"))
        node = list(ast.walk(changed))[self.number]
        instead = self.change(node)
        if instead is not None:
            ast.copy_location(instead, node)
            for parent in ast.walk(changed):
                for name, value in ast.iter_fields(parent):
                    if value is node:
                        setattr(parent, name, instead)
                    elif isinstance(value, list):
                        value[:] = [instead if each is node else each for each in value]
        return ast.fix_missing_locations(changed)

    def code(self) -> CodeType:
        return compile(self.tree(), str(self.path), "exec")


# -------------------------------------------------------------------------------------------------------- changes


def changes(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], ast.AST | None]]]:
    """What may be done to a node: in words, and as a function that changes it or gives another in its place."""
    match node:
        case ast.Compare(ops=operators):
            for index, operator in enumerate(operators):
                for other in _COMPARED[type(operator)]:
                    yield f"{_symbol(operator)} becomes {_symbol(other())}", _set("ops", index, other)
        case ast.BinOp(op=operator) | ast.AugAssign(op=operator) if type(operator) in _RECKONED:
            swapped = _RECKONED[type(operator)]
            yield f"{_symbol(operator)} becomes {_symbol(swapped())}", _set("op", None, swapped)
        case ast.BoolOp(op=operator):
            other_word = ast.And if isinstance(operator, ast.Or) else ast.Or
            yield f"{_symbol(operator)} becomes {_symbol(other_word())}", _set("op", None, other_word)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield f"{_symbol(node.op)} is dropped", lambda found: found.operand
        case ast.IfExp():
            yield "the condition is turned round", lambda found: _negated(found)
        case ast.Constant(value=bool(value)):
            yield f"{value} becomes {not value}", lambda found: ast.Constant(not found.value)
        case ast.Constant(value=int() | float() as value):
            yield f"{value} becomes {value + 1}", lambda found: ast.Constant(found.value + 1)
            if value >= 1:
                yield f"{value} becomes {value - 1}", lambda found: ast.Constant(found.value - 1)
        case ast.Call(args=[_, _, *_]) if not any(isinstance(each, ast.Starred) for each in node.args):
            yield "the first two arguments are swapped", _swap
        case ast.If() | ast.While():
            yield "the condition is turned round", lambda found: _negated(found)
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield "gives None", lambda _: ast.Return(ast.Constant(None))
        case ast.Break() | ast.Continue():
            yield "is dropped", lambda _: ast.Pass()
        case ast.Assign() | ast.AugAssign() | ast.Raise() | ast.Assert() | ast.Delete() | ast.Expr():
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                yield f"`{ast.unparse(node).splitlines()[0][:60]}` is dropped", lambda _: ast.Pass()


_SYMBOLS: dict[type[ast.AST], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.And: "and",
    ast.Or: "or",
    ast.Not: "not",
    ast.USub: "the minus",
}


def _symbol(operator: ast.AST) -> str:
    return _SYMBOLS[type(operator)]


def _set(name: str, index: int | None, kind: type[ast.AST]) -> Callable[[Any], None]:
    def change(node: Any) -> None:
        if index is None:
            setattr(node, name, kind())
        else:
            getattr(node, name)[index] = kind()

    return change


def _swap(call: ast.Call) -> None:
    call.args[0], call.args[1] = call.args[1], call.args[0]


def _negated(node: Any) -> None:
    node.test = ast.UnaryOp(ast.Not(), node.test)


def mutants(path: Path, lines: range) -> Iterator[Mutant]:
    """Every change of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {id(part) for node in ast.walk(tree) for part in _left_alone(node)}
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in skipped or getattr(node, "lineno", None) not in lines:
            continue
        for what, change in changes(node):
            yield Mutant(path, range(node.lineno, node.end_lineno + 1), what, number, change)  # type: ignore[attr-defined]


def _left_alone(node: ast.AST) -> Iterator[ast.AST]:
    """Parts of a tree that only people and type checkers read."""
    match node:
        case ast.AnnAssign(annotation=annotation) | ast.arg(annotation=ast.expr() as annotation):
            yield from ast.walk(annotation)
        case ast.FunctionDef(returns=ast.expr() as annotation):
            yield from ast.walk(annotation)
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            yield from ast.walk(node)
        case ast.Call(func=ast.Name(id="define" | "frozen" | "field" as name)):
            for keyword in node.keywords:  # how a class is shown and compared
                if name != "field" or keyword.arg == "repr":
                    yield from ast.walk(keyword.value)


# ----------------------------------------------------------------------------------------------------- changed code


def _codes(code: CodeType) -> Iterator[tuple[tuple[Any, ...], CodeType]]:
    """All code in a code, by the way to it."""
    counts: dict[str, int] = {}
    for part in code.co_consts:
        if isinstance(part, CodeType):
            counts[part.co_name] = counts.get(part.co_name, 0) + 1
            step = (part.co_name, counts[part.co_name])
            yield (step,), part
            for way, inner in _codes(part):
                yield (step, *way), inner


def _is_function(code: CodeType) -> bool:
    return bool(code.co_flags & 0x02)  # CO_NEWLOCALS: a class body has it not


def _outside_functions(code: CodeType) -> list[Any]:
    """What a module and its classes do when they are made."""
    inner = [part for part in code.co_consts if isinstance(part, CodeType)]
    plain = [part for part in code.co_consts if not isinstance(part, CodeType)]
    return [code.co_code, code.co_names, plain, *(_outside_functions(part) for part in inner if not _is_function(part))]


# Code in a function that lives no longer than a call of it.
_MADE_EACH_TIME = {"<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>"}

Place = tuple[str, str, tuple[Any, ...]]
Replacements = dict[Place, CodeType]


def _place(code: CodeType) -> Place:
    """What tells a function's code from any other; code that has run is not equal to its like that has not."""
    return code.co_filename, code.co_qualname, tuple(code.co_positions())


@cache
def _original(path: Path) -> CodeType:
    return compile(path.read_text(encoding="utf-8"), str(path), "exec")


def replacements(mutant: Mutant) -> Replacements | None:
    """The code that each function is to have instead; None where more than functions changes."""
    original, changed = _original(mutant.path), mutant.code()
    before, after = dict(_codes(original)), dict(_codes(changed))
    if repr(_outside_functions(original)) != repr(_outside_functions(changed)):
        return None
    if any(way[-1][0] not in _MADE_EACH_TIME for way in before.keys() ^ after.keys()):
        return None
    found = [(code, after[way]) for way, code in before.items() if way in after and code != after[way]]
    found = [(code, other) for code, other in found if _is_function(code)]
    if any(code.co_freevars != other.co_freevars for code, other in found):
        return None
    return {_place(code): other for code, other in found}


def patch(path: Path, codes: Replacements) -> None:
    """Gives every living function of a module its changed code."""
    for function in [each for each in gc.get_objects() if isinstance(each, FunctionType)]:
        if function.__code__.co_filename == str(path) and (code := codes.get(_place(function.__code__))):
            function.__code__ = code


@define
class ChangedImport(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a changed tree."""

    mutant: Mutant

    def find_spec(self, name: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        if name != ".".join(self.mutant.path.relative_to(ROOT).with_suffix("").parts):
            return None
        return importlib.util.spec_from_file_location(name, self.mutant.path, loader=self)

    def exec_module(self, module: Any) -> None:
        exec(self.mutant.code(), vars(module))


# ------------------------------------------------------------------------------------------------------------ runs


@define
class Reached:
    """Which tests run which lines, and how many seconds a test takes."""

    lines: dict[tuple[str, int], set[int]] = field(factory=dict)
    took: dict[int, float] = field(factory=dict)
    failed: Counter[int] = field(factory=Counter)

    def tests_of(self, mutant: Mutant) -> list[int]:
        """The tests that may see a change, first those that are quick and saw many before."""
        found = {test for line in mutant.span for test in self.lines.get((str(mutant.path), line), ())}
        return sorted(found, key=lambda test: (self.took[test] / (1 + 10 * self.failed[test]), test))


@define
class Loop:
    """Runs the tests that pytest has collected, again and again."""

    mutants: Sequence[tuple[Mutant, Replacements]]
    tell: Callable[[Mutant, str], None]
    failed: bool = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        reached = self._measure(session.items)
        patience = 10 + 3 * sum(reached.took.values())
        for mutant, codes in self.mutants:
            tests = reached.tests_of(mutant)
            if not tests:
                self.tell(mutant, "not reached")
                continue
            reader, writer = os.pipe()
            work = partial(self._try, session.items, mutant.path, codes, tests, writer)
            self.tell(mutant, in_a_fork(work, patience))
            os.close(writer)
            with os.fdopen(reader) as stream:
                reached.failed.update(map(int, stream.read().split()))
        return True

    def _try(
        self, items: Sequence[pytest.Item], path: Path, codes: Replacements, tests: Sequence[int], told: int
    ) -> int:
        """Runs tests until one fails, and tells its number."""
        patch(path, codes)
        for index, test in enumerate(tests):
            following = items[tests[index + 1]] if index + 1 < len(tests) else None
            items[test].ihook.pytest_runtest_protocol(item=items[test], nextitem=following)
            if self.failed:
                os.write(told, b"%d" % test)
                return 1
        return 0

    def _measure(self, items: Sequence[pytest.Item]) -> Reached:
        """All tests once, unchanged: what they reach. Raises SystemExit where one fails."""
        reached = Reached()
        paths = {str(mutant.path) for mutant, _ in self.mutants}
        for number, item in enumerate(items):

            def local(frame: FrameType, event: str, _: Any, number: int = number) -> Any:
                if event == "line":
                    reached.lines.setdefault((frame.f_code.co_filename, frame.f_lineno), set()).add(number)
                return local

            def trace(frame: FrameType, _: str, __: Any, local: Any = local) -> Any:
                return local if frame.f_code.co_filename in paths else None

            started = time.process_time()
            sys.settrace(trace)
            item.ihook.pytest_runtest_protocol(
                item=item, nextitem=items[number + 1] if number + 1 < len(items) else None
            )
            sys.settrace(None)
            reached.took[number] = time.process_time() - started
            if self.failed:
                raise SystemExit(f"{item.nodeid} fails without any change")
        return reached


def in_a_fork(work: Callable[[], int], patience: float) -> str:
    """Does something in a process of its own, which may take so many seconds of a processor: what came of it."""
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (int(patience), int(patience) + 5))
        signal.alarm(int(10 * patience))  # for one that waits, on a machine that has much else to do
        quiet = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(quiet, descriptor)
        code = 2
        try:
            code = work()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGALRM):
        return "never came to an end"
    return "killed" if status else "survived"


class SameExamples:
    """Has hypothesis try the same examples on every change, and shrink none: how a test fails does not matter here."""

    def pytest_configure(self) -> None:
        from hypothesis import Phase, settings

        settings.register_profile("mutate", database=None, derandomize=True, phases=(Phase.explicit, Phase.generate))
        settings.load_profile("mutate")


def imported_anew(mutant: Mutant, arguments: list[str]) -> int:
    sys.meta_path.insert(0, ChangedImport(mutant))
    return int(pytest.main(["-x", *arguments], plugins=[SameExamples()]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="+", type=Path)
    parser.add_argument("--tests", nargs="+", required=True, help="files and folders that pytest collects")
    parser.add_argument("--lines", default="1-100000", help="only changes that begin in these lines: 60-120")
    parser.add_argument("--among", type=Path, metavar="FILE", help="only changes that a former output lists")
    chosen = parser.parse_args()
    first, last = map(int, chosen.lines.split("-"))
    found = [each for path in chosen.modules for each in mutants(path.resolve(), range(first, last + 1))]
    if chosen.among is not None:
        listed = {line.rpartition(": ")[0] for line in chosen.among.read_text(encoding="utf-8").splitlines()}
        found = [mutant for mutant in found if str(mutant) in listed]
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what pytest shows is of no interest
    counts: dict[str, int] = {}

    def tell(mutant: Mutant, outcome: str) -> None:
        counts[outcome] = counts.get(outcome, 0) + 1
        if outcome not in ("killed", "never came to an end"):
            print(f"{mutant}: {outcome}", file=out)

    plain = ["-p", "no:cacheprovider", "-p", "no:xdist", "--assert=plain", *chosen.tests]
    inside = []
    for mutant in found:
        codes = replacements(mutant)
        if codes is None:
            tell(mutant, in_a_fork(partial(imported_anew, mutant, plain), 60))
        elif codes:  # else it is the same to the machine
            inside.append((mutant, codes))
    pytest.main(plain, plugins=[SameExamples(), Loop(inside, tell)])
    print(
        f"{sum(counts.values())} changes: " + ", ".join(f"{count} {what}" for what, count in sorted(counts.items())),
        file=out,
    )


if __name__ == "__main__":
    main()
