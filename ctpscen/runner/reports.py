"""The files that a run leaves for other programs: which are wanted, whether they can be written, and writing them."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from attrs import define, field

from ctpscen.report.files import Unwritable, prepare_file, prepare_folder, prepare_journal, write_pieces
from ctpscen.runner.execution import Done
from ctpscen.runner.selection import Item

if TYPE_CHECKING:
    from ctpscen.report.json import JsonReport
    from ctpscen.report.page.html import Page


@define(eq=False)
class Reports:
    """Where each is to be written; None where it is not wanted. Journals go into a folder, one an item.

    With `force`, what is no report of ours is written over, too.
    """

    journals: str | None = None
    junit: str | None = None
    json: str | None = None
    html: str | None = None
    force: bool = False
    _document: "JsonReport | None" = field(default=None, init=False)
    _page: "Page | None" = field(default=None, init=False)
    _troubles: dict[str, str] = field(factory=dict, init=False)

    @property
    def need_events(self) -> bool:
        """Whether one that is written at the end tells of the events of what passed, too."""
        return self.json is not None or self.html is not None

    def prepare(self, items: Iterable[Item]) -> None:
        """Makes folders, and looks whether all can be written, before anything runs. Raises Unwritable."""
        for path in (self.junit, self.json, self.html):
            if path is not None:
                prepare_file(path, force=self.force)
        if self.journals is not None:
            from ctpscen.report.journal import journal_name

            prepare_folder(self.journals)
            for item in items:
                prepare_journal(os.path.join(self.journals, journal_name(item)), force=self.force)

    def take(self, each: Done, rerun: str) -> None:
        """Takes a result with its events, when it is there; `rerun` is the command that runs it again.

        What cannot be put aside is told of when the report is written.
        """
        if self.json is not None and self.json not in self._troubles:
            self._put_aside(self.json, lambda: self._json_report().add(each))
        if self.html is not None and self.html not in self._troubles:
            self._put_aside(self.html, lambda: self._html_page().add(each, rerun))

    def _put_aside(self, path: str, add: Callable[[], None]) -> None:
        try:
            add()
        except OSError as reason:
            self._troubles[path] = str(Unwritable.because(path, reason))

    def _json_report(self) -> "JsonReport":
        if self._document is None:
            from ctpscen.report.json import JsonReport

            self._document = JsonReport()
        return self._document

    def _html_page(self) -> "Page":
        if self._page is None:
            from ctpscen.report.page.html import Page

            self._page = Page()
        return self._page

    def write(self, done: Sequence[Done], wall: float, seed: int, source: Callable[[str], str] = str) -> Iterator[str]:
        """Writes those of a run's end; gives what went wrong with one, and goes on with the next.

        `done` are the results that were taken, which may have lost their events. `wall` is the run's wall time in
        seconds, `source` gives a scenario's text as it may be shown.
        """
        for path, pieces in self._texts(done, wall, seed, source):
            if path in self._troubles:
                yield self._troubles[path]
                continue
            try:
                write_pieces(path, pieces)
            except Unwritable as reason:
                yield str(reason)

    def _texts(
        self, done: Sequence[Done], wall: float, seed: int, source: Callable[[str], str]
    ) -> Iterator[tuple[str, Iterable[str]]]:
        if self.junit is not None:
            from ctpscen.report.junit import junit_text

            yield self.junit, [junit_text(done)]
        if self.json is not None:
            yield self.json, self._json_report().pieces(done, wall, seed)
        if self.html is not None:
            yield self.html, self._html_page().pieces(done, wall, seed, source)
