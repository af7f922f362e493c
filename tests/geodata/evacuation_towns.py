"""Made-up towns for the evacuation tests, and an independent check of any draft."""

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString, Point, Polygon

CRS = "EPSG:4546"  # metres, so that figures can be read off
TOLERANCE = 0.5


def lattice(seed, side=9, step=120.0, river=True):
    """Make streets on a shaken lattice; a river that only two bridges cross."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1) * step
    xy = grid + rng.uniform(-0.25, 0.25, grid.shape) * step + [500_000, 3_300_000]
    bank = side // 2
    bridges = set(rng.choice(side, 2, replace=False).tolist())
    rows = []
    for i in range(side):
        for j in range(side):
            if j + 1 < side and rng.random() < 0.93:
                rows.append((bent(xy[i, j], xy[i, j + 1], rng), False))
            if i + 1 < side:
                over = river and i + 1 == bank
                if (over and j in bridges) or (not over and rng.random() < 0.93):
                    rows.append((bent(xy[i, j], xy[i + 1, j], rng), over))
    lines, bridge = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"bridge": list(bridge), "oneway": rng.choice([0, 0, 0, 0, 1, -1], len(lines))},
        geometry=list(lines),
        crs=CRS,
    ).assign(highway="residential")


def bent(start, end, rng):
    """Draw a street with two bends."""
    share = np.array([[0.3], [0.6]])
    bends = start + share * (end - start) + rng.uniform(-9, 9, (2, 2))
    return LineString([start, *bends, end])


def scatter(roads, count, rng, spread=25.0):
    """Drop points near the streets."""
    lines = roads.geometry.to_numpy()[rng.integers(0, len(roads), count)]
    on_street = shapely.line_interpolate_point(lines, rng.random(count), normalized=True)
    at = shapely.get_coordinates(on_street)
    return shapely.points(at + rng.normal(0, spread, at.shape))


def town(seed, households=300, shelters=7, room=1.3, **streets):
    """Make a whole case: roads, households, shelters, hazard."""
    rng = np.random.default_rng(seed)
    roads = lattice(seed, **streets)
    homes = gpd.GeoDataFrame(
        {
            "people": rng.integers(1, 7, households),
            "wheelchair": rng.random(households) < 0.05,
            "infant": rng.integers(0, 2, households),
        },
        geometry=scatter(roads, households, rng),
        crs=CRS,
        index=[f"h{number}" for number in rng.permutation(households)],
    )
    west, south, east, north = roads.total_bounds
    middle = rng.uniform([west, south], [east, north])
    angle = np.sort(rng.uniform(0, 2 * np.pi, 9))
    radius = rng.uniform(120, 420, 9)
    star = middle + np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]
    hazard = Polygon(star).buffer(0).union(Point(middle).buffer(90))
    hazard = hazard.union(Point(rng.uniform([west, south], [east, north])).buffer(80))
    affected = int(homes.people[homes.intersects(hazard)].sum())
    share = rng.dirichlet(np.full(shelters, 4.0))
    places = gpd.GeoDataFrame(
        {
            "capacity": np.floor(affected * room * share).astype(int) + 2,
            "accessible": rng.random(shelters) < 0.5,
            "open": rng.random(shelters) < 0.9,
        },
        geometry=scatter(roads, shelters, rng),
        crs=CRS,
        index=np.arange(shelters) + 40,
    )
    return roads, homes, places, hazard


def entering_again(lines, hazard):
    """Pick the lines that are deeper than the tolerance in the hazard after having left it."""
    inner = hazard.buffer(-TOLERANCE)
    shapely.prepare([hazard, inner])
    found = []
    for number, line in enumerate(lines):
        step = np.linspace(0, line.length, max(2, int(line.length / 0.4)))
        at = shapely.get_coordinates(shapely.line_interpolate_point(line, step))
        outside = ~shapely.intersects_xy(hazard, *at.T)
        first = int(np.argmax(outside)) if outside.any() else len(at)
        if shapely.contains_xy(inner, *at[first:].T).any():
            found.append(number)
    return found


def bridges(network):
    """Tell which edges no closure closes: those that stay when everything is closed."""
    everything = shapely.box(*network.edges.total_bounds)
    return network.edges.index.isin(network.close(everything).edges.index)


def check(network, homes, places, hazard, draft, blocked=None):
    """Check everything a draft promises, with nothing but the inputs."""
    affected = homes[homes.intersects(hazard)]
    served, left = draft.assignments, draft.unserved
    assert sorted([*served.index, *left.index]) == sorted(affected.index)
    assert draft.routes.index.equals(served.index)
    assert draft.routes.crs == homes.crs
    people = homes.people[served.index]
    load = people.groupby(served.shelter).sum().reindex(places.index, fill_value=0)
    assert (load == draft.loads.people).all()
    assert (load <= places.capacity).all()
    used = places.loc[served.shelter.unique()]
    assert not used.intersects(hazard).any()
    if "open" in places:
        assert used.open.all()
    if "accessible" in places and "wheelchair" in homes:
        chairs = served.index[homes.wheelchair[served.index].astype(bool)]
        assert places.accessible[served.shelter[chairs]].all()
    total = float((people * served.seconds).sum())
    assert abs(total - draft.person_seconds) <= 1e-6 * max(total, 1.0)
    assert draft.bound <= draft.person_seconds
    _check_routes(network, homes, places, hazard, draft, blocked)
    _check_totals(homes, affected, draft)


def _check_routes(network, homes, places, hazard, draft, blocked):
    metric = draft.routes.to_crs(network.metric).geometry
    area = gpd.GeoSeries([hazard], crs=homes.crs).to_crs(network.metric).iloc[0]
    assert np.allclose(metric.length, draft.assignments.metres, rtol=1e-4, atol=0.05)
    assert entering_again(metric, area) == []
    ends = shapely.get_point(draft.routes.geometry.to_numpy(), -1)
    wanted = places.geometry.to_crs(homes.crs).loc[draft.assignments.shelter].to_numpy()
    assert (shapely.distance(ends, wanted) < 1e-6).all()
    starts = shapely.get_point(draft.routes.geometry.to_numpy(), 0)
    here = homes.geometry.loc[draft.assignments.index].to_numpy()
    assert (shapely.distance(starts, here) < 1e-6).all()
    free, _ = network.close(blocked).matrix(
        homes.geometry.loc[draft.assignments.index], places.geometry
    )
    at = places.index.get_indexer(draft.assignments.shelter)
    assert (draft.assignments.seconds >= free[np.arange(len(at)), at] - 1e-6).all()
    if blocked is not None:
        streets = network.edges[~network.edges.index.isin(network.close(blocked).edges.index)]
        shut = shapely.union_all(streets.geometry.to_numpy())
        over = shapely.union_all(network.edges[bridges(network)].geometry.to_numpy()).buffer(1e-6)
        for label, line in draft.routes.geometry.items():
            assert line.intersection(shut.buffer(1e-6)).length < 0.01, label
            assert line.intersection(blocked).difference(over).length < 0.01, label


def _check_totals(homes, affected, draft):
    found, people = draft.totals, homes.people
    assert found["households"] == len(affected)
    assert found["people"] == affected.people.sum()
    for word, rows in (("served", draft.assignments), ("unserved", draft.unserved)):
        assert found[f"{word}_households"] == len(rows)
        assert found[f"{word}_people"] == people[rows.index].sum()
    loads = draft.loads
    assert found["served_people"] == loads.people.sum()
    assert found["shelters"] == {
        "all": len(loads),
        "usable": loads.out.isna().sum(),
        "used": (loads.people > 0).sum(),
    }
    assert found["capacity"] == loads.capacity[loads.out.isna()].sum()
    assert (loads.people[loads.out.notna()] == 0).all()
    for key in ("households", "people"):
        assert sum(row[key] for row in found["reasons"].values()) == found[f"unserved_{key}"]
        assert sum(row[key] for row in found["waves"].values()) == found[f"served_{key}"]
    for name, row in found["needs"].items():
        assert row["served"] + row["unserved"] == row["affected"]
        assert row["affected"] == (affected[name].astype(int) > 0).sum()
