"""What the database itself refuses of accounts and roles, whatever a service forgets."""

import threading
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from sqlalchemy.exc import DBAPIError

from gridmap.model.access import Scope, system_scope
from gridmap.store import user, user_area
from gridmap.store.database import Database, Transaction

pytestmark = pytest.mark.database
COUNTY, OTHER = "990101", "990102"
GIVE = "INSERT INTO user_role (user_id, role, area_code) VALUES (:id, :role, :code)"


@pytest.fixture
def opened(fresh_database: Any) -> Iterator[Database]:
    found = Database(fresh_database.app_url)
    yield found
    found.close()


def person(tx: Transaction, name: str, *roles: str) -> int:
    number = user.add(
        tx, name=name, display_name=name, password_hash="x", language="en", demo=False
    )
    user_area.put(tx, number, COUNTY)
    user.add_roles(tx, number, [(role, COUNTY) for role in roles])
    return number


@pytest.mark.parametrize(
    ("held", "given"),
    [
        ("auditor", "system_admin"),
        ("system_admin", "security_admin"),
        ("security_admin", "auditor"),
    ],
)
def test_two_administrations_in_one_hand(opened: Database, held: str, given: str) -> None:
    with opened.transaction(system_scope()) as tx:
        number = person(tx, "someone", held)
    # even where who gives cannot see what is held elsewhere
    with (
        pytest.raises(DBAPIError, match="one of the three"),
        opened.transaction(Scope((OTHER,))) as tx,
    ):
        tx.execute(GIVE, id=number, role=given, code=OTHER)
    with opened.transaction(system_scope()) as tx:
        tx.execute(GIVE, id=number, role="planner", code=COUNTY)
    change = "UPDATE user_role SET role = :role WHERE user_id = :id AND role = 'planner'"
    with (
        pytest.raises(DBAPIError, match="one of the three"),
        opened.transaction(system_scope()) as tx,
    ):
        tx.execute(change, id=number, role=given)
    with opened.transaction(system_scope()) as tx:
        assert {row["role"] for row in user.roles(tx, number)} == {held, "planner"}


def test_two_administrations_given_at_the_same_moment(opened: Database) -> None:
    with opened.transaction(system_scope()) as tx:
        number = person(tx, "someone")
    start, ended = threading.Barrier(3), []

    def give(role: str) -> None:
        start.wait()
        try:
            with opened.transaction(system_scope()) as tx:
                tx.execute(GIVE, id=number, role=role, code=COUNTY)
            ended.append("given")
        except DBAPIError:
            ended.append("refused")

    roles = ("auditor", "system_admin", "security_admin")
    threads = [threading.Thread(target=give, args=(role,)) for role in roles]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(ended) == ["given", "refused", "refused"]


def test_nobody_gives_or_takes_their_own_role(opened: Database) -> None:
    with opened.transaction(system_scope()) as tx:
        number = person(tx, "someone", "security_admin")
    mine = Scope((COUNTY,), number)
    for sql in (
        GIVE,
        "DELETE FROM user_role WHERE user_id = :id AND (:role = :role OR area_code = :code)",
        "UPDATE user_role SET area_code = area_code"
        " WHERE user_id = :id AND (:role = :role OR area_code = :code)",
    ):
        with (
            pytest.raises(DBAPIError, match="their own roles"),
            opened.transaction(mine) as tx,
        ):
            tx.execute(sql, id=number, role="planner", code=COUNTY)


def test_accounts_elsewhere_are_not_there(opened: Database) -> None:
    with opened.transaction(system_scope()) as tx:
        number = person(tx, "someone", "unit")
        tx.execute(GIVE, id=number, role="unit", code=OTHER + "001")
    with opened.transaction(Scope((OTHER,))) as tx:
        seen = user_area.one(tx, number)
        assert seen is not None
        assert seen["roles"] == [{"role": "unit", "area": OTHER + "001"}]
        assert user_area.reach(tx, number) == [COUNTY, OTHER + "001"]
    with opened.transaction(Scope(("990103",))) as tx:
        assert user_area.one(tx, number) is None
        assert user_area.listing(tx, "", "", 10) == []
    with (
        pytest.raises(DBAPIError, match="row-level security"),
        opened.transaction(Scope(("990103",))) as tx,
    ):
        person(tx, "another")


def test_a_token_has_an_end_within_a_year(opened: Database) -> None:
    with opened.transaction(system_scope()) as tx:
        number = person(tx, "someone", "unit")
    for days in (-1, 400):
        with pytest.raises(DBAPIError), opened.transaction(Scope()) as tx:
            tx.execute(
                "INSERT INTO api_token (user_id, name, token_hash, permissions, expires_at)"
                " VALUES (:id, 'x', sha256('x'), '{map.view}', now() + make_interval(days => :d))",
                id=number,
                d=days,
            )


def test_accounts_from_before_are_looked_after_where_they_have_their_widest_role(
    fresh_database: Any, opened: Database
) -> None:
    with opened.transaction(system_scope()) as tx:
        number = person(tx, "someone", "unit")
        tx.execute(GIVE, id=number, role="planner", code=COUNTY + "001")
        tx.execute("DELETE FROM user_area")
    connection = psycopg2.connect(fresh_database.migrate_url + "&options=-c%20role%3Dgridmap_owner")
    with connection, connection.cursor() as cursor:  # as the migration does it
        cursor.execute("SELECT set_config('gridmap.areas', '0,1,2,3,4,5,6,7,8,9', true)")
        cursor.execute(
            "INSERT INTO user_area (user_id, area_code)"
            " SELECT DISTINCT ON (user_id) user_id, area_code FROM user_role"
            " ORDER BY user_id, length(area_code), area_code"
        )
    connection.close()
    with opened.transaction(system_scope()) as tx:
        assert user_area.home(tx, number) == COUNTY
