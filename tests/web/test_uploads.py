"""Files over the network: bytes are stored, a caged worker reads them, a person takes them."""

import io
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2
from webtown import post, token_of

from gridmap.model.access import system_scope
from jobs.run import work

SCRIPT = "<script>alert(1)</script>.csv"


def send(client, content, kind="facilities", name="list.csv", **more):
    return client.post(
        "/api/uploads",
        query_string={"kind": kind, "name": name, **more},
        data=content,
        content_type="application/octet-stream",
        headers={"X-CSRFToken": token_of(client)},
    )


def read(client, store, content, **more):
    """Send a file and let a worker read it."""
    answer = send(client, content, **more)
    assert answer.status_code == 202, answer.data
    made = answer.get_json()
    work(store, made["job"])
    return client.get(f"/api/uploads/{made['upload']}").get_json()


FACILITIES = "名称,类型,经度,纬度\n东站,消防站,114.404,30.511\n西站,医院,114.406,30.512\n".encode()


def feature_collection(**more):
    square = [[114.401, 30.501], [114.403, 30.501], [114.403, 30.503], [114.401, 30.501]]
    feature = {
        "type": "Feature",
        "properties": {"kind": "flood", "name": "低洼处", "severity": "red", "source_key": "z1"},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature], **more}).encode()


def count(store, table):
    with store.transaction(system_scope()) as tx:
        return tx.value(f"SELECT count(*) FROM {table}")


def test_file_is_read_looked_at_and_taken(browser, store):
    planner = browser("planner")
    before = count(store, "facility")
    found = read(planner, store, FACILITIES, crs="wgs84", name=SCRIPT)
    assert found["state"] == "read", found
    assert found["name"] == SCRIPT
    assert found["preview"]["facility"] == {"inserted": 2, "updated": 0, "unchanged": 0}
    assert count(store, "facility") == before  # looked at only
    answer = post(planner, f"/api/uploads/{found['id']}/take", {})
    assert answer.status_code == 202, answer.data
    assert post(planner, f"/api/uploads/{found['id']}/take", {}).status_code == 409
    work(store, answer.get_json()["job"])
    taken = planner.get(f"/api/uploads/{found['id']}").get_json()
    assert taken["state"] == "taken"
    assert count(store, "facility") == before + 2
    assert count(store, "upload_chunk") == 0  # nobody needs the bytes any more
    assert post(planner, f"/api/uploads/{found['id']}/take", {}).status_code == 409
    job = planner.get(f"/api/jobs/{answer.get_json()['job']}").get_json()
    assert (job["state"], job["result"]["state"]) == ("done", "taken")


def test_faults_name_row_and_column(browser, store):
    bad = "名称,类型,经度,纬度\n东站,飞船,114.404,30.511\n".encode()
    found = read(browser("planner"), store, bad, crs="wgs84")
    assert found["state"] == "refused"
    assert found["faults"][0]["row"] == 2
    assert "类型" in str(found["faults"][0]["column"])
    assert post(browser("planner"), f"/api/uploads/{found['id']}/take", {}).status_code == 409


def test_vector_file_goes_the_same_way(browser, store):
    found = read(browser("planner"), store, feature_collection(), kind="hazards", name="z.geojson")
    assert found["state"] == "read", found
    assert found["preview"]["hazard"]["inserted"] == 1


def depths():
    """A raster of depths around 114.402 E, 30.502 N: nine cells of 0.4 m."""
    tags = ImageFileDirectory_v2()
    tags[33550] = (0.0005, 0.0005, 0.0)
    tags[33922] = (0.0, 0.0, 0.0, 114.401, 30.503, 0.0)
    tags[34735] = (1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326)
    values = np.zeros((5, 5), dtype=np.float32)
    values[1:4, 1:4] = 0.4
    stream = io.BytesIO()
    Image.fromarray(values).save(stream, format="TIFF", tiffinfo=tags)
    return stream.getvalue()


def test_raster_of_depths_goes_the_same_way(browser, store):
    planner = browser("planner")
    before = count(store, "hazard")
    found = read(planner, store, depths(), kind="hazards", name="depth.tif")
    assert found["state"] == "read", found
    assert found["preview"]["hazard"] == {"inserted": 1, "updated": 0, "unchanged": 0}
    # what is taken is declared: a planner looks, an officer takes
    take = f"/api/uploads/{found['id']}/take"
    assert post(planner, take, {}).status_code == 403
    answer = post(browser("officer"), take, {})
    assert answer.status_code == 202, answer.data
    work(store, answer.get_json()["job"])
    assert count(store, "hazard") == before + 1


