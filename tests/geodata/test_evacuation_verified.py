"""The independent checker of drafts: nothing is found in a draft, and every altered value is."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from evacuation_lines import LINE, area, homes_at, places_at
from evacuation_towns import town
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point
from test_evacuation_groups import grouped

from geodata.demo import monaco
from geodata.evacuation import Options, draft
from geodata.network import Network
from geodata.verifying_evacuation import verify

OPTIONS = Options(
    m2_per_person=1.5, walk_limit_seconds=1200, per_wave=40, wave_interval_seconds=300
)


def full_town(seed, room=1.3, households=200):
    """Make a town with everything that a draft knows."""
    roads, homes, places, hazard = town(seed, households=households, room=room)
    rng = np.random.default_rng(seed)
    homes = grouped(homes, hazard, rng, 0.3).assign(
        walk_kmh=rng.choice([2.5, 4.0, np.nan], len(homes)),
        needs_vehicle=rng.random(len(homes)) < 0.05,
    )
    places = places.assign(area_m2=rng.choice([40.0, 300.0, np.nan], len(places)))
    blocked = Point(*rng.uniform(roads.total_bounds[:2], roads.total_bounds[2:])).buffer(60)
    return roads, homes, places, hazard, blocked


def words(verdict):
    return [str(each) for each in verdict.altered]


@given(
    st.integers(0, 10_000),
    st.sampled_from(["walk", "drive"]),
    st.floats(0.4, 2.5),
    st.booleans(),
    st.sampled_from([None, 1.5]),
)
@settings(max_examples=25, deadline=None)
def test_nothing_is_found_in_a_draft(seed, profile, room, over, tolerance):
    roads, homes, places, hazard, blocked = full_town(seed, room)
    options = replace(OPTIONS, bridges_clear=over, tolerance=tolerance, bridges="closed")
    network = Network.from_roads(roads, profile)
    water = [Point(*roads.total_bounds[:2]).buffer(500)]
    made = draft(network, homes, places, hazard, blocked, options, water)
    found = verify(roads, homes, places, hazard, made, blocked, options, water, profile)
    assert words(found) == []
    assert found.counts["affected"] == made.totals["households"]


def test_other_coordinate_systems_are_checked_alike():
    roads, homes, places, hazard, blocked = full_town(5, room=2.0)
    lonlat = gpd.GeoSeries([hazard.segmentize(2.0)], crs=homes.crs).to_crs(4326)
    shut = gpd.GeoSeries([blocked], crs=homes.crs)
    homes, places = homes.to_crs(4326), places.to_crs(4490)
    made = draft(Network.from_roads(roads, "walk"), homes, places, lonlat, shut, OPTIONS)
    assert len(made.assignments) > 10
    assert words(verify(roads, homes, places, lonlat, made, shut, OPTIONS)) == []
    moved = made.routes.translate(0.00001, 0)
    assert not verify(
        roads, homes, places, lonlat, replace(made, routes=made.routes.set_geometry(moved)), shut,
        OPTIONS,
    ).sound  # fmt: skip


def test_nothing_is_found_in_a_draft_of_monaco():
    monte_carlo = monaco.build(0)
    roads, homes = monte_carlo.roads, monte_carlo.households
    middle = shapely.get_coordinates(homes.union_all().centroid)[0]
    hazard = Point(middle).buffer(0.003)
    rng = np.random.default_rng(1)
    away = homes[~homes.intersects(hazard.buffer(0.001))].iloc[rng.integers(0, 3000, 25)]
    places = gpd.GeoDataFrame(
        {"capacity": 250, "accessible": rng.random(25) < 0.7},
        geometry=away.geometry.to_numpy(),
        crs=homes.crs,
    )
    blocked = Point(middle + [0.0032, 0]).buffer(0.0003)
    made = draft(Network.from_roads(roads, "walk"), homes, places, hazard, blocked)
    assert len(made.assignments) > 500
    assert words(verify(roads, homes, places, hazard, made, blocked)) == []


# Alterations of single values. Each takes a draft and gives it back with one thing changed.


def put(name, row, column, value):
    def alter(made):
        frame = getattr(made, name).copy()
        label = frame.index[row]
        if frame[column].dtype.kind == "i" or isinstance(frame[column].dtype, pd.Int64Dtype):
            frame[column] = frame[column].astype(object)
        now = frame.loc[label, column]
        frame.at[label, column] = value(now) if callable(value) else value
        return replace(made, **{name: frame})

    return alter


def bent(change):
    def alter(made):
        lines = made.routes.geometry.copy()
        row = int(np.argmax(shapely.get_num_points(lines.to_numpy())))
        lines.iloc[row] = LineString(change(shapely.get_coordinates(lines.iloc[row])))
        return replace(made, routes=made.routes.set_geometry(lines))

    return alter


def total(name, value=lambda now: now + 1):
    return lambda made: replace(made, totals={**made.totals, name: value(made.totals[name])})


def inner(name, part):
    def change(now):
        key = next(iter(now))
        if isinstance(now[key], dict):
            return {**now, key: {**now[key], part: now[key][part] + 1}}
        return {**now, key: now[key] + 1}

    return total(name, change)


def jumped(xy):
    return np.insert(xy, len(xy) // 2, xy[len(xy) // 2] + [15, 15], axis=0)


def cut_short(xy):
    return np.delete(xy, np.arange(2, len(xy) - 2), axis=0)


ALTERED = {
    "shelter": put("assignments", 0, "shelter", lambda now: 40 if now != 40 else 41),
    "no shelter": put("assignments", 0, "shelter", 9999),
    "seconds": put("assignments", 1, "seconds", lambda now: now * 0.99),
    "metres": put("assignments", 1, "metres", lambda now: now * 1.01),
    "wave": put("assignments", 0, "wave", lambda now: now + 1),
    "wave gap": put("assignments", 0, "wave", 999),
    "load": put("loads", 0, "people", lambda now: now + 1),
    "capacity": put("loads", 0, "capacity", lambda now: now + 1),
    "out": put("loads", 0, "out", "haunted"),
    "reason": put("unserved", 0, "reason", "bad luck"),
    "alternate": put("alternates", 0, "shelter", 9999),
    "dropped": lambda made: replace(
        made, assignments=made.assignments.iloc[1:], routes=made.routes.iloc[1:]
    ),
    "forgotten": lambda made: replace(made, unserved=made.unserved.iloc[1:]),
    "listed twice": lambda made: replace(
        made,
        unserved=pd.concat(
            [made.unserved, made.unserved.iloc[:1].set_axis(made.assignments.index[:1])]
        ),
    ),
    "a jump": bent(jumped),
    "a short cut": bent(cut_short),
    "another door": bent(lambda xy: xy[1:]),
    "another shelter": bent(lambda xy: xy[:-1]),
    "no way": bent(lambda xy: xy[[0, -1]]),
    "person-seconds": lambda made: replace(made, person_seconds=made.person_seconds * 0.999),
    "bound": lambda made: replace(made, bound=made.person_seconds * 1.001),
    "bound below": lambda made: replace(made, bound=-1.0),
    **{
        name: total(name)
        for name in (
            "households", "people", "served_households", "served_people", "unserved_households",
            "unserved_people", "capacity", "longest_seconds", "mean_seconds", "longest_metres",
            "clear_seconds",
        )
    },
    "needs": inner("needs", "served"),
    "reasons": inner("reasons", "people"),
    "waves": inner("waves", "households"),
    "shelters": inner("shelters", None),
    "beds short": inner("beds_short", None),
}  # fmt: skip


@pytest.fixture(scope="module")
def known():
    """Give a town with too little room, and its draft."""
    roads, homes, places, hazard, blocked = full_town(14, room=1.2, households=400)
    made = draft(Network.from_roads(roads, "walk"), homes, places, hazard, blocked, OPTIONS)
    assert (made.unserved.reason == "full").any()
    assert made.alternates.shelter.notna().any()

    def check(changed):
        return verify(roads, homes, places, hazard, changed, blocked, OPTIONS)

    assert words(check(made)) == []
    return made, check


@pytest.mark.parametrize("name", ALTERED)
def test_every_altered_value_is_found(known, name):
    made, check = known
    assert not check(ALTERED[name](made)).sound


def test_beds_that_are_not_short_are_found(known):
    made, check = known
    row = int(np.flatnonzero(made.unserved.reason == "full")[0])
    found = words(check(put("unserved", row, "beds", lambda now: now + 1)(made)))
    assert any("not the beds that are short there" in each for each in found)


# What goes wrong with ways, on one straight street where it can be seen.

WALK = Network.from_roads(LINE, "walk")
HAZARD = area(100, -50, 200, 50)
HOME, SHELTER = homes_at((150, 10)), places_at((350, 20))


def line(*xy):
    return LineString([(500_000 + x, 3_300_000 + y) for x, y in xy])


def told(way, roads=LINE, **inputs):
    """Give what is found when the way is another than the draft's, whatever its length."""
    made = draft(WALK, HOME, SHELTER, HAZARD)
    routes = made.routes.set_geometry([way])
    rows = made.assignments.assign(metres=way.length, seconds=way.length / (5 / 3.6))
    own = {"hazard": HAZARD, "profile": "walk"} | inputs
    changed = replace(made, routes=routes, assignments=rows)
    found = verify(roads, HOME, SHELTER, own.pop("hazard"), changed, **own)
    return {each.message for each in found.altered if each.table == "routes"}


