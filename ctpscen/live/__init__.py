"""The real CTP library: what it needs around it to be loaded safely, and to harm nobody.

    profile/   as whom and where to log in: profiles, other programs' settings, addresses, secrets
    library/   the native library in a process of its own, and the framing between it and the run
    relay/     the process that carries the bytes to the fronts, and cuts or delays them
    children   how the processes of both are started, so that no secret gets out by them
    wire       library and relay together: all that lies between a session and its fronts
    care/      what keeps a run from harm: permit, guard, locks, keys of orders, clean-up, masking

`environments.live` puts them together.
"""
