"""A backup that is read whole before it counts.

One file holds everything: a dump of PostgreSQL (photos and files are in it) and a manifest with
what must be inside, counted in the very snapshot that was dumped.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
import psycopg2.extensions

from gridmap.store.backup_file import Manifest, check, fingerprint, pack, sha256_of
from gridmap.store.pg_programs import BackupError, count, first_row, run

# Sessions come back to life by a restore, copied cookies of the signed-out among them.
# What an export made is destroyed within a day, and must not live on in a backup.
_LEFT_OUT = ("session", "worker_seen", "export_file", "paper_file")


def make(url: str, target: Path, secret_key: str | None) -> Manifest:
    """Write a backup and read it whole; the file appears only when it is sound.

    Parameters
    ----------
    url
        Address of the backup role, which reads past row security: a role that did not would
        leave rows out without a word.
    target
        File to write; readable by its owner alone.
    secret_key
        Key in force, of which only the fingerprint is kept.

    Raises
    ------
    BackupError
        The role is filtered, the dump did not succeed, or what was written is not what was read.
    """
    half = target.with_name(f"{target.name}.part")
    with TemporaryDirectory(dir=target.parent, prefix=".gridmap-backup-") as folder:
        dump = Path(folder) / "database.dump"
        manifest = _dumped(url, dump, secret_key)
        try:
            pack(half, manifest, dump)
            check(half)
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)
    return manifest


def _dumped(url: str, dump: Path, secret_key: str | None) -> Manifest:
    connection = psycopg2.connect(url)
    try:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            _refuse_filtered(cursor)
            cursor.execute("SELECT pg_export_snapshot(), now(), current_setting('server_version')")
            snapshot, now, server = first_row(cursor)
            # counted in the snapshot that is dumped: not one row more or less
            rows = {name: count(cursor, name) for name in _tables(cursor)}
            cursor.execute("SELECT \"position\", encode(hash, 'hex') FROM event_head")
            position, last = first_row(cursor)
            cursor.execute("SELECT version_num FROM alembic_version")
            (revision,) = first_row(cursor)
            left_out = [f"--exclude-table-data=public.{name}" for name in _LEFT_OUT]
            run(
                "pg_dump",
                url,
                ["--format=custom", f"--snapshot={snapshot}", f"--file={dump}", *left_out],
            )
    finally:
        connection.close()
    return Manifest(
        made_at=now.isoformat(),
        revision=revision,
        rows=rows,
        trail=(position, last),
        sha256=sha256_of(dump),
        server=server,
        key=fingerprint(secret_key),
    )


def _refuse_filtered(cursor: psycopg2.extensions.cursor) -> None:
    cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    if not first_row(cursor)[0]:
        raise BackupError(
            "this role is under row security and would leave rows out: use gridmap_backup"
        )


def _tables(cursor: psycopg2.extensions.cursor) -> list[str]:
    cursor.execute(
        "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind = 'r' AND NOT EXISTS (SELECT 1 FROM pg_depend AS d"
        "  WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1"
    )
    return [name for (name,) in cursor.fetchall() if name not in _LEFT_OUT]
