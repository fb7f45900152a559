"""Time: the page by which programs read the venue's clock, when they rest, and who moves it."""
