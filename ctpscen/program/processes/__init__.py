"""Programs as processes: the native part, what can be started, the process itself, what it writes."""
