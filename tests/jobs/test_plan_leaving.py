"""Drafts with assembly points, seats offered and waves: kept, reconciled, the same bytes twice."""

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from gridmap.model.access import Scope, system_scope
from gridmap.model.plan_options import PlanOptions
from gridmap.services import exports, hazards, plans, reports, sheets
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope(("990101",))


def rows(store: Database, sql: str, **values: Any) -> list[Any]:
    with store.transaction(system_scope()) as tx:
        return tx.all(sql, **values)


def drafted(store: Database, **options: Any) -> int:
    hazard = hazards.find(store, SCOPE, "flood")
    plan_id, job_id = plans.request(store, SCOPE, hazard, PlanOptions(**options))
    work(store, job_id)
    assert part(store, plan_id, "verdict")["altered"] == []
    return plan_id


def part(store: Database, plan_id: int, kind: str) -> Any:
    found = rows(
        store,
        "SELECT content FROM plan_part WHERE plan_id = :id AND kind = :kind",
        id=plan_id,
        kind=kind,
    )
    return found[0]["content"] if found else None


def test_points_rows_and_sheets_tell_the_same_people(store: Database) -> None:
    plan_id = drafted(store, assembly_minutes=30)
    points = part(store, plan_id, "assembly")["points"]
    assert points
    sums = rows(
        store,
        "SELECT assembly AS number, count(*)::int AS households, sum(people)::int AS people"
        " FROM assignment WHERE plan_id = :id AND assembly IS NOT NULL GROUP BY 1 ORDER BY 1",
        id=plan_id,
    )
    assert [dict(row) for row in sums] == [
        {name: point[name] for name in ("number", "households", "people")} for point in points
    ]
    asked = sheets.Asked(
        plan_id, "zh_CN", ("990101",), ("990101",), "http://x", _moment(store, plan_id)
    )
    booklet = sheets.booklet(store, SCOPE, asked)
    met: dict[int, list[int]] = {}
    for leaf in booklet.leaves:
        for number, homes, people in leaf.meets:
            count = met.setdefault(number, [0, 0])
            count[0] += homes
            count[1] += people
    assert met == {one["number"]: [one["households"], one["people"]] for one in points}
    assert set(booklet.points) == set(met)


def test_nobody_waits_inside_another_hazard_in_force(store: Database) -> None:
    first = part(store, drafted(store, assembly_minutes=30), "assembly")["points"]
    used = max(first, key=lambda one: one["people"])
    at = shapely.Point(used["lon"], used["lat"]).buffer(0.0004)
    _declare(store, at, exercise=True)
    drilled = part(store, drafted(store, assembly_minutes=30), "assembly")["points"]
    assert drilled == first, "what a drill declares keeps nobody away"
    _declare(store, at, exercise=False)
    second = part(store, drafted(store, assembly_minutes=30), "assembly")["points"]
    assert all(not at.intersects(shapely.Point(one["lon"], one["lat"])) for one in second)


def test_another_hazard_makes_only_those_plans_stale_that_have_to_do_with_it(
    store: Database,
) -> None:
    plan_id = drafted(store, assembly_minutes=30)
    assert _changed(store, plan_id) == []
    (far,) = rows(
        store,
        # a place on a way, no shelter near, farther from the hazard than people meet
        "SELECT ST_X(at) AS lon, ST_Y(at) AS lat FROM (SELECT (ST_DumpPoints(r.geom)).geom AS at,"
        "  z.geom AS own FROM route AS r, plan AS p JOIN hazard AS z ON z.id = p.hazard_id"
        "  WHERE p.id = :id AND r.plan_id = p.id AND r.mode = 'walk') AS w"
        " WHERE ST_Distance(at::geography, own::geography) > 500 AND NOT EXISTS (SELECT"
        "  FROM facility AS f WHERE f.kind = 'shelter' AND ST_DWithin(f.geom, at, 0.0005))"
        " ORDER BY at LIMIT 1",
        id=plan_id,
    )
    point = part(store, plan_id, "assembly")["points"][0]
    for place, size in ((far, 0.0002), (point, 0.0001)):
        at = shapely.Point(place["lon"], place["lat"])
        _declare(store, at.buffer(size), exercise=True)
        assert _changed(store, plan_id) == [], "what a drill declares is no matter of a real plan"
        _declare(store, at.buffer(size), exercise=False)
        assert _changed(store, plan_id) == ["other_hazard"]
        again = drafted(store, assembly_minutes=30)
        assert _changed(store, again) == []
        with store.transaction(system_scope()) as tx:
            wider = "geom = ST_Multi(ST_Buffer(geom, 0.00001))"
            tx.execute(f"UPDATE hazard SET {wider} WHERE name = 'next door' AND NOT exercise")
        assert _changed(store, again) == ["other_hazard"]
        with store.transaction(system_scope()) as tx:
            tx.execute(
                "UPDATE hazard SET state = 'lifted', lifted_at = now() WHERE name = 'next door'"
            )
        assert _changed(store, again) == ["other_hazard"]
        plan_id = drafted(store, assembly_minutes=30)
    _declare(store, shapely.Point(114.9, 30.9).buffer(0.001), exercise=False)
    assert _changed(store, plan_id) == [], "far away"


