"""The second hand at the door: a password an administrator knows opens no office account."""

import dataclasses
import secrets

import pytest
from sqlalchemy.exc import IntegrityError
from webtown import COUNTY, HILL, LAKE, PASSWORD, bearer, post, sign_in, token_of, visitor

from gridmap.app import create_app
from gridmap.model.access import Role, Scope, system_scope
from gridmap.services import accounts

PAGE = {"Accept": "text/html"}


@pytest.fixture
def person(store, people):
    """Makes an account with the roles; gives name and id."""

    def make(*roles):
        name = f"r{secrets.token_hex(5)}"
        with store.transaction(system_scope()) as tx:
            return name, accounts.create_user(tx, name, PASSWORD, "Person", roles)

    return make


def give_code(client, code):
    form = {"csrf_token": token_of(client), "code": code}
    return client.post("/sign-in/code", data=form, headers=PAGE)


def reset(browser, number):
    answer = post(browser("admin"), f"/api/users/{number}/password", {})
    assert answer.status_code == 200, answer.data
    return answer.get_json()


def release(browser, number):
    return post(browser("security"), f"/api/users/{number}/release", {})


@pytest.mark.parametrize("role", [Role.COMMANDER, Role.PLANNING_LEAD, Role.DUTY_OFFICER])
def test_a_password_reset_opens_no_office_account_by_itself(app, browser, person, role):
    name, number = person((role, COUNTY))
    made = reset(browser, number)
    assert made["release_needed"] is True
    known = visitor(app)  # the administrator, who knows the password
    assert sign_in(known, name, made["one_time_password"]).location == "/sign-in/code"
    page = known.get("/sign-in/code", headers=PAGE).get_data(as_text=True)
    assert "放行码" in page
    for guess in ("", "ABCDE-FGHJK", made["one_time_password"]):
        assert give_code(known, guess).status_code in (400, 401)
    assert known.get("/api/areas").status_code == 401
    # they cannot release it themselves either
    assert post(browser("admin"), f"/api/users/{number}/release", {}).status_code == 403
    assert "release" in browser("security").get(f"/api/users/{number}").get_json()["can"]
    code = release(browser, number).get_json()["release_code"]
    # the security administrator knows the code and no password
    assert sign_in(visitor(app), name, code).status_code == 401
    theirs = visitor(app)
    sign_in(theirs, name, made["one_time_password"])
    assert give_code(theirs, code.lower().replace("-", " ")).location == "/"
    assert theirs.get("/api/account").get_json()["must"] == "password"
    # once
    assert give_code(known, code).status_code == 401
    assert release(browser, number).status_code == 409


def test_a_new_password_voids_a_code_given_before(app, browser, person):
    name, number = person((Role.COMMANDER, COUNTY))
    reset(browser, number)
    code = release(browser, number).get_json()["release_code"]
    again = reset(browser, number)
    client = visitor(app)
    sign_in(client, name, again["one_time_password"])
    assert give_code(client, code).status_code == 401
    assert client.get("/api/areas").status_code == 401


def test_an_old_code_is_worth_nothing(app, browser, store, person):
    name, number = person((Role.COMMANDER, COUNTY))
    made = reset(browser, number)
    code = release(browser, number).get_json()["release_code"]
    with store.transaction(Scope()) as tx:
        tx.execute(
            "UPDATE app_user SET released_at = now() - interval '8 days' WHERE id = :id", id=number
        )
    client = visitor(app)
    sign_in(client, name, made["one_time_password"])
    assert give_code(client, code).status_code == 401


def test_no_account_rises_to_an_office_with_its_maker_inside(app, browser, person):
    """Who made it signed in first, chose a password, and left a token."""
    name, number = person((Role.UNIT, COUNTY))
    maker = visitor(app)
    sign_in(maker, name)
    left = bearer(maker)
    held = {"role": "commander", "area": COUNTY}
    assert post(browser("security"), f"/api/users/{number}/roles", held).status_code == 201
    assert maker.get("/api/areas").status_code == 401
    assert visitor(app).get("/api/areas", headers=left).status_code == 401
    assert sign_in(maker, name).location == "/sign-in/code"
    assert maker.get("/api/areas").status_code == 401
    # a second office role changes nothing about the door
    code = release(browser, number).get_json()["release_code"]
    assert give_code(maker, code).location == "/"
    more = {"role": "planner", "area": COUNTY}
    assert post(browser("security"), f"/api/users/{number}/roles", more).status_code == 201
    assert maker.get("/api/areas").status_code == 200


def test_roles_of_the_field_need_no_release(app, browser, person):
    name, number = person((Role.GRID_MEMBER, LAKE))
    made = reset(browser, number)
    assert made["release_needed"] is False
    assert sign_in(visitor(app), name, made["one_time_password"]).location == "/"
    assert release(browser, number).status_code == 409
    assert "release" not in browser("security").get(f"/api/users/{number}").get_json()["can"]


