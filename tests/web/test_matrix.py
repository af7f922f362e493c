"""Every route, method and role, with sessions and with tokens, on one's own things and others'.

Nothing is listed here by hand but values: routes come from the application, their bodies and
parameters from the models the views read. A new route is covered when it is declared; a new kind
of thing or field makes a test ask for its value.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import psycopg2
import pytest
from test_permissions import address as any_address
from webtown import COUNTY, HILL, LAKE, MEMBER_GRID, OTHER, PASSWORD, PEOPLE, sign_in, visitor
from webtown import token_of as form_token

from gridmap.model.access import BY_PERSON, LOOKING, Permission, Role, permissions_of, system_scope
from gridmap.services import accounts
from gridmap.services.tokens import NewToken, make, person
from gridmap.store import refusal
from gridmap.web.description import reading
from gridmap.web.permissions import is_public, needed, takes_program

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SAFE = {"GET"}
# never ends, and is tried with its own reader in test_live.py and test_attack_sessions.py
ENDLESS = "/api/live/stream"
# end the very session that asks
ENDS_THE_SESSION = {"/sign-in", "/sign-out", "/api/account/sessions/end"}
# parts of addresses that name no thing of an area
NO_THINGS = {
    "action": "verify",
    "collection": "households",
    "feature": "1",
    "catalogue_name": "none.js",
    "filename": "none.css",
    "key": "fire",
    "role": "unit",
    "topic": "coverage",
    "session_id": "1",
    "sha256": "ab" * 32,
    "token_id": "1",
    "token": "a" * 43,
    "x": "13398",
    "y": "6733",
    "z": "14",
}
OFFICE = [Role.DUTY_OFFICER, Role.COMMANDER, Role.PLANNER, Role.PLANNING_LEAD]
EVERYTHING = [Role.GRID_MEMBER, Role.UNIT, *OFFICE]
# one person can hold all rights but those of the administrations, which are kept apart
HANDS = {
    "worker": EVERYTHING,
    "auditor": [Role.AUDITOR],
    "system": [Role.SYSTEM_ADMIN],
    "security": [Role.SECURITY_ADMIN],
}
SOON = f"{(date.today() + timedelta(days=30)).isoformat()}T00:00:00+08:00"
DAY = (date.today() + timedelta(days=30)).isoformat()
RING = [[114.403, 30.509], [114.406, 30.509], [114.406, 30.512], [114.403, 30.509]]
POINT = {"type": "Point", "coordinates": [114.405, 30.51]}
POLYGON = {"type": "Polygon", "coordinates": [RING]}
# words of the county that nobody of another one may read
MARKS = (COUNTY, "湖边", "山边", "王小明", "13812345678", "湖水上涨", "路面积水", "东县")


def routes(app) -> Iterator[tuple[Any, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods & set(METHODS)):
            yield rule, method


def view_of(app, rule):
    return app.view_functions[rule.endpoint]


def parts_of(rule) -> list[str]:
    return re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)


def filled(rule, values) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(values[part[1]]), rule.rule)


def send(client, method, path, content=None, **headers):
    return client.open(
        path,
        method=method,
        headers={"Accept": "application/json", **headers},
        **({} if content is None else {"json": content}),
    )


# ---- who may call what


@pytest.mark.parametrize("name", sorted(PEOPLE))
def test_every_route_for_every_role_with_a_session(app, browser, name):
    allowed = permissions_of(role for role, _area in PEOPLE[name])
    client = browser(name)
    token = form_token(client)
    refused = 0
    for rule, method in routes(app):
        view = view_of(app, rule)
        if is_public(view) or rule.rule in ENDS_THE_SESSION or rule.rule == ENDLESS:
            continue
        wanted = needed(view)
        may = not wanted or bool(allowed & set(wanted))
        content = None if method in SAFE else {}
        answer = send(client, method, any_address(rule), content, **{"X-CSRFToken": token})
        assert (answer.status_code != 403) is may, (name, method, rule.rule, answer.status_code)
        assert answer.status_code < 500, (name, method, rule.rule)
        refused += not may
        if method not in SAFE:  # without the token of the form nothing is even tried
            bare = send(client, method, any_address(rule), content)
            assert bare.status_code == (400 if may else 403), (name, method, rule.rule)
    assert refused


def given_to_programs(roles, *, looks=False) -> frozenset[Permission]:
    """Give what people of these roles can give to a program; some have nothing to give."""
    allowed = permissions_of(roles) - BY_PERSON
    return allowed & LOOKING if looks else allowed


@pytest.mark.parametrize(
    ("name", "looks"),
    [
        (name, looks)
        for name, held in sorted(PEOPLE.items())
        for looks in (True, False)
        if given_to_programs((role for role, _area in held), looks=looks)
    ],
)
def test_every_route_for_every_role_with_a_token(app, store, people, name, looks):
    holder = person(store, name)
    chosen = given_to_programs((role for role, _area in PEOPLE[name]), looks=looks)
    text = make(store, holder, None, NewToken("matrix", sorted(chosen)))["token"]
    client = visitor(app)
    for rule, method in routes(app):
        view = view_of(app, rule)
        if rule.rule == ENDLESS or (is_public(view) and method in SAFE):
            continue
        wanted = needed(view)
        may = not is_public(view) and takes_program(view)
        may = may and (bool(wanted) or method in SAFE)
        may = may and (not wanted or bool(chosen & set(wanted)))
        may = may and (method in SAFE or not chosen <= _only_looking())
        content = None if method in SAFE else {}
        answer = send(client, method, any_address(rule), content, Authorization=f"Bearer {text}")
        assert (answer.status_code != 403) is may, (name, method, rule.rule, answer.status_code)
        assert answer.status_code not in (302, 303), (name, method, rule.rule)
        assert answer.status_code < 500, (name, method, rule.rule)
        assert "Set-Cookie" not in answer.headers, (name, method, rule.rule)


def _only_looking() -> frozenset[Permission]:
    return LOOKING | {Permission.HOUSEHOLD_PERSONAL, Permission.TRAIL_READ}


def test_methods_that_no_route_has_are_refused(app, browser):
    client = browser("commander")
    token = form_token(client)
    adapter = app.url_map.bind("localhost")
    tried = 0
    for path in sorted({any_address(rule) for rule, _method in routes(app)}):
        allowed = set(adapter.allowed_methods(path))
        for method in set(METHODS) - allowed:
            answer = send(client, method, path, {}, **{"X-CSRFToken": token})
            assert answer.status_code == 405, (method, path)
            assert set(answer.headers["Allow"].split(", ")) == allowed
            tried += 1
    assert tried > 200


def test_nobody_and_nobodys_token_get_nothing(app, client):
    for rule, method in routes(app):
        if is_public(view_of(app, rule)):
            continue
        content = None if method in SAFE else {}
        path = any_address(rule)
        assert send(client, method, path, content).status_code == 401, (method, path)
        wrong = send(client, method, path, content, Authorization="Bearer gm_" + "x" * 43)
        assert wrong.status_code == 401, (method, path)


# ---- things of other areas


@pytest.fixture(scope="module")
def things(database, store, people) -> dict[str, Any]:
    """Give one thing of the county for every part of an address that names one."""
    owner = psycopg2.connect(database.superuser_url)
    with owner, owner.cursor() as cursor:
        cursor.execute((Path(__file__).parent / "matrix.sql").read_text(encoding="utf-8"))
        found = dict(NO_THINGS)
        for part, (table, key) in refusal.THINGS.items():
            cursor.execute(
                f"SELECT {key} FROM {table} WHERE area_code LIKE %s"
                " ORDER BY area_code LIKE %s DESC, 1 LIMIT 1",
                (f"{COUNTY}%", f"{LAKE}%"),
            )
            row = cursor.fetchone()
            assert row, f"matrix.sql needs a row of {table}"
            found[part] = row[0]
        cursor.execute("SELECT id FROM responder WHERE area_code LIKE '990101%'")
        found["assignee"] = cursor.fetchone()[0]
        cursor.execute("SELECT id FROM building WHERE area_code LIKE '990101%'")
        found["building"] = cursor.fetchone()[0]
    owner.close()
    found["user_id"] = str(people["officer"])
    return found


@pytest.fixture(scope="module")
def hands(store, people) -> dict[tuple[str, str], str]:
    """Give sign-in names of people who hold every right in an area, by area and hand."""
    found = {}
    with store.transaction(system_scope()) as tx:
        for area in (COUNTY, HILL, OTHER):
            for hand, roles in HANDS.items():
                name = f"{hand}.{area}"[:40]
                accounts.create_user(tx, name, PASSWORD, hand, [(role, area) for role in roles])
                found[area, hand] = name
    return found


@pytest.fixture(scope="module")
def hand(app, hands):
    """Give the browser of such a person."""
    held: dict[tuple[str, str], Any] = {}

    def of(area: str, which: str):
        if (area, which) not in held:
            client = visitor(app)
            assert sign_in(client, hands[area, which]).status_code == 303
            held[area, which] = client
        return held[area, which]

    return of


def values(things) -> dict[str, Any]:
    """Give a value in the county for every field of a body and every parameter of a query."""
    return {
        "accuracy_m": 5.0,
        "area": LAKE,
        "arc": "1",
        "as_of": "2026-01-01",
        "at": POINT["coordinates"],
        "assignee": things["assignee"],
        "base": 0,
        "older": 1,
        "about": "plan:1",
        "group": "communities",
        "of": [LAKE],
        "channels": ["inbox"],
        "drill": "外人的演练",
        "planned_on": DAY,
        "version": 1,
        "newer": 1,
        "admitted_on": "2026-01-01",
        "valid_from": "2026-01-01",
        "area_type": "any",
        "bands": [{"key": "day", "name_zh": "白天", "name_en": "Day", "speeds": {"*": 1.0}}],
        "bbox": "114.40,30.50,114.44,30.52",
        "by": "seconds",
        "direction": "to_household",
        "facility_kinds": ["fire_station"],
        "key": "fire",
        "limit": 240,
        "name_en": "made up",
        "name_zh": "外人的",
        "profile": "drive",
        "slider": [60, 900],
        "blocks": [1],
        "building": things["building"],
        "capacity": 5,
        "seats": 8,
        "wheelchairs": 1,
        "ready_minutes": 15,
        "kmh": 3.0,
        "amount": 2.0,
        "per": "person",
        "category": "waterlogging",
        "check": "0" * 64,
        "display_name": "外人",
        "effective_from": "2030-01-01",
        "ends_at": "2030-01-01T00:00:00+08:00",
        "expires_at": "2030-01-02T00:00:00+08:00",
        "starts_at": "2030-01-01T00:00:00+08:00",
        "headline": "外面来的",
        "helper": "外人",
        "days": 3,
        "code": "W-1",
        "unit": "m",
        "lowest": 0,
        "highest": 30,
        "readings": [{"sensor": "W-1", "at": "2026-01-01T00:00:00+08:00", "value": 25}],
        "event": "外面来的",
        "description": "外面来的",
        "instruction": "外面来的",
        "issuer": "外面来的",
        "area_desc": "外面来的",
        "fields": {"people": 9},
        "geometry": POLYGON,
        "grid": MEMBER_GRID,
        "community": LAKE,
        "verb": "done",
        "objectives": [{"objective": "外面来的", "mark": "met"}],
        "summary": "外面来的",
        "due_on": DAY,
        "until": DAY,
        "matter": "外面来的",
        "measures": "外面来的",
        "expected_until": SOON,
        "minutes": 30,
        "tier": "village",
        "teams": [int(things["assignee"])],
        "results": [{"call": int(things["call_id"]), "result": "solved"}],
        "content": PLAN,
        "skills": ["boat"],
        "skill_seconds": 600,
        "kind_seconds": 600,
        "load_seconds": 600,
        "person_seconds": 0.5,
        "most_cover_seconds": 600,
        "note": "外面来的",
        "consented": True,
        "organisation": "外面来的",
        "exercise": False,
        "hazard_kind": "flood",
        "grids": [MEMBER_GRID, "990101001001002"],
        "head": "外人",
        "hazard": int(things["hazard_id"]),
        "household": int(things["household_id"]),
        "id": "00000000-0000-4000-8000-00000000abcd",
        "ids": things["incident_id"],
        "interval_days": 30,
        "into": "00000000-0000-4000-8000-000000000002",
        "kind": "merge",
        "kinds": ["notice"],
        "lat": "30.51",
        "legal_basis": "made up",
        "owner": "made up",
        "stale_days": 30,
        "leader": "外人",
        "job": int(things["job_id"]),
        "method": "next",
        "level": 3,
        "line": {"type": "LineString", "coordinates": RING[:2]},
        "lon": "114.405",
        "name": "外人的",
        "need": "wheelchair",
        "needs": [],
        "provider": "volunteers",
        "purpose": "correction",
        "q": "湖边路",
        "reason": "a reason that is long enough",
        "revision": 1,
        "role": "planner",
        "scenario": int(things["scenario_id"]),
        "service": "meals",
        "services": ["meals"],
        "severity": "red",
        "since": "0",
        "source": "made up",
        "standard": "fire",
        "state": "open",
        "team": things["assignee"],
        "text": "from elsewhere",
        "than": int(things["run_id"]),
        "title": "外面来的",
        "to": MEMBER_GRID,
        "visit_minutes": 30,
        "weekly_hours": 20,
        "within": "990101001001",
    }


# the least that a plan template says
PLAN = {
    "general": {"zh": "外人的"},
    "organisation": [{"key": "command", "zh": "外人", "duty": {"zh": "外人的"}}],
    "reporting": {"zh": "外人的"},
    "first_response": [{"zh": "外人的"}],
    "actions": [{"key": "go", "zh": "外人的", "role": "command", "tier": "village", "minutes": 5}],
    "aftermath": {"zh": "外人的"},
}
# what the same name means elsewhere
PECULIAR = {
    "/api/facilities": {"kind": "clinic"},
    "/api/walking-speeds": {"area": COUNTY},
    "/api/supply-rules": {"area": COUNTY, "kind": "water"},
    "/api/return-rules": {"area": COUNTY, "kind": "landslide"},
    "/api/incidents": {"geometry": POINT},
    "/api/households/<household_id>/place": {"geometry": POINT},
    "/api/hazards": {"kind": "flood"},
    "/api/sensors": {"kind": "rain"},
    "/api/sensor-proposals/<sensor_proposal_id>/declare": {"kind": "flood"},
    "/api/exports": {"kind": "households", "fields": ["address"]},
    "/api/scenarios": {"area": "990101001001"},
    "/api/scenarios/<scenario_id>/proposals": {"kind": "rebalance"},
    "/api/scenarios/<scenario_id>/measures": {"grids": MEMBER_GRID},
    "/api/users": {"name": "outsider", "area": COUNTY},
    "/api/visit-rules": {"area": COUNTY},
    "/api/fact-rules": {"area": COUNTY, "name": "phone"},
    "/api/grid-rules": {"area": COUNTY, "ground": "any"},
    "/api/service-items": {"area": COUNTY, "fields": ["phone"], "needs": ["wheelchair"]},
    "/api/care/rules": {"area": COUNTY},
    "/api/care/load-rules": {"area": COUNTY},
    "/api/uploads": {"kind": "hazards"},
    "/api/coverage/runs": {"area": COUNTY},
    "/api/coverage/standards": {"valid_from": DAY},
    "/api/coverage/standards/<key>/retire": {"valid_from": DAY},
    "/api/responses": {"area": COUNTY, "kind": "fire"},
    "/api/responses/<response_id>/steps": {"verb": "end"},
    "/api/whistles": {"place": "湖边", "area": LAKE},
    "/api/drills": {"area": COUNTY},
    "/api/drills/start": {"area": COUNTY},
    "/api/whistles/calls/<call_id>/answer": {"state": "arrived"},
    "/api/plan-templates": {"area": COUNTY, "area_type": "township", "valid_from": DAY},
    "/api/plan-templates/<key>/retire": {"area": COUNTY, "valid_from": DAY},
}
# fields that name a thing or a place: each is also tried where it may be left out
NAMING = {
    "area", "assignee", "bbox", "blocks", "building", "community", "fields", "geometry", "grid",
    "grids", "hazard", "ids", "into", "lat", "leader", "lon", "needs", "q", "scenario", "standard",
    "to", "within",
}  # fmt: skip


def contents(model, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give inputs of a model: what is required, and with each naming field beside it."""
    fields = model.model_fields
    missing = {name for name, field in fields.items() if field.is_required()} - set(given)
    assert not missing, f"give {missing} of {model.__name__} a value in values()"
    least = {name: given[name] for name, field in fields.items() if field.is_required()}
    yield least
    for name in sorted(set(fields) & NAMING - set(least)):
        yield {**least, name: given[name]}


