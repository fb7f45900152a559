"""Which orders close a position: SHFE and INE keep today's lots apart from older ones, and want to be told which."""

from ctpscen.client.books.positions import Position
from ctpscen.ctp.terms.products import product_of


def closes(instrument: str, held: Position, *, buy: bool, volume: int) -> list[tuple[str, int]]:
    """Offsets and volumes that close up to so many lots: the older ones first, where they are told apart."""
    side = "short" if buy else "long"
    today, yesterday = getattr(held, f"{side}_today"), getattr(held, f"{side}_yesterday")
    product = product_of(instrument)
    if product is None or not product.dated_positions:
        lots = [("close", today + yesterday)]
    else:
        lots = [("close", yesterday), ("close_today", today)]
    orders = []
    for offset, available in lots:
        taken = min(volume, max(0, available))
        if taken:
            orders.append((offset, taken))
            volume -= taken
    return orders


def changes(instrument: str, held: Position, change: int) -> list[tuple[str, int]]:
    """Offsets and volumes that change the net position by so many lots: closes first, then an opening."""
    orders = closes(instrument, held, buy=change > 0, volume=abs(change))
    left = abs(change) - sum(volume for _, volume in orders)
    return [*orders, ("open", left)] if left else orders
