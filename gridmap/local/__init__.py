"""The embedded default: `gridmap up` runs its own database, Redis, web server and workers.

`machine` knows users and folders, `layout` what lies where, `postgres` and `redis_server` how to
run those two, `child` one process with its log, `supervisor` all of them together, `control` how
another terminal asks about them or stops them.
"""

from gridmap.local.console import described
from gridmap.local.control import down, status
from gridmap.local.errors import LocalError
from gridmap.local.following import follow_logs
from gridmap.local.start import up

__all__ = ["LocalError", "described", "down", "follow_logs", "status", "up"]