def residential(*lines):
    return gpd.GeoDataFrame(
        {"highway": ["residential"] * len(lines)}, geometry=list(lines), crs=LINE.crs
    )


STRAIGHT = line((150, 10), (150, 0), (200, 0), (300, 0), (350, 0), (350, 20))


def test_ways_that_are_none_are_found():
    assert told(STRAIGHT) == set()
    assert told(line((150, 10), (150, 0), (200, 3), (300, 0), (350, 0), (350, 20))) == {
        "leaves the streets it may use"
    }
    assert told(STRAIGHT, blocked=area(240, -5, 250, 5)) == {"passes what is blocked"}
    assert told(STRAIGHT, blocked=area(345, 5, 355, 9)) == {"passes what is blocked"}
    assert told(STRAIGHT, hazard=HAZARD.union(area(240, -5, 250, 5))) == {"enters the hazard again"}
    assert told(STRAIGHT, hazard=HAZARD.union(area(345, 5, 355, 9))) == {"enters the hazard again"}
    steps = LINE.assign(highway=["residential"] * 2 + ["motorway"] + ["residential"] * 2)
    assert told(STRAIGHT, steps) == {"leaves the streets it may use"}
    back = line(
        (150, 10), (150, 0), (200, 0), (210, 0), (200, 0), (150, 0), (200, 0), (300, 0), (350, 0),
        (350, 20),
    )  # fmt: skip
    assert told(back) == {"enters the hazard again"}
    assert told(STRAIGHT, LINE.assign(oneway=-1), profile="drive") == {
        "leaves the streets it may use"
    }
    over = LINE.assign(bridge=[False, False, True, False, False])
    water = area(240, -5, 250, 5)
    assert told(STRAIGHT, over, water=water) == set()
    assert told(STRAIGHT, over, blocked=water) == set()
    assert told(STRAIGHT, over, water=water, options=Options(bridges="closed")) == {
        "takes a bridge over water"
    }
    second = HAZARD.union(water)
    assert told(STRAIGHT, over, hazard=second) == {"enters the hazard again"}
    assert told(STRAIGHT, over, hazard=second, options=Options(bridges_clear=True)) == set()