def test_an_officer_brings_in_hazards_and_nothing_else(browser, store):
    planner, officer = browser("planner"), browser("officer")
    other = read(planner, store, FACILITIES, crs="wgs84")
    assert send(officer, FACILITIES, crs="wgs84").status_code == 403
    assert officer.get(f"/api/uploads/{other['id']}").status_code == 404
    assert post(officer, f"/api/uploads/{other['id']}/take", {}).status_code == 404
    assert {each["kind"] for each in officer.get("/api/uploads").get_json()["items"]} <= {"hazards"}
    assert b'value="roads"' not in officer.get("/imports", headers={"Accept": "text/html"}).data
    assert send(browser("unit"), feature_collection(), kind="hazards").status_code == 403


def taken(client, store, content, **more):
    found = read(client, store, content, kind="hazards", name="z.geojson", **more)
    assert found["state"] == "read", found
    answer = post(client, f"/api/uploads/{found['id']}/take", {})
    assert answer.status_code == 202, answer.data
    work(store, answer.get_json()["job"])
    return client.get(f"/api/uploads/{found['id']}").get_json()


def hazards(key, severity="red", east=114.403):
    square = [[114.401, 30.501], [east, 30.501], [east, 30.503], [114.401, 30.501]]
    one = {
        "type": "Feature",
        "properties": {
            "kind": "flood", "name": "水库下游", "severity": severity, "external_id": key
        },
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": [one]}).encode()


def of_key(store, key):
    with store.transaction(system_scope()) as tx:
        row = tx.one("SELECT * FROM hazard WHERE source_key = :key", key=key)
        kinds = tx.all(
            "SELECT kind, payload FROM event WHERE kind LIKE 'hazard.%' AND subject_id = :id"
            " ORDER BY seq",
            id=str(row["id"]),
        )
    return row, [(each["kind"], each["payload"]["exercise"]) for each in kinds]


def test_a_hazard_that_differs_in_its_file_is_adjusted_and_what_it_was_is_kept(browser, store):
    officer = browser("officer")
    taken(officer, store, hazards("dam"))
    again = taken(officer, store, hazards("dam"))
    assert again["preview"]["hazard"] == {"inserted": 0, "updated": 0, "unchanged": 1}
    later = taken(officer, store, hazards("dam", "orange", 114.405))
    assert later["preview"]["hazard"] == {"inserted": 0, "updated": 1, "unchanged": 0}
    row, told = of_key(store, "dam")
    shown = officer.get(f"/api/hazards/{row['id']}").get_json()
    assert [each["severity"] for each in shown["revisions"]] == ["orange", "red"]
    assert shown["revisions"][0]["changed"] == ["geometry", "severity"]
    assert [each["by"] for each in shown["revisions"]] == ["Officer", "Officer"]
    assert told == [("hazard.declared", False), ("hazard.adjusted", False)]
    # a lifted one stays as it was
    assert post(officer, f"/api/hazards/{row['id']}/lift", {}).status_code == 204
    last = taken(officer, store, hazards("dam", "blue"))
    assert last["preview"]["hazard"]["unchanged"] == 1
    assert of_key(store, "dam")[0]["severity"] == "orange"


def test_hazards_of_a_drill_come_in_as_a_drill_and_never_become_real(browser, store):
    officer = browser("officer")
    assert taken(officer, store, hazards("drill"), exercise="true")["exercise"]
    row, told = of_key(store, "drill")
    assert row["exercise"]
    assert told == [("hazard.declared", True)]
    real = read(officer, store, hazards("drill", "blue"), kind="hazards", name="z.geojson")
    assert real["state"] == "refused"
    assert "exercise" in real["faults"][0]["message"] or "演练" in real["faults"][0]["message"]
    assert send(browser("planner"), FACILITIES, exercise="true").status_code == 400


@pytest.fixture
def listener():
    """A server that notes whoever calls."""
    called = []

    class Note(BaseHTTPRequestHandler):
        def do_GET(self):
            called.append(self.path)
            self.send_error(404)

        def log_message(self, *_words):
            pass

    server = HTTPServer(("127.0.0.1", 0), Note)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", called
    server.shutdown()
    server.server_close()


def test_file_that_calls_out_is_refused_and_calls_nobody(browser, store, listener):
    address, called = listener
    link = {"type": "link", "properties": {"href": f"{address}/crs", "type": "ogcwkt"}}
    vrt = (
        f'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/vsicurl/{address}/x.geojson'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    ).encode()
    passwd = (
        b'<OGRVRTDataSource><OGRVRTLayer name="passwd"><SrcDataSource>CSV:/etc/passwd'
        b"</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    for content in (feature_collection(crs=link), vrt, passwd):
        found = read(browser("planner"), store, content, kind="hazards", name="x.geojson")
        assert found["state"] == "refused", found
        assert "root:" not in json.dumps(found)
    assert called == []


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [
        (b"\x00" * 1000, "roads", "x.geojson"),
        (b"PK\x03\x04" + b"\x00" * 500, "households", "x.xlsx"),
        (b"[" * 100_000, "hazards", "x.geojson"),
        (b"<osm><node id='1' lat='NaN' lon='1'/></osm>", "roads", "x.osm"),
        (b"\xff\xfe" * 50, "facilities", "x.csv"),
        ("名称,类型,经度,纬度\n=1+1,消防站,0,0\n".encode(), "facilities", "x.csv"),
        (feature_collection(), "areas", "../../etc/passwd"),
        (b'{"type": "FeatureCollection", "features": []}', "roads", "-rf.geojson"),
    ],
)
def test_bad_file_is_refused_with_a_reason(browser, store, content, kind, name):
    found = read(browser("planner"), store, content, kind=kind, name=name)
    assert found["state"] == "refused", found
    assert found["faults"][0]["message"]


def test_another_county_is_not_made_by_a_file(browser, store):
    shape = [[114.36, 30.50], [114.38, 30.50], [114.38, 30.51], [114.36, 30.50]]
    county = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": "990103", "name": "新县"},
                "geometry": {"type": "Polygon", "coordinates": [shape]},
            }
        ],
    }
    before = count(store, "area")
    found = read(
        browser("planner"), store, json.dumps(county).encode(), kind="areas", name="a.geojson"
    )
    assert found["state"] == "refused", found
    assert count(store, "area") == before


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "users"},
        {"kind": "roads", "name": ""},
        {"kind": "roads", "name": "x" * 201},
        {"kind": "roads", "area": "990102"},
        {"kind": "roads", "area": "99"},
        {"kind": "roads", "crs": "WGS 84"},
        {"kind": "roads", "more": "1"},
    ],
)
def test_bad_request_is_refused_before_the_file_is_read(browser, asked):
    answer = send(browser("planner"), b"x", **asked)
    assert answer.status_code == 400, answer.data


