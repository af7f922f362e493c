"""Bad input of an emergency over the network: an explicit state each time, and nobody dropped.

Every draft here is asked for, read, printed, approved and set going as people do it; what is
served and what is not add up to who is affected in the rows, on the sheets and on the board.
"""

from __future__ import annotations

import io
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import lattice_town
import numpy as np
import pytest
import shapely
from PIL import Image
from pypdf import PdfReader
from pyproj import Transformer
from shapely.geometry import mapping
from webtown import COUNTY, post, sign_in, token_of

from gridmap.maps import paging
from gridmap.maps.sheet_words import Look
from gridmap.model.access import Scope, system_scope
from gridmap.services import plans, sheets
from gridmap.web import sheets as sheets_web
from jobs.run import work

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
WEST, SOUTH, SIDE = lattice_town.WEST, lattice_town.SOUTH, lattice_town.SIDE
PLACES = {"east": (8.5, 0.0), "north": (9.0, 3.5)}


def block(west, south, east, north):
    """Give a rectangle of the lattice, in blocks."""
    return shapely.box(
        WEST + west * SIDE, SOUTH + south * SIDE, WEST + east * SIDE, SOUTH + north * SIDE
    )


# the west of the town, 48 households of 12 blocks; and all of it with everything around
FLOOD = block(-0.2, -0.2, 4.1, 4.2)
EVERYTHING = block(-2, -2, 12, 7)


