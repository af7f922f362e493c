"""Facilities kept by hand: one more, moved, off duty for a time, given up and taken back."""

import io
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from webtown import COUNTY, HILL, LAKE, post, token_of

from gridmap.model.access import system_scope
from gridmap.services import facilities
from gridmap.services.imports import Told, bring_in
from gridmap.services.progress import Silent
from gridmap.store import coverage
from jobs.calendar import facilities_on_duty

HERE, THERE = [114.405, 30.51], [114.4055, 30.5105]
NEW = {"kind": "clinic", "name": "湖边诊所", "at": HERE, "crew": "湖边医生"}


def send(client, number, content, seen=1):
    headers = {"X-CSRFToken": token_of(client), "If-Match": f'"{seen}"'}
    return client.post(f"/api/facilities/{number}", json=content, headers=headers)


@pytest.fixture
def clinic(browser, store):
    made = post(browser("officer"), "/api/facilities", NEW)
    assert made.status_code == 201, made.get_json()
    yield made.get_json()
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM facility WHERE source_key LIKE 'hand:%'")


def listed(client, more=""):
    features = client.get(f"/api/facilities{more}").get_json()["features"]
    return {one["properties"]["id"]: one for one in features}


def trace(store, number):
    with store.transaction(system_scope()) as tx:
        return tx.all(
            "SELECT kind, area_code, payload FROM event WHERE subject_id = :id"
            " AND kind LIKE 'facility.%' ORDER BY seq",
            id=str(number),
        )


def test_one_more_is_there_with_its_trace(browser, store, clinic):
    assert clinic["area"].startswith(LAKE)
    assert (clinic["open"], clinic["retired"], clinic["revision"]) == (True, False, 1)
    assert clinic["changed_by"]
    shown = listed(browser("member"))[clinic["id"]]
    assert shown["geometry"]["coordinates"] == pytest.approx(HERE)
    assert shown["properties"]["crew"] == "湖边医生"
    [told] = trace(store, clinic["id"])
    assert (told["kind"], told["area_code"]) == ("facility.added", clinic["area"])
    assert told["payload"]["kind"] == "clinic"
    assert "湖边" not in str(told["payload"])
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT count(*) FROM job WHERE kind = 'coverage.refresh'") == 1


def test_a_shelter_has_room_and_stays_a_shelter(browser, store):
    client = browser("officer")
    asked = {"kind": "shelter", "name": "湖边礼堂", "at": HERE}
    refused = post(client, "/api/facilities", asked)
    assert refused.status_code == 400
    assert refused.get_json()["faults"][0]["place"] == "capacity"
    made = post(client, "/api/facilities", {**asked, "capacity": 90, "accessible": True}).get_json()
    assert (made["capacity"], made["accessible"]) == (90, True)
    found = send(client, made["id"], {"capacity": 40, "accessible": False}).get_json()
    assert (found["capacity"], found["accessible"]) == (40, False)
    other = send(client, made["id"], {"kind": "school"}, 2)
    assert other.get_json()["faults"][0]["place"] == "kind"
    with store.transaction(system_scope()) as tx:
        held = tx.one("SELECT area_code, capacity FROM shelter WHERE facility_id = :id", **made)
        assert (held["area_code"], held["capacity"]) == (made["area"], 40)
        tx.execute("DELETE FROM facility WHERE source_key LIKE 'hand:%'")


def test_it_is_moved_and_described_otherwise(browser, store, clinic):
    client = browser("planner")
    asked = {"at": THERE, "kind": "hospital", "name": "湖边医院", "name_en": "Lakeside"}
    found = send(client, clinic["id"], asked).get_json()
    assert found["at"] == THERE
    assert (found["kind"], found["name_en"], found["crew"]) == ("hospital", "Lakeside", "湖边医生")
    assert trace(store, clinic["id"])[-1]["payload"]["fields"] == ["kind", "name", "name_en", "at"]
    assert client.get(f"/api/facilities/{clinic['id']}").get_json() == found


def test_the_place_has_to_be_ones_own(browser, clinic):
    for at in ([10.0, 10.0], [114.9, 30.9]):
        answer = send(browser("officer"), clinic["id"], {"at": at})
        assert answer.status_code == 400
        assert answer.get_json()["faults"] == [{"place": "at", "message": "outside the county"}]
    answer = post(browser("hill"), "/api/facilities", NEW)
    assert answer.status_code == 400
    assert answer.get_json()["faults"][0]["place"] == "at"


