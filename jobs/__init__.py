"""RQ entry points: ids in, services called, nothing returned; results are in PostgreSQL."""