def attempts(app, things) -> Iterator[tuple[str, str, Any]]:
    """Give every call that names something of the county: in the path, the query or the body."""
    known = values(things)
    for rule, method in routes(app):
        view = view_of(app, rule)
        own = rule.rule.startswith("/api/account") and "tokens" not in rule.rule
        if is_public(view) or own or rule.rule in ENDS_THE_SESSION or rule.rule == ENDLESS:
            continue
        path = filled(rule, things)
        taken = reading.read(view)
        given = known | PECULIAR.get(rule.rule, {})
        for query in [{}] if taken.query is None else contents(taken.query, given):
            asked = f"{path}?{urlencode(query)}" if query else path
            if method in SAFE:
                yield method, asked, None
                continue
            yield method, asked, {}
            for content in [] if taken.body is None else contents(taken.body, given):
                yield method, asked, content


def test_every_part_of_an_address_is_known(app):
    named = {part for rule, _method in routes(app) for part in parts_of(rule)}
    assert named <= set(NO_THINGS) | set(refusal.THINGS), "say in store/refusal.py where it is kept"


def snapshot(database, prefix: str) -> dict[str, Any]:
    """Sum up every row of an area, and every account and token."""
    connection = psycopg2.connect(database.superuser_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND attname = 'area_code'"
        )
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY md5(t::text)))"
                f" FROM {table} t WHERE area_code LIKE %s",
                (f"{prefix}%",),
            )
            found[table] = cursor.fetchone()
        for table in ("app_user", "recovery_code"):
            cursor.execute(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t")
            found[table] = cursor.fetchone()
    connection.close()
    return found


@pytest.mark.parametrize(
    ("which", "kind"),
    [
        (which, kind)
        for which, roles in sorted(HANDS.items())
        for kind in ("session", "token")
        if kind == "session" or given_to_programs(roles)
    ],
)
def test_nobody_of_another_county_reads_or_changes_anything(
    app, database, store, hands, hand, things, which, kind
):
    client, headers = hand(OTHER, which), {}
    if kind == "session":
        headers["X-CSRFToken"] = form_token(client)
    else:
        holder = person(store, hands[OTHER, which])
        chosen = holder.permissions - BY_PERSON
        text = make(store, holder, None, NewToken("matrix", sorted(chosen)))["token"]
        client, headers = visitor(app), {"Authorization": f"Bearer {text}"}
    before = snapshot(database, COUNTY)
    answered = 0
    for method, path, content in attempts(app, things):
        answer = send(client, method, path, content, **headers)
        place = (which, method, path, content, answer.status_code)
        assert answer.status_code < 500, place
        if answer.status_code < 300 and answer.mimetype != "application/pdf":
            shown = answer.get_data().decode("utf-8", "replace")  # files are not text
            # what one asked for oneself may be in the answer
            asked = unquote(path) + json.dumps(content, ensure_ascii=False)
            if path.startswith(("/trail", "/api/trail")):
                asked += COUNTY  # the refusals of this very test, in the trail of their people
            seen = [mark for mark in MARKS if mark in shown and mark not in asked]
            assert not seen, (place, seen)
            assert method in SAFE or "/api/hazards/preview" in path or _own(path), place
        answered += 1
    assert answered > 100
    assert snapshot(database, COUNTY) == before


def _own(path: str) -> bool:
    """Tell whether a write is about what is one's own: a log, a shift, a token, the trail."""
    own = ("/api/duty/", "/api/account/tokens", "/trail/verify", "/api/visit-rules")
    own += ("/api/care/runs", "/api/care/offers")  # without an area: for the first of one's own
    own += ("/api/fact-rules", "/api/service-items", "/api/grid-rules")
    return path.startswith(own)


@pytest.mark.parametrize("which", sorted(HANDS))
def test_a_neighbour_in_the_county_changes_nothing(app, database, hand, things, which):
    client = hand(HILL, which)
    token = form_token(client)
    before = snapshot(database, LAKE)
    for method, path, content in attempts(app, things):
        answer = send(client, method, path, content, **{"X-CSRFToken": token})
        assert answer.status_code < 500, (which, method, path, content)
        if method in SAFE and answer.status_code == 200:
            shown = answer.get_data().decode("utf-8", "replace")  # files of grids are not text
            assert not [mark for mark in ("王小明", "13812345678") if mark in shown], path
    assert snapshot(database, LAKE) == before


# where the owner of the things has no 200 either, and why
NOT_YET = {
    "/api/exports/<export_id>/file": "nobody has agreed to it",
    "/api/incidents/<incident_id>/photos/<sha256>": "announced, not yet sent",
    "/ogc/collections/<collection>/items/<feature>": "asked for with a number of its own",
    "/api/scenarios/<scenario_id>/export": "a scenario without grids",
    "/coverage/reports/<job_id>.pdf": "no report was made",
    "/coverage/reports/<job_id>.xlsx": "no report was made",
    "/api/coverage/sites/<job_id>/certificate": "no question about sites was answered",
    "/papers/<job_id>.pdf": "no papers were made",
    "/papers/<job_id>.zip": "no papers were made",
    "/plans/<plan_id>/print": "no worker has drafted the town's plan",
    "/plans/<plan_id>/print.pdf": "no worker has drafted the town's plan",
    "/plans/<plan_id>/sheets/<job_id>.pdf": "no sheets were made",
    "/api/coverage/runs/<run_id>/lost": "asked for beside an earlier run",
    "/api/scenarios/<scenario_id>/changes": "asked for since a version",
    "/api/scenarios/<scenario_id>/buildings": "asked for within a box",
    "/static/<path:filename>": "no such file",
    "/words/<catalogue_name>": "no such file",
    "/tiles/base/<z>/<x>/<y>.mvt": "may be empty",
}


def test_the_same_addresses_open_for_their_own_people(app, hand, things):
    """Shows that the ids above are right: the refusals are not for lack of a thing."""
    opened = 0
    for rule, method in routes(app):
        view = view_of(app, rule)
        if method not in SAFE or is_public(view) or rule.rule in NOT_YET or rule.rule == ENDLESS:
            continue
        if not set(parts_of(rule)) & set(refusal.THINGS):
            continue
        wanted = set(needed(view))
        which = next(
            (each for each, roles in HANDS.items() if wanted & permissions_of(roles)), "worker"
        )
        answer = send(hand(COUNTY, which), method, filled(rule, things))
        assert answer.status_code == 200, (rule.rule, filled(rule, things), answer.data[:300])
        opened += 1
    assert opened > 12
