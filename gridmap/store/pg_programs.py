"""PostgreSQL's own programs and small questions to a bare connection, for backup and restore."""

import os
import subprocess
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extensions
from psycopg2 import sql

_VERSIONS = Path("/usr/lib/postgresql")


class BackupError(RuntimeError):
    """A backup that is not one, is damaged or incomplete, or a place that cannot take it."""


def run(name: str, url: str, arguments: list[str]) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, not the command."""
    known = psycopg2.extensions.parse_dsn(url)
    password = known.pop("password", None)
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    address = psycopg2.extensions.make_dsn(**known)
    done = subprocess.run(
        [str(program(name)), f"--dbname={address}", *arguments],
        capture_output=True,
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        raise BackupError(f"{name}: {last_line(done.stderr)}")


def last_line(said: bytes) -> str:
    """Give the last thing a program said."""
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def database_of(url: str) -> str:
    """Give the name of the database of an address."""
    return str(psycopg2.extensions.parse_dsn(url).get("dbname", "gridmap"))


def program(name: str) -> Path:
    """Give the newest of PostgreSQL's programs: an older one refuses a newer server."""
    found = sorted(
        (int(path.parent.parent.name), path)
        for path in _VERSIONS.glob(f"*/bin/{name}")
        if path.parent.parent.name.isdigit()
    )
    if not found:
        raise BackupError(f"{name} is not installed: apt-get install postgresql-client")
    return found[-1][1]


def count(cursor: psycopg2.extensions.cursor, table: str) -> int:
    """Count the rows of a table."""
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
    return int(first_row(cursor)[0])


def first_row(cursor: psycopg2.extensions.cursor) -> tuple[Any, ...]:
    """Give the row that a statement must have answered."""
    row = cursor.fetchone()
    assert row is not None
    return tuple(row)
