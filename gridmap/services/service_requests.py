"""Services households want: listed masked, written down, met or withdrawn, each with a trace."""

from collections.abc import Sequence
from typing import Any

from gridmap.model import service_words
from gridmap.model.access import Permission
from gridmap.model.problem import Problem, conflict, not_found
from gridmap.problems import bad_value
from gridmap.services import masking, reading
from gridmap.services.access import Viewer
from gridmap.services.care_areas import chosen
from gridmap.store import care_run, event, household, service_offer, service_request
from gridmap.store.database import Database, Row, Transaction

_AREAS = (15, 12, 9, 6)  # digits of the areas whose run may speak of a household


def listing(  # noqa: PLR0913 - what part of the list
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    *,
    area_code: str | None = None,
    state: str = "open",
    service: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> dict[str, Any]:
    """List wishes by household; a wish tells a need, so the list is for those who may read needs.

    Raises
    ------
    Problem
        404 for an area in which this person may not read needs.
    """
    area = chosen(viewer, area_code, Permission.HOUSEHOLD_PERSONAL)
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_PERSONAL, request_id)) as tx:
        rows = service_request.listing(
            tx, area=area, state=state, service=service, after=after, limit=limit + 1
        )
        homes = sorted({row["household_id"] for row in rows})
        last = homes[limit - 1] if len(homes) > limit else None
        shown = [row for row in rows if last is None or row["household_id"] <= last]
        found = _found(tx, area, shown)
        items = [_listed(row, found) for row in shown]
        if items:
            reading.note_listing(tx, [area], "requests", len(items))
        now = tx.value("SELECT now()")
    return {"area": area, "items": items, "next": last, "as_of": now.isoformat()}


def _found(tx: Transaction, area: str, rows: Sequence[Row]) -> dict[tuple[int, str], Row]:
    """Give what the newest run that a person may see found for these wishes."""
    runs = [care_run.latest(tx, area[:length]) for length in _AREAS if length <= len(area)]
    run = next((each for each in runs if each is not None), None)
    if run is None:
        return {}
    homes = sorted({row["household_id"] for row in rows})
    return {
        (row["household_id"], row["service"]): row
        for row in care_run.proposals(tx, run["id"], homes)
    }


def _listed(row: Row, found: dict[tuple[int, str], Row]) -> dict[str, Any]:
    code = row["area_code"]
    proposal = found.get((row["household_id"], row["service"]))
    return {
        "household": row["household_id"],
        "address": row["address"],
        "householder": masking.mask_name(row["householder"]),
        "people": row["people"],
        "grid": code if len(code) == 15 else None,
        "service": row["service"],
        "needs": list(row["needs"]),
        "source": row["source"],
        "state": row["state"],
        "since": row["since"].isoformat(),
        "offer": None if row["offer_id"] is None else {"id": row["offer_id"], "name": row["offer"]},
        "version": row["revision"],
        "proposal": None
        if proposal is None or row["state"] != "open"
        else {
            "offer": proposal["offer_id"],
            "name": proposal["offer"],
            "metres": None if proposal["metres"] is None else round(proposal["metres"]),
            "reason": proposal["reason"],
        },
    }


def decide(  # noqa: PLR0913 - who wants what, and what becomes of it
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    household_id: int,
    service: str,
    *,
    state: str,
    source: str,
    offer_id: int | None,
    seen: int,
) -> dict[str, Any]:
    """Write a wish down, or say that it is met or not wanted.

    Parameters
    ----------
    seen
        Version of the wish that the person has read; 0 for one nobody has written down.

    Raises
    ------
    Problem
        400 for a service nobody knows or an offer that does not have it; 404 for a household in
        which this person may not read needs; 409 if somebody has decided meanwhile, there is no
        such wish, or the offer is full.
    """
    if service not in service_words.SERVICES:
        raise bad_value("service", f"{service} is not one of {', '.join(service_words.SERVICES)}")
    if offer_id is not None and state != "met":
        raise bad_value("offer", "only a wish that is met names who meets it")
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_PERSONAL, request_id)) as tx:
        home = household.read(tx, household_id, lock=True)
        if home is None:
            raise not_found(f"household {household_id}")
        code = home["area_code"]
        before = service_request.one(tx, code, household_id, service)
        if (before["revision"] if before else 0) != seen:
            raise Problem(
                409,
                "Changed meanwhile",
                "Somebody has decided about this wish; look at it again, then repeat your change",
            )
        if before is None and state != "open":
            raise conflict("this household does not want that service")
        if offer_id is not None:
            _room(tx, offer_id, service, code, before)
        version = service_request.put(
            tx,
            area_code=code,
            household_id=household_id,
            service=service,
            source=before["source"] if before else source,
            state=state,
            offer_id=offer_id,
        )
        event.record(
            tx,
            "service_request.changed",
            area_code=code,
            subject_id=household_id,
            payload={"household": household_id, "offer": offer_id, "version": version},
        )
    return {"household": household_id, "service": service, "state": state, "version": version}


def _room(tx: Transaction, offer_id: int, service: str, code: str, before: Row | None) -> None:
    offer = service_offer.read(tx, offer_id, lock=True)
    if offer is None or offer["area_code"][:6] != code[:6]:
        raise not_found(f"service offer {offer_id}")
    if not offer["in_force"] or service not in offer["services"]:
        raise bad_value("offer", "this offer does not have that service now")
    mine = before is not None and before["offer_id"] == offer_id
    if offer["met"] - mine >= offer["capacity"]:
        raise conflict(f"service offer {offer_id} is full")
