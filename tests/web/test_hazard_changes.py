"""A declared hazard: adjusted with a reason, its history kept, overdue said, lifted by people."""

from datetime import UTC, datetime, timedelta

import pytest
import shapely
from shapely.geometry import mapping
from sqlalchemy.exc import DBAPIError
from webtown import post

from gridmap.model import hazard as model
from gridmap.model.access import Scope, system_scope

HOMES = shapely.box(114.403, 30.509, 114.406, 30.512)
WIDER = shapely.box(114.403, 30.509, 114.416, 30.512)
BOTH_TOWNS = shapely.box(114.403, 30.509, 114.431, 30.512)
DEEP = shapely.box(114.404, 30.5095, 114.4045, 30.5105)


def in_hours(hours):
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def declared(client, **more):
    new = {"kind": "flood", "name": "要调整的", "severity": "yellow", "geometry": mapping(HOMES)}
    answer = post(client, "/api/hazards", new | more)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()["id"]


def adjusted(client, hazard_id, revision=1, **changes):
    body = {"revision": revision, "reason": "水涨了"} | changes
    return post(client, f"/api/hazards/{hazard_id}/adjust", body)


def on_the_map(client, hazard_id):
    rows = client.get("/api/hazards").get_json()["features"]
    return next((each["properties"] for each in rows if each["id"] == hazard_id), None)


def refreshes(store):
    with store.transaction(system_scope()) as tx:
        return tx.value("SELECT count(*) FROM job WHERE kind = 'coverage.refresh'")


def test_a_wider_shape_and_a_higher_level_are_a_new_revision(browser, store):
    officer = browser("officer")
    made = declared(officer)
    answer = adjusted(officer, made, geometry=mapping(WIDER), severity="red")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    done = answer.get_json()
    assert done["changed"] == ["geometry", "severity"]
    assert (done["revision"], done["households"], done["people"]) == (2, 3, 12)
    shown = on_the_map(officer, made)
    assert (shown["severity"], shown["revision"], shown["reason"]) == ("red", 2, "水涨了")
    assert shown["households_affected"] == 3
    assert shapely.geometry.shape(shown["before"]).equals(HOMES)
    whole = browser("commander").get(f"/api/hazards/{made}").get_json()
    now, first = whole["revisions"]
    assert (now["changed"], now["by"], now["reason"]) == (
        ["geometry", "severity"],
        "Officer",
        "水涨了",
    )
    assert (first["severity"], first["households"], first["reason"]) == ("yellow", 2, None)
    assert shapely.geometry.shape(first["geometry"]).equals(HOMES)
    with store.transaction(system_scope()) as tx:
        payload = tx.value(
            "SELECT payload FROM event WHERE kind = 'hazard.adjusted' AND subject_id = :id",
            id=str(made),
        )
    assert payload["changed"] == ["geometry", "severity"]
    assert (payload["households_before"], payload["households"]) == (2, 3)


def test_of_two_who_adjust_at_once_the_second_is_told(browser):
    officer = browser("officer")
    made = declared(officer)
    assert adjusted(officer, made, severity="red").status_code == 200
    late = adjusted(browser("commander"), made, severity="blue")
    assert (late.status_code, late.get_json()["revision"]) == (409, 2)
    assert on_the_map(officer, made)["severity"] == "red"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"reason": "  ", "severity": "red"}, "reason"),
        ({"severity": "purple"}, "severity"),
        ({"ends_at": "2001-01-01T00:00:00Z"}, "ends_at"),
        ({"geometry": {}}, "geometry"),
        ({"geometry": mapping(shapely.Point(114.404, 30.51))}, "geometry"),
        ({"exercise": True}, "exercise"),
    ],
)
def test_what_cannot_be_adjusted_is_refused_by_its_place(browser, changes, place):
    officer = browser("officer")
    answer = adjusted(officer, declared(officer), **changes)
    assert answer.status_code == 400
    assert answer.get_json()["faults"][0]["place"].startswith(place)


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
@pytest.mark.parametrize(("language", "said"), [("en", "1970"), ("zh_CN", "1970 年到 2200 年")])
def test_a_time_that_nobody_reads_again_is_refused(browser, moment, language, said):
    """The year 10000, in the server's zone, would be stored and never read."""
    officer = browser("officer")
    officer.get(f"/about?lang={language}", headers={"Accept": "text/html"})
    new = {"kind": "flood", "name": "远", "severity": "red", "geometry": mapping(HOMES)}
    answer = post(officer, "/api/hazards", new | {"ends_at": moment})
    assert answer.status_code == 400, answer.get_data(as_text=True)
    assert answer.get_json()["faults"][0]["place"].startswith(("ends_at", "预计"))
    assert said in answer.get_json()["detail"]
    officer.get("/about?lang=zh_CN", headers={"Accept": "text/html"})


