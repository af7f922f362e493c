"""What sensors measure: posted by programs, read by people; a threshold raises a proposal."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gridmap.model.access import Permission, Scope
from gridmap.model.problem import bad_input, forbidden, not_found
from gridmap.model.sensor import RISING, higher, level_of
from gridmap.services.access import Viewer
from gridmap.store import event
from gridmap.store import sensor as rows
from gridmap.store.database import Database, Row, Transaction

MOST_READINGS = 1000  # of one batch
_LISTED = 2000  # readings: a day of one a minute, and some more
_AHEAD = timedelta(minutes=5)  # clocks of loggers are never quite right
_BEHIND = timedelta(days=30)


@dataclass(frozen=True)
class Reading:
    """What one sensor measured at one moment."""

    sensor: str
    at: datetime
    value: float


def post_as(database: Database, viewer: Viewer, batch: Sequence[Reading]) -> dict[str, Any]:
    """Keep what a program posts; the token of a sensor posts for that sensor alone.

    Raises
    ------
    Problem
        As `post`; 403 for the readings of another sensor.
    """
    scope = viewer.scope(Permission.SENSOR_POST)
    if viewer.sensor_id is not None:
        with database.transaction(scope) as tx:
            own = rows.read(tx, viewer.sensor_id)
        if own is None or any(reading.sensor != own["code"] for reading in batch):
            raise forbidden("this token posts for its own sensor alone")
    return post(database, scope, batch)


def post(database: Database, scope: Scope, batch: Sequence[Reading]) -> dict[str, Any]:
    """Keep a batch of readings, all or none; a moment that is there already is passed over.

    Returns
    -------
    dict
        `stored`, `repeated`, `differing` (places of repeated ones with another value: the first
        stays), `proposals` (ids of those raised).

    Raises
    ------
    Problem
        400 with the place of every reading that cannot be.
    """
    told: dict[str, Any] = {"stored": 0, "repeated": 0, "differing": [], "proposals": []}
    raised: list[tuple[int, Row, str]] = []
    with database.transaction(scope) as tx:
        sensors = {row["code"]: row for row in rows.hold(tx, sorted({r.sensor for r in batch}))}
        _refuse(batch, sensors)
        order = sorted(range(len(batch)), key=lambda index: (batch[index].sensor, batch[index].at))
        state = {code: _State(row) for code, row in sensors.items()}
        for index in order:
            reading = batch[index]
            sensor = sensors[reading.sensor]
            if not rows.add_reading(tx, sensor, reading.at, reading.value):
                told["repeated"] += 1
                if rows.value_at(tx, sensor["id"], reading.at) != reading.value:
                    told["differing"].append(index)
                continue
            told["stored"] += 1
            level = state[reading.sensor].take(reading)
            if level is not None:
                found = rows.propose(tx, sensor, level, reading.value, reading.at)
                if found is not None:
                    raised.append((found, sensor, level))
        for each in state.values():
            if each.moved and each.value is not None and each.at is not None:
                rows.stand(tx, each.sensor["id"], each.level, each.value, each.at)
        rows.forget_old(tx, [row["id"] for row in sensors.values()])
        for proposal_id, sensor, level in raised:
            event.record(
                tx,
                "proposal.raised",
                area_code=sensor["area_code"],
                subject_id=proposal_id,
                payload={
                    "sensor": sensor["id"],
                    "severity": level,
                    "exercise": sensor["exercise"],
                },
            )
    told["differing"].sort()
    told["proposals"] = [proposal_id for proposal_id, _, _ in raised]
    return told


class _State:
    """The level of one sensor while readings of a batch come in their order."""

    def __init__(self, sensor: Row) -> None:
        self.sensor = sensor
        self.level: str | None = sensor["level"]
        self.at: datetime | None = sensor["last_at"]
        self.value: float | None = sensor["last_value"]
        self.moved = False

    def take(self, reading: Reading) -> str | None:
        """Go on with a reading; give the level it has risen to, or None."""
        if self.at is not None and reading.at <= self.at:
            return None  # late: it is kept, and changes nothing that is said of now
        thresholds = {
            level: self.sensor[level] for level in RISING if self.sensor[level] is not None
        }
        before = self.level
        self.level = level_of(reading.value, thresholds, self.sensor["hysteresis"], before)
        self.at, self.value, self.moved = reading.at, reading.value, True
        return self.level if higher(self.level, before) else None


def _refuse(batch: Sequence[Reading], sensors: Mapping[str, Row]) -> None:
    faults = []
    now = datetime.now(UTC)
    for index, reading in enumerate(batch):
        place = f"readings.{index}"
        sensor = sensors.get(reading.sensor)
        if sensor is None:
            faults.append({"place": f"{place}.sensor", "message": "no sensor of this code"})
            continue
        if not math.isfinite(reading.value) or not (
            sensor["lowest"] <= reading.value <= sensor["highest"]
        ):
            faults.append({"place": f"{place}.value", "message": "outside what it can measure"})
        if reading.at > now + _AHEAD:
            faults.append({"place": f"{place}.at", "message": "a time that has not come"})
        elif reading.at < now - _BEHIND:
            faults.append({"place": f"{place}.at", "message": "longer ago than 30 days"})
    if faults:
        raise bad_input("nothing of this batch is kept", faults[:50])


def listing(database: Database, scope: Scope, *, retired: bool = False) -> list[dict[str, Any]]:
    """Give the sensors of the county with what they say now; `retired`: those given up as well."""
    with database.transaction(scope, snapshot=True) as tx:
        return [shown(row) for row in rows.listing(tx, retired=retired)]


def history(database: Database, scope: Scope, sensor_id: int) -> dict[str, Any]:
    """Give one sensor with its newest readings.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope, snapshot=True) as tx:
        row = rows.read(tx, sensor_id)
        if row is None:
            raise not_found(f"sensor {sensor_id}")
        return {**shown(row), "readings": _readings(tx, sensor_id)}


def _readings(tx: Transaction, sensor_id: int) -> list[dict[str, Any]]:
    return [
        {"at": row["at"].isoformat(), "value": row["value"]}
        for row in rows.readings(tx, sensor_id, _LISTED)
    ]


def shown(row: Row) -> dict[str, Any]:
    """Give what people see of a sensor; one that has not reported of late says so."""
    left_out = {"area_code", "lon", "lat"}
    return {
        **{
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in row.items()
            if name not in left_out
        },
        "area": row["area_code"],
        "at": [row["lon"], row["lat"]],
        "retired": row["retired_at"] is not None,
    }
