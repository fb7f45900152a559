"""The other end of the shim: sockets, frames, the layouts of every version, and API objects."""
