"""A private Redis on a Unix socket: described as a part, asked if ready."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from gridmap.local.child import Part, base_environment
from gridmap.local.errors import LocalError
from gridmap.local.machine import User

INSTALL = "apt-get install redis-server"


@dataclass(frozen=True)
class RedisServer:
    """One Redis: its data folder, its socket, its password.

    Parameters
    ----------
    data : Path
        Data folder, with the append-only file and the configuration.
    sockets : Path
        Folder of its Unix socket, the only way in.
    password : str
        Of the default user.
    """

    data: Path
    sockets: Path
    password: str

    @property
    def socket(self) -> Path:
        """Path of the socket."""
        return self.sockets / "redis.sock"

    @property
    def url(self) -> str:
        """Address for clients."""
        return f"unix://:{self.password}@{self.socket}"

    def part(self, user: User) -> Part:
        """Write the configuration and return how to run the server.

        Raises
        ------
        LocalError
            Redis is not installed; names the command.
        """
        program = shutil.which("redis-server")
        if program is None:
            raise LocalError(f"Redis is not installed\nrun as root: {INSTALL}")
        self.data.mkdir(mode=0o700, exist_ok=True)
        configuration = self.data / "redis.conf"
        # The password is in a file of its owner's alone, not among the arguments everybody sees.
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration(), encoding="utf-8")
        if os.geteuid() != user.uid:
            os.chown(self.data, user.uid, user.gid)
            os.chown(configuration, user.uid, user.gid)
        stops = ((signal.SIGTERM, 10.0),)
        argv = [program, str(configuration)]
        # PostgreSQL is the truth: what the queues held is enqueued again from there.
        return Part(
            "redis",
            argv,
            base_environment(self.data),
            self.data,
            stops,
            "TERM",
            outlives_clients=True,
            disposable=self.data / "appendonlydir",
        )

    def _configuration(self) -> str:
        lines = [
            "port 0",
            f'unixsocket "{self.socket}"',
            "unixsocketperm 700",
            f'requirepass "{self.password}"',
            f'dir "{self.data}"',
            "daemonize no",
            'logfile ""',
            "appendonly yes",
            "appendfsync everysec",
            # The append-only file is the one copy; what it holds can be made again from PostgreSQL.
            'save ""',
            "aof-load-truncated yes",
            "maxmemory 512mb",
            "maxmemory-policy noeviction",
            "databases 4",
        ]
        return "\n".join(lines) + "\n"

    def is_ready(self) -> bool:
        """Tell whether it answers, which it does not while it loads its data."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(2)
                client.connect(str(self.socket))
                client.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    more = client.recv(256)
                    if not more:
                        return False
                    answer += more
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"
