"""Vehicles that fetch those who cannot walk: kept by hand, counted in every plan after."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata import opening
from geodata.errors import GeodataError
from gridmap.model.access import Permission
from gridmap.model.problem import bad_input, conflict, forbidden, not_found
from gridmap.problems import from_geodata
from gridmap.services.access import Viewer
from gridmap.store import area, event, plan_people
from gridmap.store import vehicle as rows
from gridmap.store.database import Database, Row, Transaction

# what people say of a vehicle, as they name it
SAID = ("name", "seats", "wheelchairs", "ready_minutes", "at", "hours", "contact", "in_use")
_PRESET: Mapping[str, Any] = {
    "wheelchairs": 0,
    "ready_minutes": 15,
    "hours": None,
    "contact": None,
    "in_use": True,
}


def at_hand(
    tx: Transaction, area_code: str, hazard_id: int | None = None
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Give the vehicles of a county that can be had now, and the names of those off duty.

    One that is off at this time of the week is not counted: nobody drives it. But those that drive
    for the plan in force of the hazard are called out, whatever their hours say.

    Returns
    -------
    vehicles, off
        As `plan_people.vehicles` without hours; names in order of the vehicles.
    """
    found = plan_people.vehicles(tx, area_code)
    now = rows.moment(tx)
    out = set() if hazard_id is None else plan_people.driving(tx, hazard_id)
    on_duty = np.array(
        [
            label in out or opening.is_open(hours, now["weekday"], now["minute"])
            for label, hours in found["hours"].items()
        ],
        dtype=bool,
    )
    off = [str(name) for name in found.loc[~on_duty, "name"]]
    return found.loc[on_duty].drop(columns="hours"), off


def listing(database: Database, viewer: Viewer) -> list[dict[str, Any]]:
    """List the vehicles of the county; those out of use stay in the list."""
    with database.transaction(viewer.scope(Permission.PLAN_VIEW)) as tx:
        return [_shown(row, viewer) for row in rows.listing(tx)]


def read(database: Database, viewer: Viewer, vehicle_id: int) -> dict[str, Any]:
    """Give one vehicle.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(viewer.scope(Permission.PLAN_VIEW)) as tx:
        row = rows.read(tx, vehicle_id)
    if row is None:
        raise not_found(f"vehicle {vehicle_id}")
    return _shown(row, viewer)


def add(
    database: Database, viewer: Viewer, request_id: str | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Write a vehicle down.

    Parameters
    ----------
    given
        `name`, `seats` and `at` (longitude, latitude); any other of `SAID`.

    Raises
    ------
    Problem
        400 for hours that are none or a place outside the county, 403 outside one's own areas.
    """
    values = {**_PRESET, **given}
    _check(values)
    with database.transaction(viewer.scope(Permission.PLAN_DRAFT, request_id)) as tx:
        code = _area(tx, values["at"])
        number = rows.insert(tx, _stored(values, code))
        event.record(
            tx,
            "vehicle.added",
            area_code=code,
            subject_id=number,
            payload={"seats": values["seats"], "wheelchairs": values["wheelchairs"]},
        )
        return _shown(_there(rows.read(tx, number)), viewer)


def edit(  # noqa: PLR0913, PLR0917 - who, what, and what was seen before
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    vehicle_id: int,
    changes: Mapping[str, Any],
    seen: int,
) -> dict[str, Any]:
    """Change what is said of a vehicle, take it out of use or back.

    Parameters
    ----------
    changes
        Any of `SAID`; what is not named stays.
    seen
        Revision that the person has read.

    Raises
    ------
    Problem
        As `add`; 404 without the vehicle, 409 if somebody has changed it meanwhile.
    """
    with database.transaction(viewer.scope(Permission.PLAN_DRAFT, request_id)) as tx:
        before = rows.read(tx, vehicle_id, lock=True)
        if before is None or not viewer.may(Permission.PLAN_DRAFT, before["area_code"]):
            raise not_found(f"vehicle {vehicle_id}")
        if before["revision"] != seen:
            raise conflict(
                "somebody has changed this vehicle meanwhile", revision=before["revision"]
            )
        was = _said(before)
        values = {**was, **changes}
        _check(values)
        changed = [name for name in SAID if values[name] != was[name]]
        if not changed:
            return _shown(before, viewer)
        held = before["area_code"]
        code = _area(tx, values["at"], held) if "at" in changed else held
        rows.update(tx, vehicle_id, _stored(values, code))
        event.record(
            tx,
            "vehicle.changed",
            area_code=code,
            subject_id=vehicle_id,
            payload={"fields": changed},
        )
        return _shown(_there(rows.read(tx, vehicle_id)), viewer)


def _there(row: Row | None) -> Row:
    assert row is not None
    return row


def _check(values: Mapping[str, Any]) -> None:
    try:
        opening.check(values["hours"])
    except GeodataError as error:
        raise from_geodata(error, "hours") from error


def _area(tx: Transaction, at: tuple[float, float], held: str | None = None) -> str:
    """Give the area of a vehicle that starts at a place.

    A new one is of the person's own area; one that moves stays with who `held` it while it starts
    there, and is else of the smallest area around: the county that edits it takes it from nobody.
    """
    code = area.smallest_around(tx, shapely.Point(at).wkb)
    if code is None:
        raise bad_input("the vehicle lies outside the county")
    own = next((each for each in tx.scope.areas if code.startswith(each)), None)
    if own is None:
        raise forbidden(f"a vehicle in {code[:6]} is beyond your areas")
    if held is None:
        return own
    return held if code.startswith(held) else code


def _said(row: Row) -> dict[str, Any]:
    plain = {name: row[name] for name in SAID if name != "at"}
    return {**plain, "at": (row["lon"], row["lat"])}


def _stored(values: Mapping[str, Any], code: str) -> dict[str, Any]:
    plain = {name: values[name] for name in SAID if name != "at"}
    return {**plain, "area_code": code, "lon": values["at"][0], "lat": values["at"][1]}


def _shown(row: Row, viewer: Viewer) -> dict[str, Any]:
    """Give what people see of a vehicle; whom to call is for those of its own area."""
    said = _said(row)
    if not viewer.may(Permission.PLAN_VIEW, row["area_code"]):
        said["contact"] = None
    return {
        "id": row["id"],
        "area": row["area_code"],
        **said,
        "revision": row["revision"],
        "by": row["by"],
        "set_at": row["set_at"].isoformat(),
        "own": viewer.may(Permission.PLAN_DRAFT, row["area_code"]),
    }
