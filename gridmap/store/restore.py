"""A restore that never overwrites: brought back beside what is there, checked, then swapped in."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg2
import psycopg2.extensions
from psycopg2 import sql

from gridmap.store import migrate
from gridmap.store.backup_file import Manifest, check, unpacked
from gridmap.store.pg_programs import BackupError, count, first_row, run


def restore(
    source: Path,
    superuser_url: str,
    passwords: Mapping[str, str],
    database: str,
    *,
    replace: bool = False,
) -> tuple[Manifest, str | None]:
    """Bring a backup back beside what is there, check it, and only then put it in its place.

    Parameters
    ----------
    source
        The backup; read fully first.
    superuser_url
        A superuser of the server: roles, extensions and marks need one.
    passwords
        Of the login roles, where they have to be made.
    database
        Name under which gridmap looks for its database.
    replace
        True to take the place of a database that holds a county; it is kept under another name.

    Returns
    -------
    Manifest, str or None
        What came back, and the name under which the former database is kept.

    Raises
    ------
    BackupError
        The file is not sound, the place is taken, or what came back is not what was saved; the
        database in force is then as it was.
    """
    check(source)
    fresh = f"{database}_restored_{os.getpid()}"
    cluster = psycopg2.connect(superuser_url, dbname="postgres")
    cluster.autocommit = True
    try:
        migrate.create_roles(cluster, passwords)
        if not replace and _holds_a_county(cluster, superuser_url, database):
            raise BackupError(
                f"the database {database} holds a county already; --replace keeps it under"
                " another name and puts the backup in its place"
            )
        with unpacked(source) as (manifest, dump):
            try:
                _brought_back(cluster, superuser_url, fresh, dump, manifest)
            except BaseException:
                _drop(cluster, fresh)
                raise
        former = _swap(cluster, fresh, database, keep=replace)
    finally:
        cluster.close()
    return manifest, former


def _brought_back(
    cluster: psycopg2.extensions.connection,
    superuser_url: str,
    fresh: str,
    dump: Path,
    manifest: Manifest,
) -> None:
    _drop(cluster, fresh)
    with cluster.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                sql.Identifier(fresh), sql.Identifier(migrate.OWNER)
            )
        )
    address = psycopg2.extensions.make_dsn(superuser_url, dbname=fresh)
    run("pg_restore", address, ["--exit-on-error", "--single-transaction", str(dump)])
    inside = psycopg2.connect(address)
    try:
        _compare(inside, manifest)
    finally:
        inside.close()
    # the backup may be of an older release; marks and rights are not part of a dump
    migrate.prepare(superuser_url, {}, fresh)


def _compare(inside: psycopg2.extensions.connection, manifest: Manifest) -> None:
    with inside.cursor() as cursor:
        wrong = [name for name, rows in manifest.rows.items() if count(cursor, name) != rows]
        cursor.execute("SELECT \"position\", encode(hash, 'hex') FROM event_head")
        head = first_row(cursor)
    if wrong:
        raise BackupError(f"other numbers of rows came back in {', '.join(wrong)}")
    if tuple(head) != manifest.trail:
        raise BackupError("the trail that came back ends elsewhere than the one saved")


def _holds_a_county(
    cluster: psycopg2.extensions.connection, superuser_url: str, database: str
) -> bool:
    if not _exists(cluster, database):
        return False
    inside = psycopg2.connect(superuser_url, dbname=database)
    try:
        with inside.cursor() as cursor:
            cursor.execute("SELECT to_regclass('public.area') IS NOT NULL")
            if not first_row(cursor)[0]:
                return False
            cursor.execute("SELECT EXISTS (SELECT 1 FROM area) OR EXISTS (SELECT 1 FROM app_user)")
            return bool(first_row(cursor)[0])
    finally:
        inside.close()


def _exists(cluster: psycopg2.extensions.connection, database: str) -> bool:
    with cluster.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
        return cursor.fetchone() is not None


def _drop(cluster: psycopg2.extensions.connection, database: str) -> None:
    with cluster.cursor() as cursor:
        cursor.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
        )


def _swap(
    cluster: psycopg2.extensions.connection, fresh: str, database: str, *, keep: bool
) -> str | None:
    """Put `fresh` in the place of `database`; sessions of the former end, and find the new one."""
    former = None
    if _exists(cluster, database):
        if keep:
            former = f"{database}_before_{time.strftime('%Y%m%d%H%M%S', time.gmtime())}"
            _rename(cluster, database, former)
        else:
            _drop(cluster, database)
    _rename(cluster, fresh, database)
    return former


def _rename(cluster: psycopg2.extensions.connection, old: str, new: str) -> None:
    with cluster.cursor() as cursor:
        closed = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        cursor.execute(closed.format(sql.Identifier(old), sql.SQL("false")))
        # a name cannot change under an open session, and a session may take a moment to end
        for _ in range(100):
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s",
                (old,),
            )
            if first_row(cursor)[0] == 0:
                break
            time.sleep(0.05)
        cursor.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(old), sql.Identifier(new)
            )
        )
        cursor.execute(closed.format(sql.Identifier(new), sql.SQL("true")))
