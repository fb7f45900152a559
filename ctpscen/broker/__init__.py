"""What one's own broker says of products: read from dumps of its counter, kept in the user's folder."""
