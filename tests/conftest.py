"""Real servers for the tests: a private PostgreSQL with PostGIS and a Redis, in a temporary folder.

They are those of the embedded default, run by the same code as the same unprivileged user, only
without waiting for the disk. Each pytest-xdist worker has its own pair.

| fixture | scope | gives |
|---|---|---|
| `postgres` | session | `Postgres`: `superuser_dsn`, `sockets`, `url(role, database)` |
| `template_database` | session | name of a migrated database that others are cloned from |
| `fresh_database` | function | `Database`: a clone for this test alone, dropped afterwards |
| `database_url`, `owner_url`, `migrate_url` | function | its addresses for those roles |
| `database` | module | `Database`: a clone shared by the tests of one module |
| `conn` | function | psycopg2 connection of the app role to `database`, rolled back |
| `owner_conn` | function | the same of the superuser, who sees every area |
| `redis_url` | function | address of the session's Redis, emptied before the test |
| `demo_site` | session | `Site`: a whole `gridmap up --demo`: `address`, `accounts`, `password` |
| `open_folder` | function | temporary folder that the servers' user may enter |
| `app_settings` | function | `Settings` on `fresh_database` and Redis |
"""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import made_up
import one_demo
import psycopg2
import pytest
import ram
import turns
from running_site import Site

from gridmap.local import machine
from gridmap.local.child import Child, Log, wait_until
from gridmap.local.postgres import Cluster
from gridmap.local.redis_server import RedisServer
from gridmap.settings import Settings

if TYPE_CHECKING:
    from psycopg2.extensions import connection

ROLES = ("gridmap_migrator", "gridmap_app", "gridmap_backup")
AS_OWNER = "&options=-c%20role%3Dgridmap_owner"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Postgres:
    """The session's PostgreSQL server."""

    cluster: Cluster
    password: str
    passwords: dict[str, str]

    @property
    def superuser_dsn(self) -> str:
        return self.cluster.url(self.password)

    @property
    def sockets(self) -> Path:
        return self.cluster.sockets

    def url(self, role: str, database: str) -> str:
        """Address of a database for `postgres` or one of gridmap's roles."""
        if role == "postgres":
            return self.cluster.url(self.password, database)
        start = self.cluster.url(self.passwords[role], database)
        return start.replace("//postgres:", f"//{role}:", 1)

    def execute(self, *statements: str) -> None:
        """Run statements of the superuser outside a transaction."""
        connection = psycopg2.connect(self.superuser_dsn)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()


