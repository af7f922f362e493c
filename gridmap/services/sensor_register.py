"""The register of sensors: where each stands, its thresholds, given up and taken back."""

from collections.abc import Mapping, Sequence
from typing import Any

from shapely import Point

from gridmap.model.access import Permission
from gridmap.model.problem import Problem, bad_input, conflict, forbidden, not_found
from gridmap.model.sensor import RISING, higher, level_of
from gridmap.services.access import Viewer
from gridmap.services.sensors import shown
from gridmap.store import area, event, sensor_token
from gridmap.store import sensor as rows
from gridmap.store.database import Database, Row, Transaction

# what people say of a sensor beside its place
SAID = (
    *("code", "kind", "name", "name_en", "unit", "lowest", "highest", *RISING, "hysteresis"),
    *("stale_minutes", "radius_m", "exercise"),
)
_RETIRED = "监测点停用"  # as an officer would write it


def register(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    values: Mapping[str, Any],
    at: Sequence[float],
) -> dict[str, Any]:
    """Register a sensor.

    Raises
    ------
    Problem
        400 for thresholds that do not rise or lie outside the range, or a place in no area; 403
        outside one's areas; 409 for a code the county has.
    """
    _check(values)
    with database.transaction(viewer.scope(Permission.HAZARD_DECLARE, request_id)) as tx:
        area_code = _area(tx, at)
        if rows.known(tx, area_code, values["code"]):
            raise conflict("another sensor of the county has this code")
        sensor_id = rows.insert(tx, area_code, values, at)
        found = rows.read(tx, sensor_id)
        assert found is not None
        event.record(
            tx,
            "sensor.registered",
            area_code=area_code,
            subject_id=sensor_id,
            payload={"kind": values["kind"], "exercise": values["exercise"]},
        )
    return shown(found)


def edit(  # noqa: PLR0913, PLR0917 - who, what, and what was seen before
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    sensor_id: int,
    changes: Mapping[str, Any],
    seen: int,
) -> dict[str, Any]:
    """Change what is said of a sensor: its name, place, range, thresholds.

    A level that new thresholds leave is left at once. One that they raise is reached by the next
    reading, which proposes as every reading does.

    Parameters
    ----------
    changes
        Any of `SAID` but `code`, `kind` and `exercise`, which stay what they are; `at`.
    seen
        Revision that the person has read.

    Raises
    ------
    Problem
        As `register`; 404 without the sensor, 409 if somebody has changed it meanwhile or it is
        given up.
    """
    with database.transaction(viewer.scope(Permission.HAZARD_DECLARE, request_id)) as tx:
        before = _held(tx, viewer, sensor_id, seen)
        if before["retired_at"] is not None:
            raise conflict("this sensor is given up: take it back into use first")
        was = {**{name: before[name] for name in SAID}, "at": [before["lon"], before["lat"]]}
        values = {**was, **changes}
        _check(values)
        changed = [name for name in (*SAID, "at") if values[name] != was[name]]
        if not changed:
            return shown(before)
        at = values.pop("at")
        area_code = _area(tx, at) if "at" in changed else before["area_code"]
        stored = {name: values[name] for name in SAID if name not in ("code", "kind", "exercise")}
        level = _level(before, values)
        rows.update(tx, sensor_id, area_code, {**stored, "level": level}, at)
        rows.move_readings(tx, sensor_id, area_code)
        sensor_token.move(tx, sensor_id, area_code)
        event.record(
            tx,
            "sensor.changed",
            area_code=area_code,
            subject_id=sensor_id,
            payload={"fields": changed, "exercise": before["exercise"]},
        )
        found = rows.read(tx, sensor_id)
        assert found is not None
    return shown(found)


def _level(before: Row, values: Mapping[str, Any]) -> str | None:
    """Give the level by the new thresholds, never above the one it has: a reading raises it."""
    if before["last_value"] is None or before["level"] is None:
        return None
    thresholds = {level: values[level] for level in RISING if values[level] is not None}
    now = level_of(before["last_value"], thresholds, values["hysteresis"], None)
    held: str = before["level"]
    return held if higher(now, held) else now


def retire(  # noqa: PLR0913, PLR0917 - who, what, and what was seen before
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    sensor_id: int,
    seen: int,
    *,
    back: bool,
) -> dict[str, Any]:
    """Give a sensor up, or take it back.

    Nothing is taken from one that is given up: its token ends, and what it proposes is declined.

    Raises
    ------
    Problem
        404; 409 if somebody has changed it meanwhile.
    """
    with database.transaction(viewer.scope(Permission.HAZARD_DECLARE, request_id)) as tx:
        before = _held(tx, viewer, sensor_id, seen)
        if (before["retired_at"] is not None) is not back:
            return shown(before)
        waiting = [] if back else rows.open_proposals(tx, sensor_id)
        for proposal in waiting:
            rows.decide(tx, proposal, reason=_RETIRED)
        revoked = False if back else sensor_token.revoke(tx, sensor_id)
        rows.retire(tx, sensor_id, back=back)
        found = rows.read(tx, sensor_id)
        assert found is not None
        for proposal in waiting:
            event.record(
                tx,
                "proposal.declined",
                area_code=before["area_code"],
                subject_id=proposal,
                payload={"sensor": sensor_id, "exercise": before["exercise"]},
            )
        event.record(
            tx,
            "sensor.changed",
            area_code=before["area_code"],
            subject_id=sensor_id,
            payload={
                "fields": ["retired"],
                "retired": not back,
                "token_revoked": revoked,
                "exercise": before["exercise"],
            },
        )
    return shown(found)


def _held(tx: Transaction, viewer: Viewer, sensor_id: int, seen: int) -> Row:
    found = rows.read(tx, sensor_id, lock=True)
    if found is None:
        raise not_ones_own(tx, sensor_id)
    if not viewer.may(Permission.HAZARD_DECLARE, found["area_code"]):
        raise forbidden(f"a sensor in {found['area_code']} is beyond your areas")
    if found["revision"] != seen:
        raise conflict("somebody has changed this sensor meanwhile", revision=found["revision"])
    return found


def not_ones_own(tx: Transaction, sensor_id: int) -> Problem:
    """Tell a sensor of a wider area, which one sees and may not lock, from none at all."""
    found = rows.read(tx, sensor_id)
    if found is None:
        return not_found(f"sensor {sensor_id}")
    return forbidden(f"a sensor in {found['area_code']} is beyond your areas")


def _area(tx: Transaction, at: Sequence[float]) -> str:
    area_code = area.smallest_around(tx, Point(at[0], at[1]).wkb)
    if area_code is None:
        raise bad_input("the sensor lies outside the county")
    if not any(area_code.startswith(own) for own in tx.scope.areas):
        raise forbidden(f"a sensor in {area_code} is beyond your areas")
    return str(area_code)


def _check(values: Mapping[str, Any]) -> None:
    faults = []
    if not values["lowest"] < values["highest"]:
        faults.append({"place": "highest", "message": "above the lowest value"})
    given = [(level, values[level]) for level in RISING if values.get(level) is not None]
    if not given:
        faults.append({"place": "blue", "message": "one threshold at least"})
    for level, threshold in given:
        if not values["lowest"] < threshold <= values["highest"]:
            faults.append({"place": level, "message": "between the lowest and the highest value"})
    for (_, lower), (level, upper) in zip(given, given[1:], strict=False):
        if upper <= lower:
            faults.append({"place": level, "message": "above the threshold of the level below"})
    if faults:
        raise bad_input("the sensor cannot be registered", faults)
