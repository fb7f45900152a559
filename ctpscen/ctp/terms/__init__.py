"""What is traded: products, their months, and how instruments are named."""
