"""Sensors, what they post, and what their thresholds propose."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gridmap.model.sensor import RISING
from gridmap.store.database import Row, Transaction

_KEPT_DAYS = 90
_SENSOR = (
    "s.id, s.area_code, s.code, s.kind, s.name, s.name_en, s.unit, s.lowest, s.highest, s.blue,"
    " s.yellow, s.orange, s.red, s.hysteresis, s.stale_minutes, s.radius_m, s.exercise, s.level,"
    " s.last_value, s.last_at, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat,"
    " s.last_at IS NULL OR s.last_at < now() - make_interval(mins => s.stale_minutes) AS stale,"
    " s.revision, s.retired_at, s.added_at, s.changed_at,"
    " (SELECT u.display_name FROM app_user AS u WHERE u.id = coalesce(s.changed_by, s.added_by))"
    "  AS changed_by,"
    " (SELECT max(p.id) FROM sensor_proposal AS p WHERE p.sensor_id = s.id AND p.state = 'open')"
    "  AS proposal"
)
_PROPOSAL = (
    "p.id, p.area_code, p.sensor_id, p.level, p.value, p.threshold, p.reading_at, p.state,"
    " p.hazard_id, p.reason, p.raised_at, p.decided_at, u.display_name AS by, s.code, s.kind,"
    " s.name, s.name_en, s.unit, s.exercise, s.radius_m, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat"
)


def insert(tx: Transaction, area_code: str, values: Mapping[str, Any], at: Sequence[float]) -> int:
    """Insert a sensor and give its id."""
    columns = ", ".join(values)
    placeholders = ", ".join(f":{name}" for name in values)
    return int(
        tx.value(
            f"INSERT INTO sensor (area_code, {columns}, added_by, geom) VALUES (:area_code,"
            f" {placeholders}, :user_id, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) RETURNING id",
            area_code=area_code,
            **values,
            user_id=tx.scope.user_id,
            lon=at[0],
            lat=at[1],
        )
    )


def known(tx: Transaction, area_code: str, code: str) -> bool:
    """Tell whether a county has a sensor of this code."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM sensor WHERE left(area_code, 6) = :county"
            " AND code = :code)",
            county=area_code[:6],
            code=code,
        )
    )


def listing(tx: Transaction, *, retired: bool = False) -> list[Row]:
    """Give the sensors of the county, by code; those given up last, if at all."""
    kept = "" if retired else " WHERE s.retired_at IS NULL"
    return tx.all(
        f"SELECT {_SENSOR} FROM sensor AS s{kept} ORDER BY s.retired_at IS NOT NULL, s.code, s.id"
    )


def read(tx: Transaction, sensor_id: int, *, lock: bool = False) -> Row | None:
    """Give one sensor, or None."""
    return tx.maybe(
        f"SELECT {_SENSOR} FROM sensor AS s WHERE s.id = :id" + (" FOR UPDATE" if lock else ""),
        id=sensor_id,
    )


def update(
    tx: Transaction, sensor_id: int, area_code: str, values: Mapping[str, Any], at: Sequence[float]
) -> None:
    """Store what is said of a sensor now; `level` is among the values."""
    sets = ", ".join(f"{name} = :{name}" for name in values)
    tx.execute(
        f"UPDATE sensor SET {sets}, area_code = :area_code, revision = revision + 1,"
        " changed_by = :user_id, changed_at = now(),"
        " geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) WHERE id = :id",
        id=sensor_id,
        area_code=area_code,
        user_id=tx.scope.user_id,
        lon=at[0],
        lat=at[1],
        **values,
    )


def move_readings(tx: Transaction, sensor_id: int, area_code: str) -> None:
    """Let what a sensor has told belong to the area in which it stands now."""
    for table in ("sensor_reading", "sensor_proposal"):
        tx.execute(
            f"UPDATE {table} SET area_code = :code WHERE sensor_id = :id AND area_code <> :code",
            code=area_code,
            id=sensor_id,
        )


def retire(tx: Transaction, sensor_id: int, *, back: bool) -> None:
    """Give a sensor up, or take it back into use."""
    tx.execute(
        "UPDATE sensor SET retired_at = CASE WHEN :back THEN NULL ELSE now() END,"
        " revision = revision + 1, changed_by = :user_id, changed_at = now() WHERE id = :id",
        id=sensor_id,
        back=back,
        user_id=tx.scope.user_id,
    )


def open_proposals(tx: Transaction, sensor_id: int) -> list[int]:
    """Give what a sensor proposes and nobody has decided, locked."""
    rows = tx.all(
        "SELECT id FROM sensor_proposal WHERE sensor_id = :id AND state = 'open' ORDER BY id"
        " FOR UPDATE",
        id=sensor_id,
    )
    return [int(row["id"]) for row in rows]


def hold(tx: Transaction, codes: Sequence[str]) -> list[Row]:
    """Give the sensors of these codes that this person may post for, locked in order."""
    return tx.all(
        f"SELECT {_SENSOR} FROM sensor AS s WHERE s.code = ANY(:codes) AND s.retired_at IS NULL"
        " ORDER BY s.id FOR UPDATE",
        codes=list(codes),
    )


