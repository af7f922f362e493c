"""Offers of help: written down, put right and ended by those who look after facilities."""

from collections.abc import Mapping
from typing import Any

from shapely.geometry import Point

from gridmap.model import service_words
from gridmap.model.access import Permission
from gridmap.model.problem import Problem, bad_input, conflict, not_found
from gridmap.problems import bad_value, fault
from gridmap.services.access import Viewer
from gridmap.services.care_areas import chosen
from gridmap.store import area, event, service_offer
from gridmap.store.database import Database, Row, Transaction


def listing(
    database: Database, viewer: Viewer, area_code: str | None, *, ended: bool = False
) -> list[dict[str, Any]]:
    """List the offers of the county of an area.

    Raises
    ------
    Problem
        404 for an area that is not this person's.
    """
    code = chosen(viewer, area_code, Permission.COVERAGE_VIEW)
    with database.transaction(viewer.scope(Permission.COVERAGE_VIEW)) as tx:
        rows = service_offer.listing(tx, code, ended=ended)
    return [_shown(viewer, row) for row in rows]


def add(
    database: Database, viewer: Viewer, request_id: str | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Write an offer down.

    Raises
    ------
    Problem
        400 by field; 404 for an area that is not this person's.
    """
    with database.transaction(viewer.scope(Permission.FACILITY_EDIT, request_id)) as tx:
        number = service_offer.insert(tx, _checked(tx, viewer, given))
        row = _read(tx, viewer, number)
        _note(tx, row, "service_offer.changed")
        return _shown(viewer, row)


def edit(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    offer_id: int,
    given: Mapping[str, Any],
    seen: int,
) -> dict[str, Any]:
    """Put an offer right.

    Raises
    ------
    Problem
        As `add`; 404 for an offer of elsewhere; 409 if somebody has changed it since `seen`, or
        more households have taken it up than it is to have room for.
    """
    with database.transaction(viewer.scope(Permission.FACILITY_EDIT, request_id)) as tx:
        before = _read(tx, viewer, offer_id, seen)
        offer = _checked(tx, viewer, given)
        if offer["capacity"] < before["met"]:
            raise conflict(f"{before['met']} households have taken it up already")
        service_offer.update(tx, offer_id, offer)
        row = _read(tx, viewer, offer_id)
        _note(tx, row, "service_offer.changed")
        return _shown(viewer, row)


def end(
    database: Database, viewer: Viewer, request_id: str | None, offer_id: int, seen: int
) -> dict[str, Any]:
    """End an offer: from today on nobody is sent to it. What it has met stays met.

    Raises
    ------
    Problem
        404 for an offer of elsewhere; 409 if it has ended or been changed since `seen`.
    """
    with database.transaction(viewer.scope(Permission.FACILITY_EDIT, request_id)) as tx:
        before = _read(tx, viewer, offer_id, seen)
        if not before["in_force"] and before["valid_to"] is not None:
            raise conflict(f"service offer {offer_id} has ended")
        service_offer.end(tx, offer_id)
        row = _read(tx, viewer, offer_id)
        _note(tx, row, "service_offer.ended")
        return _shown(viewer, row)


def _read(tx: Transaction, viewer: Viewer, offer_id: int, seen: int | None = None) -> Row:
    row = service_offer.read(tx, offer_id, lock=seen is not None)
    if row is None or not viewer.may(Permission.FACILITY_EDIT, row["area_code"]):
        raise not_found(f"service offer {offer_id}")
    if seen is not None and row["revision"] != seen:
        raise Problem(
            409,
            "Changed meanwhile",
            "Somebody has changed this offer; look at it again, then repeat your change",
            [],
            {"version": row["revision"]},
        )
    return row


def _note(tx: Transaction, row: Row, kind: str) -> None:
    event.record(
        tx,
        kind,
        area_code=row["area_code"],
        subject_id=row["id"],
        payload={"capacity": row["capacity"], "version": row["revision"]},
    )


def _checked(tx: Transaction, viewer: Viewer, given: Mapping[str, Any]) -> dict[str, Any]:
    faults = []
    unknown = sorted(set(given["services"]) - set(service_words.SERVICES))
    known = ", ".join(service_words.SERVICES)
    if unknown:
        faults.append(fault("services", f"{', '.join(unknown)} is not one of {known}"))
    if len(set(given["services"])) != len(given["services"]):
        faults.append(fault("services", "a kind is given more than once"))
    place: Point | None = given["place"]
    if (place is None) != (given["reach_metres"] is None):
        faults.append(fault("reach_metres", "a place and its reach on foot go together"))
    if given["valid_to"] is not None and given["valid_to"] < given["valid_from"]:
        faults.append(fault("valid_to", "this is before the day on which it begins"))
    if faults:
        raise bad_input("This cannot be taken", faults)
    code = given["area"]
    if place is not None:
        code = area.smallest_around(tx, place.wkb)
        if code is None:
            raise bad_value("geometry", "outside the county")
        if not viewer.may(Permission.FACILITY_EDIT, code):
            raise bad_value("geometry", "this place is outside your areas")
    elif not viewer.may(Permission.FACILITY_EDIT, code) or not area.is_place(tx, code):
        raise not_found(f"area {code}")
    lon, lat = (None, None) if place is None else (place.x, place.y)
    names = ("provider", "name", "contact", "services", "capacity", "reach_metres", "hours")
    return {
        **{name: given[name] for name in (*names, "valid_from", "valid_to", "source")},
        "area_code": code,
        "lon": lon,
        "lat": lat,
    }


def _shown(viewer: Viewer, row: Row) -> dict[str, Any]:
    code = row["area_code"]
    close = any(
        viewer.may(permission, code)
        for permission in (Permission.HOUSEHOLD_PERSONAL, Permission.FACILITY_EDIT)
    )
    at = None if row["lon"] is None else [round(row["lon"], 6), round(row["lat"], 6)]
    return {
        "id": row["id"],
        "area": code,
        "provider": row["provider"],
        "name": row["name"],
        # whoever only looks at sums has nobody to ring up
        "contact": row["contact"] if close else None,
        "services": list(row["services"]),
        "capacity": row["capacity"],
        "met": row["met"],
        "at": at,
        "reach_metres": row["reach_metres"],
        "hours": row["hours"],
        "valid_from": row["valid_from"].isoformat(),
        "valid_to": row["valid_to"].isoformat() if row["valid_to"] else None,
        "in_force": row["in_force"],
        "source": row["source"],
        "version": row["revision"],
        "yours": viewer.may(Permission.FACILITY_EDIT, code),
    }
