"""What a tablet gets: a shell that is nobody's, a worker of its release, a key that is its own."""

import base64
import json
import re

from webtown import MEMBER_GRID, post, sign_in

from gridmap.model.access import Scope, system_scope
from gridmap.store import field_key


def key_of(client):
    answer = client.get("/api/field/key")
    assert answer.status_code == 200
    return answer.get_json()


def test_the_key_is_ones_own_and_stays(browser, people, store):
    first, again = key_of(browser("member")), key_of(browser("member"))
    other = key_of(browser("officer"))
    assert first == again
    assert first["user"] == people["member"]
    assert len(base64.b64decode(first["key"])) == 32
    assert other["key"] != first["key"]
    with store.transaction(system_scope()) as tx:
        made = tx.all("SELECT subject_id, payload FROM event WHERE kind = 'field_key.made'")
    assert [each["payload"] for each in made] == [{}, {}]
    assert str(people["member"]) in {each["subject_id"] for each in made}


def test_a_key_stays_the_same_over_a_sign_out(app, browser):
    known = key_of(browser("hill"))["key"]
    client = app.test_client()
    assert sign_in(client, "hill").status_code == 303
    assert key_of(client)["key"] == known


def test_no_key_without_a_right_to_report(browser, client):
    assert client.get("/api/field/key").status_code == 401
    assert browser("auditor").get("/api/field/key").status_code == 403


def test_row_security_gives_a_key_to_its_person_only(browser, people, store):
    key_of(browser("member"))
    mine, others = Scope(user_id=people["member"]), Scope(user_id=people["officer"])
    with store.transaction(mine) as tx:
        assert field_key.of(tx, people["member"]) is not None
    for scope in (others, system_scope()):
        with store.transaction(scope) as tx:
            assert field_key.of(tx, people["member"]) is None


def test_start_says_who_and_where(browser, people):
    found = browser("member").get("/api/field/start").get_json()
    assert (found["user"], found["areas"]) == (people["member"], [MEMBER_GRID])
    assert "household.visit" in found["permissions"]
    answer = browser("member").post(
        "/api/incidents", json={}, headers={"X-CSRFToken": found["csrf_token"]}
    )
    assert "faults" in answer.get_json()  # the token was right, the report was empty


def test_the_shell_is_nobodys(browser, client):
    """The same bytes for whoever asks, but for the nonce: it may be kept in the clear."""

    def plain(answer):
        assert answer.status_code == 200
        return re.sub(r'nonce="[^"]+"', "", answer.get_data(as_text=True))

    shells = {
        plain(one.get("/field/shell?lang=en"))
        for one in (client, browser("member"), browser("hill"))
    }
    assert len(shells) == 1
    [text] = shells
    assert 'name="csrf-token" content=""' in text
    assert '"me": {}' in text
    assert plain(browser("member").get("/field?lang=en", headers={"Accept": "text/html"})) == text


def test_the_shell_takes_a_language_it_knows(client):
    assert client.get("/field/shell").status_code == 400
    assert client.get("/field/shell?lang=fr").status_code == 400
    assert client.get("/field/shell?lang=zh_CN").status_code == 200


def test_the_worker_names_its_release_and_its_files(client):
    answer = client.get("/field/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/field"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.mimetype == "text/javascript"
    first = answer.get_data(as_text=True).split("\n", 1)[0]
    kept = json.loads(re.fullmatch(r"self\.KEPT = (.*);", first)[1])
    assert re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]{8}", kept["version"])
    assert "/field/map.js" in kept["files"]
    assert [name for name in kept["files"] if "/page" in name]
    for name in kept["files"]:
        with client.get(name) as answer:
            assert answer.status_code == 200, name


def test_members_land_on_their_tablet(browser):
    def landing(name):
        return browser(name).get("/", headers={"Accept": "text/html"}).location

    assert landing("member") == "/field"
    assert landing("officer") == "/map"


def test_texts_travel_packed_and_pictures_as_they_are(client):
    address = "/static/js/field/page.js"
    packed = client.get(address, headers={"Accept-Encoding": "gzip"}, buffered=True)
    plain = client.get(address, buffered=True)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.data) < len(plain.data)
    known = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    assert client.get(address, headers=known, buffered=True).status_code == 304
    icon = client.get(
        "/static/icons/field-192.png", headers={"Accept-Encoding": "gzip"}, buffered=True
    )
    assert "Content-Encoding" not in icon.headers


def test_a_report_needs_its_token(browser):
    answer = browser("member").post("/api/incidents", json={})
    assert answer.get_json()["type"] == "urn:gridmap:problem:page-too-old"
    assert post(browser("member"), "/api/incidents", {}).status_code == 400
