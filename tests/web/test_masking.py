"""What is known of people, searched for in every answer to every role: only where it may be."""

import gzip
import re

import pytest
from webtown import PEOPLE, post

from gridmap.model.access import Permission, Role, permissions_of, system_scope
from gridmap.services import masking
from gridmap.services.access import Viewer
from gridmap.services.masking import Place

# strings that stand nowhere else; planted into the household of the member's own grid
NUMBER = "420106197001017314"
PHONE = "15927730451"
NAME = "诸葛密语"
CARER = "司马留音"
CARER_PHONE = "15927730988"
REGISTERED = "密户籍地乌有镇七号"
NOTE = "密走访记录不外传"
NEED_NOTE = "密需要说明每周透析"
# only the card of a household in hand, the form of a visit, and what its own people wrote down
SECRETS = (NUMBER, PHONE, NAME, CARER, CARER_PHONE, REGISTERED, NOTE, NEED_NOTE)
IN_HAND = re.compile(r"^/api/(households/\d+|visits/\d+/form)(\?.*)?$")
NOT_READ = {"stream", "static", "readyz", "print.pdf"}  # endless, files, or a picture of a page


@pytest.fixture(scope="module")
def planted(store, people):
    """One household full of secrets, with a visit, an export and a plan that names it."""
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE household SET householder = :name, phone = :phone, id_number = :number,"
            " carer = :carer, carer_phone = :carer_phone, registered_at = :registered,"
            " needs_help = true WHERE source_key = 'h1'",
            name=NAME,
            phone=PHONE,
            number=NUMBER,
            carer=CARER,
            carer_phone=CARER_PHONE,
            registered=REGISTERED,
        )
        tx.execute("UPDATE household_need SET note = :note", note=NEED_NOTE)
        household = tx.value("SELECT id FROM household WHERE source_key = 'h1'")
        visit = tx.value(
            "INSERT INTO visit (household_id, area_code, state, due_on, kinds)"
            " SELECT id, area_code, 'planned', current_date, '{wheelchair}' FROM household"
            " WHERE id = :id RETURNING id",
            id=household,
        )
        done = tx.value(
            "INSERT INTO visit (household_id, area_code, state, done_at, ended_at, kinds)"
            " SELECT id, area_code, 'done', now(), now(), '{wheelchair}' FROM household"
            " WHERE id = :id RETURNING id",
            id=household,
        )
        tx.execute(
            "INSERT INTO visit_result (id, area_code, visit_id, household_id, outcome,"
            " content_hash, at, note) SELECT gen_random_uuid(), area_code, :visit, id, 'done',"
            " sha256('x'), now(), :note FROM household WHERE id = :id",
            id=household,
            visit=done,
            note=NOTE,
        )
        return {
            "household_id": str(household),
            "visit_id": str(visit),
            "code": "990101001001001",
            "hazard_id": str(tx.value("SELECT id FROM hazard WHERE area_code = '990101'")),
            "plan_id": str(tx.value("SELECT id FROM plan")),
            "run_id": str(tx.value("SELECT id FROM coverage_run")),
            "run": str(tx.value("SELECT id FROM coverage_run")),
            "job_id": str(tx.value("SELECT id FROM job WHERE area_code = '990101'")),
            "incident_id": "00000000-0000-4000-8000-000000000001",
            "z": "16",
            "x": "53592",
            "y": "26932",
        }


def addresses(app, parts):
    """Every address that can be read, filled with what is in the town."""
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or set(rule.rule.split("/")) & NOT_READ:
            continue
        path = rule.rule
        for name in rule.arguments:
            path = re.sub(rf"<(?:[a-z]+:)?{name}>", parts.get(name, "1"), path)
        yield path
    household = parts["household_id"]
    for purpose in ("view", "visit", "correction", "emergency"):
        yield f"/api/households/{household}?purpose={purpose}"
    yield f"/households/{household}"
    for words in (PHONE, NUMBER, NAME, CARER, "湖边路", "诸葛"):
        yield f"/api/search?q={words}"
        yield f"/api/households/list?q={words}"
    yield "/api/households/list?needs=any"
    for state in ("due", "done", "missed"):
        yield f"/api/visits?state={state}"
    yield "/api/live?after=0&limit=500"
    yield "/api/households?bbox=114,30,115,31"


def body(answer):
    sent = answer.get_data()
    if answer.headers.get("Content-Encoding") == "gzip":
        sent = gzip.decompress(sent)
    return sent.decode("utf-8", "replace")


def personal(name):
    return any(
        Permission.HOUSEHOLD_PERSONAL in permissions_of([role]) and "990101001001001".startswith(at)
        for role, at in PEOPLE[name]
    )


@pytest.mark.parametrize("name", sorted(PEOPLE))
def test_secrets_are_in_no_answer_but_those_in_hand(app, browser, planted, name):
    client = browser(name)
    seen = {}
    answered = 0
    for path in addresses(app, planted):
        kind = "application/json" if path.startswith("/api/") else "text/html"
        answer = client.get(path, headers={"Accept": kind})
        answered += answer.status_code == 200
        text = body(answer)
        for secret in SECRETS:
            # what was searched for is not repeated by the answer either
            if secret in text:
                seen.setdefault(secret, set()).add(path)
    allowed = personal(name)
    for secret, paths in seen.items():
        assert allowed, (name, secret, paths)
        assert all(IN_HAND.match(path) for path in paths), (name, secret, paths)
    if allowed:
        # the test can find what it looks for: whoever looks after them reads it in hand
        assert set(seen) == set(SECRETS), name
        assert seen[NUMBER] == {f"/api/households/{planted['household_id']}?purpose=correction"}
    assert answered > 3


def test_the_trail_and_the_log_hold_no_secrets(app, browser, store, planted, capfd):
    browser("officer").get(f"/api/households/{planted['household_id']}?purpose=correction")
    browser("officer").get(f"/api/households/list?q={PHONE}")
    post(
        browser("member"),
        f"/api/visits/{planted['visit_id']}/missed",
        {"id": "00000000-0000-4000-8000-0000000000aa", "reason": NOTE},
    )
    with store.transaction(system_scope()) as tx:
        events = tx.value("SELECT string_agg(to_jsonb(e)::text, '') FROM event e")
    out = capfd.readouterr()
    for secret in SECRETS:
        assert secret not in events, secret
        assert secret not in out.out + out.err, secret


def viewer(*roles):
    return Viewer(1, "x", "X", "zh_CN", False, roles)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("place", list(Place))
def test_no_role_sees_beyond_its_area(role, place):
    seen = masking.sight(viewer((role, "990101")), "990102001001001", place)
    assert seen == masking.Sight()


def test_a_list_never_has_whole_names_or_numbers():
    for role in Role:
        seen = masking.sight(viewer((role, "990101")), "990101001001001", Place.LIST)
        assert (seen.names, seen.phones, seen.number) == (False, False, False), role


def test_an_opening_shows_needs_and_phones_and_no_more():
    for place in Place:
        seen = masking.sight(
            viewer((Role.COMMANDER, "990101")),
            "990101001001001",
            place,
            opened=["990101001"],
        )
        assert (seen.names, seen.phones, seen.needs, seen.number) == (False, True, True, False)
        assert seen.by_glass
        beyond = masking.sight(
            viewer((Role.COMMANDER, "990101")), "990101002001001", place, opened=["990101001"]
        )
        assert beyond == masking.Sight()
