"""The inbox of a session: every report in order of arrival, until an expectation takes it."""

from collections.abc import Iterable, Iterator

from attrs import define, field

from ctpscen.client.books.reports import Report


@define(eq=False, repr=False)
class Inbox:
    """Reports that nobody has taken, by number; all that ever came are in `history`.

    `news` counts those that are no quotes: a market that moves changes neither orders nor positions.
    """

    history: list[Report] = field(factory=list)
    news: int = 0
    _waiting: dict[int, Report] = field(factory=dict)

    def add(self, report: Report) -> None:
        self.history.append(report)
        self.news += report.name != "OnRtnDepthMarketData"
        self._waiting[report.number] = report

    def waiting(self) -> Iterator[Report]:
        """What nobody has taken, the oldest first."""
        return iter(list(self._waiting.values()))

    def take(self, reports: Iterable[Report]) -> None:
        for report in reports:
            self._waiting.pop(report.number, None)

    def take_numbers(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._waiting.pop(number, None)

    def has(self, report: Report) -> bool:
        return report.number in self._waiting

    def forget(self) -> None:
        self._waiting.clear()
