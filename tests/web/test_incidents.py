"""An incident from report to end: who may take which step, what it leaves, who hears why."""

import hashlib
import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from webtown import post, token_of

from gridmap.model.access import system_scope
from gridmap.model.incident import DONE

LAKE = [114.405, 30.51]
HILL = [114.43, 30.512]


def report(at=LAKE, **changed):
    return {
        "id": str(uuid.uuid4()),
        "category": "waterlogging",
        "title": "路口积水",
        "level": 3,
        "geometry": {"type": "Point", "coordinates": at},
    } | changed


def reported(client, **changed):
    new = report(**changed)
    answer = post(client, "/api/incidents", new)
    assert answer.status_code == 201, answer.data
    return new["id"]


def look(client, key):
    answer = client.get(f"/api/incidents/{key}")
    assert answer.status_code == 200, answer.data
    found = answer.get_json()["properties"]
    assert answer.headers["ETag"] == f'"{found["version"]}"'
    return found


def step(client, key, action, version=None, **body):
    version = look(client, key)["version"] if version is None else version
    headers = {"X-CSRFToken": token_of(client), "If-Match": f'"{version}"'}
    return client.post(f"/api/incidents/{key}/{action}", json=body, headers=headers)


def done(client, key, action, **body):
    answer = step(client, key, action, **body)
    assert answer.status_code == 200, answer.data
    return answer.get_json()["properties"]


@pytest.fixture(scope="module")
def team(store):
    with store.transaction(system_scope()) as tx:
        return tx.value("SELECT id FROM responder WHERE source_key = 'r1'")


def scalar(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.value(sql, **values)


def test_receipt_says_what_the_tablet_waits_for(browser):
    client = browser("member")
    digest = hashlib.sha256(b"a photo").hexdigest()
    new = report(note="水深到膝盖", placed_by="gps", device_sequence=7, photos=[digest])
    raw = json.dumps(new).encode()
    answer = post(client, "/api/incidents", raw)
    assert answer.status_code == 201, answer.data
    receipt = answer.get_json()
    assert receipt["body_sha256"] == hashlib.sha256(raw).hexdigest()
    assert receipt["grid_label"] == "001-001"
    assert receipt["skew_seconds"] is None
    assert receipt["photos"] == [{"sha256": digest, "state": "expected", "reason": None}]
    again = json.dumps(new, indent=1).encode()
    second = post(client, "/api/incidents", again)
    assert (second.status_code, second.get_json()["number"]) == (200, receipt["number"])
    assert second.get_json()["body_sha256"] == hashlib.sha256(again).hexdigest()


def test_other_content_under_an_id_is_kept_for_the_duty_officer(browser, store):
    key = reported(browser("member"))
    for _ in range(2):
        other = post(browser("member"), "/api/incidents", report(id=key, title="另一件事"))
        assert other.status_code == 409
    found = look(browser("officer"), key)
    assert [each["content"]["title"] for each in found["conflicts"]] == ["另一件事"]
    assert found["title"] == "路口积水"
    assert look(browser("member"), key)["conflicts"] == []
    kinds = "SELECT count(*) FROM event WHERE kind = 'incident.conflicted' AND subject_id = :key"
    assert scalar(store, kinds, key=key) == 1


@pytest.mark.parametrize(("off", "flagged"), [(0, False), (200, False), (-301, True), (900, True)])
def test_a_clock_that_is_wrong_is_flagged(browser, off, flagged):
    now = datetime.now(UTC) + timedelta(seconds=off)
    found = post(browser("member"), "/api/incidents", report(device_time=now.isoformat()))
    skew = found.get_json()["skew_seconds"]
    assert (skew is not None) is flagged
    assert skew is None or abs(skew - off) < 10


def test_an_old_report_of_a_right_clock_is_not_flagged(browser):
    made = datetime.now(UTC) - timedelta(days=3)
    client = browser("member")
    headers = {
        "X-CSRFToken": token_of(client),
        "X-Device-Time": datetime.now(UTC).isoformat(),
    }
    answer = client.post(
        "/api/incidents", json=report(device_time=made.isoformat()), headers=headers
    )
    assert (answer.status_code, answer.get_json()["skew_seconds"]) == (201, None)
    for wrong in ("yesterday", "2026-01-01T00:00:00", "1e999", "99999999999"):
        answer = client.post(
            "/api/incidents", json=report(), headers=headers | {"X-Device-Time": wrong}
        )
        assert answer.status_code == 400


def test_from_report_to_end(browser, store, team):
    officer, unit = browser("officer"), browser("unit")
    key = reported(browser("member"))
    first = look(officer, key)
    assert first["actions"] == ["verify", "close", "dismiss", "merge"]
    assert (first["state"], first["version"], first["assignee"]) == ("reported", 1, None)
    assert first["overdue"] is False
    assert look(unit, key)["actions"] == []
    found = done(officer, key, "verify", level=2)
    assert (found["state"], found["level"], found["version"]) == ("verified", 2, 2)
    found = done(officer, key, "assign", assignee=team)
    assert found["assignee"] == {"id": team, "name": "消防一队", "kind": "fire"}
    assert look(unit, key)["actions"] == ["start", "object"]
    done(unit, key, "start")
    assert done(unit, key, "resolve", text="抽完水了")["due_at"] is None
    found = done(officer, key, "close")
    assert [each["verb"] for each in found["history"]] == [
        "report",
        "verify",
        "assign",
        "start",
        "resolve",
        "close",
    ]
    assert [each["by"] for each in found["history"][:4]] == ["Member", "Officer", "Officer", "Unit"]
    assert found["history"][4]["text"] == "抽完水了"
    with store.transaction(system_scope()) as tx:
        rows = tx.all(
            "SELECT kind FROM event WHERE subject = 'incident' AND subject_id = :key ORDER BY seq",
            key=key,
        )
    kinds = [row["kind"].removeprefix("incident.") for row in rows]
    assert kinds == ["reported", "verified", "assigned", "started", "resolved", "closed"]
    assert set(kinds[1:]) <= set(DONE.values())


def test_time_to_answer_follows_level_and_state(browser, store, team):
    officer = browser("officer")
    key = reported(officer, level=1)

    def seconds():
        found = look(officer, key)
        due, since = found["due_at"], found["state_changed_at"]
        return (datetime.fromisoformat(due) - datetime.fromisoformat(since)).total_seconds()

    assert seconds() == 300
    done(officer, key, "verify", level=4)
    assert seconds() == 3600
    done(officer, key, "assign", assignee=team)
    assert seconds() == 4 * 3600
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE incident SET state_changed_at = now() - interval '5 hours' WHERE id = :key",
            key=key,
        )
    assert look(officer, key)["overdue"] is True


