"""What may be crossed by a bridge only: the lines that lie on the ground, of the county asked."""

import pytest

from gridmap.model.access import system_scope
from gridmap.store import street
from gridmap.store.database import Database, Transaction

pytestmark = pytest.mark.database
COUNTY, OTHER = "990101", "990102"


def line(lat: float) -> str:
    return f"ST_SetSRID(ST_MakeLine(ST_MakePoint(114.1, {lat}), ST_MakePoint(114.2, {lat})), 4326)"


def lay(tx: Transaction, county: str) -> None:
    roads = (
        ("m1", "motorway", False, False, 30.01),
        ("m2", "motorway", True, False, 30.02),
        ("m3", "motorway", False, True, 30.03),
        ("l1", "motorway_link", False, False, 30.04),
        ("t1", "trunk", False, False, 30.05),
        ("p1", "primary", False, False, 30.06),
    )
    for key, highway, bridge, tunnel, lat in roads:
        tx.execute(
            "INSERT INTO road (area_code, source_key, highway, bridge, tunnel, geom)"
            f" VALUES (:code, :key, :highway, :bridge, :tunnel, {line(lat)})",
            code=county,
            key=key,
            highway=highway,
            bridge=bridge,
            tunnel=tunnel,
        )
    for key, bridge, lat in (("r1", False, 30.07), ("r2", True, 30.08)):
        tx.execute(
            "INSERT INTO railway (area_code, source_key, bridge, geom)"
            f" VALUES (:code, :key, :bridge, {line(lat)})",
            code=county,
            key=key,
            bridge=bridge,
        )
    lake = "ST_MakeEnvelope(114.12, 30.08, 114.13, 30.085, 4326)"
    wide = "ST_MakeEnvelope(114.11, 30.0895, 114.19, 30.0905, 4326)"
    bare = "ST_MakeEnvelope(114.14, 30.095, 114.16, 30.096, 4326)"
    for key, kind, shape in (
        ("w1", "river", line(30.09)),
        ("w2", "stream", line(30.093)),
        ("w3", "lake", lake),
        ("w4", "river", wide),  # the surface of w1
        ("w5", "river", bare),
    ):
        tx.execute(
            "INSERT INTO water (area_code, source_key, kind, geom)"
            f" VALUES (:code, :key, :kind, {shape})",
            code=county,
            key=key,
            kind=kind,
        )


def found(tx: Transaction, *kinds: str) -> list[tuple[str, float]]:
    frame = street.barriers(tx, f"{COUNTY}001", kinds)
    assert frame.empty or set(frame.geometry.geom_type) == {"LineString"}
    return [
        (kind, round(float(shape.bounds[1]), 4))
        for kind, shape in zip(frame["kind"], frame.geometry, strict=True)
    ]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((), []),
        (("motorway",), [("motorway", 30.01)]),
        (("trunk",), [("trunk", 30.05)]),
        (("railway",), [("railway", 30.07)]),
        # the surface of a river with a line is left out; one without is taken a little inside
        (("river",), [("river", 30.09), ("river", 30.0951)]),
        (("primary",), []),
    ],
)
def test_only_what_lies_on_the_ground_bars(
    store: Database, kinds: tuple[str, ...], expected: list[tuple[str, float]]
) -> None:
    with store.transaction(system_scope()) as tx:
        lay(tx, COUNTY)
        lay(tx, OTHER)
        assert sorted(found(tx, *kinds)) == expected
