"""Layers as GeoJSON: own areas only, versions, pages, boxes."""

import json

import pytest

from gridmap.model.access import system_scope

LAYERS = [
    "/api/areas",
    "/api/grids",
    "/api/hazards",
    "/api/incidents",
    "/api/facilities",
    "/api/responders",
    "/api/households",
]


def features(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.mimetype == "application/geo+json"
    return answer.get_json()["features"]


def values(client, address, name):
    return [each["properties"][name] for each in features(client, address)]


@pytest.mark.parametrize("path", LAYERS)
def test_layer_is_geojson_with_time_and_version(browser, path):
    answer = browser("officer").get(path)
    content = json.loads(answer.data)
    assert content["type"] == "FeatureCollection"
    assert content["version"] >= 1
    assert content["as_of"].startswith("20")
    assert content["next"] is None
    assert content["features"]
    for each in content["features"]:
        assert each["type"] == "Feature"
        assert each["geometry"]["coordinates"]
    kept = "no-store" if path == "/api/households" else "private, no-cache"
    assert answer.headers["Cache-Control"] == kept


@pytest.mark.parametrize("path", LAYERS)
def test_unchanged_layer_is_not_sent_again(browser, path):
    client = browser("officer")
    etag = client.get(path).headers["ETag"]
    again = client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == etag
    other = browser("hill").get(path, headers={"If-None-Match": etag})
    assert other.status_code == 200  # other areas, other answer


def test_change_gives_a_new_version(browser, store):
    client = browser("officer")
    before = client.get("/api/facilities")
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE facility SET open = open WHERE source_key = 'f1'")
    after = client.get("/api/facilities", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.get_json()["version"] == before.get_json()["version"] + 1


def test_box_takes_what_it_touches(browser):
    client = browser("officer")
    assert values(client, "/api/grids?bbox=114.402,30.505,114.404,30.506", "label") == ["001-001"]
    assert values(client, "/api/incidents?bbox=114.40,30.50,114.41,30.52", "title") == ["路面积水"]
    assert features(client, "/api/grids?bbox=10,10,11,11") == []


def test_area_narrows(browser):
    assert values(browser("officer"), "/api/grids?area=990101002", "code") == ["990101002001001"]


@pytest.mark.parametrize("path", ["/api/grids", "/api/facilities", "/api/incidents", "/api/areas"])
def test_pages_join_to_the_whole(browser, path):
    client = browser("officer")
    whole = [each["id"] for each in features(client, path)]
    found, address = [], f"{path}?limit=1"
    while address:
        content = client.get(address).get_json()
        found += [each["id"] for each in content["features"]]
        address = content["next"]
    assert found == whole
    assert len(whole) > 1


def test_grids_say_who_and_how_many(browser):
    first = features(browser("officer"), "/api/grids")[0]["properties"]
    assert first | {"version": 0} == {
        "code": "990101001001001",
        "label": "001-001",
        "name": None,
        "kind": "comprehensive",
        "version": 0,
        "households": 3,
        "people": 9,
        "people_with_needs": 1,
        "deviation": -0.5,
        "member": "周网格",
        "label_point": [114.405, 30.51],
        "incidents_open": 1,
    }


def test_needs_in_a_grid_are_not_for_everybody(browser):
    assert values(browser("unit"), "/api/grids", "people_with_needs") == [None, None, None]
    # the member of one grid counts in that grid, and sees nothing of the neighbour's people
    assert values(browser("member"), "/api/grids", "people_with_needs") == [1, None, None]


def test_grid_with_its_measures(browser):
    found = browser("planner").get("/api/grids/990101001001001").get_json()
    assert found["properties"]["measures"]["contiguous"] is True
    assert found["version"] >= 1


def test_grids_have_no_faults_and_a_quality(browser):
    answer = browser("planner").get("/api/grids/faults?area=990101")
    content = answer.get_json()
    assert content["features"] == []
    assert content["quality"]["grids"] == 3
    assert content["quality"]["contiguous"] == 3
    again = browser("planner").get(
        "/api/grids/faults?area=990101", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_sizes_are_counted_by_the_rule_of_each_community(browser, store):
    planner = browser("planner")
    before = planner.get("/api/grids/faults?area=990101")
    sizes = values(planner, "/api/grids", "households")
    rule = (
        "INSERT INTO grid_rule (area_code, minimum, maximum, source) VALUES (:area, 1, :most, '试')"
    )
    with store.transaction(system_scope()) as tx:
        tx.execute(rule, area="990101", most=max(sizes))
    wide = planner.get(
        "/api/grids/faults?area=990101", headers={"If-None-Match": before.headers["ETag"]}
    ).get_json()["quality"]
    assert (wide["within"], wide["minimum"], wide["maximum"]) == (3, 1, max(sizes))
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO grid_rule (area_code, minimum, maximum, source)"
            " SELECT code, 100000, 100000, '试' FROM area WHERE level = 'community'"
            " ORDER BY code LIMIT 1"
        )
    mixed = planner.get("/api/grids/faults?area=990101").get_json()["quality"]
    assert mixed["within"] < 3
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM grid_rule WHERE source = '试'")
    after = planner.get("/api/grids/faults?area=990101").get_json()["quality"]
    assert after == before.get_json()["quality"]


def test_fault_between_grids_is_found(browser, store):
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE grid SET geom = ST_Multi(ST_MakeEnvelope(114.40, 30.50, 114.409, 30.52, 4326))"
            " WHERE code = '990101001001001'"
        )
    try:
        content = browser("planner").get("/api/grids/faults").get_json()
        kinds = {each["properties"]["kind"] for each in content["features"]}
        assert "gap" in kinds
    finally:
        with store.transaction(system_scope()) as tx:
            tx.execute(
                "UPDATE grid SET geom ="
                " ST_Multi(ST_MakeEnvelope(114.40, 30.50, 114.41, 30.52, 4326))"
                " WHERE code = '990101001001001'"
            )


def test_hazard_says_how_bad_and_whom(browser):
    found = features(browser("officer"), "/api/hazards")
    assert len(found) == 1
    properties = found[0]["properties"]
    assert properties["severity"] == "orange"
    assert (properties["households_affected"], properties["people_affected"]) == (2, 7)
    assert properties["plan_id"] is not None
    assert properties["blocked"] is None


def test_incidents_by_state(browser):
    client = browser("officer")
    assert values(client, "/api/incidents?state=open", "title") == ["路面积水"]
    assert values(client, "/api/incidents?state=closed", "title") == ["树倒了"]
    assert len(values(client, "/api/incidents", "title")) == 2


def test_names_follow_the_language(browser):
    client = browser("officer")
    assert "湖边消防站" in values(client, "/api/facilities", "name")
    english = client.get("/api/areas?lang=en")
    assert english.status_code == 400  # the language belongs to pages and sessions, not to data


def test_incidents_of_other_areas_are_left_out(browser):
    assert values(browser("hill"), "/api/incidents", "title") == ["树倒了"]
    assert values(browser("stranger"), "/api/incidents", "title") == ["西县的树"]


def test_search_finds_grid_address_facility_and_street(browser):
    client = browser("officer")

    def found(text):
        results = client.get("/api/search", query_string={"q": text}).get_json()["results"]
        return {(each["kind"], each["title"]) for each in results}

    assert ("grid", "001-001") in found("001-001")
    assert ("grid", "001-001") in found("990101001001001")
    assert ("facility", "湖边消防站") in found("湖边")
    assert ("place", "湖边路") in found("湖边路")
    assert ("hazard", "湖水上涨") in found("湖水")
    assert ("incident", "路面积水") in found("积水")
    assert ("address", "湖边路2号101室") in found("2号101")
    assert found("西边路") == set()  # of the other county
    assert found("%") == set()
    assert found("") == set()


def test_search_never_finds_people(browser):
    for words in ("王小明", "13812345678", "11010119900101123X"):
        assert browser("officer").get(f"/api/search?q={words}").get_json()["results"] == []


def test_standards_runs_and_gaps(browser):
    client = browser("officer")
    standards = client.get("/api/coverage/standards").get_json()
    assert [(each["key"], each["limit"], each["by"]) for each in standards] == [
        ("fire", 300.0, "seconds")
    ]
    run = client.get("/api/coverage/runs?standard=fire").get_json()[0]
    assert run["stale"] is True  # streets have changed since
    gaps = client.get(f"/api/coverage/runs/{run['id']}/grids").get_json()
    assert gaps[0] == {
        "code": "990101002001001",
        "label": "001-001",
        "households": 1,
        "uncovered": 1,
        "people": 6,
        "people_uncovered": 6,
        "always": None,
        "sometimes": None,
        "never": None,
        "worst_seconds": 60.0,
        "worst_metres": 500.0,
        "main_reason": "too_far",
        "score": None,
        "score_low": None,
        "score_people": None,
    }
    assert client.get("/api/coverage/runs?standard=medical").get_json() == []


def test_plan_says_who_goes_where_and_who_cannot(browser):
    client = browser("officer")
    plan = client.get("/api/plans").get_json()[0]
    found = client.get(f"/api/plans/{plan['id']}").get_json()
    assert found["gap_percent"] == pytest.approx(0.287)
    assert [(each["name"], each["people"], each["capacity"]) for each in found["shelters"]] == [
        ("中学", 7, 300)
    ]
    assert [(each["grid"], each["unserved"]) for each in found["zones"]] == [
        ("990101001001001", 0),
        ("990101001001002", 1),
    ]
    assert found["unserved"] == [{"reason": "no_road", "households": 1, "people": 5, "short": []}]


def test_routes_are_merged_where_people_walk_together(browser):
    client = browser("officer")
    plan = client.get("/api/plans").get_json()[0]["id"]
    answer = client.get(f"/api/plans/{plan}/routes")
    lines = answer.get_json()["features"]
    people = sorted(each["properties"]["people"] for each in lines)
    assert people == [3, 4, 7]
    together = next(each for each in lines if each["properties"]["people"] == 7)
    assert together["geometry"]["coordinates"][0] == [114.405, 30.51]
    assert len(together["geometry"]["coordinates"]) == 3
    again = client.get(
        f"/api/plans/{plan}/routes", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_assignments_come_in_pages(browser):
    client = browser("officer")
    plan = client.get("/api/plans").get_json()[0]["id"]
    first = client.get(f"/api/plans/{plan}/assignments?limit=2").get_json()
    assert [each["needs"] for each in first["rows"]] == [["wheelchair"], []]
    rest = client.get(f"/api/plans/{plan}/assignments?cursor={first['cursor']}").get_json()
    assert [each["reason"] for each in rest["rows"]] == ["no_road"]
    assert rest["cursor"] is None
    # a commander approves plans and does not need to know who is ill
    hidden = browser("commander").get(f"/api/plans/{plan}/assignments").get_json()["rows"]
    assert [each["needs"] for each in hidden] == [None, None, None]


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3",
        "bbox=1,2,3,4,5",
        "bbox=nan,0,1,1",
        "bbox=inf,0,1,1",
        "bbox=1e3,0,1,1",
        "bbox=3,0,1,1",
        "bbox=0,5,1,1",
        "bbox=-181,0,1,1",
        "bbox=,,,",
        "limit=0",
        "limit=-1",
        "limit=5001",
        "limit=1e3",
        "limit=%C2%B2",
        "limit=1&limit=2",
        "area=99",
        "area=9901011",
        "area=99010'",
        "cursor=x%00y",
        "cursor=%FF",
        "cursor=%",
        "cursor=12%zz",
        "cursor=12a45",
        "unknown=1",
        "cursor=" + "9" * 61,
        "q=" + "x" * 5000,
    ],
)
def test_bad_parameters_are_named(browser, query):
    answer = browser("officer").get(f"/api/grids?{query}")
    assert answer.status_code == 400, answer.data
    assert answer.mimetype == "application/problem+json"
    content = answer.get_json()
    assert content["faults"][0]["place"] in {*query.split("&")[0].split("=")[:1], "query"}
    assert content["instance"]
