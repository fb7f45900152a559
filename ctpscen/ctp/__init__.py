"""CTP's vocabulary as data: records, constants, errors, products, messages. No behaviour, no input or output."""
