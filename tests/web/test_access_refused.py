"""What people were refused is in the trail, and nobody floods it."""

import secrets

import pytest
from webtown import COUNTY, OTHER, PASSWORD, post, sign_in, visitor

from gridmap.model.access import Role, system_scope
from gridmap.services import accounts, refusals


@pytest.fixture
def stranger(app, store, people):
    """An officer of the other county, new to every test; gives browser and id."""
    name = f"curious-{secrets.token_hex(4)}"
    with store.transaction(system_scope()) as tx:
        held = [(Role.DUTY_OFFICER, OTHER)]
        number = accounts.create_user(tx, name, PASSWORD, "Curious", held)
    client = visitor(app)
    sign_in(client, name)
    return client, number


def recorded(store, number):
    with store.transaction(system_scope()) as tx:
        rows = tx.all(
            "SELECT area_code, payload, user_id FROM event WHERE kind = 'access.refused'"
            " AND subject_id = :id ORDER BY seq",
            id=str(number),
        )
    return [dict(row) for row in rows]


def id_of(store, sql):
    with store.transaction(system_scope()) as tx:
        return tx.value(sql)


def test_things_of_other_areas_and_missing_rights_are_recorded(store, stranger):
    client, number = stranger
    home = id_of(store, "SELECT id FROM household WHERE source_key = 'h1'")
    assert client.get(f"/api/households/{home}").status_code == 404
    assert post(client, f"/api/households/{home}/place", {"building": 1}).status_code == 403
    found = recorded(store, number)
    assert [row["area_code"] for row in found] == [OTHER, OTHER]
    assert found[0]["user_id"] == number
    assert found[0]["payload"] == {
        "status": 404,
        "method": "GET",
        "route": "/api/households/<household_id>",
        "token": None,
        "noun": "household",
        "area": "990101001001001",
        "id": str(home),
    }
    assert (found[1]["payload"]["status"], found[1]["payload"]["method"]) == (403, "POST")


def test_things_that_are_nowhere_are_no_refusals(store, stranger):
    client, number = stranger
    assert client.get("/api/households/999999").status_code == 404
    assert client.get("/api/households/not-a-number").status_code == 400
    assert client.get("/nothing", headers={"Accept": "text/html"}).status_code == 404
    assert client.get("/static/none.css").status_code == 404
    assert recorded(store, number) == []


def test_trail_is_not_flooded(store, stranger, monkeypatch):
    client, number = stranger
    monkeypatch.setattr(refusals, "MOST_IN_AN_HOUR", 5)
    for _turn in range(12):
        assert client.get("/api/trail").status_code == 403
    assert len(recorded(store, number)) == 5


def test_count_holds_over_all_processes(app, store, stranger, monkeypatch):
    client, number = stranger
    monkeypatch.setattr(refusals, "MOST_IN_AN_HOUR", 4)
    for _turn in range(6):
        # as in a process that has recorded nothing yet
        app.extensions["gridmap"].refusals._lately.clear()
        assert client.get("/api/trail").status_code == 403
    assert len(recorded(store, number)) == 4


def test_refusal_with_a_token_names_the_token(app, store, stranger):
    client, number = stranger
    made = post(client, "/api/account/tokens", {"name": "x"}).get_json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert visitor(app).get("/api/trail", headers=headers).status_code == 403
    assert recorded(store, number)[0]["payload"]["token"] == made["id"]
    assert COUNTY != OTHER
