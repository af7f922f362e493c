"""Files of answers about sites: sound as they are made, and any altered value is found."""

import io
import json
import zipfile

import numpy as np
import pytest
from plain_streets import at, places, roads_frame
from run_files import RunFile
from shapely.geometry import box

from geodata import siting, siting_proof
from geodata.coverage import Standard
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.site_gains import in_order
from geodata.siting_certificate import Answer, certificate
from geodata.siting_inputs import read
from geodata.verifying import verify

# a mesh of streets, some of it closed, and an island
_ACROSS = [[(x, y), (x + 100, y)] for y in (0, 90, 170, 300) for x in range(0, 900, 100)]
_DOWN = [[(x, a), (x, b)] for a, b in ((0, 90), (90, 170), (170, 300)) for x in range(0, 901, 150)]
ROADS = roads_frame(
    [(line, {"maxspeed_kmh": 36.0}) for line in [*_ACROSS, *_DOWN]]
    + [([(3000, 0), (3100, 0)], {"maxspeed_kmh": 36.0})]
)
_DRAW = np.random.default_rng(3)
HOMES = places(
    [*zip(_DRAW.integers(0, 900, 40), _DRAW.choice([3, 88, 172, 296], 40), strict=True),
     (3050, 1), (500, 900), (300, 90), (300, 90.5)],
    people=[*_DRAW.integers(0, 6, 40), 4, 5, 2, 1],
)  # fmt: skip
OPEN = [(10, 0), (850, 170)]
FREE = [(x, y) for x in range(50, 900, 170) for y in (0, 90, 170, 300)]
SITES = places([*OPEN, *FREE])
FIRE = Standard("fire", "drive", limit=28.0)
SHELTER = Standard("shelter", "drive", 300.0, "metres", "to_facility", capacity=True)
METHODS = ("next", "p_median", "p_center", "cover_all", "cover_most", "least_missed")


def streets():
    low, high = at(410, 60), at(490, 120)
    return Network.from_roads(ROADS).close(box(low.x, low.y, high.x, high.y))


def asked(method, standard=FIRE, count=3, fixed=True, room=None):
    """Answer a question as the desk does; give the answer and the file."""
    network = streets()
    towards = standard.direction == "to_facility"
    homes, spots = network.places(HOMES), network.places(SITES)
    seconds, metres = network.matrix(
        *((homes, spots) if towards else (spots, homes)), by=standard.by
    )
    costs = seconds if standard.by == "seconds" else metres
    costs = costs if towards else np.ascontiguousarray(costs.T)
    weights = HOMES["people"].to_numpy(dtype=float)
    held = np.arange(len(OPEN)) if fixed else np.zeros(0, dtype=int)
    if not fixed:
        costs = costs[:, len(OPEN) :]
    if room is not None:
        room = np.full(costs.shape[1], float(room))
    adds, order, proof = np.zeros(costs.shape[1]), np.zeros(0, dtype=int), None
    if method == "least_missed":
        missed = siting.least_missed(costs, weights, held, standard.limit)
        adds[missed.sites] = missed.people
        objective = bound = float(missed.people.min())
        local = np.where(np.isin(np.arange(costs.shape[1]), held), costs, np.inf)
        assignment = np.where(np.isfinite(local.min(axis=1)), local.argmin(axis=1), -1)
    elif method == "next":
        best = siting.best_next(costs, weights, held, standard.limit)
        order = np.array([best.site])
        adds[best.site] = objective = bound = float(best.people[best.site])
        local = np.where(np.isin(np.arange(costs.shape[1]), [*held, best.site]), costs, np.inf)
        assignment = np.where(np.isfinite(local.min(axis=1)), local.argmin(axis=1), -1)
    else:
        wanted = None if method == "cover_all" else count + len(held)
        limit = standard.limit if room is not None or method.startswith("cover") else None
        found = getattr(siting, method)(costs, weights, wanted, limit, held, room)
        case = read(costs, weights, wanted, limit, held, room, counting=wanted is not None)
        proof = siting_proof.proof(method, case, found)
        objective, assignment = found.objective, found.assignment
        worse = max if method != "cover_most" else min
        bound = worse(found.bound, proof.bound)
        new = np.setdiff1d(found.chosen, held)
        if room is None:
            gains = in_order(costs, weights, held, new, standard.limit)
            order = np.array([gain.site for gain in gains], dtype=int)
            for gain in gains:
                adds[gain.site] = weights[gain.rows].sum()
        else:
            order = new
            for site in new:
                adds[site] = weights[assignment == site].sum()
    counted = count if method in ("p_median", "p_center", "cover_most") else None
    labels = ["11", "12"] if fixed else []
    answer = Answer(
        method, counted, "people", labels, room, weights, assignment, costs, order, adds,
        objective, bound, proof,
    )  # fmt: skip
    content = certificate(
        network, HOMES, SITES.iloc[0 if fixed else 2 :], standard, answer, {"job": 7}
    )
    return answer, content


def named(file):
    return {(one.table, one.row, one.column) for one in verify(file.packed()).altered}


@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("standard", [FIRE, Standard("walk", "drive", 250.0, "metres")])
@pytest.mark.parametrize("method", METHODS)
def test_an_answer_is_proven(method, standard, fixed):
    if method == "least_missed" and not fixed:
        return
    _, content = asked(method, standard, fixed=fixed)
    verdict = verify(content)
    assert [str(one) for one in verdict.altered] == []
    assert verdict.counts["demand"] == len(HOMES)
    assert verdict.stated["stated"] == {"job": 7}


