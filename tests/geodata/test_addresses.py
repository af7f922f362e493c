"""Standard addresses: written variants, the standard form, the building of a household."""

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from geodata.addresses import Address, from_parts, match, parse, standardise

SAME = [
    "松山里3栋2单元501室",
    "松山里 3号楼 二单元 501",
    "松山里3-2-501",
    "松山里小区３幢２门５０１",
    "松山里三栋二单元五〇一室",
    "松山里3＃2－501",
    "松山里 3 2 501",
    "松山里，3號樓，2單元，501室",
    "湖北省武汉市洪山区关山街道关东社区松山里小区03栋2单元0501",
    "松山里 3 栋 2 单元 501 （出租）",
]


@pytest.mark.parametrize("text", SAME)
def test_variants_of_one_address(text):
    assert parse(text) == Address(estate="松山里", building="3", unit="2", room="501")
    assert standardise(text) == "松山里3栋2单元501室"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("松山里3-501", {"estate": "松山里", "building": "3", "room": "501"}),
        ("松山里A座1203", {"estate": "松山里", "building": "A", "room": "1203"}),
        ("松山里(二期)3栋", {"estate": "松山里2期", "building": "3"}),
        ("松山里一百零五栋", {"estate": "松山里", "building": "105"}),
        (
            "松山里3栋2单元5楼东户",
            {"estate": "松山里", "building": "3", "unit": "2", "floor": "5", "room": "东"},
        ),
        ("松山里3栋负1层101", {"estate": "松山里", "building": "3", "floor": "-1", "room": "101"}),
        ("三里屯SOHO2号楼", {"estate": "三里屯SOHO", "building": "2"}),
        ("石桥村三组12号", {"estate": "石桥村3组", "building": "12"}),
        ("石桥村三组12号附1号", {"estate": "石桥村3组", "building": "12附1"}),
        ("学府路12号", {"street": "学府路", "housenumber": "12"}),
        ("学府路12-1号", {"street": "学府路", "housenumber": "12-1"}),
        ("学府路12号附1号", {"street": "学府路", "housenumber": "12附1"}),
        ("东湖新区光谷三路8号", {"street": "光谷三路", "housenumber": "8"}),
        (
            "学府路12号3栋2单元501",
            {"street": "学府路", "housenumber": "12", "building": "3", "unit": "2", "room": "501"},
        ),
        (
            "中山北路100弄5号301室",
            {"street": "中山北路", "housenumber": "100弄", "building": "5", "room": "301"},
        ),
        (
            "广州市天河区体育西路103号维多利广场A座12楼1203",
            {
                "street": "体育西路",
                "housenumber": "103",
                "estate": "维多利广场",
                "building": "A",
                "floor": "12",
                "room": "1203",
            },
        ),
        ("南湖小镇3栋", {"estate": "南湖小镇", "building": "3"}),
        ("Bldg 3 Unit 2 Room 501", {"building": "3", "unit": "2", "room": "501"}),
        (
            "Songshanli Bldg. 3, Unit 2, Rm 501",
            {"estate": "songshanli", "building": "3", "unit": "2", "room": "501"},
        ),
        (
            "Songshanli 3-2-501",
            {"estate": "songshanli", "building": "3", "unit": "2", "room": "501"},
        ),
        ("12 Rue Grimaldi", {"street": "rue grimaldi", "housenumber": "12"}),
        ("12 bis, rue Grimaldi, 98000 Monaco", {"street": "rue grimaldi", "housenumber": "12bis"}),
        ("Rue Grimaldi 12", {"street": "rue grimaldi", "housenumber": "12"}),
        ("12, Av. de la Costa", {"street": "avenue de la costa", "housenumber": "12"}),
        ("松山里", {"estate": "松山里"}),
        ("松山里501室", {"estate": "松山里", "room": "501"}),
        ("", {}),
    ],
)
def test_other_ways_of_writing(text, parts):
    assert parse(text) == Address(**parts)


@given(st.text(max_size=60))
def test_no_text_is_an_error(text):
    assert isinstance(standardise(text), str)


@pytest.mark.parametrize("text", ["3" * 300, "A-" * 150, "松山里" + "3-" * 150, "省市区" * 100])
def test_hostile_text_is_read_in_no_time(text):
    parse(text)


@given(
    estate=st.sampled_from(["松山里", "东湖花园", "南湖小镇", "石桥村3组", "八一路小区"]),
    building=st.integers(1, 300),
    unit=st.integers(1, 20),
    room=st.integers(101, 3408),
)
def test_every_form_gives_the_same_key(estate, building, unit, room):
    forms = [
        f"{estate}{building}栋{unit}单元{room}室",
        f"某县{estate} {building}号楼{unit}门{room}",
        f"{estate}{building}幢-{unit}-{room}",
    ]
    keys = {standardise(form) for form in forms}
    assert len(keys) == 1
    key = keys.pop()
    assert standardise(key) == key
    assert parse(key).building == str(building)