def _declare(store: Database, shape: shapely.Polygon, *, exercise: bool) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO hazard (area_code, kind, name, severity, exercise, declared_by,"
            " starts_at, geom) SELECT area_code, 'fire', 'next door', severity, :exercise,"
            " declared_by, starts_at, ST_Multi(ST_GeomFromText(:shape, 4326)) FROM hazard"
            " WHERE state = 'declared' ORDER BY id LIMIT 1",
            shape=shape.wkt,
            exercise=exercise,
        )


def _moment(store: Database, plan_id: int) -> Any:
    (row,) = rows(store, "SELECT drafted_at FROM plan WHERE id = :id", id=plan_id)
    return row["drafted_at"]


def test_no_points_where_none_are_asked_for(store: Database) -> None:
    plan_id = drafted(store, assembly_minutes=None)
    assert part(store, plan_id, "assembly") is None
    (row,) = rows(
        store, "SELECT count(assembly) AS met FROM assignment WHERE plan_id = :id", id=plan_id
    )
    assert row["met"] == 0


def test_waves_are_in_the_order_of_departures_and_called_so(store: Database) -> None:
    plan_id = drafted(store, staging="always", wave_people=30, wave_minutes=5)
    staging = part(store, plan_id, "staging")
    assert staging["chosen"]
    assert staging["waves"] > 1
    found = rows(
        store,
        "SELECT wave, min(departs_seconds) AS first, max(departs_seconds) AS last"
        " FROM assignment WHERE plan_id = :id AND wave IS NOT NULL GROUP BY wave ORDER BY wave",
        id=plan_id,
    )
    assert [row["wave"] for row in found] == list(range(1, staging["waves"] + 1))
    assert all(row["first"] == row["last"] for row in found)
    assert [row["first"] for row in found] == sorted({row["first"] for row in found})
    with store.transaction(system_scope()) as tx:
        totals = tx.value("SELECT totals FROM plan WHERE id = :id", id=plan_id)
    assert len(totals["waves"]) == staging["waves"]
    assert sum(wave["people"] for wave in totals["waves"].values()) == totals["served_people"]


def test_changed_speeds_vehicles_and_carers_make_a_plan_stale(store: Database) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO household_need (household_id, area_code, kind, people)"
            " SELECT id, area_code, 'elderly', 1 FROM household WHERE id % 3 = 0"
            " ON CONFLICT DO NOTHING"
        )
    plan_id = drafted(store)
    changed = _changed(store, plan_id)
    assert changed == []
    for layer, sql in (
        ("walking_speed", "UPDATE walking_speed SET kmh = 1.5 WHERE need = 'elderly'"),
        (
            "vehicle",
            "INSERT INTO vehicle (area_code, name, seats, geom) SELECT '990101', 'bus', 20, geom"
            " FROM facility LIMIT 1",
        ),
        (
            "carer",
            "UPDATE household SET carer_phone = '13900001111' WHERE id IN"
            " (SELECT household_id FROM assignment LIMIT 1)",
        ),
    ):
        assert layer not in _changed(store, plan_id)
        with store.transaction(system_scope()) as tx:
            tx.execute(sql)
        assert layer in _changed(store, plan_id)


def _changed(store: Database, plan_id: int) -> list[str]:
    shown = reports.plan(store, SCOPE, plan_id, "zh_CN", ("990101",))
    return list(shown["changed"])


def test_the_exports_have_every_part_and_the_same_bytes_twice(
    store: Database, tmp_path: Path
) -> None:
    plan_id = drafted(store, assembly_minutes=30)
    files = []
    for turn in ("one", "two"):
        for kind in ("json", "geojson"):
            out = tmp_path / f"{turn}.{kind}"
            exports.plan(store, SCOPE, plan_id, out, kind)
            files.append(out.read_bytes())
    assert files[0] == files[2]
    assert files[1] == files[3]
    document = json.loads(files[0])
    assert {"clearance", "verdict", "assembly"} <= set(document["parts"])
    met = [one for one in document["assignments"] if one["assembly"] is not None]
    points = document["parts"]["assembly"]["points"]
    assert len(met) == sum(point["households"] for point in points)
    kinds = {one["properties"]["part"] for one in json.loads(files[1])["features"]}
    assert {"route", "assembly_point"} <= kinds


def test_old_plans_have_none_of_the_new_options() -> None:
    from gridmap.model.plan_options import read

    old = read({"profile": "walk", "vehicles": True, "together": True})
    assert (old.assembly_minutes, old.walk_first, old.staging) == (None, False, "never")
