"""Use cases: may they? load, compute, save, record the event."""
