"""Care heeds what nobody can pass: closed streets and high water, as coverage does."""

import pytest
import shapely
from care_town import OFFER, forget, household, matched
from webtown import COUNTY, post

from gridmap.model.access import Scope, system_scope
from gridmap.services import hazards

# the ground round where the volunteers set out
AROUND = shapely.box(114.4035, 30.5085, 114.4065, 30.5115)


def close(store):
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO road_closure (area_code, reason, geom)"
            " VALUES (:county, '积水', ST_Multi(ST_GeomFromWKB(:wkb, 4326)))",
            county=COUNTY,
            wkb=AROUND.wkb,
        )


def flood(store):
    hazards.declare(
        store, Scope((COUNTY,)), hazards.NewHazard("flood", "水", "red", AROUND, blocked=AROUND)
    )


@pytest.fixture
def cleaned(store):
    yield
    forget(store)
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM hazard WHERE name = '水'")


def proposal(client, store):
    """What the newest run found for the household in the lake's grid."""
    items = client.get("/api/care/requests").get_json()["items"]
    (found,) = [each for each in items if each["household"] == household(store, "h1")]
    return found["proposal"]


@pytest.mark.usefixtures("cleaned")
@pytest.mark.parametrize(
    ("shut", "opened"),
    [
        (close, "DELETE FROM road_closure"),
        (flood, "DELETE FROM hazard WHERE name = '水'"),
    ],
)
def test_nobody_is_sent_where_nobody_can_pass(browser, store, shut, opened):
    officer = browser("officer")
    assert post(officer, "/api/care/offers", OFFER).status_code == 201
    assert matched(store, officer)["totals"]["could"] == 1
    assert proposal(officer, store)["name"] == OFFER["name"]
    shut(store)
    # what was matched on open streets says that they have changed
    assert officer.get("/api/care/runs").get_json()["run"]["stale"]
    run = matched(store, officer)
    assert run["totals"]["could"] == 0
    assert proposal(officer, store)["offer"] is None
    assert not run["stale"]
    # open again: as before
    with store.transaction(system_scope()) as tx:
        tx.execute(opened)
    assert officer.get("/api/care/runs").get_json()["run"]["stale"]
    assert matched(store, officer)["totals"]["could"] == 1
