"""A merger in force the day it is published: its publisher and programs keep their reach."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import two_communities as town
from lattice_town import TOWNSHIP
from merger_steps import features, proposed, take
from scenario_steps import approved, done, opened, rows
from webtown import post, sign_in, visitor

from gridmap.model.access import Role, system_scope
from gridmap.services import accounts

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
WANTED = ["household.view", "map.view"]


def _token(app, area=None):
    """Have a duty officer make a token; give what calls with it."""
    person = visitor(app)
    assert sign_in(person, "officer").status_code == 303
    body = {"name": "script", "permissions": WANTED, **({"area": area} if area else {})}
    made = post(person, "/api/account/tokens", body)
    assert made.status_code == 201, made.get_json()
    headers = {"Authorization": f"Bearer {made.get_json()['token']}"}
    client = visitor(app)
    return lambda path: client.get(path, headers=headers)


def _reached(program):
    """Give the places of the households that a program reaches."""
    found = program(f"/api/households?area={TOWNSHIP}").get_json()["features"]
    return {tuple(each["geometry"]["coordinates"]) for each in found}


class Published:
    """Programs by the area they are confined to, and what they reached before."""

    def __init__(self, programs, before):
        self.programs, self.before = programs, before


@pytest.fixture(scope="module")
def published(app, store, people, browser):
    town.build(store)
    with store.transaction(system_scope()) as tx:
        accounts.user.add_roles(tx, people["lead"], [(Role.DUTY_OFFICER.value, town.ONE)])
    programs = {area: _token(app, area) for area in (None, town.ONE, town.TWO, town.WEST[0])}
    before = {area: _reached(program) for area, program in programs.items()}
    assert [len(each) for each in before.values()] == [108, 72, 36, 18]
    planner, lead = browser("planner"), browser("lead")
    address = opened(planner, TOWNSHIP)
    assert take(planner, address, proposed(planner, store, address), 0).status_code == 200
    _move_border(planner, address)
    approved(browser, store, address)
    answer = post(lead, f"{address}/publish", {"effective_from": TODAY.isoformat()})
    assert answer.status_code == 200, answer.get_json()
    assert answer.get_json()["applied"]
    return Published(programs, before)


def _move_border(planner, address):
    """Give ground of the second community to a grid of the first."""
    arcs = [
        each
        for each in features(planner, address, "arcs")
        if each["properties"]["right"]
        and {point[0] for point in each["geometry"]["coordinates"]} == {114.506}
    ]
    arc = min(arcs, key=lambda each: each["geometry"]["coordinates"][0][1])
    points = arc["geometry"]["coordinates"]
    middle = [114.50655, (points[0][1] + points[-1][1]) / 2]
    line = {"type": "LineString", "coordinates": [points[0], middle, points[-1]]}
    done(planner, address, 1, "move_edge", arc=arc["id"], line=line)


def test_whoever_publishes_it_keeps_their_roles(published, store, browser):
    held = rows(
        store,
        "SELECT r.role, r.area_code FROM user_role AS r JOIN app_user AS u ON u.id = r.user_id"
        " WHERE u.name = 'lead' ORDER BY r.area_code, r.role",
    )
    assert [(row["role"], row["area_code"]) for row in held] == [
        ("planning_lead", "990101"),
        ("duty_officer", town.ONE),
        ("duty_officer", town.MERGED),
    ]
    # and acts in their own name again afterwards
    told = rows(
        store,
        "SELECT e.user_id = u.id AS own FROM event AS e, app_user AS u WHERE u.name = 'lead'"
        " AND e.kind = 'grids.published'",
    )
    assert [row["own"] for row in told] == [True]


def test_a_program_reaches_the_ground_it_reached_and_no_more(published):
    now = {area: _reached(program) for area, program in published.programs.items()}
    assert now[None] == published.before[None]
    # of the grid that lies on ground of both neither reaches anything
    for area in (town.ONE, town.TWO, town.WEST[0]):
        assert now[area] <= published.before[area], area
    assert len(now[town.ONE]) == 54  # three grids of four
    assert len(now[town.TWO]) == 36 - 2  # both of its grids, without what went over
    assert now[town.WEST[0]] == published.before[town.WEST[0]]
