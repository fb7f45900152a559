"""Options towards their end: exercise, abandonment, self-close, inquiries for quotes, and what expiry makes of them."""
