"""What a checked step needs of the sessions: that they are connected, or market data."""

from ctpscen.language.meaning.functions import FUNCTIONS
from ctpscen.language.meaning.verbs import VERBS
from ctpscen.language.syntax.tree import FunctionCall, PriceWord, Step
from ctpscen.language.syntax.walk import own_expressions


def needs_session(step: Step) -> bool:
    """Whether a session's step, or one in anybody's name, comes after the sessions are connected."""
    return VERBS[step.verb].needs_session == "always" or _reads_session(step)


def _reads_session(step: Step) -> bool:
    """Whether a step's own expressions ask the front, look into a session's books, or name a price."""
    for expression in own_expressions(step):
        if isinstance(expression, PriceWord):
            return True
        if isinstance(expression, FunctionCall) and FUNCTIONS[expression.name].session:
            return True
    return False


def reads_market(step: Step) -> bool:
    """Whether a step reads a price off the market: by name, or because an order is given none."""
    if VERBS[step.verb].defaults_to_market and not step.has("at"):
        return True
    return any(
        isinstance(each, PriceWord) or (isinstance(each, FunctionCall) and each.name == "quote")
        for each in own_expressions(step)
    )
