"""Whom to send: answered by a worker on the streets as they are, and help asked of neighbours."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
import shapely
from desk import at, done, execute, facility
from lattice import COUNTY

from geodata.dispatching import Weights
from gridmap.model.access import Role, system_scope
from gridmap.model.problem import Problem
from gridmap.services import dispatching, team_loan_asking
from gridmap.services.access import Viewer
from gridmap.store.database import Database

pytestmark = pytest.mark.database
TOWN = f"{COUNTY}001"


def officer(area: str = COUNTY) -> Viewer:
    return Viewer(1, "officer", "O", "zh_CN", demo=False, roles=((Role.DUTY_OFFICER, area),))


@pytest.fixture(autouse=True)
def account(store: Database) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO app_user (id, name, display_name, password_hash)"
            " OVERRIDING SYSTEM VALUE VALUES (1, 'officer', 'O', 'x')"
        )


def team(store: Database, key: str, place: tuple[float, float], **more: Any) -> int:
    values = {
        "kind": "fire",
        "skills": ["fire", "rescue"],
        "facility": None,
        "on_duty": True,
        "area": COUNTY,
    } | more
    with store.transaction(system_scope()) as tx:
        return int(
            tx.value(
                "INSERT INTO responder (area_code, source_key, kind, name, people, skills,"
                " facility_id, on_duty, geom) VALUES (:area, :key, :kind, :key, 4, :skills,"
                " :facility, :on_duty, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) RETURNING id",
                key=key,
                lon=place[0],
                lat=place[1],
                **values,
            )
        )


def incident(store: Database, place: tuple[float, float], category: str = "fire") -> uuid.UUID:
    number = uuid.uuid4()
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO incident (id, area_code, category, title, level, content_hash, geom)"
            " VALUES (:id, :area, :category, 'x', 2, :hash,"
            " ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))",
            id=number,
            area=f"{TOWN}001",
            category=category,
            hash=b"x" * 32,
            lon=place[0],
            lat=place[1],
        )
    return number


def asked(store: Database, number: uuid.UUID, viewer: Viewer | None = None) -> dict[str, Any]:
    return done(store, dispatching.request(store, viewer or officer(), None, number))


def test_the_best_team_and_the_next_two_with_why(store: Database) -> None:
    station = facility(store, "f")
    ids = [
        team(store, "at the station", at(1, 1), facility=station),
        team(store, "near", at(3, 3)),
        team(store, "unskilled", at(3, 3), skills=[]),
        team(store, "police", at(4, 4), kind="police"),
        team(store, "off", at(4, 4), on_duty=False),
    ]
    number = incident(store, at(4, 4))
    found = asked(store, number)
    assert found["chosen"]["team"] == ids[1]
    assert [each["team"] for each in found["next"]] == [ids[0], ids[2]]
    assert found["left_out"] == {"off_duty": 1}
    assert found["ranked"] == 4
    for each in [found["chosen"], *found["next"]]:
        assert each["cost"] == pytest.approx(
            sum(part["cost"] for part in each["why"].values()), abs=0.2
        )
    by_id = {each["team"]: each for each in [found["chosen"], *found["next"]]}
    cover = by_id[ids[0]]["why"]["cover"]
    assert cover["households"] > 0
    assert cover["by"]["fire"]["people"] == cover["people"]
    assert by_id[ids[2]]["why"]["skills"]["missing"] == ["fire"]
    json.dumps(found, allow_nan=False)
    newest = dispatching.newest(store, officer(), number)
    assert newest["answer"] == found


def test_a_second_crew_at_the_station_leaves_nobody_uncovered(store: Database) -> None:
    station = facility(store, "f")
    first = team(store, "a", at(1, 1), facility=station)
    team(store, "b", at(1, 1), facility=station)
    number = incident(store, at(4, 4))
    cover = asked(store, number)["chosen"]["why"]["cover"]
    assert (cover["stay"], cover["households"]) == (1, 0)
    other = incident(store, at(6, 6))
    execute(
        store,
        "UPDATE incident SET state = 'assigned', responder_id = :team WHERE id = :id",
        team=first,
        id=other,
    )
    found = asked(store, number)
    assert found["chosen"]["name"] == "b"
    assert found["chosen"]["why"]["cover"]["households"] > 0
    busy = found["next"][0]["why"]
    assert len(busy["load"]["incidents"]) == 1
    assert busy["load"]["cost"] == Weights().load
    assert busy["cover"]["households"] == 0  # it is away already


def test_a_closed_street_makes_another_team_the_nearest(store: Database) -> None:
    left, right = team(store, "left", at(0, 4)), team(store, "right", at(11, 4))
    number = incident(store, at(4, 4))
    assert asked(store, number)["chosen"]["team"] == left
    execute(
        store,
        "INSERT INTO road_closure (area_code, reason, geom)"
        " VALUES (:area, 'x', ST_GeomFromText(:wkt, 4326))",
        area=COUNTY,
        wkt=shapely.LineString([at(2.5, -0.4), at(2.5, 11.4)]).wkt,
    )
    found = asked(store, number)
    assert found["chosen"]["team"] == right
    assert found["left_out"] == {"no_way": 1}


def test_neighbours_are_asked_and_never_sent(store: Database) -> None:
    own = team(store, "own", at(8, 8), area=TOWN)
    theirs = team(store, "theirs", at(4, 4), area=f"{COUNTY}002")
    far = team(store, "other county", at(11, 11), area="990102")
    number = incident(store, at(4, 4))
    viewer = officer(TOWN)
    found = asked(store, number, viewer)
    assert found["chosen"]["team"] == own
    assert [each["team"] for each in found["help"]] == [theirs, far]
    assert [each["estimated"] for each in found["help"]] == [False, True]
    assert asked(store, number)["chosen"]["team"] == theirs  # the county sends both
    said = dispatching.ask_help(store, viewer, None, number, far, exercise=True)
    assert (said["team"], said["messages"], said["state"]) == (far, 0, "asked")
    with store.transaction(system_scope()) as tx:
        heard = tx.all("SELECT area_code, payload FROM event WHERE kind = 'team.asked'")
    assert {each["area_code"] for each in heard} == {TOWN, "990102"}  # a trail on both sides
    assert {each["payload"]["team"] for each in heard} == {far}
    assert all(each["payload"]["exercise"] is True for each in heard)
    with pytest.raises(Problem) as refused:
        dispatching.ask_help(store, viewer, None, number, own, exercise=False)
    assert refused.value.status == 400


def test_real_help_is_asked_after_a_drill_and_again_later(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = team(store, "other county", at(11, 11), area="990102")
    unnamed = team(store, "far away", (116.0, 31.0), area="990102")
    number = incident(store, at(4, 4))
    with store.transaction(system_scope()) as tx:
        tx.execute("INSERT INTO user_role VALUES (1, 'duty_officer', '990102')")

    def ask(whom: int, *, exercise: bool) -> int:
        return int(
            dispatching.ask_help(store, officer(), None, number, whom, exercise=exercise)[
                "messages"
            ]
        )

    with pytest.raises(Problem) as unasked:
        ask(far, exercise=False)
    assert unasked.value.status == 400
    assert [each["team"] for each in asked(store, number)["help"]] == [far]
    with pytest.raises(Problem) as elsewhere:
        ask(unnamed, exercise=False)
    assert elsewhere.value.status == 400
    monkeypatch.setattr(team_loan_asking, "_ten_minutes", lambda: 1)
    assert ask(far, exercise=True) == 1
    assert ask(far, exercise=False) == 1
    with pytest.raises(Problem) as twice:
        ask(far, exercise=False)
    assert twice.value.status == 409
    monkeypatch.setattr(team_loan_asking, "_ten_minutes", lambda: 2)
    assert ask(far, exercise=False) == 1
    with store.transaction(system_scope()) as tx:
        texts = [row["text"] for row in tx.all("SELECT text FROM message ORDER BY id")]
        marks = tx.all("SELECT payload FROM event WHERE kind = 'team.asked' ORDER BY seq")
    assert [text.startswith("【演练】") for text in texts] == [True, False, False]
    # each side hears of each
    assert [one["payload"]["exercise"] for one in marks] == [True, True] + [False] * 4


def test_a_closed_incident_and_one_elsewhere_are_refused(store: Database) -> None:
    number = incident(store, at(4, 4))
    with pytest.raises(Problem) as hidden:
        dispatching.request(store, officer("990102"), None, number)
    assert hidden.value.status == 404
    execute(store, "UPDATE incident SET state = 'closed' WHERE id = :id", id=number)
    with pytest.raises(Problem) as over:
        dispatching.request(store, officer(), None, number)
    assert over.value.status == 409


def test_nobody_can_be_sent(store: Database) -> None:
    found = asked(store, incident(store, at(4, 4), "other"))
    assert found["chosen"] is None
    assert (found["next"], found["help"], found["ranked"]) == ([], [], 0)
