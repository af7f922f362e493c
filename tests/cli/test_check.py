"""`gridmap check` finds what would let somebody in, or lose a report: each is broken once."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
import redis
from calling import Call

from gridmap.services import accounts

pytestmark = pytest.mark.database

# The servers of the tests do not wait for the disk.
HASTY = {
    "fsync is off: an acknowledged report could be lost",
    "full_page_writes is off: an acknowledged report could be lost",
    "synchronous_commit is off: an acknowledged report could be lost",
}
Found = Callable[[], list[str]]


@pytest.fixture
def found(gridmap: Call) -> Found:
    """Give what `check` finds, beside what the servers of the tests are known for."""

    def findings() -> list[str]:
        ended = gridmap("check", "--json")
        document = ended.document
        assert document["sound"] is (not document["findings"])
        assert ended.code == (0 if document["sound"] else 1)
        return [each for each in document["findings"] if each not in HASTY]

    return findings


def as_superuser(database: Any, *statements: str) -> None:
    connection = psycopg2.connect(database.superuser_url)
    with connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def test_a_sound_installation_has_no_findings(found: Found) -> None:
    assert found() == []


def test_a_hasty_disk_is_found(gridmap: Call) -> None:
    assert "fsync is off" in gridmap("check").out


def test_a_role_that_may_do_anything_is_found(
    found: Found, fresh_database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", fresh_database.superuser_url)
    assert any("the app's role is too strong" in each for each in found())


@pytest.mark.parametrize("right", ["SUPERUSER", "BYPASSRLS"])
def test_a_role_with_one_right_too_many_is_found(
    found: Found, fresh_database: Any, monkeypatch: pytest.MonkeyPatch, right: str
) -> None:
    server = fresh_database.server
    server.execute(
        f"CREATE ROLE too_strong LOGIN {right} PASSWORD 'too-strong' IN ROLE gridmap_app"
    )
    try:
        url = server.cluster.url("too-strong", fresh_database.name)
        monkeypatch.setenv("GRIDMAP_DATABASE_URL", url.replace("//postgres:", "//too_strong:", 1))
        [finding] = found()
        assert "the app's role is too strong" in finding
    finally:
        server.execute("DROP ROLE too_strong")


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE household NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE household DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE household_copy (area_code text)",
    ],
)
def test_a_table_open_to_all_is_found(found: Found, fresh_database: Any, statement: str) -> None:
    as_superuser(fresh_database, statement)
    [finding] = found()
    assert finding.startswith("table household")
    assert finding.endswith("has no forced row-level security")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW leak AS SELECT * FROM household",
        "CREATE VIEW leak WITH (security_invoker = false) AS SELECT * FROM household",
        "CREATE MATERIALIZED VIEW leak AS SELECT * FROM household",
    ],
)
def test_a_view_that_leaks_is_found(found: Found, fresh_database: Any, statement: str) -> None:
    as_superuser(fresh_database, statement)
    assert found() == ["view leak runs with its owner's rights"]
    as_superuser(
        fresh_database,
        f"DROP {'MATERIALIZED ' if 'MATERIALIZED' in statement else ''}VIEW leak",
        "CREATE VIEW leak WITH (security_invoker = true) AS SELECT * FROM household",
    )
    assert found() == []


def test_a_lost_mark_of_the_index_is_found(found: Found, fresh_database: Any) -> None:
    as_superuser(
        fresh_database, "ALTER FUNCTION geometry_overlaps(geometry, geometry) NOT LEAKPROOF"
    )
    [finding] = found()
    assert "not LEAKPROOF" in finding


def test_demo_accounts_are_found(found: Found, store: Any) -> None:
    from gridmap.model.access import system_scope

    with store.transaction(system_scope()) as tx:
        accounts.create_demo_accounts(tx, "990105", "990105001001")
    [finding] = found()
    assert "demo accounts" in finding


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("GRIDMAP_DEBUG", "yes", "GRIDMAP_DEBUG is on"),
        ("GRIDMAP_HOST", "0.0.0.0", "in the clear"),
        ("GRIDMAP_TOTP", "off", "a password alone"),
        ("GRIDMAP_SECRET_KEY", "secret" * 6, "can be guessed"),
        ("GRIDMAP_SECRET_KEY", None, "GRIDMAP_SECRET_KEY is missing"),
        ("GRIDMAP_REDIS_URL", None, "GRIDMAP_REDIS_URL is missing"),
        ("GRIDMAP_REDIS_URL", "redis://127.0.0.1:1/0", "Redis does not answer"),
    ],
)
def test_unsafe_settings_are_found(
    found: Found, monkeypatch: pytest.MonkeyPatch, name: str, value: str | None, words: str
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    [finding] = found()
    assert words in finding


@pytest.fixture
def open_redis(redis_url: str) -> Iterator[None]:
    with redis.Redis.from_url(redis_url) as client:
        password = client.config_get("requirepass")["requirepass"]
        client.config_set("requirepass", "")
        yield
        client.config_set("requirepass", password)


@pytest.mark.usefixtures("open_redis")
def test_a_redis_open_to_all_is_found(found: Found) -> None:
    [finding] = found()
    assert "Redis lets everybody in" in finding


def test_a_redis_that_throws_things_away_is_found(found: Found, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        before = client.config_get("maxmemory-policy")["maxmemory-policy"]
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            [finding] = found()
        finally:
            client.config_set("maxmemory-policy", before)
    assert "allkeys-lru" in finding


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"debug": True}, "GRIDMAP_DEBUG"), ({"secret_key": "ab" * 20}, "guessed")],
)
def test_nothing_is_served_with_unsafe_settings(
    app_settings: Any, changes: dict[str, Any], words: str
) -> None:
    from dataclasses import replace

    from gridmap.app import StartError, create_app

    with pytest.raises(StartError, match=words):
        create_app(replace(app_settings, **changes))


def test_nothing_is_served_by_a_role_that_row_security_does_not_bind(
    app_settings: Any, fresh_database: Any
) -> None:
    from dataclasses import replace

    from gridmap.app import StartError, create_app

    with pytest.raises(StartError, match="too strong"):
        create_app(replace(app_settings, database_url=fresh_database.superuser_url))
