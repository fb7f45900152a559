"""A program under test: any program that uses the CTP library, unchanged, with the venue behind its calls.

Its CTP library is replaced at load time (`native/`), its calls come over a socket, and it is a port of the world as a
session of the engine is: calls go to an `Api`, callbacks come through `Program.deliver`. Its clocks and waits follow
the venue's. What it asks, is told, writes, and how it ends is handed on as events, in the order in which it happened.

    programs = Programs(world, pace="jump", home=folder)      # one for a run: its sockets, its clock
    robot = programs.add(Spec("robot", ("python3", "robot.py"), folder=Path("robots")), take=events.append)
    robot.api = simulation.host("robot", account, robot)      # an Api; the program is its Port
    robot.start()
    while programs.advance(limit):                            # the next thing has happened
        ...
    robot.type("stop")
    robot.terminate()                                         # SIGTERM; then advance until an `Exited` has come
    programs.close()                                          # nothing is left running, no file, no socket

**Who moves time.** From the first `start` to `close` nothing but `Programs.advance(limit)` does; it has the meaning of
`Environment.advance`: it lets the next thing happen and gives True, or lets time pass until `limit` (microseconds of
the trading clock; None is without limit) and gives False where it is `limit` and nothing is due. The next thing is
whichever comes first: a call or an output line of a program, its exit, an event of the world. `pace` says how time
passes in between: `"jump"`, or a factor of wall time (1.0, 10.0). With "jump", time jumps to the next thing that
anybody waits for — the world's next event, `limit`, a wait of any thread of any program — when all threads of all
programs rest and all that they wrote and sent has been read; while one of them computes, as much of it passes as that
one has a processor. `now` of the world is the time of every event. Everything happens on the thread that calls
`advance`, so nothing that a listener or the venue does needs a lock; a call of the program is answered before `advance`
returns.

**What an environment calls.** `start()` (raises `CannotStart`), `terminate()` (SIGTERM to the program's process group),
`kill()`, `type(line)`; none of them waits. `is_running`. The network path is the venue's: `disconnect` and its like
are commands to the host that bears the program's name. `explain()` says why a program has made no API object: it
loads no CTP library, an unknown version, is a static binary …, and is empty where it has made one.

**What it is told.** `take` is given, on the same thread: `Called` (a call of an API function that has returned),
`Delivered` (a callback that its code is being given), `Line`, `Exited`, `Hazard`. All bear the time, in microseconds;
API objects are numbered through the run, in `Request.api` and `Callback.api`.
"""
