"""What-if: answered from a snapshot, equal to the real thing, and nothing is written."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import shapely
from desk import SCOPE, asked, at, done, execute, facility, state
from lattice import COUNTY, SOUTH, WEST

from gridmap.model.access import Scope
from gridmap.model.coverage_changes import Addition, Changes, Move
from gridmap.model.problem import Problem
from gridmap.services import coverage, coverage_what_if
from gridmap.store.database import Database

pytestmark = pytest.mark.database


def really(store: Database, standard: str = "fire") -> dict[str, Any]:
    """Run the real analysis and give its totals."""
    result = done(store, coverage.request(store, SCOPE, standard, COUNTY))
    with store.transaction(SCOPE) as tx:
        found: dict[str, Any] = tx.value(
            "SELECT totals FROM coverage_run WHERE id = :id", id=result["run"]
        )
    # a question is answered in the speed band that counts, a run in all of them; and the ground
    # of stations is a run's to measure
    for name in ("bands", "grounds", "grounds_for"):
        found.pop(name, None)
    return found


def test_what_if_says_what_the_real_thing_then_gives(store: Database) -> None:
    engine = facility(store, "f")
    line = shapely.LineString([at(2.5, -0.4), at(2.5, 11.4)])
    changes = Changes(closed=(shapely.geometry.mapping(line),), moved=(Move(engine, at(5, 5)),))
    before = really(store)
    held = state(store)
    found = asked(store, changes)
    assert state(store) == held
    assert found["before"] == before
    execute(
        store,
        "UPDATE facility SET geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) WHERE id = :id",
        id=engine,
        lon=at(5, 5)[0],
        lat=at(5, 5)[1],
    )
    execute(
        store,
        "INSERT INTO road_closure (area_code, reason, geom)"
        " VALUES (:area, 'x', ST_GeomFromText(:wkt, 4326))",
        area=COUNTY,
        wkt=line.wkt,
    )
    assert found["after"] == really(store)
    assert found["streets_closed"] > 0
    assert found["what_if"] is True
    assert found["standard"]["key"] == "fire"
    assert found["version"] == found["standard"]["version"]
    assert "facility." in found["input_version"]


def test_every_household_that_changes_is_counted_by_grid_and_named(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = facility(store, "f")
    found = asked(store, Changes(moved=(Move(engine, at(9, 9)),)), limit=120.0)
    rows, counts = found["households"], found["counts"]
    assert counts["lost"] > 0
    assert counts["gained"] > 0
    kinds = pd.Series([row[3] for row in rows]).value_counts().to_dict()
    assert kinds == {name: count for name, count in counts.items() if count}
    change = found["after"]["uncovered"] - found["before"]["uncovered"]
    assert change == counts["lost"] - counts["gained"]
    for name in ("lost", "gained"):
        assert sum(grid[name] for grid in found["grids"]) == counts[name]
    assert sum(grid["households"] for grid in found["grids"]) == found["before"]["households"]
    (mover,) = found["facilities"]
    assert (mover["id"], mover["change"]) == (engine, "moved")
    assert mover["households_after"] == found["after"]["covered"]
    monkeypatch.setattr(coverage_what_if, "MOST_LISTED", 7)
    fewer = asked(store, Changes(moved=(Move(engine, at(9, 9)),)), limit=120.0)
    assert fewer["households"] == rows[:7]
    assert fewer["counts"] == counts
    assert all(row[3] == "lost" for row in rows[:7])


def test_off_takes_all_and_a_new_one_gives_it_back(store: Database) -> None:
    engine = facility(store, "f")
    gone = asked(store, Changes(off=(engine,)))
    assert gone["after"]["covered"] == 0
    assert gone["counts"]["lost"] == gone["before"]["covered"] > 0
    with store.transaction(SCOPE) as tx:
        lon, lat = tx.one(
            "SELECT ST_X(geom) AS x, ST_Y(geom) AS y FROM facility WHERE id = :id", id=engine
        ).values()
    back = asked(store, Changes(off=(engine,), added=(Addition((lon, lat)),)))
    assert back["after"] == back["before"]
    assert back["counts"] == {"lost": 0, "gained": 0, "moved": back["before"]["covered"]}
    added = next(each for each in back["facilities"] if each["change"] == "added")
    assert (added["id"], added["number"]) == (None, 1)
    assert added["households_after"] == back["before"]["covered"]


def test_a_shelter_takes_as_many_as_it_has_room_for(store: Database) -> None:
    execute(store, "DELETE FROM shelter")
    execute(store, "DELETE FROM facility WHERE kind = 'shelter'")
    found = asked(store, Changes(added=(Addition(at(5, 5), 12),)), "shelter", limit=5000.0)
    assert found["before"]["covered"] == 0
    (new,) = found["facilities"]
    assert 0 < new["people_after"] <= 12
    assert found["after"]["by_reason"]["full"] > 0
    with pytest.raises(Problem, match=r"added\.0\.capacity"):
        asked(store, Changes(added=(Addition(at(5, 5)),)), "shelter")


def test_a_bridge_stays_open_unless_bridges_are_named(store: Database) -> None:
    execute(store, "UPDATE road SET bridge = true")
    line = shapely.geometry.mapping(shapely.LineString([at(0.5, 0.5), at(1.5, 0.5)]))
    stays = asked(store, Changes(closed=(line,)))
    assert stays["streets_closed"] == 0
    assert stays["after"] == stays["before"]
    assert stays["counts"] == {"lost": 0, "gained": 0, "moved": 0}
    assert asked(store, Changes(closed=(line,), bridges=True))["streets_closed"] > 0


REFUSED: list[tuple[str, Changes, str]] = [
    ("nothing", Changes(), "nothing would change"),
    ("stranger", Changes(off=(999_999,)), "there is no facility 999999"),
    ("outside", Changes(added=(Addition((WEST + 1.0, SOUTH)),)), "added.0.at: outside"),
    (
        "closed elsewhere",
        Changes(closed=({"type": "Point", "coordinates": [WEST + 1, SOUTH]},)),
        "closed.0: outside",
    ),
    ("lake", Changes(added=(Addition(at(8.5, 2.5)),)), "added.0.at: this is in water"),
]


@pytest.mark.parametrize(("name", "changes", "words"), REFUSED, ids=[one[0] for one in REFUSED])
def test_what_nobody_can_mean_is_refused(
    store: Database, name: str, changes: Changes, words: str
) -> None:
    execute(
        store,
        "INSERT INTO water (area_code, source_key, geom) VALUES (:area, 'w',"
        " ST_MakeEnvelope(:west, :south, :east, :north, 4326))",
        area=COUNTY,
        west=at(8.2, 2.2)[0],
        south=at(8.2, 2.2)[1],
        east=at(8.8, 2.8)[0],
        north=at(8.8, 2.8)[1],
    )
    with pytest.raises(Problem, match=words) as refused:
        asked(store, changes)
    assert refused.value.status == 400
    with store.transaction(SCOPE) as tx:
        assert tx.value("SELECT count(*) FROM job") == 0


def test_more_that_nobody_can_mean(store: Database) -> None:
    engine = facility(store, "f")
    here = Changes(off=(engine,))
    with pytest.raises(Problem, match="named twice"):
        asked(store, Changes(off=(engine, engine)))
    with pytest.raises(Problem, match=r"no facility .* of this standard"):
        asked(store, Changes(off=(facility(store, "s1"),)))
    with store.transaction(SCOPE) as tx:
        lon, lat = tx.one(
            "SELECT ST_X(geom) AS x, ST_Y(geom) AS y FROM facility WHERE id = :id", id=engine
        ).values()
    with pytest.raises(Problem, match="stands there already"):
        asked(store, Changes(moved=(Move(engine, (lon, lat)),)))
    for limit in (0.0, -1.0, 1e9, float("nan")):
        with pytest.raises(Problem, match="limit"):
            asked(store, here, limit=limit)
    with pytest.raises(Problem, match="coverage standard nothing"):
        asked(store, here, "nothing")
    with pytest.raises(Problem, match="area 990199"):
        coverage_what_if.request(store, SCOPE, "fire", "990199", here)
    with pytest.raises(Problem, match="grid 990101001001777"):
        coverage_what_if.request(store, SCOPE, "fire", "990101001001777", here)
    with pytest.raises(Problem, match="area 990101"):
        coverage_what_if.request(store, Scope(("990102",)), "fire", COUNTY, here)
    execute(store, "DELETE FROM household")
    with pytest.raises(Problem, match="no household"):
        asked(store, here)
