"""A private PostgreSQL with PostGIS: found, initialised, described as a part, asked if ready."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from gridmap.local.child import Part, base_environment
from gridmap.local.errors import LocalError
from gridmap.local.machine import User

SUPERUSER = "postgres"
INSTALL = "apt-get install postgresql-15 postgresql-15-postgis-3"
VERSIONS = Path("/usr/lib/postgresql")
EXTENSIONS = Path("/usr/share/postgresql")
OLDEST = 15


@dataclass(frozen=True)
class Cluster:
    """One data folder and the programs that serve it.

    Parameters
    ----------
    programs : Path
        Folder of `postgres`, `initdb`, `pg_isready`.
    data : Path
        Data folder; may not exist yet.
    sockets : Path
        Folder of its Unix socket, the only way in.
    durable : bool
        False only for throw-away data of tests.
    """

    programs: Path
    data: Path
    sockets: Path
    durable: bool = True

    @classmethod
    def at(cls, data: Path, sockets: Path, durable: bool = True) -> Cluster:
        """Return the cluster of a data folder, served by the version that made it.

        Raises
        ------
        LocalError
            PostgreSQL or PostGIS is not installed; names the command.
        """
        return cls(_programs(data), data, sockets, durable)

    def url(self, password: str, database: str = "postgres") -> str:
        """Return the superuser's address."""
        host = quote(str(self.sockets), safe="")
        return f"postgresql://{SUPERUSER}:{password}@/{database}?host={host}"

    def initialise(self, password: str, user: User) -> None:
        """Make the data folder if it is absent.

        Parameters
        ----------
        password : str
            Of the superuser; everybody has to give one, on the socket too.
        user : User
            Who owns the data.

        Raises
        ------
        LocalError
            `initdb` failed; says what it said.
        """
        if (self.data / "PG_VERSION").exists():
            return
        # Made beside its place and moved there when whole: a start that is killed in the middle
        # leaves nothing that looks like a database.
        fresh = self.data.with_name(f"{self.data.name}.new")
        secret = self.data.with_name(f"{self.data.name}.password")
        command = [str(self.programs / "initdb"), "--pgdata", str(fresh), "--username", SUPERUSER]
        command += ["--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8"]
        command += ["--locale=C.UTF-8", "--data-checksums", "--no-instructions"]
        command += [] if self.durable else ["--no-sync"]
        subprocess.run(["rm", "-rf", "--", str(fresh)], check=True)
        secret.touch(mode=0o600)
        try:
            secret.write_text(password + "\n", encoding="ascii")
            os.chown(secret, user.uid, user.gid)
            done = subprocess.run(
                command,
                text=True,
                capture_output=True,
                env=base_environment(self.data.parent),
                cwd=self.data.parent,
                check=False,
                **user.popen(),
            )
        finally:
            secret.unlink()
        if done.returncode != 0:
            raise LocalError(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")
        os.replace(fresh, self.data)

    def part(self) -> Part:
        """Return how to run the server, as a direct child that logs to its standard error."""
        argv = [str(self.programs / "postgres"), "-D", str(self.data)]
        for name, value in self._configuration().items():
            argv += ["-c", f"{name}={value}"]
        # Fast shutdown first, which ends sessions cleanly; then immediate, which leaves the
        # write-ahead log to put things right at the next start.
        stops = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0))
        environment = base_environment(self.data.parent)
        return Part(
            "postgres", argv, environment, self.data.parent, stops, "INT", outlives_clients=True
        )

    def _configuration(self) -> dict[str, str]:
        kept = "on" if self.durable else "off"
        return {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "120",
            "shared_buffers": "128MB",
            "work_mem": "16MB",
            "maintenance_work_mem": "128MB",
            "fsync": kept,
            "full_page_writes": kept,
            "synchronous_commit": kept,
            "max_wal_size": "1GB",
            "jit": "off",
            "password_encryption": "scram-sha-256",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "lc_messages": "C",
            "log_line_prefix": "%p ",
            # A failed statement and its details repeat the row they failed on: people's data.
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
            "log_parameter_max_length": "0",
            "log_parameter_max_length_on_error": "0",
            "log_checkpoints": "off",
            "idle_in_transaction_session_timeout": "120s",
        }

    def is_ready(self) -> bool:
        """Tell whether it accepts connections."""
        command = [str(self.programs / "pg_isready"), "--quiet", "--host", str(self.sockets)]
        return subprocess.run(command, check=False, timeout=10).returncode == 0


def _programs(data: Path) -> Path:
    version_file = data / "PG_VERSION"
    if version_file.exists():
        version = version_file.read_text(encoding="ascii").strip()
        if not (VERSIONS / version / "bin" / "postgres").exists():
            raise LocalError(
                f"{data} was made by PostgreSQL {version}, which is not installed\n"
                f"run: apt-get install postgresql-{version} postgresql-{version}-postgis-3"
            )
        return VERSIONS / version / "bin"
    found = [path.parent.parent.name for path in VERSIONS.glob("*/bin/postgres")]
    numbers = sorted(int(name) for name in found if re.fullmatch(r"[0-9]+", name))
    usable = [
        number
        for number in numbers
        if number >= OLDEST and (EXTENSIONS / f"{number}/extension/postgis.control").exists()
    ]
    if not usable:
        missing = "PostGIS for PostgreSQL" if numbers else f"PostgreSQL {OLDEST} or newer"
        raise LocalError(f"{missing} is not installed\nrun as root: {INSTALL}")
    return VERSIONS / str(usable[-1]) / "bin"
