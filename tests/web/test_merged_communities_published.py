"""A merger in force: the new community has everything of the old ones, who stay as history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import two_communities as town
from lattice_town import TOWNSHIP
from scenario_steps import approved, opened, rows, value
from webtown import PASSWORD, post

from geodata.errors import GeodataError
from gridmap.model.access import Role, Scope, system_scope
from gridmap.services import accounts, import_checks, papers, publishing
from gridmap.services.papers import Wanted
from gridmap.store import area, community_effects
from jobs.run import work

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
TOMORROW = TODAY + timedelta(days=1)
YESTERDAY = TODAY - timedelta(days=1)
INCIDENT = "9d3cbb27-6f0b-4e0c-a9c4-3bb26c64cd00"


class Published(dict):
    """New codes by old ones, and drafts that were opened before."""

    def __init__(self, codes, draft, narrow):
        super().__init__(codes)
        self.draft, self.narrow = draft, narrow


def _prepare(store):
    """Give the communities accounts, rows of all sorts, and a past."""
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE grid SET valid_from = :day WHERE starts_with(code, :town)",
            day=TODAY - timedelta(days=30),
            town=TOWNSHIP,
        )
        for name, role, area in (
            ("dong", Role.GRID_MEMBER, town.EAST[0]),
            ("xi", Role.GRID_MEMBER, town.WEST[0]),
            ("zhiban", Role.DUTY_OFFICER, town.TWO),
        ):
            accounts.create_user(tx, name, PASSWORD, name.title(), [(role, area)])
        for number, area in enumerate((town.ONE, town.TWO), start=1):
            tx.execute(
                "INSERT INTO service_item (area_code, name, owner, legal_basis, admitted_on)"
                " VALUES (:area, '同名事项', 'x', 'x', '2020-01-01'),"
                " (:area, :own, 'x', 'x', '2020-01-01')",
                area=area,
                own=f"事项{number}",
            )
            tx.execute(
                "INSERT INTO facility (area_code, source_key, kind, name, geom) VALUES"
                " (:area, 'same', 'clinic', :area, ST_SetSRID(ST_MakePoint(114.5051, 30.5011),"
                " 4326))",
                area=area,
            )
            tx.execute("INSERT INTO area_office (area_code, name) VALUES (:area, :area)", area=area)
        tx.execute(
            "INSERT INTO household_need (household_id, area_code, kind) SELECT id, area_code,"
            " 'living_alone' FROM household WHERE area_code = :code ORDER BY id LIMIT 1",
            code=town.EAST[0],
        )
        tx.execute(
            "INSERT INTO incident (id, area_code, grid_code, category, title, level, content_hash,"
            " state, geom) VALUES (:id, :code, :code, 'road', '已结', 4, 'x', 'closed',"
            " ST_SetSRID(ST_MakePoint(114.5075, 30.5005), 4326))",
            id=INCIDENT,
            code=town.EAST[0],
        )


@pytest.fixture(scope="module")
def published(store, people, browser):
    """The merger, published for tomorrow, taken back, published again, and in force."""
    town.build(store)
    _prepare(store)
    planner, lead = browser("planner"), browser("lead")
    draft, narrow = opened(planner, TOWNSHIP, "别的"), opened(planner, town.ONE, "窄的")
    address = opened(planner, TOWNSHIP)
    asked = post(
        planner,
        f"{address}/proposals",
        {"kind": "merge_communities", "communities": [town.ONE, town.TWO], "name": "合社区"},
    ).get_json()
    work(store, asked["job"])
    taken = post(planner, f"{address}/proposals/{asked['id']}/take", {"base": 0})
    assert taken.status_code == 200, taken.get_json()
    approved(browser, store, address)
    for _ in range(2):
        wanted = {"effective_from": TOMORROW.isoformat()}
        answer = post(lead, f"{address}/publish", wanted)
        assert answer.status_code == 200, answer.get_json()
        codes = rows(
            store,
            "SELECT g.code, g.parent FROM scenario_grid AS g WHERE g.area_code ="
            f" '{town.MERGED}' ORDER BY g.code",
        )
        # nothing of it is in force yet
        assert value(store, f"SELECT count(*) FROM area WHERE code = '{town.MERGED}'") == 0
        if _ == 0:
            assert post(lead, f"{address}/withdraw", {}).status_code == 200
    assert publishing.take_effect(store, TOMORROW) == 1
    return Published({row["parent"]: row["code"] for row in codes}, draft, narrow)


def test_it_is_numbered_anew_and_numbers_are_not_used_twice(published, store):
    # the first publication was withdrawn: its six numbers stay used
    assert sorted(published.values()) == [f"{town.MERGED}{n:03d}" for n in range(7, 13)]
    # west to east, north to south
    assert published[town.WEST[2]] == town.MERGED + "007"


def test_the_old_communities_are_history(published, store):
    found = {
        row["code"]: row for row in rows(store, "SELECT * FROM area WHERE level = 'community'")
    }
    assert found[town.MERGED]["valid_from"] == TOMORROW
    assert found[town.MERGED]["name_zh"] == "合社区"
    for old in (town.ONE, town.TWO):
        assert found[old]["valid_to"] == TOMORROW
        assert found[old]["successor"] == town.MERGED
    assert (
        value(
            store,
            f"SELECT count(*) FROM grid WHERE left(code, 12) IN ('{town.ONE}', '{town.TWO}')"
            " AND valid_to IS NULL",
        )
        == 0
    )


def test_every_row_follows_its_ground(published, store):
    for table in ("household", "household_need", "incident", "facility", "building"):
        left = value(
            store,
            f"SELECT count(*) FROM {table} WHERE left(area_code, 12) IN"
            f" ('{town.ONE}', '{town.TWO}') AND NOT (to_jsonb({table}) ->> 'kind' ="
            " 'grid_station')",
        )
        assert not left, table
    # each household is in the grid that has the ground of its own
    moved = rows(
        store,
        "SELECT DISTINCT o.code AS old, h.area_code AS new FROM household AS h JOIN grid AS o"
        f" ON ST_Contains(o.geom, h.geom) AND left(o.code, 9) = '{TOWNSHIP}'"
        " AND o.valid_to IS NOT NULL",
    )
    assert {row["old"]: row["new"] for row in moved} == published
    assert (
        value(store, f"SELECT area_code FROM incident WHERE id = '{INCIDENT}'")
        == (published[town.EAST[0]])
    )
    assert value(store, f"SELECT grid_code FROM incident WHERE id = '{INCIDENT}'") == town.EAST[0]
    # of two with one key each is kept; of two settings the first holds
    keys = rows(
        store, f"SELECT source_key FROM facility WHERE area_code = '{town.MERGED}' ORDER BY 1"
    )
    assert [row["source_key"] for row in keys] == ["same", f"same@{town.TWO}"]
    items = rows(store, f"SELECT name FROM service_item WHERE area_code = '{town.MERGED}'")
    assert {row["name"] for row in items} == {"同名事项", "事项1", "事项2"}
    assert value(store, f"SELECT name FROM area_office WHERE area_code = '{town.MERGED}'") == (
        town.ONE
    )


def _sees(store, name):
    """Count the households that an account reaches, by the grid they are in."""
    with store.transaction(system_scope()) as tx:
        areas = tx.all(
            "SELECT r.area_code FROM user_role AS r JOIN app_user AS u ON u.id = r.user_id"
            " WHERE u.name = :name",
            name=name,
        )
    with store.transaction(Scope(tuple(row["area_code"] for row in areas))) as tx:
        return {
            row["area_code"]
            for row in tx.all("SELECT DISTINCT area_code FROM household WHERE geom IS NOT NULL")
        }


def test_everybody_has_the_ground_they_had(published, store):
    # a member keeps exactly the ground of their grid
    assert _sees(store, "dong") == {published[town.EAST[0]]}
    assert _sees(store, "xi") == {published[town.WEST[0]]}
    # who was trusted with a community is trusted with what it has become
    assert _sees(store, "zhiban") == set(published.values())


def test_a_day_before_and_a_day_after(published, browser):
    lead = browser("lead")
    before = lead.get(f"/api/grids?as_of={YESTERDAY}").get_json()["features"]
    codes = {each["properties"]["code"] for each in before}
    assert {*town.WEST, *town.EAST} <= codes
    assert not [code for code in codes if code.startswith(town.MERGED)]
    now = lead.get("/api/grids").get_json()["features"]
    codes = {each["properties"]["code"] for each in now}
    assert set(published.values()) <= codes
    assert not codes & {*town.WEST, *town.EAST}


def test_households_and_reports_tell_their_grid_of_a_day(published, browser):
    officer = browser("officer")
    then = officer.get(f"/api/households/list?as_of={YESTERDAY}&grid={town.EAST[0]}").get_json()
    assert then["total"] == 18
    assert {each["grid_then"] for each in then["items"]} == {town.EAST[0]}
    listed = officer.get(f"/api/incidents?as_of={YESTERDAY}").get_json()["features"]
    (report,) = [each for each in listed if each["id"] == INCIDENT]
    assert report["properties"]["grid_then"] == town.EAST[0]


def test_the_trail_names_what_was_merged(published, store):
    told = value(store, "SELECT payload FROM event WHERE kind = 'grids.in_force'")
    assert told["merged"] == {town.MERGED: [town.ONE, town.TWO]}
    # what was written before is as it was; who is trusted there now is told
    told = rows(store, f"SELECT DISTINCT kind FROM event WHERE area_code = '{town.MERGED}'")
    assert [row["kind"] for row in told] == ["role.granted"]


def test_an_old_code_does_not_come_back(published, store, browser):
    outlines = browser("lead").get("/api/areas?level=community").get_json()["features"]
    codes = {each["properties"]["code"] for each in outlines}
    assert town.MERGED in codes
    assert not codes & {town.ONE, town.TWO}


def test_a_new_draft_begins_with_the_new_community(published, browser):
    planner = browser("planner")
    grids = planner.get(f"{opened(planner, TOWNSHIP, '之后')}/grids").get_json()["features"]
    assert {each["properties"]["community"] for each in grids} == {town.MERGED}


def test_an_open_draft_is_brought_up_to_the_new_community(published, store, browser):
    planner = browser("planner")
    head = planner.get(published.draft).get_json()
    assert head["stale"]
    answer = post(planner, f"{published.draft}/rebase", {})
    assert answer.status_code == 200, answer.get_json()
    grids = planner.get(f"{published.draft}/grids").get_json()
    assert {each["properties"]["community"] for each in grids["features"]} == {town.MERGED}
    assert [each for each in grids["faults"] if each["severity"] == "error"] == []
    # one of a community that is no more has nowhere to go
    narrow = post(planner, f"{published.narrow}/rebase", {})
    assert narrow.status_code == 409
    assert town.ONE in narrow.get_json()["detail"]


def test_a_file_does_not_bring_an_old_code_back(published, store):
    with store.transaction(system_scope()) as tx:
        frame = area.communities(tx, town.ONE).reset_index()
    rows_ = frame.rename(columns={"name_zh": "name"})[["code", "name", "geometry"]]
    with (
        pytest.raises(GeodataError, match="does not come back"),
        store.transaction(system_scope()) as tx,
    ):
        import_checks.none_ended(tx, rows_)


def test_papers_name_the_pair(published, store):
    asked = Wanted(town.MERGED, TOMORROW, datetime.now(UTC), "zh_CN")
    (community,) = papers.folder(store, Scope((TOWNSHIP,)), asked).communities
    assert (community.name, community.merged_from) == ("合社区", ("西社区", "东社区"))
    # a paper of before is of the communities of before
    asked = Wanted(TOWNSHIP, YESTERDAY, datetime.now(UTC), "zh_CN")
    assert {each.code for each in papers.folder(store, Scope((TOWNSHIP,)), asked).communities} == {
        town.ONE,
        town.TWO,
    }


def test_no_table_with_an_area_is_forgotten(store):
    with store.transaction(system_scope()) as tx:
        tables = {
            row["name"]
            for row in tx.all(
                "SELECT c.table_name AS name FROM information_schema.columns AS c"
                " JOIN information_schema.tables AS t USING (table_schema, table_name)"
                " WHERE c.column_name = 'area_code' AND c.table_schema = 'public'"
                " AND t.table_type = 'BASE TABLE'"
            )
        }
        unique = tx.all(
            "SELECT t.relname AS name, array_agg(a.attname::text ORDER BY a.attname::text) AS key"
            " FROM pg_index AS i JOIN pg_class AS t ON t.oid = i.indrelid"
            " JOIN pg_namespace AS n ON n.oid = t.relnamespace AND n.nspname = 'public'"
            " JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = ANY(i.indkey)"
            " WHERE i.indisunique GROUP BY t.relname, i.indexrelid"
        )
    following = {
        *community_effects.FOLLOWING,
        *community_effects.KEYED,
        *community_effects.VERSIONED,
        *community_effects.COPIED,
    }
    assert not following & community_effects.STAYING
    assert following | community_effects.STAYING == tables
    held: dict[str, list[list[str]]] = {}
    for row in unique:
        if "area_code" in row["key"]:
            held.setdefault(row["name"], []).append(sorted({*row["key"]} - {"area_code"}))
    for table, keys in community_effects.FOLLOWING.items():
        assert sorted(held.get(table, [])) == sorted(sorted(key) for key in keys), table
    for table, names in community_effects.VERSIONED.items():
        assert held[table] == [sorted([*names, "version"])], table
    for table in community_effects.KEYED:
        assert held[table] == [["source_key"]], table
