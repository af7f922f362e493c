"""The embedded default: `gridmap up` runs its own database, Redis, web server and workers.

`machine` knows users and folders, `checkout` the code they run, `layout` what lies where,
`postgres` and `redis_server` how to run those two, `child` one process with its log, `parts` the
programs, `supervisor` all of them together, `start` the order of a start, `recovery` what an
earlier one left behind, `control` how another terminal asks or stops them.
"""

from gridmap.local.console import described
from gridmap.local.control import down, status
from gridmap.local.errors import LocalError
from gridmap.local.following import follow_logs
from gridmap.local.start import up

__all__ = ["LocalError", "described", "down", "follow_logs", "status", "up"]
