"""Monaco's real streets: the network gives what loops and dictionaries give."""

from importlib.resources import files

import geopandas as gpd
import numpy as np
import pytest
from plain_streets import dijkstra, edge_arcs, graph
from shapely.geometry import box

from geodata.network import Network
from geodata.readers import osm


@pytest.fixture(scope="module")
def layers():
    return osm.read(files("geodata.demo") / "monaco.osm.pbf")


@pytest.fixture(scope="module", params=["drive", "walk", "truck", "emergency"])
def network(request, layers):
    return Network.from_roads(layers.roads, request.param)


@pytest.fixture(scope="module")
def drive(layers):
    return Network.from_roads(layers.roads, "drive")


def sources_of(network, count=6):
    chance = np.random.default_rng(3)
    return sorted(chance.choice(network.size, count, replace=False).tolist())


def plain_table(network, sources, towards):
    arcs = edge_arcs(network.edges)
    if towards:
        arcs = [(head, tail, cost) for tail, head, cost in arcs]
    net = graph(arcs)
    table = np.full((len(sources), network.size), np.inf)
    for row, source in enumerate(sources):
        reached = dijkstra(net, source) if source in net else {source: 0.0}
        table[row, list(reached)] = list(reached.values())
    return table


@pytest.mark.parametrize("towards", [False, True])
def test_times_and_the_nearest_two(network, towards):
    sources = sources_of(network)
    table = plain_table(network, sources, towards)
    assert (network.seconds(sources, towards=towards) == table).all()
    found = network.nearest(sources, towards=towards)
    order = np.argsort(table, axis=0, kind="stable")[:2]
    for rank in (0, 1):
        seconds = np.take_along_axis(table, order[rank : rank + 1], axis=0)[0]
        assert (found[f"seconds_{rank + 1}"] == seconds).all()
        names = np.array(sources)[order[rank]].astype(float)
        names[np.isinf(seconds)] = -1
        got = found[f"source_{rank + 1}"].to_numpy(dtype=float, na_value=-1)
        assert (got == names).all()


def test_every_metre_of_street_is_there(layers, drive):
    usable = ~layers.roads.highway.isin(["footway", "path", "pedestrian", "steps", "cycleway"])
    roads = layers.roads[usable]
    total = roads.to_crs(drive.metric).length
    one_way = roads.oneway != 0
    assert drive.edges.metres.sum() == pytest.approx(2 * total.sum() - total[one_way].sum())
    assert set(drive.edges.road) == set(roads.index)


def test_a_closed_quarter(drive):
    lon, lat = drive.nodes.geometry.x.median(), drive.nodes.geometry.y.median()
    area = box(lon - 0.008, lat - 0.006, lon + 0.008, lat + 0.006)
    closed = drive.close(area)
    gone = drive.edges.drop(closed.edges.index)
    kept_inside = closed.edges[closed.edges.intersects(area)]
    assert len(gone) > 100
    assert gone.intersects(area).all()
    assert len(kept_inside) > 0  # tunnels run below
    sources = sources_of(drive)
    assert (closed.seconds(sources) == plain_table(closed, sources, towards=False)).all()


def test_routes_of_many_are_routes_of_one(layers, drive):
    people = layers.buildings.geometry.iloc[::400].to_crs(drive.metric).centroid
    stations = layers.facilities[layers.facilities.kind == "fire_station"].geometry
    seconds, metres = drive.matrix(stations, people)
    near = seconds.argmin(axis=0)
    routes = drive.routes(stations.iloc[near].reset_index(drop=True), people)
    assert routes.seconds.to_numpy() == pytest.approx(seconds.min(axis=0), abs=1e-6)
    assert routes.metres.to_numpy() == pytest.approx(metres[near, np.arange(len(people))], abs=1e-6)
    there = np.isfinite(routes.seconds)
    drawn = routes[there].to_crs(drive.metric).length
    assert there.mean() > 0.9
    # lines between vertices are straight in degrees here and straight in metres there
    assert drawn.to_numpy() == pytest.approx(routes.metres[there].to_numpy(), rel=1e-4, abs=0.1)
    homes = gpd.GeoSeries(people).to_crs(4326)
    for row in np.flatnonzero(there)[::12]:
        route = drive.route(stations.iloc[near[row]], homes.iloc[row])
        assert route.seconds == pytest.approx(routes.seconds.iloc[row], abs=1e-6)
        assert set(route.edges) <= set(drive.edges.index)


def test_directions_name_real_streets(layers, drive):
    stations = layers.facilities[layers.facilities.kind == "fire_station"].geometry
    hospitals = layers.facilities[layers.facilities.kind == "hospital"].geometry
    route = drive.route(stations.iloc[0], hospitals.iloc[0])
    names = {step.name for step in route.steps if step.name}
    assert len(names) >= 3
    assert names <= set(layers.roads.name.dropna())
    assert route.steps[0].turn == "depart"
    assert route.steps[-1].turn == "arrive"
    assert {"left", "right"} <= {step.turn for step in route.steps}
