"""Days begin and end where the site is, not where the server's clock is."""

from datetime import date

import pytest
from townships import COUNTY, two_townships

from gridmap.model.access import system_scope
from gridmap.store import care_rule, visit
from gridmap.store.database import Database

# 26 hours apart: it is never the same day in both
EARLY, LATE = "Pacific/Kiritimati", "Etc/GMT+12"


@pytest.fixture
def in_zone(fresh_database):
    opened = []

    def found(zone):
        opened.append(Database(fresh_database.app_url, zone=zone))
        return opened[-1]

    yield found
    for each in opened:
        each.close()


@pytest.fixture
def visited(in_zone, fresh_database):
    """A household seen on the evening of the first of March, by Greenwich."""
    two_townships(fresh_database.superuser_url)

    def found(zone):
        with in_zone(zone).transaction(system_scope()) as tx:
            number = tx.value("SELECT id FROM household WHERE source_key = 'a'")
            tx.execute("UPDATE visit_rule SET interval_days = 30")
            tx.execute(
                "INSERT INTO visit (household_id, area_code, state, ended_at, done_at)"
                " SELECT id, area_code, 'done', at, at FROM household,"
                " CAST('2026-03-01 20:30+00' AS timestamptz) AS at WHERE id = :id",
                id=number,
            )
            visit.plan(tx)
            return tx.value(
                "SELECT due_on FROM visit WHERE household_id = :id AND state = 'planned'",
                id=number,
            )

    return found


@pytest.mark.parametrize(
    ("zone", "due"), [("UTC", date(2026, 3, 31)), ("Asia/Shanghai", date(2026, 4, 1))]
)
def test_an_evening_in_greenwich_is_the_next_morning_here(visited, zone, due):
    assert visited(zone) == due


def test_the_last_day_of_an_item_ends_where_the_site_is(in_zone):
    with in_zone(LATE).transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO service_item (area_code, name, owner, legal_basis,"
            " admitted_on, ends_on) SELECT :code, 'days', 'o', 'test', at - 9, at"
            " FROM CAST(now() AT TIME ZONE :zone AS date) AS at",
            code=COUNTY,
            zone=LATE,
        )
        assert [row["name"] for row in care_rule.service_items(tx, None)] == ["days"]
    with in_zone(EARLY).transaction(system_scope()) as tx:
        assert care_rule.service_items(tx, None) == []
