"""The layers as OGC API Features: what QGIS does, and what nobody may do."""

import json
import os
import subprocess
import sys
import threading
from urllib.parse import urlsplit

import pytest
from webtown import bearer
from werkzeug.serving import make_server

NAMES = ["communities", "grids", "special_grids", "micro_grids", "households", "incidents",
         "hazards", "facilities", "responders",
         "coverage_gaps"]  # fmt: skip


def links(answer):
    return {one["rel"]: urlsplit(one["href"]) for one in answer.get_json()["links"]}


def follow(client, link):
    return client.get(f"{link.path}?{link.query}")


def test_a_program_finds_its_way_from_the_landing_page(browser):
    client = browser("officer")
    found = links(client.get("/ogc/"))
    assert {"self", "data", "conformance", "service-desc", "service-doc"} <= set(found)
    assert "core" in follow(client, found["conformance"]).get_json()["conformsTo"][0]
    described = follow(client, found["service-desc"])
    assert described.get_json()["openapi"].startswith("3.1")
    listed = follow(client, found["data"]).get_json()["collections"]
    assert [one["id"] for one in listed] == NAMES
    for one in listed:
        [items] = [link for link in one["links"] if link["rel"] == "items"]
        answer = client.get(urlsplit(items["href"]).path)
        assert answer.status_code == 200
        assert answer.mimetype == "application/geo+json"
        content = answer.get_json()
        assert content["numberReturned"] == len(content["features"])


def test_pages_together_are_the_whole(browser):
    client = browser("officer")
    whole = client.get("/ogc/collections/households/items").get_json()["features"]
    assert len(whole) > 2
    found, address = [], "/ogc/collections/households/items?limit=1&bbox=114,30,115,31"
    while address:
        answer = client.get(address)
        found += answer.get_json()["features"]
        following = links(answer).get("next")
        address = f"{following.path}?{following.query}" if following else None
    assert found == whole


def test_one_feature_is_found_by_its_id(browser):
    client = browser("officer")
    for name in NAMES:
        features = client.get(f"/ogc/collections/{name}/items").get_json()["features"]
        for one in features[:1]:
            answer = client.get(f"/ogc/collections/{name}/items/{one['id']}")
            assert answer.status_code == 200, (name, answer.get_data(as_text=True))
            assert answer.get_json()["properties"] == one["properties"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ogc/collections/people", 404),
        ("/ogc/collections/app_user/items", 404),
        ("/ogc/collections/grids/items?colour=red", 400),
        ("/ogc/collections/grids/items?bbox=1,2,3", 400),
        ("/ogc/collections/grids/items?bbox=nan,0,1,1", 400),
        ("/ogc/collections/grids/items?limit=0", 400),
        ("/ogc/collections/grids/items?cursor=x", 400),
        ("/ogc/collections/households/items/999999999", 404),
        ("/ogc/collections/coverage_gaps/items/1-", 400),
        ("/ogc/collections/households/items/1%27", 400),
    ],
)
def test_what_is_not_there_or_not_right_is_refused(browser, path, status):
    assert browser("officer").get(path).status_code == status


def test_a_layer_is_there_only_for_those_who_may_see_it(browser, client):
    assert client.get("/ogc/").status_code == 401
    unit = browser("unit")
    listed = [one["id"] for one in unit.get("/ogc/collections").get_json()["collections"]]
    assert "households" not in listed
    assert "coverage_gaps" not in listed
    for path in ("", "/items", "/items/1"):
        assert unit.get(f"/ogc/collections/households{path}").status_code == 404
    assert browser("auditor").get("/ogc/collections").get_json()["collections"] == []


def test_another_areas_features_are_not_there(browser):
    own = browser("officer").get("/ogc/collections/households/items").get_json()["features"]
    foreign = browser("stranger").get("/ogc/collections/households/items").get_json()["features"]
    assert not {one["id"] for one in own} & {one["id"] for one in foreign}
    answer = browser("stranger").get(f"/ogc/collections/households/items/{own[0]['id']}")
    assert answer.status_code == 404


@pytest.fixture
def served(app):
    """Serve the application on loopback for a program of somebody else's."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


GDAL = """
import json, sys, pyogrio
source = f"OAPIF:{sys.argv[1]}/ogc/"
names = sorted(name for name, _kind in pyogrio.list_layers(source))
frame = pyogrio.read_dataframe(source, layer="households")
kinds = sorted(set(frame.geometry.geom_type))
print(json.dumps({"names": names, "rows": len(frame), "kinds": kinds, "crs": frame.crs.to_epsg()}))
"""


def test_gdal_reads_what_qgis_reads(served, browser):
    """GDAL's own client for OGC API Features, the one that stands behind ogr2ogr and much else.

    A process of its own: GDAL keeps the interpreter's lock while it waits for the server.
    """
    client = browser("officer")
    token = bearer(client)["Authorization"].removeprefix("Bearer ")
    done = subprocess.run(
        [sys.executable, "-c", GDAL, served],
        env={"PATH": os.environ["PATH"], "GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    whole = client.get("/ogc/collections/households/items").get_json()["features"]
    found = json.loads(done.stdout)
    assert found["names"] == sorted(NAMES)
    assert (found["rows"], found["kinds"]) == (len(whole), ["Point"])
    assert found["crs"] == 4326
