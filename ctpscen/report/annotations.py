"""Annotations for GitHub's pages: a line of output for each diagnostic, which GitHub shows beside the line it is of."""

from collections.abc import Iterator, Sequence

from ctpscen.engine.state.outcomes import SOUND
from ctpscen.report.runs import Done, titled


def annotation_lines(done: Sequence[Done]) -> Iterator[str]:
    """A workflow command for every diagnostic of what did not pass, or not at once, and for what has none."""
    for each in done:
        result = each.result
        if result.verdict in SOUND - {"flaky"}:
            continue
        level = "warning" if result.verdict == "flaky" else "error"
        title = f"{titled(result.title, result.row)} {result.verdict}"
        for located in result.diagnostics:
            place = located.source.place(located.diagnostic.span[0])
            message = "\n".join([located.diagnostic.message, *located.diagnostic.notes])
            yield _command(level, located.source.shown_name, place.line, place.column, title, message)
        if not result.diagnostics:
            yield _command(level, result.name, result.line, 1, title, result.reason or result.verdict)
        for text in result.errors_beside:
            yield _command("error", result.name, result.line, 1, f"{titled(result.title, result.row)} error", text)


def _command(level: str, file: str, line: int, column: int, title: str, message: str) -> str:
    values = f"file={_value(file)},line={line},col={column},title={_value(title)}"
    return f"::{level} {values}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
