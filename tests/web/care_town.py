"""What the tests of care share: an offer, a household by its key, a run done as a worker does."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from webtown import COUNTY, post

from gridmap.model.access import system_scope
from gridmap.services import care_matches
from gridmap.services.progress import Silent
from gridmap.store import job
from gridmap.store.database import Database

OFFER = {
    "provider": "volunteers",
    "name": "湖边志愿队",
    "contact": "林队 13900001111",
    "services": ["escort", "meals"],
    "capacity": 1,
    "geometry": {"type": "Point", "coordinates": [114.405, 30.51]},
    "reach_metres": 800,
    "source": "县志愿者协会 2026 年名册",
}


def household(store: Database, key: str) -> int:
    """Give the number of a household by the key of its source."""
    with store.transaction(system_scope()) as tx:
        return int(tx.value("SELECT id FROM household WHERE source_key = :key", key=key))


def matched(store: Database, client: FlaskClient, area: str = COUNTY) -> dict[str, Any]:
    """Ask for a run and do it as a worker does; give the newest run."""
    answer = post(client, "/api/care/runs", {"area": area})
    assert answer.status_code == 202, answer.get_data(as_text=True)
    number = answer.get_json()["job"]
    with store.transaction(system_scope()) as tx:
        row = job.claim(tx, number)
    care_matches.run(store, row, Silent())
    with store.transaction(system_scope()) as tx:
        assert job.read(tx, number)["state"] == "done"
    return client.get(f"/api/care/runs?area={area}").get_json()["run"]


def forget(store: Database) -> None:
    """Take away what a test of care has written."""
    with store.transaction(system_scope()) as tx:
        for table in ("care_match", "care_run", "service_request", "service_offer", "road_closure"):
            tx.execute(f"DELETE FROM {table}")
