"""Road closures: a street closed by a tap, line or area is opened again by hand or at its hour."""

from datetime import UTC, datetime, timedelta

import pytest
from shapely import from_wkb
from webtown import post

from gridmap.model.access import system_scope
from gridmap.services import closures
from gridmap.store import closure

TAP = {"type": "Point", "coordinates": [114.4103, 30.51002]}  # 2 m beside 湖边路
AREA = {
    "type": "Polygon",
    "coordinates": [
        [[114.403, 30.509], [114.406, 30.509], [114.406, 30.512], [114.403, 30.512],
         [114.403, 30.509]]
    ],
}  # fmt: skip


@pytest.fixture
def officer(browser):
    return browser("officer")


def in_hours(hours):
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def listed(client):
    return {one["id"]: one for one in client.get("/api/road-closures").get_json()["features"]}


def kinds(store, subject):
    with store.transaction(system_scope()) as tx:
        return [
            row["kind"]
            for row in tx.all(
                "SELECT kind FROM event WHERE subject = 'road' AND subject_id = :id ORDER BY seq",
                id=str(subject),
            )
        ]


def test_a_tap_closes_the_street_beside_it_and_nothing_else(officer, store):
    answer = post(officer, "/api/road-closures", {"geometry": TAP, "reason": "积水 40 厘米"})
    assert answer.status_code == 201
    made = answer.get_json()
    assert (made["name"], made["closes"]) == ("湖边路", "ground")
    one = listed(officer)[made["id"]]["properties"]
    assert (one["reason"], one["ends_at"]) == ("积水 40 厘米", None)
    assert one["at"] == pytest.approx([114.4103, 30.51], abs=1e-5)
    with store.transaction(system_scope()) as tx:
        shut = closure.in_force(tx, "990101")
        footway = tx.value("SELECT ST_AsBinary(geom) FROM road WHERE source_key = 'w2'")
    assert len(shut) == 1
    metres = shut.to_crs(32650).area.iloc[0]
    assert 45 < metres < 52  # 4 m around the point on the street
    assert not shut.geometry.iloc[0].intersects(from_wkb(bytes(footway)))
    assert kinds(store, made["id"]) == ["road.closed"]


def test_an_area_closes_what_meets_it(officer):
    made = post(
        officer, "/api/road-closures", {"geometry": AREA, "reason": "塌方", "closes": "all"}
    ).get_json()
    assert made["closes"] == "all"
    assert listed(officer)[made["id"]]["geometry"]["type"] == "Polygon"


def test_a_bridge_that_is_tapped_is_what_is_closed(officer, store):
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE road SET bridge = true WHERE source_key = 'w1'")
    made = post(officer, "/api/road-closures", {"geometry": TAP, "reason": "桥面裂缝"}).get_json()
    assert made["closes"] == "bridges"


def test_changed_and_opened_again(officer, store):
    made = post(officer, "/api/road-closures", {"geometry": TAP, "reason": "积水"}).get_json()["id"]
    until = in_hours(5)
    changed = {"reason": "积水，水在退", "ends_at": until}
    assert post(officer, f"/api/road-closures/{made}", changed).status_code == 204
    one = listed(officer)[made]["properties"]
    assert one["reason"] == "积水，水在退"
    assert datetime.fromisoformat(one["ends_at"]) == datetime.fromisoformat(until)
    assert post(officer, f"/api/road-closures/{made}/reopen", {}).status_code == 204
    assert made not in listed(officer)
    again = post(officer, f"/api/road-closures/{made}/reopen", {})
    assert again.status_code == 404
    assert kinds(store, made) == ["road.closed", "road.closure_changed", "road.reopened"]


def test_an_end_that_has_come_is_noted_once_and_changes_the_layer(officer, store):
    made = post(
        officer, "/api/road-closures", {"geometry": TAP, "reason": "积水", "ends_at": in_hours(1)}
    ).get_json()["id"]
    assert closures.end_due(store) == 0
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE road_closure SET starts_at = now() - interval '2 hours',"
            " ends_at = now() - interval '1 minute' WHERE id = :id",
            id=made,
        )
        before = tx.value("SELECT version FROM layer_version WHERE layer = 'road_closure'")
    assert made not in listed(officer)
    assert closures.end_due(store) == 1
    assert closures.end_due(store) == 0
    with store.transaction(system_scope()) as tx:
        after = tx.value("SELECT version FROM layer_version WHERE layer = 'road_closure'")
    assert after > before
    assert kinds(store, made) == ["road.closed", "road.reopened"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"geometry": {"type": "Point", "coordinates": [114.41, 30.5105]}}, "geometry"),
        ({"geometry": {"type": "LineString", "coordinates": [[114.41, 30.505], [114.42, 30.505]]}},
         "geometry"),
        ({"geometry": {"type": "Point", "coordinates": [30.51, 114.41]}}, "geometry"),
        ({"geometry": {"type": "MultiPoint", "coordinates": [[114.41, 30.51]]}}, "geometry"),
        ({"reason": "   "}, "reason"),
        ({"reason": "水" * 201}, "reason"),
        ({"ends_at": "2020-01-01T00:00:00+08:00"}, "ends_at"),
        ({"ends_at": "2999-01-01T00:00:00+08:00"}, "ends_at"),
        ({"closes": "rivers"}, "closes"),
    ],
)  # fmt: skip
def test_what_cannot_be_closed_is_refused_naming_the_place(officer, change, place):
    before = set(listed(officer))
    answer = post(officer, "/api/road-closures", {"geometry": TAP, "reason": "积水", **change})
    assert answer.status_code == 400
    assert place in answer.get_data(as_text=True)
    assert set(listed(officer)) == before


def test_others_close_nothing_here_and_members_nothing_at_all(browser):
    sent = {"geometry": TAP, "reason": "积水"}
    assert post(browser("stranger"), "/api/road-closures", sent).status_code in (400, 403)
    assert post(browser("member"), "/api/road-closures", sent).status_code == 403