def test_a_place_in_water_is_none(browser, store, clinic):
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO water (area_code, source_key, geom) SELECT :code, 'a pond',"
            " ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), 0.0001))",
            code=COUNTY,
            lon=THERE[0],
            lat=THERE[1],
        )
    answer = send(browser("officer"), clinic["id"], {"at": THERE})
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM water WHERE source_key = 'a pond'")
    assert answer.get_json()["faults"] == [{"place": "at", "message": "this is in water"}]


def test_off_duty_says_why_and_until_when_and_ends_by_itself(browser, store, clinic):
    client = browser("officer")
    until = datetime.now(UTC) + timedelta(hours=2)
    asked = {"open": False, "closed_why": "停电", "closed_until": until.isoformat()}
    found = send(client, clinic["id"], asked).get_json()
    assert (found["open"], found["closed_why"]) == (False, "停电")
    assert datetime.fromisoformat(found["closed_until"]) == until
    shown = listed(browser("member"))[clinic["id"]]["properties"]
    assert (shown["open"], shown["closed_why"]) == (False, "停电")
    # an edit of something else leaves it as it is
    assert send(client, clinic["id"], {"crew": "二班"}, 2).get_json()["closed_why"] == "停电"
    assert facilities.open_due(store) == 0
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE facility SET closed_until = now() - interval '1 second' WHERE id = :id",
            id=clinic["id"],
        )
    # what has ended meanwhile keeps nobody from saying something else
    assert send(client, clinic["id"], {"crew": "三班"}, 3).status_code == 200
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM job WHERE kind = 'coverage.refresh'")
    assert facilities.open_due(store) == 1
    assert facilities.open_due(store) == 0
    found = client.get(f"/api/facilities/{clinic['id']}").get_json()
    assert (found["open"], found["closed_why"], found["closed_until"]) == (True, None, None)
    assert (found["revision"], found["changed_by"]) == (5, None)
    assert trace(store, clinic["id"])[-1]["payload"]["fields"] == ["open", "closed_until"]
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT count(*) FROM job WHERE kind = 'coverage.refresh'") == 1


def test_on_duty_again_takes_the_reason_with_it(browser, clinic):
    client = browser("officer")
    send(client, clinic["id"], {"open": False, "closed_why": "停电"})
    found = send(client, clinic["id"], {"open": True}, 2).get_json()
    assert (found["open"], found["closed_why"]) == (True, None)


def test_given_up_is_shown_to_nobody_and_can_be_taken_back(browser, store, clinic):
    client, number = browser("lead"), clinic["id"]
    found = send(client, number, {"retired": True}).get_json()
    assert (found["open"], found["retired"]) == (False, True)
    assert number not in listed(client)
    assert listed(client, "?retired=1")[number]["properties"]["retired"] is True
    search = client.get("/api/search?q=湖边诊所").get_json()
    assert "湖边诊所" not in str(search)
    with store.transaction(system_scope()) as tx:
        assert number not in coverage.facilities(tx, COUNTY, ["clinic"]).index
    # a row is never lost
    found = send(client, number, {"retired": False, "open": True}, 2).get_json()
    assert (found["open"], found["retired"]) == (True, False)
    assert number in listed(client)


def test_who_comes_late_is_told_who_was_first(browser, clinic):
    assert send(browser("officer"), clinic["id"], {"crew": "二班"}).status_code == 200
    late = send(browser("planner"), clinic["id"], {"crew": "三班"})
    said = late.get_json()
    assert late.status_code == 409
    assert (said["version"], bool(said["person"]), bool(said["changed_at"])) == (2, True, True)


def test_who_may_not_does_not(browser, clinic):
    for name in ("member", "unit", "auditor", "admin"):
        client = browser(name)
        assert client.get("/facilities").status_code == 403
        assert client.get(f"/api/facilities/{clinic['id']}").status_code == 403
        assert post(client, "/api/facilities", NEW).status_code == 403
    for name in ("hill", "stranger"):
        client = browser(name)
        assert client.get(f"/api/facilities/{clinic['id']}").status_code == 404
        assert send(client, clinic["id"], {"open": False}).status_code == 404
    assert HILL not in clinic["area"]