def test_objection_goes_back_and_is_assigned_again(browser, team):
    officer, unit = browser("officer"), browser("unit")
    key = reported(officer)
    done(officer, key, "verify")
    done(officer, key, "assign", assignee=team)
    assert step(unit, key, "object").status_code == 400
    found = done(unit, key, "object", reason="这是供电公司的事")
    assert (found["state"], found["actions"]) == ("objected", [])
    assert look(officer, key)["actions"] == ["assign", "dismiss"]
    done(officer, key, "assign", assignee=team)
    done(officer, key, "assign", assignee=team)  # to another team, without going back


def test_of_a_neighbours_incident_a_member_sees_number_kind_and_distance(browser):
    """Close by, across the border of their grid: its words are not theirs to read."""
    border = 114.41
    far = 30.5151  # away from what other tests report
    secret = reported(browser("officer"), at=[border + 0.0003, far], title="某家的私事")
    own = reported(browser("member"), at=[border - 0.0003, far])
    beside = reported(browser("officer"), at=[border - 0.0004, far], title="看得到的事")
    near = {each["number"]: each for each in look(browser("member"), own)["duplicates"]}
    number = look(browser("officer"), secret)["number"]
    hidden = near.pop(number)
    assert (hidden["id"], hidden["title"], hidden["state"]) == (None, None, None)
    assert hidden["category"] == "waterlogging"
    assert 50 < hidden["metres"] < 70
    assert beside in [each["id"] for each in near.values()]
    assert "某家的私事" not in browser("member").get(f"/api/incidents/{own}").get_data(as_text=True)
    shown = {each["id"]: each for each in look(browser("officer"), own)["duplicates"]}
    assert shown[secret]["title"] == "某家的私事"


