"""The relay between the library and its fronts, where the wire is cut, stalled and delayed."""
