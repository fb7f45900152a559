"""The scenarios of a file, their tables, and the steps around them."""

from collections.abc import Sequence

from attrs import define, field

from ctpscen.language.checking.acting import acting, manual_sessions
from ctpscen.language.checking.layout import Layout
from ctpscen.language.checking.symbols import File
from ctpscen.language.meaning import types
from ctpscen.language.meaning.needs import reads_market
from ctpscen.language.meaning.program import Scenario, Table
from ctpscen.language.meaning.scope import Scope, names_given
from ctpscen.language.meaning.types import ANY, DURATION, Type
from ctpscen.language.syntax.tree import Expression, Step, Word
from ctpscen.language.text.diagnostics import Label
from ctpscen.language.text.source import Span


@define
class ScenarioChecker:
    """Checks what runs. `before`, `after` and `scenarios` are there once `run` has been called.

    `endings` are the scopes that the scenarios end with: what `after` may see.
    """

    file: File
    layout: Layout
    before: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()
    scenarios: list[Scenario] = field(factory=list)
    endings: list[Scope] = field(factory=list)
    _given: Scope = field(init=False)

    def run(self) -> None:
        self._given = self._scope((self.layout.before.body or ()) if self.layout.before else ())
        self.before = self._around(self.layout.before, self._given)
        titles: dict[str, Span] = {}
        if self.layout.bare:
            bare = self.layout.bare
            whole = Step("scenario", {}, tuple(bare), bare[0].span, bare[0].head)
            self.scenarios.append(self._scenario(whole, self._file_title()))
        for step in self.layout.scenarios:
            word: Word = step.parts["text"]
            title = self._title(word)
            if title in titles:
                message = f"there are two scenarios called {word.text}"
                self.file.error("E403", message, word.span, others=[Label(titles[title], "the first")])
            titles.setdefault(title, word.span)
            self.scenarios.append(self._scenario(step, title))
        self._after()

    def _scope(self, steps: Sequence[Step]) -> Scope:
        scope = self.file.scope()
        scope.later = names_given(steps)
        return scope

    def _around(self, step: Step | None, scope: Scope) -> tuple[Step, ...]:
        return self.file.step_checker(scope).block(step.body or ()) if step else ()

    def _after(self) -> None:
        """The steps after every scenario: they see whatever the scenarios may have named."""
        if self.layout.after is None:
            for scope in self.endings:
                self.file.close(scope)
            return
        merged = self._scope(self.layout.after.body or ())
        for scope in self.endings:
            for name, kind in scope.types.items():
                merged.types[name] = types.joined(merged.types.get(name), kind)
        self.after = self._around(self.layout.after, merged)
        for scope in self.endings:
            scope.used |= merged.used
            self.file.close(scope)
        self.file.used_params |= merged.used

    # ---------------------------------------------------------------------------------------------- one scenario

    def _title(self, word: Word) -> str:
        text = word.text[1:-1]
        if not text.strip():
            self.file.error("E408", "a scenario needs a title", word.span)
        return text.replace('\\"', '"').replace("\\\\", "\\")

    def _file_title(self) -> str:
        name = self.file.source.shown_name.replace("\\", "/").rsplit("/", 1)[-1]
        return name.removesuffix(".scn")

    def _scenario(self, step: Step, title: str) -> Scenario:
        body, before = list(step.body or ()), self._given
        table_step = body.pop(0) if body and body[0].verb == "table" else None
        scope = Scope(dict(before.types), set(before.sure), names_given(body), list(before.bindings))
        scope.used |= before.used
        table = self._table(table_step, scope) if table_step else None
        timeout = step.expression("timeout")
        if timeout is not None:
            constant = self.file.expression_checker(self.file.scope(), constant=True)
            timeout = constant.wanted(timeout, DURATION)
            self.file.used_params |= constant.scope.used
        if not body:
            self.file.error("E405", "there is no step in this scenario", step.head)
        checked = self.file.step_checker(scope).block(body)
        self.file.used_params |= scope.used
        self.endings.append(scope)
        place, last = self.file.source.place(step.span[0]), max(step.span[0], step.span[1] - 1)
        actor, defines = self.file.default_actor, self.file.symbols.defines
        own = list(acting(checked, actor, defines))
        verbs = list(acting((*self.before, *checked), actor, defines)) if self.before else own
        return Scenario(
            title=title,
            tags=tuple(word.text[1:] for word in step.many("tag")),
            timeout=timeout,
            table=table,
            body=checked,
            manual=manual_sessions(verbs),
            line=1 if "text" not in step.parts else place.line,
            last_line=self.file.source.place(last).line,
            uses_venue=any(actor == "venue" for actor, _ in own),
            priced=frozenset(actor for actor, each in verbs if reads_market(each)),
            reconciles=any(each.verb == "expect_reconciled" for _, each in verbs),
        )

    # -------------------------------------------------------------------------------------------------- its table

    def _table(self, step: Step, scope: Scope) -> Table:
        rows: Sequence[tuple[Expression, ...]] = step.many("row")
        unread = step.body or ()
        if not rows or (unread and unread[0].span < rows[0][0].span):  # the names of its columns could not be read
            return Table((), (), ())
        columns = self._columns(rows[0])
        if len(rows) == 1 and not unread:
            self.file.error("E407", "this table has no row below its column names", step.head)
        checked: list[tuple[Expression, ...]] = []
        spans: list[Span] = []
        kinds: list[Type | None] = [None] * len(columns)
        constant = self.file.expression_checker(self.file.scope(), constant=True)
        for row in rows[1:]:
            span = (row[0].span[0], row[-1].span[1])
            if len(row) != len(columns):
                cells_found, wanted = _counted(len(row), "cell"), _counted(len(columns), "column")
                self.file.error("E407", f"this row has {cells_found}, and the table {wanted}", span)
                continue
            cells = [constant.check(cell) for cell in row]
            kinds = [types.joined(kind, cell[1]) for kind, cell in zip(kinds, cells, strict=True)]
            checked.append(tuple(cell for cell, _ in cells))
            spans.append(span)
        self.file.used_params |= constant.scope.used
        for column, kind in zip(columns, kinds, strict=True):
            scope.types[column] = kind or ANY
            scope.sure.add(column)
        return Table(tuple(columns), tuple(checked), tuple(spans))

    def _columns(self, row: Sequence[Expression]) -> list[str]:
        """The names in the first row of a table; one of our own for what is no name."""
        columns: list[str] = []
        for cell in row:
            name = getattr(cell, "name", None)
            if not isinstance(name, str):
                self.file.error("E407", "the first row of a table names its columns", cell.span)
                name = f"_{len(columns)}"
            if name in columns:
                self.file.error("E407", f"two columns are called `{name}`", cell.span)
            columns.append(name)
        return columns


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