def test_merge_keeps_photos_and_reporters_and_tells_why(browser, store):
    officer = browser("officer")
    photos = [hashlib.sha256(bytes([n])).hexdigest() for n in range(3)]
    far = [114.4005, 30.5005]
    kept = reported(browser("commander"), at=far, photos=photos[:1])
    twice = reported(browser("member"), at=far, photos=photos[1:])
    assert kept in [each["id"] for each in look(officer, twice)["duplicates"]]
    assert step(officer, twice, "merge", into=kept).status_code == 400  # no reason
    assert step(officer, twice, "merge", reason="同一处").status_code == 400
    assert step(officer, twice, "merge", into=twice, reason="同一处").status_code == 400
    gone = done(officer, twice, "merge", into=kept, reason="同一处积水")
    assert (gone["state"], gone["merged_into"]) == ("merged", kept)
    found = look(officer, kept)
    assert {each["sha256"] for each in found["photos"]} == set(photos)
    assert found["reporters"] == ["Commander", "Member"]
    assert [each["verb"] for each in found["history"]] == ["report", "absorb"]
    assert found["history"][1]["number"] == gone["number"]
    mine = browser("member").get("/api/incidents/mine").get_json()["items"]
    own = next(each for each in mine if each["id"] == twice)
    assert (own["state"], own["reason"]) == ("merged", "同一处积水")
    assert own["merged_into"] == {"id": kept, "number": found["number"]}
    third = reported(officer)
    refused = step(officer, third, "merge", into=twice, reason="同一处")
    assert (refused.status_code, refused.get_json()["faults"][0]["place"]) == (400, "into")
    # merged on: who was merged into the one that goes follows it
    done(officer, kept, "merge", into=third, reason="同一处")
    assert look(officer, twice)["merged_into"] == third
    assert len(look(officer, third)["photos"]) == 3
    assert look(officer, third)["reporters"] == ["Commander", "Member", "Officer"]


def test_dismissed_reporter_reads_why_and_it_can_be_reopened(browser):
    officer = browser("officer")
    key = reported(browser("member"))
    assert step(officer, key, "dismiss").get_json()["faults"][0]["place"] == "reason"
    done(officer, key, "dismiss", reason="现场没有积水")
    own = browser("member").get("/api/incidents/mine").get_json()["items"][0]
    assert (own["id"], own["state"], own["reason"]) == (key, "dismissed", "现场没有积水")
    assert done(officer, key, "reopen")["state"] == "reported"


def test_reporter_closes_what_they_handled_themselves(browser):
    member = browser("member")
    key = reported(member)
    assert look(member, key)["actions"] == ["close"]
    assert done(member, key, "close", text="树枝已经搬开")["state"] == "closed"
    other = reported(browser("officer"))
    assert look(member, other)["actions"] == []
    assert step(member, other, "close").status_code == 403


def test_wrong_step_names_those_that_are_possible(browser):
    officer = browser("officer")
    key = reported(officer)
    refused = step(officer, key, "resolve")
    assert refused.status_code == 409
    assert refused.get_json()["actions"] == ["verify", "close", "dismiss", "merge"]
    assert refused.get_json()["version"] == 1
    late = step(officer, key, "verify", version=9)
    assert (late.status_code, late.get_json()["version"]) == (409, 1)
    client = browser("officer")
    bare = post(client, f"/api/incidents/{key}/verify", {})
    assert bare.status_code == 428
    headers = {"X-CSRFToken": token_of(client), "If-Match": "*"}
    assert client.post(f"/api/incidents/{key}/verify", json={}, headers=headers).status_code == 400


def test_two_officers_at_once_take_one_step(browser, team):
    """The second finds that the first was faster, even where the step would still be legal."""
    officer, commander = browser("officer"), browser("commander")
    key = reported(officer)
    assert step(officer, key, "verify", version=1).status_code == 200
    assert step(commander, key, "verify", version=1).status_code == 409
    assert step(officer, key, "assign", version=2, assignee=team).status_code == 200
    assert step(commander, key, "assign", version=2, assignee=team).status_code == 409
    verbs = [each["verb"] for each in look(officer, key)["history"]]
    assert verbs == ["report", "verify", "assign"]


def test_team_that_is_none_or_off_duty_is_not_sent(browser, store, team):
    officer = browser("officer")
    key = reported(officer)
    done(officer, key, "verify")
    assert step(officer, key, "assign").status_code == 400
    assert step(officer, key, "assign", assignee=999999).status_code == 400
    assert step(officer, key, "start", assignee=team).status_code == 409
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE responder SET on_duty = false WHERE id = :id", id=team)
    try:
        assert step(officer, key, "assign", assignee=team).status_code == 400
    finally:
        with store.transaction(system_scope()) as tx:
            tx.execute("UPDATE responder SET on_duty = true WHERE id = :id", id=team)