def test_nothing_changed_is_no_revision(browser):
    officer = browser("officer")
    made = declared(officer)
    assert adjusted(officer, made, severity="yellow", geometry=mapping(HOMES)).status_code == 400
    assert on_the_map(officer, made)["revision"] == 1


def test_a_lifted_one_stays_as_it_was(browser):
    officer = browser("officer")
    made = declared(officer)
    assert post(officer, f"/api/hazards/{made}/lift", {}).status_code == 204
    assert adjusted(officer, made, severity="red").status_code == 409
    assert officer.get(f"/api/hazards/{made}").get_json()["state"] == "lifted"


def test_a_township_does_not_adjust_beyond_itself(browser):
    hill = browser("hill")
    made = declared(hill, geometry=mapping(shapely.box(114.429, 30.509, 114.431, 30.512)))
    assert adjusted(hill, made, geometry=mapping(BOTH_TOWNS)).status_code == 403
    assert adjusted(browser("officer"), made, geometry=mapping(BOTH_TOWNS)).status_code == 200
    # it is the county's now
    assert adjusted(hill, made, revision=2, severity="red").status_code == 403
    assert on_the_map(hill, made)["revision"] == 2


def test_time_that_has_run_out_is_said_and_lifts_nothing(browser, store):
    officer = browser("officer")
    made = declared(officer, ends_at=in_hours(1))
    assert officer.get(f"/api/hazards/{made}").get_json()["overdue"] is False
    with store.transaction(Scope(("990101",))) as tx:
        tx.execute(
            "UPDATE hazard SET starts_at = now() - interval '3 hours',"
            " ends_at = now() - interval '1 hour' WHERE id = :id",
            id=made,
        )
    assert officer.get(f"/api/hazards/{made}").get_json()["overdue"] is True
    assert on_the_map(officer, made)["state"] == "declared"
    assert adjusted(officer, made, ends_at=in_hours(2)).status_code == 200
    assert officer.get(f"/api/hazards/{made}").get_json()["overdue"] is False


def test_ground_that_closes_asks_for_coverage_and_an_exercise_never_does(browser, store):
    officer = browser("officer")
    real, drill = declared(officer), declared(officer, exercise=True)
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM job WHERE kind = 'coverage.refresh'")
    assert adjusted(officer, drill, blocked=mapping(DEEP)).status_code == 200
    assert adjusted(officer, real, severity="red").status_code == 200
    assert refreshes(store) == 0
    assert adjusted(officer, real, revision=2, blocked=mapping(DEEP)).status_code == 200
    assert refreshes(store) == 1
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM job WHERE kind = 'coverage.refresh'")
    assert adjusted(officer, real, revision=3, blocked=None).status_code == 200
    assert refreshes(store) == 1


def test_an_exercise_never_becomes_real(browser, store):
    made = declared(browser("officer"), exercise=True)
    with pytest.raises(DBAPIError, match="stays one"), store.transaction(system_scope()) as tx:
        tx.execute("UPDATE hazard SET exercise = false WHERE id = :id", id=made)


def test_social_security_has_no_level_whoever_writes_it(browser, store):
    officer = browser("officer")
    made = declared(officer, kind="crowd", severity=None)
    assert on_the_map(officer, made)["class"] == "security"
    assert adjusted(officer, made, severity="red").status_code == 400
    with pytest.raises(DBAPIError, match="no_level"), store.transaction(system_scope()) as tx:
        tx.execute("UPDATE hazard SET severity = 'red' WHERE id = :id", id=made)


def test_the_database_and_the_program_know_the_same_classes(store):
    with store.transaction(system_scope()) as tx:
        for kind, name in model.CLASS_OF.items():
            assert tx.value("SELECT hazard_class(:kind)", kind=kind) == name
        assert tx.value("SELECT hazard_class('unheard_of')") is None


def test_of_another_county_there_is_nothing(browser):
    made = declared(browser("officer"))
    stranger = browser("stranger")
    assert stranger.get(f"/api/hazards/{made}").status_code == 404
    assert adjusted(stranger, made, severity="red").status_code == 404
