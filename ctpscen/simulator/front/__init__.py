"""The fronts for trading and for market data, and what their queries answer."""
