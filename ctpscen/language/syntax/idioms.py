"""What people write who think of another language, or of CTP's own words, and what they mean by it.

A table: a row is tried on the words of the statement up to the one that does not fit, with a blank between them.
"""

import re
from collections.abc import Iterable

_WORD = r"(?P<word>\S+)"

IDIOMS = [
    (re.compile(pattern), meant)
    for pattern, meant in [
        (rf"wait until {_WORD} of", "`expect {word} of …` waits for a report"),
        (rf"check {_WORD} of", "`expect {word} of …` looks for a report, and waits for it"),
        (rf"expect not {_WORD} of", "that no report comes is `expect no {word} of …`"),
        (r"close (?:long|buy)", "a long position is closed by `sell close VOLUME INSTRUMENT`"),
        (r"close (?:short|sell)", "a short position is closed by `buy close VOLUME INSTRUMENT`"),
        (r"(?P<side>buy|sell) close (?P<day>today|yesterday) .*", "one word: `{side} close_{day} VOLUME …`"),
        (r".* (?:else|elif)", "`else:` and `elif …:` stand on a line of their own, and what they do on the next"),
        (r"assert \S+", "`check …` looks whether it is so now, `expect …` waits until it is"),
        (r"print \S+", "`log …` writes a value down"),
        (r"sleep (?P<span>\S+)", "time passes by `wait {span}`"),
        (r"wait for (?P<span>\d\S*)", "time passes by `wait {span}`"),
        (rf"wait for {_WORD}", "`expect {word} …` waits for a report, `wait until …` for a condition"),
        (r"expect (?:(?:no|\d+) )?fills?(?: .*)?", "what fills an order is a trade: `expect trade of …`"),
        (
            r"expect (?:no )?(?:print|output|stdout|stderr|log) .*",
            'what a program writes is expected as `expect line "…"`',
        ),
        (r"refuse next", "`reject next order by …` refuses one order, `refuse REQUEST by CODE` all of a kind"),
        (r"refuse (?P<what>\S+) by (?:error|code) .*", "the code stands right behind `by`: `refuse {what} by CODE`"),
        (r"disconnect for", "a break of some length is `disconnect`, `wait …` and `reconnect`, each a step"),
        (r"expect not .*", "that no report comes is `expect no … for …`"),
        (r"/", "a comment begins with `#`"),
        (r"break(?: .*)?", "a connection is broken by `disconnect`, or by `network: cut`"),
        (r"send (?:order|buy|sell)(?: .*)?", "an order is sent by `buy open …` or `sell close …`"),
        (r"restart(?: .*)?", "a program is ended by `terminate` or `kill`, and started again by `start`"),
        (r"expect .* of \S+ (?:with|having|if)", "what a report must be like stands behind `where`"),
        (
            r"expect .* of \S+ (?:and|or)",
            "what a report must be like stands behind `where`, and several reports below `expect in any order:`",
        ),
        (r"close \d+", "`sell close` ends a long position, `buy close` a short one"),
        (
            r"let (?P<name>\S+) = (?P<side>buy|sell) (?P<word>open|close\w*)",
            "an order gets its name behind it: `{side} {word} … as {name}`",
        ),
        (r".* (?P<number>[\d.]+) (?P<unit>us|ms|s|m|h)", "the unit stands at its number: `{number}{unit}`"),
        (r".* (?P<number>[\d.]+) sec(?:ond)?s?", "seconds are written `{number}s`"),
        (r".* (?P<number>[\d.]+) min(?:ute)?s?", "minutes are written `{number}m`"),
        (r".* (?P<number>[\d.]+) hours?", "hours are written `{number}h`"),
    ]
]


def meant(words: Iterable[str]) -> str:
    """What was meant by the words of a statement, as a message; '' where no row knows them."""
    statement = " ".join(words)
    for pattern, message in IDIOMS:
        if found := pattern.fullmatch(statement):
            return message.format(**found.groupdict())
    return ""


NAMES = [
    (re.compile(pattern), meant)
    for pattern, meant in [
        (r"trades|orders|quotes|rejections", "so many reports are expected by `expect 2 {name}`"),
        (r"ErrorID|error_id", "the code of an answer or a rejection is `code`"),
        (r"ErrorMsg|error_msg", "the text of an answer or a rejection is `message`"),
        (r"THOST_FTDC_[A-Za-z0-9]+_(?P<word>\w+)", "CTP's constants stand without that in front: `{word}`"),
    ]
]


def meant_by_name(name: str) -> str:
    """What was meant by a name that nothing has, as a message; '' where no row knows it."""
    for pattern, message in NAMES:
        if found := pattern.fullmatch(name):
            return message.format(name=name, **found.groupdict())
    return ""
