"""What CTP's headers declare: records, functions, callbacks, constants, and their Chinese names."""
