"""Every answer of `cover` comes with a file that proves it, and the checker agrees."""

import ast
import csv
import io
import zipfile
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from chance_streets import BOX, CORNER, PLACES, TOWN, plain
from hypothesis import given
from hypothesis import strategies as st
from plain_streets import CRS, EAST, NORTH, places, roads_frame
from shapely.geometry import LineString, box
from test_coverage_properties import SITES

import geodata
from geodata.certificates import certificate
from geodata.coverage import Standard, cover
from geodata.coverage_bands import cover_bands
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.readers import osm
from geodata.street_profiles import profile_of
from geodata.verifying import verify


def river(corners):
    """A barrier from corner to corner, beside the streets or along them; None for one corner."""
    points = [(EAST + x, NORTH + y) for x, y in dict.fromkeys(corners)]
    return LineString(points) if len(points) > 1 else None


@plain
@given(
    TOWN,
    BOX,
    st.lists(st.tuples(PLACES, st.integers(1, 4)), max_size=8),
    SITES,
    st.sampled_from(["seconds", "metres"]),
    st.sampled_from(["to_household", "to_facility"]),
    st.booleans(),
    st.lists(st.one_of(CORNER, PLACES), max_size=3).map(river),
    st.sampled_from([(1.0,), (1.0, 0.5), (0.8, 2.0, 0.3)]),
)
def test_random_towns_are_proven(
    roads, area, homes, sites, by, direction, capacity, barrier, shares
):
    networks = {}
    for number, share in enumerate(shares):
        whole = Network.from_roads(roads, profile_of("drive").slowed({"*": share}))
        networks[str(number)] = whole.barred(None if barrier is None else [barrier]).close(area)
    standard = Standard(
        "s", "drive", 30.0 if by == "seconds" else 250.0, by, direction, capacity, max_metres=60.0
    )
    people = places([home[0] for home in homes], people=[home[1] for home in homes])
    shelters = places(
        [site[0] for site in sites],
        open=[site[1] for site in sites],
        capacity=[site[2] for site in sites],
        crew=[site[3] for site in sites],
    ).set_crs(CRS, allow_override=True)
    frame = cover_bands(networks, people, shelters, standard)
    content = certificate(networks["0"], people, shelters, standard, frame, bands=networks)
    verdict = verify(content)
    assert verdict.altered == ()
    assert verdict.counts["households"] == len(homes)


@pytest.fixture(scope="module")
def roads():
    return osm.read(files("geodata.demo") / "monaco.osm.pbf").roads


STANDARDS = [
    Standard("fire", "emergency", 120.0),
    Standard("medical", "drive", 1500.0, "metres"),
    Standard("shelter", "walk", 500.0, "metres", "to_facility", capacity=True),
    Standard("member", "walk", 300.0),
]


def monaco(roads, standard, count=2000):
    chance = np.random.default_rng(4)
    network = Network.from_roads(roads, standard.profile)
    nodes = network.pieces.nodes
    west, south, east, north = network.nodes.total_bounds
    spots = nodes[chance.choice(len(nodes), count)] + chance.normal(0, 3e-4, (count, 2))
    homes = gpd.GeoDataFrame(
        {"people": chance.integers(1, 6, count)}, geometry=shapely.points(spots), crs=network.crs
    )
    sites = gpd.GeoDataFrame(
        {
            "open": [True] * 9 + [False] * 3,
            "crew": ["east", "east", "west", "west", *[None] * 8],
            "capacity": [150, 300, 80, 200, 500, 60, 100, 90, 700, 100, 100, None],
        },
        geometry=shapely.points(nodes[chance.choice(len(nodes), 12, replace=False)]),
        crs=network.crs,
    )
    return network.close(closed_area(network)), homes, sites


def closed_area(network):
    west, south, east, north = network.nodes.total_bounds
    width, height = east - west, north - south
    return box(west + 0.40 * width, south + 0.4 * height, west + 0.45 * width, north)


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda one: one.key)
def test_monaco(roads, standard):
    network, homes, sites = monaco(roads, standard)
    frame = cover(network, homes, sites, standard)
    assert set(frame.reason.dropna()) >= {"too_far", "cut_off", "closed"} | (
        {"full"} if standard.capacity else set()
    )
    assert frame.covered.sum() > 100
    verdict = verify(certificate(network, homes, sites, standard, frame))
    assert verdict.altered == ()
    # what a database keeps in single precision is checked as such
    single = frame.astype({"seconds": "float32", "metres": "float32", "second_seconds": "float32"})
    rounded = certificate(
        network,
        homes,
        sites,
        standard,
        single.drop(columns=["slack", "second_metres"]),
        single=True,
    )
    assert verify(rounded).sound


