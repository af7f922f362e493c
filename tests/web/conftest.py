"""A small town, its people and a browser for each of them; one database for each test module."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
import redis
import structlog
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from webtown import PASSWORD, PEOPLE, sign_in

from gridmap.app import create_app
from gridmap.model.access import system_scope
from gridmap.services import accounts, passwords
from gridmap.settings import Settings
from gridmap.store.database import Database as Store
from gridmap.web.context import Parts

if TYPE_CHECKING:
    from gridmap.local.redis_server import RedisServer

Browser = Callable[[str], FlaskClient]


@pytest.fixture(scope="module", autouse=True)
def plain_logs() -> Iterator[None]:
    """One short line an event: drawing a traceback with all its variables takes a second."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()]
    )
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Hashes of the same kind at the least cost: hundreds of people sign in to be tested on."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", quick)
        patch.setattr(passwords, "_NOBODY", quick.hash(PASSWORD))
        yield


@pytest.fixture(scope="module")
def store(database: Any) -> Iterator[Store]:
    """The application's own view of the module's database, with the town in it."""
    owner = psycopg2.connect(database.superuser_url)
    with owner, owner.cursor() as cursor:
        cursor.execute((Path(__file__).parent / "town.sql").read_text(encoding="utf-8"))
    owner.close()
    opened = Store(database.app_url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def people(store: Store) -> dict[str, int]:
    """Accounts with one password; hashed once, because hashing is slow on purpose."""
    ids = {}
    with store.transaction(system_scope()) as tx:
        for name, roles in PEOPLE.items():
            if not ids:
                ids[name] = accounts.create_user(tx, name, PASSWORD, name.title(), roles)
                continue
            ids[name] = tx.value(
                "INSERT INTO app_user (name, display_name, password_hash)"
                " SELECT :name, :title, password_hash FROM app_user ORDER BY id LIMIT 1"
                " RETURNING id",
                name=name,
                title=name.title(),
            )
            accounts.user.add_roles(tx, ids[name], [(role.value, area) for role, area in roles])
            accounts.user_area.put(tx, ids[name], roles[0][1])
        # who holds the role of a unit works for the one team of the county
        tx.execute(
            "UPDATE app_user SET team_id = (SELECT id FROM responder WHERE source_key = 'r1')"
            " WHERE name IN ('unit', 'mixed')"
        )
    return ids


@pytest.fixture(scope="module")
def settings(database: Any, redis_server: RedisServer, tmp_path_factory: Any) -> Settings:
    # the limit on signing in counts across modules: all tests come from one address
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return Settings.from_environment(
        {
            "GRIDMAP_DATABASE_URL": database.app_url,
            "GRIDMAP_REDIS_URL": redis_server.url,
            "GRIDMAP_SECRET_KEY": secrets.token_urlsafe(32),
            "GRIDMAP_BOUNDS": "114,30,115,31",
            # second factors have tests of their own
            "GRIDMAP_TOTP": "off",
        },
        tmp_path_factory.mktemp("state"),
    )


@pytest.fixture(scope="module")
def app(settings: Settings, people: dict[str, int]) -> Iterator[Flask]:
    made = create_app(settings)
    yield made
    held: Parts = made.extensions["gridmap"]
    held.feed.stop()
    held.database.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return app.test_client()


@pytest.fixture(scope="module")
def browser(app: Flask) -> Browser:
    """Give the browser of a person, signed in once for all tests of the module."""
    held: dict[str, FlaskClient] = {}

    def of(name: str) -> FlaskClient:
        if name not in held:
            held[name] = app.test_client()
            assert sign_in(held[name], name).status_code == 303
        return held[name]

    return of
