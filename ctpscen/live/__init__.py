"""The real CTP library: what it needs around it to be loaded safely."""