def value(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.value(sql, **values)


def change(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.execute(sql, **values)


@pytest.fixture(scope="module", autouse=True)
def town(store):
    lattice_town.build(store)
    change(
        store,
        "UPDATE area SET geom = ST_Multi(ST_Union(geom, ST_GeomFromText(:wkt, 4326)))"
        " WHERE code = :area",
        area=COUNTY,
        wkt=block(-30, -10, 20, 15).wkt,
    )
    for key, (column, row) in PLACES.items():
        change(
            store,
            "WITH f AS (INSERT INTO facility (area_code, source_key, kind, name, geom) VALUES"
            " (:area, :key, 'shelter', :key, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))"
            " RETURNING id, area_code) INSERT INTO shelter (facility_id, area_code, capacity,"
            " accessible) SELECT id, area_code, 400, true FROM f",
            area=COUNTY,
            key=key,
            lon=WEST + column * SIDE,
            lat=SOUTH + row * SIDE,
        )
    # the shelters of the other town are a bed in another valley: out of all this
    change(
        store,
        "UPDATE facility SET open = false WHERE kind = 'shelter' AND NOT source_key = ANY(:keys)",
        keys=list(PLACES),
    )


@pytest.fixture
def ground(store, browser):
    """Put the town back as it was after a test has spoilt it."""
    yield
    change(store, "UPDATE facility SET open = true WHERE source_key = ANY(:k)", k=list(PLACES))
    change(
        store,
        "UPDATE shelter SET capacity = 400, accessible = true WHERE facility_id IN"
        " (SELECT id FROM facility WHERE source_key = ANY(:k))",
        k=list(PLACES),
    )
    change(store, "DELETE FROM road_closure")
    change(store, "DELETE FROM household_need WHERE area_code LIKE '990101003%'")
    with store.transaction(system_scope()) as tx:
        active = [row["id"] for row in tx.all("SELECT id FROM plan WHERE state = 'active'")]
    for plan_id in active:
        assert order(browser("commander"), plan_id, "close").status_code == 200
    change(store, "UPDATE hazard SET state = 'lifted', lifted_at = now() WHERE state = 'declared'")


def declared(browser, shape=FLOOD, **more):
    new = {"kind": "flood", "name": "坏输入", "severity": "red", "geometry": mapping(shape)} | more
    answer = post(browser("officer"), "/api/hazards", new)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()


def drafted(store, browser, hazard, **options):
    asked = post(browser("officer"), "/api/plans", {"hazard": hazard, "options": options})
    assert asked.status_code == 202, asked.get_data(as_text=True)
    made = asked.get_json()
    work(store, made["job"])
    job = browser("officer").get(f"/api/jobs/{made['job']}").get_json()
    assert job["state"] == "done", job
    return made["plan"]


def listed(browser, plan_id):
    """Give every row of a plan, page by page, as the page reads them."""
    found, cursor = [], 0
    while True:
        page = browser("officer").get(f"/api/plans/{plan_id}/assignments?limit=40&cursor={cursor}")
        assert page.status_code == 200
        rows = page.get_json()
        found += rows["rows"]
        if not rows["cursor"]:
            return found
        cursor = rows["cursor"]


def order(client, plan_id, step):
    head = client.get(f"/api/plans/{plan_id}").get_json()
    body = {"check": head["check"]} if step == "approve" else {}
    if step == "approve" and head["stale"]:
        body["reason"] = "we know"
    headers = {"X-CSRFToken": token_of(client), "If-Match": f'"{head["revision"]}"'}
    return client.post(f"/api/plans/{plan_id}/{step}", json=body, headers=headers)


def everybody(store, browser, hazard, plan_id, *, served=None, reasons=None):
    """Assert that whoever is affected stands on every list, served or with a reason."""
    affected = browser("officer").get(f"/api/hazards/{hazard}/affected").get_json()
    homes, people = affected["households"], affected["people"]
    head = browser("officer").get(f"/api/plans/{plan_id}").get_json()
    totals = head["totals"]
    assert head["state"] == "drafted"
    assert (totals["households"], totals["people"]) == (homes, people)
    assert totals["served_households"] + totals["unserved_households"] == homes
    assert totals["served_people"] + totals["unserved_people"] == people
    # the rows: each once, each with a shelter or a reason that can be acted on
    rows = listed(browser, plan_id)
    assert len({row["household"] for row in rows}) == len(rows) == homes
    left = [row for row in rows if row["shelter"] is None]
    assert len(left) == totals["unserved_households"]
    why = Counter(row["reason"] for row in left)
    assert None not in why
    if served is not None:
        assert totals["served_households"] == served
    if reasons is not None:
        assert set(why) <= reasons, why
    # no way is invented for whom there is none
    gone = {row["household"] for row in left}
    invented = value(
        store,
        "SELECT count(*) FROM route AS r JOIN assignment AS a USING (plan_id, household_id)"
        " WHERE r.plan_id = :id AND a.shelter_id IS NULL",
        id=plan_id,
    )
    assert invented == 0
    for household in sorted(gone)[:3]:
        way = browser("officer").get(f"/api/plans/{plan_id}/households/{household}/way")
        assert way.status_code == 404, way.get_data(as_text=True)
    on_paper(store, plan_id, totals)
    on_the_board(browser, plan_id, homes, people, gone)
    return why


def on_paper(store, plan_id, totals):
    everywhere = system_scope().areas
    asked = sheets.Asked(
        plan_id, "zh_CN", everywhere, everywhere, "http://x", datetime(2026, 6, 19, tzinfo=UTC)
    )
    printed = paging.pages(
        sheets.booklet(store, system_scope(), asked), Look("zh_CN", "Asia/Shanghai", Path("static"))
    )
    people = totals["people"]
    assert sum(one.people for one in printed if one.kind == "leaf") == people
    members = {one.more["member"]: one.more["people"] for one in printed if one.kind == "member"}
    assert sum(members.values()) == people
    arriving = {one.shelter.id: one.more["people"] for one in printed if one.kind == "shelter"}
    assert sum(arriving.values()) == totals["served_people"]


def on_the_board(browser, plan_id, homes, people, gone):
    commander = browser("commander")
    for step in ("approve", "activate"):
        answer = order(commander, plan_id, step)
        assert answer.status_code == 200, answer.get_data(as_text=True)
    board = browser("officer").get(f"/api/plans/{plan_id}/board").get_json()
    assert (board["totals"]["households"], board["totals"]["people"]) == (homes, people)
    assert {each["household"] for each in board["unserved"]} == gone
    assert sum(row["households"] for row in board["grids"]) == homes
    assert order(commander, plan_id, "close").status_code == 200


# ---- ground on which nothing works


def test_a_hazard_that_covers_everything(store, browser, ground):
    hazard = declared(browser, EVERYTHING)["id"]
    plan_id = drafted(store, browser, hazard)
    why = everybody(store, browser, hazard, plan_id, served=0, reasons={"no_shelter"})
    assert why["no_shelter"] == 108


def test_no_shelter_is_left(store, browser, ground):
    change(store, "UPDATE facility SET open = false WHERE source_key = ANY(:k)", k=list(PLACES))
    hazard = declared(browser)["id"]
    plan_id = drafted(store, browser, hazard)
    everybody(store, browser, hazard, plan_id, served=0, reasons={"no_shelter"})


def test_no_bed_is_left_but_for_three(store, browser, ground):
    change(
        store,
        "UPDATE shelter SET capacity = CASE WHEN facility_id = (SELECT id FROM facility"
        " WHERE source_key = 'east') THEN 6 ELSE 1 END WHERE facility_id IN"
        " (SELECT id FROM facility WHERE source_key = ANY(:k))",
        k=list(PLACES),
    )
    hazard = declared(browser)["id"]
    plan_id = drafted(store, browser, hazard)
    why = everybody(store, browser, hazard, plan_id, served=3)
    assert set(why) == {"full"}


def test_all_roads_are_closed(store, browser, ground):
    change(
        store,
        "INSERT INTO road_closure (area_code, reason, geom) VALUES (:area, 'x',"
        " ST_GeomFromText(:wkt, 4326))",
        area=COUNTY,
        wkt=EVERYTHING.wkt,
    )
    hazard = declared(browser)["id"]
    plan_id = drafted(store, browser, hazard)
    everybody(store, browser, hazard, plan_id, served=0, reasons={"cut_off"})


def test_all_ground_is_impassable(store, browser, ground):
    hazard = declared(browser, blocked=mapping(block(-3, -3, 13, 8)))["id"]
    plan_id = drafted(store, browser, hazard)
    everybody(store, browser, hazard, plan_id, served=0, reasons={"cut_off", "no_shelter"})


def test_one_household_has_no_road(store, browser, ground):
    """It lies out in the fields: it is on the lists with its reason, and the others are served."""
    far = change(
        store,
        "INSERT INTO household (area_code, source_key, address, people, placed_by, geom)"
        " VALUES ('990101003001', 'fields', 'x', 5, 'hand',"
        " ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))",
        lon=WEST - 0.02,
        lat=SOUTH + 0.002,
    )
    assert far == 1
    hazard = declared(browser, FLOOD.union(block(-22, 1, -0.1, 3)))["id"]
    plan_id = drafted(store, browser, hazard)
    why = everybody(store, browser, hazard, plan_id)
    assert why == {"not_snapped": 1}
    change(
        store,
        "DELETE FROM arrival; DELETE FROM call_step; DELETE FROM call_out;"
        " UPDATE household SET geom = (SELECT geom FROM household WHERE source_key = 'lattice-0')"
        " WHERE source_key = 'fields'",
    )


def test_a_wheelchair_and_no_accessible_shelter(store, browser, ground):
    change(
        store,
        "UPDATE shelter SET accessible = false WHERE facility_id IN"
        " (SELECT id FROM facility WHERE source_key = ANY(:k))",
        k=list(PLACES),
    )
    change(
        store,
        "INSERT INTO household_need (household_id, area_code, kind, people) SELECT id, area_code,"
        " 'wheelchair', 1 FROM household WHERE source_key IN ('lattice-1', 'lattice-5')",
    )
    hazard = declared(browser)["id"]
    plan_id = drafted(store, browser, hazard)
    why = everybody(store, browser, hazard, plan_id)
    assert why == {"no_accessible_shelter": 2}


def test_a_hazard_with_a_hole_says_who_is_surrounded(store, browser, ground):
    """Whoever lives in the hole is not to leave, and is told apart: the way out is shut."""
    hole = block(1.0, 1.0, 2.0, 2.0)
    made = declared(browser, FLOOD.difference(hole))
    hazard = made["id"]
    found = browser("officer").get(f"/api/hazards/{hazard}/affected").get_json()
    whole = post(browser("officer"), "/api/hazards/preview", {"geometry": mapping(FLOOD)})
    inside = value(
        store,
        "SELECT count(*) FROM household WHERE ST_Intersects(geom, ST_GeomFromText(:wkt, 4326))",
        wkt=hole.wkt,
    )
    assert inside >= 3
    assert found["surrounded"]["households"] == inside
    assert found["households"] + inside == whole.get_json()["households"]
    assert found["people"] + found["surrounded"]["people"] == whole.get_json()["people"]
    assert whole.get_json()["surrounded"] == {"households": 0, "people": 0}
    plan_id = drafted(store, browser, hazard)
    everybody(store, browser, hazard, plan_id)
    homes = value(
        store,
        "SELECT count(*) FROM assignment AS a JOIN household AS h ON h.id = a.household_id"
        " WHERE a.plan_id = :id AND ST_Intersects(h.geom, ST_GeomFromText(:wkt, 4326))",
        id=plan_id,
        wkt=hole.buffer(-1e-6).wkt,
    )
    assert homes == 0


# ---- what changes while somebody is at it


def test_a_capacity_that_changes_during_the_draft_makes_it_stale(
    store, browser, ground, monkeypatch
):
    """The draft is of the look it took; what changed meanwhile is said, and approving asks why."""
    hazard = declared(browser)["id"]
    asked = post(browser("officer"), "/api/plans", {"hazard": hazard}).get_json()
    real = plans.save

    def late(tx, *more, **other):
        change(
            store,
            "UPDATE shelter SET capacity = 3 WHERE facility_id IN"
            " (SELECT id FROM facility WHERE source_key = ANY(:k))",
            k=list(PLACES),
        )
        return real(tx, *more, **other)

    monkeypatch.setattr(plans, "save", late)
    work(store, asked["job"])
    plan_id = asked["plan"]
    head = browser("officer").get(f"/api/plans/{plan_id}").get_json()
    assert (head["state"], head["stale"], head["changed"]) == ("drafted", True, ["shelter"])
    commander = browser("commander")
    headers = {"X-CSRFToken": token_of(commander), "If-Match": f'"{head["revision"]}"'}
    silent = commander.post(
        f"/api/plans/{plan_id}/approve", json={"check": head["check"]}, headers=headers
    )
    assert silent.status_code == 409
    assert "shelter" in str(silent.get_json()) or "安置" in str(silent.get_json())
    everybody(store, browser, hazard, plan_id)


def test_two_officers_set_the_same_plan_going_at_once(app, store, browser, ground):
    hazard = declared(browser)["id"]
    plan_id = drafted(store, browser, hazard)
    assert order(browser("commander"), plan_id, "approve").status_code == 200
    head = browser("officer").get(f"/api/plans/{plan_id}").get_json()
    clients = []
    for _ in range(6):
        clients.append(app.test_client())
        sign_in(clients[-1], "commander")
    tokens = [token_of(each) for each in clients]
    ready = threading.Barrier(len(clients))

    def press(client, token):
        ready.wait(10)
        headers = {"X-CSRFToken": token, "If-Match": f'"{head["revision"]}"'}
        return client.post(f"/api/plans/{plan_id}/activate", json={}, headers=headers).status_code

    with ThreadPoolExecutor(len(clients)) as pool:
        codes = sorted(pool.map(press, clients, tokens))
    assert codes == [200] + [409] * 5
    said = value(
        store,
        "SELECT count(*) FROM event WHERE kind = 'plan.activated' AND subject_id = :id",
        id=str(plan_id),
    )
    homes = value(store, "SELECT count(*) FROM assignment WHERE plan_id = :id", id=plan_id)
    called = value(store, "SELECT count(*) FROM call_out WHERE plan_id = :id", id=plan_id)
    assert (said, called) == (1, homes)


def test_two_plans_of_one_hazard_set_going_at_once_are_one_in_force(app, store, browser, ground):
    hazard = declared(browser)["id"]
    both = [drafted(store, browser, hazard), drafted(store, browser, hazard, tolerance=3)]
    for each in both:
        order(browser("commander"), each, "approve")
    clients = [app.test_client(), app.test_client()]
    for each in clients:
        sign_in(each, "commander")
    ready = threading.Barrier(2)

    def press(client, plan_id):
        ready.wait(10)
        return order(client, plan_id, "activate").status_code

    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(press, clients, both))
    states = sorted(
        browser("officer").get(f"/api/plans/{each}").get_json()["state"] for each in both
    )
    assert states.count("active") == 1, (states, codes)
    assert set(codes) <= {200, 409}


def test_printing_while_it_is_planned_again_prints_one_plan_whole(store, browser, ground):
    """What is printed is one version from its first sheet to its last, whatever is saved beside."""
    hazard = declared(browser)["id"]
    plan_id = drafted(store, browser, hazard)
    totals = browser("officer").get(f"/api/plans/{plan_id}").get_json()["totals"]
    change(store, "UPDATE facility SET open = false WHERE source_key = 'east'")
    again = post(browser("officer"), f"/api/plans/{plan_id}/replan", {}).get_json()
    before = words(browser("officer").get(f"/plans/{plan_id}/print.pdf"))
    real = sheets_web.sheets.booklet

    def while_saved(*given, **more):
        made = real(*given, **more)
        work(store, again["job"])  # saved between the look and the paper
        return made

    with ExitStack() as stack:
        stack.enter_context(patch.object(sheets_web.sheets, "booklet", while_saved))
        during = browser("officer").get(f"/plans/{plan_id}/print.pdf")
    assert words(during) == before
    head = browser("officer").get(f"/api/plans/{plan_id}").get_json()
    assert head["totals"] == totals
    newer = browser("officer").get(f"/api/plans/{again['plan']}").get_json()
    assert newer["state"] == "drafted"
    east = value(store, "SELECT id FROM facility WHERE source_key = 'east'")
    assert all(row["shelter"] != east for row in listed(browser, again["plan"]))
    everybody(store, browser, hazard, again["plan"])


def words(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)
    text = [page.extract_text() for page in PdfReader(io.BytesIO(answer.get_data())).pages]
    # the minute of printing stands at the foot of each
    return [[line for line in page.splitlines() if "打印" not in line] for page in text]


# ---- files and messages


def raster(values, *, epsg=4326, corner=(WEST, SOUTH + 0.004), cell=0.001, nodata=None):
    system = {4326: (1024, 0, 1, 2, 2048, 0, 1, 4326)}.get(epsg, (1024, 0, 1, 1, 3072, 0, 1, epsg))
    tags = {
        33550: (cell, cell, 0.0),
        33922: (0.0, 0.0, 0.0, *corner, 0.0),
        34735: (1, 1, 0, 2, *system[:4], *system[4:]),
    }
    if nodata is not None:
        tags[42113] = str(nodata)
    stream = io.BytesIO()
    Image.fromarray(np.asarray(values, dtype=np.float32)).save(stream, "TIFF", tiffinfo=tags)
    return stream.getvalue()


def read(store, browser, content):
    officer = browser("officer")
    sent = officer.post(
        "/api/uploads",
        query_string={"kind": "hazards", "name": "depth.tif"},
        data=content,
        content_type="application/octet-stream",
        headers={"X-CSRFToken": token_of(officer)},
    )
    assert sent.status_code == 202, sent.get_data(as_text=True)
    made = sent.get_json()
    work(store, made["job"])
    return officer.get(f"/api/uploads/{made['upload']}").get_json()


def test_a_raster_of_depths_in_another_projection_lands_where_it_belongs(store, browser, ground):
    to_metres = Transformer.from_crs(4326, 32650, always_xy=True)
    corner = to_metres.transform(WEST, SOUTH + 0.004)
    depths = np.full((4, 4), 0.7)
    found = read(store, browser, raster(depths, epsg=32650, corner=corner, cell=100.0))
    assert found["state"] == "read", found
    taken = post(browser("officer"), f"/api/uploads/{found['id']}/take", {})
    work(store, taken.get_json()["job"])
    hazard = value(store, "SELECT max(id) FROM hazard WHERE state = 'declared'")
    affected = browser("officer").get(f"/api/hazards/{hazard}/affected").get_json()
    assert affected["households"] >= 30
    plan_id = drafted(store, browser, hazard)
    everybody(store, browser, hazard, plan_id)


@pytest.mark.parametrize(
    ("values", "more", "words_"),
    [
        (np.full((4, 4), -9999.0), {"nodata": -9999}, ("no cell has data",)),
        (np.full((4, 4), np.nan), {}, ("no cell has data",)),
        (np.full((4, 4), 0.01), {}, ("no cell reaches",)),
        (np.full((4, 4), 1.0), {"corner": (SOUTH, WEST)}, ("swapped", "outside", "degrees")),
    ],
    ids=["nothing but no-data", "not a number", "too shallow", "lat and lon swapped"],
)
def test_a_raster_with_nothing_in_it_is_refused_and_declares_nothing(
    store, browser, ground, values, more, words_
):
    before = value(store, "SELECT count(*) FROM hazard")
    found = read(store, browser, raster(values, **more))
    assert found["state"] == "refused", found
    assert any(word in found["faults"][0]["message"] for word in words_), found["faults"]
    assert value(store, "SELECT count(*) FROM hazard") == before


@pytest.mark.parametrize(
    ("geometry", "place"),
    [
        ({"type": "Polygon", "coordinates": [[[30.5, 114.5], [30.5, 114.51], [30.51, 114.5],
                                              [30.5, 114.5]]]}, "geometry"),
        ({"type": "Polygon", "coordinates": [[[114.5, 30.5], [114.51, 30.5]]]}, "geometry"),
        ({"type": "Polygon", "coordinates": []}, "geometry"),
        ({"type": "Point", "coordinates": [114.5, 30.5]}, "geometry"),
        ({"type": "Polygon", "coordinates": [[[14.5, 30.5], [14.51, 30.5], [14.51, 30.51],
                                              [14.5, 30.5]]]}, "geometry"),
    ],
    ids=["lat and lon swapped", "no ring", "empty", "a point", "another country"],
)  # fmt: skip
def test_a_drawn_hazard_that_is_none_is_refused_by_its_place(browser, ground, geometry, place):
    new = {"kind": "flood", "name": "x", "severity": "red", "geometry": geometry}
    for address in ("/api/hazards", "/api/hazards/preview"):
        body = new if address == "/api/hazards" else {"geometry": geometry}
        answer = post(browser("officer"), address, body)
        assert answer.status_code == 400, (address, answer.get_data(as_text=True))


def cap(ring):
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>bad-{abs(hash(ring))}</identifier>
<sender>warn@bureau.example</sender><sent>{now}</sent><status>Actual</status>
<msgType>Alert</msgType><scope>Public</scope><info><language>zh-CN</language>
<category>Met</category><event>暴雨</event><urgency>Immediate</urgency><severity>Severe</severity>
<certainty>Likely</certainty><expires>2199-01-01T00:00:00+00:00</expires>
<senderName>x</senderName><headline>x</headline><description>x</description>
<instruction>x</instruction><area><areaDesc>x</areaDesc><polygon>{ring}</polygon></area></info>
</alert>""".encode()


def corners(shape):
    return [f"{y:.6f},{x:.6f}" for x, y in shape.exterior.coords]


def send_cap(browser, ring):
    officer = browser("officer")
    return officer.post(
        "/api/alerts/cap",
        data=cap(" ".join(ring)),
        content_type="application/cap+xml",
        headers={"X-CSRFToken": token_of(officer)},
    )


def test_a_warning_with_an_open_ring_becomes_the_evacuation_it_means(store, browser, ground):
    answer = send_cap(browser, corners(FLOOD)[:-1])
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found = answer.get_json()
    assert [each["kind"] for each in found["notes"]] == ["closed"]
    made = post(browser("officer"), f"/api/alerts/{found['id']}/declare", {})
    assert made.status_code in (200, 201), made.get_data(as_text=True)
    hazard = value(store, "SELECT max(id) FROM hazard WHERE state = 'declared'")
    plan_id = drafted(store, browser, hazard)
    everybody(store, browser, hazard, plan_id)


def test_a_warning_with_lat_and_lon_swapped_is_refused_and_says_so(store, browser, ground):
    swapped = [",".join(reversed(each.split(","))) for each in corners(FLOOD)]
    answer = send_cap(browser, swapped)
    assert answer.status_code == 400
    assert "swapped" in str(answer.get_json())


def test_a_warning_of_six_thousand_corners_is_thinned_and_serves_everybody(store, browser, ground):
    round_ = FLOOD.centroid.buffer(0.0025, quad_segs=1510)
    ring = [f"{y:.8f},{x:.8f}" for x, y in round_.exterior.coords]
    assert len(ring) > 6_000
    answer = send_cap(browser, ring)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found = answer.get_json()
    assert [each["kind"] for each in found["notes"]] == ["simplified"]
    assert post(browser("officer"), f"/api/alerts/{found['id']}/declare", {}).status_code < 300
    hazard = value(store, "SELECT max(id) FROM hazard WHERE state = 'declared'")
    plan_id = drafted(store, browser, hazard)
    everybody(store, browser, hazard, plan_id)


def test_who_belongs_to_another_area_learns_nothing_of_any_of_it(store, browser, ground):
    hazard = declared(browser)["id"]
    plan_id = drafted(store, browser, hazard)
    stranger = browser("stranger")
    for address in ("", "/assignments", "/routes", "/board"):
        assert stranger.get(f"/api/plans/{plan_id}{address}").status_code == 404
    assert stranger.get(f"/plans/{plan_id}/print.pdf").status_code == 404
    with store.transaction(Scope(("990102",))) as tx:
        assert tx.value("SELECT count(*) FROM assignment WHERE plan_id = :id", id=plan_id) == 0