@dataclass(frozen=True)
class Database:
    """One migrated database, with an address for each role."""

    name: str
    server: Postgres

    @property
    def app_url(self) -> str:
        return self.server.url("gridmap_app", self.name)

    @property
    def owner_url(self) -> str:
        """The owner cannot sign in; the migrator acts for it."""
        return self.migrate_url + AS_OWNER

    @property
    def migrate_url(self) -> str:
        return self.server.url("gridmap_migrator", self.name)

    @property
    def backup_url(self) -> str:
        return self.server.url("gridmap_backup", self.name)

    @property
    def superuser_url(self) -> str:
        return self.server.url("postgres", self.name)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> turns.Together:
    return turns.Together(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    made_up.choose(config)
    if hasattr(config, "workerinput"):
        return
    ram.sweep()
    one_demo.open_shelf()
    if config.option.basetemp is None:  # what one wants to look at afterwards goes elsewhere
        config.option.basetemp = str(one_demo.shelf() / "tmp")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        one_demo.clear_shelf()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left with it at the end."""
    if made_up.long_forms(config):
        made_up.lengthen(items)
    turns.put_in_order(items)


@pytest.fixture(scope="session")
def service_folder() -> Iterator[Path]:
    """A temporary folder of the user that runs the servers; pytest's own is closed to it."""
    user = machine.runner()
    folder = ram.folder("servers")
    os.chown(folder, user.uid, user.gid)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(service_folder: Path) -> Iterator[Postgres]:
    user = machine.runner()
    cluster = Cluster.at(service_folder / "pgdata", service_folder, durable=False)
    password = secrets.token_urlsafe(16)
    cluster.initialise(password, user)
    child = Child(cluster.part(), user, Log(service_folder / "postgres.log", "postgres"))
    child.start()
    try:
        if not wait_until(cluster.is_ready, 60):
            raise RuntimeError("\n".join(child.log.tail))
        yield Postgres(cluster, password, {role: secrets.token_urlsafe(16) for role in ROLES})
    finally:
        child.stop()


@pytest.fixture(scope="session")
def template_database(postgres: Postgres) -> str:
    """The database that `prepare` makes, with every migration; never connected to afterwards."""
    from gridmap.store.migrate import prepare

    prepare(postgres.superuser_dsn, postgres.passwords)
    return "gridmap"


def _clone(postgres: Postgres, template: str) -> Database:
    name = f"test_{next(_numbers)}"
    postgres.execute(
        f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy OWNER gridmap_owner"
    )
    _copy_database_settings(postgres, template, name)
    return Database(name, postgres)


def _copy_database_settings(postgres: Postgres, template: str, name: str) -> None:
    """Give a clone what CREATE DATABASE leaves behind: ALTER DATABASE ... SET, and its grants."""
    connection = psycopg2.connect(postgres.superuser_dsn)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE pg_database SET datacl = ("
                "SELECT datacl FROM pg_database WHERE datname = %s) WHERE datname = %s",
                (template, name),
            )
            cursor.execute(
                "INSERT INTO pg_db_role_setting SELECT copy.oid, setrole, setconfig"
                " FROM pg_db_role_setting JOIN pg_database AS original"
                " ON original.oid = setdatabase AND original.datname = %s,"
                " pg_database AS copy WHERE copy.datname = %s",
                (template, name),
            )
    finally:
        connection.close()


def _drop(database: Database) -> None:
    database.server.execute(f"DROP DATABASE {database.name} WITH (FORCE)")


@pytest.fixture
def fresh_database(postgres: Postgres, template_database: str) -> Iterator[Database]:
    database = _clone(postgres, template_database)
    yield database
    _drop(database)


@pytest.fixture
def database_url(fresh_database: Database) -> str:
    return fresh_database.app_url


@pytest.fixture
def owner_url(fresh_database: Database) -> str:
    return fresh_database.owner_url


@pytest.fixture
def migrate_url(fresh_database: Database) -> str:
    return fresh_database.migrate_url


@pytest.fixture(scope="module")
def database(postgres: Postgres, template_database: str) -> Iterator[Database]:
    database = _clone(postgres, template_database)
    yield database
    _drop(database)


@pytest.fixture
def conn(database: Database) -> Iterator[connection]:
    yield from _rolled_back(database.app_url)


@pytest.fixture
def owner_conn(database: Database) -> Iterator[connection]:
    yield from _rolled_back(database.superuser_url)


def _rolled_back(url: str) -> Iterator[connection]:
    connection = psycopg2.connect(url)
    try:
        yield connection
    finally:
        connection.rollback()
        connection.close()


@pytest.fixture(scope="session")
def redis_server(service_folder: Path) -> Iterator[RedisServer]:
    user = machine.runner()
    server = RedisServer(service_folder / "redis", service_folder, secrets.token_urlsafe(16))
    child = Child(server.part(user), user, Log(service_folder / "redis.log", "redis"))
    child.start()
    try:
        if not wait_until(server.is_ready, 30):
            raise RuntimeError("\n".join(child.log.tail))
        yield server
    finally:
        child.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    import redis

    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture
def app_settings(fresh_database: Database, redis_url: str, tmp_path: Path) -> Settings:
    environment = {
        "GRIDMAP_DATABASE_URL": fresh_database.app_url,
        "GRIDMAP_MIGRATE_URL": fresh_database.migrate_url,
        "GRIDMAP_REDIS_URL": redis_url,
        "GRIDMAP_SECRET_KEY": secrets.token_urlsafe(32),
    }
    return Settings.from_environment(environment, tmp_path / ".gridmap")


@contextmanager
def _open_folder(name: str) -> Iterator[Path]:
    """Make a temporary folder that others may enter; pytest's own are closed to them."""
    place = ram.folder(name)
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    with _open_folder("open") as folder:
        yield folder


@pytest.fixture(scope="module")
def site_folder() -> Iterator[Path]:
    with _open_folder("up") as folder:
        yield folder


@pytest.fixture(scope="session")
def demo_site() -> Iterator[Site]:
    """The demo as `make demo` brings it up; it takes a minute or two, so tests share it."""
    with _open_folder("demo") as folder:
        site = one_demo.copied_to(folder)
        try:
            site.start(one_demo.SECONDS)
            yield site
        finally:
            site.stop()
