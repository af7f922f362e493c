"""Pure geography: frames and arrays in, frames and dataclasses out; no I/O but in the readers."""
