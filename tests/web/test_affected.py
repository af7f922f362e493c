"""Who is affected: the figures of grids, communities, townships and the whole are one another's."""

import random

import pytest
import shapely
from shapely.geometry import mapping
from webtown import post

from gridmap.model.access import Scope, system_scope
from gridmap.services import affected

COUNTY = Scope(("990101",))
HOMES = shapely.box(114.403, 30.509, 114.406, 30.512)
EVERYTHING = shapely.box(114.4, 30.5, 114.44, 30.52)
ADDED = ("households", "people", "with_needs", "facilities", "roads", "road_metres")
KINDS = {"needs": ("households", "people"), "facility_kinds": ("facilities",)}


@pytest.fixture(scope="module", autouse=True)
def crowd(store):
    """Two hundred more households with needs, in grids and out of them, and a few facilities."""
    made = random.Random(6)
    with store.transaction(system_scope()) as tx:
        for number in range(200):
            lon, lat = made.uniform(114.4, 114.44), made.uniform(30.5, 30.52)
            code = tx.value(
                "SELECT code FROM grid WHERE ST_Intersects(geom, ST_SetSRID(ST_MakePoint("
                ":lon, :lat), 4326)) ORDER BY code LIMIT 1",
                lon=lon,
                lat=lat,
            )
            if number % 9 == 0:
                code = code[:12]  # placed, and in no grid yet
            tx.execute(
                "WITH h AS (INSERT INTO household (area_code, source_key, address, people, geom,"
                "  placed_by)"
                " VALUES (:code, :key, 'x', :people, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326),"
                "  'hand') RETURNING id, area_code)"
                " INSERT INTO household_need (household_id, area_code, kind, people)"
                " SELECT id, area_code, unnest(CAST(:kinds AS text[])), 1 FROM h",
                code=code,
                key=f"crowd-{number}",
                people=made.randint(1, 6),
                lon=lon,
                lat=lat,
                kinds=made.sample(["wheelchair", "elderly", "oxygen"], made.choice([0, 0, 1, 2])),
            )
        for number in range(20):
            tx.execute(
                "INSERT INTO facility (area_code, source_key, kind, name, geom) VALUES ('990101',"
                " :key, :kind, 'x', ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))",
                key=f"crowd-{number}",
                kind=made.choice(["school", "clinic", "pump"]),
                lon=made.uniform(114.4, 114.44),
                lat=made.uniform(30.5, 30.52),
            )


def shapes():
    """Give areas of all sizes; one has a hole, one falls into two parts."""
    made = random.Random(11)
    found = [EVERYTHING, HOMES]
    for _ in range(6):
        at = shapely.Point(made.uniform(114.4, 114.44), made.uniform(30.5, 30.52))
        found.append(at.buffer(made.uniform(0.002, 0.02), quad_segs=6))
    found.append(shapely.box(114.401, 30.501, 114.439, 30.519) - HOMES)
    found.append(shapely.union(HOMES, shapely.box(114.429, 30.509, 114.431, 30.511)))
    return found


def asked(client, shape):
    answer = post(client, "/api/hazards/preview", {"geometry": mapping(shape)})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def summed(found, level):
    """Add the rows of a level up."""
    rows = found["by"][level]
    sums = {name: sum(row[name] for row in rows) for name in ADDED}
    for name, parts in KINDS.items():
        kinds = {}
        for row in rows:
            for each in row[name]:
                into = kinds.setdefault(each["kind"], dict.fromkeys(parts, 0))
                for part in parts:
                    into[part] += each[part]
        sums[name] = [{"kind": kind} | kinds[kind] for kind in sorted(kinds)]
    return sums


def reconciled(found):
    whole = {name: found[name] for name in (*ADDED, *KINDS)}
    for level in ("grid", "community", "township"):
        assert summed(found, level) == whole, level
    assert sum(row["households"] for row in found["grids"]) == found["households"]


