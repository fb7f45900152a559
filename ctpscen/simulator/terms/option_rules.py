"""What the exchanges differ in about options, as rows: who takes which declarations by way of CTP.

The rows follow CTP's own documentation on exercise, self-close and inquiries; where it has none the exchange is like
the one that runs the same system (INE like SHFE, GFEX like DCE).
"""

from collections.abc import Mapping

from attrs import evolve, frozen


@frozen(eq=False, repr=False)
class OptionRules:
    """One exchange.

    `exercise` says whether it takes declarations at all (CFFEX takes them elsewhere), `abandon` those not to exercise,
    `by_zero` that a declaration of no lots keeps its options from being exercised automatically. `auto_close` says
    whether the lots of a future that an exercise leaves can be set off by the same declaration, `self_close` whether
    self-closes are taken. `numbers_inquiries` is whether it gives an inquiry for quotes a number, and
    `counter_times_inquiries` whether CTP watches over their pace, not the exchange.
    """

    exercise: bool = True
    abandon: bool = True
    by_zero: bool = False
    auto_close: bool = False
    self_close: bool = True
    numbers_inquiries: bool = False
    counter_times_inquiries: bool = False


_SHFE = OptionRules(auto_close=True)
_DCE = OptionRules(by_zero=True, numbers_inquiries=True)

OPTION_RULES: Mapping[str, OptionRules] = {
    "SHFE": _SHFE,
    "INE": _SHFE,
    "DCE": _DCE,
    "GFEX": evolve(_DCE, abandon=False, auto_close=True),
    "CZCE": OptionRules(self_close=False, numbers_inquiries=True, counter_times_inquiries=True),
    "CFFEX": OptionRules(exercise=False, abandon=False, self_close=False, counter_times_inquiries=True),
}
