"""Services in the demo town: who offers help, and who has asked for it. All of it is simulated."""

from datetime import date
from typing import Any

from gridmap.model.access import system_scope
from gridmap.services import care_matches
from gridmap.services.jobs import wait
from gridmap.store import care_run, event, service_demo, service_offer
from gridmap.store.database import Database, Transaction

_SOURCE = "演示：供给是模拟的"
_BEGINS = date(2026, 1, 1)
# Who, beside which facilities, how many, called what, which services, households a week, metres.
_PLACED: tuple[tuple[str, tuple[str, ...], int, str, tuple[str, ...], int, int], ...] = (
    (
        "volunteers",
        ("school", "kindergarten"),
        8,
        "志愿队",
        ("company", "errands", "escort"),
        150,
        1500,
    ),
    ("market", ("supply_point", "market"), 5, "便民助餐点", ("meals", "errands"), 200, 1000),
    ("room", ("clinic", "school"), 5, "闲置教室", ("activities", "child_care"), 80, 1500),
    ("charity", ("clinic", "hospital"), 3, "慈善护理站", ("nursing", "bathing"), 60, 2500),
)
# One in so many households asks for one of these.
_ASKED = ("repairs", "errands", "counsel", "activities")
_EVERY = 90


def load(database: Database, county: str) -> int:
    """Give the town its offers and wishes once, and bring them together; the number of offers."""
    with database.transaction(system_scope()) as tx:
        count = 0 if service_demo.there(tx, county) else _fill(tx, county)
        run = care_run.latest(tx, county)
    if run is None:
        wait(database, system_scope(), care_matches.request(database, system_scope(), county))
    return count


def _fill(tx: Transaction, county: str) -> int:
    offers = []
    for provider, kinds, count, name, services, capacity, reach in _PLACED:
        for spot in service_demo.spots(tx, county, kinds, count):
            offers.append(
                _offer(provider, f"{spot['name_zh']}{name}", services, capacity)
                | {"area_code": spot["area_code"], "reach_metres": reach}
                | {"lon": spot["lon"], "lat": spot["lat"]}
            )
    for town in service_demo.townships(tx, county):
        offers.append(
            _offer("social_worker", f"{town['name_zh']}社工站", ("company", "counsel"), 120)
            | {"area_code": town["code"], "reach_metres": None, "lon": None, "lat": None}
        )
    for offer in offers:
        service_offer.insert(tx, offer)
    service_demo.ask(tx, county, _ASKED, every=_EVERY)
    event.record(
        tx,
        "service_offer.changed",
        area_code=county,
        subject_id="demo",
        payload={"offers": len(offers)},
    )
    return len(offers)


def _offer(provider: str, name: str, services: tuple[str, ...], capacity: int) -> dict[str, Any]:
    return {
        "provider": provider,
        "name": name,
        "contact": None,
        "services": list(services),
        "capacity": capacity,
        "hours": None,
        "valid_from": _BEGINS,
        "valid_to": None,
        "source": _SOURCE,
    }
