"""All of a file or nothing, and the same file twice changes nothing."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from geodata.crs import wgs84_to_gcj02
from geodata.errors import GeodataError
from gridmap.model.access import system_scope
from gridmap.model.problem import Problem
from gridmap.services.imports import Told, bring_in
from gridmap.services.progress import Silent
from gridmap.store.database import Database

pytestmark = pytest.mark.database
COUNTY, COMMUNITY = "990101", "990101001001"
ROSTER = (
    "户主,详细地址,家庭人口,特殊情况\n"
    "张某,松山里1栋1单元101室,3,独居老人\n"
    "李某,松山里２幢二单元５０２,2,残疾、卧床\n"
    "王某,不知道的地方9栋,4,\n"
)


def rows(store: Database, sql: str, **values: object) -> list[dict[str, Any]]:
    with store.transaction(system_scope()) as tx:
        return [dict(row) for row in tx.all(sql, **values)]


def bring(store: Database, kind: str, path: Path, **more: Any) -> dict[str, Any]:
    where = None if kind == "areas" else COUNTY
    return bring_in(store, system_scope(), Told(kind, path, **more), where, Silent())


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "名册.csv"
    path.write_bytes(ROSTER.encode("gb18030"))
    return path


def test_households_find_their_buildings_and_the_rest_waits(store: Database, roster: Path) -> None:
    done = bring(store, "households", roster)
    assert done["household"] == {"inserted": 3, "updated": 0, "unchanged": 0}
    assert done["unplaced"] == {"households": 1, "by_reason": {"unknown_estate": 1}}
    found = rows(
        store,
        "SELECT h.householder AS name, h.unit, h.room, h.area_code, h.placed_by,"
        " h.unplaced_reason AS why, b.building FROM household AS h"
        " LEFT JOIN building AS b ON b.id = h.building_id ORDER BY h.id",
    )
    assert [row["building"] for row in found] == ["1", "2", None]
    assert (found[1]["unit"], found[1]["room"]) == ("2", "502")
    assert [row["area_code"] for row in found] == [COMMUNITY, COMMUNITY, COUNTY]
    assert rows(store, "SELECT count(*) AS n FROM household WHERE geom IS NULL") == [{"n": 1}]
    needs = rows(store, "SELECT kind FROM household_need ORDER BY kind")
    assert [row["kind"] for row in needs] == ["bedridden", "disabled", "elderly_alone"]


def versions(store: Database) -> list[dict[str, Any]]:
    return rows(store, "SELECT layer, version FROM layer_version ORDER BY layer")


def test_the_same_file_twice_changes_nothing_not_even_a_version(
    store: Database, roster: Path
) -> None:
    bring(store, "households", roster)
    before = versions(store), rows(store, "SELECT count(*) AS n FROM event")
    again = bring(store, "households", roster)
    assert again["household"] == {"inserted": 0, "updated": 0, "unchanged": 3}
    assert (versions(store), rows(store, "SELECT count(*) AS n FROM event")) == before


def test_a_corrected_cell_is_an_update(store: Database, roster: Path) -> None:
    bring(store, "households", roster)
    roster.write_bytes(ROSTER.replace("101室,3", "101室,4").encode("gb18030"))
    assert bring(store, "households", roster)["household"]["updated"] == 1


def test_a_place_given_by_hand_survives_the_next_roster(store: Database, roster: Path) -> None:
    bring(store, "households", roster)
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE household SET geom = ST_SetSRID(ST_MakePoint(114.315, 30.515), 4326),"
            " placed_by = 'hand', unplaced_reason = NULL, area_code = :code WHERE geom IS NULL",
            code=COMMUNITY,
        )
    assert bring(store, "households", roster)["household"]["unchanged"] == 3
    assert rows(store, "SELECT count(*) AS n FROM household WHERE geom IS NULL") == [{"n": 0}]


def test_a_rehearsal_changes_nothing(store: Database, roster: Path) -> None:
    before = versions(store)
    done = bring(store, "households", roster, dry_run=True)
    assert done["household"]["inserted"] == 3
    assert rows(store, "SELECT count(*) AS n FROM household") == [{"n": 0}]
    assert versions(store) == before


def test_one_bad_row_in_60_000_stops_all_and_is_named(store: Database, tmp_path: Path) -> None:
    lines = ["户主,详细地址,家庭人口"]
    lines += [f"张{n},松山里1栋1单元{n}室,2" for n in range(60_000)]
    lines[41_234] = "张某,松山里1栋1单元1室,两个"
    path = tmp_path / "big.csv"
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(GeodataError) as caught:
        bring(store, "households", path)
    assert len(caught.value.faults) == 1
    fault = caught.value.faults[0]
    assert (fault.row, fault.column) == (41_235, "家庭人口")
    assert rows(store, "SELECT count(*) AS n FROM household") == [{"n": 0}]


def test_a_point_outside_the_county_stops_all(store: Database, tmp_path: Path) -> None:
    path = tmp_path / "far.csv"
    path.write_text("地址,人口,经度,纬度\n甲,2,114.31,30.51\n乙,2,116.0,30.51\n", "utf-8")
    with pytest.raises(GeodataError, match="row 3.*outside the county"):
        bring(store, "households", path, crs="wgs84")
    assert rows(store, "SELECT count(*) AS n FROM household") == [{"n": 0}]


def test_coordinates_are_converted_once_at_the_door(store: Database, tmp_path: Path) -> None:
    lon, lat = wgs84_to_gcj02(114.31, 30.51)
    path = tmp_path / "gcj.csv"
    path.write_text(f"地址,人口,经度,纬度\n甲,2,{float(lon)!r},{float(lat)!r}\n", "utf-8")
    with pytest.raises(GeodataError, match="--crs"):
        bring(store, "households", path)
    bring(store, "households", path, crs="gcj02")
    found = rows(store, "SELECT ST_X(geom) AS x, ST_Y(geom) AS y FROM household")[0]
    assert found["x"] == pytest.approx(114.31, abs=1e-7)
    assert found["y"] == pytest.approx(30.51, abs=1e-7)


def test_two_rows_of_one_household_are_named(store: Database, tmp_path: Path) -> None:
    path = tmp_path / "twins.csv"
    path.write_text("户主,地址,人口\n张,松山里1栋101室,2\n张,松山里1栋101室,2\n", "utf-8")
    with pytest.raises(GeodataError, match="row 3"):
        bring(store, "households", path)


def test_households_that_share_a_room_stay_two(store: Database, tmp_path: Path) -> None:
    path = tmp_path / "shared.csv"
    path.write_text("户主,地址,人口\n张,松山里1栋101室,2\n李,松山里1栋101室,1\n", "utf-8")
    assert bring(store, "households", path)["household"]["inserted"] == 2


def collection(features: list[tuple[dict[str, Any], dict[str, Any]]]) -> str:
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": p, "geometry": g} for p, g in features],
        },
        ensure_ascii=False,
    )


def test_roads_from_geojson(store: Database, tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[114.30, 30.51], [114.31, 30.51]]}
    path = tmp_path / "roads.geojson"
    path.write_text(collection([({"fclass": "residential", "name": "学堂路"}, line)]), "utf-8")
    with pytest.raises(GeodataError, match="highway"):
        bring(store, "roads", path)
    done = bring(store, "roads", path, mapping={"fclass": "highway"})
    assert done["road"]["inserted"] == 1
    assert bring(store, "roads", path, mapping={"fclass": "highway"})["road"]["unchanged"] == 1


def test_hazards_from_a_geopackage(store: Database, tmp_path: Path) -> None:
    path = tmp_path / "hazards.gpkg"
    gpd.GeoDataFrame(
        {"kind": ["flood"], "name": ["低洼积水"], "severity": ["orange"]},
        geometry=[shapely.box(114.305, 30.505, 114.31, 30.51)],
        crs="EPSG:4547",
    ).set_crs("EPSG:4326", allow_override=True).to_file(path, driver="GPKG")
    assert bring(store, "hazards", path)["hazard"]["inserted"] == 1
    assert rows(store, "SELECT severity FROM hazard") == [{"severity": "orange"}]


def test_areas_parents_first(store: Database, tmp_path: Path) -> None:
    box = shapely.geometry.mapping(shapely.box(115.0, 30.0, 115.1, 30.1))
    path = tmp_path / "areas.geojson"
    path.write_text(
        collection(
            [
                ({"code": "990102001", "name": "镇"}, box),
                ({"code": "990102", "name": "县"}, box),
            ]
        ),
        "utf-8",
    )
    assert bring(store, "areas", path)["area"]["inserted"] == 2
    assert bring(store, "areas", path)["area"]["unchanged"] == 2


def test_an_area_without_its_parent_stops_all(store: Database, tmp_path: Path) -> None:
    box = shapely.geometry.mapping(shapely.box(115.0, 30.0, 115.1, 30.1))
    path = tmp_path / "orphan.geojson"
    path.write_text(collection([({"code": "990103001", "name": "镇"}, box)]), "utf-8")
    with pytest.raises((Problem, GeodataError), match="990103"):
        bring(store, "areas", path)


def point(lon: float = 114.31) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, 30.51]}


def test_house_numbers_beside_empty_cells_stay_whole(store: Database, tmp_path: Path) -> None:
    box = shapely.geometry.mapping(shapely.box(114.306, 30.511, 114.307, 30.512))
    other = shapely.geometry.mapping(shapely.box(114.308, 30.511, 114.309, 30.512))
    path = tmp_path / "buildings.geojson"
    path.write_text(
        collection([({"estate": "新村", "building": 7}, box), ({"estate": "新村"}, other)]), "utf-8"
    )
    bring(store, "buildings", path)
    found = rows(store, "SELECT building FROM building WHERE estate = '新村' ORDER BY building")
    assert [row["building"] for row in found] == ["7", None]


def test_words_for_no_are_no_and_a_capacity_is_a_number(store: Database, tmp_path: Path) -> None:
    path = tmp_path / "shelters.geojson"
    features = [
        ({"kind": "shelter", "capacity": "120", "accessible": "no"}, point()),
        ({"kind": "shelter", "capacity": 80, "accessible": True}, point(114.312)),
        ({"kind": "shelter", "accessible": "yes"}, point(114.314)),
    ]
    path.write_text(collection(features), "utf-8")
    bring(store, "facilities", path)
    found = rows(store, "SELECT capacity, accessible FROM shelter ORDER BY capacity")
    assert [(row["capacity"], row["accessible"]) for row in found] == [(80, True), (120, False)]
    features[0][0]["capacity"] = "many"
    path.write_text(collection(features), "utf-8")
    with pytest.raises(GeodataError, match="row 1, column 'capacity'"):
        bring(store, "facilities", path)


def test_a_mapped_column_wins_and_two_for_one_field_are_refused(
    store: Database, tmp_path: Path
) -> None:
    line = {"type": "LineString", "coordinates": [[114.30, 30.51], [114.31, 30.51]]}
    path = tmp_path / "roads.geojson"
    path.write_text(collection([({"highway": "residential", "fclass": "primary"}, line)]), "utf-8")
    bring(store, "roads", path, mapping={"fclass": "highway"})
    assert rows(store, "SELECT highway FROM road") == [{"highway": "primary"}]
    both = {"fclass": "highway", "highway": "highway"}
    with pytest.raises(GeodataError, match="two columns"):
        bring(store, "roads", path, mapping=both)


def test_a_hazard_of_a_file_counts_who_is_inside_and_is_told_once(
    store: Database, roster: Path, tmp_path: Path
) -> None:
    bring(store, "households", roster)
    path = tmp_path / "hazards.geojson"
    box = shapely.geometry.mapping(shapely.box(114.304, 30.505, 114.306, 30.515))
    path.write_text(collection([({"kind": "flood", "name": "水"}, box)]), "utf-8")
    for _ in range(2):
        bring(store, "hazards", path)
        assert rows(store, "SELECT households, people FROM hazard") == [
            {"households": 1, "people": 3}
        ]
        told = rows(store, "SELECT kind FROM event WHERE kind = 'hazard.declared'")
        assert len(told) == 1


def test_the_grade_of_a_house_comes_in_and_stays_where_a_file_says_nothing(
    store: Database, tmp_path: Path
) -> None:
    path = tmp_path / "危房.geojson"

    def houses(**columns: list[str]) -> None:
        shapes = [
            shapely.box(114.306 + i / 1e4, 30.511, 114.30605 + i / 1e4, 30.5111) for i in (0, 1)
        ]
        frame = gpd.GeoDataFrame({"source_key": ["w1", "w2"], **columns}, geometry=shapes, crs=4326)
        frame.to_file(path, driver="GeoJSON", engine="pyogrio")

    def graded() -> list[Any]:
        found = rows(
            store,
            "SELECT unsafe FROM building WHERE source_key IN ('w1', 'w2') ORDER BY source_key",
        )
        return [row["unsafe"] for row in found]

    houses(危房等级=["D级", "b"])
    bring(store, "buildings", path, mapping={"危房等级": "unsafe"})
    assert graded() == ["D", None]
    houses()
    assert bring(store, "buildings", path)["building"]["unchanged"] == 2
    assert graded() == ["D", None]
    houses(unsafe=["D", "危险"])
    with pytest.raises(GeodataError) as caught:
        bring(store, "buildings", path)
    assert [(fault.row, fault.column) for fault in caught.value.faults] == [(2, "unsafe")]
    assert graded() == ["D", None]


def test_an_extract_brings_its_streets_with_its_railways_or_without_any(
    store: Database, tmp_path: Path
) -> None:
    def extract(*ways: str) -> Path:
        path = tmp_path / f"{len(ways)}.osm"
        path.write_text(
            "<osm version='0.6'><node id='1' lat='30.51' lon='114.304'/>"
            "<node id='2' lat='30.511' lon='114.305'/><node id='3' lat='30.512' lon='114.305'/>"
            + "".join(ways)
            + "</osm>",
            encoding="utf-8",
        )
        return path

    nodes = "<nd ref='1'/><nd ref='2'/><nd ref='3'/>"
    street = f"<way id='3'>{nodes}<tag k='highway' v='residential'/></way>"
    track = f"<way id='4'>{nodes}<tag k='railway' v='rail'/><tag k='bridge' v='yes'/></way>"
    alone = bring(store, "roads", extract(street))
    assert (alone["road"]["inserted"], alone["railway"]["inserted"]) == (1, 0)
    both = bring(store, "roads", extract(street, track))
    assert both["railway"] == {"inserted": 1, "updated": 0, "unchanged": 0}
    assert rows(store, "SELECT area_code, bridge, tunnel FROM railway") == [
        {"area_code": COUNTY, "bridge": True, "tunnel": False}
    ]