def add_reading(tx: Transaction, sensor: Row, at: datetime, value: float) -> bool:
    """Keep a reading; False if one of that moment is there already."""
    return bool(
        tx.execute(
            "INSERT INTO sensor_reading (sensor_id, area_code, at, value)"
            " VALUES (:id, :area_code, :at, :value) ON CONFLICT DO NOTHING",
            id=sensor["id"],
            area_code=sensor["area_code"],
            at=at,
            value=value,
        )
    )


def value_at(tx: Transaction, sensor_id: int, at: datetime) -> float:
    """Give the value that was kept for a moment."""
    return float(
        tx.value(
            "SELECT value FROM sensor_reading WHERE sensor_id = :id AND at = :at",
            id=sensor_id,
            at=at,
        )
    )


def forget_old(tx: Transaction, sensor_ids: Sequence[int]) -> None:
    """Forget readings of long ago."""
    tx.execute(
        "DELETE FROM sensor_reading WHERE sensor_id = ANY(:ids)"
        " AND at < now() - make_interval(days => :days)",
        ids=list(sensor_ids),
        days=_KEPT_DAYS,
    )


def stand(tx: Transaction, sensor_id: int, level: str | None, value: float, at: datetime) -> None:
    """Note the newest reading of a sensor and its level."""
    tx.execute(
        "UPDATE sensor SET level = :level, last_value = :value, last_at = :at WHERE id = :id",
        id=sensor_id,
        level=level,
        value=value,
        at=at,
    )


def propose(tx: Transaction, sensor: Row, level: str, value: float, at: datetime) -> int | None:
    """Raise a proposal and give its id; None while one of this sensor and level is open."""
    found = tx.value(
        "INSERT INTO sensor_proposal (sensor_id, area_code, level, value, threshold, reading_at)"
        " VALUES (:id, :area_code, :level, :value, :threshold, :at)"
        " ON CONFLICT (area_code, sensor_id, level) WHERE state = 'open' DO NOTHING RETURNING id",
        id=sensor["id"],
        area_code=sensor["area_code"],
        level=level,
        value=value,
        threshold=sensor[level],
        at=at,
    )
    return None if found is None else int(found)


def readings(tx: Transaction, sensor_id: int, limit: int) -> list[Row]:
    """Give the newest readings of a sensor, the newest first."""
    return tx.all(
        "SELECT at, value FROM sensor_reading WHERE sensor_id = :id ORDER BY at DESC LIMIT :limit",
        id=sensor_id,
        limit=limit,
    )


def proposals(tx: Transaction, limit: int, *, only_open: bool) -> list[Row]:
    """Give proposals, the newest first."""
    only = " WHERE p.state = 'open'" if only_open else ""
    return tx.all(
        f"SELECT {_PROPOSAL} FROM sensor_proposal AS p JOIN sensor AS s ON s.id = p.sensor_id"
        f" LEFT JOIN app_user AS u ON u.id = p.decided_by{only}"
        " ORDER BY p.raised_at DESC, p.id DESC LIMIT :limit",
        limit=limit,
    )


def hold_proposal(tx: Transaction, proposal_id: int) -> Row | None:
    """Give one proposal that this person may decide, locked, or None.

    Its sensor is locked before it, as by whoever posts for the sensor or gives it up: what else
    the sensor proposes is decided with it, in whatever order.
    """
    tx.maybe(
        "SELECT id FROM sensor WHERE id = (SELECT sensor_id FROM sensor_proposal WHERE id = :id)"
        " FOR UPDATE",
        id=proposal_id,
    )
    return tx.maybe(
        f"SELECT {_PROPOSAL} FROM sensor_proposal AS p JOIN sensor AS s ON s.id = p.sensor_id"
        " LEFT JOIN app_user AS u ON u.id = p.decided_by WHERE p.id = :id FOR UPDATE OF p",
        id=proposal_id,
    )


def proposal_there(tx: Transaction, proposal_id: int) -> bool:
    """Tell whether there is such a proposal in the county."""
    return bool(
        tx.value("SELECT EXISTS (SELECT 1 FROM sensor_proposal WHERE id = :id)", id=proposal_id)
    )


def decide(
    tx: Transaction, proposal_id: int, *, hazard_id: int | None = None, reason: str | None = None
) -> None:
    """Note what a person decided: a hazard that was declared, or why none.

    What the same sensor has proposed on its way up is decided with it.
    """
    tx.execute(
        "UPDATE sensor_proposal SET state = :state, hazard_id = :hazard_id, reason = :reason,"
        " decided_by = :user_id, decided_at = now() WHERE id = :id OR (state = 'open'"
        "  AND (sensor_id, area_code) = (SELECT sensor_id, area_code FROM sensor_proposal"
        "   WHERE id = :id) AND array_position(CAST(:rising AS text[]), level)"
        "   < array_position(CAST(:rising AS text[]), (SELECT level FROM sensor_proposal"
        "    WHERE id = :id)))",
        id=proposal_id,
        rising=list(RISING),
        state="declined" if hazard_id is None else "accepted",
        hazard_id=hazard_id,
        reason=reason,
        user_id=tx.scope.user_id,
    )
