"""The broker's counter, CTP's core: checks, accounts, and the orders that CTP itself keeps."""