def test_a_fault_is_said_in_the_language_of_the_page(browser):
    client = browser("officer")
    answer = post(client, "/api/facilities", {**NEW, "level": "Level One", "capacity": -1})
    told = answer.get_json()
    assert [one["place"] for one in told["faults"]] == ["capacity"]
    answer = post(client, "/api/facilities", {**NEW, "level": "Level One"})
    assert answer.get_json()["said"] == ["级别最多 20 个小写字母、数字和下划线"]


def test_what_a_file_brought_stays_with_its_area_where_the_next_one_finds_it(
    browser, store, clinic
):
    client, own = browser("lead"), clinic["area"]
    with store.transaction(system_scope()) as tx:
        there = tx.one(
            "SELECT code, ST_X(p) AS lon, ST_Y(p) AS lat FROM (SELECT code,"
            " ST_PointOnSurface(geom) AS p FROM area WHERE level = 'community'"
            "  AND starts_with(code, :hill) ORDER BY code LIMIT 1) AS a",
            hill=HILL,
        )
    at = [there["lon"], there["lat"]]
    assert send(client, clinic["id"], {"at": at}).get_json()["area"] == there["code"]
    assert send(client, clinic["id"], {"at": HERE}, 2).get_json()["area"] == own
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE facility SET source_key = 'a file 1' WHERE id = :id", id=clinic["id"])
    found = send(client, clinic["id"], {"at": at}, 3).get_json()
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM facility WHERE id = :id", id=clinic["id"])
    assert (found["area"], found["at"]) == (own, at)


def test_what_is_given_up_is_not_on_duty(browser, clinic):
    client = browser("lead")
    for seen, asked in ((1, {"retired": True, "open": True}), (2, {"open": True})):
        answer = send(client, clinic["id"], asked, seen)
        assert answer.status_code == 400
        assert answer.get_json()["faults"][0]["place"] == "open"
        send(client, clinic["id"], {"retired": True})


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_what_leaves_as_a_table_comes_in_again_unchanged(
    browser, store, tmp_path, clinic, language
):
    client, number = browser("planner"), clinic["id"]
    hours = [
        {"days": [1, 2, 3, 7], "from": "08:00", "to": "12:00"},
        {"days": [6], "from": "20:00", "to": "06:00"},
    ]
    said = {"hours": hours, "level": "2", "capacity": 12, "address": "=湖边路 1 号"}
    assert send(client, number, said).status_code == 200
    before = len(trace(store, clinic["area"]))
    client.get(f"/facilities?lang={language}")
    answer = client.get(f"/api/facilities/file.xlsx?area={clinic['area']}")
    client.get("/facilities?lang=zh_CN")
    assert answer.status_code == 200
    table = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    words = {row[2].value: row for row in table.iter_rows(min_row=2)}
    assert words["湖边诊所"][3].value == "=湖边路 1 号"
    assert words["湖边诊所"][3].data_type != "f"
    told = trace(store, clinic["area"])
    assert len(told) == before + 1
    assert told[-1]["payload"] == {"format": "xlsx", "rows": table.max_row - 1}
    path = tmp_path / "facilities.xlsx"
    path.write_bytes(answer.data)
    file = Told("facilities", path, crs="wgs84")
    done = bring_in(store, system_scope(), file, clinic["area"], Silent())["facility"]
    assert done == {"inserted": 0, "updated": 0, "unchanged": table.max_row - 1}
    assert client.get(f"/api/facilities/{number}").get_json()["hours"] == hours


def test_a_table_is_for_who_may_export_in_their_area(browser):
    assert browser("member").get("/api/facilities/file.xlsx").status_code == 403
    assert browser("hill").get(f"/api/facilities/file.xlsx?area={LAKE}").status_code == 404


def test_the_scheduler_puts_on_duty_again_whose_time_has_come(browser, store, clinic):
    until = datetime.now(UTC) + timedelta(hours=1)
    send(browser("officer"), clinic["id"], {"open": False, "closed_until": until.isoformat()})
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE facility SET closed_until = now() WHERE id = :id", id=clinic["id"])
    assert facilities_on_duty(store) == 1
    assert listed(browser("officer"))[clinic["id"]]["properties"]["open"] is True
