"""Imported grids: nothing is taken silently, and taken is exactly what was shown."""

import json
import zipfile
from io import BytesIO

import geopandas as gpd
import pytest
import shapely
from webtown import post, token_of

from geodata import topology
from gridmap.model.access import system_scope
from gridmap.store import scenario_grid
from jobs.run import work

LAKE, HILL = "990101001001", "990101002001"


def box(west, east, south=30.50, north=30.52):
    return shapely.box(west, south, east, north)


def document(*shapes, columns=()):
    """Write features: properties named in `columns`, shapes with their values after them."""
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": dict(zip(columns, values, strict=True)),
                    "geometry": shapely.geometry.mapping(shape),
                }
                for shape, *values in shapes
            ],
        },
        ensure_ascii=False,
    ).encode()


def sent(client, store, content, name="网格.geojson", area="990101", **more):
    """Send a file of grids, have it read, and give its upload."""
    answer = client.post(
        "/api/uploads",
        query_string={"kind": "grids", "name": name, "area": area, **more},
        data=content,
        content_type="application/octet-stream",
        headers={"X-CSRFToken": token_of(client)},
    )
    assert answer.status_code == 202, answer.data
    made = answer.get_json()
    work(store, made["job"])
    return client.get(f"/api/uploads/{made['upload']}").get_json()


def repair(client, upload):
    answer = client.get(f"/api/uploads/{upload}/repair")
    assert answer.status_code == 200, answer.data
    return answer.get_json()


def versioned_post(client, address, content, version):
    headers = {"X-CSRFToken": token_of(client), "If-Match": f'"{version}"'}
    return client.post(address, json=content, headers=headers)


def decide(client, shown, **wish):
    address = f"/api/uploads/{shown['upload']}/repair"
    return versioned_post(client, address, wish, shown["version"])


def decided(client, shown, **wish):
    answer = decide(client, shown, **wish)
    assert answer.status_code == 200, answer.data
    return answer.get_json()


def take(client, shown):
    address = f"/api/uploads/{shown['upload']}/scenario"
    return versioned_post(client, address, {}, shown["version"])


def of_kind(shown, kind):
    return [change for change in shown["changes"] if change["kind"] == kind]


def all_accepted(client, shown):
    return decided(client, shown, accept=sorted({each["kind"] for each in shown["changes"]}))


COLUMNS = ("网格编码", "网格名称", "网格员")
OVERLAP = document(
    (box(114.40, 114.414), f"{LAKE}001", "西格", "周网格"),
    (box(114.41, 114.42), f"{LAKE}002", "东格", "赵网格"),
    columns=COLUMNS,
)


def test_overlap_is_shown_decided_and_taken_as_shown(browser, store):
    planner = browser("planner")
    found = sent(planner, store, OVERLAP, area=LAKE)
    assert found["state"] == "read", found
    assert found["preview"]["grids"]["features"] == 2
    shown = repair(planner, found["id"])
    assert shown["mapping"] == {"code": "网格编码", "name": "网格名称", "member": "网格员"}
    (overlap,) = of_kind(shown, "overlap")
    assert overlap["area_m2"] == pytest.approx(850_000, rel=0.02)  # 40 % of the eastern one
    assert overlap["choices"] == ["1", "2"]
    assert overlap["ask"]
    assert shapely.geometry.shape(overlap["geometry"]).contains(shapely.Point(overlap["point"]))
    (member,) = of_kind(shown, "member")
    assert member["figures"]["rows"] == 2
    # too large to be taken unasked
    assert shown["undecided"] == 1
    refused = take(planner, shown)
    assert refused.status_code == 409
    assert refused.get_json()["undecided"] == 1
    assert store_counts(store)["scenario"] == 0
    chosen = decided(planner, shown, decisions={overlap["id"]: "2"})
    assert chosen["undecided"] == 0
    assert of_kind(chosen, "overlap")[0]["choice"] == "2"
    result = planner.get(f"/api/uploads/{found['id']}/repair/grids").get_json()
    east = next(each for each in result["features"] if each["properties"]["feature"] == "2")
    assert east["id"] == f"{LAKE}002"
    assert shapely.geometry.shape(east["geometry"]).equals(box(114.41, 114.42))
    answer = take(planner, chosen)
    assert answer.status_code == 202, answer.data
    work(store, answer.get_json()["job"])
    job = planner.get(f"/api/jobs/{answer.get_json()['job']}").get_json()
    assert job["state"] == "done", job
    scenario = job["result"]["scenario"]
    assert repair(planner, found["id"])["scenario"] == scenario
    detail = planner.get(f"/api/scenarios/{scenario}").get_json()
    assert (detail["state"], detail["name"], detail["area"]) == ("open", "网格", LAKE)
    with store.transaction(system_scope()) as tx:
        grids = scenario_grid.all_of(tx, scenario)
        event = tx.one(
            "SELECT * FROM event WHERE kind = 'scenario.opened' ORDER BY seq DESC LIMIT 1"
        )
    assert event["payload"]["upload"] == found["id"]
    assert list(grids["name"]) == ["西格", "东格"]
    assert grids.geometry[f"{LAKE}002"].equals(box(114.41, 114.42))
    assert topology.find_faults(grids, box(114.40, 114.42)).empty
    assert take(planner, chosen).status_code == 409  # once
    assert planner.get(f"/api/uploads/{found['id']}").get_json()["state"] == "taken"
    discard(planner, scenario)


