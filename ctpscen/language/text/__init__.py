"""A scenario's text: places in it, and what is said about them."""
