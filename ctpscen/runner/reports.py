"""The files that a run leaves for other programs: which are wanted, whether they can be written, and writing them."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from attrs import frozen

from ctpscen.report.files import Unwritable, prepare_file, prepare_folder, prepare_journal, write_text
from ctpscen.runner.execution import Done
from ctpscen.runner.selection import Item


@frozen
class Reports:
    """Where each is to be written; None where it is not wanted. Journals go into a folder, one an item.

    With `force`, what is no report of ours is written over, too.
    """

    journals: str | None = None
    junit: str | None = None
    json: str | None = None
    html: str | None = None
    force: bool = False

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

    def write(
        self,
        done: Sequence[Done],
        wall: float,
        seed: int,
        rerun: Callable[[Item], str],
        source: Callable[[str], str] = str,
    ) -> Iterator[str]:
        """Writes those of a run's end; gives what went wrong with one, and goes on with the next.

        `wall` is the run's wall time in seconds, `rerun` gives the command that runs an item again, `source` a
        scenario's text as it may be shown.
        """
        for path, text in self._texts(done, wall, seed, rerun, source):
            try:
                write_text(path, text)
            except Unwritable as reason:
                yield str(reason)

    def _texts(
        self,
        done: Sequence[Done],
        wall: float,
        seed: int,
        rerun: Callable[[Item], str],
        source: Callable[[str], str],
    ) -> Iterator[tuple[str, str]]:
        if self.junit is not None:
            from ctpscen.report.junit import junit_text

            yield self.junit, junit_text(done)
        if self.json is not None:
            from ctpscen.report.json import json_text

            yield self.json, json_text(done, wall, seed)
        if self.html is not None:
            from ctpscen.report.page.html import html_text

            yield self.html, html_text(done, wall, seed, lambda each: rerun(each.item), source)
