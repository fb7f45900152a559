"""Live programs: the other end of the tap, which stands between a program and the real CTP library (`native/tap/`)."""
