"""BLAKE2b, without the OpenSSL that `hashlib` loads for it, which is a twentieth of the start."""

try:
    from _blake2 import blake2b
except ImportError:  # a Python without the modules behind hashlib, or with other names for them
    from hashlib import blake2b

__all__ = ["blake2b"]
