"""What has no name is told by what has one near it."""

from __future__ import annotations

import pytest

from gridmap.model.access import Scope, system_scope
from gridmap.store import nearby_name
from gridmap.store.database import Database

pytestmark = pytest.mark.database
COUNTY, COMMUNITY = "990101", "990101001001"


@pytest.fixture
def named(store: Database) -> Database:
    with store.transaction(system_scope()) as tx:
        for code, level, parent, name in (
            (COUNTY, "county", None, "湖区"),
            (COUNTY + "001", "township", COUNTY, "南镇"),
            (COMMUNITY, "community", COUNTY + "001", "湖心社区"),
        ):
            tx.execute(
                "INSERT INTO area (code, level, parent_code, name_zh, name_en, geom) VALUES (:code,"
                " :level, :parent, :name, 'Midlake', ST_Multi(ST_MakeEnvelope(0, 0, 1, 1, 4326)))",
                code=code,
                level=level,
                parent=parent,
                name=name,
            )
        tx.execute(
            "INSERT INTO facility (area_code, source_key, kind, name, name_en, geom) VALUES"
            " (:code, 'a', 'school', '湖边小学', 'Lakeside School',"
            "  ST_SetSRID(ST_MakePoint(0.5, 0.5), 4326)),"
            " (:code, 'b', 'school', '山上小学', NULL, ST_SetSRID(ST_MakePoint(0.503, 0.5), 4326)),"
            " (:code, 'c', 'aed', NULL, NULL, ST_SetSRID(ST_MakePoint(0.2, 0.2), 4326))",
            code=COMMUNITY,
        )
        tx.execute(
            "INSERT INTO building (area_code, source_key, name, geom) VALUES (:code, 'h', '大会堂',"
            " ST_Multi(ST_MakeEnvelope(0.7, 0.7, 0.701, 0.701, 4326)))",
            code=COMMUNITY,
        )
    return store


def test_the_nearest_with_a_name_else_the_community(named: Database) -> None:
    spots = [(0.5005, 0.5), (0.5024, 0.5), (0.7015, 0.7005), (0.2, 0.2), (5.0, 5.0)]
    with named.transaction(Scope((COUNTY,))) as tx:
        found = [(row["name"], row["name_en"]) for row in nearby_name.near(tx, spots)]
        assert nearby_name.near(tx, []) == []
    assert found == [
        ("湖边小学", "Lakeside School"),
        ("山上小学", None),
        ("大会堂", None),
        ("湖心社区", "Midlake"),
        (None, None),
    ]


def test_nothing_of_another_county_is_told(named: Database) -> None:
    with named.transaction(Scope(("990102",))) as tx:
        (row,) = nearby_name.near(tx, [(0.5, 0.5)])
    assert row["name"] != "湖边小学"
