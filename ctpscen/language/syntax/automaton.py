"""The LALR automaton: lark's tables, driven token by token, on stacks that may be looked at and put back.

Lark has a parser of its own for these tables, and a test holds the two together on every scenario of the repository.
It is not used because of what is asked at every other token: whether a word would fit, after whatever reductions it
asks for. Lark answers by a copy, a forced reading and an exception: 17 µs where it is 2.3 µs here, and what would fit
after a slip takes 0.7 ms instead of 0.13. A text of 9,000 tokens was parsed in 270 ms on lark's parser and in 155 ms
on this one (lark 1.3.1, Python 3.11, one busy core).

A row of the tables is resolved when its state is first reached: a reduction is then the number of its parts, the
rule's callback and its origin, so that no rule has to be looked up while a text is read.
"""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, frozen
from lark.parsers.lalr_analysis import Shift

from ctpscen.language.syntax.lexer import Token

END = "$END"
"""The kind of the token behind the last one of a text."""

Reduction = tuple[int, Callable[[list[Any]], Any], str]
Choices = dict[str, int | Reduction]
"""What may come in a state: the kind of a token to the state behind it, or to the reduction that it asks for."""


@frozen
class Row:
    """What follows a state: `choices` by the kinds of tokens, `behind` the state after each rule that is complete."""

    choices: Choices
    behind: dict[str, int]


class _Rows(dict[int, Row]):
    def __init__(self, states: Mapping[int, Mapping[str, Any]], callbacks: Mapping[Any, Any]) -> None:
        super().__init__()
        self.states = states
        self.callbacks = callbacks

    def __missing__(self, state: int) -> Row:
        row = self[state] = Row({}, {})
        for symbol, (action, argument) in self.states[state].items():
            if action is not Shift:
                row.choices[symbol] = (len(argument.expansion), self.callbacks[argument], argument.origin.name)
            elif symbol.isupper() or symbol == END:
                row.choices[symbol] = argument
            else:
                row.behind[symbol] = argument
        return row


@frozen
class Table:
    """The rows by state, and where reading begins and ends, for one start rule of the grammar."""

    rows: dict[int, Row]
    first: int
    last: int

    @classmethod
    def of(cls, configuration: Any) -> "Table":
        """From what lark gives its own parser."""
        rows = _Rows(configuration.states, configuration.callbacks)
        return cls(rows, configuration.start_state, configuration.end_state)


@define
class Automaton:
    """One reading. `states` and `values` are its stacks, of which the first is longer by one."""

    table: Table
    states: list[int]
    values: list[Any]

    @classmethod
    def at_start(cls, table: Table) -> "Automaton":
        return cls(table, [table.first], [])

    def choices(self) -> Choices:
        """What may come now."""
        return self.table.rows[self.states[-1]].choices

    def feed(self, token: Token) -> bool:
        """Reads one token; False where it does not fit. The reductions before it may have been done by then."""
        rows, states, values = self.table.rows, self.states, self.values
        kind, last = token.type, self.table.last
        while True:
            action = rows[states[-1]].choices.get(kind)
            if isinstance(action, int):
                states.append(action)
                values.append(token)
                return True
            if action is None:
                return False
            size, callback, origin = action
            parts = values[-size:] if size else []
            if size:
                del states[-size:], values[-size:]
            values.append(callback(parts))
            state = rows[states[-1]].behind[origin]
            states.append(state)
            if state == last and kind == END:
                return True

    def shifted(self, terminal: str) -> int | None:
        """The state behind a terminal, after whatever reductions it asks for; None where it does not fit."""
        rows, states, last = self.table.rows, list(self.states), self.table.last
        while True:
            action = rows[states[-1]].choices.get(terminal)
            if action is None or isinstance(action, int):
                return action
            size, _, origin = action
            if size:
                del states[-size:]
            state = rows[states[-1]].behind[origin]
            states.append(state)
            if state == last and terminal == END:
                return state