def discard(client, scenario):
    assert post(client, f"/api/scenarios/{scenario}/discard", {}).status_code == 200


def store_counts(store):
    with store.transaction(system_scope()) as tx:
        return {
            table: tx.value(f"SELECT count(*) FROM {table}")
            for table in ("scenario", "grid", "grid_import_feature")
        }


def test_same_file_and_decisions_give_the_same_bytes(browser, store):
    planner = browser("planner")
    both = []
    for _ in range(2):
        shown = repair(planner, sent(planner, store, OVERLAP, area=LAKE)["id"])
        (overlap,) = of_kind(shown, "overlap")
        chosen = decided(planner, shown, decisions={overlap["id"]: "1"})
        with store.transaction(system_scope()) as tx:
            grids = tx.value(
                "SELECT grids FROM grid_import WHERE upload_id = :id", id=chosen["upload"]
            )
        both.append((chosen["changes"], grids))
    assert both[0] == both[1]


def test_decisions_are_taken_back_and_all_of_a_kind_accepted(browser, store):
    planner = browser("planner")
    shown = repair(planner, sent(planner, store, OVERLAP, area=LAKE)["id"])
    (overlap,) = of_kind(shown, "overlap")
    chosen = decided(planner, shown, accept=["overlap"])
    assert chosen["undecided"] == 0
    back = decided(planner, chosen, decisions={overlap["id"]: None})
    assert back["undecided"] == 1
    # another planner has decided since
    assert decide(planner, shown, accept=["overlap"]).status_code == 409
    renamed = decided(planner, back, name="新方案", metres=0.5, mapping={"code": "网格编码"})
    assert (renamed["name"], renamed["metres"]) == ("新方案", 0.5)
    assert of_kind(renamed, "member") == []


@pytest.mark.parametrize(
    "wish",
    [
        {"decisions": {"overlap-0000000000": "1"}},
        {"decisions": {"x y": "1"}},
        {"decisions": {"overlap-0": "<script>"}},
        {"metres": 6},
        {"metres": -1},
        {"metres": "1"},
        {"mapping": {"code": "没有这列"}},
        {"mapping": {"colour": "网格编码"}},
        {"name": ""},
        {"more": 1},
    ],
)
def test_bad_decision_is_refused(browser, store, imported, wish):
    assert decide(browser("planner"), imported, **wish).status_code == 400


@pytest.fixture(scope="module")
def imported(browser, store):
    planner = browser("planner")
    return repair(planner, sent(planner, store, OVERLAP, area=LAKE)["id"])


