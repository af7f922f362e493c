"""A list of facilities says who goes out from them and when; what it does not say stays."""

from pathlib import Path
from typing import Any

import pytest

from geodata.errors import GeodataError
from gridmap.model.access import system_scope
from gridmap.services.imports import Told, bring_in
from gridmap.services.progress import Silent
from gridmap.store.database import Database

pytestmark = pytest.mark.database
COUNTY = "990101"
HEAD = "编号,类型,名称,经度,纬度,容量,班组,级别,开放时间\n"
ROWS = (
    "1,消防站,湖边消防站,114.305,30.51,,消防一班,一级,24小时\n"
    "2,AED,学校 AED,114.31,30.51,,,,周一至周五 08:00-17:30\n"
    "3,诊所,湖边诊所,114.305,30.515,40,,,周一至周六 08:00-12:00；周一至周五 14:00-18:00\n"
    "4,避难场所,中学,114.31,30.515,300,,,\n"
)


def bring(store: Database, tmp_path: Path, text: str) -> dict[str, Any]:
    path = tmp_path / "设施.csv"
    path.write_text(text, encoding="utf-8")
    told = Told("facilities", path, crs="wgs84")
    return bring_in(store, system_scope(), told, COUNTY, Silent())


def stored(store: Database) -> dict[str, Any]:
    with store.transaction(system_scope()) as tx:
        found = tx.all(
            "SELECT source_key, kind, crew, level, hours, capacity FROM facility"
            " WHERE source_key IN ('1', '2', '3', '4')"
        )
    return {row["source_key"]: row for row in found}


def test_crews_levels_and_hours_come_in(store: Database, tmp_path: Path) -> None:
    assert bring(store, tmp_path, HEAD + ROWS)["facility"]["inserted"] == 4
    found = stored(store)
    station, aed, clinic, shelter = (found[key] for key in "1234")
    assert (station["kind"], station["crew"], station["level"]) == ("fire_station", "消防一班", "1")
    assert station["hours"] is None
    assert aed["kind"] == "aed"
    assert aed["hours"] == [{"days": [1, 2, 3, 4, 5], "from": "08:00", "to": "17:30"}]
    assert [time["to"] for time in clinic["hours"]] == ["12:00", "18:00"]
    # the people a shelter holds are in a table of their own
    assert (clinic["capacity"], shelter["capacity"]) == (40, None)
    again = bring(store, tmp_path, HEAD + ROWS)["facility"]
    assert again == {"inserted": 0, "updated": 0, "unchanged": 4}


def test_a_list_without_them_leaves_what_is_known(store: Database, tmp_path: Path) -> None:
    bring(store, tmp_path, HEAD + ROWS)
    before = stored(store)
    done = bring(store, tmp_path, "编号,类型,名称,经度,纬度\n1,消防站,湖边消防站,114.305,30.51\n")
    assert done["facility"] == {"inserted": 0, "updated": 0, "unchanged": 1}
    assert stored(store) == before


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("1,消防站,站,114.305,30.51,,,一级,早八点开门\n", "hours"),
        ("1,消防站,站,114.305,30.51,,,特别 高级,\n", "level"),
        ("1,消防站,站,114.305,30.51,,,,周一 25:00-26:00\n", "hours"),
    ],
)
def test_what_cannot_be_read_is_named(
    store: Database, tmp_path: Path, row: str, column: str
) -> None:
    with pytest.raises(GeodataError) as caught:
        bring(store, tmp_path, HEAD + row)
    assert {fault.column for fault in caught.value.faults} == {column}
    assert stored(store) == {}


def test_what_a_file_changes_is_the_next_revision_and_nobodys_edit(
    store: Database, tmp_path: Path
) -> None:
    bring(store, tmp_path, HEAD + ROWS)

    def read(key: str) -> dict[str, Any]:
        with store.transaction(system_scope()) as tx:
            return tx.one(
                "SELECT revision, changed_by, changed_at, crew FROM facility WHERE source_key = :k",
                k=key,
            )

    before = read("1")
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE facility SET changed_by = (SELECT min(id) FROM app_user) WHERE source_key = '1'"
        )
    bring(store, tmp_path, HEAD + ROWS.replace("消防一班", "消防二班"))
    after = read("1")
    assert (after["crew"], after["revision"]) == ("消防二班", before["revision"] + 1)
    assert after["changed_by"] is None
    assert after["changed_at"] is not None
    assert read("2") == {"revision": 1, "changed_by": None, "changed_at": None, "crew": None}


def test_a_crew_is_what_people_see(store: Database, tmp_path: Path) -> None:
    bring(store, tmp_path, HEAD + ROWS.replace("消防一班", "消防\u200b一班 "))
    assert stored(store)["1"]["crew"] == "消防一班"
    # a cell in which nothing is to be seen says nothing: what is known stays
    bring(store, tmp_path, HEAD + ROWS.replace("消防一班", "\u200b"))
    assert stored(store)["1"]["crew"] == "消防一班"


def test_a_table_of_the_county_finds_what_townships_have_brought(
    store: Database, tmp_path: Path
) -> None:
    bring(store, tmp_path, HEAD + ROWS)
    with store.transaction(system_scope()) as tx:
        township = tx.value("SELECT min(code) FROM area WHERE level = 'township'")
        # as a file of the township would have brought the second and the fourth
        tx.execute(
            "UPDATE facility SET area_code = :code WHERE source_key IN ('2', '4')", code=township
        )
        tx.execute(
            "UPDATE shelter SET area_code = :code WHERE facility_id IN"
            " (SELECT id FROM facility WHERE source_key = '4')",
            code=township,
        )

    def kept() -> list[dict[str, Any]]:
        with store.transaction(system_scope()) as tx:
            return tx.all(
                "SELECT f.id, f.source_key, f.area_code, s.capacity, s.area_code AS own"
                " FROM facility AS f LEFT JOIN shelter AS s ON s.facility_id = f.id"
                " WHERE f.source_key IN ('1', '2', '3', '4') ORDER BY f.source_key"
            )

    before = kept()
    assert len(before) == 4
    bring(store, tmp_path, HEAD + ROWS.replace("114.31,30.515,300", "114.31,30.515,310"))
    after = kept()
    assert [(row["id"], row["area_code"]) for row in after] == [
        (row["id"], row["area_code"]) for row in before
    ]
    assert (after[3]["capacity"], after[3]["own"]) == (310, township)