@pytest.mark.parametrize("room", [3, 11, 40, 1000])
@pytest.mark.parametrize("method", ["p_median", "p_center", "cover_all", "cover_most"])
def test_an_answer_with_room_is_proven(method, room):
    _, content = asked(method, SHELTER, room=room)
    assert [str(one) for one in verify(content).altered] == []


@pytest.mark.parametrize(
    ("table", "column", "value", "method"),
    [
        ("demand.csv", "cost", 3.5, "p_median"),
        ("demand.csv", "site", 5, "p_median"),
        ("demand.csv", "site", -1, "cover_all"),
        ("demand.csv", "street", 2, "p_median"),
        ("demand.csv", "x", 500200.0, "next"),
        ("demand.csv", "fraction", 0.999, "cover_most"),
        ("demand.csv", "leg", 1.0, "p_center"),
        ("demand.csv", "site", 99, "p_center"),
        ("demand.csv", "price", float("nan"), "p_center"),
        ("sites.csv", "adds", 77, "next"),
        ("sites.csv", "adds", 77, "least_missed"),
        ("sites.csv", "place", -1, "p_median"),
        ("sites.csv", "place", 9, "p_median"),
        ("sites.csv", "street", 0, "p_median"),
        ("sites.csv", "room", -1, "cover_most"),
        ("streets.csv", "metres", 90.0, "p_median"),
        ("streets.csv", "seconds", 9.0, "next"),
    ],
)
def test_one_altered_value_is_found_and_named(table, column, value, method):
    file = RunFile(asked(method)[1])
    row = 4
    file.alter(table, row, **{column: value})
    assert (table, row) in {one[:2] for one in named(file)}


@pytest.mark.parametrize("method", ["p_median", "cover_most", "cover_all", "p_center"])
def test_prices_that_prove_less_are_found(method):
    file = RunFile(asked(method)[1])
    rows = file.rows("demand.csv")
    for row in rows:
        row["price"] = "0.0"
    file.put("demand.csv", rows)
    found = named(file)
    assert ("manifest.json", None, "bound") in found or ("manifest.json", None, "within") in found


@pytest.mark.parametrize("method", ["p_median", "cover_most", "cover_all", "p_center", "next"])
def test_a_better_bound_than_is_proven_is_found(method):
    file = RunFile(asked(method)[1])
    proof = file.manifest["proof"]
    proof["bound"] = proof["bound"] * (0.9 if method in ("cover_most", "next") else 1.1)
    assert ("manifest.json", None, "bound") in named(file)


def test_weights_moved_between_places_are_found():
    file = RunFile(asked("p_median")[1])
    rows = file.rows("demand.csv")
    far = next(n for n, row in enumerate(rows) if 10 < float(row["cost"]) < 1000)
    file.alter("demand.csv", far, weight=float(rows[far]["weight"]) + 3)
    assert ("manifest.json", None, "objective") in named(file)


def test_a_site_beyond_its_room_is_found():
    file = RunFile(asked("p_median", SHELTER, room=40)[1])
    rows = file.rows("demand.csv")
    busy = next(int(row["site"]) for row in rows if int(row["site"]) >= 0)
    file.alter("sites.csv", busy, room=1)
    assert ("sites.csv", busy, "room") in named(file)


def test_what_was_claimed_beyond_the_prices_is_told_apart():
    answer, content = asked("p_median")
    file = RunFile(content)
    lower = answer.proof.bound * 0.5
    assert "claimed_bound" not in verify(content).stated["totals"] or answer.bound > lower
    file.manifest["claimed"]["bound"] = answer.objective * 2
    assert ("manifest.json", None, "bound") in named(file)


def test_what_is_no_such_file_is_refused():
    file = RunFile(asked("next")[1])
    for part, name, value in (
        ("question", "method", "best"),
        ("question", "method", []),
        ("question", "count", 10**400),
        ("proof", "bound", 10**400),
        ("proof", "bound", float("nan")),
        ("standard", "limit", 10**400),
        ("standard", "by", {}),
        ("question", "count", 3),
        ("standard", "limit", "far"),
        ("standard", "walk_kmh", 0),
        ("proof", "missing", None),
        ("claimed", "bound", "low"),
    ):
        held = file.manifest[part][name]
        file.manifest[part][name] = value
        with pytest.raises(GeodataError, match="cannot be read"):
            verify(file.packed())
        file.manifest[part][name] = held
    assert named(file) == set()
    del file.files["sites.csv"]
    with pytest.raises(GeodataError, match=r"sites\.csv"):
        verify(file.packed())


def test_the_same_answer_gives_the_same_bytes_and_names_nobody():
    one, other = (asked("cover_most")[1] for _ in range(2))
    assert one == other
    with zipfile.ZipFile(io.BytesIO(one)) as packed:
        assert set(packed.namelist()) == {
            "README.txt", "streets.csv", "vertices.csv", "barriers.csv", "sites.csv",
            "demand.csv", "manifest.json",
        }  # fmt: skip
        assert json.loads(packed.read("manifest.json"))["format"] == "gridmap siting answer 1"