def test_only_who_gives_roles_in_all_its_areas_releases_an_account(app, browser, person):
    narrow, _id = person((Role.SECURITY_ADMIN, LAKE))
    _name, number = person((Role.DUTY_OFFICER, LAKE), (Role.COMMANDER, HILL))
    reset(browser, number)
    client = visitor(app)
    sign_in(client, narrow)
    assert post(client, f"/api/users/{number}/release", {}).status_code == 403
    _name, far = person((Role.DUTY_OFFICER, HILL))
    assert post(client, f"/api/users/{far}/release", {}).status_code == 404


def test_a_second_factor_goes_on_guarding(app, settings, store, browser, person):
    """With the factor in force a known password is not enough; once it is reset, a code is."""
    name, number = person((Role.COMMANDER, COUNTY))
    with store.transaction(Scope()) as tx:
        tx.execute(
            "UPDATE app_user SET totp_secret = 'locked', totp_since = now() WHERE id = :id",
            id=number,
        )
    strict = create_app(dataclasses.replace(settings, totp="office"))
    try:
        made = _reset_in(strict, store, number)
        assert made[1] is False
        # the security administrator takes the lost telephone's factor away
        answer = post(browser("security"), f"/api/users/{number}/second-factor/reset", {})
        assert answer.status_code == 204
        client = visitor(strict)
        assert sign_in(client, name, made[0]).location == "/sign-in/code"
        assert "放行码" in client.get("/sign-in/code", headers=PAGE).get_data(as_text=True)
        code = release(browser, number).get_json()["release_code"]
        assert give_code(client, code).location == "/"
        assert client.get("/api/account").get_json()["must"] == "password"
    finally:
        strict.extensions["gridmap"].database.close()


def _reset_in(app, store, number):
    from gridmap.services import administration
    from gridmap.services.access import Viewer

    parts = app.extensions["gridmap"]
    with store.transaction(system_scope()) as tx:
        admin = tx.value("SELECT id FROM app_user WHERE name = 'admin'")
    viewer = Viewer(admin, "admin", "admin", "en", False, ((Role.SYSTEM_ADMIN, COUNTY),))
    return administration.reset_password(parts.database, parts.policy, viewer, "a-request", number)


def test_the_trail_names_both_hands(browser, store, people, person):
    _name, number = person((Role.COMMANDER, COUNTY))
    reset(browser, number)
    release(browser, number)
    with store.transaction(system_scope()) as tx:
        rows = tx.all(
            "SELECT kind, user_id, payload::text AS payload FROM event"
            " WHERE subject_id = :id AND kind IN ('password.reset', 'user.released') ORDER BY seq",
            id=str(number),
        )
    assert [(row["kind"], row["user_id"]) for row in rows] == [
        ("password.reset", people["admin"]),
        ("user.released", people["security"]),
    ]


# what the service refuses, the database refuses as well


def refused_by_database(store, scope, statement, **values):
    with (
        pytest.raises(IntegrityError) as caught,
        store.transaction(scope) as tx,
    ):
        tx.execute(statement, **values)
    return caught.value.orig.diag.constraint_name


def test_the_database_resets_no_unguarded_office_account(store, people, person):
    _name, number = person((Role.COMMANDER, COUNTY))
    admin = Scope((COUNTY,), people["admin"])
    statement = "UPDATE app_user SET password_hash = 'known' WHERE id = :id"
    assert refused_by_database(store, admin, statement, id=number) == "two_open_an_account"


def test_the_database_takes_no_factor_away_without_a_release(store, people, person):
    _name, number = person((Role.COMMANDER, COUNTY))
    with store.transaction(Scope()) as tx:
        tx.execute(
            "UPDATE app_user SET totp_secret = 'x', totp_since = now() WHERE id = :id", id=number
        )
    security = Scope((COUNTY,), people["security"])
    statement = "UPDATE app_user SET totp_secret = NULL, totp_since = NULL WHERE id = :id"
    assert refused_by_database(store, security, statement, id=number) == "two_open_an_account"


def test_the_database_lets_only_security_administrators_release(store, people, person):
    _name, number = person((Role.COMMANDER, COUNTY))
    with store.transaction(Scope()) as tx:
        tx.execute("UPDATE app_user SET release_needed = true WHERE id = :id", id=number)
    give = (
        "UPDATE app_user SET release_hash = sha256('x'), released_at = now(), released_by = :by"
        " WHERE id = :id"
    )
    for name in ("admin", "auditor", "commander"):
        scope = Scope((COUNTY,), people[name])
        found = refused_by_database(store, scope, give, id=number, by=people[name])
        assert found == "security_admin_releases", name
    # nor in the name of another
    scope = Scope((COUNTY,), people["admin"])
    found = refused_by_database(store, scope, give, id=number, by=people["security"])
    assert found == "security_admin_releases"
    skip = "UPDATE app_user SET release_needed = false WHERE id = :id"
    assert refused_by_database(store, Scope(), skip, id=number) == "release_comes_first"


def test_the_database_lets_nobody_rise_unreleased(store, people, person):
    _name, number = person((Role.UNIT, COUNTY))
    security = Scope((COUNTY,), people["security"])
    statement = "INSERT INTO user_role (user_id, role, area_code) VALUES (:id, 'commander', :area)"
    found = refused_by_database(store, security, statement, id=number, area=COUNTY)
    assert found == "two_open_an_account"
