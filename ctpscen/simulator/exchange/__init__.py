"""The exchange: order books, what it checks of an order, matching."""
