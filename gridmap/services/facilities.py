"""What people say of a facility: whether it is open, when, who goes out from it, for how many."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from geodata import opening
from geodata.errors import GeodataError
from gridmap.model.access import Permission
from gridmap.model.problem import conflict, not_found
from gridmap.problems import bad_values, fault
from gridmap.services import coverage_refresh
from gridmap.services.access import Viewer
from gridmap.store import event
from gridmap.store import facility as rows
from gridmap.store.database import Database, Row

_EDITABLE = ("open", "crew", "level", "hours", "capacity")
_LEVEL = re.compile(r"[a-z0-9_]{1,20}", re.ASCII)
_CREW, _MOST = 80, 1_000_000


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
        Any of `open`, `crew`, `level`, `hours` and `capacity`; what is not named stays.
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
    faults = list(_faults(changes))
    if faults:
        raise bad_values(faults)
    with database.transaction(viewer.scope(Permission.FACILITY_EDIT, request_id)) as tx:
        before = rows.read(tx, facility_id, lock=True)
        if before is None or not viewer.may(Permission.FACILITY_EDIT, before["area_code"]):
            raise not_found(f"facility {facility_id}")
        if before["revision"] != seen:
            raise conflict(
                f"the facility is at revision {before['revision']} now: read it again",
                version=before["revision"],
            )
        values = {name: before[name] for name in _EDITABLE} | dict(changes)
        if before["kind"] == "shelter" and values["capacity"] is None:
            raise bad_values([fault("capacity", "a shelter says how many people it takes")])
        changed = [name for name in _EDITABLE if values[name] != before[name]]
        if changed:
            rows.update(tx, facility_id, values)
            coverage_refresh.ask(tx, before["area_code"])
            event.record(
                tx,
                "facility.changed",
                area_code=before["area_code"],
                subject_id=facility_id,
                payload={"facility": facility_id, "kind": before["kind"], "fields": changed},
            )
        found = rows.read(tx, facility_id)
    assert found is not None
    return _plain(found)


def _plain(row: Row) -> dict[str, Any]:
    names = ("id", "kind", "name", "open", "crew", "level", "hours", "capacity", "revision")
    return {name: row[name] for name in names}


def _faults(changes: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    crew, level = changes.get("crew"), changes.get("level")
    if crew is not None and not 1 <= len(crew.strip()) <= _CREW:
        yield fault("crew", f"1 to {_CREW} characters are needed")
    if level is not None and not _LEVEL.fullmatch(level):
        yield fault("level", "a level has up to 20 small letters, digits and _")
    capacity = changes.get("capacity")
    if capacity is not None and not 0 <= capacity <= _MOST:
        yield fault("capacity", f"must be 0 to {_MOST}")
    yield from _hours(changes.get("hours"))


def _hours(hours: object) -> Iterator[dict[str, str]]:
    try:
        opening.check(hours)
    except GeodataError as error:
        for each in error.faults:
            place = [str(part) for part in ("hours", each.row, each.column) if part is not None]
            yield fault(".".join(place), each.message)
