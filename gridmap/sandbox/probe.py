"""Tries what a hostile file would try; for `gridmap check` and the tests."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

_HOSTS = ("127.0.0.1", 9)


def probe(place: Path, arguments: dict[str, Any]) -> dict[str, Any]:
    """Tell which of these succeed; only writing its own folder should.

    Parameters
    ----------
    place
        The folder of the cage.
    arguments
        `held`: the locks; `forbidden`: further files to try to read; `hang`, `hog`: what to do
        without end.
    """
    if arguments.get("hang") == "cpu":
        while True:
            pass
    if arguments.get("hang") == "sleep":
        import time

        time.sleep(3600)
    if arguments.get("hog"):
        kept = []
        while True:
            kept.append(bytearray(64 * 1024**2))
    forbidden = ["/etc/passwd", "/proc/1/environ", *arguments.get("forbidden", [])]
    return {
        "held": arguments["held"],
        "environment": sorted(set(os.environ) - {"LC_CTYPE"}),
        "connects": _works(_connect),
        "local_socket": _works(lambda: socket.socket(socket.AF_UNIX).close()),
        "runs_programs": _works(lambda: os.execv("/bin/true", ["true"])),  # noqa: S606
        "forks": _works(_fork),
        "signals": _works(lambda: os.kill(os.getppid(), 0)),
        "reads": [name for name in forbidden if _works(Path(name).read_bytes)],
        "writes_outside": _works(lambda: Path("/tmp/gridmap-cage-probe").write_bytes(b"x")),  # noqa: S108
        "writes_inside": _works(lambda: (place / "probe").write_bytes(b"x")),
    }


def _works(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _connect() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.settimeout(1)
        try:
            tried.connect(_HOSTS)
        except ConnectionRefusedError:
            return  # somebody answered: there is a network


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