def test_wrong_codes_are_said(browser, store):
    planner = browser("planner")
    content = document(
        (box(114.40, 114.41), f"{LAKE}001"),
        (box(114.41, 114.42), f"{HILL}001"),
        (box(114.42, 114.425), f"{HILL}001"),
        (box(114.425, 114.43), "99-x"),
        (box(114.43, 114.44), f"{HILL}077"),
        columns=("编码",),
    )
    shown = repair(planner, sent(planner, store, content)["id"])
    reasons = {each["grids"][0]: each["figures"]["reason"] for each in of_kind(shown, "code")}
    assert reasons == {"2": "foreign", "3": "twice", "4": "wrong", "5": "not_in_force"}
    choice = {each["grids"][0]: each["choice"] for each in of_kind(shown, "code")}
    assert choice["2"] == f"{LAKE}002"  # its ground is that grid's
    keys = [each["id"] for each in grids_of(planner, shown)]
    assert len(set(keys)) == 5
    assert f"{HILL}077" not in keys  # nobody gives codes but the program


def grids_of(client, shown):
    return client.get(f"/api/uploads/{shown['upload']}/repair/grids").get_json()["features"]


def test_kinds_that_are_no_comprehensive_grids_are_left_out_or_asked(browser, store):
    planner = browser("planner")
    content = document(
        (box(114.40, 114.41), "综合网格"),
        (box(114.41, 114.42), ""),
        (box(114.405, 114.406, 30.505, 30.506), "专属网格"),
        (box(114.415, 114.416, 30.505, 30.506), "某某"),
        columns=("类型",),
    )
    shown = repair(planner, sent(planner, store, content, area=LAKE)["id"])
    kinds = {each["grids"][0]: (each["choice"], each["ask"]) for each in of_kind(shown, "kind")}
    assert kinds == {"3": ("leave", False), "4": ("take", True)}
    assert "3" not in {each["properties"]["feature"] for each in grids_of(planner, shown)}
    assert shown["summary"]["left_out"] == 1


def test_outside_the_county_hole_and_bow_tie_are_shown_with_their_place(browser, store):
    planner = browser("planner")
    hole = box(114.41, 114.42).difference(box(114.414, 114.416, 30.508, 30.512))
    bow = [[114.4, 30.5], [114.41, 30.52], [114.41, 30.5], [114.4, 30.52], [114.4, 30.5]]
    content = json.loads(document((hole, "b"), (box(114.42, 114.45), "c"), columns=("name",)))
    content["features"].append(
        {
            "type": "Feature",
            "properties": {"name": "a"},
            "geometry": {"type": "Polygon", "coordinates": [bow]},
        }
    )
    found = sent(planner, store, json.dumps(content).encode())
    assert found["state"] == "read", found
    shown = repair(planner, found["id"])
    assert {"hole", "outside", "invalid", "gap"} <= set(shown["summary"]["kinds"])
    for change in shown["changes"]:
        assert len(change["point"]) == 2
    (outside,) = of_kind(shown, "outside")
    assert outside["point"][0] > 114.44
    (invalid,) = of_kind(shown, "invalid")
    assert "crosses itself" in invalid["figures"]["reason"]
    assert invalid["point"] == pytest.approx([114.405, 30.51], abs=1e-6)
    drawn = planner.get(f"/api/uploads/{found['id']}/repair/drawn").get_json()
    assert len(drawn["features"]) == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (document((shapely.Point(114.405, 30.51),)), "not a Point"),
        (document((shapely.LineString([(114.40, 30.5), (114.42, 30.52)]),)), "not a LineString"),
        (document((shapely.box(100, 20, 101, 21),)), "none of these grids lies"),
        (document((shapely.box(30.50, 114.40, 30.52, 114.42),)), "swapped"),
        (b'{"type": "FeatureCollection", "features": []}', "no feature"),
        (b"GPKG", "no GeoJSON"),
    ],
)
def test_file_without_grids_is_refused_and_leaves_nothing(browser, store, content, words):
    before = store_counts(store)
    found = sent(browser("planner"), store, content)
    assert found["state"] == "refused", found
    assert words in json.dumps(found["faults"])
    assert store_counts(store) == before
    assert browser("planner").get(f"/api/uploads/{found['id']}/repair").status_code == 404


def shapefile(frame, folder):
    path = folder / "wg.shp"
    frame.to_file(path, encoding="UTF-8")
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, part.name)
    return content.getvalue()