def test_streets_that_cross_without_meeting_are_no_turning():
    above = line((250, -100), (250, 100))
    beside = line((250, 60), (350, 60), (350, 20))
    cross = residential(*LINE.geometry, above, beside)
    turned = line((150, 10), (150, 0), (200, 0), (250, 0), (250, 60), (350, 60), (350, 20))
    assert "changes streets where they do not meet" in told(turned, cross)
    parted = [*LINE.geometry[:2], line((200, 0), (250, 0)), line((250, 0), (300, 0))]
    meeting = [line((250, -100), (250, 0)), line((250, 0), (250, 60)), line((250, 60), (250, 100))]
    joined = residential(*parted, LINE.geometry[3], *meeting, beside)
    assert told(turned, joined) == set()


def test_groups_areas_and_needs_that_are_not_kept_are_found():
    homes = homes_at((150, 0), (160, 0), group="kin", wheelchair=[True, False], infant=[0, 0])
    shelters = places_at((300, 0), (400, 0), area_m2=8.0, accessible=[True, False])
    options = Options(m2_per_person=2.0)
    made = draft(WALK, homes, shelters, HAZARD, options=options)
    assert words(verify(LINE, homes, shelters, HAZARD, made, options=options)) == []
    alone = homes.assign(group=None)

    def messages(**inputs):
        own = {"homes": homes, "shelters": shelters, "options": options} | inputs
        found = verify(
            LINE, own["homes"], own["shelters"], HAZARD, own.get("draft", made),
            options=own["options"],
        )  # fmt: skip
        return {each.message for each in found.altered}

    split = draft(WALK, alone, shelters.assign(area_m2=4.0), HAZARD, options=options)
    assert "not that of the group" in messages(draft=split)
    assert "not after those with needs" in messages(homes=alone)
    assert "more people than there is room" in messages(options=Options(m2_per_person=4.0))
    assert "the shelter has steps" in messages(shelters=shelters.assign(accessible=False))
    assert "the shelter is out" in messages(shelters=shelters.assign(open=False))
    assert "farther than the limit" in messages(options=Options(walk_limit_seconds=10))
    waves = draft(WALK, homes.assign(group=[1, 2]), shelters, HAZARD)
    assert "not that of the group" in messages(draft=waves)
    short = draft(WALK, homes_at((150, 0), (160, 0)), shelters.assign(capacity=[2, 0]), HAZARD)
    assert "others of the group are served" in messages(draft=short)