def test_kinds_of_body_and_sizes(browser):
    planner = browser("planner")
    headers = {"X-CSRFToken": token_of(planner)}
    address = "/api/uploads?kind=roads&name=x.geojson"
    parts = {"file": (io.BytesIO(b"x" * 100), "x.geojson")}
    assert planner.post(address, data=parts, headers=headers).status_code == 415
    assert send(planner, b"").status_code == 400
    answer = planner.post(
        address,
        data=b"",
        content_type="application/octet-stream",
        headers=headers,
        environ_overrides={"CONTENT_LENGTH": str(300 * 1024**2)},
    )
    assert answer.status_code == 413


def test_upload_belongs_to_its_area(browser, store):
    made = send(browser("planner"), FACILITIES).get_json()
    assert browser("lead").get(f"/api/uploads/{made['upload']}").status_code == 200
    # who imports hazards alone sees no file of anything else
    assert browser("officer").get(f"/api/uploads/{made['upload']}").status_code == 404
    assert browser("member").get(f"/api/uploads/{made['upload']}").status_code == 403
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE upload SET area_code = '990102' WHERE id = :id", id=made["upload"])
    assert browser("planner").get(f"/api/uploads/{made['upload']}").status_code == 404
    assert post(browser("planner"), f"/api/uploads/{made['upload']}/take", {}).status_code == 404


def test_page_is_there_for_who_may_import(browser):
    answer = browser("planner").get("/imports", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert browser("officer").get("/imports").status_code == 200  # hazards
    assert browser("member").get("/imports").status_code == 403
