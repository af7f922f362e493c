"""Facilities kept by hand: one more, another place or crew, off duty and back, given up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shapely.geometry import Point

from gridmap.model.access import Permission
from gridmap.model.facility import KINDS
from gridmap.model.problem import Problem, not_found
from gridmap.problems import bad_value
from gridmap.services import county_turns, coverage_refresh, facility_checks
from gridmap.services.access import Viewer
from gridmap.store import area, coverage_ground, coverage_standards, event
from gridmap.store import facility as rows
from gridmap.store.database import Database, Row, Transaction

# what people say of a facility, as they name it
SAID = (
    *("kind", "name", "name_en", "address", "at", "open", "closed_why", "closed_until"),
    *("retired", "crew", "level", "hours", "capacity", "accessible"),
    # who opens a shelter, and how messages reach them
    *("keeper", "keeper_phone", "keeper_mail"),
)


def read(database: Database, viewer: Viewer, facility_id: int) -> dict[str, Any]:
    """Give all that is said of a facility, with `revision` and who changed it last.

    Raises
    ------
    Problem
        404 for a facility outside this person's areas.
    """
    with database.transaction(viewer.scope(Permission.FACILITY_EDIT)) as tx:
        return _shown(_read(tx, viewer, facility_id))


def kinds(database: Database, viewer: Viewer) -> list[str]:
    """Give the kinds that a facility may be of: those everybody knows, and the county's own."""
    with database.transaction(viewer.scope(Permission.FACILITY_EDIT)) as tx:
        return sorted(KINDS | coverage_standards.kinds(tx))


