"""Roles, extensions and migrations: what a superuser and the migrator do once per release."""

from collections.abc import Mapping
from pathlib import Path

import psycopg2
import psycopg2.extensions
from alembic import command
from alembic.config import Config
from psycopg2 import sql
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

DATABASE = "gridmap"
OWNER = "gridmap_owner"
LOGINS = ("gridmap_migrator", "gridmap_app", "gridmap_backup")
_EXTENSIONS = ("postgis", "pg_trgm")


def prepare(superuser_dsn: str, passwords: Mapping[str, str], database: str = DATABASE) -> None:
    """Make roles and database where absent, then migrate; safe to repeat.

    Parameters
    ----------
    superuser_dsn
        libpq connection string of a superuser, to any database of the cluster.
    passwords
        Password of each of `gridmap_migrator`, `gridmap_app`, `gridmap_backup`.
    database
        Name of the county's database.
    """
    cluster = psycopg2.connect(superuser_dsn)
    cluster.autocommit = True
    try:
        create_roles(cluster, passwords)
        _create_database(cluster, database)
    finally:
        cluster.close()
    inside = psycopg2.connect(superuser_dsn, dbname=database)
    inside.autocommit = True
    try:
        _prepare_database(inside, database)
        upgrade(inside)
        mark_leakproof(inside)
    finally:
        inside.close()


def create_roles(cluster: psycopg2.extensions.connection, passwords: Mapping[str, str]) -> None:
    """Make owner, migrator, app and backup; none a superuser, only backup reads all rows."""
    with cluster.cursor() as cursor:
        for name in (OWNER, *LOGINS):
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,))
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
            cursor.execute(
                sql.SQL("ALTER ROLE {} NOSUPERUSER NOCREATEDB NOCREATEROLE {} {}").format(
                    sql.Identifier(name),
                    sql.SQL("LOGIN" if name in LOGINS else "NOLOGIN"),
                    # a backup through row-level security would silently leave rows out
                    sql.SQL("BYPASSRLS" if name == "gridmap_backup" else "NOBYPASSRLS"),
                )
            )
            if name in passwords:
                cursor.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                        sql.Identifier(name), sql.Literal(passwords[name])
                    )
                )
        cursor.execute(f"GRANT {OWNER} TO gridmap_migrator")


def _create_database(cluster: psycopg2.extensions.connection, database: str) -> None:
    with cluster.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
        if cursor.fetchone() is None:
            cursor.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                    sql.Identifier(database), sql.Identifier(OWNER)
                )
            )


def _prepare_database(inside: psycopg2.extensions.connection, database: str) -> None:
    with inside.cursor() as cursor:
        for extension in _EXTENSIONS:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        cursor.execute(f"GRANT ALL ON SCHEMA public TO {OWNER}")
        name = sql.Identifier(database)
        cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        cursor.execute(
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
                name, sql.SQL(", ").join(sql.Identifier(login) for login in LOGINS)
            )
        )
        # Without a superuser the extension's own table cannot be revoked from the app later
        cursor.execute("REVOKE INSERT, UPDATE, DELETE ON spatial_ref_sys FROM PUBLIC")


def upgrade(inside: psycopg2.extensions.connection) -> None:
    """Run the migrations that are missing, as the owner, on a superuser's connection."""
    with inside.cursor() as cursor:
        cursor.execute(f"SET ROLE {OWNER}")
    try:
        _alembic_upgrade(inside)
    finally:
        with inside.cursor() as cursor:
            cursor.execute("RESET ROLE")


def _alembic_upgrade(inside: psycopg2.extensions.connection) -> None:
    engine = create_engine("postgresql+psycopg2://", creator=lambda: inside)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    inside.autocommit = False
    connection = engine.connect()
    try:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    finally:
        connection.detach()
        inside.rollback()
        inside.autocommit = True


def migrate(url: str) -> None:
    """Run the migrations that are missing as the migrator, on a server that is not ours.

    Parameters
    ----------
    url
        `postgresql://` address of a role that is a member of the owner.
    """
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg2"))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect() as connection:
        connection.execute(text(f"SET ROLE {OWNER}"))
        connection.commit()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    engine.dispose()


def mark_leakproof(inside: psycopg2.extensions.connection) -> None:
    """Let the planner use the spatial index under row-level security.

    `&&` on geometries tells nothing about a row by an error, but is not marked so; unmarked,
    PostgreSQL checks the area of every row first. Needs a superuser, is lost by dump and
    restore: done at every migration.
    """
    with inside.cursor() as cursor:
        cursor.execute("ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF")


def leakproof_marked(inside: psycopg2.extensions.connection) -> bool:
    """Tell whether the mark of `mark_leakproof` is there."""
    with inside.cursor() as cursor:
        cursor.execute(
            "SELECT proleakproof FROM pg_proc"
            " WHERE oid = 'geometry_overlaps(geometry, geometry)'::regprocedure"
        )
        row = cursor.fetchone()
    return bool(row and row[0])