def test_other_areas_see_and_do_nothing(browser):
    key = reported(browser("officer"))
    headers = {"X-CSRFToken": token_of(browser("stranger")), "If-Match": '"1"'}
    assert browser("stranger").get(f"/api/incidents/{key}").status_code == 404
    answer = browser("stranger").post(f"/api/incidents/{key}/verify", json={}, headers=headers)
    assert answer.status_code == 404
    there = reported(browser("officer"), at=HILL)
    assert browser("member").get(f"/api/incidents/{there}").status_code == 404
    # a unit of the county who is officer of the lake dispatches at the lake only
    mixed = browser("mixed")
    assert look(mixed, key)["actions"] == ["verify", "close", "dismiss", "merge"]
    assert look(mixed, there)["actions"] == []
    assert step(mixed, there, "verify").status_code == 403


def test_report_across_the_street_is_followed_by_who_made_it(browser):
    """The neighbour's grid is not the member's, but the report is."""
    member = browser("member")
    key = reported(member, at=[114.415, 30.51])
    assert look(member, key)["mine"] is True
    items = member.get("/api/incidents/mine").get_json()["items"]
    assert key in [each["id"] for each in items]
    assert key not in {each["id"] for each in member.get("/api/incidents").get_json()["features"]}


def test_own_reports_since(browser):
    member = browser("member")
    reported(member)
    seen = member.get("/api/incidents/mine").get_json()
    later = member.get("/api/incidents/mine", query_string={"since": seen["as_of"]})
    assert later.get_json()["items"] == []
    key = reported(member)
    later = member.get("/api/incidents/mine", query_string={"since": seen["as_of"]})
    assert [each["id"] for each in later.get_json()["items"]] == [key]
    assert member.get("/api/incidents/mine?since=yesterday").status_code == 400


def test_layer_tells_what_the_viewer_may_do(browser, team):
    key = reported(browser("officer"))
    for name, actions in (("officer", ["verify", "close", "dismiss", "merge"]), ("unit", [])):
        listed = browser(name).get("/api/incidents?state=open").get_json()["features"]
        found = next(each["properties"] for each in listed if each["id"] == key)
        assert found["actions"] == actions
        assert found["version"] == 1
        assert found["photos"] == 0


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"photos": ["ab"]}, "photos.0"),
        ({"photos": ["g" * 64]}, "photos.0"),
        ({"photos": ["a" * 64] * 2}, "photos"),
        ({"photos": [f"{n:064x}" for n in range(7)]}, "photos"),
        ({"photos": "a" * 64}, "photos"),
        ({"note": ""}, "note"),
        ({"note": "x" * 2001}, "note"),
        ({"placed_by": "satellite"}, "placed_by"),
        ({"device_sequence": -1}, "device_sequence"),
        ({"device_sequence": 1.5}, "device_sequence"),
        ({"device_sequence": 2**63}, "device_sequence"),
    ],
)
def test_bad_new_fields_name_their_place(browser, changed, place):
    answer = post(browser("officer"), "/api/incidents", report(**changed))
    assert answer.status_code == 400, answer.data
    assert answer.get_json()["faults"][0]["place"] == place


@pytest.mark.parametrize("body", [b"", b"[]", b'{"level": 9}', b'{"into": "x"}', b'{"a": 1}'])
def test_bad_step_is_refused(browser, body):
    client = browser("officer")
    key = reported(client)
    headers = {"X-CSRFToken": token_of(client), "If-Match": '"1"'}
    answer = client.post(
        f"/api/incidents/{key}/verify", data=body, content_type="application/json", headers=headers
    )
    assert answer.status_code == 400
    assert look(client, key)["version"] == 1


def test_unknown_step_or_incident_is_not_found(browser):
    client = browser("officer")
    key = reported(client)
    headers = {"X-CSRFToken": token_of(client), "If-Match": '"1"'}
    for address in (f"{key}/explode", f"{uuid.uuid4()}/verify"):
        answer = client.post(f"/api/incidents/{address}", json={}, headers=headers)
        assert answer.status_code == 404
    assert client.post("/api/incidents/1/verify", json={}, headers=headers).status_code == 400
    assert client.get(f"/api/incidents/{uuid.uuid4()}").status_code == 404
