"""What is down says so, and nothing else falls with it."""

import dataclasses

import pytest
from sqlalchemy.exc import DataError, SQLAlchemyError
from webtown import PASSWORD, sign_in

from gridmap.app import StartError, create_app
from gridmap.model.access import Role, Scope, system_scope
from gridmap.services import accounts
from gridmap.store import failures, job
from gridmap.store.database import Database
from gridmap.web.sessions import COOKIE


@pytest.fixture
def apps(settings):
    """Make applications with changed settings, and stop them afterwards."""
    made = []

    def make(**changed):
        made.append(create_app(dataclasses.replace(settings, **changed)))
        return made[-1]

    yield make
    for app in made:
        app.extensions["gridmap"].feed.stop()
        app.extensions["gridmap"].database.close()


def test_ready_when_everything_is(client, store):
    assert client.get("/readyz").status_code == 503  # no worker has been heard of
    with store.transaction(system_scope()) as tx:
        for queue in ("urgent", "default", "slow"):
            job.beat(tx, f"worker-{queue}", queue)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    content = answer.get_json()
    assert content["ready"] is content["database"] is content["redis"] is True
    assert {each["queue"] for each in content["workers"]} == {"urgent", "default", "slow"}
    assert content["demo"] is None
    assert content["feed"]["seq"] > 0


def test_silent_workers_are_not_ready(client, store):
    with store.transaction(system_scope()) as tx:
        for queue in ("urgent", "default", "slow"):
            job.beat(tx, f"worker-{queue}", queue)
        tx.execute("UPDATE worker_seen SET seen_at = now() - interval '10 minutes'")
    assert client.get("/readyz").status_code == 503


def test_without_a_database_the_process_lives(apps, browser, tmp_path):
    nowhere = f"postgresql://gridmap_app:x@/gridmap?host={tmp_path}"
    app = apps(database_url=nowhere)
    client = app.test_client()
    client.set_cookie(COOKIE, browser("officer").get_cookie(COOKIE).value)
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["database"]) == (503, False)
    for path in ("/api/areas", "/map", "/api/live/stream", "/tiles/base/1/0/0.mvt"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "Set-Cookie" not in answer.headers  # still signed in, once it is back
    assert client.get("/map", headers={"Accept": "text/html"}).mimetype == "text/html"


def test_without_redis_people_sign_in_and_limits_hold(apps, tmp_path, store):
    app = apps(redis_url=f"unix://:x@{tmp_path}/redis.sock")
    client = app.test_client()
    assert sign_in(client, "officer").status_code == 303
    assert client.get("/api/areas").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["redis"]) == (503, False)
    for _attempt in range(8):
        assert sign_in(client, "unit", "wrong password").status_code == 401
    assert sign_in(client, "unit").status_code == 429  # counted in the database
    answers = {sign_in(client, f"nobody{number}", "wrong").status_code for number in range(40)}
    assert answers == {401, 429}  # counted by address in memory


def test_demo_accounts_stop_a_start_outside_the_demo(apps, database, settings, store):
    with store.transaction(system_scope()) as tx:
        accounts.create_user(
            tx, "showman", accounts.DEMO_PASSWORD, "Show", [(Role.UNIT, "990101")], demo=True
        )
    try:
        with pytest.raises(StartError, match="demo"):
            create_app(settings)
        client = apps(demo="guanggu").test_client()
        form = client.get("/", headers={"Accept": "text/html"}).get_data(as_text=True)
        assert accounts.DEMO_PASSWORD in form  # said on the form, for there is nothing to guard
        assert sign_in(client, "showman", accounts.DEMO_PASSWORD).status_code == 303
    finally:
        with store.transaction(system_scope()) as tx:
            tx.execute("DELETE FROM app_user WHERE demo")


def test_demo_accounts_cannot_sign_in_outside_the_demo(app, client, store):
    """Also when they came after the start."""
    with store.transaction(system_scope()) as tx:
        accounts.create_user(
            tx, "showman", accounts.DEMO_PASSWORD, "Show", [(Role.UNIT, "990101")], demo=True
        )
    try:
        assert sign_in(client, "showman", accounts.DEMO_PASSWORD).status_code == 401
    finally:
        with store.transaction(system_scope()) as tx:
            tx.execute("DELETE FROM app_user WHERE demo")


def test_demo_accounts_are_made_once(store):
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE app_user SET name = name || '.real'")
    try:
        with store.transaction(system_scope()) as tx:
            first = accounts.create_demo_accounts(tx, "990101", "990101001001")
        with store.transaction(system_scope()) as tx:
            assert accounts.create_demo_accounts(tx, "990101", "990101001001") == first
            assert accounts.check_password(tx, "officer", accounts.DEMO_PASSWORD)
            assert tx.value("SELECT count(*) FROM app_user WHERE demo") == 9
    finally:
        with store.transaction(system_scope()) as tx:
            tx.execute("DELETE FROM app_user WHERE demo")
            tx.execute("UPDATE app_user SET name = replace(name, '.real', '')")


@pytest.mark.parametrize("changed", [{"database_url": None}, {"secret_key": None}])
def test_start_needs_a_database_and_a_secret(settings, changed):
    with pytest.raises(StartError, match="GRIDMAP_"):
        create_app(dataclasses.replace(settings, **changed))


ACCOUNT = "INSERT INTO app_user (name, display_name, password_hash) VALUES "


@pytest.mark.parametrize(
    ("sql", "status"),
    [
        (
            "INSERT INTO app_user (name, display_name, password_hash) VALUES ('officer', 'x', 'x')",
            409,
        ),
        ("INSERT INTO app_user (name, display_name, password_hash) VALUES ('BAD', 'x', 'x')", 400),
        ("INSERT INTO app_user (name, display_name) VALUES ('okay', 'x')", 400),
        ("INSERT INTO session (token_hash, user_id, expires_at) VALUES ('x', -1, now())", 409),
        ("SELECT 'x'::integer", 400),
        ("SELECT 1 / 0", 400),
        ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)", 503),
        ("INSERT INTO scenario (area_code, name) VALUES ('990102', 'x')", 403),
        ("SELECT pg_terminate_backend(pg_backend_pid())", 503),
        ("SELECT nothing FROM nowhere", None),
    ],
)
def test_errors_of_the_database_are_translated(store, people, sql, status):
    with (
        pytest.raises(SQLAlchemyError) as caught,
        store.transaction(Scope(areas=("990101",))) as tx,
    ):
        tx.execute(sql)
    found = failures.problem_of(caught.value)
    assert (found and found.status) == status


def test_other_errors_are_nobodys_business():
    assert failures.problem_of(ValueError("x")) is None
    assert failures.problem_of(DataError("x", {}, ValueError("x"))) is None


def test_unforeseen_error_says_nothing_of_itself(apps, caplog):
    app = apps()

    def broken():
        raise RuntimeError("household 17, Wang Xiaoming")

    from gridmap.web.permissions import public

    app.view_functions["health.alive"] = public(broken)
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 500
    assert "Wang" not in answer.get_data(as_text=True)
    assert answer.get_json()["instance"]


def test_busy_pool_is_503(settings):
    small = Database(str(settings.database_url), size=1, rush=0, wait=0.1)
    try:
        with (
            small.transaction(system_scope()),
            pytest.raises(SQLAlchemyError) as caught,
            small.transaction(system_scope()),
        ):
            pass
        assert failures.problem_of(caught.value).status == 503
    finally:
        small.close()


def test_password_of_the_demo_is_named_once():
    assert accounts.DEMO_PASSWORD == "gridmap-demo"
    assert PASSWORD != accounts.DEMO_PASSWORD