def add(
    database: Database, viewer: Viewer, request_id: str | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Write down a facility; what is computed from its kind is asked for anew.

    Parameters
    ----------
    given
        `kind`, `name` and `at` (longitude, latitude); any other of `SAID`.

    Raises
    ------
    Problem
        400 by field, also for a place outside this person's areas.
    """
    values = {**dict.fromkeys(SAID), "open": True, "retired": False, "accessible": False, **given}
    facility_checks.check(values)
    with database.transaction(viewer.scope(Permission.FACILITY_EDIT, request_id)) as tx:
        facility_checks.check_kind(values["kind"], coverage_standards.kinds(tx))
        facility_checks.check_shelter(values)
        code = _area(tx, viewer, values["at"])
        number = rows.insert(tx, _stored(values, code))
        coverage_refresh.ask(tx, code)
        _note(tx, "facility.added", code, number, values["kind"], sorted(given))
        return _shown(_read(tx, viewer, number))


def edit(  # noqa: PLR0913, PLR0917 - who, what, and what was seen before
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    facility_id: int,
    changes: Mapping[str, Any],
    seen: int,
) -> dict[str, Any]:
    """Change a facility; what is computed from it is asked for anew.

    Parameters
    ----------
    changes
        Any of `SAID`; what is not named stays, but for the reason and the end of a time off
        duty, which are gone with it.
    seen
        Revision that the person has read.

    Returns
    -------
    dict
        The facility as it is now, with `revision`.

    Raises
    ------
    Problem
        400 by field; 404 for a facility outside this person's areas; 409 if somebody else has
        changed it meanwhile.
    """
    facility_checks.check(changes)
    with database.transaction(viewer.scope(Permission.FACILITY_EDIT, request_id)) as tx:
        before = _read(tx, viewer, facility_id, seen)
        was = _said(before)
        values = _settled({**was, **changes}, changes)
        facility_checks.check_change(was, values, changes)
        if values["kind"] != was["kind"]:
            facility_checks.check_kind(values["kind"], coverage_standards.kinds(tx))
        facility_checks.check_shelter(values)
        changed = [name for name in SAID if values[name] != was[name]]
        if not changed:
            return _shown(before)
        code = before["area_code"]
        if "at" in changed:
            code = _moved(tx, viewer, before, values["at"])
        rows.update(tx, facility_id, _stored(values, code))
        coverage_refresh.ask(tx, code)
        if before["area_code"][:6] != code[:6]:
            coverage_refresh.ask(tx, before["area_code"])
        _note(tx, "facility.changed", code, facility_id, values["kind"], changed)
        return _shown(_read(tx, viewer, facility_id))


def open_due(database: Database) -> int:
    """Put on duty again what was off duty until now, so that open maps and coverage hear of it.

    Safe to run in several places at once.
    """

    def tell(tx: Transaction, row: Row) -> None:
        fields = ["open", "closed_until"]
        _note(tx, "facility.changed", row["area_code"], row["id"], row["kind"], fields)

    return county_turns.turned(database, rows.counties_due, rows.open_due, tell)


def _settled(values: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Let what hangs together agree: given up is off duty, and on duty needs no reason."""
    if values["retired"]:
        values["open"] = False
        values["closed_why"] = values["closed_until"] = None
    elif values["open"]:
        for name in ("closed_why", "closed_until"):
            if changes.get(name) is None:
                values[name] = None
    return values


def _read(tx: Transaction, viewer: Viewer, facility_id: int, seen: int | None = None) -> Row:
    found = rows.read(tx, facility_id, lock=seen is not None)
    if found is None or not viewer.may(Permission.FACILITY_EDIT, found["area_code"]):
        raise not_found(f"facility {facility_id}")
    if seen is not None and found["revision"] != seen:
        raise _moved_on(found)
    return found


def _moved_on(found: Row) -> Problem:
    changed = found["changed_at"]
    return Problem(
        409,
        "Changed meanwhile",
        f"the facility is at revision {found['revision']} now: read it again",
        [],
        {
            "version": found["revision"],
            "person": found["changed_by"],
            "changed_at": None if changed is None else changed.isoformat(),
        },
    )


def _moved(tx: Transaction, viewer: Viewer, before: Row, at: tuple[float, float]) -> str:
    """Find whose it is at another place.

    What a file has brought stays with the area of that file: the next one is to find it there.
    Anything else stays with its area if that reaches there.
    """
    now_in: str = before["area_code"]
    code = _area(tx, viewer, at)
    if not before["by_hand"]:
        if code[:6] != now_in[:6]:
            raise bad_value("at", "outside the county")
        return now_in
    return now_in if rows.reaches(tx, now_in, *at) else code


def _area(tx: Transaction, viewer: Viewer, at: tuple[float, float]) -> str:
    """Find whose a place is."""
    code = area.smallest_around(tx, Point(at).wkb)
    if code is None:
        raise bad_value("at", "outside the county")
    if not viewer.may(Permission.FACILITY_EDIT, code):
        raise bad_value("at", "this place is outside your areas")
    if coverage_ground.county_parts(tx, code, [at]) == ["water"]:
        raise bad_value("at", "this is in water")
    return code


def _said(row: Row) -> dict[str, Any]:
    return {
        **{name: row[name] for name in SAID if name in row},
        "at": (row["lon"], row["lat"]),
        "retired": row["retired_at"] is not None,
        "accessible": bool(row["accessible"]),
    }


def _stored(values: Mapping[str, Any], code: str) -> dict[str, Any]:
    lon, lat = values["at"]
    rest = {name: value for name, value in values.items() if name != "at"}
    return {**rest, "area_code": code, "lon": lon, "lat": lat}


def _shown(row: Row) -> dict[str, Any]:
    times = {name: row[name] for name in ("closed_until", "changed_at")}
    return {
        "id": row["id"],
        "area": row["area_code"],
        **_said(row),
        **{name: _iso(time) for name, time in times.items()},
        "changed_by": row["changed_by"],
        "revision": row["revision"],
    }


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _note(  # noqa: PLR0913, PLR0917 - the parts of an event
    tx: Transaction, event_kind: str, code: str, number: int, kind: str, fields: list[str]
) -> None:
    event.record(
        tx,
        event_kind,
        area_code=code,
        subject_id=number,
        payload={"facility": number, "kind": kind, "fields": fields},
    )
