"""Options towards their end: exercise, abandonment, self-close, and what expiry makes of them."""
