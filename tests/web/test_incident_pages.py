"""The list of incidents page by page: the newest first, of a day, those that ended when asked."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from webtown import post

from gridmap.model.access import system_scope

LAKE = [114.405, 30.51]
ZONE = ZoneInfo("Asia/Shanghai")
TODAY = datetime.now(ZONE).date()
PATH = "/api/incidents?sort=newest"


@pytest.fixture(scope="module")
def reports(browser, store):
    """Seven reports, an hour apart, the last two of the same moment; every third has ended."""
    client, keys = browser("member"), []
    for number in range(7):
        new = {
            "id": str(uuid.uuid4()),
            "category": "waterlogging",
            "title": f"路口积水 {number}",
            "level": 3,
            "geometry": {"type": "Point", "coordinates": LAKE},
        }
        assert post(client, "/api/incidents", new).status_code == 201
        keys.append(new["id"])
    with store.transaction(system_scope()) as tx:
        for number, key in enumerate(keys):
            tx.execute(
                "UPDATE incident SET reported_at = now() - interval '100 days'"
                " + :hours * interval '1 hour', state = :state WHERE id = :id",
                hours=min(number, 5),
                state="closed" if number % 3 == 0 else "verified",
                id=key,
            )
    return keys


def pages(client, address):
    """Follow `next` to the end; gives the pages."""
    found = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.data
        body = answer.get_json()
        found.append([(each["properties"]["reported_at"], each["id"]) for each in body["features"]])
        address = body["next"]
    return found


def test_pages_give_each_once_and_the_newest_first(browser, reports):
    client = browser("officer")
    found = pages(client, f"{PATH}&limit=2")
    assert all(len(page) == 2 for page in found[:-1])
    rows = [row for page in found for row in page]
    whole = client.get("/api/incidents").get_json()["features"]
    assert {key for _at, key in rows} == {each["id"] for each in whole} >= set(reports)
    assert len(rows) == len(whole)
    moments = [(datetime.fromisoformat(at), uuid.UUID(key)) for at, key in rows]
    assert moments == sorted(moments, reverse=True)


def test_those_that_ended_come_only_when_they_are_asked_for(browser, reports):
    client = browser("officer")
    ended = set(reports[::3])
    still = {key for page in pages(client, f"{PATH}&state=open&limit=3") for _at, key in page}
    assert not ended & still
    assert set(reports) - ended <= still
    closed = {key for page in pages(client, f"{PATH}&state=closed&limit=3") for _at, key in page}
    assert ended <= closed


def test_what_was_reported_after_a_day_was_not_there_yet(browser, store, reports):
    client = browser("officer")
    midnight = datetime.combine(TODAY - timedelta(days=40), datetime.min.time(), ZONE)
    with store.transaction(system_scope()) as tx:
        for key, moment in ((reports[1], midnight - timedelta(seconds=1)), (reports[2], midnight)):
            tx.execute("UPDATE incident SET reported_at = :at WHERE id = :id", at=moment, id=key)
    day = midnight.date()

    def there(until):
        return {key for page in pages(client, f"{PATH}&until={until}") for _at, key in page}

    assert {reports[1], reports[2]} & there(day - timedelta(days=1)) == {reports[1]}
    assert {reports[1], reports[2]} <= there(day)
    for wrong in ("20260101", "yesterday", ""):
        assert client.get(f"{PATH}&until={wrong}").status_code == 400
    assert client.get("/api/incidents?sort=oldest").status_code == 400


def test_a_page_of_a_grid_goes_on_where_the_last_one_ended(browser, reports):
    client = browser("officer")
    grids = client.get("/api/grids").get_json()["features"]
    address = f"/api/incidents?as_of={TODAY}"
    listed = client.get(address).get_json()["features"]
    then = {each["id"]: each["properties"]["grid_then"] for each in listed}
    here = then[reports[0]]
    assert here in {each["properties"]["code"] for each in grids}
    found = pages(client, f"{PATH}&as_of={TODAY}&area={here}&limit=2")
    keys = [key for page in found for _at, key in page]
    assert len(keys) == len(set(keys))
    assert set(keys) == {key for key, code in then.items() if code == here} >= set(reports)
