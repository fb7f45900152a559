"""`openctp_ctp` in plain Python: a program under test without any native code, wherever Python runs.

This package is loaded into the program, by its own interpreter, which may have nothing installed: it needs the standard
library alone, and imports nothing of ctpscen. `path/` stands first on the program's PYTHONPATH; what is there loads the
package under the name `ctpscen_stand_in` before the program's own code, and `start.py` does the rest:

- `library/` is what the program imports: modules of records, constants and API classes as the binding has them, whose
  calls go over the frames (`wire.py`) that the native part sends as well;
- `waits/` leads Python's clocks to the venue's time, and knows which threads wait, so that time may jump when all do;
- `control.py` tells ctpscen of that, and ends the process with the run;
- `network.py` keeps the program off the network where the system cannot.
"""