def test_monaco_with_a_railway_in_two_bands(roads):
    standard = STANDARDS[0]
    network, homes, sites = monaco(roads, standard)
    west, south, east, north = network.nodes.total_bounds
    railway = LineString([(west, south + 0.6 * (north - south)), (east, north)])
    rain = Network.from_roads(roads, profile_of("emergency").slowed({"*": 0.6}))
    with pytest.raises(GeodataError, match="'rain' has other"):
        certificate(
            network, homes, sites, standard, cover(network, homes, sites, standard),
            bands={"day": network, "rain": rain},
        )  # fmt: skip
    rain = rain.close(closed_area(rain))
    networks = {"day": network.barred([railway]), "rain": rain.barred([railway])}
    frame = cover_bands(networks, homes, sites, standard)
    assert set(frame.band) == {"always", "sometimes", "never"}
    assert (frame.facility != cover(network, homes, sites, standard).facility).any()
    content = certificate(networks["day"], homes, sites, standard, frame, bands=networks)
    assert verify(content).altered == ()


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda one: one.key)
def test_no_facility_and_no_household(roads, standard):
    network, homes, sites = monaco(roads, standard, 20)
    for some, any_ in ((homes, sites.iloc[:0]), (homes.iloc[:0], sites)):
        frame = cover(network, some, any_, standard)
        assert verify(certificate(network, some, any_, standard, frame)).sound


def test_no_street_for_the_profile():
    network = Network.from_roads(roads_frame([([(0, 0), (100, 0)], {"highway": "footway"})]))
    standard = Standard("fire", "drive", 60.0)
    homes, sites = places([(10, 0)]), places([(0, 0)])
    frame = cover(network, homes, sites, standard)
    assert verify(certificate(network, homes, sites, standard, frame)).sound


def test_the_same_answer_gives_the_same_bytes_and_plain_tables(roads):
    standard = STANDARDS[0]
    network, homes, sites = monaco(roads, standard, 50)
    frame = cover(network, homes, sites, standard)
    content = certificate(network, homes, sites, standard, frame, stated={"version": "7"})
    assert content == certificate(network, homes, sites, standard, frame, stated={"version": "7"})
    assert verify(content).stated["stated"] == {"version": "7"}
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        readme = packed.read("README.txt").decode()
        rows = list(csv.DictReader(io.StringIO(packed.read("households.csv").decode())))
        for name in packed.namelist():
            assert name.startswith(("labels_", "README")) or name in readme
    assert [float(row["seconds"]) for row in rows] == frame.seconds.tolist()


def test_rows_of_other_households_are_refused(roads):
    network, homes, sites = monaco(roads, STANDARDS[0], 20)
    frame = cover(network, homes, sites, STANDARDS[0])
    with pytest.raises(GeodataError, match="not those of the households"):
        certificate(network, homes.iloc[::-1], sites, STANDARDS[0], frame)
    with pytest.raises(GeodataError, match="first speed band"):
        certificate(network, homes, sites, STANDARDS[0], frame, bands={"rain": network.close(None)})
    with pytest.raises(GeodataError, match="not for 'walk'"):
        certificate(network, homes, sites, STANDARDS[3], frame)


def test_the_checker_shares_no_code_with_the_solver():
    allowed = {
        "numpy", "scipy", "shapely", "csv", "hashlib", "io", "json", "zipfile", "zlib",
        "collections",
        "dataclasses", "itertools", "pathlib", "typing",
    }  # fmt: skip
    sources = sorted(Path(geodata.__file__).parent.glob("verifying*.py"))
    assert len(sources) >= 7
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [node.module]
            for name in names:
                own = name == "geodata.errors" or name.startswith("geodata.verifying")
                assert own or name.split(".")[0] in allowed, (source.name, name)
            called = node.func if isinstance(node, ast.Call) else None
            assert getattr(called, "id", "") not in {"__import__", "exec", "eval"}
