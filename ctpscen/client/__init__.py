"""One CTP session as a state machine without input or output.

It is fed with callbacks and told the time; it puts out requests, and says when it wants to be woken. It knows no
socket, no thread, no clock, and cannot tell whether a simulator or the native library is behind it.

`session` drives the API; `books` are what is known from its traffic, whoever drives it.
"""
