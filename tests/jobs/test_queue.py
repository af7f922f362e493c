"""The queue's own small questions."""

import contextlib
import socket
import tempfile
import time
from pathlib import Path

from gridmap import queue


def test_redis_that_hangs_is_not_alive_and_holds_nobody_up():
    with tempfile.TemporaryDirectory(prefix="gm-") as folder:
        path = Path(folder) / "redis.sock"
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as silent:
            silent.bind(str(path))
            silent.listen(4)  # takes the connection, and says nothing
            began = time.monotonic()
            assert not queue.alive(f"unix://{path}")
            assert time.monotonic() - began < 4