@pytest.mark.parametrize("number", range(10))
def test_sheets_add_up_and_are_what_lies_inside(browser, store, number):
    shape = shapes()[number]
    found = asked(browser("officer"), shape)
    reconciled(found)
    with store.transaction(COUNTY) as tx:
        homes = tx.all(
            "SELECT h.id, h.people, ST_X(h.geom) AS lon, ST_Y(h.geom) AS lat, (SELECT count(*)"
            " FROM household_need AS n WHERE n.household_id = h.id) AS needs FROM household AS h"
            " WHERE geom IS NOT NULL"
        )
        places = tx.all("SELECT kind, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM facility")
        ways = tx.all("SELECT ST_AsBinary(geom) AS wkb FROM road")
    inside = [row for row in homes if shape.intersects(shapely.Point(row["lon"], row["lat"]))]
    assert found["households"] == len(inside)
    assert found["people"] == sum(row["people"] for row in inside)
    assert found["with_needs"] == sum(row["needs"] > 0 for row in inside)
    assert sum(each["households"] for each in found["needs"]) == sum(r["needs"] for r in inside)
    there = [row for row in places if shape.intersects(shapely.Point(row["lon"], row["lat"]))]
    assert found["facilities"] == len(there)
    degrees = sum(shapely.from_wkb(bytes(way["wkb"])).intersection(shape).length for way in ways)
    # between a degree of longitude and one of latitude, at 30.5 degrees north
    assert degrees * 95_000 <= found["road_metres"] + 5
    assert found["road_metres"] <= degrees * 111_500 + 5


def test_a_street_along_a_border_counts_once(browser, store):
    """It lies in both grids beside it."""
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO road (area_code, source_key, highway, geom) VALUES ('990101', 'border',"
            " 'residential', ST_SetSRID(ST_MakeLine(ST_MakePoint(114.41, 30.501),"
            "  ST_MakePoint(114.41, 30.519)), 4326))"
        )
    found = asked(browser("officer"), shapely.box(114.4099, 30.502, 114.4101, 30.508))
    assert (found["roads"], len([row for row in found["by"]["grid"] if row["roads"]])) == (1, 1)
    assert found["road_metres"] == pytest.approx(665, abs=2)
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM road WHERE source_key = 'border'")


def test_a_declared_hazard_has_the_figures_that_were_drawn(browser):
    officer = browser("officer")
    drawn = asked(officer, HOMES)
    new = {"kind": "flood", "name": "同样的数", "severity": "blue", "geometry": mapping(HOMES)}
    made = post(officer, "/api/hazards", new).get_json()["id"]
    found = officer.get(f"/api/hazards/{made}/affected").get_json()
    assert {name: found[name] for name in (*ADDED, *KINDS)} == {
        name: drawn[name] for name in (*ADDED, *KINDS)
    }
    assert found["by"] == drawn["by"]
    listed = officer.get("/api/hazards").get_json()["features"]
    stored = next(each["properties"] for each in listed if each["id"] == made)
    assert stored["households_affected"] == found["households"]
    assert stored["people_affected"] == found["people"]


def test_needs_are_told_only_of_what_lies_where_they_may_be_read(browser, store):
    shape = {"geometry": mapping(EVERYTHING)}
    hidden = post(browser("commander"), "/api/hazards/preview", shape).get_json()
    assert (hidden["with_needs"], hidden["needs"]) == (None, None)
    assert all(row["needs"] is None for row in hidden["by"]["grid"] if row["households"])
    reader = affected.drawn(store, COUNTY, EVERYTHING, ["990101001"])
    assert reader["needs"] is None  # the other township's would be the difference
    towns = {row["code"]: row["needs"] for row in reader["by"]["township"]}
    assert towns["990101001"]
    assert towns["990101002"] is None


def test_a_plan_adds_up_to_served_and_unserved(store):
    with store.transaction(COUNTY) as tx:
        plan_id = tx.value("SELECT id FROM plan ORDER BY id LIMIT 1")
        counted = tx.all(
            "SELECT shelter_id IS NOT NULL AS served, count(*) AS households,"
            " sum(people) AS people FROM assignment WHERE plan_id = :id GROUP BY 1 ORDER BY 1",
            id=plan_id,
        )
    found = affected.of_plan(store, COUNTY, plan_id)
    assert [
        (found["all"]["unserved_households"], found["all"]["unserved_people"]),
        (found["all"]["served_households"], found["all"]["served_people"]),
    ] == [(row["households"], row["people"]) for row in counted]
    for sums in (found["all"], *found["by"]["grid"]):
        for noun in ("households", "people"):
            assert sums[noun] == sums[f"served_{noun}"] + sums[f"unserved_{noun}"]
    for level in ("grid", "community", "township"):
        for name, value in found["all"].items():
            assert sum(row[name] for row in found["by"][level]) == value, (level, name)


def test_nothing_inside_is_nothing_told(browser):
    found = asked(browser("officer"), shapely.box(114.4001, 30.5001, 114.40011, 30.50011))
    assert {found[name] for name in ADDED} == {0}
    assert found["needs"] == found["facility_kinds"] == found["grids"] == []


def test_a_hazard_that_is_not_there(browser):
    assert browser("officer").get("/api/hazards/999999/affected").status_code == 404