def test_parts_in_columns_of_their_own_in_any_writing():
    whole = Address(estate="松山里", building="3", unit="2", room="501")
    assert (
        from_parts(estate="某区松山里小区", building="三号楼", unit="2门", room="０501室") == whole
    )
    assert from_parts("别处9栋1单元", estate="松山里", building="3#", unit="2", room="501") == whole
    assert from_parts(street="学府路", housenumber="8号") == parse("学府路8号") == parse("8 学府路")
    assert from_parts(street="Rue Grimaldi", housenumber="12") == parse("12 rue Grimaldi")
    assert from_parts() == Address()
    raw = Address(estate="松山里小区", building="3栋", unit="二单元", room="501室")
    assert standardise(raw) == "松山里3栋2单元501室"


def towers(**columns):
    count = len(next(iter(columns.values())))
    shapes = [box(n, 0, n + 0.5, 1) for n in range(count)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326, index=range(10, 10 + count))


def households(*addresses):
    return pd.DataFrame({"address": addresses}, index=[f"h{n}" for n in range(len(addresses))])


def test_households_are_matched_to_their_building():
    buildings = towers(
        estate=["松山里小区", "松山里", None, None],
        building=["3栋", 4, None, None],
        addr_street=[None, None, "Rue Grimaldi", "学府路"],
        addr_housenumber=[None, None, "12", "8号"],
    )
    found = match(
        households("松山里三号楼501", "某区松山里4-1-101", "12, rue Grimaldi", "学府路8号101室"),
        buildings,
    )
    assert found["building"].tolist() == [10, 11, 12, 13]
    assert found["how"].tolist() == ["estate", "estate", "street", "street"]
    assert found["reason"].isna().all()
    assert found.index.tolist() == ["h0", "h1", "h2", "h3"]
    assert found.crs == buildings.crs
    for label, point in zip(found["building"], found.geometry, strict=True):
        assert buildings.geometry[label].contains(point)


def test_what_cannot_be_matched_has_a_reason_and_no_place():
    buildings = towers(
        estate=["松山里", "松山里", "松山里", None],
        building=["1", "2", "2", None],
        address=[None, None, None, "学府路8号"],
    )
    found = match(
        households(
            "", "松山里", "松山里2栋101", "松山里9栋", "别处3栋", "花山路3号", "学府路9号", None
        ),
        buildings,
    )
    assert found["reason"].tolist() == [
        "no_address",
        "not_understood",
        "ambiguous",
        "unknown_building",
        "unknown_estate",
        "unknown_street",
        "unknown_building",
        "no_address",
    ]
    assert found["building"].isna().all()
    assert found["how"].isna().all()
    assert all(point is None for point in found.geometry)


def test_an_estate_and_a_street_that_disagree_are_ambiguous():
    buildings = towers(address=["松山里3栋", "学府路12号3栋"])
    found = match(households("学府路12号松山里3栋501"), buildings)
    assert found["reason"].tolist() == ["ambiguous"]
    agreed = match(households("学府路12号松山里3栋501"), towers(address=["学府路12号松山里3栋"]))
    assert agreed["building"].tolist() == [10]


def test_a_longer_name_is_not_taken_for_a_shorter_one():
    buildings = towers(estate=["松山里"], building=["3"])
    found = match(households("新松山里3栋", "光谷村松山里3栋"), buildings)
    assert found["reason"].fillna("").tolist() == ["unknown_estate", ""]


def test_columns_of_their_own_win_over_the_written_address():
    rows = pd.DataFrame(
        {
            "estate": ["松山里小区", "松山里"],
            "building": ["３#", "A座"],
            "address": ["别处9栋", None],
        }
    )
    found = match(rows, towers(estate=["松山里", "松山里"], building=["3", "A"]))
    assert found["building"].tolist() == [10, 11]


def test_a_building_goes_by_every_address_it_has():
    buildings = towers(address=["某处的老楼"], address_key=["学府路8号"], name=["松山里3栋"])
    found = match(households("学府路8号", "松山里3栋101", "松山里4栋"), buildings)
    assert found["building"].fillna(0).tolist() == [10, 10, 0]


def test_names_points_and_absent_shapes_of_buildings():
    buildings = gpd.GeoDataFrame(
        {"name": ["松山里3栋", "松山里4栋", "俱乐部"]},
        geometry=[Point(1, 2), None, Point(3, 4)],
        index=["a", "b", "c"],
        crs=4547,
    )
    found = match(households("松山里3栋101", "松山里4栋101"), buildings)
    assert found["building"].fillna("-").tolist() == ["a", "-"]
    assert found.geometry.iloc[0] == Point(1, 2)
    assert found.geometry.iloc[1] is None


def test_no_buildings_and_no_households():
    empty = towers(address=["松山里3栋"]).iloc[:0]
    assert match(households("松山里3栋"), empty)["reason"].tolist() == ["unknown_estate"]
    assert len(match(households("松山里3栋").iloc[:0], towers(address=["松山里3栋"]))) == 0
    assert match(pd.DataFrame(index=[1]), empty)["reason"].tolist() == ["no_address"]