@pytest.mark.parametrize(("crs", "kind"), [(4490, "gpkg"), (4547, "shp"), (4526, "shp")])
def test_other_formats_and_coordinates_come_to_the_same(browser, store, tmp_path, crs, kind):
    planner = browser("planner")
    frame = gpd.GeoDataFrame(
        {"编码": [f"{LAKE}001", f"{LAKE}002"]},
        geometry=[box(114.40, 114.41), box(114.41, 114.42)],
        crs=4326,
    ).to_crs(crs)
    if kind == "gpkg":
        path = tmp_path / "wg.gpkg"
        frame.to_file(path)
        content = path.read_bytes()
    else:
        content = shapefile(frame, tmp_path)
    shown = repair(planner, sent(planner, store, content, name=f"wg.{kind}", area=LAKE)["id"])
    assert set(shown["summary"]["kinds"]) <= {"rounding", "node"}, shown["changes"]
    assert [each["id"] for each in grids_of(planner, shown)] == [f"{LAKE}001", f"{LAKE}002"]
    for each in grids_of(planner, shown):
        made = shapely.geometry.shape(each["geometry"])
        drawn = box(114.40, 114.41) if each["id"].endswith("001") else box(114.41, 114.42)
        assert made.symmetric_difference(drawn).area < 1e-9


@pytest.mark.parametrize(("crs", "moved"), [("gcj02", True), ("bd09", True)])
def test_coordinates_are_what_somebody_says_they_are(browser, store, crs, moved):
    planner = browser("planner")
    content = document((box(114.402, 114.418, 30.502, 30.518), f"{LAKE}001"), columns=("编码",))
    found = sent(planner, store, content, area=LAKE, crs=crs)
    drawn = planner.get(f"/api/uploads/{found['id']}/repair/drawn").get_json()["features"][0]
    west = shapely.geometry.shape(drawn["geometry"]).bounds[0]
    assert (abs(west - 114.402) > 1e-3) is moved


def test_import_stands_still_while_the_ground_moves(browser, store):
    planner = browser("planner")
    shown = all_accepted(planner, repair(planner, sent(planner, store, OVERLAP, area=LAKE)["id"]))
    assert shown["current"]
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE grid SET name = name WHERE code = :code", code=f"{LAKE}001")
    assert take(planner, shown).status_code == 409
    assert not repair(planner, shown["upload"])["current"]
    again = decided(planner, shown)  # worked out anew, decisions kept
    assert again["current"]
    assert again["undecided"] == 0
    answer = take(planner, again)
    assert answer.status_code == 202
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE grid SET name = name WHERE code = :code", code=f"{LAKE}001")
    before = store_counts(store)
    work(store, answer.get_json()["job"])
    job = planner.get(f"/api/jobs/{answer.get_json()['job']}").get_json()
    assert job["state"] == "failed"
    assert store_counts(store) == before  # a refused import leaves nothing
    assert planner.get(f"/api/uploads/{shown['upload']}").get_json()["state"] == "read"
    assert decide(planner, again).status_code == 200


def test_only_planners_of_the_area_look_and_take(browser, store, imported):
    address = f"/api/uploads/{imported['upload']}/repair"
    for name in ("officer", "member"):
        assert browser(name).get(address).status_code == 403
        assert take(browser(name), imported).status_code == 403
    with store.transaction(system_scope()) as tx:
        for table in ("upload", "grid_import", "grid_import_feature"):
            key = "id" if table == "upload" else "upload_id"
            tx.execute(
                f"UPDATE {table} SET area_code = '990102' WHERE {key} = :id", id=imported["upload"]
            )
    planner = browser("planner")
    assert planner.get(address).status_code == 404
    assert planner.get(f"/imports/{imported['upload']}").status_code == 404
    assert take(planner, imported).status_code == 404
    assert decide(planner, imported, accept=["overlap"]).status_code == 404


def test_page_is_there_and_plain_taking_is_refused(browser, store):
    planner = browser("planner")
    found = sent(planner, store, OVERLAP, area=LAKE)
    answer = planner.get(f"/imports/{found['id']}", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert browser("officer").get(f"/imports/{found['id']}").status_code == 403
    assert post(planner, f"/api/uploads/{found['id']}/take", {}).status_code == 409
